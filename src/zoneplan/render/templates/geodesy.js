// CGCS2000 on the page: Gauss-Krüger coordinates, length of a geodesic, area on the ellipsoid. Degrees in, metres out.
zoneplan.geodesy = (function () {
  "use strict";
  var A = 6378137, F = 1 / 298.257222101, E2 = F * (2 - F), E = Math.sqrt(E2), N = F / (2 - F), RAD = Math.PI / 180;
  var RADIUS = A / (1 + N) * (1 + N * N / 4 + Math.pow(N, 4) / 64);
  // Krüger's series in the third flattening, to its fourth power: well under a millimetre within a zone.
  var ALPHA = [
    N / 2 - 2 * N * N / 3 + 5 * Math.pow(N, 3) / 16 + 41 * Math.pow(N, 4) / 180,
    13 * N * N / 48 - 3 * Math.pow(N, 3) / 5 + 557 * Math.pow(N, 4) / 1440,
    61 * Math.pow(N, 3) / 240 - 103 * Math.pow(N, 4) / 140,
    49561 * Math.pow(N, 4) / 161280
  ];
  // [north, east] of a place in the zone {lon0, east0}.
  function project(lat, lng, zone) {
    var s = Math.sin(lat * RAD), l = (lng - zone.lon0) * RAD;
    var t = Math.sinh(Math.atanh(s) - E * Math.atanh(E * s));
    var xi = Math.atan2(t, Math.cos(l)), eta = Math.atanh(Math.sin(l) / Math.sqrt(1 + t * t)), north = xi, east = eta;
    ALPHA.forEach(function (a, i) {
      var k = 2 * (i + 1);
      north += a * Math.sin(k * xi) * Math.cosh(k * eta);
      east += a * Math.cos(k * xi) * Math.sinh(k * eta);
    });
    return [RADIUS * north, RADIUS * east + zone.east0];
  }
  // Length of the geodesic by Vincenty's inverse formula.
  function between(a, b) {
    var b1 = Math.atan((1 - F) * Math.tan(a.lat * RAD)), b2 = Math.atan((1 - F) * Math.tan(b.lat * RAD));
    var s1 = Math.sin(b1), c1 = Math.cos(b1), s2 = Math.sin(b2), c2 = Math.cos(b2);
    var apart = (b.lng - a.lng) * RAD, l = apart, before, sigma, ss, cs, c2a, c2m;
    for (var i = 0; i < 100; i++) {
      ss = Math.hypot(c2 * Math.sin(l), c1 * s2 - s1 * c2 * Math.cos(l));
      if (ss === 0) { return 0; }
      cs = s1 * s2 + c1 * c2 * Math.cos(l);
      sigma = Math.atan2(ss, cs);
      var sa = c1 * c2 * Math.sin(l) / ss;
      c2a = 1 - sa * sa;
      c2m = c2a ? cs - 2 * s1 * s2 / c2a : 0;
      var c = F / 16 * c2a * (4 + F * (4 - 3 * c2a));
      before = l;
      l = apart + (1 - c) * F * sa * (sigma + c * ss * (c2m + c * cs * (2 * c2m * c2m - 1)));
      if (Math.abs(l - before) < 1e-13) { break; }
    }
    var u2 = c2a * E2 / (1 - E2);
    var p = 1 + u2 / 16384 * (4096 + u2 * (u2 * (320 - 175 * u2) - 768));
    var q = u2 / 1024 * (256 + u2 * (u2 * (74 - 47 * u2) - 128));
    var more = q * ss * (c2m + q / 4 * (cs * (2 * c2m * c2m - 1) - q / 6 * c2m * (4 * ss * ss - 3) * (4 * c2m * c2m - 3)));
    return (1 - F) * A * p * (sigma - more);
  }
  function length(points) {
    return points.slice(1).reduce(function (sum, point, i) { return sum + between(points[i], point); }, 0);
  }
  // Area in the cylindrical projection that keeps areas of the ellipsoid; edges are straight lines in it.
  function area(points) {
    function height(lat) {
      var s = Math.sin(lat * RAD);
      return (1 - E2) * (s / (1 - E2 * s * s) + Math.atanh(E * s) / E);
    }
    var first = points[0] && height(points[0].lat), sum = 0;
    points.forEach(function (a, i) {
      var b = points[(i + 1) % points.length];
      sum += (b.lng - a.lng) * RAD * (height(a.lat) + height(b.lat) - 2 * first);
    });
    return Math.abs(sum) * A * A / 4;
  }
  return { project: project, length: length, area: area };
})();
