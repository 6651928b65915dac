"""A raster file looked at before it is used: its format, what is in it, its CRS."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any, Literal

import geopandas as gpd
import rasterio
from pyproj import CRS
from shapely.geometry import box

from zoneplan.crs import words as crswords
from zoneplan.crs.case import Treatment
from zoneplan.crs.datum import LEGACY, MODERN, WEB, datum_of, named
from zoneplan.crs.gate import stated_frame
from zoneplan.crs.zones import horizontal, shown
from zoneplan.errors import InputError, fault
from zoneplan.finding import Finding
from zoneplan.io.gdaloptions import READING
from zoneplan.io.mosaic import Tile
from zoneplan.io.sandbox import sandboxed
from zoneplan.io.vector import refuse_path

DRIVERS: Mapping[str, str] = {
    ".tif": "GTiff",
    ".tiff": "GTiff",
    ".img": "HFA",
    ".asc": "AAIGrid",
    ".hgt": "SRTMHGT",
}
_MAGIC: Mapping[str, tuple[bytes, ...]] = {
    "GTiff": (b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+"),
    "HFA": (b"EHFA_HEADER_TAG",),
    "AAIGrid": (b"ncols", b"NCOLS", b"Ncols"),
}
SYNTHETIC = "ZONEPLAN_SYNTHETIC"
"""Tag of a raster that shows no real ground."""
LEGEND = "ZONEPLAN_LEGEND"
"""Tag of a raster of land cover: id of its legend."""
Kind = Literal["heights", "amounts", "classes"]


PICTURES = (".tif", ".tiff")
"""Endings of rasters that are shown as they are."""


def raster_driver(path: Path, suffixes: tuple[str, ...] = tuple(DRIVERS)) -> str:
    """The driver on which a file's name and its first bytes agree; nothing else may open it.

    Raises
    ------
    InputError
        ``raster.format`` for another ending, ``file.content`` where the bytes belie it, and as for any file
        (``file.missing``, ``file.remote``).
    """
    place, suffix = path.name, path.suffix.lower()
    if suffix not in suffixes and path.exists():
        known = " ".join(suffixes)
        raise InputError(
            fault("raster.format", place, f"不认识的栅格格式“{path.suffix}”;可读:{known}", f"unknown raster format '{path.suffix}'; what is read: {known}")
        )  # fmt: skip
    refuse_path(path, place, more=suffixes)
    driver = DRIVERS[suffix]
    with path.open("rb") as file:
        start = file.read(64).lstrip()
    if not start.startswith(_MAGIC.get(driver, (b"",))):
        raise InputError(fault("file.content", place, f"内容不是 {driver}", f"the content is no {driver}"))
    return driver


def look(path: Path, kind: Kind, treatment: Treatment, nodata: float | None) -> tuple[Tile, list[Finding]]:
    """One file past the gate, and what was assumed of it.

    Raises
    ------
    InputError
        As `zoneplan.io.raster.open_raster`.
    """
    place, driver = path.name, raster_driver(path)
    seen: dict[str, Any] = sandboxed(partial(_seen, path, driver), path, place=place)
    if faults := _unfit(seen, kind, place):
        raise InputError(faults)
    crs, findings = _gated(seen, path, place, treatment)
    value = nodata if nodata is not None else seen["nodata"]
    if value is None and kind == "heights" and seen["dtype"] == "int16":
        value = -32768.0  # what SRTM and its kin leave holes with
    return (
        Tile(path.resolve(), crs, seen["transform"], seen["width"], seen["height"], seen["dtype"], value,
             seen["scale"], seen["offset"], seen["synthetic"], seen["legend"]),
        findings,
    )  # fmt: skip


def _seen(path: Path, driver: str) -> dict[str, Any]:
    """What a header says; three blocks are read, so that a damaged file shows."""
    with rasterio.Env(**READING), rasterio.open(path, driver=driver) as file:
        blocks = list(file.block_windows(1))
        for at in {0, len(blocks) // 2, len(blocks) - 1}:
            file.read(1, window=blocks[at][1])
        return {
            "crs": file.crs.to_wkt() if file.crs else None,
            "transform": tuple(file.transform)[:6],
            "width": file.width,
            "height": file.height,
            "count": file.count,
            "dtype": file.dtypes[0],
            "nodata": file.nodata,
            "scale": file.scales[0],
            "offset": file.offsets[0],
            "unit": (file.units[0] or "").strip().lower(),
            "synthetic": file.tags().get(SYNTHETIC, ""),
            "legend": file.tags().get(LEGEND, ""),
        }


_METRES = ("", "m", "metre", "metres", "meter", "meters", "米")


def _unfit(seen: Mapping[str, Any], kind: Kind, place: str) -> list[Finding]:
    """Why a file cannot serve."""
    faults = []
    if seen["count"] != 1:
        faults.append(fault("raster.bands", place, f"有 {seen['count']} 个波段,应为 1 个;请先导出所需波段", f"has {seen['count']} bands, expected one: export the one that is wanted"))  # fmt: skip
    if seen["dtype"].startswith("complex"):
        faults.append(fault("raster.type", place, "值是复数", "its values are complex numbers"))
    if kind == "classes" and seen["dtype"].startswith("float"):
        faults.append(fault("raster.type", place, f"值是 {seen['dtype']},地类应为整数代码", f"its values are {seen['dtype']}; classes are whole numbers"))  # fmt: skip
    if kind == "heights" and seen["unit"] not in _METRES:
        faults.append(fault("raster.unit", place, f"高程单位写明为 {seen['unit']},应为米;请先换算", f"heights are stated in {seen['unit']}, expected metres: convert them first"))  # fmt: skip
    if seen["transform"] == (1.0, 0.0, 0.0, 0.0, 1.0, 0.0):
        faults.append(fault("raster.place", place, "没有地理参考(坐标未知);请先配准,或补上 .tfw、.prj", "it has no georeference: register it first, or add its .tfw and .prj"))  # fmt: skip
    return faults


def _gated(
    seen: Mapping[str, Any], path: Path, place: str, treatment: Treatment
) -> tuple[CRS, list[Finding]]:
    """The CRS of a raster, stated or assumed, if heights on it can be laid over a plan."""
    if (said := named(path.stem)) in WEB and treatment.datum != MODERN:
        word = crswords.web(str(said), path.stem)
        raise InputError(fault("crs.datum", place, word.zh, word.en))
    a, _, c, _, e, f = seen["transform"]
    corners = box(c, f + e * seen["height"], c + a * seen["width"], f)
    stated = CRS.from_wkt(seen["crs"]) if seen["crs"] else None
    frame, findings = stated_frame(gpd.GeoDataFrame(geometry=[corners], crs=stated), place, treatment)
    crs = horizontal(CRS(frame.crs))
    datum = datum_of(crs)
    if datum != MODERN:
        wanted = "请先用当地参数转换到 CGCS2000" if datum in LEGACY else "请先转换到 CGCS2000 或 WGS 84"
        raise InputError(
            fault(
                "crs.datum", place,
                f"坐标系是 {shown(crs)},基准不是 CGCS2000 或 WGS 84;{wanted}",
                f"the CRS is {shown(crs)}, on another datum than CGCS2000 and WGS 84; transform it first"
                + (", with local parameters" if datum in LEGACY else ""),
            )
        )  # fmt: skip
    return crs, findings
