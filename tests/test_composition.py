"""Land use of parcels: parts add up to the parcel, in every column."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from synthetic import CRS_CODE, square
from zoneplan.check.conflicts import check_parcels
from zoneplan.landuse.composition import COLUMNS, LandUse, composition

X, Y = square(0, 0, 1, 1).bounds[:2]


def box(west, south, east, north):
    return shapely.box(X + west, Y + south, X + east, Y + north)


def landuse(*rows, **more):
    codes, shapes = zip(*rows, strict=True)
    return LandUse(gpd.GeoDataFrame({"DLBM": list(codes), **more}, geometry=list(shapes), crs=CRS_CODE))


def made_of(use, *shapes):
    return composition([f"p{n}" for n in range(len(shapes))], gpd.GeoSeries(list(shapes), crs=CRS_CODE), use)


@given(st.lists(st.tuples(st.floats(0, 300), st.floats(0, 300), st.floats(5, 200)), min_size=1, max_size=6))
@settings(deadline=None, max_examples=20)
def test_the_land_use_of_a_parcel_adds_up_to_the_parcel(places):
    use = landuse(
        ("0101", box(0, 0, 150, 400)), ("0701", box(150, 0, 280, 200)), ("1101", box(150, 200, 280, 400))
    )
    shapes = gpd.GeoSeries([box(x, y, x + side, y + side) for x, y, side in places], crs=CRS_CODE)
    ids = [f"p{n}" for n in range(len(shapes))]
    table, _ = composition(ids, shapes, use)
    assert tuple(table.columns) == COLUMNS
    whole = check_parcels(gpd.GeoDataFrame({"BSM": ids}, geometry=shapes), lines={"a": use.frame}).table
    own = whole.set_index("parcel_id")["parcel_area_m2"]
    np.testing.assert_allclose(table.groupby("parcel_id")["area_m2"].sum()[ids], own[ids], rtol=1e-9)
    assert list(dict.fromkeys(table["parcel_id"])) == ids


def test_classes_groups_and_what_no_patch_covers():
    table, _ = made_of(
        landuse(("0101", box(0, 0, 100, 100)), ("0702", box(100, 0, 200, 100))), box(50, 0, 250, 10)
    )
    assert list(zip(table["code"], table["group"], strict=True)) == [
        ("", ""),
        ("0101", "农用地"),
        ("0703", "建设用地"),
    ]
    assert table["name"].iloc[0] == "无图斑"
    np.testing.assert_allclose(table["area_m2"], [500, 500, 1000], rtol=2e-3)


def test_cropland_is_less_its_field_ridges_and_a_percentage_is_refused_as_a_share():
    rows = [("0101", box(0, 0, 100, 100)), ("0101", box(100, 0, 200, 100)), ("0701", box(200, 0, 300, 100))]
    table, said = made_of(landuse(*rows, KCXS=[0.1, 8.5, 0.1]), box(0, 0, 300, 100))
    crop, built = table.set_index("code").loc["0101"], table.set_index("code").loc["0701"]
    assert crop["net_m2"] == pytest.approx(0.95 * crop["area_m2"], rel=1e-6)
    assert built["net_m2"] == built["area_m2"]
    assert "landuse.ridges" in {one.code for one in said}


def test_a_check_carries_the_land_use_only_if_it_was_given():
    use = landuse(("0101", box(0, 0, 100, 100)))
    frame = gpd.GeoDataFrame({"BSM": ["a"]}, geometry=[box(0, 0, 50, 50)], crs=CRS_CODE)
    assert check_parcels(frame, lines={"a": use.frame}).landuse is None
    assert list(check_parcels(frame, lines={"a": use.frame}, landuse=use).landuse["code"]) == ["0101"]
