"""Papers of a check: the contract's columns, inert text, equal bytes, other programs open them."""

import csv
import json
import re
from pathlib import Path

import geopandas as gpd
import openpyxl
import pytest

import zoneplan as zp
from synthetic import CRS_CODE, layers, square
from zoneplan.checking import check
from zoneplan.checkrequest import CheckRequest
from zoneplan.conflicts import COLUMNS, check_parcels
from zoneplan.render import conflict_papers as papers
from zoneplan.resources import data_dir

EVIL = ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\tx", '=HYPERLINK("http://x")']
WRITERS = {
    "csv": papers.write_conflicts_csv,
    "json": papers.write_conflicts_json,
    "xlsx": papers.write_conflicts_xlsx,
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
    papers.write_conflicts_xlsx(path, result)
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
