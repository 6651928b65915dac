"""The CRS gate: what fits passes unchanged in place, what does not is refused with the code that fits."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import CRS

from zoneplan.crs.gate import lon_lat, near, refused, to_working, zone_crs
from zoneplan.crs.remembered import remembered
from zoneplan.engine import ellipsoid
from zoneplan.errors import InputError

HERE = gpd.GeoDataFrame({"name": ["x"]}, geometry=[shapely.box(113.2, 35.1, 113.21, 35.11)], crs=4490)
WORK = CRS.from_epsg(4547)


@given(st.floats(73.6, 136.4))
def test_a_longitude_lies_in_its_zone(lon):
    meridian = zone_crs(lon).to_json_dict()["conversion"]["parameters"][1]["value"]
    assert abs(lon - meridian) <= 1.5
    assert meridian % 3 == 0


def test_the_zone_of_the_standard_s_example():
    assert zone_crs(113.2).to_epsg() == 4547
    with pytest.raises(InputError, match="outside the CGCS2000 3-degree zones"):
        zone_crs(2.3)


@pytest.mark.parametrize("code", [4490, 4326, 4547, 4526, 4508, 4497, 32649])
def test_every_way_to_say_the_same_place_comes_in_at_the_same_place(code):
    got = to_working(HERE.to_crs(code), WORK, place="x")
    assert got.crs == WORK
    assert np.allclose(got.total_bounds, HERE.to_crs(WORK).total_bounds, atol=0.01)


def labelled(code, frame=HERE):
    return (
        frame.set_crs(code, allow_override=True)
        if code
        else gpd.GeoDataFrame(frame.drop(columns="geometry"), geometry=list(frame.geometry))
    )


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (labelled(None), "there is no CRS"),
        (HERE.to_crs(3857), "the CRS is Web Mercator"),
        (HERE.to_crs(3395), "the CRS is Web Mercator"),
        (HERE.to_crs(2384), "Xian 1980.*local parameters"),
        (HERE.to_crs(2436), "Beijing 1954.*local parameters"),
        (labelled(2264), "the CRS is in US survey foot"),
        (labelled(4547), "is in metres but the coordinates look like degrees"),
        (labelled(4490, HERE.to_crs(4547)), "is in degrees but the coordinates look like metres"),
        (labelled(4547, HERE.to_crs(4526)), r"have the zone prefix 38 .*is it EPSG:4526\?"),
        (labelled(4526, HERE.to_crs(4547)), r"have no zone prefix .*is it EPSG:4547\?"),
        (HERE.to_crs(4545), r"outside the zone of EPSG:4545.*fits is EPSG:4547"),
        (HERE.to_crs(27700), "the datum of EPSG:27700"),
        (HERE.set_geometry([shapely.box(35.1, 113.2, 35.11, 113.21)], crs=4490), "metres|swapped"),
        (
            HERE.set_geometry([shapely.Point(np.inf, 1)], crs=4547),
            "features 1 have coordinates that are no numbers",
        ),
    ],
)
def test_what_does_not_fit_is_refused(frame, message):
    with pytest.raises(InputError, match=message) as caught:
        to_working(frame, WORK, place="roads.shp")
    assert all(fault.place == "roads.shp" for fault in caught.value.faults)
    assert refused(frame, "roads.shp")[0].zh != refused(frame, "roads.shp")[0].en


def test_a_zone_mislabelled_is_found_by_comparing_with_the_plan():
    wrong = labelled(4546, HERE.to_crs(4547))
    assert refused(wrong, "x") == []
    with pytest.raises(InputError, match="read as EPSG:4547 it would fit"):
        near(wrong, HERE, place="x")
    near(HERE.to_crs(4547), HERE, place="x")


def test_a_place_for_a_finding_lies_inside():
    ring = shapely.box(0, 0, 10, 10).buffer(100).difference(shapely.box(0, 0, 10, 10).buffer(90))
    where = shapely.transform(ring, lambda xy: xy + np.array([421454, 3890000]))
    lon, lat = lon_lat(where, WORK)
    back = gpd.GeoSeries([shapely.Point(lon, lat)], crs=4490).to_crs(WORK).iloc[0]
    assert where.buffer(0.1).contains(back)
    assert lon_lat(shapely.Polygon(), WORK) is None


def test_a_wrong_zone_names_the_one_that_fits_and_what_it_would_cost():
    three_zones_east = HERE.to_crs(4549)
    (found,) = refused(three_zones_east, "x")
    assert found.code == "crs.zone"
    assert "EPSG:4547" in found.en
    cost = int(found.en.rsplit("off by ", 1)[1].split(" m²")[0])
    plane = three_zones_east.area.sum()
    true = ellipsoid.area(HERE.to_crs(4547).geometry, HERE.to_crs(4547).crs).sum()
    assert cost == pytest.approx((plane / true - 1) * 1e6, rel=0.02)


def test_what_is_asked_of_a_crs_is_remembered_by_what_it_says():
    asked = []

    @remembered(maxsize=8)
    def code_of(crs, more):
        asked.append((crs.to_epsg(), more))
        return crs.to_epsg(), more

    same = CRS.from_epsg(4547)
    assert [code_of(same, 1), code_of(same, 1), code_of(CRS(same.to_wkt()), 1)] == [(4547, 1)] * 3
    assert asked == [(4547, 1)]
    assert [code_of(same, 2), code_of(CRS.from_epsg(4546), 1)] == [(4547, 2), (4546, 1)]


def test_an_object_made_where_another_crs_was_is_not_taken_for_it():
    @remembered(maxsize=8)
    def code_of(crs):
        return crs.to_epsg()

    for number in range(600):  # each is let go before the next one is made
        code = 4534 + number % 21
        assert code_of(CRS.from_epsg(code)) == code
