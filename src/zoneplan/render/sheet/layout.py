"""Where on the paper everything stands: the panel beside the map or below it, whichever gives the larger scale."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from zoneplan.errors import InputError, fault
from zoneplan.render.sheet import bearings, locator
from zoneplan.render.sheet.frame import BAND
from zoneplan.render.sheet.legend import COLUMN, Legend
from zoneplan.render.sheet.paper import Box, Paper, Window, round_scale
from zoneplan.render.sheet.passport import Passport

MARGIN, TITLE = 9.0, 17.0
_GAP, _PAD = 2.6, 3.0
_PANEL = 76.0
_MOST_BELOW = 0.42  # of the height, for a panel below
_CLEAR = 4.0  # mm between what a map is of and its neat line
_CLOSEST = 500
_SLIM = 0.3  # a slim shape has at least this share of its length as width, as to the ground around it


@dataclass(frozen=True)
class Panel:
    """What stands beside the map or below it; ``legend_unit`` is the size of the legend's lettering, 1 on A3.

    ``map`` is the paper that is left to the map with its double frame.
    """

    map: Box
    edge: Box
    legend: Box
    legend_unit: float
    bearings: Box
    locator: Box
    passport: Box | None


@dataclass(frozen=True)
class Layout:
    """Where everything of one page stands."""

    paper: Paper
    window: Window
    title: Box
    imprint: Box
    panel: Panel


def lay_out(
    papers: Sequence[Paper], legend: Legend, passport: Passport | None, bounds: tuple[float, ...], *,
    imprint: float, scale: int | None, margin: float = 0.0, name: str,
) -> Layout:  # fmt: skip
    """The layout with the largest scale.

    Parameters
    ----------
    papers : sequence of Paper
        To choose from.
    bounds : tuple of float
        (west, south, east, north) in metres of what has to be on the map.
    imprint : float
        Height of the imprint, on A3.
    scale : int, optional
        The denominator; default the largest round scale at which the bounds fit.
    margin : float
        Ground shown around the bounds, in their sides.
    name : str
        Of the sheet, for messages.

    Raises
    ------
    InputError
        If the bounds do not fit at the scale asked for, or the legend does not fit the paper.
    """
    found = [
        layout
        for paper in papers
        for layout in _layouts(paper, legend, passport, bounds, imprint, scale, margin)
    ]
    if not found:
        raise InputError(
            fault(
                "sheet.legend", name,
                f"图例在 {papers[0].name} 上放不下;请用更大的纸(--paper)",
                f"the legend does not fit {papers[0].name}; choose larger paper (--paper)",
            )
        )  # fmt: skip
    least = [_least_scale(one.window.frame, bounds, clear=0.0) for one in found]
    fitting = [one for one, most in zip(found, least, strict=True) if scale is None or most <= scale]
    if not fitting:
        fits = round_scale(min(least))
        raise InputError(
            fault(
                "sheet.fit", f"--scale 1:{scale}: {name}",
                f"在 {papers[0].name} 上放不下;最大可用 1:{fits},或换更大的纸(--paper)",
                f"does not fit {papers[0].name}; 1:{fits} would, or larger paper (--paper)",
            )
        )  # fmt: skip
    return min(fitting, key=lambda one: (one.window.scale, -one.window.frame.width * one.window.frame.height))


def _layouts(
    paper: Paper, legend: Legend, passport: Passport | None, bounds: tuple[float, ...], imprint: float,
    scale: int | None, margin: float,
) -> Iterator[Layout]:  # fmt: skip
    unit = paper.unit
    inner = Box(0, 0, paper.width, paper.height).inset(MARGIN * unit)
    title = Box(inner.x, inner.top - TITLE * unit, inner.width, TITLE * unit)
    foot = Box(inner.x, inner.y, inner.width, imprint * unit)
    low = foot.top + 2.0 * unit
    body = Box(inner.x, low, inner.width, title.y - low)
    for panel in (_beside(body, legend, passport, unit), _below(body, legend, passport, unit)):
        if panel is None:
            continue
        frame = panel.map.inset(BAND * unit)
        if min(frame.width, frame.height) < 40 * unit:
            continue
        west, south, east, north = bounds
        wanted = scale or max(
            round_scale(_least_scale(frame, _grown(bounds, margin), clear=_CLEAR * unit)),
            _CLOSEST if margin else 1,
        )
        window = Window(frame, ((west + east) / 2, (south + north) / 2), wanted)
        yield Layout(paper, window, title, foot, panel)


def _grown(bounds: tuple[float, ...], margin: float) -> tuple[float, ...]:
    west, south, east, north = bounds
    longest = max(east - west, north - south)
    x, y = (margin * max(side, _SLIM * longest) for side in (east - west, north - south))
    return (west - x, south - y, east + x, north + y)


def _least_scale(frame: Box, bounds: tuple[float, ...], *, clear: float) -> float:
    west, south, east, north = bounds
    return 1000 * max((east - west) / (frame.width - 2 * clear), (north - south) / (frame.height - 2 * clear))


def _beside(body: Box, legend: Legend, passport: Passport | None, unit: float) -> Panel | None:
    """A column at the right: passport, legend, locator, bearings."""
    gap, pad = _GAP * unit, _PAD * unit
    for columns in (1, 2):
        width = (_PANEL + (columns - 1) * COLUMN) * unit
        panel = Box(body.right - width, body.y, width, body.height)
        inside = panel.inset(pad)
        y = inside.y
        north = Box(inside.x, y, inside.width, bearings.HEIGHT * unit)
        where = Box(inside.x, north.top + gap, inside.width, (locator.HEIGHT + 6) * unit)
        top = inside.top
        about = None
        if passport:
            high = passport.height(inside.width, unit)
            about = Box(inside.x, top - high, inside.width, high)
            top = about.y - gap
        room = Box(inside.x, where.top + gap, inside.width, top - where.top - gap)
        size = legend.fit(room.width, room.height, unit) if room.height > 0 else None
        if size is not None and (columns == 2 or size > 0.8 * unit):
            return Panel(
                Box(body.x, body.y, panel.x - gap - body.x, body.height),
                panel,
                room,
                size,
                north,
                where,
                about,
            )
    return None


def _below(body: Box, legend: Legend, passport: Passport | None, unit: float) -> Panel | None:
    """A strip below: passport, legend in columns, locator, bearings."""
    gap, pad = _GAP * unit, _PAD * unit
    fixed = [
        locator.LEAST_WIDTH * unit,
        bearings.LEAST_WIDTH * unit,
        *([COLUMN * 1.1 * unit] if passport else []),
    ]
    width = body.width - 2 * pad - sum(fixed) - 2 * gap * len(fixed)
    if width < COLUMN * 0.9 * unit:
        return None
    most = _MOST_BELOW * body.height - 2 * pad
    high = max(locator.HEIGHT * unit, passport.height(fixed[-1], unit) if passport else 0.0)
    wanted = legend.height(width, unit)
    high = min(max(high, wanted), most)
    size = legend.fit(width, high, unit)
    if size is None or (passport and passport.height(fixed[-1], unit) > high):
        return None
    panel = Box(body.x, body.y, body.width, high + 2 * pad)
    inside = panel.inset(pad)
    x, about = inside.x, None
    if passport:
        about = Box(x, inside.y, fixed[-1], inside.height)
        x = about.right + 2 * gap
    key = Box(x, inside.y, width, inside.height)
    where = Box(key.right + 2 * gap, inside.y, fixed[0], inside.height)
    north = Box(where.right + 2 * gap, inside.y, fixed[1], inside.height)
    return Panel(Box(body.x, panel.top + gap, body.width, body.top - panel.top - gap), panel, key, size, north, where, about)  # fmt: skip
