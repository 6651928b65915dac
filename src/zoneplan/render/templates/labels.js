// Words on the map: which labels are shown, and where, depends on zoom and layers only, never on time.
zoneplan.labels = (function () {
  "use strict";
  var WEIGHT = ["axis", "belt", "group", "district", "new_city", "ecological_pattern", "water", "places", "roads"];
  var GAP = 2, UPRIGHT = 50; // pixels between words; degrees from which Chinese characters stand one above the other
  var CHINESE = /[\u2e80-\u9fff\uf900-\ufaff]/;
  var serial = 0;
  function weight(marker) {
    var found = WEIGHT.indexOf(marker.zpSaid.layer);
    return marker.zpNamed ? -1 : found < 0 ? WEIGHT.length : found;
  }
  function stand(marker, turn) {
    var upright = Math.abs(turn) > UPRIGHT && CHINESE.test(marker.zpSpan.textContent);
    marker.zpTurn = upright ? turn - 90 * Math.sign(turn) : turn;
    marker.zpSpan.classList.toggle("zp-upright", upright);
    marker.zpSpan.style.transform = "translate(-50%, -50%) rotate(" + marker.zpTurn + "deg)";
  }
  function layer(words) {
    var group = L.featureGroup(words.map(function (said) {
      var holder = document.createElement("div"), span = document.createElement("span");
      span.textContent = said.text;
      holder.appendChild(span);
      var marker = L.marker(said.places[0].slice(0, 2), {
        interactive: false, keyboard: false,
        icon: L.divIcon({ className: "zp-label zp-label-" + said.layer, html: holder, iconSize: [0, 0] })
      });
      marker.zpSaid = said;
      marker.zpSpan = span;
      marker.zpSerial = serial += 1;
      stand(marker, said.places[0][2]);
      return marker;
    }));
    group.beforeAdd = function (map) {
      var name = zoneplan.pane(map, "words");
      group.eachLayer(function (marker) { marker.options.pane = name; });
    };
    return group;
  }
  // The corners of a label's box at a place, pixels of the layer.
  function box(map, marker, place, turn) {
    var at = map.project(place.slice(0, 2), map.getZoom()), angle = turn * Math.PI / 180;
    var across = marker.zpSpan.offsetWidth / 2 + GAP, up = marker.zpSpan.offsetHeight / 2, cos = Math.cos(angle), sin = Math.sin(angle);
    return [[-across, -up], [across, -up], [across, up], [-across, up]].map(function (corner) {
      return [at.x + corner[0] * cos - corner[1] * sin, at.y + corner[0] * sin + corner[1] * cos];
    });
  }
  // Whether two turned boxes lie apart: some side of one separates them.
  function apart(one, other) {
    return [one, other].some(function (edges) {
      return [0, 1].some(function (i) {
        var nx = edges[i + 1][1] - edges[i][1], ny = edges[i][0] - edges[i + 1][0];
        function reach(corners) {
          var along = corners.map(function (corner) { return corner[0] * nx + corner[1] * ny; });
          return [Math.min.apply(null, along), Math.max.apply(null, along)];
        }
        var a = reach(one), b = reach(other);
        return a[1] <= b[0] || b[1] <= a[0];
      });
    });
  }
  // The weightiest first, then in the order of the page; each takes its best place that is free, or gives way.
  function place(map) {
    var kept = [], markers = [];
    map.eachLayer(function (one) { if (one.zpSaid) { markers.push(one); } });
    markers.sort(function (a, b) { return weight(a) - weight(b) || a.zpSerial - b.zpSerial; });
    markers.forEach(function (marker) {
      var free = marker.zpSaid.places.some(function (where) {
        stand(marker, where[2]);
        if (!marker.zpSpan.offsetWidth) { return false; } // of a layer that has no words at this zoom
        var corners = box(map, marker, where, marker.zpTurn);
        if (!kept.every(function (other) { return apart(corners, other); })) { return false; }
        kept.push(corners);
        marker.setLatLng(where.slice(0, 2));
        return true;
      });
      marker.zpSpan.style.visibility = free ? "" : "hidden";
    });
  }
  // Features under the names that a figure of the plan gives them; these go before all others.
  function rename(map, names) {
    map.eachLayer(function (one) {
      if (!one.zpSaid) { return; }
      one.zpNamed = Object.prototype.hasOwnProperty.call(names, one.zpSaid.text);
      one.zpSpan.textContent = one.zpNamed ? names[one.zpSaid.text] : one.zpSaid.text;
    });
    place(map);
  }
  return { layer: layer, place: place, rename: rename };
})();
