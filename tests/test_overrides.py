"""Hits marked as not applicable: nothing that was found changes, everything that is wrong is said at once."""

import csv
import json
from collections import Counter

import geopandas as gpd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthetic import CRS_CODE, layers, square
from zoneplan.check.conflicts import check_parcels
from zoneplan.check.overrides import (
    TABLE_COLUMNS,
    Override,
    apply_overrides,
    overall_with_overrides,
    overrides_from,
)
from zoneplan.check.rules import STRICTEST_FIRST
from zoneplan.errors import InputError
from zoneplan.io.rowfiles import read_rows
from zoneplan.render import conflict_papers as papers
from zoneplan.render.maplayers import drawings
from zoneplan.render.style import read_style

FARMLAND = "permanent_basic_farmland"
DAY = "2026-03-01"


def made():
    shapes = [
        square(2, 4, 2.1, 4.1),
        square(3, 4, 3.1, 4.1),
        square(0.1, 0.1, 0.2, 0.2),
        square(11, 4, 11.1, 4.1),
    ]
    frame = gpd.GeoDataFrame({"id": ["a", "b", "c", "far"]}, geometry=shapes, crs=CRS_CODE)
    return check_parcels(frame, layers(accuracy="surveyed"), use="U10")


RESULT = made()
HITS = [(row.parcel_id, row.line) for row in RESULT.table.itertuples() if row.state in ("hit", "sliver")]


def mark(parcel="a", line=FARMLAND, name="王工", reason="图斑已调出", day=DAY, place="o.csv:2"):
    return Override(parcel, line, name, reason, day, place)


def test_applying_no_override_changes_nothing():
    assert apply_overrides(RESULT, ()) is RESULT
    assert overall_with_overrides(RESULT) == RESULT.parcels["overall"].tolist()


@given(st.lists(st.sampled_from(HITS), unique=True))
def test_what_was_found_stays_and_the_verdict_with_overrides_is_never_stricter(chosen):
    after = apply_overrides(RESULT, [mark(*key, place="") for key in chosen])
    assert after.table.equals(RESULT.table)
    assert after.details == RESULT.details
    assert after.parcels["overall"].tolist() == RESULT.parcels["overall"].tolist()
    assert len(after.receipt.get("overrides", ())) == len(chosen)
    for before, now in zip(RESULT.parcels["overall"], overall_with_overrides(after), strict=True):
        assert STRICTEST_FIRST.index(now) >= STRICTEST_FIRST.index(before)


@given(st.permutations(HITS))
def test_the_order_in_which_hits_are_marked_does_not_matter(order):
    one = apply_overrides(RESULT, [mark(*key) for key in order])
    other = apply_overrides(RESULT, [mark(*key) for key in HITS])
    assert one.receipt == other.receipt
    assert one.findings == other.findings


def test_one_marked_hit_leaves_the_other_lines_in_force():
    after = apply_overrides(RESULT, [mark()])
    assert RESULT.parcels["overall"].tolist()[0] == "prohibited"
    left = RESULT.table[(RESULT.table["parcel_id"] == "a") & (RESULT.table["line"] != FARMLAND)]["verdict"]
    assert overall_with_overrides(after)[0] == min(left, key=STRICTEST_FIRST.index)
    assert overall_with_overrides(after)[1:] == RESULT.parcels["overall"].tolist()[1:]
    said = next(finding for finding in after.findings if finding.code == "check.overridden")
    assert said.severity == "warning"
    assert "1 hits marked" in said.en


def test_every_fault_at_once():
    bad = [
        mark("nobody"), mark(line="nowhere"), mark(reason=" "), mark(name="", day="2026-02-30"), mark("b"), mark("b", place="o.csv:9"),
        mark("c"), mark("far"),
    ]  # fmt: skip
    with pytest.raises(InputError, match="there is no parcel 'nobody'") as caught:
        apply_overrides(RESULT, bad)
    codes = Counter(fault.code.removeprefix("overrides.") for fault in caught.value.faults)
    assert codes == {"parcel": 1, "line": 1, "missing": 2, "date": 1, "twice": 2, "state": 2}
    text = str(caught.value)
    assert "the state of parcel 'far' on this line is no_data; only hit and sliver can be marked" in text
    assert "the state of parcel 'c' on this line is clear" in text
    assert "o.csv:9: parcel 'b' on 'permanent_basic_farmland' was marked in o.csv:2 already" in text


def test_an_id_that_several_parcels_have_marks_none_of_them():
    frame = gpd.GeoDataFrame(
        {"no": ["x", "x"]}, geometry=[square(2, 4, 2.1, 4.1), square(3, 4, 3.1, 4.1)], crs=CRS_CODE
    )
    result = check_parcels(frame, layers(), use="U10", id_field="no")
    with pytest.raises(InputError, match="'x' is the id of 2 parcels"):
        apply_overrides(result, [mark("x")])


def test_the_file_may_be_csv_in_gbk_with_chinese_headings_or_yaml(tmp_path):
    (tmp_path / "o.csv").write_bytes(
        f"地块编号,控制线,姓名,理由,日期\na,{FARMLAND},王工,图斑已调出,{DAY}\n".encode("gb18030")
    )
    (tmp_path / "o.yaml").write_text(
        f"- parcel_id: a\n  line: {FARMLAND}\n  name: 王工\n  reason: 图斑已调出\n  date: {DAY}\n",
        encoding="utf-8",
    )
    read = [
        overrides_from(read_rows(tmp_path / name, code="overrides", yaml=True))
        for name in ("o.csv", "o.yaml")
    ]
    assert [one.record() for one in read[0]] == [one.record() for one in read[1]] == [mark().record()]
    assert [file[0].place for file in read] == ["o.csv:2", "o.yaml:1: [0]"]
    (tmp_path / "bad.csv").write_text("parcel_id,line,who\na,b,c\n", encoding="utf-8")
    with pytest.raises(
        InputError, match="columns should be parcel_id, line, name, reason, date; found parcel_id, line, who"
    ):
        overrides_from(read_rows(tmp_path / "bad.csv", code="overrides"))


def test_papers_keep_what_was_found_and_name_who_marked_it(tmp_path):
    after = apply_overrides(RESULT, [mark(reason="=1+1")])
    for writer, name in (
        (papers.write_conflicts_csv, "csv"),
        (papers.write_conflicts_json, "json"),
        (papers.write_conflicts_gpkg, "gpkg"),
    ):
        writer(tmp_path / f"plain.{name}", RESULT)
        writer(tmp_path / f"marked.{name}", after)
    rows = {}
    for name in ("plain", "marked"):
        with (tmp_path / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
            rows[name] = list(csv.reader(file))
    assert rows["marked"][0] == [*rows["plain"][0], *TABLE_COLUMNS]
    assert [row[: len(rows["plain"][0])] for row in rows["marked"]] == rows["plain"]
    assert [row[-3:] for row in rows["marked"][1:] if row[-3]] == [["王工", "'=1+1", DAY]]
    plain, marked = (
        json.loads((tmp_path / f"{name}.json").read_text(encoding="utf-8")) for name in ("plain", "marked")
    )
    assert plain["summary"]["overrides"] == 0
    assert marked["summary"]["overrides"] == 1
    assert marked["parcels"][0]["overall"] == "prohibited"
    assert marked["parcels"][0]["overall_with_overrides"] == overall_with_overrides(after)[0]
    found = {line["line"]: line["override"] for line in marked["parcels"][0]["lines"]}
    assert found.pop(FARMLAND) == mark(reason="=1+1").record()
    assert set(found.values()) == {None}
    pieces = gpd.read_file(tmp_path / "marked.gpkg", layer="overlap")
    assert list(pieces[pieces["override_name"] == "王工"]["line"]) == [FARMLAND]
    assert set(gpd.read_file(tmp_path / "plain.gpkg", layer="overlap").columns).isdisjoint(TABLE_COLUMNS)
    words = {
        name: str([one.features for one in drawings(layers(), result, read_style(), "en")])
        for name, result in (("plain", RESULT), ("marked", after))
    }
    assert "marked not applicable" in words["marked"]
    assert "marked not applicable" not in words["plain"]
