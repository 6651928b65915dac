// Words of features reach the page as text nodes only, never as HTML.
var zoneplan = (function () {
  "use strict";
  var narrow = window.innerWidth < 700;
  function element(tag, text, parent) {
    var node = document.createElement(tag);
    if (text !== undefined && text !== null) { node.textContent = String(text); }
    if (parent) { parent.appendChild(node); }
    return node;
  }
  function table(words) {
    var box = element("div");
    box.className = "zp-popup";
    element("h3", words.title, box);
    var body = element("table", null, box);
    words.rows.forEach(function (row) {
      var line = element("tr", null, body);
      element("th", row[0], line);
      element("td", row[1], line);
    });
    return box;
  }
  function show(map, words, at) {
    L.popup({ maxWidth: 340 }).setLatLng(at).setContent(table(words)).openOn(map);
  }
  // Each layer has a pane of its own, so that layers keep their order whenever they are switched on.
  function pane(map, position) {
    var name = "zp" + position;
    if (!map.getPane(name)) {
      map.createPane(name).classList.add("zp-pane");
      map.getPane(name).style.zIndex = 401 + position;
    }
    return name;
  }
  // Layers on canvas cannot be clicked themselves; each has {position, find: latlng -> words, outline: words -> layer}.
  var deep = [];
  function deepest(map, at, above) {
    var found = deep.filter(function (one) { return one.position > above && map.hasLayer(one.layer); })
      .sort(function (a, b) { return b.position - a.position; });
    for (var i = 0; i < found.length; i++) {
      var words = found[i].find(at);
      if (words) { return words; }
    }
    return null;
  }
  // What can be found: {key, holder, count, title(i), said(i), colour(i), get(i) -> {words, bounds, shape}}.
  var lists = [];
  function list(head, holder, count, one) {
    if (head.key === "pieces") { return; } // they bear the names of their parcels
    one.key = head.key;
    one.holder = holder;
    one.count = count;
    lists.push(one);
  }
  var CHOSEN = { color: "#d500f9", weight: 4, fill: false, interactive: false };
  function vector(data, position, head, holder) {
    var layer = L.geoJSON(data, {
      style: function (feature) { return feature.properties.style; },
      pointToLayer: function (feature, at) { return L.circleMarker(at, { radius: 4 }); },
      onEachFeature: function (feature, one) {
        var words = feature.properties;
        one.on("click", function (event) {
          if (api.measuring) { return; }
          show(one._map, deepest(one._map, event.latlng, position) || words, event.latlng);
          L.DomEvent.stopPropagation(event);
        });
        one.on("mouseover", function () { one.setStyle({ weight: words.style.weight + 2 }); });
        one.on("mouseout", function () { one.setStyle({ weight: words.style.weight }); });
      }
    });
    layer.beforeAdd = function (map) {
      var name = pane(map, position);
      layer.eachLayer(function (one) { one.options.pane = name; });
    };
    list(head, holder, data.features.length, {
      title: function (i) { return data.features[i].properties.title; },
      said: function (i) { return head.key === "parcels" ? data.features[i].properties.rows[0][1] : head.name; },
      colour: function (i) { return data.features[i].properties.style.fillColor || data.features[i].properties.style.color; },
      get: function (i) {
        var shape = L.geoJSON(data.features[i], { style: CHOSEN, pointToLayer: function (_, at) { return L.circleMarker(at, { radius: 8 }); } });
        return { words: data.features[i].properties, bounds: shape.getBounds(), shape: shape };
      }
    });
    return layer;
  }
  function labels(data) {
    return L.geoJSON(data, {
      pointToLayer: function (feature, at) {
        var holder = document.createElement("div");
        var span = element("span", feature.properties.text, holder), turn = feature.properties.turn;
        if (turn) { // upright characters one above the other where a line runs north
          span.classList.toggle("zp-upright", Math.abs(turn) > 50);
          span.style.transform = "translate(-50%, -50%) rotate(" + (Math.abs(turn) > 50 ? turn - 90 * Math.sign(turn) : turn) + "deg)";
        }
        return L.marker(at, {
          interactive: false, keyboard: false,
          icon: L.divIcon({ className: "zp-label zp-label-" + feature.properties.layer, html: holder, iconSize: [0, 0] })
        });
      }
    });
  }
  function corner(map, position, id) {
    var control = L.control({ position: position });
    control.onAdd = function () {
      var node = document.getElementById(id);
      L.DomEvent.disableClickPropagation(node);
      L.DomEvent.disableScrollPropagation(node);
      return node;
    };
    control.addTo(map);
  }
  // A label that would cover one of more weight is hidden; the order is that of WEIGHT.
  var WEIGHT = ["axis", "belt", "group", "district", "new_city", "ecological_pattern", "water", "places", "roads"];
  function declutter(map) {
    var kept = [];
    WEIGHT.forEach(function (layer) {
      map.getContainer().querySelectorAll(".zp-label-" + layer + " span").forEach(function (label) {
        label.style.visibility = "";
        var box = label.getBoundingClientRect();
        var covered = kept.some(function (other) {
          return box.left < other.right && box.right > other.left && box.top < other.bottom && box.bottom > other.top;
        });
        if (covered) { label.style.visibility = "hidden"; } else if (box.width) { kept.push(box); }
      });
    });
  }
  function follow(map) {
    document.querySelectorAll("#zp-legend tbody[data-layer]").forEach(function (rows) {
      rows.hidden = !map.hasLayer(window[rows.dataset.layer]);
    });
    document.querySelectorAll("#zp-legend section").forEach(function (group) {
      group.hidden = !group.querySelector("tbody:not([hidden])");
    });
    declutter(map);
  }
  function finish(map, bounds, page) {
    L.control.scale({ imperial: false, position: "bottomleft" }).addTo(map);
    corner(map, "bottomleft", "zp-north");
    corner(map, "bottomleft", "zp-status");
    corner(map, "topleft", "zp-buttons");
    L.DomEvent.disableClickPropagation(document.getElementById("zp-side"));
    corner(map, "bottomright", "zp-legend");
    map.attributionControl.setPrefix("zoneplan · Leaflet");
    if (narrow) { document.querySelector("#zp-legend details").open = document.getElementById("zp-find").open = false; }
    var box = L.latLngBounds(bounds);
    map.fitBounds(box, narrow ? { padding: [8, 8] } : { paddingTopLeft: [document.getElementById("zp-side").offsetWidth + 70, 24], paddingBottomRight: [215, 130] });
    map.setMinZoom(Math.floor(map.getZoom()) - 3); // nothing to see beyond; tiles are not asked for the world
    function sized() {
      map.getContainer().classList.toggle("zp-small", map.getZoom() < 13.25);
      declutter(map);
    }
    map.on("click", function (event) {
      if (api.measuring) { return; }
      var words = deepest(map, event.latlng, -1);
      if (words) { show(map, words, event.latlng); }
    });
    map.on("zoomend", sized);
    map.on("overlayadd overlayremove layeradd layerremove", function (event) {
      if (event.layer instanceof L.FeatureGroup) { follow(map); }
    });
    sized();
    follow(map);
    api.tools(map, page);
  }
  var api = {
    vector: vector, labels: labels, pane: pane, deep: deep, finish: finish, narrow: narrow, show: show,
    list: list, lists: lists, chosen: CHOSEN, measuring: null, changed: function () {}
  };
  return api;
})();
