"""Gauss-Kruger zones: which one a longitude, a CRS or an easting belongs to, and what a wrong one costs."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache, lru_cache
from threading import get_ident

import numpy as np
import numpy.typing as npt
from pyproj import CRS, Geod, Proj, Transformer

from zoneplan.crs.remembered import remembered
from zoneplan.errors import InputError, fault

Bounds = tuple[float, float, float, float]
GEOGRAPHIC = "EPSG:4490"
CHINA: Bounds = (73.0, 3.0, 136.0, 54.0)  # degrees: west, south, east, north
MERIDIANS = range(75, 136, 3)
HALF_ZONE = 1.5
ZONE_SLACK = 0.5  # degrees a layer may reach beyond its 3-degree zone (towns on a zone's edge)
FALSE_EASTING = 500_000.0
PREFIX = 1_000_000.0
_GEOD = Geod(a=6378137.0, rf=298.257222101)


@dataclass(frozen=True)
class Zone:
    """A transverse Mercator zone.

    Parameters
    ----------
    meridian : float
        Central meridian, degrees.
    prefix : int, optional
        Number in front of eastings.
    width : {3, 6}
        Degrees; UTM has 6.
    standard : bool
        Whether eastings start 500 km west of the meridian and northings on the equator.
    """

    meridian: float
    prefix: int | None
    width: int
    standard: bool

    @property
    def reach(self) -> float:
        """Degrees from the meridian in which data are taken to lie in the zone."""
        return self.width / 2 + ZONE_SLACK


def zone_crs(lon: float) -> CRS:
    """The projected CGCS2000 3-degree CRS (no zone prefix) for a longitude in degrees."""
    meridian = 3 * math.floor((lon + HALF_ZONE) / 3)
    if meridian not in MERIDIANS:
        raise InputError(
            fault(
                "crs.outside",
                f"lon {lon:.4f}",
                "经度不在 CGCS2000 3°带范围(73.5°–136.5°)内",
                "the longitude is outside the CGCS2000 3-degree zones (73.5–136.5)",
            )
        )
    return _of_code(4534 + (meridian - 75) // 3)


@cache
def _of_code(code: int) -> CRS:
    return CRS.from_epsg(code)


@remembered(maxsize=64)
def zone_of(crs: CRS) -> Zone | None:
    """The zone of a transverse Mercator CRS; None for any other."""
    conversion = horizontal(crs).to_json_dict().get("conversion", {})
    method = str(conversion.get("method", {}).get("name", ""))
    values = {row["name"]: row["value"] for row in conversion.get("parameters", [])}
    meridian, easting = values.get("Longitude of natural origin"), values.get("False easting")
    if meridian is None or easting is None or not ("Transverse" in method or "Gauss" in method):
        return None
    prefix = int(easting // PREFIX) or None
    name = crs.name.lower().replace("_", "-").replace(" ", "-")
    three = "3-degree" in name or (prefix or 0) >= 25 or meridian % 6 != 3
    standard = easting % PREFIX == FALSE_EASTING and not values.get("False northing")
    return Zone(float(meridian), prefix, 3 if three else 6, standard)


@lru_cache(maxsize=256)
def zone_named(datum: str, meridian: float, *, width: int = 3, prefix: bool = False) -> CRS:
    """A Gauss-Kruger CRS as the EPSG registry names it.

    Parameters
    ----------
    datum : {"CGCS2000", "Xian 1980", "Beijing 1954", "New Beijing"}
    meridian : float
        One that is a multiple of 3 (of 6 plus 3 for the 6-degree zones).
    width : {3, 6}
    prefix : bool
        Whether eastings begin with the number of the zone.
    """
    number = round(meridian / 3) if width == 3 else round((meridian + 3) / 6)
    which = f"zone {number}" if prefix else f"CM {meridian:g}E"
    return CRS.from_user_input(f"{datum} / {'3-degree ' if width == 3 else ''}Gauss-Kruger {which}")


def between(origin: CRS | str | None, target: CRS | str | None) -> Transformer:
    """The way from one CRS to another, east before north; made once, since making it takes longer than a parcel's check."""
    return _transformer(origin, target, get_ident())


@remembered(maxsize=256)
def _transformer(origin: CRS | str | None, target: CRS | str | None, thread: int) -> Transformer:
    """One for each thread, since two must not use the same at a time."""
    return Transformer.from_crs(origin, target, always_xy=True)


def to_degrees(crs: CRS) -> Transformer:
    """The way from a CRS to longitude and latitude of the same datum."""
    return between(crs, _geodetic(crs))


@remembered(maxsize=64)
def _geodetic(crs: CRS) -> CRS:
    assert crs.geodetic_crs is not None
    return crs.geodetic_crs


def projection(crs: CRS) -> Proj:
    """The projection of a CRS, for its scale at a place; made once."""
    return _projection(crs, get_ident())


@remembered(maxsize=64)
def _projection(crs: CRS, thread: int) -> Proj:
    """One for each thread, as transformers."""
    return Proj(crs)


def horizontal(crs: CRS) -> CRS:
    """The plane or geographic part of a CRS that has heights, or a shift to WGS 84, beside it."""
    while crs.is_compound or crs.is_bound:
        inner = crs.sub_crs_list[0] if crs.is_compound else crs.source_crs
        if inner is None:
            break
        crs = inner
    return crs


def shown(crs: CRS) -> str:
    """How messages name a CRS: code and name."""
    code = crs.to_epsg()
    return f"EPSG:{code} {crs.name}" if code else crs.name


def code(crs: CRS) -> str:
    """The code of a CRS, else its name."""
    return f"EPSG:{crs.to_epsg()}" if crs.to_epsg() else crs.name


def excess_m2_per_km2(crs: CRS, lon: float, lat: float) -> float:
    """By how much a plane area at a place exceeds that on the ellipsoid."""
    return (float(projection(horizontal(crs)).get_factors(lon, lat).areal_scale) - 1.0) * 1e6


def degrees(bounds: Bounds, crs: CRS) -> Bounds:
    """A box of a CRS in degrees of the same datum: west, south, east, north."""
    inner = horizontal(crs)
    if inner.is_geographic:
        return bounds
    west, south, east, north = to_degrees(inner).transform_bounds(*bounds)
    return west, south, east, north


def in_china(lon: float, lat: float) -> bool:
    return CHINA[0] <= lon <= CHINA[2] and CHINA[1] <= lat <= CHINA[3]


def within_china(box: Bounds) -> bool:
    """Whether a box in degrees lies in China's bounding box."""
    return in_china(box[0], box[1]) and in_china(box[2], box[3])


def apart_m(box: Bounds, other: Bounds) -> float:
    """Metres between two boxes in degrees; 0 if they meet."""
    east = max(0.0, other[0] - box[2], box[0] - other[2])
    north = max(0.0, other[1] - box[3], box[1] - other[3])
    lat = math.radians(min(max((box[1] + box[3]) / 2, -89.0), 89.0))
    return math.hypot(east * 111_320.0 * math.cos(lat), north * 111_000.0)


def zones_near(box: Bounds, datum: str, anchor: Bounds, within_m: float) -> list[CRS]:
    """The 3-degree CRS without prefix in which a box in metres lies near a place (degrees)."""
    first = MERIDIANS[0]
    west, south, east, north = degrees(box, zone_named(datum, float(first)))
    return [  # from one zone to the next nothing changes but the longitude
        zone_named(datum, float(meridian))
        for meridian in MERIDIANS
        if apart_m((west + meridian - first, south, east + meridian - first, north), anchor) <= within_m
    ]


def between_m(one: npt.ArrayLike, other: npt.ArrayLike) -> float:
    """Metres on the ellipsoid between two places (longitude, latitude)."""
    (lon, lat), (lon2, lat2) = np.asarray(one, float), np.asarray(other, float)
    return float(_GEOD.inv(lon, lat, lon2, lat2)[2])


def transformed(xy: npt.NDArray[np.float64], origin: CRS, target: CRS) -> npt.NDArray[np.float64]:
    """Coordinates (x east, y north; longitude, latitude), shape (n, 2), in another CRS of the same datum."""
    if origin == target:
        return xy
    x, y = between(origin, target).transform(xy[:, 0], xy[:, 1])
    return np.stack([x, y], axis=1)
