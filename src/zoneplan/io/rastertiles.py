"""A raster file as a pyramid of small Web Mercator pictures, to lie under a map."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import rasterio
from PIL import Image
from pyproj import CRS, Transformer
from rasterio.enums import ColorInterp, Resampling
from rasterio.vrt import WarpedVRT
from rasterio.warp import calculate_default_transform
from rasterio.windows import Window

from zoneplan.crs.datum import LEGACY, MODERN, WEB, datum_of, named
from zoneplan.crs.zones import shown
from zoneplan.errors import InputError, fault
from zoneplan.finding import Finding
from zoneplan.io.gdaloptions import READING
from zoneplan.io.rasterfile import PICTURES, raster_driver
from zoneplan.io.sandbox import sandboxed

FORMAT = "image/webp"
SIZE = 256
MOST_TILES = 800
"""Of the finest level."""
_MERCATOR = "EPSG:3857"
_WORLD = 2 * math.pi * 6378137.0
_MARGIN = 0.25  # of the wanted box, on every side
_SHARP = 1.2  # a tile's pixel may be so many pixels of the file
_SECONDS = 180.0

Box = tuple[float, float, float, float]
Bytes = npt.NDArray[np.uint8]
Place = tuple[int, int]


@dataclass(frozen=True)
class RasterTiles:
    """Pictures by ``z/x/y``, the zooms that there are, and what is to be said of them."""

    tiles: Mapping[str, bytes]
    coarsest: int
    deepest: int
    findings: tuple[Finding, ...] = ()


def raster_tiles(path: Path, bounds: Box, crs: CRS, *, most_bytes: int) -> RasterTiles:
    """The part of a raster around a box, as tiles.

    Parameters
    ----------
    path : Path
        GeoTIFF on this machine, in any CRS on CGCS2000 or WGS 84; grey, palette or colour. Values that are no bytes are
        stretched between their 2nd and 98th percentile.
    bounds : tuple of float
        West, south, east, north in `crs`; a quarter of its size is taken around it.
    crs : pyproj.CRS
    most_bytes : int
        The finest levels are left out until the rest is no larger; that is a finding (``basemap.coarser``).

    Raises
    ------
    InputError
        ``raster.format``, ``raster.place``, ``crs.missing``, ``crs.datum``, ``basemap.elsewhere``; as `sandboxed`.
    """
    place = path.name
    raster_driver(path, PICTURES)
    to_mercator = Transformer.from_crs(crs, _MERCATOR, always_xy=True)
    west, south, east, north = to_mercator.transform_bounds(*bounds)
    dx, dy = (east - west) * _MARGIN, (north - south) * _MARGIN
    wanted = (west - dx, south - dy, east + dx, north + dy)
    return sandboxed(partial(_made, path, wanted, most_bytes), path, place=place, seconds=_SECONDS)


def _made(path: Path, wanted: Box, most_bytes: int) -> RasterTiles:
    place = path.name
    with rasterio.Env(**READING), rasterio.open(path, driver="GTiff") as file:
        if faults := _unfit(file, path):
            raise InputError(faults)
        transform, width, height = calculate_default_transform(
            file.crs, _MERCATOR, file.width, file.height, *file.bounds
        )
        there = (
            transform.c,
            transform.f + transform.e * height,
            transform.c + transform.a * width,
            transform.f,
        )
        box = (*map(max, there[:2], wanted[:2]), *map(min, there[2:], wanted[2:]))
        if box[0] >= box[2] or box[1] >= box[3]:
            raise InputError(_elsewhere(place, there, wanted))
        native = min(22, math.ceil(math.log2(_WORLD / SIZE / transform.a / _SHARP)))
        zoom = max(0, native)
        while zoom and math.prod(len(axis) for axis in _range(box, zoom)) > MOST_TILES:
            zoom -= 1
        finest = _finest(file, box, zoom)
    levels = _pyramid(finest, zoom)
    if not levels[0][1]:
        raise InputError(_elsewhere(place, there, wanted))
    while len(levels) > 1 and sum(len(one) for _, level in levels for one in level.values()) > most_bytes:
        levels = levels[1:]
    deepest = levels[0][0]
    tiles = {f"{z}/{x}/{y}": content for z, level in levels for (x, y), content in sorted(level.items())}
    ground = math.cos(2 * math.atan(math.exp((box[1] + box[3]) / 2 / 6378137.0)) - math.pi / 2)
    said = (
        ()
        if deepest >= native
        else (_coarser(place, transform.a * ground, _pixel(deepest) * ground, most_bytes),)
    )
    return RasterTiles(tiles, levels[-1][0], deepest, said)


def _unfit(file: Any, path: Path) -> list[Finding]:
    place, faults = path.name, []
    if file.transform.is_identity:
        faults.append(fault("raster.place", place, "没有地理参考(坐标未知);请先配准,或补上 .tfw、.prj", "it has no georeference: register it first, or add its .tfw and .prj"))  # fmt: skip
    if file.crs is None:
        faults.append(fault("crs.missing", place, "没有写明坐标系;请在文件中写明(如 EPSG:4547)", "states no CRS: write it into the file (e.g. EPSG:4547)"))  # fmt: skip
        return faults
    crs = CRS.from_wkt(file.crs.to_wkt())
    datum = said if (said := named(path.stem)) in WEB else datum_of(crs)
    if datum != MODERN:
        zh = "请先用当地参数转换到 CGCS2000" if datum in LEGACY else "请先转换到 CGCS2000 或 WGS 84"
        faults.append(fault("crs.datum", place, f"坐标系是 {shown(crs)},基准为 {datum or '未知'},叠图会错位约百米以上;{zh}", f"the CRS is {shown(crs)}, its datum {datum or 'unknown'}: it would lie a hundred metres off; transform it to CGCS2000 first"))  # fmt: skip
    if file.dtypes[0].startswith("complex"):
        faults.append(fault("raster.type", place, "值是复数", "its values are complex numbers"))
    return faults


def _finest(file: Any, box: Box, zoom: int) -> dict[Place, Bytes]:
    """RGBA tiles of the finest level; those without a pixel are left out."""
    columns, rows = _range(box, zoom)
    pixel = _pixel(zoom)
    corner = rasterio.Affine(pixel, 0, columns[0] * SIZE * pixel - _WORLD / 2, 0, -pixel, _WORLD / 2 - rows[0] * SIZE * pixel)  # fmt: skip
    palette = file.colorinterp[0] == ColorInterp.palette
    paint = _paint(file, palette)
    alpha = ColorInterp.alpha in file.colorinterp
    bare = not alpha and file.nodata is None
    options = {"add_alpha": True} if bare else {}
    found: dict[Place, Bytes] = {}
    with WarpedVRT(
        file, crs=_MERCATOR, transform=corner, width=len(columns) * SIZE, height=len(rows) * SIZE,
        resampling=Resampling.nearest if palette else Resampling.bilinear, **options,
    ) as warped:  # fmt: skip
        bands = [1, 2, 3] if file.count >= 3 and not palette else [1]
        for down, y in enumerate(rows):
            for across, x in enumerate(columns):
                window = Window(across * SIZE, down * SIZE, SIZE, SIZE)
                mask = warped.read(warped.count, window=window) if bare or alpha else warped.read_masks(1, window=window)  # fmt: skip
                solid = (mask > 0) if not alpha else mask.astype(np.float64) / _most(mask.dtype) >= 0.5
                if solid.any():
                    colours = paint(warped.read(bands, window=window))
                    found[x, y] = np.dstack([colours, np.where(solid, 255, 0).astype(np.uint8)])
    return found


def _paint(file: Any, palette: bool) -> Any:
    """How band values become red, green and blue."""
    if palette:
        table = np.zeros((256, 3), dtype=np.uint8)
        for value, colour in file.colormap(1).items():
            table[value] = colour[:3]
        return lambda values: table[values[0].astype(np.intp)]
    count = 3 if file.count >= 3 else 1
    if file.dtypes[0] == "uint8":
        return lambda values: _three(values)
    shrink = max(1, max(file.width, file.height) // 512)
    sample = file.read(
        list(range(1, count + 1)), masked=True,
        out_shape=(count, max(1, file.height // shrink), max(1, file.width // shrink)),
    )  # fmt: skip
    plain = sample.compressed().astype(np.float64)
    plain = plain[np.isfinite(plain)]
    low, high = np.percentile(plain, [2, 98]).tolist() if plain.size else (0.0, 1.0)
    span = (high - low) or 1.0
    return lambda values: _three(np.nan_to_num(np.clip((values - low) / span, 0, 1) * 255).astype(np.uint8))


def _three(values: npt.NDArray[Any]) -> Bytes:
    bands = values if len(values) == 3 else np.repeat(values[:1], 3, axis=0)
    return np.moveaxis(bands, 0, -1).astype(np.uint8)


def _most(kind: np.dtype[Any]) -> float:
    return float(np.iinfo(kind).max) if np.issubdtype(kind, np.integer) else 1.0


def _pyramid(finest: dict[Place, Bytes], zoom: int) -> list[tuple[int, dict[Place, bytes]]]:
    """Encoded levels, the finest first, up to one of four tiles at most."""
    arrays, levels = finest, []
    while True:
        levels.append((zoom, {place: _encoded(picture) for place, picture in arrays.items()}))
        if zoom == 0 or len(arrays) <= 4:
            return levels
        arrays, zoom = _halved(arrays), zoom - 1


def _halved(arrays: dict[Place, Bytes]) -> dict[Place, Bytes]:
    """The next coarser level: four tiles to one."""
    parents = sorted({(x // 2, y // 2) for x, y in arrays})
    made = {}
    for x, y in parents:
        whole = np.zeros((2 * SIZE, 2 * SIZE, 4), dtype=np.uint8)
        for right, down in ((0, 0), (1, 0), (0, 1), (1, 1)):
            if (child := arrays.get((2 * x + right, 2 * y + down))) is not None:
                whole[down * SIZE : (down + 1) * SIZE, right * SIZE : (right + 1) * SIZE] = child
        made[x, y] = np.asarray(Image.fromarray(whole).resize((SIZE, SIZE), Image.Resampling.BOX))
    return made


def _encoded(picture: Bytes) -> bytes:
    out = BytesIO()
    whole = Image.fromarray(picture)
    (whole.convert("RGB") if (picture[..., 3] == 255).all() else whole).save(
        out, "WEBP", quality=72, method=4
    )
    return out.getvalue()


def _pixel(zoom: int) -> float:
    """Size of a pixel at a zoom, Web Mercator metres."""
    return math.ldexp(_WORLD / SIZE, -zoom)


def _range(box: Box, zoom: int) -> tuple[range, range]:
    """Columns and rows of the tiles that cover a box."""
    tile, last = _pixel(zoom) * SIZE, 2**zoom - 1
    west, south, east, north = box
    edges = ((west + _WORLD / 2, east + _WORLD / 2), (_WORLD / 2 - north, _WORLD / 2 - south))
    columns, rows = (
        range(max(0, math.floor(low / tile)), min(last, math.ceil(high / tile) - 1) + 1)
        for low, high in edges
    )
    return columns, rows


def _elsewhere(place: str, there: Box, wanted: Box) -> Finding:
    back = Transformer.from_crs(_MERCATOR, "EPSG:4326", always_xy=True)
    said = [", ".join(f"{value:.4f}" for value in back.transform_bounds(*box)) for box in (there, wanted)]
    return fault(
        "basemap.elsewhere", place,
        f"栅格范围(西、南、东、北:{said[0]})与规划范围({said[1]})没有重叠,或重叠处没有像元;请检查文件与坐标系",
        f"the raster (west, south, east, north: {said[0]}) has no pixel around the plan ({said[1]}): is it the right file and CRS?",
    )  # fmt: skip


def _coarser(place: str, native: float, made: float, most_bytes: int) -> Finding:
    size = most_bytes / 1e6
    return Finding(
        "basemap.coarser", "warning",
        f"栅格像元 {native:.2g} 米,写入地图的为 {made:.2g} 米,以保持在 {size:.3g} MB 之内;要更细请裁小范围或调大上限",
        f"the raster's pixels of {native:.2g} m became {made:.2g} m, to stay within {size:.3g} MB; crop it or allow more to keep them finer",
        place,
    )  # fmt: skip
