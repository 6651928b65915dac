"""Rows written as columns of text are the rows that xlsxwriter writes cell by cell."""

import math
import zipfile

import openpyxl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from zoneplan.render.sheetrows import LONGEST, RowSheet, cells

TEXTS = [
    "_x0041_",
    "a\x01b",
    " lead",
    "trail\n",
    "a&b<c>\"'",
    "=1+1",
    "a\tb\r",
    "\ufffe",
    "编号",
    "painted",
    "",
]
VALUES = [*TEXTS, None, math.nan, 0.1 + 0.2, 3, -1e-7, 123456789.12345678, 0, -0.0]


def written(path, column, more, by_column):
    with xlsxwriter.Workbook(str(path), {"constant_memory": True}) as book:
        sheet = book.add_worksheet("a", RowSheet)
        number, text, red = (book.add_format(look) for look in ({"num_format": "0.00"}, {"text_wrap": True}, {"font_color": "red"}))  # fmt: skip
        for at, look in enumerate((None, number, text, red)):  # numbered in the order of their first use
            sheet.write_string(0, at, "head", look)
        if by_column:
            first = cells(column, number=number, text=text, paint={"painted": red})
            sheet.write_columns(1, [first, cells(more)], len(column), heights={2: 30.0})
        else:
            sheet.set_row(2, 30)
            for row, (one, other) in enumerate(zip(column, more, strict=True), start=1):
                if isinstance(one, str) and one:
                    sheet.write_string(row, 0, one, red if one == "painted" else text)
                elif isinstance(one, float | int) and not math.isnan(one):
                    sheet.write_number(row, 0, one, number)
                sheet.write_string(row, 1, other)
        sheet.write_string(len(column) + 3, 0, "after")
    return zipfile.ZipFile(path).read("xl/worksheets/sheet1.xml")


@given(
    st.lists(
        st.sampled_from(VALUES)
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(st.characters(exclude_categories=["Cs"]), max_size=12).filter(lambda text: not text.startswith("<r>")),
        min_size=1, max_size=30,
    )
)  # fmt: skip
@settings(deadline=None, max_examples=60)
def test_columns_are_the_rows_that_single_cells_are(tmp_path_factory, values):
    folder = tmp_path_factory.mktemp("rows")
    more = [f"k{number}" for number in range(len(values))]
    ways = [written(folder / f"{way}.xlsx", values, more, way) for way in (True, False)]
    assert ways[0] == ways[1]


def test_more_rows_than_are_text_at_a_time(tmp_path):
    values = [f"D{number}" for number in range(4_500)]
    assert written(tmp_path / "a.xlsx", values, values, True) == written(tmp_path / "b.xlsx", values, values, False)  # fmt: skip
    told = []
    with xlsxwriter.Workbook(str(tmp_path / "c.xlsx"), {"constant_memory": True}) as book:
        book.add_worksheet("a", RowSheet).write_columns(0, [cells(values)], len(values), told=told.append)
    assert sum(told) == len(values)
    assert len(told) > 1


def test_what_looks_like_rich_text_is_text_and_what_is_too_long_says_so(tmp_path):
    # xlsxwriter itself writes text between <r> and </r> into the file as it is
    values = ["<r><t>1</t></r>", "<r></c></r>", "x" * LONGEST]
    written(tmp_path / "a.xlsx", values, ["k"] * 3, True)
    read = [cell.value for cell in openpyxl.load_workbook(tmp_path / "a.xlsx")["a"]["A"]][1:4]
    assert read[:2] == values[:2]
    assert read[2] == f"{'x' * LONGEST} …(共 {LONGEST} 字符 characters)"
    with pytest.raises(ValueError, match="inf is no number that a cell takes"):
        list(cells([math.inf]))
