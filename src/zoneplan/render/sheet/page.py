"""One page: the map, its names, its frame, and everything beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

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
from zoneplan.render.sheet.names import Name, Place, place_names
from zoneplan.render.sheet.paper import MM_PER_INCH, Box, Paper, Window
from zoneplan.render.sheet.passport import Passport
from zoneplan.render.sheet.symbols import mark_size
from zoneplan.render.sheet.words import say, typeset
from zoneplan.render.style import Style

MOST_NAMES = 300
"""Names on one map; of more, the first ones."""
BACKDROP_DPI = 200
_RIM = 0.45
_FOCUS = ((2.0, "#ffffff"), (0.8, "#c00000"))
_DARKEST = 4.5  # contrast of a name's colour with white, at least


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
    bounds = _bounds(plate, call)
    kinds = _kinds(plate, call.layers)
    note = "" if call.style.standard else (call.style.note_zh if lang == "zh" else call.style.note_en)
    left = [
        typeset(letters.clean(line), lang)
        for line in imprint.left_lines(call.layers, kinds, call.given, note, lang)
    ]
    right = [typeset(letters.clean(line), lang) for line in imprint.right_lines(call.given, number, of, lang)]
    more = say("……详见核查报告", "… see the report", lang)
    passport = Passport(plate.feature, letters, more, lang) if plate.feature else None
    everything = Window(Box(0, 0, 1, 1), ((bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2), 10**9)
    papers = call.papers[:1] if plate.focus else call.papers  # pages of one kind lie the same way
    short = min(papers, key=lambda paper: paper.width)
    high = imprint.height(left, right, letters, (short.width / short.unit) - 2 * MARGIN)
    how = {"imprint": high, "scale": call.scale, "margin": plate.sheet.margin}
    layout = lay_out(papers, _legend(plate, call, everything), passport, bounds, **how)  # type: ignore[arg-type]
    legend = _legend(plate, call, layout.window)  # no longer than the first: rows of what the window shows
    layout = lay_out([layout.paper], legend, passport, bounds, **how)  # type: ignore[arg-type]
    ink = Ink(layout.paper, letters)
    if call.backdrop:
        _draw_backdrop(ink, layout.window, call.backdrop)
    for content in plate.contents:
        content.draw(ink, layout.window)
    _outline_focus(ink, plate, layout.window)
    names, unnamed = _write_names(ink, plate, call, layout.window)
    draw_frame(ink, layout.window, call.layers.crs)
    title = f"{call.given.title} · {plate.title}" if call.given.title else plate.title
    plan = call.layers.name if lang == "zh" else call.layers.name_en or call.layers.name
    schematic = call.layers.schematic
    imprint.draw_title(ink, layout.title, typeset(title, lang), plan, schematic=schematic, lang=lang)
    warning = typeset(letters.clean(imprint.warning_of(call.layers, lang)), lang)
    imprint.draw_imprint(ink, layout.imprint, left, right, warning=warning)
    _draw_panel(ink, layout, legend, passport, call)
    return Page(ink, layout, plate, title, names, unnamed)


def _draw_backdrop(ink: Ink, window: Window, backdrop: Backdrop) -> None:
    columns, rows = (round(side / MM_PER_INCH * BACKDROP_DPI) for side in window.frame[2:])
    ink.picture(backdrop.pixels(window.bounds, columns, rows), window.frame)


def _draw_panel(ink: Ink, layout: Layout, legend: Legend, passport: Passport | None, call: Call) -> None:
    unit, crs, lang = ink.paper.unit, call.layers.crs, call.lang
    ink.box(layout.panel, line="#000000", width=0.3 * unit)
    if passport and layout.passport:
        passport.draw(ink, layout.passport, unit)
    legend.draw(ink, layout.legend, layout.legend_unit)
    draw_locator(ink, layout.locator, layout.window, call.layers.zone, call.base, crs, lang)
    draw_bearings(ink, layout.bearings, layout.window, crs, lang)


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


def _write_names(ink: Ink, plate: Plate, call: Call, window: Window) -> tuple[list[Place], list[str]]:
    marks = [
        shapely.buffer(point, mark_size(ink.paper.unit) / 2 + 0.2)
        for content in plate.contents
        for point in content.on_page(content.seen(window), window, beyond=0)
        if shapely.get_dimensions(point) == 0 and not point.is_empty
    ]
    linework = [
        shape if shapely.get_dimensions(shape) == 1 else shape.boundary
        for content in plate.contents
        for shape in content.on_page(content.seen(window), window, beyond=0)
        if not shape.is_empty and shapely.get_dimensions(shape) > 0
    ]
    names = list(_names(plate, call, window, ink.paper.unit))[:MOST_NAMES]
    placed, left = place_names(names, window.frame, call.letters, marks=marks, linework=linework)
    for place in placed:
        for run in place.runs:
            ink.rim(
                run.x,
                run.y,
                run.words,
                size=place.size,
                width=_RIM * ink.paper.unit,
                turn=run.turn,
                align=0.5,
            )
    for place in placed:
        _write(ink, place)
    return placed, [name.words for name in left]


def _write(ink: Ink, place: Place) -> None:
    for run in place.runs:
        ink.text(run.x, run.y, run.words, size=place.size, colour=place.name.colour, turn=run.turn, align=0.5)
    if not place.level:  # the whole name once more, unseen and level, so that a reader's search finds it
        x, y = shapely.get_coordinates(place.cover.centroid)[0]
        ink.text(float(x), float(y), place.name.words, size=place.size * 0.5, opacity=0.0, align=0.5)


def _names(plate: Plate, call: Call, window: Window, unit: float) -> Iterator[Name]:
    """Names from the most important on, each word once; that of the feature in focus first."""
    said: set[str] = set()
    rank = {layer: number for number, layer in enumerate(call.sizes)}
    named = [content for content in plate.contents if content.layer in rank]
    order = sorted(named, key=lambda content: (plate.focus is None or content is not plate.focus[0], rank[content.layer]))  # fmt: skip
    for content in order:
        at = content.seen(window)
        shapes = content.on_page(at, window, beyond=0)
        focus = plate.focus[1] if plate.focus and plate.focus[0] is content else -1
        for number, shape in sorted(zip(at.tolist(), shapes, strict=True), key=lambda one: (one[0] != focus, -_size(one[1]))):  # fmt: skip
            feature = content.features[number]
            words = call.letters.clean(plate.sheet.names.get(feature.title, feature.title))
            if shape.is_empty or words in said or not words:
                continue
            said.add(words)
            yield Name(words, shape, call.sizes[content.layer] * unit, dark(feature.symbol.line))


def _size(shape: BaseGeometry) -> float:
    return float(shape.area or shape.length)


def dark(colour: str) -> str:
    """A colour made dark enough to be read on white (contrast 4.5 to 1, as of WCAG)."""
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    while 1.05 / (_luminance(red, green, blue) + 0.05) < _DARKEST:
        red, green, blue = (int(part * 0.92) for part in (red, green, blue))
    return f"#{red:02x}{green:02x}{blue:02x}"


def _luminance(*parts: int) -> float:
    shares = [part / 255 for part in parts]
    linear = [share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
