"""Area tables: printed parts add up to printed totals, in every unit, on paper too."""

from dataclasses import replace
from decimal import Decimal

import openpyxl
import pandas as pd
import pytest

import synthetic
from zoneplan.areas.tables import AREA_COLUMNS, all_tables, area_table, cross_table
from zoneplan.errors import InputError
from zoneplan.jobs import loading
from zoneplan.render.report import subject_of, write_areas_csv, write_areas_xlsx


def exact(values):
    return sum((Decimal(repr(float(value))) for value in values), Decimal(0))


def assert_closes(table, key, *, other):
    """In each group of `key`, the parts add up to the row called total."""
    for _, block in table.groupby(key):
        whole = block[other] == "total"
        for column in AREA_COLUMNS:
            assert exact(block.loc[~whole, column]) == exact(block.loc[whole, column])


@pytest.mark.parametrize("rows", ["space", "control_line"])
def test_rows_and_columns_add_up_as_printed(rows):
    table = cross_table(synthetic.layers(), rows, "group")
    assert_closes(table, "row_id", other="column_id")
    assert_closes(table, "column_id", other="row_id")
    assert table.attrs["findings"] == ()


def test_row_totals_are_the_elements_own_areas():
    layers = synthetic.layers()
    table = cross_table(layers).query("column_id == 'total' and row_id != 'total'")
    own = area_table(layers).query("kind == 'space'")
    assert table["area_m2"].tolist() == own["area_m2"].tolist()
    assert table["area_mu"].tolist() == own["area_mu"].tolist()


def test_what_no_column_covers_stands_as_outside():
    table = cross_table(synthetic.layers()).set_index(["row_id", "column_id"])["area_km2"]
    assert table["urban_space", "outside"] == pytest.approx(8, rel=2e-4)
    assert table["ecological_space", "outside"] == 0
    assert table["urban_space", "group_west"] == pytest.approx(12, rel=2e-4)
    whole = cross_table(synthetic.layers(), "group", "space")
    assert "outside" not in set(whole["column_id"])


def test_ground_in_two_columns_counts_once():
    layers = synthetic.layers()
    both = pd.concat([layers["group"], layers["group"].iloc[[0]].assign(id="again")], ignore_index=True)
    table = cross_table(replace(layers, frames={**layers.frames, "group": both}))
    assert_closes(table, "row_id", other="column_id")
    assert table.loc[table["column_id"] == "again", "area_m2"].eq(0).all()


def test_column_totals_are_the_elements_own_areas_and_what_disagrees_is_said():
    layers = loading.compile_plan(loading.load_plan("jiaozuo"))
    table = cross_table(layers)
    totals = table.query("row_id == 'total' and column_id != 'total'").set_index("column_id")["area_m2"]
    own = layers["group"].set_index("id")["area_m2"].round(2)
    assert totals.to_dict() == own[totals.index].to_dict()
    closing = table.query("row_id == 'closing' and column_id == 'total'")["area_m2"].iloc[0]
    assert f"{closing:+.2f}" in table.attrs["findings"][-1].en
    assert abs(closing) < 1  # 200 km²
    assert table["moved_m2"].abs().max() < 1


def test_table_of_a_kind_has_total_and_share():
    table = area_table(synthetic.layers(), by="group")
    for column in AREA_COLUMNS:
        assert exact(table[column][:-1]) == exact(table[column][-1:])
    assert table["share_of_zone"].iloc[-1] == pytest.approx(0.92, abs=1e-5)
    with pytest.raises(InputError, match="no elements of kind 'belt'"):
        area_table(synthetic.layers(), by="belt")


def test_workbook_sums_notice_and_inert_text(tmp_path):
    layers = synthetic.layers()
    layers["group"].loc[0, "name"] = "=1+1"
    write_areas_xlsx(tmp_path / "a.xlsx", subject_of(layers), all_tables(layers))
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    assert all("示意" in sheet["A1"].value for sheet in book)
    sheet = book["空间×组团 Space×group"]
    rows = list(sheet.iter_rows(min_row=3, values_only=True))
    head = [cell.value for cell in sheet[2]]
    assert head[4].startswith("面积")
    parts = [row[4] for row in rows if row[0] == "urban_space" and row[2] != "total"]
    total = [row[4] for row in rows if row[0] == "urban_space" and row[2] == "total"]
    assert exact(parts) == exact(total)
    cell = book["要素 Elements"]["B3"]
    assert (cell.value, cell.data_type) == ("=1+1", "s")


def test_surveyed_layers_carry_no_notice(tmp_path):
    layers = synthetic.layers(accuracy="surveyed")
    write_areas_xlsx(tmp_path / "a.xlsx", subject_of(layers), all_tables(layers))
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    assert not any("示意" in str(cell) for sheet in book for row in sheet.values for cell in row)


def test_two_runs_give_the_same_bytes_and_the_csv_reads_back(tmp_path):
    for name in "ab":
        layers = synthetic.layers()
        write_areas_xlsx(tmp_path / f"{name}.xlsx", subject_of(layers), all_tables(layers))
        write_areas_csv(tmp_path / f"{name}.csv", all_tables(layers, by="group"))
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()
    assert (tmp_path / "a.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    read = pd.read_csv(tmp_path / "a.csv", encoding="utf-8-sig", dtype=str)
    tables = all_tables(layers, by="group")
    assert read["table"].unique().tolist() == list(tables)
    back = read.loc[read["table"] == "element", "area_m2"].astype(float).tolist()
    assert back == tables["element"]["area_m2"].tolist()
