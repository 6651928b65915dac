"""Between layers: control lines that overlap are named with what yields; holes explain; parts lie inside."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.affinity import translate
from shapely.geometry import Polygon, box

from zoneplan.engine import ellipsoid
from zoneplan.errors import InputError
from zoneplan.topology.separation import BOUNDARY, ECOLOGY, FARMLAND, check_inside, check_lines, line_of

PLACES = {"plain": (421_454.0, 4547), "zone prefix": (38_421_454.0, 4526)}
NORTH = 3_120_865.0
KEYS = (ECOLOGY, FARMLAND, BOUNDARY)


@pytest.fixture(params=PLACES)
def at(request):
    return PLACES[request.param]


def layer(at, *shapes, prefix="p"):
    moved = [translate(shape, at[0], NORTH) for shape in shapes]
    return gpd.GeoDataFrame({"BSM": [f"{prefix}{n}" for n in range(len(shapes))]}, geometry=moved, crs=at[1])


def errors(faults):
    return [(f.finding.code, f.finding.feature) for f in faults if f.finding.severity == "error"]


sides = st.integers(0, 30)
boxes = st.tuples(sides, sides, st.integers(1, 15), st.integers(1, 15)).map(
    lambda b: box(b[0] * 10, b[1] * 10, (b[0] + b[2]) * 10, (b[1] + b[3]) * 10)
)


@given(
    st.lists(boxes, min_size=1, max_size=4),
    st.lists(boxes, min_size=1, max_size=4),
    st.sampled_from(sorted(PLACES)),
)
def test_every_overlap_and_nothing_else_whatever_the_order(ones, others, place):
    at = PLACES[place]
    one, other = layer(at, *ones, prefix="a"), layer(at, *others, prefix="b")
    expected = {
        (f"a{n}", f"b{m}"): a.intersection(b).area
        for n, a in enumerate(ones)
        for m, b in enumerate(others)
        if a.intersection(b).area
    }
    faults = check_lines({FARMLAND: one, BOUNDARY: other})
    hits = {f.finding.feature: f for f in faults if f.finding.severity == "error"}
    assert hits.keys() == expected.keys()
    for ids, fault in hits.items():
        assert fault.geometry.area == pytest.approx(expected[ids], abs=1e-3)
    back = check_lines({BOUNDARY: other, FARMLAND: one.iloc[::-1]})
    assert sorted(errors(back)) == sorted(errors(faults))


@pytest.mark.parametrize(
    ("keys", "yields", "instrument"),
    [
        ((ECOLOGY, FARMLAND), "生态保护红线避让", "第四条"),
        ((ECOLOGY, BOUNDARY), "由城镇开发边界扣除", "指导意见"),
        ((FARMLAND, BOUNDARY), "开天窗", "第五条"),
    ],
)
def test_what_yields_and_by_which_instrument(at, keys, yields, instrument):
    lines = {
        keys[0]: layer(at, box(0, 0, 100, 100), prefix="x"),
        keys[1]: layer(at, box(90, 0, 200, 100), prefix="y"),
    }
    [fault] = [f for f in check_lines(lines) if f.finding.severity == "error"]
    assert fault.finding.code == "topology.lines_overlap"
    assert fault.finding.feature == ("x0", "y0")
    assert yields in fault.finding.zh
    assert instrument in fault.finding.citation
    assert fault.finding.point is not None
    expected = ellipsoid.area(np.array([fault.geometry]), lines[keys[0]].crs)[0]
    assert fault.size == pytest.approx(expected, abs=1e-6)


def test_lines_that_share_an_edge_or_are_apart(at):
    lines = {
        ECOLOGY: layer(at, box(0, 0, 100, 100)),
        FARMLAND: layer(at, box(100, 20, 200, 90)),  # the ends of the shared edge differ
        BOUNDARY: layer(at, box(300, 0, 400, 100)),
    }
    said = check_lines(lines)
    assert [f.finding.severity for f in said] == ["info"] * 3
    assert all("互不重叠" in f.finding.zh for f in said)


def test_a_hole_explains_what_spills_over_its_edge(at):
    town = Polygon(box(0, 0, 1000, 1000).exterior, [box(200, 200, 300, 300).exterior])
    fields = layer(at, box(200, 200, 301, 300), box(600, 600, 640, 640), box(200, 200, 300, 300), prefix="f")
    faults = check_lines({FARMLAND: fields, BOUNDARY: layer(at, town, prefix="u")})
    hits = {f.finding.feature: f.finding for f in faults if f.finding.severity == "error"}
    assert hits.keys() == {("f0", "u0"), ("f1", "u0")}
    assert "has a hole for it" in hits["f0", "u0"].en
    assert "no hole for it" in hits["f1", "u0"].en


def test_invalid_and_empty_rows_do_not_stop_it(at):
    bow = Polygon([(0, 0), (20, 20), (20, 0), (0, 20)])
    one = layer(at, bow, box(0, 0, 5, 5), prefix="a")
    one.loc[1, "geometry"] = None
    assert errors(check_lines({ECOLOGY: one, BOUNDARY: layer(at, box(0, 8, 20, 12), prefix="b")})) == [
        ("topology.lines_overlap", ("a0", "b0"))
    ]


def test_parts_inside_the_whole(at):
    whole = layer(at, box(0, 0, 100, 100), box(100, 0, 200, 100))
    parts = layer(at, box(50, 50, 150, 100), box(190, 0, 204, 50), box(500, 0, 510, 10), prefix="c")
    faults = check_inside(parts, whole, words=("城镇开发边界", "urban development boundary"))
    assert errors(faults) == [("topology.not_inside", ("c1",)), ("topology.not_inside", ("c2",))]
    assert faults[0].size == pytest.approx(4 * 50, rel=1e-3)


@pytest.mark.parametrize(
    ("name", "key"),
    [("STBHHX", ECOLOGY), ("yjjbnttb", FARMLAND), ("CZKFBJ", BOUNDARY), ("line_ecological_redline", ECOLOGY), ("GHFQ", None)],
)  # fmt: skip
def test_names_of_standard_layers(name, key):
    assert line_of(name) == key


def test_two_crs_are_refused(at):
    other = layer(at, box(0, 0, 1, 1)).set_crs(4549, allow_override=True)
    with pytest.raises(InputError, match="not in one CRS"):
        check_lines({ECOLOGY: layer(at, box(0, 0, 1, 1)), FARMLAND: other})


def test_many_patches_against_one_large_boundary():
    at = PLACES["zone prefix"]
    rng = np.random.default_rng(1)
    corner = rng.uniform(0, 20_000, (3_000, 2))
    patches = shapely.box(corner[:, 0], corner[:, 1], corner[:, 0] + 20, corner[:, 1] + 20)
    town = shapely.Point(10_000, 10_000).buffer(6_000, quad_segs=2_000)
    faults = check_lines({FARMLAND: layer(at, *patches), BOUNDARY: layer(at, town, prefix="u")})
    expected = int((shapely.area(shapely.intersection(patches, town)) > 1e-3).sum())
    assert len(errors(faults)) == pytest.approx(expected, abs=1)
