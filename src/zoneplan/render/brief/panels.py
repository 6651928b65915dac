"""Small multiples: the same window again and again, each with what has changed by then."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from zoneplan.layers import LayerSet, line_key
from zoneplan.render.brief.charts import BROKEN, SCHEMATIC
from zoneplan.render.maplayers import drawings
from zoneplan.render.sheet.content import Content, contents
from zoneplan.render.sheet.ink import Ink
from zoneplan.render.sheet.lettering import Lettering, lettering
from zoneplan.render.sheet.paper import Box, Paper, Window
from zoneplan.render.sheet.symbols import draw, swatch
from zoneplan.render.style import Style, Symbol
from zoneplan.scenario.changed import SIDES, changed_ground
from zoneplan.scenario.state import element_row

BASE = ("water", "roads", "boundary")
WIDTH_MM = 168.0
DPI = 200
_GAP, _HEAD, _KEY, _SMALL, _TEXT = 3.0, 9.0, 9.0, 6.5, 8.0
_CLEAR = 1.06
_WORDS = {"lost": ("减少", "lost"), "gained": ("增加", "gained")}


@dataclass(frozen=True)
class Panel:
    """One map: its title, a line below it, and the layers that are compared with the base."""

    title: str
    note: str
    layers: LayerSet


def draw_panels(
    base: LayerSet, panels: Sequence[Panel], *, style: Style, lang: str = "zh", columns: int = 3
) -> bytes:
    """Maps as PNG, `WIDTH_MM` wide: elements that any panel changes, gains and losses against the base, one key.

    Parameters
    ----------
    base : LayerSet
    panels : sequence of Panel
        In one CRS with the base.
    style : Style
    lang : {"zh", "en"}
    columns : int
        Maps in a row.

    Returns
    -------
    bytes
        Equal input, equal bytes.
    """
    letters = lettering()
    changes = [changed_ground(base, panel.layers) for panel in panels]
    touched = list(dict.fromkeys(str(name) for made in changes for name in made["element"]))
    columns = max(1, min(columns, len(panels)))
    width = (WIDTH_MM - _GAP * (columns - 1)) / columns
    west, south, east, north = base.zone.bounds
    height = width * (north - south) / (east - west)
    rows = math.ceil(len(panels) / columns)
    paper = Paper("panels", WIDTH_MM, rows * (height + _HEAD + _GAP) + _KEY)
    ink = Ink(paper, letters)
    ground = _ground(base, style, lang)
    for number, (panel, changed) in enumerate(zip(panels, changes, strict=True)):
        row, column = divmod(number, columns)
        top = paper.height - row * (height + _HEAD + _GAP)
        frame = Box(column * (width + _GAP), top - _HEAD - height, width, height)
        window = Window(
            frame, ((west + east) / 2, (south + north) / 2), round(1000 * _CLEAR * (east - west) / width)
        )
        for content in ground:
            content.draw(ink, window)
        for name in touched:
            kind, symbol_row = element_row(panel.layers, name)
            symbol = style.symbol(line_key(name), kind)
            draw(ink, _paper(symbol_row["geometry"], window), symbol, within=frame)
        for side in SIDES:
            shapes = changed.geometry.to_numpy()[(changed["side"] == side).to_numpy()]
            if len(shapes):
                draw(ink, _paper(shapely.union_all(shapes), window), style.symbol(side), within=frame)
        ink.box(frame, line="#000000", width=0.25)
        _write(ink, letters, frame, panel, width)
    _key(ink, letters, base, touched, style, lang)
    return ink.png(DPI)


def _ground(base: LayerSet, style: Style, lang: str) -> list[Content]:
    """Water, roads and the boundary, drawn below everything."""
    drawn = [one for one in drawings(base, None, style, lang) if one.key in BASE]
    return contents(drawn, base.crs)


def _paper(shape: object, window: Window) -> np.ndarray:
    made = shapely.transform(np.array([shape], dtype=object), window.page)
    frame = window.frame.inset(-2)
    return np.asarray(shapely.intersection(made, shapely.box(frame.x, frame.y, frame.right, frame.top)))


def _write(ink: Ink, letters: Lettering, frame: Box, panel: Panel, width: float) -> None:
    title = letters.wrap(panel.title, _TEXT, width)[0]
    note = letters.wrap(panel.note, _SMALL, width)[0] if panel.note else ""
    ink.text(frame.x, frame.top + 4.6, title, size=_TEXT, bold=True)
    ink.text(frame.x, frame.top + 1.3, note, size=_SMALL, colour="#555555")


def _key(
    ink: Ink, letters: Lettering, base: LayerSet, touched: Sequence[str], style: Style, lang: str
) -> None:
    """One row of symbols below all maps."""
    x, room = 0.0, WIDTH_MM
    if base.schematic:
        words = SCHEMATIC[0 if lang == "zh" else 1]
        room -= letters.width(words, _SMALL) + 3
        ink.text(WIDTH_MM - 1, 3.0, words, size=_SMALL, colour=BROKEN, align=1.0)
    for words, symbol in _key_rows(base, touched, style, lang):
        wide = 9.0 + letters.width(words, _SMALL) + 5.0
        if x + wide > room:
            return
        swatch(ink, Box(x, 2.2, 7.0, 3.4), symbol, form="area")
        ink.text(x + 8.6, 3.0, words, size=_SMALL)
        x += wide


def _key_rows(
    base: LayerSet, touched: Sequence[str], style: Style, lang: str
) -> Iterator[tuple[str, Symbol]]:
    pick = 0 if lang == "zh" else 1
    for side in SIDES[::-1]:
        yield _WORDS[side][pick], style.symbol(side)
    for name in touched:
        kind, row = element_row(base, name)
        words = row["name"] if lang == "zh" else row["name_en"] or row["name"]
        yield str(words), style.symbol(line_key(name), kind)
