"""The passport says how an area came about; registered areas are compared, never overwritten."""

import geopandas as gpd
import pytest
import shapely

from zoneplan.areas.passport import area_passport, registered_areas
from zoneplan.errors import InputError

CRS = 4547
EAST, NORTH = 421454.847, 3120865.094  # 113.2° E 28.2° N, 79 km west of the central meridian
KM = shapely.box(EAST, NORTH, EAST + 1000, NORTH + 1000)
GOLDEN_KM = 999849.73


def test_the_chain_from_plane_to_print():
    made = area_passport(KM, CRS, unit="mu", kcxs=0.1, adjusted_m2=0.02, registered_m2=1_000_000)
    assert made.planar_m2 == pytest.approx(1e6)
    assert made.ellipsoidal_m2 == pytest.approx(GOLDEN_KM, abs=0.005)
    assert made.deducted_m2 == 99984.98  # of 999849.75, as balanced
    assert made.central_meridian == 114
    assert made.printed == pytest.approx((GOLDEN_KM - 99984.98 + 0.02) * 0.0015, abs=1e-4)
    zh, en = made.explain(), made.explain("en")
    for text in (zh, en):
        assert [line[0] for line in text.splitlines()] == list("1234567")
        for word in ("EPSG:4547", "1000000.0000", "999849.7", "99984.98", "+0.02", "-150.27", "1349.7972"):
            assert word in text
    assert made.record()["net_m2"] == made.net_m2


def test_parts_add_up_and_nothing_is_an_area():
    halves = gpd.GeoSeries(
        [
            shapely.box(EAST, NORTH, EAST + 500, NORTH + 1000),
            shapely.box(EAST + 500, NORTH, EAST + 1000, NORTH + 1000),
        ],
        crs=CRS,
    )
    assert area_passport(halves).ellipsoidal_m2 == pytest.approx(
        area_passport(KM, CRS).ellipsoidal_m2, abs=0.005
    )
    assert area_passport(shapely.Polygon(), CRS).printed == 0


def test_wrong_calls_are_refused():
    with pytest.raises(InputError, match="there is no CRS"):
        area_passport(KM)
    with pytest.raises(InputError, match="projected CGCS2000"):
        area_passport(KM, 3857)
    with pytest.raises(ValueError, match="unit"):
        area_passport(KM, CRS, unit="acre")
    with pytest.raises(ValueError, match="KCXS"):
        area_passport(KM, CRS, kcxs=0.1, code="0701")


def frame(values, field="TBMJ"):
    return gpd.GeoDataFrame(
        {field: values}, geometry=[KM] * len(values), crs=CRS, index=list("abcd")[: len(values)]
    )


def test_registered_areas_are_compared():
    table, findings = registered_areas(frame([999849.73, 1_000_000.0, 950_000.0, None]))
    assert table["matches"].tolist() == ["ellipsoidal", "planar", "", ""]
    assert table["difference_m2"].iloc[2] == pytest.approx(49849.73, abs=0.01)
    assert [(f.code, f.feature) for f in findings] == [("areas.registered", ("c", "d"))]
    assert registered_areas(frame([999849.73]))[1] == ()


@pytest.mark.parametrize(("value", "unit"), [(1499.7746, "mu"), (99.984973, "hectares")])
def test_a_unit_that_all_values_say_is_another_is_named(value, unit):
    _, findings = registered_areas(frame([value, value, value], "MJ"))
    assert [f.code for f in findings] == ["areas.registered_unit"]
    assert unit in findings[0].en
    per_unit = {"mu": 1e4 / 15, "hectares": 1e4}[unit]
    assert registered_areas(frame([value], "MJ"), per_unit_m2=per_unit)[1] == ()


def test_a_field_that_is_not_there_is_named():
    with pytest.raises(InputError, match="no field of registered areas 'AREA'; there are: TBMJ, geometry"):
        registered_areas(frame([1.0]), field="AREA")
