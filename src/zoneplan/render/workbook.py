"""Workbooks in which text is text, whatever a user's file holds; equal input, equal bytes."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

LONGEST = 32_000
"""Characters that a cell takes."""
CREATED = datetime(2000, 1, 1)  # a fixed date: equal input, equal bytes


class PlainSheet(Worksheet):  # type: ignore[misc]  # xlsxwriter has no types
    """A worksheet that takes any text."""

    def write_string(self, row: int, col: int, string: str, cell_format: Any = None) -> int:
        """As xlsxwriter's, which leaves out text that is too long and writes what looks like its rich text as it is."""
        return int(super().write_string(row, col, literal(string), cell_format))


class PlainBook(Workbook):  # type: ignore[misc]  # xlsxwriter has no types
    """A workbook of plain sheets, no cell of which becomes a formula or a link.

    Parameters
    ----------
    path : Path
        Written when the book is closed.
    title : str
    large : bool
        Rows go to disk as they come and texts are not shared: constant memory, but rows in their order only.
    """

    worksheet_class = PlainSheet

    def __init__(self, path: Path, title: str = "zoneplan", *, large: bool = False) -> None:
        options = {"strings_to_formulas": False, "strings_to_urls": False, "constant_memory": large}
        super().__init__(str(path), options)
        self.set_properties({"title": title, "created": CREATED})


def literal(text: str) -> str:
    """Text as a cell takes it: cut off where it is too long, which it says; rich text in XML with a blank behind it."""
    if len(text) >= LONGEST:
        return f"{text[:LONGEST]} …(共 {len(text)} 字符 characters)"
    return f"{text} " if text.endswith("</r>") and text.startswith("<r>") else text
