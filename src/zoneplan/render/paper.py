"""How sheets are printed, and cells painted."""

from __future__ import annotations

from typing import Any

from zoneplan.render.colours import contrast, over
from zoneplan.render.style import Style

LINE_PT = 15.0
"""Height of a row with one line of text, points."""


def for_paper(sheet: Any, *, header: int) -> None:
    """A4 landscape, one page wide, the header row on every page."""
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(header)


def style_of_code(style: Style, code: str) -> dict[str, str]:
    """The format of a cell with a land-use code: on the colour that maps draw it in; nothing for an unknown code."""
    symbol = style.landuse.symbol(code)
    if symbol is None or symbol.fill is None:
        return {}
    ground = over(symbol.fill, symbol.opacity)
    dark = contrast(ground, "#000000") >= contrast(ground, "#ffffff")
    return {"num_format": "@", "bg_color": ground, "font_color": "#000000" if dark else "#ffffff"}
