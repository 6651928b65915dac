// Two maps of one place: one over the other behind a bar, or side by side. They always show the same ground.
(function () {
  "use strict";
  var STEP = 0.02, mode = "swipe", share = 0.5, busy = false;
  // A map over another one, in a box of its own; layers are added to it as to the first.
  zoneplan.twin = function (map) {
    var box = map.getContainer(), second = document.createElement("div");
    second.id = box.id + "_twin";
    second.className = "folium-map";
    box.after(second);
    var twin = L.map(second, Object.assign({}, map.options, { center: map.getCenter(), zoom: map.getZoom(), zoomControl: false, attributionControl: false, layers: [] }));
    zoneplan.maps.push(twin);
    return twin;
  };
  zoneplan.stage = function (map) { return mode === "swipe" ? zoneplan.maps[1] : map; };
  zoneplan.seen = function (map, at) { return mode === "swipe" ? zoneplan.maps[at.x < map.getSize().x * share ? 0 : 1] : map; };
  zoneplan.halved = function () { return mode === "side"; };
  // Bring one map to what the other shows, to the pixel: both have the same size.
  function same(from, to) {
    if (busy) { return; }
    busy = true;
    var a = from.getPixelOrigin(), b = to.getPixelOrigin();
    if (from.getZoom() === to.getZoom() && a.equals(b)) {
      L.DomUtil.setPosition(to.getPane("mapPane"), L.DomUtil.getPosition(from.getPane("mapPane")));
      to.fire("move");
    } else {
      to.setView(from.getCenter(), from.getZoom(), { animate: false, reset: true });
    }
    busy = false;
  }
  function ended(from, to) {
    same(from, to);
    if (!busy) { busy = true; to.fire("moveend"); busy = false; }
  }
  zoneplan.compare = function (base, other, page) {
    var said = page.compare, maps = [base, other], root = document.documentElement;
    var bar = document.getElementById("zp-bar"), sides = [0, 1].map(function (i) { return document.getElementById("zp-side-" + i); });
    var button = document.getElementById("zp-mode");
    document.body.append(bar);
    base.getContainer().classList.add("zp-base");
    other.getContainer().classList.add("zp-other");
    // Controls of the first map stand over both.
    var controls = document.createElement("div");
    controls.className = base.getContainer().className.replace(/zp-base|folium-map/g, "") + " zp-controls";
    controls.appendChild(base.getContainer().querySelector(".leaflet-control-container"));
    base.getContainer().before(controls);
    document.body.append(controls);
    function clip() {
      maps.forEach(function (map, i) {
        var pane = map.getPane("zpRoot"), size = map.getSize();
        if (mode === "side") { pane.style.clipPath = ""; return; }
        var at = Math.round(size.x * share), corner = map.containerPointToLayerPoint([i ? at : 0, 0]), end = map.containerPointToLayerPoint([i ? size.x : at, size.y]);
        pane.style.clipPath = "polygon(" + [[corner.x, corner.y], [end.x, corner.y], [end.x, end.y], [corner.x, end.y]].map(function (p) { return p[0] + "px " + p[1] + "px"; }).join(",") + ")";
      });
    }
    function placed() {
      var at = mode === "side" ? 0.5 : share;
      root.style.setProperty("--zp-at", at * 100 + "%");
      root.style.setProperty("--zp-share", String(at));
      bar.setAttribute("aria-valuenow", String(Math.round(at * 100)));
      clip();
    }
    function move(next) {
      share = Math.min(1, Math.max(0, next));
      placed();
    }
    // The bar stays where it is on the ground.
    zoneplan.held = function () {
      var at = base.containerPointToLatLng([base.getSize().x * share, base.getSize().y / 2]);
      return function () { if (mode === "swipe") { move(base.latLngToContainerPoint(at).x / base.getSize().x); } };
    };
    function turn(next) {
      var centre = base.getCenter(), zoom = base.getZoom();
      mode = next;
      root.classList.toggle("zp-sides", mode === "side");
      root.classList.toggle("zp-swipe", mode === "swipe");
      button.textContent = mode === "side" ? said.swipe : said.side;
      button.setAttribute("aria-pressed", String(mode === "side"));
      bar.tabIndex = mode === "side" ? -1 : 0;
      maps.forEach(function (map) { map.closePopup(); map.invalidateSize({ animate: false, pan: false }); });
      base.setView(centre, zoom, { animate: false, reset: true });
      placed();
    }
    // The bar: mouse, touch, keys.
    bar.addEventListener("pointerdown", function (event) {
      if (mode === "side") { return; }
      bar.setPointerCapture(event.pointerId);
      event.preventDefault();
      bar.focus();
    });
    bar.addEventListener("pointermove", function (event) {
      if (bar.hasPointerCapture(event.pointerId)) { move(event.clientX / base.getSize().x); }
    });
    bar.addEventListener("keydown", function (event) {
      var to = { ArrowLeft: share - STEP, ArrowDown: share - STEP, ArrowRight: share + STEP, ArrowUp: share + STEP, PageDown: share - 5 * STEP, PageUp: share + 5 * STEP, Home: 0, End: 1 }[event.key];
      if (to === undefined || mode === "side") { return; }
      move(to);
      event.preventDefault();
    });
    // Side by side there is less room: the list and the legend fold.
    function fold() {
      document.getElementById("zp-find").open = document.querySelector("#zp-legend details").open = mode === "swipe" && !zoneplan.narrow;
    }
    button.addEventListener("click", function () { turn(mode === "side" ? "swipe" : "side"); fold(); zoneplan.fit(); });
    [[base, other], [other, base]].forEach(function (pair) {
      pair[0].on("move zoom viewreset", function () { same(pair[0], pair[1]); });
      pair[0].on("moveend zoomend", function () { ended(pair[0], pair[1]); });
      pair[0].on("move zoomend viewreset resize moveend", clip);
    });
    document.addEventListener("keydown", function (event) {
      if (event.key === "Escape") { maps.forEach(function (map) { map.closePopup(); }); } // the popup may stand on the map that has no focus
    });
    // What is switched on the first map is switched on the second.
    page.layers.forEach(function (layer) {
      var one = window[layer[1]], two = window[layer[2]];
      base.on("layeradd layerremove", function (event) {
        if (event.layer === one) { other[event.type === "layeradd" ? "addLayer" : "removeLayer"](two); }
      });
    });
    turn(said.mode);
    fold();
  };
})();
