"""Reading WKB into flat rings gives what geometry gives, and nothing it cannot read passes."""

import numpy as np
import pytest
import shapely

from zoneplan.engine.rings import rings
from zoneplan.engine.wkb import EMPTY, OK, UNREADABLE, rings_from_wkb

ORIGIN = (100.0, 200.0)
SHAPES = [
    shapely.box(100, 200, 110, 220),
    shapely.Polygon([(0, 0), (50, 0), (50, 50), (0, 50)], [[(10, 10), (20, 10), (20, 20)]]),
    shapely.MultiPolygon(
        [shapely.box(0, 0, 1, 1), shapely.box(5, 5, 9, 9).difference(shapely.box(6, 6, 7, 7))]
    ),
    shapely.force_3d(shapely.box(3, 3, 4, 4), 17.0),
    shapely.from_wkt("MULTIPOLYGON ZM (((0 0 1 2, 5 0 1 2, 5 5 1 2, 0 0 1 2)))"),
]


def packed(blobs):
    data = np.frombuffer(b"".join(blobs), np.uint8)
    return data, np.concatenate([[0], np.cumsum([len(blob) for blob in blobs])]).astype(np.int64)


@pytest.mark.parametrize("flavor", ["iso", "extended"])
@pytest.mark.parametrize("times", [1, 2000])  # interpreted, compiled
def test_rings_are_those_of_the_geometry(flavor, times):
    shapes = SHAPES[: 4 if flavor == "extended" else 5] * times
    made, state = rings_from_wkb(*packed(shapely.to_wkb(shapes, flavor=flavor, output_dimension=4)), ORIGIN)
    truth = rings(np.array(shapes, dtype=object), ORIGIN)
    assert (state == OK).all()
    for name in ("xy", "ring", "sign", "hole", "owner", "plane_area", "bounds"):
        np.testing.assert_array_equal(getattr(made, name), getattr(truth, name))


def test_what_is_no_polygon_or_damaged_is_marked_and_the_rest_is_read():
    good = shapely.to_wkb(SHAPES[0])
    open_ring = bytearray(good)
    open_ring[-1] ^= 1
    endless = good[:29] + np.float64(np.nan).tobytes() + good[37:]
    blobs = [
        good, b"", shapely.to_wkb(shapely.Polygon()), shapely.to_wkb(shapely.Point(1, 1)), good[:-5],
        shapely.to_wkb(SHAPES[0], byte_order=0), bytes(open_ring), endless, b"\x01\x06\x00\x00\x00\xff\xff\xff\xff", good,
    ]  # fmt: skip
    made, state = rings_from_wkb(*packed(blobs), ORIGIN)
    assert state.tolist() == [OK, EMPTY, EMPTY, *[UNREADABLE] * 6, OK]
    assert made.plane_area[[0, -1]].tolist() == [200, 200]
    assert np.diff(made.owner).tolist() == [1, *[0] * 8, 1]


def test_nothing_is_read_beyond_a_feature_that_is_cut_off():
    whole = shapely.to_wkb(SHAPES[2])
    blobs = [whole[:size] for size in range(len(whole) + 1)] + [whole]
    made, state = rings_from_wkb(*packed(blobs), ORIGIN)
    assert state.tolist() == [EMPTY, *[UNREADABLE] * (len(whole) - 1), OK, OK]
    np.testing.assert_array_equal(made.plane_area[-2:], rings(np.array([SHAPES[2]] * 2), ORIGIN).plane_area)


def test_lengths_that_lie_are_not_believed():
    """Any byte changed: read as some polygon, or marked; its neighbours are as they were."""
    random = np.random.default_rng(3)
    good = shapely.to_wkb(SHAPES[1])
    for _ in range(300):
        bad = bytearray(good)
        bad[random.integers(len(bad))] = random.integers(256)
        made, state = rings_from_wkb(*packed([good, bytes(bad), good]), ORIGIN)
        assert state[[0, 2]].tolist() == [OK, OK]
        assert made.plane_area[0] == made.plane_area[2] == SHAPES[1].area
        assert np.isfinite(made.xy).all()
