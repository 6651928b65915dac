// What a reader does with the map: find, go to, measure, see coordinates, choose a view, print.
zoneplan.tools = function (map, page) {
  "use strict";
  var words = page.words, SHOWN = 200, chosen = [];
  var NAMES = { parcels: "parcel", changed: "change" }; // in addresses; everything else is a place
  function rank(list) { var found = zoneplan.leading.indexOf(list.key); return found < 0 ? 99 : found; }
  function by(id) { return document.getElementById(id); }
  function number(value, places) {
    return value.toLocaleString("en-US", { minimumFractionDigits: places, maximumFractionDigits: places });
  }

  // Find and go to. Parcels come first, the strictest verdict first; what is drawn last is the strictest.
  function bySeverity(list) {
    var runs = [], last;
    for (var i = 0; i < list.count; i++) {
      if (!runs.length || list.colour(i) !== last) { runs.push([]); last = list.colour(i); }
      runs[runs.length - 1].push(i);
    }
    return Array.prototype.concat.apply([], runs.reverse());
  }
  function lists() {
    return zoneplan.lists.slice().sort(function (a, b) { return rank(a) - rank(b); });
  }
  function go(list, i) {
    var found = list.get(i);
    if (!map.hasLayer(list.holder)) { map.addLayer(list.holder); }
    chosen.forEach(function (one) { one.remove(); });
    chosen = zoneplan.maps.map(function (one) { return list.get(i).shape.addTo(one); });
    var box = L.latLngBounds(found.bounds);
    map.fitBounds(box, { maxZoom: 17, padding: [60, 60], animate: false });
    if (zoneplan.narrow) { by("zp-find").open = false; }
    zoneplan.show(map, found.words, box.getCenter());
  }
  function address(list, i) {
    return "#" + (NAMES[list.key] || "place") + "=" + encodeURIComponent(list.title(i));
  }
  function visit() {
    var found = /^#(parcel|change|place)=(.*)$/.exec(location.hash), name;
    if (!found) { return; }
    try { name = decodeURIComponent(found[2]); } catch (error) { name = found[2]; } // a stray % stands for itself
    lists().filter(function (list) { return (NAMES[list.key] || "place") === found[1]; }).some(function (list) {
      for (var i = 0; i < list.count; i++) {
        if (list.title(i) === name) { go(list, i); return true; }
      }
      return false;
    });
  }
  function entry(list, i) {
    var row = document.createElement("li"), button = document.createElement("button"), dot = document.createElement("i");
    dot.style.background = list.colour(i);
    button.appendChild(dot);
    button.appendChild(document.createElement("b")).textContent = list.title(i);
    button.appendChild(document.createElement("span")).textContent = list.said(i);
    button.addEventListener("click", function () {
      var target = address(list, i);
      if (location.hash === target) { go(list, i); } else { history.replaceState(null, "", target); go(list, i); }
    });
    row.appendChild(button);
    return row;
  }
  function refresh() {
    var asked = by("zp-query").value.trim().toLowerCase(), found = 0, rows = document.createDocumentFragment();
    var searched = lists(), first = searched.filter(function (list) { return rank(list) < 99; });
    (asked || !first.length ? searched : first).forEach(function (list) {
      list.order = list.order || (list.key === "parcels" ? bySeverity(list) : Array.from({ length: list.count }, function (_, i) { return i; }));
      list.order.forEach(function (i) {
        if (asked && list.title(i).toLowerCase().indexOf(asked) < 0) { return; }
        if (found < SHOWN) { rows.appendChild(entry(list, i)); }
        found += 1;
      });
    });
    by("zp-list").replaceChildren(rows);
    by("zp-count").textContent = words.found.replace("{n}", found) + (found > SHOWN ? words.shown.replace("{n}", SHOWN) : "");
  }
  by("zp-query").addEventListener("input", refresh);
  window.addEventListener("hashchange", visit);
  zoneplan.changed = function () { refresh(); visit(); };

  // Coordinates under the pointer.
  function everywhere(events, done) { zoneplan.maps.forEach(function (one) { one.on(events, done); }); }
  everywhere("mousemove click", function (event) {
    var at = zoneplan.geodesy.project(event.latlng.lat, event.latlng.lng, page.zone);
    by("zp-position").textContent = event.latlng.lng.toFixed(6) + "°E " + event.latlng.lat.toFixed(6) + "°N · " +
      page.zone.name + " X " + at[0].toFixed(2) + " Y " + at[1].toFixed(2);
  });

  // Measure: a click is a corner; the button again, or Escape, ends it.
  var mode = null, points = [], drawn = zoneplan.maps.map(function (one) { return L.layerGroup().addTo(one); });
  function redraw() {
    var pen = { color: "#c2185b", weight: 2, fillOpacity: 0.15, interactive: false };
    drawn.forEach(function (group) {
      group.clearLayers();
      if (!mode) { return; }
      group.addLayer(mode === "area" ? L.polygon(points, pen) : L.polyline(points, pen));
      points.forEach(function (point) { group.addLayer(L.circleMarker(point, { radius: 3, color: "#c2185b", interactive: false })); });
    });
    if (!mode) { return; }
    var area = zoneplan.geodesy.area(points), closed = mode === "area" ? points.concat(points.slice(0, 1)) : points;
    by("zp-measured").textContent = words[mode] + " " +
      (mode === "area" ? number(area / 1e4, 4) + " ha · " + number(area * 3 / 2000, 4) + " 亩 · " : "") +
      number(zoneplan.geodesy.length(closed), 2) + " m — " + words.method;
  }
  function measure(next) {
    mode = zoneplan.measuring = mode === next ? null : next;
    points = [];
    ["length", "area"].forEach(function (name) { by("zp-" + name).setAttribute("aria-pressed", String(mode === name)); });
    by("zp-measured").hidden = !mode;
    zoneplan.maps.forEach(function (one) {
      one.getContainer().classList.toggle("zp-measuring", Boolean(mode));
      one.doubleClickZoom[mode ? "disable" : "enable"]();
      one.closePopup();
    });
    redraw();
  }
  ["length", "area"].forEach(function (name) { by("zp-" + name).addEventListener("click", function () { measure(name); }); });
  everywhere("click", function (event) { if (mode) { points.push(event.latlng); redraw(); } });
  document.addEventListener("keydown", function (event) { if (event.key === "Escape" && mode) { measure(mode); } });

  // Full screen, and a sheet of A3.
  by("zp-full").addEventListener("click", function () {
    if (document.fullscreenElement) { document.exitFullscreen(); } else { document.documentElement.requestFullscreen(); }
  });
  var before = null; // the view of the screen while the sheet is shown
  // What is seen between the panels; of two maps side by side, as much of the middle as their half of a sheet shows.
  function open() {
    var size = map.getSize(), boxes = document.querySelector(".leaflet-control-layers-expanded"), corners = [[0, 0], [size.x, size.y]];
    if (zoneplan.halved()) {
      corners = [[0, size.y / 2 - size.x * 0.36], [size.x, size.y / 2 + size.x * 0.36]];
    } else if (!zoneplan.narrow) {
      corners = [[by("zp-side").offsetLeft + by("zp-side").offsetWidth, 0], [size.x - (boxes ? boxes.offsetWidth + 10 : 0), size.y]];
    }
    return L.latLngBounds(corners.map(function (corner) { return map.containerPointToLatLng(corner); }));
  }
  function sheet(on) {
    if (on === Boolean(before)) { return; }
    var legend = document.querySelector("#zp-legend details"), settle = zoneplan.held();
    var kept = before || { box: open(), centre: map.getCenter(), zoom: map.getZoom(), legend: legend.open };
    document.documentElement.classList.toggle("zp-print", on);
    legend.open = on || kept.legend;
    before = on ? kept : null;
    zoneplan.maps.forEach(function (one) { one.invalidateSize({ animate: false, pan: false }); });
    if (on) { // the whole legend is printed, and the map stands clear of it
      var whole = legend.parentNode, room = zoneplan.halved() ? [0, whole.offsetHeight + 16] : [whole.offsetWidth + 16, 0];
      map.fitBounds(kept.box, { animate: false, paddingBottomRight: room });
    } else {
      map.setView(kept.centre, kept.zoom, { animate: false });
    }
    settle();
  }
  window.addEventListener("beforeprint", function () { sheet(true); });
  window.addEventListener("afterprint", function () { sheet(false); });
  by("zp-printer").addEventListener("click", function () {
    sheet(true);
    setTimeout(function () { window.print(); sheet(false); }, 800); // tiles are painted meanwhile
  });

  // Named views: exactly these layers, and the view's name under the title.
  var select = by("zp-view");
  if (select) {
    var first = page.layers.filter(function (layer) { return map.hasLayer(window[layer[1]]); }).map(function (layer) { return layer[0]; });
    select.addEventListener("change", function () {
      var view = page.views[select.value - 1], shown = view ? view.layers : first;
      page.layers.forEach(function (layer) {
        var on = shown.indexOf(layer[0]) >= 0;
        if (on !== map.hasLayer(window[layer[1]])) { map[on ? "addLayer" : "removeLayer"](window[layer[1]]); }
      });
      by("zp-figure").textContent = view ? view.name : "";
      zoneplan.maps.forEach(function (one) { zoneplan.labels.rename(one, view ? view.names : {}); });
    });
  }
  refresh();
  visit();
};
