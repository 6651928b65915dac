"""Vector files in and out, through GDAL (pyogrio), with an allow-list of formats.

A file's name decides which driver may open it, so that a file which only pretends to be GeoJSON
cannot make GDAL open other files or addresses.
"""

from __future__ import annotations

import mmap
import re
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import shapely
from pyogrio.errors import CRSError, DataLayerError, DataSourceError

from zoneplan.engine.hollow import without_hollow_rings
from zoneplan.errors import InputError, fault
from zoneplan.finding import Finding
from zoneplan.io.dbftext import LOSSLESS, dbf_encoding, is_sound, recoded
from zoneplan.io.gdaloptions import READING, gdal_options
from zoneplan.io.geojson import geojson_faults
from zoneplan.io.shapefileparts import completed, part

DRIVERS: Mapping[str, str] = {
    ".gpkg": "GPKG",
    ".shp": "ESRI Shapefile",
    ".geojson": "GeoJSON",
    ".json": "GeoJSON",
    ".fgb": "FlatGeobuf",
    ".gdb": "OpenFileGDB",
    ".kml": "LIBKML",
}
_MAGIC: Mapping[str, tuple[bytes, ...]] = {
    ".gpkg": (b"SQLite format 3\x00",),
    ".shp": (b"\x00\x00\x27\x0a",),
    ".geojson": (b"{",),
    ".json": (b"{",),
    ".fgb": (b"fgb",),
    ".kml": (b"<",),
    ".zip": (b"PK",),
    ".kmz": (b"PK",),
    ".xlsx": (b"PK",),
}
_PART = "单独的部件文件", "请给出同名的 .shp", "a part of a shapefile", "give the .shp of the same name"
_PACKED = "压缩包", "请先解压,或改用 .zip", "an archive of this kind", "unpack it, or use .zip"
_INSTEAD: Mapping[str, tuple[str, str, str, str]] = {
    ".mdb": ("个人地理数据库", "请在 ArcGIS 中导出为 .gdb 或 .gpkg", "a personal geodatabase", "export it to .gdb or .gpkg"),
    ".xls": ("旧版 Excel", "请另存为 .xlsx 或 .csv", "an old workbook", "save it as .xlsx or .csv"),
    ".dwg": ("CAD 图", "请在 CAD 中另存为 .dxf", "a drawing of this kind", "save it as .dxf"),
    ".rar": _PACKED, ".7z": _PACKED,
    ".dbf": _PART, ".shx": _PART, ".prj": _PART, ".cpg": _PART,
}  # fmt: skip
"""What cannot be read, and what to give in its place."""
_LINK = re.compile(rb'"crs"\s*:\s*\{(?:[^{}]|\{[^{}]*\})*?"type"\s*:\s*"(?:link|url)"', re.IGNORECASE)
_ADDRESS = re.compile(r"/vsi|\\\\|[a-z][a-z0-9+.-]+:/", re.IGNORECASE)  # a drive letter alone is none
_GDB = ("a00000001.gdbtable", "a00000001.gdbtablx")
_BUILT = re.compile(r"(/[^\s,:]+)+\.c(pp|xx)?, \d+: ?")  # where in the library's source
PARTS = "parts"
"""Key of ``frame.attrs``: findings about the parts of a shapefile."""


def split_path_layer(text: str) -> tuple[Path, str | None]:
    """``PATH:LAYER`` as path and layer; a drive letter or a colon in an existing path is no layer."""
    head, colon, tail = text.rpartition(":")
    if not colon or Path(text).exists() or len(head) == 1 or "/" in tail or "\\" in tail:
        return Path(text), None
    return Path(head), tail


def list_layers(path: Path | str, place: str | None = None) -> list[tuple[str, str]]:
    """Layers of a vector file that have geometry: name and geometry type (``"MultiPolygon"``, ``"Unknown"`` …).

    `place` is how messages name the file; default its name.

    Raises
    ------
    InputError
        As for `read_vector`.
    """
    path = Path(path)
    place = place or path.name
    refuse_path(path, place)
    with completed(path, place) as (whole, _):
        return _layers(whole, place)


def read_vector(
    path: Path | str,
    *,
    layer: str | None = None,
    place: str | None = None,
    rings: Literal["raise", "ignore", "fix"] = "raise",
    encoding: str | None = None,
) -> gpd.GeoDataFrame:
    """Read one layer of a vector file.

    Parameters
    ----------
    path : path
        ``.gpkg``, ``.shp``, ``.geojson``, ``.json``, ``.fgb``, ``.gdb`` or ``.kml``, on this machine.
    layer : str, optional
        Needed where a file has several.
    place : str, optional
        How messages name the file; default its name.
    rings : {"raise", "ignore", "fix"}
        What becomes of a feature whose rings are not closed: the file is refused, the feature has no geometry,
        or its rings are closed.
    encoding : str, optional
        Of a shapefile's table; default what its bytes are.

    Raises
    ------
    InputError
        Missing, empty or damaged file, unknown format, no such layer, several layers and none
        named, no features; for GeoJSON the feature at fault is named.

    Notes
    -----
    ``attrs["parts"]`` holds findings about a shapefile whose parts do not fit together (see `shapefileparts.completed`).
    """
    path = Path(path)
    place = place or path.name
    refuse_path(path, place)
    with completed(path, place) as (whole, said):
        frame = _read(whole, layer, place, rings, encoding)
    if said:
        frame.attrs[PARTS] = said
    return frame


def _read(path: Path, layer: str | None, place: str, rings: str, encoding: str | None) -> gpd.GeoDataFrame:
    """One layer of a file that is whole."""
    driver = DRIVERS[path.suffix.lower()]
    layer = layer_of(path, layer, place)
    table = driver == "ESRI Shapefile" and part(path, ".dbf") is not None
    options = {"encoding": encoding or dbf_encoding(path, place)} if table else {}
    # of coordinates that are no numbers whoever uses them speaks
    with warnings.catch_warnings(record=True) as said, gdal_options(READING), np.errstate(invalid="ignore"):
        warnings.simplefilter("always")
        try:
            frame = _frame(path, layer, rings, options, place)
        except CRSError as error:
            raise InputError(no_crs(path, place)) from error
        except IndexError as error:  # a file without any layer
            raise InputError(_no_features(place)) from error
        except (
            DataSourceError, DataLayerError, ValueError, RuntimeError, shapely.errors.GEOSException, UnicodeError,
        ) as error:  # fmt: skip
            raise InputError(_diagnose(path, place, str(error))) from error
    for warning in said:
        if "ring" in str(warning.message).lower():  # GDAL mends a ring in silence; here it is a fault
            if rings == "raise":
                raise InputError(_diagnose(path, place, str(warning.message)))
            continue
        warnings.warn_explicit(warning.message, warning.category, warning.filename, warning.lineno)
    if not isinstance(frame, gpd.GeoDataFrame):
        raise InputError(fault("file.no_geometry", place, "图层没有几何列", "the layer has no geometry"))
    if len(frame) == 0:
        raise InputError(_no_features(place))
    given = np.asarray(frame.geometry, dtype=object)
    whole = without_hollow_rings(given)
    if whole is not given:
        frame = frame.set_geometry(gpd.GeoSeries(whole, index=frame.index, crs=frame.crs))
    return frame


def _no_features(place: str) -> Finding:
    return fault("file.no_features", place, "图层有 0 个要素", "the layer has 0 features")


def _frame(
    path: Path, layer: str | None, rings: str, options: dict[str, str], place: str
) -> pd.DataFrame | gpd.GeoDataFrame:
    """A layer; texts of a shapefile that are not all whole are decoded one by one."""
    if not options or is_sound(path, options["encoding"]):
        made: pd.DataFrame = pyogrio.read_dataframe(path, layer=layer, on_invalid=rings, **options)
        return made
    lossless = pyogrio.read_dataframe(path, layer=layer, on_invalid=rings, encoding=LOSSLESS)
    return recoded(lossless, options["encoding"], place)


def refuse_path(path: Path, place: str, *, more: tuple[str, ...] = ()) -> None:
    """Refuse what is no local file of a known format (`more` adds some), or not what its name says."""
    if _ADDRESS.match(str(path)):
        raise InputError(
            fault("file.remote", place, "只读取本机上的文件", "only files on this machine are read")
        )
    if not path.exists():
        raise InputError(fault("file.missing", path, "没有这个文件", "there is no such file"))
    suffix = path.suffix.lower()
    if path.is_dir() and suffix != ".gdb":
        zh, en = (
            "是文件夹,应为文件(只有 .gdb 是文件夹)",
            "is a folder; expected a file (only a .gdb is a folder)",
        )
        raise InputError(fault("file.format", path, zh, en))
    if suffix in _INSTEAD:
        what_zh, zh, what_en, en = _INSTEAD[suffix]
        zh, en = f"不能读取{what_zh} {suffix};{zh}", f"{what_en} ({suffix}) cannot be read; {en}"
        raise InputError(fault("file.format", place, zh, en))
    if suffix not in (*DRIVERS, *more):
        known = " ".join((*DRIVERS, *more))
        zh, en = (
            f"不认识的格式“{path.suffix}”;可读:{known}",
            f"unknown format '{path.suffix}'; what is read: {known}",
        )
        raise InputError(fault("file.format", place, zh, en))
    if path.is_file():
        _refuse_content(path, suffix, place)


def _refuse_content(path: Path, suffix: str, place: str) -> None:
    """Refuse an empty file and one that is not what its name says."""
    with path.open("rb") as file:
        start = file.read(64)
    if not start:
        raise InputError(fault("file.empty", place, "文件是空的(0 字节)", "the file is empty (0 bytes)"))
    body = start.removeprefix(b"\xef\xbb\xbf").lstrip() if suffix in (".geojson", ".json", ".kml") else start
    if not body.startswith(_MAGIC.get(suffix, (b"",))):
        name = DRIVERS.get(suffix, suffix)
        zh, en = f"内容不是 {name}", f"the content is no {name}"
        raise InputError(fault("file.content", place, zh, en))
    if suffix in (".geojson", ".json") and path.stat().st_size and _links(path):
        zh, en = "坐标系写成了网络地址,不读取;请改写为 EPSG 名称或删去 crs 后用 --assume-crs", "its CRS is an address on a network, which is not read: name it by EPSG code, or take crs out and use --assume-crs"  # fmt: skip
        raise InputError(fault("file.remote", place, zh, en))


def _links(path: Path) -> bool:
    """Whether a GeoJSON takes its CRS from an address."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return _LINK.search(content) is not None


def layer_of(path: Path, layer: str | None, place: str) -> str | None:
    """The layer to read: the one named, or the only one."""
    names = [name for name, _ in _layers(path, place)]
    shown = ", ".join(names)
    if layer is not None:
        if layer not in names:
            raise InputError(
                fault(
                    "file.layer",
                    place,
                    f"没有图层“{layer}”;有:{shown}",
                    f"there is no layer '{layer}'; there are: {shown}",
                )
            )
        return layer
    if len(names) > 1:
        raise InputError(
            fault(
                "file.layers",
                place,
                f"有多个图层,请写成 文件:图层;有:{shown}",
                f"there are several layers, write PATH:LAYER; there are: {shown}",
            )
        )
    return names[0] if names else None


def _layers(path: Path, place: str) -> list[tuple[str, str]]:
    try:
        with gdal_options(READING), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # reading says what there is to say
            return [(str(name), str(kind)) for name, kind in pyogrio.list_layers(path) if kind is not None]
    except (DataSourceError, RuntimeError) as error:
        raise InputError(_diagnose(path, place, str(error))) from error


def no_crs(path: Path, place: str) -> Finding:
    """A definition of a CRS that is none, as of a ``.prj`` cut short."""
    prj = next((p.name for p in (path.with_suffix(".prj"), path.with_suffix(".PRJ")) if p.exists()), place)
    return fault(
        "crs.unreadable", place,
        f"{prj} 中的坐标系定义已损坏,不是坐标系;请更正,或删去后用 --assume-crs 说明",
        f"the CRS in {prj} is damaged and no CRS; correct it, or remove it and say --assume-crs",
    )  # fmt: skip


def _diagnose(path: Path, place: str, error: str) -> list[Finding]:
    """What is wrong with a file that GDAL could not read; for GeoJSON, which feature."""
    if path.suffix.lower() in (".geojson", ".json"):
        found = list(geojson_faults(path, place))
        if found:
            return found
    if path.suffix.lower() == ".gdb" and (lacking := [one for one in _GDB if not (path / one).is_file()]):
        zh, en = (
            f"不是完整的地理数据库:文件夹中没有 {'、'.join(lacking)}",
            f"no whole geodatabase: the folder lacks {', '.join(lacking)}",
        )
        return [fault("file.content", place, zh, en)]
    return [unreadable(place, error, path)]


def unreadable(place: str, error: str, path: Path) -> Finding:
    """What a library said of a file that it could not read, without its advice on drivers and where it was built."""
    if "not recognized as being in a supported" in error:
        name = DRIVERS.get(path.suffix.lower(), path.suffix)
        zh = f"无法读取:内容不能按 {name} 识别,文件可能不完整或已损坏"
        en = f"cannot be read: the content is not recognised as {name}, it may be incomplete or damaged"
        return fault("file.unreadable", place, zh, en)
    said = error.replace(str(path), place)
    said = _BUILT.sub("", said).replace(".;", ";").strip(" ;")
    return fault(
        "file.unreadable",
        place,
        f"无法读取,文件可能已损坏:{said}",
        f"cannot be read, it may be damaged: {said}",
    )
