"""A check run again from its receipt: nothing changed right after, and every change is named with its cause."""

import csv
import json
import shutil
from dataclasses import astuple, replace

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import CRS

from synthetic import CRS_CODE, square
from zoneplan import cli
from zoneplan.check.layerprint import compare, make_print, read_print
from zoneplan.check.request import CheckRequest
from zoneplan.check.rulefile import COLUMNS, read_rules
from zoneplan.errors import InputError
from zoneplan.jobs.checking import check
from zoneplan.jobs.verify import read_record, verify, write_report
from zoneplan.render.conflict_papers import write_conflicts_json

FARMLAND = "permanent_basic_farmland"
RULES = {rule.rule_id: rule for rule in read_rules().rules}


def write_rules(path, *rules):
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows(astuple(rule) for rule in rules)


@pytest.fixture
def desk(tmp_path, monkeypatch):
    """A folder with parcels, farmland, office rules and overrides, and the record of a check made in it."""
    monkeypatch.chdir(tmp_path)
    shapes = [square(0.5 + i, 4, 0.7 + i, 4.1) for i in range(4)]
    parcels = gpd.GeoDataFrame({"id": list("abcd"), "use": ["U10"] * 4}, geometry=shapes, crs=CRS_CODE)
    parcels.to_file("parcels.shp")
    farmland = gpd.GeoDataFrame(
        {"name": ["west", "east"]}, geometry=[square(0, 3, 1, 5), square(2.6, 3, 9, 5)], crs=CRS_CODE
    )
    farmland.to_file("YJJBNT.gpkg", layer="YJJBNTTB")
    write_rules(tmp_path / "office.csv", replace(RULES["PBF-U10"], condition="本单位口径"))
    (tmp_path / "marks.csv").write_text(
        f"parcel_id,line,name,reason,date\na,{FARMLAND},王工,已调出,2026-03-01\n", encoding="utf-8"
    )
    request = CheckRequest(
        "parcels.shp", lines={FARMLAND: "YJJBNT.gpkg:YJJBNTTB"}, rules=("office.csv",), overrides="marks.csv", national_major="文号"
    )  # fmt: skip
    record(request, tmp_path)
    return tmp_path


def record(request, folder):
    (folder / "out").mkdir(exist_ok=True)
    write_conflicts_json(folder / "out" / "conflicts.json", check(request).result)


def again(folder, **options):
    return verify(folder / "out" / "conflicts.json", **options)


def sections(found):
    return {change.section for change in found.changes}


def test_right_after_a_check_nothing_has_changed(desk, capsys):
    assert again(desk).changes == ()
    assert not again(desk).changed
    with pytest.raises(SystemExit) as stopped:
        cli.main(["verify", "out/conflicts.json", "--lang", "en"])
    assert stopped.value.code == 0
    assert (
        capsys.readouterr().out == "nothing changed: inputs, rules and answers of 4 parcels are as recorded\n"
    )


def test_the_receipt_holds_what_it_takes_to_run_again(desk):
    receipt = json.loads((desk / "out" / "conflicts.json").read_text(encoding="utf-8"))["receipt"]
    assert [row["role"] for row in receipt["inputs"]] == ["parcels", f"line {FARMLAND}", "rules", "overrides"]
    assert receipt["inputs"][0]["parts"].keys() == {".shx", ".dbf", ".prj", ".cpg"}
    assert receipt["inputs"][1]["path"] == "YJJBNT.gpkg:YJJBNTTB"
    assert receipt["inputs"][1]["layer"] == "YJJBNTTB"
    assert receipt["parameters"]["national_major"] == "文号"
    assert receipt["rule_files"][0]["replaced"] == ["PBF-U10"]
    assert receipt["layers"]["parcels"]["features"] == 4
    assert CheckRequest.read(receipt["request"], "x").record() == receipt["request"]


def test_one_vertex_of_one_layer_is_named_with_count_and_area(desk, capsys):
    frame = gpd.read_file("YJJBNT.gpkg", layer="YJJBNTTB")
    corners = shapely.get_coordinates(frame.geometry[1])
    corners[corners[:, 0].argmin()] += (0.003, 0)
    corners[-1] = corners[0]
    frame.loc[1, "geometry"] = shapely.Polygon(corners)
    frame.to_file("YJJBNT.gpkg", layer="YJJBNTTB")
    found = again(desk)
    assert sections(found) == {"inputs", "layers", "parcels"}
    (layer,) = found.section("layers")
    assert (layer.data["changed"], layer.data["added"], layer.data["removed"], layer.data["features"]) == (
        1,
        0,
        0,
        [2],
    )
    assert layer.data["area_m2"] == pytest.approx(-3, abs=0.05)
    assert layer.en == f"{FARMLAND} (YJJBNT.gpkg) changed: 1 feature, −{-layer.data['area_m2']:.2f} m² (#2)"
    assert {change.data["id"] for change in found.section("parcels")} == {"c"}
    assert found.section("parcels")[0].data["because"] == [f"line {FARMLAND}"]
    with pytest.raises(SystemExit) as stopped:
        cli.main(["verify", "out/conflicts.json", "-o", "verify.json", "--lang", "zh"])
    assert stopped.value.code == 1
    assert "1 个要素改变,−2." in capsys.readouterr().out
    report = json.loads((desk / "verify.json").read_text(encoding="utf-8"))
    assert report["changed"] is True
    assert (
        report["parcels"][0]["changes"]["overlap_area_m2"][0]
        > report["parcels"][0]["changes"]["overlap_area_m2"][1]
    )


def test_attributes_alone_are_told_from_geometry(desk):
    frame = gpd.read_file("parcels.shp")
    frame.loc[0, "use"] = "U01"
    frame.to_file("parcels.shp")
    found = again(desk)
    assert sections(found) == {"inputs"}, "a declared national project is judged as such whatever its use"
    assert "its geometry does not" in found.changes[0].en


def test_rows_of_rules_that_changed_are_named_by_field(desk):
    record(CheckRequest("parcels.shp", lines={FARMLAND: "YJJBNT.gpkg:YJJBNTTB"}, rules=("office.csv",)), desk)
    write_rules(
        desk / "office.csv",
        replace(RULES["PBF-U10"], verdict="restricted"),
        replace(RULES["FARM-U10"], condition="x"),
    )
    found = again(desk)
    used, unused = found.section("rules")[::-1]
    assert used.data["rule_id"] == "PBF-U10"
    assert used.data["fields"]["verdict"] == ["prohibited", "restricted"]
    assert unused.en == "rule FARM-U10 changed (it was not used)"
    moved = found.section("parcels")
    assert {change.data["id"] for change in moved} == {"a", "c", "d"}
    assert {change.data["because"][0] for change in moved if change.data["line"]} == {"rule PBF-U10"}


def test_overrides_parcels_and_records_that_changed(desk):
    (desk / "marks.csv").write_text("parcel_id,line,name,reason,date\n", encoding="utf-8")
    gpd.read_file("parcels.shp").iloc[1:].to_file("parcels.shp")
    path = desk / "out" / "conflicts.json"
    path.write_text(
        path.read_text(encoding="utf-8").replace('"overall": "restricted"', '"overall": "permitted"', 2),
        encoding="utf-8",
    )
    found = again(desk)
    assert {"inputs", "layers", "overrides", "parcels"} == sections(found)
    assert "parcel a is gone" in [change.en for change in found.section("parcels")]
    assert found.section("overrides")[0].en == f"override a · {FARMLAND}: taken back"


def test_a_record_altered_by_hand_is_found_out(desk):
    path = desk / "out" / "conflicts.json"
    path.write_text(
        path.read_text(encoding="utf-8").replace('"verdict": "restricted"', '"verdict": "permitted"', 1),
        encoding="utf-8",
    )
    (change,) = again(desk).changes
    assert change.data["changes"] == {"verdict": ["permitted", "restricted"]}
    assert change.data["because"] == ["the record 记录本身"]


def test_versions_alone_change_no_answer(desk, capsys):
    path = desk / "out" / "conflicts.json"
    data = json.loads(path.read_text(encoding="utf-8"))
    data["receipt"]["versions"]["numpy"] = "1.0"
    path.write_text(json.dumps(data), encoding="utf-8")
    assert sections(again(desk)) == {"versions"}
    with pytest.raises(SystemExit) as stopped:
        cli.main(["verify", "out/conflicts.json", "--lang", "en"])
    assert stopped.value.code == 0
    assert "nothing changed" in (out := capsys.readouterr().out)
    assert "version of numpy: 1.0 →" in out


def test_inputs_are_found_beside_the_record_or_under_a_root_and_else_all_named(
    desk, tmp_path_factory, monkeypatch
):
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    monkeypatch.chdir(elsewhere)
    with pytest.raises(InputError, match=r"parcels: the input 'parcels\.shp' is not found") as caught:
        again(desk)
    assert [fault.place for fault in caught.value.faults] == [
        "parcels",
        f"line {FARMLAND}",
        "rules",
        "overrides",
    ]
    assert not again(desk, root=desk).changed
    for path in desk.iterdir():
        if path.is_file():
            shutil.copy(path, desk / "out" / path.name)
    assert not again(desk).changed


def test_inputs_that_can_no_longer_be_checked_say_so(desk):
    (desk / "marks.csv").write_text(
        f"parcel_id,line,name,reason,date\nzz,{FARMLAND},王工,x,2026-03-01\n", encoding="utf-8"
    )
    with pytest.raises(
        InputError, match=r"(?s)can no longer be checked as recorded.*there is no parcel 'zz'"
    ):
        again(desk)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda data: data.update(schema="other"), "schema should be"),
        (lambda data: data["receipt"].pop("request"), "written by an older version"),
        (
            lambda data: data["receipt"]["request"].update(area=5, nonsense=1),
            r"receipt\.request\.nonsense: unknown key",
        ),
        (lambda data: data["receipt"]["request"].pop("parcels"), r"receipt\.request\.parcels: missing"),
        (lambda data: data["trace"]["features"].update(parcels="?"), "incomplete or damaged"),
        (lambda data: data["parcels"][0].pop("lines"), "incomplete or damaged"),
    ],
)
def test_records_that_are_none_are_refused(desk, change, message):
    path = desk / "out" / "conflicts.json"
    data = json.loads(path.read_text(encoding="utf-8"))
    change(data)
    path.write_text(json.dumps(data), encoding="utf-8")
    with pytest.raises(InputError, match=message):
        read_record(path)


def test_a_report_is_written_whole(desk, tmp_path):
    write_report(tmp_path / "v.json", again(desk))
    report = json.loads((tmp_path / "v.json").read_text(encoding="utf-8"))
    assert report["changed"] is False
    assert report["parcels_compared"] == 4
    assert report["layers"] == []


boxes = st.lists(st.integers(0, 30), min_size=1, max_size=12)


def frame_of(places):
    return gpd.GeoDataFrame(geometry=[square(x, 0, x + 0.5, 1) for x in places], crs=CRS_CODE)


@given(boxes, boxes)
def test_prints_tell_exactly_what_was_added_and_removed(before, after):
    crs = CRS.from_user_input(CRS_CODE)
    old, new = (make_print(frame_of(places), crs, place="x") for places in (before, after))
    change = compare(read_print(old.record(), old.packed()), new)
    gone, come = (
        [place for place in set(mine) for _ in range(mine.count(place) - other.count(place))]
        for mine, other in ((before, after), (after, before))
    )
    if not gone and not come:
        assert change is None
        return
    both = min(len(gone), len(come))
    assert (change.changed, change.added, change.removed) == (both, len(come) - both, len(gone) - both)
    assert sorted(after[number - 1] for number in change.numbers) == sorted(come)
    assert change.area_m2 == pytest.approx(new.area_m2 - old.area_m2)


def test_shapes_that_cannot_be_measured_count_nothing_and_are_still_compared():
    crs = CRS.from_user_input(CRS_CODE)
    frame = gpd.GeoDataFrame(geometry=[None, shapely.Polygon(), square(0, 0, 1, 1)], crs=CRS_CODE)
    made = make_print(frame, crs, place="x")
    assert made.features == 3
    assert np.isfinite(made.area_m2)
    assert compare(made, make_print(frame.iloc[1:], crs, place="x")).removed == 1
