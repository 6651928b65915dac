"""Where names stand: each where it reads best, none over another, none off the map.

Names are set one after the other, the most important first, each at the best of many places that are still free.
"""

from __future__ import annotations

from collections.abc import Sequence

import shapely
from shapely.geometry.base import BaseGeometry

from zoneplan.render.sheet.lettering import MM_PER_POINT, Lettering
from zoneplan.render.sheet.paper import Box
from zoneplan.render.sheet.places import Name, Place, candidates

SMALLER = (1.0, 0.86, 0.74)
"""Sizes that are tried, of the size wanted."""
_GAP = 0.35  # of the size, between names
_MOST_CLUTTER = 1.2
_GOOD, _SHRUNK = 1.5, 0.6  # a place that needs no other size tried; what each step down costs


def place_names(
    names: Sequence[Name], frame: Box, letters: Lettering, *, marks: Sequence[BaseGeometry] = (),
    linework: Sequence[BaseGeometry] = (),
) -> tuple[list[Place], list[Name]]:  # fmt: skip
    """Places for names, the first before the others, and the names for which there is no room.

    Parameters
    ----------
    names : sequence of Name
        From the most important on.
    frame : Box
        Nothing stands outside it.
    letters : Lettering
    marks : sequence of geometry
        What no name may cover (page millimetres).
    linework : sequence of geometry
        What names cover only where there is no better place.
    """
    inner = frame.inset(0.8)
    page = shapely.box(inner.x, inner.y, inner.right, inner.top)
    lines = shapely.STRtree(list(linework))
    taken: list[BaseGeometry] = list(marks)
    placed: list[Place] = []
    left: list[Name] = []
    for name in names:
        found = None
        for number, share in enumerate(SMALLER):
            if found is not None and found.cost <= _GOOD:
                break
            tried = _best(name, name.size * share, page, taken, lines, letters, _SHRUNK * number)
            if tried is not None and (found is None or tried.cost < found.cost):
                found = tried
        if found is None:
            left.append(name)
            continue
        placed.append(found)
        taken.append(shapely.buffer(found.cover, _GAP * found.size * MM_PER_POINT, cap_style="square", join_style="mitre"))  # fmt: skip
    return placed, left


def _best(
    name: Name, size: float, page: BaseGeometry, taken: Sequence[BaseGeometry], lines: shapely.STRtree,
    letters: Lettering, cost: float,
) -> Place | None:  # fmt: skip
    """The candidate of least cost that is free and on the map."""
    busy = shapely.STRtree(list(taken))
    best: Place | None = None
    for one in sorted(candidates(name, size, letters), key=lambda place: place.cost):
        if best is not None and cost + one.cost >= best.cost:
            break  # what it covers can only make it worse
        if not page.covers(one.cover) or len(busy.query(one.cover, predicate="intersects")):
            continue
        whole = cost + one.cost + _clutter(one, lines)
        if best is None or whole < best.cost:
            best = Place(one.name, one.size, one.runs, one.cover, whole)
    return best


def _clutter(place: Place, lines: shapely.STRtree) -> float:
    """What the length of lines below a name costs; no more than a place beside what is named would."""
    hit = lines.query(place.cover, predicate="intersects")
    if not len(hit):
        return 0.0
    length = shapely.length(shapely.intersection(lines.geometries[hit], place.cover)).sum()
    return min(0.12 * float(length) / (place.size * MM_PER_POINT), _MOST_CLUTTER)
