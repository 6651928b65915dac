"""A layer drawn as one: nothing is counted twice, neighbours grow together, and the slow way is for what needs it."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from shapely import Polygon, box

from zoneplan.engine import dissolve, overlay
from zoneplan.engine.dissolve import dissolved

AT = np.array([421_000.0, 3_890_000.0])
CASES = {
    "one": [box(0, 0, 20, 10)],
    "apart": [box(0, 0, 20, 10), box(50, 50, 60, 60)],
    "neighbours": [box(0, 0, 20, 10), box(0, 10, 20, 20)],
    "a vertex of its own": [box(0, 0, 20, 10), Polygon([(0, 10), (10, 10), (20, 10), (20, 20), (0, 20)])],
    "overlapping": [box(0, 0, 20, 10), box(15, 5, 30, 15), box(100, 0, 110, 10), box(100, 10, 110, 20)],
    "twice": [box(0, 0, 20, 10), box(0, 0, 20, 10)],
    "a tenth of a micrometre": [box(0, 0, 20, 10), box(0, 10 - 1e-7, 20, 20)],
}


@pytest.mark.parametrize("name", CASES)
def test_it_is_the_union(name):
    shapes = [shapely.transform(shape, lambda xy: xy + AT) for shape in CASES[name]]
    made = dissolved(gpd.GeoSeries(shapes, crs=4547))
    assert made.is_valid
    assert made.area == pytest.approx(shapely.union_all(CASES[name], grid_size=1e-6).area, abs=1e-4)
    assert len(shapely.get_parts(made)) == len(
        shapely.get_parts(shapely.union_all(CASES[name], grid_size=1e-6))
    )


def test_what_fits_is_not_snapped(monkeypatch):
    monkeypatch.setattr(overlay, "union", lambda *args, **kwargs: pytest.fail("snapped"))
    monkeypatch.setattr(dissolve, "united", lambda *args: pytest.fail("united"))
    shapes = [
        shapely.transform(box(i, j, i + 1, j + 1), lambda xy: xy * 40 + AT)
        for i in range(9)
        for j in range(9)
    ]
    made = dissolved(gpd.GeoSeries(shapes, crs=4547))
    assert made.geom_type == "Polygon"
    assert made.area == pytest.approx(81 * 1600)
