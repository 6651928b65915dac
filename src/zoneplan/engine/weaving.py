"""The geometry of overlaps without GEOS: traced along both boundaries, and proved before it is believed.

A piece is kept if its rings are those of a valid polygon (no two edges meet but at vertices where rings may touch,
holes in shells) and it has the area that `zoneplan.engine.overlap` gives. Where floating point is not certain
of what it would take, there is no piece: the engine that cuts geometry makes it.
"""

from __future__ import annotations

import numpy as np
import shapely

from zoneplan.engine import compiled
from zoneplan.engine.crossings import Crossings, crossings
from zoneplan.engine.nesting import judge
from zoneplan.engine.rings import Floats, Ints, Rings, Shapes, gathered, rings
from zoneplan.engine.touching import untie
from zoneplan.engine.tracing import trace

PLACE = (0.0, 0.0)
"""Origin of the coordinates: only their differences count, and those are exact wherever they lie."""


def weave(features: Shapes, layer: Rings, plane_areas: Floats, slack: Floats) -> Shapes:
    """What features have in common with a layer, as polygons; None where that could not be proved.

    Parameters
    ----------
    features : array of polygons, shape (n,)
    layer : Rings
        From the origin `PLACE`.
    plane_areas, slack : ndarray, shape (n,)
        Area that each piece must have, in m², and what it may be off by.
    """
    few = compiled.few(4 * len(layer.xy) + 40 * int(shapely.get_num_coordinates(features).sum()))
    made = np.full(len(features), None, dtype=object)
    if not len(features) or not (few or compiled.available()):
        return made
    mine = rings(features, PLACE)
    found = crossings(mine, features, layer, interpret=few)
    traced = compiled.spread(lambda first, last: _traced(first, last, mine, layer, found, few), len(mine))
    xy, ring, owner, shell, area = _joined(traced)
    proved = np.abs(area - plane_areas) <= slack
    made[proved] = _polygons(xy, ring, owner, shell, np.flatnonzero(proved))
    return made


# vertices, where rings begin, where features do, the shell of each ring, the area of each piece
Traced = tuple[Floats, Ints, Ints, Ints, Floats]


def _traced(first: int, last: int, mine: Rings, layer: Rings, found: Crossings, few: bool) -> Traced:
    """The rings of the pieces of features `first` to `last`; the area is NaN where there is doubt."""
    doubtful = found.doubtful[first:last]
    xy, ring, owner = trace(
        first, last, mine.xy, mine.ring, mine.sign, mine.owner, layer.xy, layer.ring, layer.sign,
        found.start, found.mine, found.mine_ring, found.along, found.theirs, found.theirs_ring, found.within_start,
        found.within, found.inside, found.doubtful, interpret=few,
    )  # fmt: skip
    xy, ring, owner = untie(xy, ring, owner, doubtful, interpret=few)
    shell, area = np.empty(len(ring) - 1, np.int64), np.empty(last - first)
    judge(0, last - first, xy, ring, owner, shell, area, interpret=few)
    area[doubtful] = np.nan
    return xy, ring, owner, shell, area


def _joined(parts: list[Traced]) -> Traced:
    """Stretches of features one behind the other."""
    vertices = np.cumsum([0, *(len(xy) for xy, *_ in parts)])
    n_rings = np.cumsum([0, *(len(ring) - 1 for _, ring, *_ in parts)])
    return (
        np.concatenate([xy for xy, *_ in parts]),
        np.concatenate([[0], *(ring[1:] + at for (_, ring, *_), at in zip(parts, vertices, strict=False))]),
        np.concatenate([[0], *(part[2][1:] + at for part, at in zip(parts, n_rings, strict=False))]),
        np.concatenate([part[3] + at for part, at in zip(parts, n_rings, strict=False)]),
        np.concatenate([part[4] for part in parts]),
    )


def _polygons(xy: Floats, ring: Ints, owner: Ints, shell: Ints, wanted: Ints) -> Shapes:
    """Polygons and multipolygons of some features from their rings, each with its shell; sorted by their first vertices."""
    size = np.diff(owner)[wanted]
    feature = np.repeat(np.arange(len(wanted)), size)
    mine = np.arange(len(feature)) - np.repeat(np.cumsum(size) - size - owner[wanted], size)
    of = shell[mine]
    (x, y), (shell_x, shell_y) = xy[ring[mine]].T, xy[ring[of]].T
    mine = mine[np.lexsort((y, x, of != mine, of, shell_y, shell_x, feature))]
    length = np.diff(ring)[mine]
    end = np.cumsum(length)
    taken = np.arange(length.sum()) - np.repeat(end - length - ring[mine], length)
    first = np.flatnonzero(shell[mine] == mine)
    offsets = np.append(0, end), np.append(first, len(mine))
    parts: Shapes = shapely.from_ragged_array(shapely.GeometryType.POLYGON, xy[taken], offsets)
    return gathered(parts, feature[first], len(wanted))
