"""The names on a map: which there are, in what order, size and colour, written on the page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import shapely
from shapely.geometry.base import BaseGeometry

from zoneplan.render.sheet.catalogue import Plate
from zoneplan.render.sheet.ink import Ink
from zoneplan.render.sheet.names import place_names
from zoneplan.render.sheet.paper import Window
from zoneplan.render.sheet.places import Name, Place
from zoneplan.render.sheet.symbols import mark_size

MOST_NAMES = 300
"""Names on one map; of more, the first ones, and that is said."""
_RIM = 0.45
_DARKEST = 4.5  # contrast of a name's colour with white, at least


def write_names(
    ink: Ink, plate: Plate, sizes: Mapping[str, float], window: Window
) -> tuple[list[Place], list[str]]:
    """Write the names of a plate; where they stand, and those for which there was no room.

    Parameters
    ----------
    sizes : mapping of str to float
        Points on A3 by layer, the most important layer first; other layers carry no names.
    """
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
    names = list(_names(ink, plate, sizes, window))
    placed, left = place_names(names[:MOST_NAMES], window.frame, ink.letters, marks=marks, linework=linework)
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
    return placed, [name.words for name in (*left, *names[MOST_NAMES:])]


def _write(ink: Ink, place: Place) -> None:
    for run in place.runs:
        ink.text(run.x, run.y, run.words, size=place.size, colour=place.name.colour, turn=run.turn, align=0.5)
    if not place.level:  # the whole name once more, unseen and level, so that a reader's search finds it
        x, y = shapely.get_coordinates(place.cover.centroid)[0]
        ink.text(float(x), float(y), place.name.words, size=place.size * 0.5, opacity=0.0, align=0.5)


def _names(ink: Ink, plate: Plate, sizes: Mapping[str, float], window: Window) -> Iterator[Name]:
    """Names from the most important on, each word once; that of the feature in focus first."""
    said: set[str] = set()
    rank = {layer: number for number, layer in enumerate(sizes)}
    named = [content for content in plate.contents if content.layer in rank]
    order = sorted(named, key=lambda content: (plate.focus is None or content is not plate.focus[0], rank[content.layer]))  # fmt: skip
    for content in order:
        at = content.seen(window)
        shapes = content.on_page(at, window, beyond=0)
        focus = plate.focus[1] if plate.focus and plate.focus[0] is content else -1
        for number, shape in sorted(zip(at.tolist(), shapes, strict=True), key=lambda one: (one[0] != focus, -_size(one[1]))):  # fmt: skip
            feature = content.features[number]
            words = ink.letters.clean(plate.sheet.names.get(feature.title, feature.title))
            if shape.is_empty or words in said or not words:
                continue
            said.add(words)
            yield Name(words, shape, sizes[content.layer] * ink.paper.unit, dark(feature.symbol.line))


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
