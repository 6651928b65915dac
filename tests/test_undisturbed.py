"""Features that no edge of a layer comes near are decided without cutting: between teeth, in holes, within bends."""

import geopandas as gpd
import numpy as np
import pytest
import shapely

from zoneplan.engine.overlap import overlap_areas

WEST, SOUTH = 421_000.0, 3_890_000.0


def comb(teeth, pitch, reach):
    """A comb whose teeth run through many cells, several of them in each."""
    back = [shapely.box(0, 0, teeth * pitch, 2)]
    return shapely.union_all(back + [shapely.box(k * pitch, 0, k * pitch + 2, reach) for k in range(teeth)])


def spiral(turns, width):
    angle = np.linspace(0.5, 2 * np.pi * turns, 60 * turns)
    line = shapely.LineString(np.c_[angle * np.cos(angle), angle * np.sin(angle)] * width)
    return line.buffer(width, quad_segs=3)


def holed(n):
    random = np.random.default_rng(2)
    holes = shapely.union_all(shapely.buffer(shapely.points(random.uniform(0, 300, (n, 2))), 7))
    return shapely.box(-20, -20, 320, 320).difference(holes)


@pytest.mark.parametrize(
    "layer", [comb(30, 9, 250), spiral(5, 5), holed(120)], ids=["comb", "spiral", "holes"]
)
@pytest.mark.parametrize("turn", [0.0, 0.4])
def test_small_features_among_bends_are_measured_as_geos_does(layer, turn):
    layer = shapely.affinity.translate(shapely.affinity.rotate(layer, turn, use_radians=True), WEST, SOUTH)
    west, south, east, north = layer.bounds
    random = np.random.default_rng(11)
    x, y = random.uniform((west - 15, south - 15), (east + 15, north + 15), (3000, 2)).T
    side = random.uniform(0.5, 6, 3000)
    features = gpd.GeoSeries(shapely.box(x, y, x + side, y + side), crs=4547)
    made = overlap_areas(features, {"layer": gpd.GeoSeries([layer], crs=4547)}, area="planar").table
    truth = shapely.area(shapely.intersection(features.to_numpy(), layer))
    np.testing.assert_allclose(made["layer"], truth, rtol=0, atol=1e-6)
    decided = (truth == 0).sum() + (truth == features.area).sum()
    assert 500 < decided < 2900  # both kinds are there
