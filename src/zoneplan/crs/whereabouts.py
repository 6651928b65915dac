"""Doubts about where features lie: outside China, far from the other layers, not in their zone."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
from pyproj import CRS

from zoneplan.crs import words as words
from zoneplan.crs.case import NEAR_M, Case, Group, fitting, total, upright
from zoneplan.crs.zones import (
    GEOGRAPHIC,
    ZONE_SLACK,
    Bounds,
    apart_m,
    degrees,
    in_china,
    within_china,
    zone_crs,
    zone_of,
)

Ints = npt.NDArray[np.int64]


def locate(case: Case, group: Group) -> None:
    """Doubts about where features lie; a zone that they do not fit is left for the one that they do."""
    crs = group.reading.crs
    box = degrees(group.box, crs)
    if not all(np.isfinite(box)) or not within_china(box):
        rows = _strays(case, group)
        if len(rows):
            case.doubt("crs.outside", words.outside(crs, box, case.sample(rows)), rows)
            return
    anchor = case.context.anchor
    if anchor is not None and (far := apart_m(box, anchor)) > NEAR_M:
        found = fitting(case, group.kind, group.rows, crs=crs)
        if found:
            one = len(found) == 1
            case.doubt("crs.label", words.label(crs, found, far, box), group.rows, fixable=one)
            if one:
                group.reading = replace(group.reading, crs=found[0], to=found[0])
                group.natural = False
            return
    _zone(case, group, box)


def _zone(case: Case, group: Group, box: Bounds) -> None:
    """A zone in which the data do not lie; and what is no CRS to measure in comes out in one that is."""
    crs = group.reading.crs
    zone = zone_of(crs)
    if any(doubt.code in ("crs.web_mercator", "crs.unit") for doubt in case.doubts):
        fits = _fitting(box)
    elif zone is not None and not (
        box[0] >= zone.meridian - zone.reach and box[2] <= zone.meridian + zone.reach
    ):
        fits = _fitting(box)
        case.doubt("crs.zone", words.zone(crs, zone.meridian, box, fits), group.rows, fixable=True)
    else:
        return
    group.reading = replace(group.reading, to=fits)
    group.natural = False


def _fitting(box: Bounds) -> CRS:
    """The 3-degree CRS of a box in degrees; CGCS2000 longitude and latitude where it is too wide for one."""
    middle = (box[0] + box[2]) / 2
    if not 73.5 <= middle < 136.5:
        return CRS.from_user_input(GEOGRAPHIC)
    fits = zone_crs(middle)
    inside = zone_of(fits)
    if inside is not None and (box[2] - box[0]) / 2 > ZONE_SLACK:
        wide = max(inside.meridian - box[0], box[2] - inside.meridian) > inside.reach
        fits = CRS.from_user_input(GEOGRAPHIC) if wide else fits
    return fits


def _strays(case: Case, group: Group) -> Ints:
    """Features of a group that do not lie in China."""
    found = []
    for row in group.rows:
        box = upright(total(case.bounds[row : row + 1]), group.reading.swapped)
        west, south, east, north = degrees(box, group.reading.crs)
        if not (in_china(west, south) and in_china(east, north)):
            found.append(int(row))
    return np.array(found, dtype=np.int64)
