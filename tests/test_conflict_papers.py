"""Papers of a check: the contract's columns, inert text, equal bytes, other programs open them."""

import csv
import json
import math
import re
from dataclasses import replace
from pathlib import Path

import docx
import geopandas as gpd
import openpyxl
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import zoneplan as zp
from synthetic import CRS_CODE, layers, square
from zoneplan.check.conflicts import check_parcels
from zoneplan.check.outcomes import parcel_outcomes
from zoneplan.check.request import CheckRequest
from zoneplan.check.verdicts import COLUMNS
from zoneplan.io.jsonstream import write_json_stream
from zoneplan.jobs.checking import check
from zoneplan.landuse.composition import COLUMNS as LANDUSE
from zoneplan.landuse.composition import LandUse
from zoneplan.render import columnsheets, conflict_book
from zoneplan.render import conflict_papers as papers
from zoneplan.render.conflict_book import write_conflicts_xlsx
from zoneplan.render.word.paper import write_conflicts_docx
from zoneplan.resources import data_dir

EVIL = ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\tx", '=HYPERLINK("http://x")']
WRITERS = {
    "csv": papers.write_conflicts_csv,
    "json": papers.write_conflicts_json,
    "xlsx": write_conflicts_xlsx,
    "gpkg": papers.write_conflicts_gpkg,
}


@pytest.fixture(scope="module")
def result():
    shapes = [square(0.5 + i, 4, 0.7 + i, 4.1) for i in range(len(EVIL))]
    frame = gpd.GeoDataFrame(
        {"id": EVIL, "use": ["U10", "U01", "U17", None, "0901", "U10"]}, geometry=shapes, crs=CRS_CODE
    )
    return check_parcels(frame, layers())


@pytest.mark.parametrize("name", WRITERS)
def test_equal_results_give_equal_bytes(tmp_path, result, name):
    for run in ("one", "two"):
        (tmp_path / run).mkdir()
        WRITERS[name](tmp_path / run / f"c.{name}", result)
    assert (tmp_path / "one" / f"c.{name}").read_bytes() == (tmp_path / "two" / f"c.{name}").read_bytes()


def test_csv_is_the_contract(tmp_path, result):
    path = tmp_path / "c.csv"
    papers.write_conflicts_csv(path, result)
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == COLUMNS
    assert len(rows) == 4 * len(EVIL)
    assert all(not row["parcel_id"].startswith(("=", "+", "-", "@", "\t")) for row in rows)
    assert [row["parcel_id"].removeprefix("'") for row in rows[::4]] == EVIL
    assert all(float(row["overlap_area_m2"]) >= 0 for row in rows if row["state"] != "no_data")
    assert all(row["overlap_area_m2"] == "" for row in rows if row["state"] == "no_data")


def test_json_is_the_contract(tmp_path, result):
    path = tmp_path / "c.json"
    papers.write_conflicts_json(path, result)
    data = json.loads(path.read_text(encoding="utf-8"))
    assert data["schema"] == "zoneplan.conflicts/1"
    assert set(data) == {"schema", "receipt", "summary", "parcels", "findings"}
    assert {"rule_book", "parameters", "versions", "crs", "plan"} <= set(data["receipt"])
    assert [parcel["id"] for parcel in data["parcels"]] == EVIL
    assert {"line", "state", "overlap_area_m2", "share", "verdict", "rule", "flip_distance_m"} <= set(
        data["parcels"][0]["lines"][0]
    )
    assert sum(data["summary"]["overall"].values()) == len(EVIL)
    assert {row["schematic"] for parcel in data["parcels"] for row in parcel["lines"]} == {True}


def test_excel_opens_and_its_text_is_text(tmp_path, result):
    path = tmp_path / "c.xlsx"
    write_conflicts_xlsx(path, result)
    book = openpyxl.load_workbook(path)
    sheet = book["逐线 Lines"]
    assert "示意" in sheet["A1"].value
    ids = [sheet.cell(row, 1) for row in range(3, sheet.max_row + 1)]
    assert {cell.data_type for cell in ids} == {"s"}
    assert [cell.value for cell in ids[::4]] == EVIL
    assert any("禁止" in str(cell.value) for row in sheet.iter_rows() for cell in row)
    assert any("未核" in str(cell.value) for row in sheet.iter_rows() for cell in row)


def test_geopackage_holds_parcels_and_pieces(tmp_path, result):
    path = tmp_path / "c.gpkg"
    papers.write_conflicts_gpkg(path, result)
    assert len(gpd.read_file(path, layer="parcels")) == len(EVIL)
    pieces = gpd.read_file(path, layer="overlap")
    assert set(pieces.columns) == {"parcel_id", "line", "state", "verdict", "overlap_area_m2", "geometry"}
    assert pieces.geometry.is_valid.all()


def test_the_sample_parcels_show_every_state_and_verdict():
    sample = data_dir() / "samples" / "parcels.geojson"
    built = zp.compile_plan(zp.load_plan("jiaozuo"))
    answer = check(CheckRequest(str(sample), "jiaozuo"), compiled=(built, ())).result
    assert 50 <= len(answer.parcels) <= 70
    assert set(answer.table["state"]) == {"hit", "sliver", "touch", "clear", "no_data"}
    assert set(answer.parcels["overall"]) == {"prohibited", "restricted", "permitted", "undetermined"}
    assert all("虚构" in note for note in gpd.read_file(sample)["note"])
    assert re.fullmatch(r"[0-9a-f]{64}", answer.receipt["inputs"][0]["sha256"])
    assert Path(answer.receipt["inputs"][0]["file"]).name == "parcels.geojson"


def test_every_row_of_the_json_has_its_outcome(tmp_path, result):
    path = tmp_path / "c.json"
    papers.write_conflicts_json(path, result)
    text = path.read_text(encoding="utf-8")
    data = json.loads(text)
    assert json.dumps(data, ensure_ascii=False, indent=2) + "\n" == text
    each = parcel_outcomes(result)
    told = [row["outcome"] for parcel in data["parcels"] for row in parcel["lines"]]
    assert told == [one.record() for one in each]
    assert set(data["summary"]["outcomes"]) == {
        "ecological_redline", "permanent_basic_farmland", "urban_development_boundary",
    }  # fmt: skip


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=12,
)


@given(st.dictionaries(st.text(), values, max_size=4), st.lists(values, max_size=3))
def test_streamed_json_is_the_json_of_the_library(tmp_path_factory, data, items):
    path = tmp_path_factory.mktemp("json") / "x.json"
    write_json_stream(path, {**data, "列": iter(items)})
    whole = json.dumps({**data, "列": items}, ensure_ascii=False, indent=2) + "\n"
    assert path.read_bytes().decode("utf-8", "surrogatepass") == whole


def test_streamed_json_refuses_what_is_no_number(tmp_path):
    with pytest.raises(ValueError, match="nan is no number"):
        write_json_stream(tmp_path / "x.json", {"a": [float("nan")]})


def test_the_excel_book_is_complete_and_its_sums_close(tmp_path, result):
    path = tmp_path / "c.xlsx"
    write_conflicts_xlsx(path, result)
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == [
        "汇总 Summary",
        "逐地块 Parcels",
        "逐线 Lines",
        "说明 Findings",
        "回执 Receipt",
    ]
    for name in book.sheetnames[1:]:
        assert book[name].freeze_panes == "B3"
        assert book[name].auto_filter.ref
    parcels = list(book["逐地块 Parcels"].iter_rows(min_row=3, values_only=True))
    assert [row[0] for row in parcels] == EVIL
    assert [row[1] for row in parcels] == ["U10", "U01", "U17", None, "0901", "U10"]
    summary = [row for row in book["汇总 Summary"].iter_rows(values_only=True) if row[0]]
    counts = {row[0]: row[1] for row in summary}
    verdicts = [counts[f"{zh} {key}"] for zh, key in (("禁止", "prohibited"), ("待定", "undetermined"), ("限制", "restricted"), ("允许", "permitted"))]  # fmt: skip
    assert sum(verdicts) == counts["合计 Total"] == len(EVIL)
    totals = next(row for row in summary if row[0] == "合计 Total")
    parts = [row for row in summary if str(row[0]).split(" ")[0] in ("禁止", "待定", "限制", "允许")]
    for column in (2, 3, 4):
        assert math.isclose(sum(row[column] for row in parts), totals[column], abs_tol=1e-9)
    assert counts["人工认定数 Overrides"] == 0
    assert any("不得用于用地审批" in str(row[0]) for row in summary)


def test_land_use_and_overrides_have_sheets_of_their_own(tmp_path, result):
    path = tmp_path / "c.xlsx"
    landuse = pd.DataFrame([("=1+1", "0101", "水田", "农用地", 100.0, 90.0)], columns=LANDUSE)
    override = {"parcel_id": "=1", "line": "ecological_redline", "name": "张三", "reason": "=HYPERLINK(1)", "date": "2026-01-01"}  # fmt: skip
    write_conflicts_xlsx(
        path, replace(result, landuse=landuse, receipt={**result.receipt, "overrides": [override]})
    )
    book = openpyxl.load_workbook(path)
    assert [cell.value for cell in book["用地 Land use"][3]][:4] == ["=1+1", "0101", "水田", "农用地"]
    assert book["用地 Land use"]["A3"].data_type == "s"
    assert book["人工认定 Overrides"]["D3"].value == "=HYPERLINK(1)"
    assert any("1 处占用经人工标注" in str(row[0].value) for row in book["汇总 Summary"].iter_rows())


def test_long_sheets_go_on_in_the_next_and_large_books_say_the_same(tmp_path, result, monkeypatch):
    write_conflicts_xlsx(tmp_path / "a.xlsx", result)
    monkeypatch.setattr(conflict_book, "MANY_ROWS", 1)
    monkeypatch.setattr(columnsheets, "MOST_ROWS", 10)
    write_conflicts_xlsx(tmp_path / "b.xlsx", result)
    small, large = (openpyxl.load_workbook(tmp_path / name) for name in ("a.xlsx", "b.xlsx"))
    rows = list(small["逐线 Lines"].iter_rows(min_row=3, values_only=True))
    split = [
        row
        for name in ("逐线 Lines", "逐线 Lines 2", "逐线 Lines 3")
        for row in large[name].iter_rows(min_row=3, values_only=True)
    ]
    assert split == rows


def test_the_json_holds_the_land_use_of_each_parcel(tmp_path):
    ground = gpd.GeoDataFrame(
        {"DLBM": ["0101", "0301"]}, geometry=[square(0, 0, 2, 2), square(2, 0, 4, 2)], crs=CRS_CODE
    )
    frame = gpd.GeoDataFrame(
        {"no": ["a", "a"]}, geometry=[square(1, 1, 3, 1.5), square(0, 0, 1, 1)], crs=CRS_CODE
    )
    result = check_parcels(frame, layers(), landuse=LandUse(ground, list_id="survey3"), id_field="no")
    papers.write_conflicts_json(tmp_path / "c.json", result)
    rows = json.loads((tmp_path / "c.json").read_text(encoding="utf-8"))["parcels"]
    assert [[one["code"] for one in row["landuse"]] for row in rows] == [["0101", "0301"], ["0101"]]
    for row in rows:
        assert sum(one["area_m2"] for one in row["landuse"]) == pytest.approx(row["area"]["m2"], abs=0.01)


def test_the_json_holds_the_overlap_with_each_component(tmp_path):
    boundary = gpd.GeoDataFrame(
        {"component": ["concentrated", "flexible"]},
        geometry=[square(0, 0, 2, 2), square(2, 0, 4, 2)],
        crs=CRS_CODE,
    )
    frame = gpd.GeoDataFrame({"BSM": ["a"]}, geometry=[square(1, 1, 3.5, 1.5)], crs=CRS_CODE)
    result = check_parcels(frame, lines={"urban_development_boundary": boundary})
    papers.write_conflicts_json(tmp_path / "c.json", result)
    inside, outside = json.loads((tmp_path / "c.json").read_text(encoding="utf-8"))["parcels"][0]["lines"]
    assert set(inside["components"]) == {"concentrated", "flexible"}
    assert sum(inside["components"].values()) == pytest.approx(inside["overlap_area_m2"], rel=1e-9)
    assert "components" not in outside
    write_conflicts_xlsx(tmp_path / "c.xlsx", result)
    rows = list(openpyxl.load_workbook(tmp_path / "c.xlsx")["逐地块 Parcels"].iter_rows(values_only=True))
    row = dict(zip(rows[0], rows[1], strict=True))
    parts = [row[f"城镇开发边界(内) 其中{name} 公顷 ha"] for name in ("集中建设区", "弹性发展区")]
    assert sum(parts) == pytest.approx(row["城镇开发边界(内) 公顷 ha"])
    write_conflicts_docx(tmp_path / "c.docx", result)
    heads = [
        [cell.text.removesuffix(" *") for cell in table.columns[0].cells]
        for table in docx.Document(str(tmp_path / "c.docx")).tables
    ]
    assert ["构成", "集中建设区", "弹性发展区", "合计"] in heads


def test_page_one_and_the_json_name_the_files_that_a_schematic_check_needs(tmp_path):
    frame = gpd.GeoDataFrame({"BSM": ["a"]}, geometry=[square(5, 1, 5.1, 1.1)], crs=CRS_CODE)
    for accuracy in ("schematic", "surveyed"):
        result = check_parcels(frame, layers(accuracy=accuracy))
        papers.write_conflicts_json(tmp_path / "c.json", result)
        summary = json.loads((tmp_path / "c.json").read_text(encoding="utf-8"))["summary"]
        write_conflicts_docx(tmp_path / "c.docx", result)
        write_conflicts_xlsx(tmp_path / "c.xlsx", result)
        page = "".join(one.text for one in docx.Document(str(tmp_path / "c.docx")).paragraphs[:6])
        first = openpyxl.load_workbook(tmp_path / "c.xlsx").worksheets[0]
        sheet = "".join(str(row[0]) for row in first.iter_rows(max_row=6, values_only=True))
        schematic = accuracy == "schematic"
        assert summary["usable_for_approval"] is not schematic
        assert [one["line"] for one in summary["needed"]] == result.receipt["schematic_lines"]
        for name in ("STBHHX", "YJJBNTTB", "CZKFBJ"):
            assert (name in page) is (name in sheet) is schematic
