"""Parcels against each other: what is planted is found, and a clean file says nothing."""

import re

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from synthetic import CRS_CODE, square
from zoneplan.check.neighbours import against_each_other
from zoneplan.engine import ellipsoid

X, Y = square(0, 0, 1, 1).bounds[:2]


def box(west, south, east, north):
    return shapely.box(X + west, Y + south, X + east, Y + north)


def said(*shapes):
    return against_each_other(
        [f"p{n}" for n in range(len(shapes))], gpd.GeoSeries(list(shapes), crs=CRS_CODE)
    )


def codes(*shapes):
    return [finding.code for finding in said(*shapes)]


@given(st.integers(1, 5), st.integers(1, 5), st.integers(10, 90))
@settings(deadline=None, max_examples=15)
def test_a_clean_sheet_of_parcels_says_nothing(cols, rows, side):
    assert (
        codes(
            *(
                box(i * side, j * side, (i + 1) * side, (j + 1) * side)
                for i in range(cols)
                for j in range(rows)
            )
        )
        == []
    )


@given(st.floats(0.05, 30), st.floats(0.5, 40))
@settings(deadline=None, max_examples=15)
def test_an_overlap_is_named_with_its_area(wide, tall):
    one, other = box(0, 0, 100, 100), box(100 - wide, 0, 200, tall)
    found = said(one, other, box(300, 0, 400, 100))
    assert [finding.code for finding in found] == ["parcels.overlap", "parcels.counted_twice"]
    assert found[0].feature == ("p0", "p1")
    crs = gpd.GeoSeries([one], crs=CRS_CODE).crs
    area = float(ellipsoid.area([shapely.intersection(one, other)], crs)[0])
    named = float(re.search(r"by ([\d.]+) m²", found[0].en).group(1))
    assert named == pytest.approx(area, abs=0.011)


def test_the_same_ground_twice_is_a_duplicate_whatever_its_ring_begins_with():
    one = box(0, 0, 100, 100)
    turned = shapely.Polygon(np.roll(shapely.get_coordinates(one)[:-1], 2, axis=0)[::-1])
    assert codes(one, turned) == ["parcels.duplicate", "parcels.counted_twice"]


@pytest.mark.parametrize(("wide", "found"), [(0.3, 1), (1.9, 1), (30, 0)])
def test_a_narrow_gap_is_a_fault_and_a_field_left_out_is_not(wide, found):
    around = shapely.difference(box(0, 0, 300, 300), box(100, 100, 200, 200))
    left, right = (
        shapely.intersection(around, box(0, 0, 150, 300)),
        shapely.intersection(around, box(150, 0, 300, 300)),
    )
    filled = box(100, 100, 200 - wide, 200)
    assert codes(left, right, filled).count("parcels.gap") == found


def test_a_hole_of_one_parcel_is_its_own_and_a_small_one_between_two_is_a_gap():
    ring = shapely.difference(box(0, 0, 100, 100), box(50, 50, 53, 53))
    assert codes(ring, box(100, 0, 200, 100)) == []
    west = shapely.union(box(0, 0, 100, 100), box(100, 0, 103, 40))
    east = shapely.difference(box(100, 0, 200, 100), box(100, 0, 103, 45))
    assert codes(west, east) == ["parcels.gap"]


def test_gaps_are_found_beside_overlaps_and_empty_parcels_have_no_neighbours():
    around = shapely.difference(box(0, 0, 300, 300), box(100, 100, 200, 200))
    found = codes(around, box(100, 100, 199, 200), box(299, 0, 400, 100), shapely.Polygon())
    assert found == ["parcels.overlap", "parcels.counted_twice", "parcels.gap"]
    assert codes(shapely.Polygon()) == []
