"""A layer judged: what is doubtful about its CRS and coordinates, and how it is read where there is one way only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import geopandas as gpd
import numpy as np
from pyproj import CRS

from zoneplan.crs import words as words
from zoneplan.crs.case import Case, Context, Group, Judgement, boxes
from zoneplan.crs.datumshift import Parameters
from zoneplan.crs.declared import Shifts, declared
from zoneplan.crs.numbers import groups
from zoneplan.crs.whereabouts import locate
from zoneplan.crs.zones import degrees


def judge(frame: gpd.GeoDataFrame, context: Context) -> Judgement:
    """Judge a layer that has a CRS."""
    geometry = frame.geometry
    shapes = np.asarray(geometry, dtype=object)
    case = Case(frame, CRS.from_user_input(geometry.crs), shapes, boxes(shapes), context)
    none = np.full(len(frame), -1)
    shifts = declared(case)
    if not all(doubt.fixable for doubt in case.doubts):
        return Judgement(tuple(case.doubts), (), none)
    made = groups(case)
    for group in made:
        locate(case, group)
    if not all(doubt.fixable for doubt in case.doubts):
        return Judgement(tuple(case.doubts), (), none)
    return _settled(case, [part for group in made for part in _shifted(group, shifts, case)])


def _shifted(group: Group, shifts: Shifts, case: Case) -> list[Group]:
    """A group parted into features that need a shift of datum and those that do not."""
    if not shifts:
        return [group]
    ((rows, shift),) = shifts.values()
    moved, kept = np.intersect1d(group.rows, rows), np.setdiff1d(group.rows, rows)
    if isinstance(shift, Parameters) and len(moved):
        box = degrees(group.box, group.reading.crs)
        area = shift.area
        if not (area[0] <= box[0] and area[1] <= box[1] and box[2] <= area[2] and box[3] <= area[3]):
            case.doubt("datum.area", words.beyond(box, area, shift.file), moved)
    reading = replace(group.reading, shift=shift, to=shift.crs)
    made = [replace(group, rows=moved, reading=reading, natural=False), replace(group, rows=kept)]
    return [one for one in made if len(one.rows)]


def _settled(case: Case, groups: Sequence[Group]) -> Judgement:
    """All readings made to come out in one CRS: the one stated if some features fit it, else that of most."""
    which = np.full(len(case.bounds), -1)
    doubts = tuple(case.doubts)
    if not groups or not all(doubt.fixable for doubt in doubts):
        return Judgement(doubts, (), which)
    best = max(groups, key=lambda group: (group.natural, len(group.rows), -int(group.rows[0])))
    readings = []
    for number, group in enumerate(groups):
        readings.append(replace(group.reading, to=best.reading.to))
        which[group.rows] = number
    return Judgement(doubts, tuple(readings), which)
