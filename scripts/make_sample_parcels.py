"""Make the invented sample parcels: small, labelled, at least one for each state and each verdict.

usage: make_sample_parcels.py PLAN OUT.geojson
"""

import json
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

import zoneplan as zp

USES = ("070102", "1001", "0901", "U01", "U17", "U18", "0703", "U07", "060201", "")
SIDE_M = 120.0
Point = npt.NDArray[np.float64]


def sites(layers: zp.LayerSet) -> Iterator[tuple[Polygon, str]]:
    """Parcels over the zone on a loose grid, then some on the edge of things: (shape, what it shows)."""
    west, south, east, north = layers.zone.bounds
    for x in np.linspace(west + 400, east - 400, 13):
        for y in np.linspace(south + 300, north - 300, 8):
            shape = shapely.box(round(x), round(y), round(x) + SIDE_M, round(y) + 0.75 * SIDE_M)
            if layers.zone.contains(shape):
                yield shape, "格网 grid"
    for line in layers["control_line"].geometry:
        a, b, across = free_edge(line, layers.zone)
        step = (b - a) / np.hypot(*(b - a)) * 5
        for shift, words in (
            (0.0, "共边 shares an edge"),
            (-0.002, "压线 2 毫米 two millimetres over"),
            (-30.0, "跨线 across"),
        ):
            start, end = (a, b) if shift == 0.0 else (a + step + across * shift, b - step + across * shift)
            yield shapely.Polygon([start, end, end + across * 40, start + across * 40]), words
    yield shapely.box(west - 600, south, west - 480, south + 90), "规划范围外 outside the zone"
    edge = shapely.Point(shapely.get_coordinates(layers.zone)[0])
    yield shapely.box(edge.x - 80, edge.y - 80, edge.x + 80, edge.y + 80), "跨规划边界 across the zone's edge"


def free_edge(line: BaseGeometry, zone: BaseGeometry) -> tuple[Point, Point, Point]:
    """The straight edge of a line, about `SIDE_M` long, with room for a parcel outside; and the way out."""
    ring = max(shapely.get_parts(line), key=lambda part: part.area).exterior
    corners = shapely.get_coordinates(ring)
    edges = sorted(
        pairwise(corners),
        key=lambda edge: abs(float(np.hypot(*(edge[1] - edge[0]))) - SIDE_M),
    )
    for a, b in edges:
        step = (b - a) / np.hypot(*(b - a))
        across = np.array([-step[1], step[0]]) * (-1 if ring.is_ccw else 1)
        parcel = shapely.Polygon([a, b, b + across * 40, a + across * 40])
        if parcel.intersection(line).area < 1e-6 and zone.contains(parcel):
            return a, b, across
    raise ValueError("no edge of the line has room outside")


def main(plan: str, out: Path) -> None:
    """Write the parcels in the plan's CRS with full coordinates, so that shared edges stay shared."""
    layers = zp.compile_plan(zp.load_plan(plan))
    features = []
    for number, (shape, words) in enumerate(sites(layers), start=1):
        properties = {
            "DKBH": f"示例{number:03d}",
            "use": USES[number % len(USES)] or None,
            "note": f"虚构示例 invented sample: {words}",
        }
        rings = [[[x, y] for x, y in shape.exterior.coords]]
        features.append(
            {
                "type": "Feature",
                "properties": properties,
                "geometry": {"type": "Polygon", "coordinates": rings},
            }
        )
    crs = {"type": "name", "properties": {"name": f"urn:ogc:def:crs:EPSG::{layers.crs.to_epsg()}"}}
    lines = ",\n".join(json.dumps(feature, ensure_ascii=False) for feature in features)
    head = f'{{"type":"FeatureCollection","crs":{json.dumps(crs)},"features":['
    out.write_text(f"{head}\n{lines}\n]}}\n", encoding="utf-8", newline="\n")
    print(f"{len(features)} → {out}")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(sys.argv[1], Path(sys.argv[2]))
