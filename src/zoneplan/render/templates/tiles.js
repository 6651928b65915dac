// Very many polygons: vector tiles held in the page, drawn on canvas; their words are in a table beside them.
zoneplan.tiles = (function () {
  "use strict";
  var archives = 0;
  function decode(text) {
    var raw = atob(text), bytes = new Uint8Array(raw.length);
    for (var i = 0; i < raw.length; i++) { bytes[i] = raw.charCodeAt(i); }
    return bytes;
  }
  function inflate(text) {
    var stream = new Blob([decode(text)]).stream().pipeThrough(new DecompressionStream("deflate"));
    return new Response(stream).json();
  }
  // An archive whose tiles are painted only when `ready`: what is seen can be clicked.
  function archive(text, ready) {
    var bytes = decode(text), key = "page-" + (archives += 1);
    return new pmtiles.PMTiles({
      getKey: function () { return key; },
      getBytes: function (offset, length) { return ready.then(function () { return { data: bytes.buffer.slice(offset, offset + length) }; }); }
    });
  }
  // The paint of a symbol: its colour, or its hatch (of 8 pixels, as in the legend) on its colour.
  function paint(symbol) {
    if (!symbol.hatch) { return symbol.fill; }
    var tile = document.createElement("canvas"), pen = tile.getContext("2d"), scale = 2;
    tile.width = tile.height = 8 * scale;
    pen.scale(scale, scale);
    pen.globalAlpha = symbol.opacity;
    pen.fillStyle = symbol.fill;
    pen.fillRect(0, 0, 8, 8);
    pen.globalAlpha = 1;
    pen.strokeStyle = pen.fillStyle = symbol.line;
    pen.lineWidth = 1.1;
    if (symbol.hatch === "dots") {
      [2, 6].forEach(function (at) { pen.beginPath(); pen.arc(at, at, 1, 0, 7); pen.fill(); });
    } else {
      pen.stroke(new Path2D(symbol.strokes));
    }
    var pattern = pen.createPattern(tile, "repeat");
    pattern.setTransform(new DOMMatrix([1 / scale, 0, 0, 1 / scale, 0, 0]));
    return pattern;
  }
  function painter(symbols) {
    var paints = symbols.map(paint);
    return {
      draw: function (pen, rings, zoom, feature) {
        var symbol = symbols[feature.props.s];
        pen.beginPath();
        rings.forEach(function (ring) {
          ring.forEach(function (point, i) { if (i) { pen.lineTo(point.x, point.y); } else { pen.moveTo(point.x, point.y); } });
        });
        if (symbol.fill) {
          pen.globalAlpha = symbol.hatch ? 1 : symbol.opacity;
          pen.fillStyle = paints[feature.props.s];
          pen.fill("evenodd");
        }
        pen.globalAlpha = 1;
        pen.strokeStyle = symbol.line;
        pen.lineWidth = zoom < 15 ? Math.min(symbol.weight, 0.6) : symbol.weight;
        pen.setLineDash(symbol.dash);
        pen.stroke();
      }
    };
  }
  function inside(rings, x, y) {
    var within = false;
    rings.forEach(function (ring) {
      for (var i = 0, j = ring.length - 1; i < ring.length; j = i++) {
        var a = ring[i], b = ring[j];
        if ((a.y > y) !== (b.y > y) && x < (b.x - a.x) * (y - a.y) / (b.y - a.y) + a.x) { within = !within; }
      }
    });
    return within;
  }
  // Title, rows and box of one polygon.
  function words(table, i) {
    var item = table.items[i];
    return {
      title: item[0],
      rows: table.rows[item[2]].map(function (row) {
        var said = row.map(function (phrase) { return table.phrases[phrase]; });
        return [said[0], said.slice(1).join(table.between)];
      }),
      bounds: [[item[4] / 1e5, item[3] / 1e5], [item[6] / 1e5, item[5] / 1e5]]
    };
  }
  var SIZE = 512; // of a data tile, in its own pixels: one zoom coarser than what is shown
  return function (data, position, head, holder) {
    var table = null, colours = data.symbols.map(function (symbol) { return symbol.fill || symbol.line; });
    var ready = inflate(data.table).then(function (found) {
      table = found;
      zoneplan.list(head, holder, table.items.length, {
        title: function (i) { return table.items[i][0]; },
        said: function (i) { return zoneplan.leading.indexOf(head.key) >= 0 ? words(table, i).rows[0][1] : head.name; },
        colour: function (i) { return colours[table.items[i][1]]; },
        get: function (i) {
          var said = words(table, i);
          return { words: said, bounds: said.bounds, shape: L.rectangle(said.bounds, zoneplan.chosen) };
        }
      });
      zoneplan.changed();
    });
    var layer = protomapsL.leafletLayer({
      url: archive(data.archive, ready), maxDataZoom: data.deepest, minNativeZoom: data.coarsest + 1, maxZoom: 24, attribution: "",
      paintRules: [{ dataLayer: data.layer, symbolizer: painter(data.symbols) }], labelRules: []
    });
    delete data.archive;
    delete data.table;
    // The topmost polygon at a place, from the tiles that are drawn there; null if there is none.
    function find(at) {
      if (!table) { return null; }
      var zoom = Math.max(data.coarsest, Math.min(Math.round(layer._map.getZoom()) - 1, data.deepest));
      var point = layer._map.project(at, zoom + 1), x = Math.floor(point.x / SIZE), y = Math.floor(point.y / SIZE);
      var tile = layer.views.get("").tileCache.cache.get(x + ":" + y + ":" + zoom);
      var features = tile && tile.data.get(data.layer) || [];
      var px = point.x - x * SIZE, py = point.y - y * SIZE;
      for (var i = features.length - 1; i >= 0; i--) {
        var box = features[i].bbox;
        if (px >= box.minX && px <= box.maxX && py >= box.minY && py <= box.maxY && inside(features[i].geom, px, py)) {
          return words(table, features[i].props.i);
        }
      }
      return null;
    }
    layer.beforeAdd = function (map) {
      layer.options.pane = zoneplan.pane(map, position);
      map.getPane(layer.options.pane).style.pointerEvents = "none";
      L.GridLayer.prototype.beforeAdd.call(layer, map);
    };
    zoneplan.deep.push({ layer: layer, position: position, find: find });
    return layer;
  };
})();
