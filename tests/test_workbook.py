"""Text of a user's file is text in a workbook, whatever it looks like."""

from pathlib import Path

import openpyxl
import pytest

from zoneplan.render.workbook import LONGEST, PlainBook, literal

ROOT = Path(__file__).parents[1]
TEXTS = ["<r><t>1</t></r>", "<r></c></r>", "<r>", "=1+1", "a&b<c>", " lead", "x" * 40_000]


@pytest.mark.parametrize("small_memory", [True, False])
def test_what_looks_like_rich_text_is_text_and_what_is_too_long_says_so(tmp_path, small_memory):
    with PlainBook(tmp_path / "a.xlsx", large=small_memory) as book:
        sheet = book.add_worksheet("a")
        for row, text in enumerate(TEXTS):
            sheet.write_string(row, 0, text)
    read = [cell.value for cell in openpyxl.load_workbook(tmp_path / "a.xlsx")["a"]["A"]]
    assert read == [literal(text) for text in TEXTS]
    assert [text.strip() for text in read[:5]] == TEXTS[:5]
    assert read[-1] == f"{'x' * LONGEST} …(共 40000 字符 characters)"


def test_every_workbook_takes_text_as_it_is():
    sources = (ROOT / "src").rglob("*.py")
    assert [path.name for path in sources if "xlsxwriter" in path.read_text("utf-8")] == ["workbook.py"]
