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
  function popup(feature, layer) {
    var words = feature.properties;
    var box = element("div");
    box.className = "zp-popup";
    element("h3", words.title, box);
    var table = element("table", null, box);
    words.rows.forEach(function (row) {
      var line = element("tr", null, table);
      element("th", row[0], line);
      element("td", row[1], line);
    });
    layer.bindPopup(box);
    if (!layer.setStyle) { return; }
    layer.on("mouseover", function () { layer.setStyle({ weight: words.weight + 2 }); });
    layer.on("mouseout", function () { layer.setStyle({ weight: words.weight }); });
  }
  function label(feature, latlng) {
    var holder = document.createElement("div");
    element("span", feature.properties.text, holder);
    return L.marker(latlng, {
      interactive: false, keyboard: false,
      icon: L.divIcon({ className: "zp-label zp-label-" + feature.properties.layer, html: holder, iconSize: [0, 0] })
    });
  }
  function place(feature, latlng) {
    return L.circleMarker(latlng, { radius: 4 });
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
  var WEIGHT = ["group", "axis", "belt", "district", "new_city", "ecological_pattern", "water", "places", "roads"];
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
  function follow(map, layers) {
    layers.forEach(function (layer) { if (map.hasLayer(layer)) { layer.bringToFront(); } }); // as drawn first
    document.querySelectorAll("#zp-legend tbody[data-layer]").forEach(function (rows) {
      rows.hidden = !map.hasLayer(window[rows.dataset.layer]);
    });
    document.querySelectorAll("#zp-legend section").forEach(function (group) {
      group.hidden = !group.querySelector("tbody:not([hidden])");
    });
    declutter(map);
  }
  function finish(map, bounds, layers) {
    L.control.scale({ imperial: false, position: "bottomleft" }).addTo(map);
    corner(map, "bottomleft", "zp-north");
    corner(map, "bottomright", "zp-legend");
    map.attributionControl.setPrefix("zoneplan · Leaflet");
    if (narrow) { document.querySelector("#zp-legend details").open = false; }
    var box = L.latLngBounds(bounds);
    map.fitBounds(box, narrow ? { padding: [8, 8] } : { paddingTopLeft: [24, 100], paddingBottomRight: [215, 130] });
    function sized() {
      map.getContainer().classList.toggle("zp-small", map.getZoom() < 13.25);
      declutter(map);
    }
    map.on("zoomend", sized);
    map.on("overlayadd overlayremove layeradd layerremove", function (event) {
      if (event.layer instanceof L.FeatureGroup) { follow(map, layers); }
    });
    sized();
    follow(map, layers);
  }
  return { popup: popup, label: label, place: place, finish: finish, narrow: narrow };
})();
