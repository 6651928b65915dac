// Basemaps: none until the reader turns one on. Tiles in GCJ-02 are drawn where their ground is; the data stay.
zoneplan.gcj02 = (function () {
  "use strict";
  var A = 6378245, EE = 0.00669342162296594323, PI = Math.PI, RAD = PI / 180;
  function waves(at, terms) {
    return terms.reduce(function (sum, term) { return sum + term[0] * Math.sin(term[1] * PI * at); }, 0);
  }
  // What GCJ-02 adds to a place (the formula of zoneplan.crs.gcj02).
  function offset(lat, lng) {
    var x = lng - 105, y = lat - 35, root = Math.sqrt(Math.abs(x));
    if (lng < 72.004 || lng > 137.8347 || lat < 0.8293 || lat > 55.8271) { return [0, 0]; }
    var ripple = 20 * (Math.sin(6 * PI * x) + Math.sin(2 * PI * x));
    var east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * root +
      2 / 3 * (ripple + waves(x, [[20, 1], [40, 1 / 3], [150, 1 / 12], [300, 1 / 30]]));
    var north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * root +
      2 / 3 * (ripple + waves(y, [[20, 1], [40, 1 / 3], [160, 1 / 12], [320, 1 / 30]]));
    var s = Math.sin(lat * RAD), bend = 1 - EE * s * s;
    return [north / (A * (1 - EE) / Math.pow(bend, 1.5)) / RAD, east / (A / Math.sqrt(bend) * Math.cos(lat * RAD)) / RAD];
  }
  function forth(at) {
    var more = offset(at.lat, at.lng);
    return L.latLng(at.lat + more[0], at.lng + more[1]);
  }
  function back(at) {
    var lat = at.lat, lng = at.lng;
    for (var i = 0; i < 20; i++) {
      var more = offset(lat, lng);
      lat = at.lat - more[0];
      lng = at.lng - more[1];
    }
    return L.latLng(lat, lng);
  }
  return { forth: forth, back: back };
})();
zoneplan.basemaps = function (page) {
  "use strict";
  var PAD = 48; // pixels more on every side, since the shift differs from place to place
  // Each tile is put with its corner where it is on the ground, and reaches to its neighbours' corners.
  var Shifted = L.TileLayer.extend({
    _getTiledPixelBounds: function (centre) {
      var found = L.TileLayer.prototype._getTiledPixelBounds.call(this, zoneplan.gcj02.forth(centre));
      return L.bounds(found.min.subtract([PAD, PAD]), found.max.add([PAD, PAD]));
    },
    _corner: function (coords) {
      var at = this._map.unproject(coords.scaleBy(this.getTileSize()), coords.z);
      return this._map.project(zoneplan.gcj02.back(at), coords.z).round();
    },
    _getTilePos: function (coords) { return this._corner(coords).subtract(this._level.origin); },
    _addTile: function (coords, container) {
      L.TileLayer.prototype._addTile.call(this, coords, container);
      var tile = this._tiles[this._tileCoordsToKey(coords)].el, here = this._corner(coords), self = this;
      function next(right, down) {
        var other = L.point(coords.x + right, coords.y + down);
        other.z = coords.z;
        return self._corner(other);
      }
      tile.style.width = next(1, 0).x - here.x + "px";
      tile.style.height = next(0, 1).y - here.y + "px";
      tile.style.mixBlendMode = "normal"; // at a corner four tiles may overlap by a pixel
    }
  });
  var Held = L.GridLayer.extend({
    createTile: function (coords) {
      var picture = document.createElement("img"), source = this.options.held[coords.z + "/" + coords.x + "/" + coords.y];
      picture.alt = "";
      if (source) { picture.src = source; } else { picture.hidden = true; }
      return picture;
    }
  });
  function layers(map, one) {
    var options = { pane: zoneplan.pane(map, "basemap"), minNativeZoom: one.coarsest, maxNativeZoom: one.deepest, maxZoom: 24 };
    if (one.tiles) { return [new Held(Object.assign(options, { held: one.tiles }))]; }
    var Kind = one.datum === "gcj02" ? Shifted : L.TileLayer;
    return one.urls.map(function (url) { return new Kind(url, Object.assign({ subdomains: one.subdomains }, options)); });
  }
  var select = document.getElementById("zp-basemap"), shown = [];
  select.value = "0";
  select.addEventListener("change", function () {
    var one = page.basemaps[select.value - 1];
    shown.forEach(function (layer) { layer.remove(); });
    shown = [];
    if (!one) { return; }
    zoneplan.maps.forEach(function (map) {
      layers(map, one).forEach(function (layer) { shown.push(layer.addTo(map)); });
    });
  });
};
