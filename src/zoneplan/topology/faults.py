"""Faults of geometry: a finding, and the geometry at fault for the map.

Checks work at a local origin and note what they find as `Note`; `finish` turns all notes of a layer into
`Fault`, with longitude and latitude from one transformation.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from pyproj import CRS
from shapely.geometry import Point
from shapely.geometry.base import BaseGeometry

from zoneplan.crs.zones import between
from zoneplan.finding import SEVERITIES, Finding, Severity

Array = npt.NDArray[np.float64]
GEOGRAPHIC = "EPSG:4490"
COLUMNS = ("code", "severity", "place", "feature", "message_zh", "message_en", "size")


@dataclass(frozen=True)
class Fault:
    """A finding beside the geometry that it is about.

    Parameters
    ----------
    finding : Finding
    geometry : shapely geometry
        In the layer's CRS; an empty point where there is none to show.
    size : float
        What the message measures: m² of gaps, overlaps and patches, m of offsets, degrees of angles, else a count.
    """

    finding: Finding
    geometry: BaseGeometry
    size: float = float("nan")


@dataclass(frozen=True)
class Note:
    """A fault at the local origin, before its coordinates are turned into degrees.

    Parameters
    ----------
    code, severity, zh, en, feature, citation
        As in `Finding`; ``{at}`` in a message becomes the coordinates in the layer's CRS.
    geometry : shapely geometry
        What to draw; the fault's point lies on it, unless `at` is given.
    """

    code: str
    severity: Severity
    zh: str
    en: str
    feature: tuple[str, ...]
    geometry: BaseGeometry
    size: float = float("nan")
    at: tuple[float, float] | None = None
    citation: str = ""


def finish(notes: Sequence[Note], *, origin: Array, crs: CRS | None, place: str = "") -> tuple[Fault, ...]:
    """Notes as faults, worst first, then by code and features, so that equal input gives equal lists.

    Parameters
    ----------
    notes : sequence of Note
    origin : ndarray, shape (2,)
        What was subtracted from the layer's coordinates.
    crs : pyproj.CRS or None
        The layer's; without one, findings have no longitude and latitude.
    place : str
        File or layer, named in every finding.
    """
    spots = _spots(notes) + origin
    degrees = np.full_like(spots, np.nan)
    if crs is not None and len(spots):
        to_degrees = between(crs, CRS.from_user_input(GEOGRAPHIC))
        degrees = np.column_stack(to_degrees.transform(spots[:, 0], spots[:, 1]))
    shapes = shapely.transform(np.array([n.geometry for n in notes], dtype=object), lambda xy: xy + origin)
    made = [
        Fault(_finding(note, spot, degree, place), shape, note.size)
        for note, spot, degree, shape in zip(notes, spots, degrees, shapes, strict=True)
    ]
    return tuple(sorted(made, key=_order))


def faults_frame(faults: Iterable[Fault], crs: CRS | None) -> gpd.GeoDataFrame:
    """Faults as a layer: columns `COLUMNS` and the geometry concerned."""
    rows = list(faults)
    table = pd.DataFrame(
        [
            (
                f.finding.code, f.finding.severity, f.finding.place, ";".join(f.finding.feature), f.finding.zh,
                f.finding.en, f.size,
            )
            for f in rows
        ],
        columns=list(COLUMNS),
    )  # fmt: skip
    return gpd.GeoDataFrame(table, geometry=[fault.geometry for fault in rows], crs=crs)


def measure(value: float, unit: str = "") -> str:
    """A measured number that never reads 0 when it is not: two decimals, else three significant digits."""
    text = f"{value:.2f}" if abs(value) >= 1 or value == 0 else f"{value:.3g}"
    return f"{text} {unit}".rstrip()


def some(names: Sequence[str], most: int = 6) -> str:
    """Names in a message, not more than a few."""
    rest = len(names) - most
    return ", ".join(names[:most]) + (f" … (+{rest})" if rest > 0 else "")


def _spots(notes: Sequence[Note]) -> Array:
    """Where each note is: as given, or inside the largest part of its geometry; NaN where there is none."""
    spots = np.array([note.at or (np.nan, np.nan) for note in notes], dtype=np.float64).reshape(-1, 2)
    parts, owner = shapely.get_parts(np.array([n.geometry for n in notes], dtype=object), return_index=True)
    order = np.lexsort((-shapely.area(parts), owner))
    largest = order[np.unique(owner[order], return_index=True)[1]]
    given = np.array([note.at is not None for note in notes], dtype=bool)
    largest = largest[~given[owner[largest]] & ~shapely.is_empty(parts[largest])]
    spots[owner[largest]] = shapely.get_coordinates(shapely.point_on_surface(parts[largest]))
    return spots


def _finding(note: Note, spot: Array, degree: Array, place: str) -> Finding:
    known = bool(np.isfinite(spot).all())
    at = f"({spot[0]:.3f}, {spot[1]:.3f})" if known else ""
    point = None
    if np.isfinite(degree).all():
        point = round(float(degree[0]), 8), round(float(degree[1]), 8)
    named = f"{place}: {some(note.feature)}" if place else some(note.feature)
    return Finding(
        note.code, note.severity, note.zh.replace("{at}", at), note.en.replace("{at}", at),
        named, note.citation, note.feature, point,
    )  # fmt: skip


def _order(fault: Fault) -> tuple[int, str, tuple[str, ...], tuple[float, float]]:
    found = fault.finding
    return SEVERITIES.index(found.severity), found.code, found.feature, found.point or (0.0, 0.0)


def no_place() -> Point:
    """The geometry of a fault that has none."""
    return Point()
