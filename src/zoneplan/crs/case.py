"""A layer on trial: what is known of it, what is doubtful, which features are read alike."""

from __future__ import annotations

from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS

from zoneplan.crs.datum import LEGACY, MODERN, datum_of
from zoneplan.crs.datumshift import Parameters
from zoneplan.crs.kinds import SWAPS, Kind
from zoneplan.crs.reading import Reading
from zoneplan.crs.words import Words
from zoneplan.crs.zones import Bounds, zone_of, zones_near

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

NEAR_M = 50_000.0
"""Layers of one job further apart than this are looked at twice."""


@dataclass(frozen=True)
class Doubt:
    """One thing that is doubtful.

    Parameters
    ----------
    code : str
    words : Words
        What was found and what to do, Chinese and English.
    rows : ndarray of int
        Positions of the features concerned.
    fixable : bool
        Whether there is just one way to read them.
    given : bool
        Whether what it takes was given already (parameters of a datum), so that nothing more need be asked.
    """

    code: str
    words: Words
    rows: Ints
    fixable: bool = False
    given: bool = False


@dataclass(frozen=True)
class Judgement:
    """Doubts, and where every one is fixable how each feature is read (−1: has no coordinates)."""

    doubts: tuple[Doubt, ...]
    readings: tuple[Reading, ...]
    which: Ints


@dataclass(frozen=True)
class Context:
    """What is known beside the layer: names, a datum stated for it, parameters, where it should lie (degrees)."""

    names: tuple[str, ...] = ()
    datum: str | None = None
    parameters: Parameters | None = None
    anchor: Bounds | None = None


@dataclass(frozen=True)
class Treatment:
    """What may be done to a layer that would be refused; nothing unless asked.

    Parameters
    ----------
    assume : pyproj.CRS, optional
        The CRS of a layer that has none; one that states another is refused unless `correct`.
    correct : bool
        Put right what can be read in one way only.
    datum : {"GCJ-02", "BD-09", "CGCS2000"}, optional
        What the coordinates are in, whatever names and fields say.
    parameters : Parameters, optional
        Of a local transformation from an old datum.
    if_missing : bool
        Leave a layer that states a CRS of its own alone, whatever `assume` says.
    role : str
        What the layer is in its call, for messages.
    """

    assume: CRS | None = None
    correct: bool = False
    datum: str | None = None
    parameters: Parameters | None = None
    if_missing: bool = False
    role: str = ""


AS_IS = Treatment()


@dataclass
class Group:
    """Features that are read alike."""

    rows: Ints
    reading: Reading
    kind: Kind
    natural: bool  # as the CRS says
    box: Bounds  # of the numbers, in the order east, north


@dataclass
class Case:
    """A layer while it is judged."""

    frame: gpd.GeoDataFrame
    crs: CRS
    shapes: npt.NDArray[np.object_]
    bounds: Floats
    context: Context
    doubts: list[Doubt] = field(default_factory=list)

    def doubt(
        self, code: str, said: Words, rows: Ints, *, fixable: bool = False, given: bool = False
    ) -> None:
        self.doubts.append(Doubt(code, said, rows, fixable, given))

    @property
    def all(self) -> Ints:
        return np.arange(len(self.bounds))

    def sample(self, rows: Ints) -> tuple[float, float]:
        """The first vertex of a feature, as it stands."""
        x, y = shapely.get_coordinates(self.shapes[int(rows[0])])[0][:2]
        return float(x), float(y)


def boxes(shapes: npt.NDArray[np.object_]) -> Floats:
    """Boxes of geometries, shape (n, 4); NaN without coordinates, infinite where one is no number."""
    found = np.asarray(shapely.bounds(shapes), dtype=np.float64).reshape(-1, 4)
    with np.errstate(invalid="ignore"):
        unsound = ~np.isfinite(shapely.length(shapes)) & ~shapely.is_missing(shapes)
    found[unsound] = np.inf
    return found


def upright(box: Bounds | None, swapped: bool) -> Bounds:
    assert box is not None
    return (box[1], box[0], box[3], box[2]) if swapped else box


def total(bounds: Floats) -> Bounds | None:
    known = bounds[~np.isnan(bounds).any(axis=1)]
    if not len(known):
        return None
    west, south = known[:, :2].min(axis=0).tolist()
    east, north = known[:, 2:].max(axis=0).tolist()
    return west, south, east, north


def fitting(case: Case, kind: Kind, rows: Ints, *, crs: CRS | None = None) -> list[CRS]:
    """The 3-degree CRS in which plain metres would lie where the layer should."""
    anchor = case.context.anchor
    zone = zone_of(crs) if crs is not None else None
    if anchor is None or kind not in (Kind.PLAIN, Kind.SWAPPED) or (zone is not None and zone.prefix):
        return []
    named = datum_of(case.crs)
    datum = named if named in LEGACY else MODERN
    box = upright(total(case.bounds[rows]), kind in SWAPS)
    return zones_near(box, str(datum), anchor, NEAR_M)
