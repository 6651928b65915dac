"""One page: the map, its names, its frame, and everything beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from zoneplan.engine.rings import Floats
from zoneplan.io.backdrop import Backdrop
from zoneplan.layers import REFERENCE, LayerSet
from zoneplan.render.sheet import imprint
from zoneplan.render.sheet.bearings import draw_bearings
from zoneplan.render.sheet.catalogue import Plate
from zoneplan.render.sheet.content import Content, LegendRow
from zoneplan.render.sheet.frame import draw_frame
from zoneplan.render.sheet.ink import Ink, polygon_path
from zoneplan.render.sheet.layout import MARGIN, Layout, lay_out
from zoneplan.render.sheet.legend import Legend
from zoneplan.render.sheet.lettering import Lettering
from zoneplan.render.sheet.locator import draw_locator
from zoneplan.render.sheet.mapnames import write_names
from zoneplan.render.sheet.paper import MM_PER_INCH, Box, Paper, Window
from zoneplan.render.sheet.passport import Passport
from zoneplan.render.sheet.places import Place
from zoneplan.render.sheet.words import say, typeset
from zoneplan.render.style import Style

BACKDROP_DPI = 200
_STEPS = 4
_FOCUS = ((2.0, "#ffffff"), (0.8, "#c00000"))


@dataclass(frozen=True)
class Call:
    """What all pages of a call have in common."""

    layers: LayerSet
    style: Style
    sizes: Mapping[str, float]
    papers: Sequence[Paper]
    scale: int | None
    given: imprint.Imprint
    base: Sequence[Content]
    letters: Lettering
    lang: str
    backdrop: Backdrop | None = None


@dataclass(frozen=True)
class Page:
    """A page that is drawn; ``names`` stand on it, ``unnamed`` found no room."""

    ink: Ink
    layout: Layout
    plate: Plate
    title: str
    names: Sequence[Place]
    unnamed: Sequence[str]

    @property
    def window(self) -> Window:
        """The map on the page."""
        return self.layout.window


def compose(plate: Plate, call: Call, *, number: int, of: int) -> Page:
    """Draw one plate."""
    lang, letters = call.lang, call.letters
    kinds = _kinds(plate, call.layers)
    note = "" if call.style.standard else (call.style.note_zh if lang == "zh" else call.style.note_en)
    left = [
        typeset(letters.clean(line), lang)
        for line in imprint.left_lines(call.layers, kinds, call.given, note, lang)
    ]
    right = [typeset(letters.clean(line), lang) for line in imprint.right_lines(call.given, number, of, lang)]
    more = say("……详见核查报告", "… see the report", lang)
    passport = Passport(plate.feature, letters, more, lang) if plate.feature else None
    layout, legend = _lay_out(plate, call, passport, (left, right))
    ink = Ink(layout.paper, letters)
    if call.backdrop:
        _draw_backdrop(ink, layout.window, call.backdrop)
    for content in plate.contents:
        content.draw(ink, layout.window)
    _outline_focus(ink, plate, layout.window)
    names, unnamed = write_names(ink, plate, call.sizes, layout.window)
    draw_frame(ink, layout.window, call.layers.crs)
    title = f"{call.given.title} · {plate.title}" if call.given.title else plate.title
    plan = call.layers.name if lang == "zh" else call.layers.name_en or call.layers.name
    schematic = call.layers.schematic
    imprint.draw_title(ink, layout.title, typeset(title, lang), plan, schematic=schematic, lang=lang)
    warning = typeset(letters.clean(imprint.warning_of(call.layers, lang)), lang)
    imprint.draw_imprint(ink, layout.imprint, left, right, warning=warning)
    _draw_panel(ink, layout, legend, passport, call)
    return Page(ink, layout, plate, title, names, unnamed)


def _lay_out(
    plate: Plate, call: Call, passport: Passport | None, printed: tuple[list[str], list[str]]
) -> tuple[Layout, Legend]:
    """The layout and a legend of just what its window shows.

    The legend makes the window, and the window the legend: from the legend of everything, in steps, until the two agree.
    """
    bounds = _bounds(plate, call)
    papers = call.papers[:1] if plate.focus else call.papers  # pages of one kind lie the same way
    short = min(papers, key=lambda paper: paper.width)
    high = imprint.height(*printed, call.letters, short.width / short.unit - 2 * MARGIN)

    def laid(legend: Legend, papers: Sequence[Paper]) -> Layout:
        return lay_out(
            papers, legend, passport, bounds,
            imprint=high, scale=call.scale, margin=plate.sheet.margin, name=plate.title,
        )  # fmt: skip

    middle = ((bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2)
    whole = _legend(plate, call, Window(Box(0, 0, 1, 1), middle, 10**9))
    first = layout = laid(whole, papers)
    for _ in range(_STEPS):
        legend = _legend(plate, call, layout.window)
        layout = laid(legend, [first.paper])
        if _legend(plate, call, layout.window) == legend:
            return layout, legend
    return first, whole


def _draw_backdrop(ink: Ink, window: Window, backdrop: Backdrop) -> None:
    columns, rows = (round(side / MM_PER_INCH * BACKDROP_DPI) for side in window.frame[2:])
    ink.picture(backdrop.pixels(window.bounds, columns, rows), window.frame)


def _draw_panel(ink: Ink, layout: Layout, legend: Legend, passport: Passport | None, call: Call) -> None:
    unit, crs, lang, panel = ink.paper.unit, call.layers.crs, call.lang, layout.panel
    ink.box(panel.edge, line="#000000", width=0.3 * unit)
    if passport and panel.passport:
        passport.draw(ink, panel.passport, unit)
    legend.draw(ink, panel.legend, panel.legend_unit)
    draw_locator(ink, panel.locator, layout.window, call.layers.zone, call.base, crs, lang)
    draw_bearings(ink, panel.bearings, layout.window, crs, lang)


def _bounds(plate: Plate, call: Call) -> tuple[float, ...]:
    """What has to be on the map: the feature in focus, else the zone with what is drawn of the plan and parcels near it."""
    if plate.focus:
        content, at = plate.focus
        return tuple(content.bounds[at].tolist())
    zone = np.array([call.layers.zone.bounds])
    base = {content.drawing.key for content in call.base}
    drawn = [
        content.bounds
        for content in plate.contents
        if content.drawing.key not in base and len(content.bounds)
    ]
    reach = (
        np.hypot(*(zone[0, 2:] - zone[0, :2])) / 2
    )  # a parcel that lies far off does not make the map small
    every = np.vstack([zone, *(at[_near(at, zone[0], reach)] for at in drawn)])
    return (*every[:, :2].min(axis=0).tolist(), *every[:, 2:].max(axis=0).tolist())


def _near(bounds: Floats, zone: Floats, reach: float) -> np.ndarray:
    """Which of the bounds lie no farther than `reach` from the zone's."""
    low = (bounds[:, :2] >= zone[:2] - reach).all(axis=1)
    return np.asarray(low & (bounds[:, 2:] <= zone[2:] + reach).all(axis=1))


def _kinds(plate: Plate, layers: LayerSet) -> list[str]:
    """Frames of the layer set that a plate draws."""
    found = [content.layer if content.layer in layers else REFERENCE for content in plate.contents]
    return list(dict.fromkeys(found))


def _legend(plate: Plate, call: Call, window: Window) -> Legend:
    """Rows by group of the style document; of what the window shows."""
    rows: dict[str, list[LegendRow]] = {}
    for content in plate.contents:
        # a count of all features says nothing on the page of one
        counted = plate.focus is not None and content is plate.focus[0] and not content.row_each
        found = [
            (call.letters.clean(words), symbol, form, "" if counted else amount)
            for words, symbol, form, amount in content.legend(window)
        ]
        rows.setdefault(content.drawing.group, []).extend(found)
    groups = [
        (typeset(group.zh if call.lang == "zh" else group.en, call.lang), rows[group.id])
        for group in call.style.groups
        if rows.get(group.id)
    ]
    return Legend(groups, say("图例", "Legend", call.lang), call.letters)


def _outline_focus(ink: Ink, plate: Plate, window: Window) -> None:
    """The feature that the page is of, with a rim."""
    if plate.focus:
        content, at = plate.focus
        path = polygon_path(content.on_page(np.array([at]), window))
        for width, colour in _FOCUS:
            ink.path(path, line=colour, width=width * ink.paper.unit, within=window.frame)
