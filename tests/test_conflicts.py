"""The parcel check: laws first (nothing lost, nothing counted twice, unknown is never clear), then cases."""

from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from synthetic import CRS_CODE, layers, line, square
from zoneplan.check.conflicts import Desk, check_parcels
from zoneplan.check.lineindex import REACH_M
from zoneplan.check.lines import BOUNDARY, OUTSIDE, STANDARD
from zoneplan.check.rules import STRICTEST_FIRST
from zoneplan.check.verdicts import COLUMNS, Tolerance
from zoneplan.errors import InputError
from zoneplan.layers import LayerSet


def plan(components=("other", "", "concentrated")) -> LayerSet:
    made = layers(accuracy="surveyed")
    made["control_line"]["component"] = list(components)
    return made


def parcels(*shapes, **columns) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=list(shapes), crs=CRS_CODE)


def states(result, number=0):
    names = result.table.iloc[number * 4 : number * 4 + 4]
    return dict(zip(names["line"], names["state"], strict=True))


km = st.floats(0.05, 9.4)
boxes = st.lists(st.tuples(km, km, st.floats(0.01, 0.5), st.floats(0.01, 0.5)), min_size=1, max_size=8)


def strewn(rows):
    return parcels(
        *(square(x, y, x + w, y + h) for x, y, w, h in rows), id=[str(i) for i in range(len(rows))]
    )


@given(boxes)
@settings(max_examples=25, deadline=None)
def test_inside_and_outside_make_up_the_parcel(rows):
    table = check_parcels(strewn(rows), plan(), use="U10").table
    inside = table[table["line"] == BOUNDARY]["overlap_area_m2"].to_numpy()
    outside = table[table["line"] == OUTSIDE]["overlap_area_m2"].to_numpy()
    whole = table[table["line"] == BOUNDARY]["parcel_area_m2"].to_numpy()
    assert np.allclose(inside + outside, whole, rtol=1e-6, atol=0.02)


@given(boxes, st.randoms(use_true_random=False))
@settings(max_examples=15, deadline=None)
def test_the_order_of_parcels_does_not_matter(rows, random):
    frame = strewn(rows)
    order = list(range(len(rows)))
    random.shuffle(order)
    one = check_parcels(frame, plan(), use="U10").table.sort_values(["parcel_id", "line"], ignore_index=True)
    other = check_parcels(frame.iloc[order], plan(), use="U10").table.sort_values(
        ["parcel_id", "line"], ignore_index=True
    )
    assert one.equals(other)


@given(boxes)
@settings(max_examples=15, deadline=None)
def test_cutting_parcels_in_two_keeps_their_overlap(rows):
    halves = [
        half
        for x, y, w, h in rows
        for half in (square(x, y, x + w / 2, y + h), square(x + w / 2, y, x + w, y + h))
    ]
    whole = check_parcels(strewn(rows), plan(), use="U10").table.groupby("line")["overlap_area_m2"].sum()
    cut = check_parcels(parcels(*halves), plan(), use="U10").table.groupby("line")["overlap_area_m2"].sum()
    assert np.allclose(whole.sort_index(), cut.sort_index(), rtol=1e-6, atol=0.05)


@given(boxes, st.sampled_from(["U01", "U10", "U17", "0901", None]))
@settings(max_examples=20, deadline=None)
def test_overall_is_the_strictest_and_an_unknown_use_is_never_permitted_where_something_is_hit(rows, use):
    result = check_parcels(strewn(rows), plan(), use=use)
    for number, overall in enumerate(result.parcels["overall"]):
        mine = result.table.iloc[number * 4 : number * 4 + 4]
        assert overall == min(mine["verdict"], key=STRICTEST_FIRST.index)
        if use is None and (mine["state"] == "hit").any():
            assert overall == "undetermined"


def test_columns_states_and_verdicts_of_one_of_each():
    result = check_parcels(
        parcels(
            square(2, 4, 2.1, 4.1), square(0.9, 4, 1, 4.1), square(0.9, 4, 1.000001, 4.1), square(0.1, 0.1, 0.2, 0.2), square(11, 4, 11.1, 4.1),
            id=["hit", "touch", "sliver", "clear", "no_data"],
        ),
        plan(),
        use="U10",
    )  # fmt: skip
    assert tuple(result.table.columns) == COLUMNS
    farmland = result.table[result.table["line"] == "permanent_basic_farmland"].set_index("parcel_id")
    assert farmland["state"].to_dict() == {name: name for name in farmland.index}
    assert farmland["verdict"].to_dict() == {
        "hit": "prohibited",
        "touch": "permitted",
        "sliver": "undetermined",
        "clear": "permitted",
        "no_data": "undetermined",
    }
    assert farmland.loc["hit", "overlap_area_m2"] == pytest.approx(9998.5, abs=1)
    assert farmland.loc["sliver", "overlap_area_m2"] == pytest.approx(0.1, rel=0.01)
    assert np.isnan(farmland.loc["no_data", "overlap_area_m2"])
    assert farmland.loc["hit", ["rule_id", "verified"]].tolist() == ["PBF-U10", "no"]


def test_a_long_thin_strip_is_a_hit_however_thin():
    strip = square(1, 3.5, 7, 3.5001)
    assert states(check_parcels(parcels(strip), plan()))["permanent_basic_farmland"] == "hit"


def test_a_line_that_the_plan_lacks_has_no_data_and_never_clear():
    made = plan()
    made = replace(made, frames={**made.frames, "control_line": made["control_line"].drop(index=1)})
    result = check_parcels(parcels(square(2, 4, 2.1, 4.1)), made, use="U10")
    assert states(result)["permanent_basic_farmland"] == "no_data"
    assert list(result.table["line"]) == [*STANDARD, OUTSIDE]


def test_beyond_the_zone_nothing_is_clear():
    across = check_parcels(parcels(square(-0.1, 4, 0.1, 4.1), square(8.9, 8, 10.1, 8.1)), plan(), use="U10")
    assert set(states(across, 0).values()) == {"no_data", "hit"}, (
        "what is known to lie outside the boundary is said"
    )
    assert states(across, 1)["ecological_redline"] == "hit"
    assert any(f.code == "check.partly_covered" for f in across.findings)


def test_overlapping_polygons_of_one_line_count_once():
    twice = gpd.GeoDataFrame(geometry=[square(0, 0, 5, 5), square(3, 0, 8, 5)], crs=CRS_CODE)
    row = check_parcels(
        parcels(square(3.5, 1, 4.5, 2)), lines={"permanent_basic_farmland": twice}
    ).table.iloc[0]
    assert row["overlap_area_m2"] == row["parcel_area_m2"]
    assert row["overlap_share"] == 1.0


def test_only_the_lines_given_are_checked_without_a_plan():
    given_lines = {"饮用水水源保护区": gpd.GeoDataFrame(geometry=[square(0, 0, 1, 1)], crs=CRS_CODE)}
    result = check_parcels(
        parcels(square(0.5, 0.5, 0.6, 0.6), square(3, 3, 3.1, 3.1), square(90, 0, 90.1, 0.1)),
        lines=given_lines,
        use="U10",
    )
    assert list(result.table["state"]) == ["hit", "clear", "no_data"]
    assert list(result.table["verdict"]) == ["undetermined", "permitted", "undetermined"]
    assert [f.code for f in result.findings] == ["check.coverage"]


def test_several_components_are_each_judged():
    both = gpd.GeoDataFrame(
        {"component": ["core", "other"]}, geometry=[square(0, 0, 1, 1), square(1, 0, 2, 1)], crs=CRS_CODE
    )
    row = check_parcels(
        parcels(square(0.9, 0.1, 1.1, 0.2)), lines={"ecological_redline": both}, use="U17"
    ).table.iloc[0]
    assert row["verdict"] == "prohibited"
    assert set(row["rule_id"].split(";")) == {"ERL_CORE-U17", "ERL_OTHER-U17"}


def test_schematic_lines_are_not_for_approvals():
    result = check_parcels(parcels(square(2, 4, 2.1, 4.1)), layers(), use="U10")
    assert result.schematic
    assert result.receipt["schematic"]
    assert any("不得用于用地审批" in f.zh for f in result.findings)


def test_as_many_parcels_come_out_as_went_in():
    bow = shapely.Polygon([(423454, 3124865), (423554, 3124965), (423554, 3124865), (423454, 3124965)])
    frame = parcels(square(2, 4, 2.1, 4.1), None, shapely.Polygon(), bow, BSM=["a", "b", "c", "d"])
    result = check_parcels(frame, plan(), use="U10")
    assert list(result.parcels["parcel_id"]) == ["a", "b", "c", "d"]
    assert set(states(result, 1).values()) == {"no_data"}
    codes = [f.code for f in result.findings]
    assert codes.count("parcels.empty") == 1
    assert next(f.feature for f in result.findings if f.code == "parcels.empty") == ("b", "c")
    assert codes.count("parcels.repaired") == 1
    assert result.receipt["parameters"]["id_field"] == "BSM"


def test_ids_and_uses():
    frame = parcels(square(2, 4, 2.1, 4.1), square(3, 4, 3.1, 4.1), no=["x", "x"], YDYHFLDM=["0701", None])
    numbered = check_parcels(frame, plan())
    assert list(numbered.parcels["parcel_id"]) == ["1", "2"]
    assert list(numbered.parcels["overall"]) == ["prohibited", "undetermined"]
    named = check_parcels(frame, plan(), id_field="no")
    assert any(f.code == "parcels.id_repeated" for f in named.findings)
    with pytest.raises(InputError, match=r"there is no field 'nix'; there are: no, YDYHFLDM"):
        check_parcels(frame, plan(), id_field="nix")


def test_parcels_that_are_no_polygons_have_no_data_and_the_others_are_checked():
    with np.errstate(invalid="ignore"):
        wild = shapely.from_wkt("POLYGON ((0 0, 0 NaN, 1 1, 0 0))")
    frame = parcels(square(2, 4, 2.1, 4.1), line((0, 0), (1, 1)), wild, BSM=["a", "b", "c"])
    result = check_parcels(frame, plan(), use="U10")
    found = {f.code: f.feature for f in result.findings}
    assert found["parcels.type"] == ("b",)
    assert found["parcels.coordinates"] == ("c",)
    alone = check_parcels(frame.iloc[:1], plan(), use="U10").table
    pd.testing.assert_frame_equal(result.table[: len(alone)], alone)
    assert set(result.table["state"][len(alone) :]) == {"no_data"}
    with pytest.raises(InputError, match="none of the 1 features is a polygon"):
        check_parcels(parcels(line((0, 0), (1, 1))), plan())


def test_planar_areas_are_there_on_request():
    row = check_parcels(parcels(square(2, 4, 3, 5)), plan(), area="planar").table.iloc[1]
    assert row["parcel_area_m2"] == 1e6
    assert row["overlap_area_m2"] == 1e6


def test_degrees_and_other_zones_come_in_through_the_gate():
    frame = parcels(square(2, 4, 2.1, 4.1))
    want = check_parcels(frame, plan(), use="U10").table["overlap_area_m2"].fillna(-1)
    for crs in (4490, 4326, 4526):
        got = check_parcels(frame.to_crs(crs), plan(), use="U10").table["overlap_area_m2"].fillna(-1)
        assert np.allclose(got, want, atol=0.01)
    with pytest.raises(InputError, match="Web Mercator"):
        check_parcels(frame.to_crs(3857), plan())


def test_a_parcel_does_not_pass_because_nobody_looked():
    frame = parcels(square(2, 4, 2.1, 4.1))
    for nothing in (None, {}):
        with pytest.raises(InputError, match="there is no line to check against"):
            check_parcels(frame, lines=nothing)
    drawn = parcels(line((0, 4), (5, 4)), None)
    with pytest.raises(InputError, match="2 features are empty or no polygons: #1, #2") as caught:
        check_parcels(frame, plan(), lines={"permanent_basic_farmland": drawn, "other": frame.iloc[:0]})
    assert [f.code for f in caught.value.faults] == ["check.line_type", "check.line_empty"]
    with pytest.raises(ValueError, match="area is 'foo', expected one of ellipsoidal, planar"):
        check_parcels(frame, plan(), area="foo")


def test_without_a_plan_parcels_without_extent_take_the_zone_of_the_lines():
    given_lines = {"permanent_basic_farmland": parcels(square(0, 0, 1, 1))}
    result = check_parcels(parcels(None), lines=given_lines)
    assert list(result.table["state"]) == ["no_data"]
    assert check_parcels(parcels(None).iloc[:0], lines=given_lines).table.empty
    assert result.receipt["crs"] == CRS_CODE


def test_a_missing_id_of_any_kind_is_said():
    frame = parcels(square(2, 4, 2.1, 4.1), square(3, 4, 3.1, 4.1), no=pd.array(["a", pd.NA], dtype="string"))
    result = check_parcels(frame, plan(), id_field="no")
    assert list(result.parcels["parcel_id"]) == ["a", "#2"]
    assert any(f.code == "parcels.id_missing" for f in result.findings)


def test_a_parcel_that_cannot_be_measured_has_no_data_and_is_never_clear(monkeypatch):
    monkeypatch.setattr(
        "zoneplan.check.parcels._sound", lambda shapes, ids, crs: (gpd.GeoSeries(shapes, crs=crs), [])
    )
    x, y = square(1, 1, 2, 2).bounds[:2]
    bow_tie = shapely.Polygon([(x, y), (x + 90, y + 90), (x + 90, y), (x, y + 90)])
    result = check_parcels(parcels(bow_tie, square(1, 1, 1.1, 1.1)), plan(), use="U10")
    assert set(states(result, 0).values()) == {"no_data"}
    assert set(result.table["verdict"][:4]) == {"undetermined"}
    assert "overlap.feature" in {finding.code for finding in result.findings}
    assert "no_data" not in states(result, 1).values()


@given(st.floats(-130, 160), st.sampled_from([1, 5, 18]))
@settings(deadline=None, max_examples=25)
def test_the_flip_distance_is_how_far_the_line_would_have_to_move(gap, depth):
    # a line's straight edge at x = 0 with its ground to the west; the parcel from x = gap on
    x, y = square(0, 0, 1, 1).bounds[:2]
    ground = gpd.GeoDataFrame(geometry=[shapely.box(x - 5000, y - 5000, x, y + 5000)], crs=CRS_CODE)
    parcel = shapely.box(x - depth - gap, y, x - gap + 40, y + 50)
    result = check_parcels(parcels(parcel), lines={"a": ground}, area="planar")
    row, flip = result.table.iloc[0], float(result.flip_distance_m[0])
    away = -depth - gap
    if away > 1e-3:
        assert row["state"] == "clear"
        assert flip == pytest.approx(min(away, REACH_M), abs=1e-6)
    elif row["state"] == "hit" and -away < REACH_M:
        assert flip == pytest.approx(-away, abs=1e-6)
    for change, state in ((flip + 0.5, "flipped"), (flip - 0.5, row["state"])):
        if change <= 0 or abs(away) < 1 or abs(away) > REACH_M:
            continue
        moved = ground.translate(change if away > 0 else -change)
        then = check_parcels(parcels(parcel), lines={"a": gpd.GeoDataFrame(geometry=moved)}, area="planar")
        there = then.table["state"].iloc[0] in ("hit", "sliver")
        assert there == ((row["state"] in ("hit", "sliver")) != (state == "flipped"))


def test_deep_inside_the_flip_distance_is_a_lower_bound_and_without_data_there_is_none():
    result = check_parcels(parcels(square(2, 4, 2.1, 4.1)), plan(), use="U10")
    deep = dict(zip(result.table["line"], result.flip_distance_m, strict=True))
    assert deep["permanent_basic_farmland"] >= REACH_M
    assert np.isnan(check_parcels(parcels(None), plan()).flip_distance_m).all()


def test_a_desk_answers_as_a_single_check_does_one_parcel_at_a_time():
    rows = [(0.4 * n, 0.3 * n, 0.4 * n + 0.7, 0.3 * n + 0.5) for n in range(20)]
    frame = parcels(*(square(*row) for row in rows))
    desk, whole = Desk(plan()), check_parcels(frame, plan(), use="U10")
    single = [desk.check(frame.iloc[[n]], use="U10") for n in range(len(frame))]
    columns = [name for name in COLUMNS if name != "parcel_id"]
    together = pd.concat([one.table for one in single], ignore_index=True)
    pd.testing.assert_frame_equal(together[columns], whole.table[columns], rtol=1e-12)
    flips = np.concatenate([one.flip_distance_m for one in single])
    np.testing.assert_allclose(flips, whole.flip_distance_m, atol=1e-9)
    areas = pd.concat([one.pieces for one in single]).area
    np.testing.assert_allclose(areas, whole.pieces.area, atol=1e-6)


def test_where_the_files_given_are_complete_can_be_said():
    line_file = gpd.GeoDataFrame(geometry=[square(0, 0, 1, 1)], crs=CRS_CODE)
    near, far = square(1.2, 0, 1.3, 0.1), square(3, 3, 3.1, 3.1)
    known = gpd.GeoDataFrame(geometry=[square(0, 0, 2, 2)], crs=CRS_CODE)
    result = check_parcels(parcels(near, far), lines={"a": line_file}, coverage=known)
    assert list(result.table["state"]) == ["clear", "no_data"]
    assert "check.coverage" not in {f.code for f in result.findings}
    assert set(check_parcels(parcels(near, far), lines={"a": line_file}).table["state"]) == {"clear"}


def test_a_parcel_partly_beyond_what_is_known_is_undetermined_unless_prohibited():
    line_file = gpd.GeoDataFrame(geometry=[square(0, 0, 1, 1)], crs=CRS_CODE)
    known = gpd.GeoDataFrame(geometry=[square(0, 0, 2, 2)], crs=CRS_CODE)
    across = parcels(square(0.5, 0.5, 2.5, 0.6))
    for use in ("U01", "U10"):
        result = check_parcels(
            across, lines={"urban_development_boundary": line_file}, coverage=known, use=use
        )
        inside = result.table.iloc[0]
        assert inside["state"] == "hit"
        alone = check_parcels(
            parcels(square(0.5, 0.5, 0.9, 0.6)), lines={"urban_development_boundary": line_file}, use=use
        )
        free = alone.table.iloc[0]["verdict"]
        assert inside["verdict"] == (free if free == "prohibited" else "undetermined")
        said = next(f for f in result.findings if f.code == "check.partly_covered")
        assert "m²" in said.zh


def test_a_line_can_have_tolerances_of_its_own():
    strip = parcels(square(2, 4, 2.00001, 4.1))
    wide = Tolerance(area_m2=1e9, width_m=1e3)
    plain = check_parcels(strip, plan(), use="U10")
    loose = check_parcels(strip, plan(), use="U10", tolerances={"permanent_basic_farmland": wide})
    there = plain.table["line"] == "permanent_basic_farmland"
    assert list(loose.table.loc[there, "state"]) == ["sliver"]
    pd.testing.assert_frame_equal(loose.table[~there], plain.table[~there])
    kept = loose.receipt["parameters"]["tolerances"]
    assert kept["permanent_basic_farmland"] == {"area_m2": 1e9, "width_m": 1e3}
