"""The one gate for coordinate reference systems.

What passes is CGCS2000 (or WGS 84, equal to it at map scale) with coordinates that fit. All else is
refused with what was found, what is expected and how to state it; never a warning that scrolls by.
"""

from __future__ import annotations

import math

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS, Proj, Transformer
from shapely.geometry.base import BaseGeometry

from zoneplan.errors import InputError, fault
from zoneplan.finding import Finding

GEOGRAPHIC = "EPSG:4490"
CHINA = (73.0, 3.0, 136.0, 54.0)  # degrees: west, south, east, north
HALF_ZONE = 1.5
ZONE_SLACK = 0.5  # degrees a layer may reach beyond its 3-degree zone (towns on a zone's edge)
NEAR_M = 50_000.0
_LEGACY = ("Xian 1980", "Xian_1980", "Beijing 1954", "Beijing_1954", "New Beijing", "Xi'an 1980")


def zone_crs(lon: float) -> CRS:
    """The projected CGCS2000 3-degree CRS (no zone prefix) for a longitude in degrees."""
    meridian = 3 * math.floor((lon + HALF_ZONE) / 3)
    if not 75 <= meridian <= 135:
        raise InputError(
            fault(
                "crs.outside",
                f"lon {lon:.4f}",
                "经度不在 CGCS2000 3°带范围(73.5°–136.5°)内",
                "the longitude is outside the CGCS2000 3-degree zones (73.5–136.5)",
            )
        )
    return CRS.from_epsg(4534 + (meridian - 75) // 3)


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
        (degrees in a metre CRS, metres in a degree CRS, a zone prefix too many or too few,
        infinite values); a 3-degree zone in which the data do not lie.
    """
    if faults := refused(frame, place):
        raise InputError(faults)
    return frame if frame.crs == crs else frame.to_crs(crs)


def refused(frame: gpd.GeoDataFrame, place: str) -> list[Finding]:
    """Why a layer's CRS and coordinates cannot be worked with; empty if they can."""
    return _refused_crs(frame.crs, place) or _refused_coordinates(frame, place)


def _refused_crs(crs: CRS | None, place: str) -> list[Finding]:
    """Why a CRS cannot be worked with; empty if it can."""

    def no(code: str, zh: str, en: str) -> list[Finding]:
        return [fault(code, place, zh, en)]

    if crs is None:
        return no(
            "crs.missing",
            "没有坐标系;请补上 .prj 或在文件中写明,例如 CGCS2000 3°带 EPSG:4547",
            "there is no CRS; add a .prj or state it in the file, e.g. CGCS2000 3-degree EPSG:4547",
        )
    name = crs.name
    code = crs.to_epsg()
    shown = f"EPSG:{code} {name}" if code else name
    if code in (3857, 3785, 900913, 3395) or (
        "Mercator" in name and "Transverse" not in name and "UTM" not in name
    ):
        return no(
            "crs.web_mercator",
            f"坐标系是 Web 墨卡托({shown}),面积会严重失真;请先转为 CGCS2000 3°带(如 EPSG:4547)",
            f"the CRS is Web Mercator ({shown}), in which areas are badly wrong; convert to CGCS2000 3-degree (e.g. EPSG:4547) first",
        )
    if any(old in name for old in _LEGACY):
        return no(
            "crs.legacy",
            f"坐标系是 {shown};转到 CGCS2000 需要本地参数,不能直接套用;请用有参数的软件转换后再给出",
            f"the CRS is {shown}; going to CGCS2000 needs local parameters; convert it with them first",
        )
    if crs.is_projected and any(axis.unit_name not in ("metre", "meter", "m") for axis in crs.axis_info[:2]):
        unit = crs.axis_info[0].unit_name
        return no(
            "crs.unit",
            f"坐标系单位是 {unit}({shown}),应为米",
            f"the CRS is in {unit} ({shown}); expected metres",
        )
    datum = crs.datum.name if crs.datum is not None else ""
    if not any(
        word in datum
        for word in ("China 2000", "World Geodetic System 1984", "WGS_1984", "WGS 84", "China_2000")
    ):
        return no(
            "crs.datum",
            f"坐标系 {shown} 的基准是 {datum or '未知'};应为 CGCS2000(如 EPSG:4490、EPSG:4547)",
            f"the datum of {shown} is {datum or 'unknown'}; expected CGCS2000 (e.g. EPSG:4490, EPSG:4547)",
        )
    if not (crs.is_projected or crs.is_geographic):
        return no("crs.kind", f"{shown} 不是平面或地理坐标系", f"{shown} is neither projected nor geographic")
    return []


def _refused_coordinates(frame: gpd.GeoDataFrame, place: str) -> list[Finding]:
    """Why a layer's coordinates cannot be in the CRS that it declares; empty if they can."""
    crs = _declared(frame)
    shapes = frame.geometry.to_numpy()
    xy, owner = shapely.get_coordinates(shapes, return_index=True)
    if len(xy) == 0:
        return []
    shown = f"EPSG:{crs.to_epsg()}" if crs.to_epsg() else crs.name
    wild = ~np.isfinite(xy).all(axis=1) | (np.abs(xy) > 1e9).any(axis=1)
    if wild.any():
        rows = ", ".join(str(row + 1) for row in sorted(set(owner[wild]))[:10])
        return [
            fault(
                "crs.coordinates",
                place,
                f"第 {rows} 个要素的坐标不是有效数值",
                f"features {rows} have coordinates that are no numbers of use",
            )
        ]
    x, y = xy[0]
    large = np.abs(xy).max(axis=0)
    if crs.is_geographic:
        if large[0] > 180 or large[1] > 90:
            worst = xy[int(np.argmax(np.abs(xy).max(axis=1)))]
            return [
                fault(
                    "crs.metres",
                    place,
                    f"坐标系 {shown} 以度为单位,坐标却像米:({worst[0]:.3f}, {worst[1]:.3f});请写明投影坐标系,如 EPSG:4547",
                    f"{shown} is in degrees but the coordinates look like metres: ({worst[0]:.3f}, {worst[1]:.3f}); state the projected CRS, e.g. EPSG:4547",
                )
            ]
        lon, lat = xy.mean(axis=0)
        if not _in_china(lon, lat) and _in_china(lat, lon):
            return [
                fault(
                    "crs.swapped",
                    place,
                    f"经纬度似乎颠倒:({x:.5f}, {y:.5f});应为(经度, 纬度)",
                    f"longitude and latitude look swapped: ({x:.5f}, {y:.5f}); expected (lon, lat)",
                )
            ]
        return []
    if large[0] <= 180 and large[1] <= 90:
        return [
            fault(
                "crs.degrees",
                place,
                f"坐标系 {shown} 以米为单位,坐标却像度:({x:.5f}, {y:.5f});请写明 EPSG:4490",
                f"{shown} is in metres but the coordinates look like degrees: ({x:.5f}, {y:.5f}); state EPSG:4490",
            )
        ]
    return _refused_zone(frame, place, shown, xy)


def _refused_zone(
    frame: gpd.GeoDataFrame, place: str, shown: str, xy: npt.NDArray[np.float64]
) -> list[Finding]:
    """A zone prefix too many or too few, or a zone in which the data do not lie."""
    crs = _declared(frame)
    parameters = {
        row["name"]: row["value"] for row in crs.to_json_dict().get("conversion", {}).get("parameters", [])
    }
    meridian, easting = parameters.get("Longitude of natural origin"), parameters.get("False easting")
    if meridian is None or easting is None:
        return []
    prefixed, looks_prefixed = easting >= 1e6, xy[:, 0].mean() >= 1e6
    if prefixed != looks_prefixed:
        plain = 4534 + round((meridian - 75) / 3)
        other = plain if prefixed else 4488 + round(meridian / 3)
        zh, en = (
            ("不带带号", "no zone prefix")
            if prefixed
            else (f"带有带号 {int(xy[0, 0] // 1e6)}", f"the zone prefix {int(xy[0, 0] // 1e6)}")
        )
        return [
            fault(
                "crs.prefix",
                place,
                f"东坐标{zh}({xy[0, 0]:.3f}),与坐标系 {shown} 不符;是否应为 EPSG:{other}?",
                f"eastings have {en} ({xy[0, 0]:.3f}), which does not fit {shown}; is it EPSG:{other}?",
            )
        ]
    west, _, east, _ = _degrees(frame)
    reach = (HALF_ZONE if "3-degree" in crs.name else 3.0) + ZONE_SLACK  # 6-degree zones and UTM are wider
    if west >= meridian - reach and east <= meridian + reach:
        return []
    middle = (west + east) / 2
    fits = f"EPSG:{zone_crs(middle).to_epsg()}" if 73.5 <= middle <= 136.5 else "?"
    cost = _cost_m2_per_km2(crs, middle, float(np.mean(_degrees(frame)[1::2])))
    return [
        fault(
            "crs.zone",
            place,
            f"数据位于东经 {west:.3f}°–{east:.3f}°,不在 {shown} 的带内(中央经线 {meridian:g}°);合适的 3°带是 {fits};"
            f"在此带量算,每平方千米的投影面积偏差 {cost:.0f} 平方米",
            f"the data lie at {west:.3f}–{east:.3f} E, outside the zone of {shown} (central meridian {meridian:g}); the zone that fits is {fits}; "
            f"measured in this one, plane areas are off by {cost:.0f} m² per km²",
        )
    ]


def _cost_m2_per_km2(crs: CRS, lon: float, lat: float) -> float:
    """By how much a plane area at a place exceeds that on the ellipsoid."""
    return (float(Proj(crs).get_factors(lon, lat).areal_scale) - 1.0) * 1e6


def lon_lat(shape: BaseGeometry, crs: CRS) -> tuple[float, float] | None:
    """Longitude and latitude (CGCS2000 degrees) of a point inside the largest part of a shape; None if empty."""
    if shape.is_empty:
        return None
    at = shapely.point_on_surface(max(shapely.get_parts(shape), key=lambda part: part.area))
    lon, lat = Transformer.from_crs(crs, GEOGRAPHIC, always_xy=True).transform(*at.coords[0])
    return round(lon, 7), round(lat, 7)


def _declared(frame: gpd.GeoDataFrame) -> CRS:
    assert frame.crs is not None  # refused before
    return frame.crs


def _degrees(frame: gpd.GeoDataFrame) -> tuple[float, float, float, float]:
    transformer = Transformer.from_crs(frame.crs, GEOGRAPHIC, always_xy=True)
    west, south, east, north = transformer.transform_bounds(*frame.total_bounds)
    return west, south, east, north


def _in_china(lon: float, lat: float) -> bool:
    return bool(CHINA[0] <= lon <= CHINA[2] and CHINA[1] <= lat <= CHINA[3])


def near(frame: gpd.GeoDataFrame, other: gpd.GeoDataFrame, *, place: str) -> None:
    """Refuse a layer that lies more than `NEAR_M` from another; name the 3-degree zone that would fit.

    Raises
    ------
    InputError
        Two layers of one job far apart are a wrong CRS, not "no conflict".
    """
    work = zone_crs(float(np.mean(_degrees(other)[::2])))
    target = shapely.box(*_bounds(other, work))
    distance = shapely.distance(shapely.box(*_bounds(frame, work)), target)
    if distance <= NEAR_M:
        return
    hint_zh, hint_en = "", ""
    if _declared(frame).is_projected:
        for code in range(4534, 4555):
            renamed = frame.set_crs(code, allow_override=True)
            if shapely.distance(shapely.box(*_bounds(renamed, work)), target) <= NEAR_M:
                hint_zh, hint_en = (
                    f";若按 EPSG:{code} 解读则相符,请核对 3°带",
                    f"; read as EPSG:{code} it would fit: check the 3-degree zone",
                )
                break
    shown = f"EPSG:{_declared(frame).to_epsg()}"
    raise InputError(
        fault(
            "crs.far",
            place,
            f"按其坐标系 {shown},图层距规划范围 {distance / 1000:.0f} 公里{hint_zh}",
            f"in its CRS {shown} the layer lies {distance / 1000:.0f} km from the plan's zone{hint_en}",
        )
    )


def _bounds(frame: gpd.GeoDataFrame, work: CRS) -> tuple[float, float, float, float]:
    """Bounds in a working CRS; a layer a third of the world away is merely very far."""
    west, south, east, north = _degrees(frame)
    centre = (west + east) / 2, (south + north) / 2
    x, y = Transformer.from_crs(GEOGRAPHIC, work, always_xy=True).transform(*centre)
    if not (math.isfinite(x) and math.isfinite(y)) or abs(centre[0] - 105) > 60:
        return (1e9, 1e9, 1e9, 1e9)
    left, bottom, right, top = Transformer.from_crs(frame.crs, work, always_xy=True).transform_bounds(
        *frame.total_bounds
    )
    return left, bottom, right, top
