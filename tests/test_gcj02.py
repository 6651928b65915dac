"""GCJ-02 and BD-09: there and back closes, and the values are those that other libraries print."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from zoneplan.crs.gcj02 import CLOSES, from_bd09, from_gcj02, to_bd09, to_gcj02

LON, LAT = st.floats(73, 136), st.floats(3, 54)


@given(LON, LAT)
def test_there_and_back_closes(lon, lat):
    at = np.array([[lon, lat]])
    assert np.abs(from_gcj02(to_gcj02(at)) - at).max() < CLOSES
    assert np.abs(from_bd09(to_bd09(at)) - at).max() < CLOSES
    assert np.abs(to_gcj02(from_gcj02(at)) - at).max() < CLOSES


@given(st.floats(-1e-6, 1e-6), LAT)
def test_it_closes_where_the_root_in_the_formula_has_no_slope(near, lat):
    at = np.array([[105 + near, lat]])
    assert np.abs(from_gcj02(to_gcj02(at)) - at).max() < CLOSES


@given(LON, LAT)
def test_the_shift_is_some_hundred_metres(lon, lat):
    (far, farther), (there, further) = to_gcj02([[lon, lat]])[0], to_bd09([[lon, lat]])[0]
    assert 10 < Geod(ellps="GRS80").inv(lon, lat, far, farther)[2] < 1500
    assert 10 < Geod(ellps="GRS80").inv(lon, lat, there, further)[2] < 2500


@pytest.mark.parametrize(
    ("lonlat", "gcj"),
    [
        ((116.404, 39.915), (116.41024449916938, 39.91640428150164)),  # coordtransform's README
        ((120.596931, 31.280844), (120.60109998322247, 31.278648624428175)),  # evil_transform's documentation
    ],
)
def test_published_values(lonlat, gcj):
    np.testing.assert_allclose(to_gcj02([lonlat])[0], gcj, atol=5e-8)


def test_published_value_of_bd09():
    gcj = np.array([[116.404, 39.915]])
    np.testing.assert_allclose(
        to_bd09(from_gcj02(gcj))[0], (116.41036949371029, 39.92133699351022), atol=1e-9
    )


def test_outside_china_nothing_is_shifted_and_no_points_are_none():
    assert to_gcj02([[2.3, 48.8]]).tolist() == [[2.3, 48.8]]
    assert from_gcj02(np.zeros((0, 2))).shape == (0, 2)
