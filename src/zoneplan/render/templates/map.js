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
    L.popup({ maxWidth: 340 }).setLatLng(at).setContent(table(words)).openOn(api.stage(map));
  }
  // Each layer has a pane of its own, so that layers keep their order whenever they are switched on.
  // All lie in one, which a comparison clips; words are above all layers, a basemap is below them.
  var LEVELS = { basemap: 200, words: 600 };
  function pane(map, position) {
    var name = "zp" + position;
    if (!map.getPane("zpRoot")) { map.createPane("zpRoot"); }
    if (!map.getPane(name)) {
      map.createPane(name, map.getPane("zpRoot")).classList.add("zp-pane");
      map.getPane(name).style.zIndex = LEVELS[position] || 401 + position;
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
  var LEADING = ["changed", "parcels"]; // listed before all else, with what they say first
  // What can be found: {key, holder, count, title(i), said(i), colour(i), get(i) -> {words, bounds, shape}}.
  var lists = [];
  function list(head, holder, count, one) {
    if (head.key === "pieces" || head.twin) { return; } // they bear the names of their parcels; or stand there already
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
      said: function (i) { return LEADING.indexOf(head.key) >= 0 ? data.features[i].properties.rows[0][1] : head.name; },
      colour: function (i) { return data.features[i].properties.style.fillColor || data.features[i].properties.style.color; },
      get: function (i) {
        var shape = L.geoJSON(data.features[i], { style: CHOSEN, pointToLayer: function (_, at) { return L.circleMarker(at, { radius: 8 }); } });
        return { words: data.features[i].properties, bounds: shape.getBounds(), shape: shape };
      }
    });
    return layer;
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
  function follow(map) {
    document.querySelectorAll("#zp-legend tbody[data-layer]").forEach(function (rows) {
      rows.hidden = !map.hasLayer(window[rows.dataset.layer]);
    });
    document.querySelectorAll("#zp-legend section").forEach(function (group) {
      group.hidden = !group.querySelector("tbody:not([hidden])");
    });
  }
  function sized(map) {
    map.getContainer().classList.toggle("zp-small", map.getZoom() < 13.25);
    api.labels.place(map);
  }
  // What every map of the page does: tell what was clicked, and place its words.
  function wire(map) {
    map.on("click", function (event) {
      if (api.measuring) { return; }
      var words = deepest(api.seen(map, event.containerPoint), event.latlng, -1);
      if (words) { show(map, words, event.latlng); }
    });
    map.on("zoomend", function () { sized(map); });
    map.on("layeradd layerremove", function (event) {
      if (event.layer instanceof L.FeatureGroup) { api.labels.place(map); }
    });
    sized(map);
    document.fonts.ready.then(function () { api.labels.place(map); });
  }
  function finish(map, bounds, page) {
    api.maps.unshift(map);
    L.control.scale({ imperial: false, position: "bottomleft" }).addTo(map);
    corner(map, "bottomleft", "zp-north");
    corner(map, "bottomleft", "zp-status");
    corner(map, "topleft", "zp-buttons");
    L.DomEvent.disableClickPropagation(document.getElementById("zp-side"));
    corner(map, "bottomright", "zp-legend");
    map.attributionControl.setPrefix("zoneplan · Leaflet");
    if (narrow) { document.querySelector("#zp-legend details").open = document.getElementById("zp-find").open = false; }
    if (api.compare) { api.compare(map, api.maps[1], page); }
    function fit(where) {
      var room = { paddingTopLeft: [document.getElementById("zp-side").offsetWidth + 70, 24], paddingBottomRight: [215, 130] };
      if (api.halved()) { room = { paddingTopLeft: [24, 160], paddingBottomRight: [195, 60] }; }
      if (narrow) { room = { padding: [8, 8] }; }
      map.fitBounds(where, Object.assign({ animate: false }, room));
    }
    api.fit = function () { fit(bounds); };
    api.fit();
    map.setMinZoom(Math.floor(map.getZoom()) - 3); // nothing to see beyond; tiles are not asked for the world
    if (page.opening) { fit(page.opening); }
    map.on("overlayadd overlayremove layeradd layerremove", function (event) {
      if (event.layer instanceof L.FeatureGroup) { follow(map); }
    });
    api.maps.forEach(wire);
    follow(map);
    if (api.basemaps) { api.basemaps(page); }
    api.tools(map, page);
  }
  var api = {
    maps: [], vector: vector, pane: pane, deep: deep, finish: finish, narrow: narrow, show: show,
    list: list, lists: lists, leading: LEADING, chosen: CHOSEN, measuring: null, changed: function () {},
    stage: function (map) { return map; }, // where what is shown of a map is shown
    seen: function (map) { return map; }, // which map is seen at a point of it
    held: function () { return function () {}; }, // what is to be done again when the map has another size
    halved: function () { return false; } // whether two maps share the page
  };
  return api;
})();
