"""Worksheets in which text is text, whatever a user's file holds."""

from __future__ import annotations

from typing import Any

from xlsxwriter.worksheet import Worksheet

LONGEST = 32_000
"""Characters that a cell takes."""


class PlainSheet(Worksheet):  # type: ignore[misc]  # xlsxwriter has no types
    """A worksheet that takes any text: ``book.add_worksheet(name, PlainSheet)``."""

    def write_string(self, row: int, col: int, string: str, cell_format: Any = None) -> int:
        """As xlsxwriter's, which leaves out text that is too long and writes what looks like its rich text as it is."""
        return int(super().write_string(row, col, literal(string), cell_format))


def literal(text: str) -> str:
    """Text as a cell takes it: cut off where it is too long, which it says; rich text in XML with a blank behind it."""
    if len(text) >= LONGEST:
        return f"{text[:LONGEST]} …(共 {len(text)} 字符 characters)"
    return f"{text} " if text.endswith("</r>") and text.startswith("<r>") else text
