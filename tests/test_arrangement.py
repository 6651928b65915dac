"""Which side of a line: laws of `bounded_by`."""

import math

import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import LineString, MultiLineString, affinity, box

from zoneplan.arrangement import NoSide, course, region
from zoneplan.engine import overlay

SQUARE = box(0, 0, 10_000, 10_000)


def cut(side, line, container=SQUARE):
    border = course(line, side, container)
    return region(container, {side: ([border], None)})


heights = st.lists(st.floats(2_000, 8_000), min_size=2, max_size=8)


@given(heights, st.booleans())
@settings(max_examples=60, deadline=None)
def test_the_two_sides_of_a_line_make_up_the_container(ys, backwards):
    xs = [10_000 * i / (len(ys) - 1) for i in range(len(ys))]
    line = LineString(list(zip(xs, ys, strict=True)))
    line = line.reverse() if backwards else line
    above, below = cut("south", line), cut("north", line)
    assert above.area + below.area == pytest.approx(SQUARE.area, abs=0.01)
    assert overlay.intersection(above, below).area == pytest.approx(
        0, abs=0.01
    )  # plain GEOS errs here at times
    assert above.contains(shapely.Point(5_000, 9_999))
    assert below.contains(shapely.Point(5_000, 1))


@given(heights, st.floats(-math.pi / 6, math.pi / 6))
@settings(max_examples=40, deadline=None)
def test_turning_everything_turns_the_answer(ys, angle):
    xs = [10_000 * i / (len(ys) - 1) for i in range(len(ys))]
    line = LineString(list(zip(xs, ys, strict=True)))
    plain = cut("south", line)
    turn = {"angle": angle, "origin": (0, 0), "use_radians": True}
    turned = cut("south", affinity.rotate(line, **turn), affinity.rotate(SQUARE, **turn))
    start, end = affinity.rotate(line, **turn).coords[0], affinity.rotate(line, **turn).coords[-1]
    if start[0] < end[0]:
        assert turned.area == pytest.approx(plain.area, rel=1e-6, abs=1)


def test_order_of_the_sides_does_not_matter():
    west = course(LineString([(3000, -1), (3500, 11_000)]), "west", SQUARE)
    south = course(LineString([(-1, 4000), (11_000, 4500)]), "south", SQUARE)
    one = region(SQUARE, {"west": ([west], None), "south": ([south], None)})
    other = region(SQUARE, {"south": ([south], None), "west": ([west], None)})
    assert one.symmetric_difference(other).area == pytest.approx(0, abs=0.01)


def test_a_line_that_stops_short_is_drawn_on_straight():
    border = course(LineString([(2000, 5000), (8000, 5000)]), "south", SQUARE)
    assert region(SQUARE, {"south": ([border], None)}).area == pytest.approx(5e7)
    assert border.added().intersection(SQUARE).length == pytest.approx(4000)


def test_of_two_lines_the_outer_gives_the_union_and_the_inner_the_intersection():
    low = course(LineString([(-1, 3000), (10_001, 5000)]), "south", SQUARE)
    high = course(LineString([(-1, 5000), (10_001, 3000)]), "south", SQUARE)
    outer = region(SQUARE, {"south": ([low, high], "outer")})
    inner = region(SQUARE, {"south": ([low, high], "inner")})
    assert outer.area + inner.area == pytest.approx(1.2e8, rel=1e-6)
    assert inner.area < outer.area
    assert outer.contains(inner)


def test_segments_carriageways_and_gaps_become_one_course():
    pieces = MultiLineString(
        [
            [(0, 5000), (3000, 5000)],
            [(3000, 5000), (5000, 5020), (6000, 5000)],
            [(3000, 5000), (5000, 4980), (6000, 5000)],
            [(6200, 5000), (10_000, 5000)],
        ]
    )
    border = course(pieces, "south", SQUARE)
    assert border.bridged_m == pytest.approx(200)
    assert border.line.is_simple
    assert region(SQUARE, {"south": ([border], None)}).area == pytest.approx(5e7, rel=2e-3)


def test_several_faces_are_all_kept():
    comb = shapely.union_all([box(0, 0, 10_000, 2000), box(0, 0, 2000, 9000), box(8000, 0, 10_000, 9000)])
    assert len(shapely.get_parts(cut("south", LineString([(-1, 5000), (10_001, 5000)]), comb))) == 2


def test_a_closed_line_has_no_side():
    with pytest.raises(NoSide, match="closed"):
        course(LineString([(0, 0), (1, 0), (1, 1), (0, 0)]), "south", SQUARE)


def test_a_line_across_its_side_is_noticed():
    assert course(LineString([(5000, 0), (5010, 9000)]), "south", SQUARE).runs_across("south")
