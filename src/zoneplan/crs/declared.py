"""Doubts about what a CRS, a name or a field declares, and the shifts of datum that follow."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from pyproj import CRS

from zoneplan.crs import words as words
from zoneplan.crs.case import Case, total
from zoneplan.crs.datum import LEGACY, MODERN, WEB, Said, WebOffset, datum_of, said_of
from zoneplan.crs.datumshift import Parameters
from zoneplan.crs.remembered import remembered
from zoneplan.crs.zones import degrees, horizontal

Ints = npt.NDArray[np.int64]
Shifts = dict[str, tuple[Ints, WebOffset | Parameters]]
_METRES = ("metre", "meter", "m", "Meter", "Metre")
_MERCATORS = (3857, 3785, 900913, 3395)


def declared(case: Case) -> Shifts:
    """Doubts about the CRS and the datum; the shifts that features need, by datum."""
    said = _said(case)
    crs, inner = case.crs, horizontal(case.crs)
    datum = datum_of(crs)
    shifts: Shifts = {}
    stated = [Said(datum, case.all, crs.name)] if datum not in (MODERN, None) else []
    for one in [*stated, *(one for one in said if one.datum != datum)]:
        shift = _shift(case, one, by_crs=one in stated)
        if shift is not None:
            shifts[one.datum] = one.rows, shift
    if len(shifts) > 1:  # one place cannot be shifted twice
        case.doubt("crs.contradiction", words.several(sorted(shifts)), case.all)
    if not (inner.is_projected or inner.is_geographic):
        case.doubt("crs.kind", words.kind(crs), case.all)
    elif is_mercator(crs):
        case.doubt(
            "crs.web_mercator",
            words.web_mercator(crs, _middle(case, inner)),
            case.all,
            fixable=datum is not None,
        )
    elif inner.is_projected and any(axis.unit_name not in _METRES for axis in inner.axis_info[:2]):
        case.doubt("crs.unit", words.unit(crs), case.all, fixable=datum is not None)
    if datum is None and not (case.doubts and case.doubts[-1].code in ("crs.kind", "crs.web_mercator")):
        case.doubt("crs.datum", words.datum(crs), case.all)
    return shifts


def _shift(case: Case, said: Said, *, by_crs: bool) -> WebOffset | Parameters | None:
    """The shift that a datum needs, if there is one; the doubt in any case."""
    if said.datum in WEB:
        case.doubt(
            f"crs.{said.datum.lower().replace('-', '')}",
            words.web(said.datum, said.where),
            said.rows,
            fixable=True,
        )
        return WebOffset(said.datum)
    parameters = case.context.parameters
    fits = by_crs and parameters is not None and parameters.datum == said.datum
    if said.datum in LEGACY:
        other = parameters.datum if parameters is not None else None
        text = words.legacy(case.crs, said.datum, said.where, other, by_crs=by_crs, fits=fits)
        case.doubt("crs.legacy", text, said.rows, fixable=fits, given=fits)
        return parameters if fits else None
    case.doubt("crs.bd09", words.baidu_plane(said.where), said.rows)
    return None


@remembered(maxsize=64)
def is_mercator(crs: CRS) -> bool:
    """Whether a CRS is Web Mercator or one like it."""
    name = horizontal(crs).name
    return crs.to_epsg() in _MERCATORS or (
        "Mercator" in name and "Transverse" not in name and "UTM" not in name
    )


def _middle(case: Case, inner: CRS) -> tuple[float, float] | None:
    box = total(case.bounds)
    if box is None or not all(np.isfinite(box)):
        return None
    west, south, east, north = degrees(box, inner)
    return (west + east) / 2, (south + north) / 2


def _said(case: Case) -> list[Said]:
    """What is said of the datum beside the CRS; ``--datum`` outweighs names and fields."""
    if case.context.datum is not None:
        return [] if case.context.datum == MODERN else [Said(case.context.datum, case.all, "--datum")]
    return said_of(case.frame, case.context.names)
