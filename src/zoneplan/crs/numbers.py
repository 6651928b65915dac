"""How the numbers of features are read, given the CRS that is stated, and what does not fit it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from pyproj import CRS

from zoneplan.crs import words as words
from zoneplan.crs.case import Case, Group, fitting, total, upright
from zoneplan.crs.datum import LEGACY, MODERN, datum_of
from zoneplan.crs.kinds import SWAPS, Kind, kinds
from zoneplan.crs.reading import Reading
from zoneplan.crs.zones import horizontal, zone_named, zone_of

Ints = npt.NDArray[np.int64]
_PREFIXED = (Kind.PREFIXED, Kind.PREFIXED_SWAPPED)
_DEGREES = (Kind.DEGREES, Kind.DEGREES_SWAPPED)


def groups(case: Case) -> list[Group]:
    """Features by how their numbers look; what cannot be read, or is not what the CRS says, is doubtful."""
    zone = zone_of(case.crs)
    kind, number = kinds(case.bounds, zone=zone.prefix if zone else None)
    made = []
    for one, prefix in sorted({(int(k), int(n)) for k, n in zip(kind, number, strict=True)}):
        rows = np.flatnonzero((kind == one) & (number == prefix))
        if one == Kind.NOTHING:
            continue
        group = _group(case, Kind(one), prefix, rows)
        if group is not None:
            made.append(group)
    return made


def _group(case: Case, kind: Kind, prefix: int, rows: Ints) -> Group | None:
    """How features of one kind are read; None, with a doubt, if they cannot be."""
    if kind == Kind.WILD:
        case.doubt("crs.coordinates", words.wild(), rows)
        return None
    crs, code = _read(case.crs, kind, prefix)
    if crs is None:
        found = fitting(case, kind, rows) if code == "crs.metres" else []
        if len(found) == 1:
            crs = found[0]
    if code:
        said = words.unfit(code, case.crs, kind, case.sample(rows), crs)
        case.doubt(code, said, rows, fixable=crs is not None)
    if crs is None:
        return None
    swapped = kind in SWAPS
    natural = not code
    return Group(rows, Reading(crs, crs, swapped), kind, natural, upright(total(case.bounds[rows]), swapped))


def _read(crs: CRS, kind: Kind, prefix: int) -> tuple[CRS | None, str]:
    """The CRS that numbers of a kind are in, given the one stated (None: unknown), and what is wrong with that."""
    inner, zone = horizontal(crs), zone_of(crs)
    if kind in _DEGREES:
        if inner.is_geographic:
            return crs, "crs.swapped" if kind in SWAPS else ""
        return inner.geodetic_crs, "crs.degrees"
    banded = inner.is_geographic or (zone is not None and zone.standard)
    if not banded:
        return crs, ""
    if kind == Kind.FEET:
        return None, "crs.feet"
    if kind == Kind.STRANGE:
        return None, "crs.metres" if inner.is_geographic else "crs.strange"
    named = datum_of(crs)
    datum = named if named in LEGACY else MODERN
    if kind in _PREFIXED:
        return _prefixed(crs, datum, prefix, swapped=kind in SWAPS)
    if zone is None:
        return None, "crs.metres"
    swap = "crs.swapped" if kind in SWAPS else ""
    if zone.prefix is None:
        return crs, swap
    return zone_named(str(datum), zone.meridian, width=zone.width), "crs.prefix"


def _prefixed(crs: CRS, datum: str | None, prefix: int, *, swapped: bool) -> tuple[CRS, str]:
    """Numbers that begin with a zone: that decides, whatever zone is stated."""
    zone = zone_of(crs)
    if zone is not None and zone.prefix == prefix:
        return crs, "crs.swapped" if swapped else ""
    width = 3 if prefix >= 25 else 6
    meridian = 3 * prefix if width == 3 else 6 * prefix - 3
    made = zone_named(str(datum), float(meridian), width=width, prefix=True)
    if zone is None:
        return made, "crs.metres"
    return made, "crs.prefix" if zone.meridian == meridian else "crs.label"
