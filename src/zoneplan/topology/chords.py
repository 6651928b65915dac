"""Chords: a line that is straight in another CRS, drawn with many vertices on one side and two on the other.

Both polygons followed the same line before they were projected. Afterwards the side with many vertices bends,
the other is cut short by its chord, and a thin lens of nothing lies between them. No surveyor made it and no
planner can mend it: the line has to be densified before it is projected.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from pyproj import CRS, Transformer
from shapely.geometry import Polygon

from zoneplan.crs.zones import between, to_degrees
from zoneplan.topology.edges import SAME_M, Array, Edges, Ints

EARTH_M = 6_371_000.0
LEAST_M = 10.0
"""Shorter edges bend by less than a hundredth of a millimetre."""
NOISE_M = 2e-5
"""Coordinates are often written with four decimals."""
LONGEST = 10_000


@dataclass(frozen=True)
class Chord:
    """A lens between an edge of one polygon and a chain of edges of others.

    Parameters
    ----------
    edge : int
        The single edge.
    chain : tuple of int
        The edges on the other side, against its direction.
    lens : Polygon
        At the local origin.
    width_m : float
        The largest distance between chain and edge.
    straight_in : str
        The CRS in which the chain is straight, or empty if only its shape says so.
    """

    edge: int
    chain: tuple[int, ...]
    lens: Polygon
    width_m: float
    straight_in: str


@dataclass(frozen=True)
class Frame:
    """Where a layer lies: its CRS, the origin subtracted, and the latitude that bounds a chord's bend."""

    crs: CRS
    origin: Array
    latitude: float

    def bound_m(self, length: Array) -> Array:
        """How far a line that is straight in a usual CRS can bend away from its chord here."""
        bend = 2 * (math.tan(math.radians(min(abs(self.latitude), 80.0))) + 0.1) / EARTH_M
        return np.asarray(length**2 / 8 * bend)


def frame_of(crs: CRS | None, origin: Array, bounds: Array) -> Frame | None:
    """The frame of a layer with a projected CRS; None without one."""
    if crs is None or not crs.is_projected or not np.isfinite(bounds).all():
        return None
    middle = (bounds[:2] + bounds[2:]) / 2 + origin
    _, latitude = to_degrees(crs).transform(*middle)
    return Frame(crs, origin, float(latitude)) if math.isfinite(latitude) else None


def chords(edges: Edges, frame: Frame, *, tolerance: float) -> list[Chord]:
    """Every loose edge that another polygon follows in many steps, on a line straight in another CRS.

    Parameters
    ----------
    edges : Edges
    frame : Frame
    tolerance : float
        Metres; a single vertex this near the edge is an unmatched vertex, whatever line it may lie on.

    Notes
    -----
    The chain must join the edge's ends, keep to one side of it, stay within
    ``L²/8 · 2(tan φ + 0.1)/R`` and, within a twentieth of its own bend (a hundredth for a single vertex), be
    straight in longitude and latitude, in a neighbouring Gauss-Krüger zone, in UTM or in Web Mercator. With
    three or more vertices between, a bend that is a parabola to a twentieth will do for a CRS not tried.
    """
    found = []
    straights = _Straights(frame)
    loose = edges.loose
    taken = np.zeros(len(edges.start), dtype=bool)
    leaving = _leaving(edges, loose)
    for edge, first in zip(*_candidates(edges, loose, frame), strict=True):
        if taken[edge] or taken[first]:
            continue
        chain = _chain(edges, leaving, int(edge), int(first))
        chord = _chord(edges, int(edge), chain, straights) if chain else None
        if chord is not None and (len(chain) > 2 or chord.width_m > tolerance):
            taken[[chord.edge, *chord.chain]] = True
            found.append(chord)
    return found


def _candidates(edges: Edges, loose: npt.NDArray[np.bool_], frame: Frame) -> tuple[Ints, Ints]:
    """Pairs (long edge, edge of another polygon that leaves its end back along it), both loose."""
    length = edges.lengths
    long = np.nonzero(loose & (length >= LEAST_M))[0]
    free = np.nonzero(loose)[0]
    free = free[np.argsort(edges.start[free], kind="stable")]
    starts = edges.start[free]
    low, high = (np.searchsorted(starts, edges.end[long], side=side) for side in ("left", "right"))
    count = high - low
    edge = np.repeat(long, count)
    step = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
    first = free[np.repeat(low, count) + step]
    along, off = _relative(edges, edge, edges.end[first])
    near = np.abs(off) <= frame.bound_m(length[edge]) + NOISE_M
    keep = near & (along > 0) & (along < 1) & (edges.owner[edge] != edges.owner[first])
    return edge[keep], first[keep]


def _relative(edges: Edges, edge: Ints, vertex: Ints) -> tuple[Array, Array]:
    """Where a vertex lies relative to an edge: share along it, and metres to the left."""
    start = edges.xy[edges.start[edge]]
    run, to = edges.xy[edges.end[edge]] - start, edges.xy[vertex] - start
    length = np.hypot(*run.T)
    cross = run[:, 0] * to[:, 1] - run[:, 1] * to[:, 0]
    return (run * to).sum(axis=1) / length**2, cross / length


def _leaving(edges: Edges, loose: npt.NDArray[np.bool_]) -> Callable[[int], Ints]:
    """A look-up of the loose edges that start at a vertex."""
    free = np.nonzero(loose)[0]
    free = free[np.argsort(edges.start[free], kind="stable")]
    starts = edges.start[free]
    return lambda vertex: free[
        np.searchsorted(starts, vertex) : np.searchsorted(starts, vertex, side="right")
    ]


def _chain(edges: Edges, leaving: Callable[[int], Ints], edge: int, first: int) -> tuple[int, ...]:
    """The edges of other polygons from the end of an edge back to its start; empty if they lead elsewhere."""
    chain, share, goal = [first], 1.0, edges.start[edge]
    while edges.end[chain[-1]] != goal:
        if len(chain) > LONGEST:
            return ()
        here = int(edges.end[chain[-1]])
        share = float(_relative(edges, np.array([edge]), np.array([here]))[0][0])
        following = leaving(here)
        following = following[edges.owner[following] != edges.owner[edge]]
        along, off = _relative(edges, np.full(len(following), edge), edges.end[following])
        back = (along < share) & (along > -1e-9)
        if not back.any():
            return ()
        chain.append(int(following[back][np.argmin(np.abs(off[back]))]))
    return tuple(chain) if len(chain) > 1 else ()


def _chord(edges: Edges, edge: int, chain: tuple[int, ...], straights: _Straights) -> Chord | None:
    between = edges.end[list(chain[:-1])]
    along, off = _relative(edges, np.full(len(between), edge), between)
    width = float(np.abs(off).max())
    length = float(edges.lengths[edge : edge + 1][0]) if len(edges.start) else 0.0
    slack = NOISE_M
    one_sided = bool((off > -slack).all() or (off < slack).all())
    if width <= SAME_M or not one_sided or width > straights.frame.bound_m(np.array([length]))[0] + slack:
        return None
    ends = edges.xy[[edges.start[edge], edges.end[edge]]]
    name = straights.name(ends, edges.xy[between], width)
    if name is None and not _parabola(along, off, width):
        return None
    lens = Polygon([*ends, *edges.xy[between]])
    return Chord(edge, chain, lens, width, name or "")


def _parabola(along: Array, off: Array, width: float) -> bool:
    shape = 4 * along * (1 - along)
    bend = float((off * shape).sum() / (shape**2).sum())
    return len(along) >= 3 and bool((np.abs(off - bend * shape) <= 0.05 * width + NOISE_M).all())


class _Straights:
    """The CRSs in which a line may have been straight, each made when first asked for."""

    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        self._to: list[tuple[str, Transformer]] | None = None

    def name(self, ends: Array, between: Array, width: float) -> str | None:
        """The CRS in which points lie on the straight line between two ends; None if there is none."""
        allowed = (0.05 if len(between) > 1 else 0.01) * width + NOISE_M
        points = np.vstack([ends, between]) + self.frame.origin
        if allowed >= width:  # a line bent by less than this is straight in any CRS
            return None
        for name, transformer in self._transformers():
            there = np.column_stack(transformer.transform(points[:, 0], points[:, 1]))
            run, to = there[1] - there[0], there[2:] - there[0]
            span = float(np.hypot(*run))
            if not (np.isfinite(there).all() and span > 0):
                continue
            off = np.abs(run[0] * to[:, 1] - run[1] * to[:, 0]) / span
            metres = float(np.hypot(*(ends[1] - ends[0]))) / span
            if (off * metres <= allowed).all():
                return name
        return None

    def _transformers(self) -> list[tuple[str, Transformer]]:
        if self._to is None:
            crs = self.frame.crs
            base = crs.geodetic_crs
            lon, _ = between(crs, base).transform(*self.frame.origin)
            middle = 3 * round(lon / 3)
            targets: list[tuple[str, CRS | str]] = [("longitude and latitude", CRS(base))]
            for meridian in (middle, middle - 3, middle + 3):
                text = f"+proj=tmerc +lat_0=0 +lon_0={meridian} +k=1 +x_0=500000 +ellps=GRS80 +units=m"
                targets.append((f"the zone of {meridian}°E", text))
            targets.append(("Web Mercator", "EPSG:3857"))
            self._to = [(name, between(crs, to)) for name, to in targets]
        return self._to
