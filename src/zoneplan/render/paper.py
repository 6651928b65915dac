"""How sheets are printed."""

from __future__ import annotations

from typing import Any

LINE_PT = 15.0
"""Height of a row with one line of text, points."""


def for_paper(sheet: Any, *, header: int) -> None:
    """A4 landscape, one page wide, the header row on every page."""
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(header)
