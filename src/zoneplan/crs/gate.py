"""The one gate for coordinate reference systems.

What passes is CGCS2000 (or WGS 84, equal to it at map scale) with coordinates that fit. All else is refused with
what was found, what is expected and how to state it; or, where asked, corrected, and every correction is a finding.
"""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from zoneplan.crs import words as crswords
from zoneplan.crs.case import AS_IS, NEAR_M, Context, Ints, Treatment
from zoneplan.crs.findings import corrected, notes, place_of, refusals
from zoneplan.crs.judgement import judge
from zoneplan.crs.kinds import Kind, kinds
from zoneplan.crs.reading import read_by
from zoneplan.crs.zones import GEOGRAPHIC, Bounds, apart_m, between, code, degrees, zone_crs, zones_near
from zoneplan.errors import InputError, fault
from zoneplan.finding import Finding

__all__ = [
    "AS_IS",
    "GEOGRAPHIC",
    "Treatment",
    "admit",
    "doubtful",
    "extent",
    "lon_lat",
    "near",
    "refused",
    "to_working",
    "zone_crs",
]


def admit(
    frame: gpd.GeoDataFrame,
    *,
    place: str,
    names: Sequence[str] = (),
    treatment: Treatment = AS_IS,
    anchor: Bounds | None = None,
) -> tuple[gpd.GeoDataFrame, tuple[Finding, ...]]:
    """A layer whose CRS and coordinates can be trusted, and what was corrected for that.

    Parameters
    ----------
    frame : GeoDataFrame
        Stays as it is; what needs no correction is given back as the same object.
    place : str
        File or layer, named in messages.
    names : sequence of str
        Names of file and layer: they may declare GCJ-02, BD-09 or an old datum.
    treatment : Treatment
        What may be corrected; default nothing.
    anchor : tuple of float (west, south, east, north), optional
        Degrees: where the other layers of the job lie. A layer more than 50 km off that would lie there in
        another 3-degree zone has a wrong zone.

    Returns
    -------
    GeoDataFrame, tuple of Finding
        In a CRS that `to_working` takes, heights and fields kept. A finding of severity warning per correction
        says what was wrong, what was done, and what became of one point.

    Raises
    ------
    InputError
        All that is doubtful and not asked to be corrected, or that can be read in more than one way.
    """
    stated, told = stated_frame(frame, place, treatment)
    context = Context(tuple(names), treatment.datum, treatment.parameters, anchor)
    judged = judge(stated, context)
    if faults := refusals(judged.doubts, place, treatment, len(frame)):
        raise InputError(faults)
    findings = [*told, *notes(names, judged, treatment, place)]
    if not judged.doubts:
        return stated, tuple(findings)
    made = read_by(stated, judged.readings, judged.which)
    findings += [corrected(doubt, stated, judged, place) for doubt in judged.doubts]
    again = judge(made, Context(datum="CGCS2000", anchor=anchor))
    if faults := refusals(again.doubts, place, AS_IS, len(frame), final=True):
        raise InputError(faults)
    return made, tuple(findings)


def doubtful(
    frame: gpd.GeoDataFrame,
    *,
    place: str,
    names: Sequence[str] = (),
    treatment: Treatment = AS_IS,
    anchor: Bounds | None = None,
) -> list[tuple[Ints, Finding]]:
    """The faults for which `admit` would refuse a layer, each with its features (positions); empty if it would not."""
    stated, _ = stated_frame(frame, place, treatment)
    doubts = judge(stated, Context(tuple(names), treatment.datum, treatment.parameters, anchor)).doubts
    left = [doubt for doubt in doubts if not (doubt.fixable and (treatment.correct or doubt.given))]
    return list(
        zip([doubt.rows for doubt in left], refusals(left, place, treatment, len(frame)), strict=True)
    )


def to_working(frame: gpd.GeoDataFrame, crs: CRS, *, place: str) -> gpd.GeoDataFrame:
    """A layer in the working CRS, if its own CRS and coordinates can be trusted.

    Parameters
    ----------
    frame : GeoDataFrame
        With a CRS: CGCS2000 geographic or Gauss-Kruger with or without zone prefix, WGS 84
        geographic or UTM.
    crs : pyproj.CRS
        Projected CGCS2000 3-degree CRS in metres.
    place : str
        File or layer, named in the message.

    Raises
    ------
    InputError
        No CRS; Web Mercator; Xian 1980, Beijing 1954; feet; coordinates that do not fit the CRS
        (degrees in a metre CRS, metres in a degree CRS, a zone prefix too many or too few, swapped axes,
        infinite values, outside China); a zone in which the data do not lie.
    """
    trusted, _ = admit(frame, place=place)
    return trusted if trusted.crs == crs else trusted.to_crs(crs)


def refused(frame: gpd.GeoDataFrame, place: str) -> list[Finding]:
    """Why a layer's CRS and coordinates cannot be worked with; empty if they can."""
    if frame.crs is None:
        return [_missing(frame, place)]
    return refusals(judge(frame, Context()).doubts, place, AS_IS, len(frame))


def extent(frame: gpd.GeoDataFrame) -> Bounds | None:
    """Where an admitted layer lies: west, south, east, north in degrees; None if it is empty."""
    box = frame.total_bounds
    return degrees((box[0], box[1], box[2], box[3]), CRS(frame.crs)) if np.isfinite(box).all() else None


def stated_frame(
    frame: gpd.GeoDataFrame, place: str, treatment: Treatment
) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """A layer with a CRS: its own, or the one assumed."""
    assumed, own = treatment.assume, frame.crs
    if own is None and assumed is None:
        raise InputError(_missing(frame, place))
    if assumed is None or (own is not None and treatment.if_missing):
        return frame, []
    if own is not None and own.equals(assumed, ignore_axis_order=True):
        return frame, []
    if own is not None and not treatment.correct:
        said = crswords.contradiction(own, assumed)
        raise InputError(fault("crs.contradiction", place, said.zh, said.en))
    made = frame.set_crs(assumed, allow_override=True)
    was_zh, was_en = (f"写明为 {code(own)}", f"stated {code(own)}") if own is not None else ("没有坐标系", "had no CRS")  # fmt: skip
    row = _first(made)
    at = shapely.get_coordinates(made.geometry.iloc[row])[0] if row is not None else None
    shown = f"({at[0]:.3f}, {at[1]:.3f})" if at is not None else "–"
    return made, [
        Finding(
            "crs.assumed", "warning",
            f"{was_zh},按要求作为 {code(assumed)} 解读;坐标不变,首点 {shown}",
            f"it {was_en} and is read as {code(assumed)}, as asked; coordinates as they were, first point {shown}",
            place, point=place_of(at, assumed),
        )
    ]  # fmt: skip


def _missing(frame: gpd.GeoDataFrame, place: str) -> Finding:
    """No CRS, and what the numbers look like."""
    bounds = frame.total_bounds
    kind, number = kinds(np.asarray([bounds], dtype=np.float64))
    zone = int(number[0])
    guess = None
    if kind[0] in (Kind.PREFIXED, Kind.PREFIXED_SWAPPED):
        guess = f"EPSG:{4488 + zone if zone >= 25 else 4478 + zone}"
    elif kind[0] in (Kind.DEGREES, Kind.DEGREES_SWAPPED):
        guess = GEOGRAPHIC
    said = crswords.missing(guess)
    return fault("crs.missing", place, said.zh, said.en)


def _first(frame: gpd.GeoDataFrame) -> int | None:
    known = np.flatnonzero(~(frame.geometry.isna() | frame.geometry.is_empty).to_numpy())
    return int(known[0]) if len(known) else None


def lon_lat(shape: BaseGeometry, crs: CRS) -> tuple[float, float] | None:
    """Longitude and latitude (CGCS2000 degrees) of a point inside the largest part of a shape; None if empty."""
    if shape.is_empty:
        return None
    at = shapely.point_on_surface(max(shapely.get_parts(shape), key=lambda part: part.area))
    lon, lat = between(crs, CRS.from_user_input(GEOGRAPHIC)).transform(*at.coords[0])
    return round(lon, 7), round(lat, 7)


def near(frame: gpd.GeoDataFrame, other: gpd.GeoDataFrame, *, place: str) -> None:
    """Refuse a layer that lies more than `NEAR_M` from another; name the 3-degree zone that would fit.

    Raises
    ------
    InputError
        Two layers of one job far apart are a wrong CRS, not "no conflict".
    """
    here, there = extent(frame), extent(other)
    if here is None or there is None or (distance := apart_m(here, there)) <= NEAR_M:
        return
    crs = CRS(frame.crs)
    west, south, east, north = frame.total_bounds
    found = zones_near((west, south, east, north), "CGCS2000", there, NEAR_M) if crs.is_projected else []
    hint_zh, hint_en = "", ""
    if found:
        hint_zh = f";若按 {code(found[0])} 解读则相符,请核对 3°带"
        hint_en = f"; read as {code(found[0])} it would fit: check the 3-degree zone"
    raise InputError(
        fault(
            "crs.far",
            place,
            f"按其坐标系 {code(crs)},图层距规划范围 {distance / 1000:.0f} 公里{hint_zh}",
            f"in its CRS {code(crs)} the layer lies {distance / 1000:.0f} km from the plan's zone{hint_en}",
        )
    )
