"""Repair: what was valid is untouched, what comes out is valid, and everything that changed is in the report."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from shapely.affinity import translate
from shapely.geometry import MultiPolygon, Polygon, box

from zoneplan.errors import InputError
from zoneplan.topology.repair import METHODS, REPORT, repair

FAR = 38_421_454.25, 3_120_865.5
rings = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), min_size=4, max_size=9).map(Polygon)


def frame(*shapes):
    ids = [f"p{number}" for number in range(len(shapes))]
    moved = [translate(shape, *FAR) for shape in shapes]
    return gpd.GeoDataFrame(
        {"id": ids}, geometry=moved, crs=4526, index=[f"i{n}" for n in range(len(shapes))]
    )


def same(one, other):
    return shapely.to_wkb(one) == shapely.to_wkb(other)


@given(st.lists(rings, min_size=1, max_size=4), st.sampled_from(METHODS))
def test_what_comes_out_is_valid_and_repairing_again_changes_nothing(shapes, method):
    given_ = frame(*shapes)
    made, report = repair(given_, method)
    assert made.index.tolist() == given_.index.tolist()
    assert made.geometry.is_valid.all()
    assert set(report["feature"]) == set(given_["id"][~given_.geometry.is_valid])
    for key in given_.index[given_.geometry.is_valid]:
        assert same(made.geometry[key], given_.geometry[key])
    again, nothing = repair(made, method)
    assert nothing.empty
    assert all(same(a, b) for a, b in zip(made.geometry, again.geometry, strict=True))


@given(rings)
def test_areas_in_the_report_are_those_of_the_methods(shape):
    for method in METHODS:
        _, report = repair(frame(shape), method)
        if not report.empty:
            row = report.iloc[0]
            assert row["area_after_m2"] == pytest.approx(row[f"{method}_m2"], abs=1e-6)
            assert row["methods_differ"] == (abs(row["structure_m2"] - row["linework_m2"]) > 1e-6)


BOW_TIE = Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])
CROSSING_HOLE = Polygon(box(0, 0, 10, 10).exterior, [box(2, 2, 12, 4).exterior])
OVERLAPPING_PARTS = MultiPolygon([box(0, 0, 4, 4), box(2, 2, 6, 6)])


@pytest.mark.parametrize(
    ("shape", "before", "structure", "linework"),
    [(BOW_TIE, 0, 2, 2), (CROSSING_HOLE, 80, 84, 88), (OVERLAPPING_PARTS, 32, 28, 24)],
)
def test_areas_one_can_work_out_by_hand(shape, before, structure, linework):
    for method, after in (("structure", structure), ("linework", linework)):
        made, report = repair(frame(shape), method)
        row = report.iloc[0]
        assert list(report.columns) == list(REPORT)
        assert (row["method"], row["outcome"]) == (method, "repaired")
        assert row["area_before_m2"] == pytest.approx(before, abs=1e-6)
        assert row["area_after_m2"] == pytest.approx(after, abs=1e-6)
        assert made.geometry.iloc[0].area == pytest.approx(after, abs=1e-6)
        assert row["methods_differ"] == (structure != linework)


def test_a_spike_is_dropped_and_counted():
    spiked = Polygon([(0, 0), (4, 0), (4, 2), (9, 2), (4, 2), (4, 4), (0, 4)])
    made, report = repair(frame(spiked), "linework")
    assert made.geometry.iloc[0].area == pytest.approx(16)
    assert made.geometry.iloc[0].geom_type == "Polygon"
    assert report.iloc[0]["lines_dropped"] == 1


def test_what_cannot_be_repaired_is_said():
    with np.errstate(invalid="ignore"):
        wild = Polygon([(0, 0), (np.nan, 1), (1, 1), (0, 0)])
    flat = Polygon([(0, 0), (5, 5), (0, 0), (0, 0)])
    both = gpd.GeoDataFrame({"id": ["wild", "flat"]}, geometry=[wild, flat], crs=4547)
    made, report = repair(both)
    assert report.set_index("feature")["outcome"].to_dict() == {"wild": "kept", "flat": "collapsed"}
    assert made.geometry.iloc[1].is_empty


def test_missing_geometry_and_attributes_stay():
    given_ = gpd.GeoDataFrame({"id": ["a", "b"], "MJ": [1.5, 2.5]}, geometry=[None, BOW_TIE], crs=4547)
    made, report = repair(given_)
    assert made.geometry.iloc[0] is None
    assert made["MJ"].tolist() == [1.5, 2.5]
    assert report["feature"].tolist() == ["b"]
    assert given_.geometry.iloc[1] is BOW_TIE


def test_an_unknown_method_is_refused():
    with pytest.raises(InputError, match="choose from structure, linework"):
        repair(frame(BOW_TIE), "buffer")
