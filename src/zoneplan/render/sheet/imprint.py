"""Title above the map, and below it what a sheet has to say of itself: sources, CRS, makers, date, notes, page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from zoneplan.layers import REFERENCE, LayerSet
from zoneplan.render.mapdata import ACCURACY
from zoneplan.render.sheet.ink import Ink
from zoneplan.render.sheet.lettering import Lettering
from zoneplan.render.sheet.paper import Box
from zoneplan.render.sheet.words import say

SIZE, LEADING = 6.2, 2.9
WARNING = "#9c2a00"
_RIGHT = 0.27  # of the width, for makers, date and page
_TITLE, _SUBTITLE = 20.0, 9.0


@dataclass(frozen=True)
class Imprint:
    """What is given for all sheets of a call: makers, date and review number as text; `note` is one more line."""

    organisation: str = ""
    date: str = ""
    map_number: str = ""
    note: str = ""
    title: str = ""


def draw_title(ink: Ink, box: Box, title: str, plan: str, *, schematic: bool, lang: str) -> None:
    """The sheet's title in the middle, the plan's name below it, the mark of a schematic map at the right."""
    unit, letters = ink.paper.unit, ink.letters
    room = box.width - 60 * unit
    words = letters.clean(title)
    size = _TITLE * unit * min(1.0, room / max(letters.width(words, _TITLE * unit), 1e-9))
    if size < 11 * unit:
        size = 11 * unit
        words = letters.wrap(title, size, room)[0]
    middle = box.x + box.width / 2
    ink.text(middle, box.y + 8.4 * unit, words, size=size, align=0.5, bold=True)
    ink.text(
        middle, box.y + 2.8 * unit, letters.clean(plan), size=_SUBTITLE * unit, align=0.5, colour="#444444"
    )
    if schematic:
        mark = say("示意图", "SCHEMATIC", lang)
        wide = letters.width(mark, 10 * unit) + 5 * unit
        badge = Box(box.right - wide, box.y + 5.0 * unit, wide, 6.6 * unit)
        ink.box(badge, line=WARNING, width=0.4 * unit)
        ink.text(badge.x + wide / 2, badge.y + 2.05 * unit, mark, size=10 * unit, align=0.5, colour=WARNING)


def height(left: Sequence[str], right: Sequence[str], letters: Lettering, width: float) -> float:
    """How high the imprint is on A3, for a width on A3."""
    rows = sum(len(letters.wrap(text, SIZE, width * (1 - _RIGHT) - 4)) for text in left)
    return max(rows, sum(len(letters.wrap(text, SIZE, width * _RIGHT)) for text in right)) * LEADING + 0.6


def draw_imprint(ink: Ink, box: Box, left: Sequence[str], right: Sequence[str], *, warning: str) -> None:
    """Lines from the top: at the left, and flushed right; the one that is a warning in its colour."""
    unit, size = ink.paper.unit, SIZE * ink.paper.unit
    y = box.top
    for text in left:
        for words in ink.letters.wrap(text, size, box.width * (1 - _RIGHT) - 4 * unit):
            y -= LEADING * unit
            ink.text(
                box.x, y + 0.6 * unit, words, size=size, colour=WARNING if text == warning else "#333333"
            )
    y = box.top
    for text in right:
        for words in ink.letters.wrap(text, size, box.width * _RIGHT):
            y -= LEADING * unit
            ink.text(box.right, y + 0.6 * unit, words, size=size, align=1, colour="#333333")


def left_lines(layers: LayerSet, kinds: Sequence[str], given: Imprint, note: str, lang: str) -> list[str]:
    """Warning, CRS, sources, notes."""
    cf = layers.crs.to_cf()
    meridian, code = f"{cf['longitude_of_central_meridian']:g}", layers.crs.to_epsg()
    crs = say(
        f"坐标系:2000国家大地坐标系,高斯-克吕格投影,3°分带,中央经线 {meridian}°(EPSG:{code});方里网坐标以米计,图廓角为经纬度",
        f"CRS: CGCS2000, Gauss-Kruger, 3° zone, central meridian {meridian}° (EPSG:{code}); grid in metres, corners in longitude and latitude",
        lang,
    )
    areas = say("面积为椭球面积", "Areas are ellipsoidal", lang)
    lines = [warning_of(layers, lang), crs, _sources(layers, kinds, lang), say(";", ". ", lang).join(part for part in (areas, note) if part), given.note]  # fmt: skip
    return [line for line in lines if line]


def warning_of(layers: LayerSet, lang: str) -> str:
    """The notice where geometry is schematic."""
    if not layers.schematic:
        return ""
    return say(
        "示意图:图形没有测量依据,不得用于用地审批",
        "Schematic: no survey behind the geometry; not for approvals",
        lang,
    )


def right_lines(given: Imprint, page: int, pages: int, lang: str) -> list[str]:
    """Makers, date, review number, page."""
    number = (
        say(f"审图号:{given.map_number}", f"Map review number: {given.map_number}", lang)
        if given.map_number
        else say("未标审图号,仅供内部使用,不得公开", "No map review number: internal use only", lang)
    )
    lines = [
        say(f"编制单位:{given.organisation}", f"Compiled by {given.organisation}", lang)
        if given.organisation
        else "",
        say(f"编制日期:{given.date}", f"Date: {given.date}", lang) if given.date else "",
        number,
        say(f"第 {page} 页 共 {pages} 页", f"Page {page} of {pages}", lang),
    ]
    return [line for line in lines if line]


def _sources(layers: LayerSet, kinds: Sequence[str], lang: str) -> str:
    """Chapters of the plan and sources of geometry of what is drawn."""
    shown = [layers[kind] for kind in kinds if kind in layers and kind != REFERENCE]
    cited = dict.fromkeys(
        str(text) for frame in shown for cell in frame["citation"] for text in _split(str(cell))
    )
    found = dict.fromkeys(_source_words(layers, kinds, lang))
    stop = say("、", ", ", lang)
    parts = [
        (say("规划文本 ", "plan, ", lang) + stop.join(cited)) if cited else "",
        (say("图形 ", "geometry ", lang) + stop.join(found)) if found else "",
    ]
    return say("资料来源:", "Sources: ", lang) + say(";", "; ", lang).join(part for part in parts if part)


def _split(cell: str) -> list[str]:
    return [part.strip() for part in cell.replace(";", ";").split(";") if part.strip()]


def _source_words(layers: LayerSet, kinds: Sequence[str], lang: str) -> Iterator[str]:
    for kind in kinds:
        if kind not in layers:
            continue
        for source, accuracy in sorted(
            set(zip(layers[kind]["source"], layers[kind]["accuracy"], strict=True))
        ):
            word = ACCURACY[accuracy][0 if lang == "zh" else 1]
            if source:
                yield f"{source}({word})" if lang == "zh" else f"{source} ({word})"
