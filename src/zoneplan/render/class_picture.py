"""A raster of classes as a picture: what it is and what it lacks above, legend and scale below. Pillow, the package's font."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import rasterio
import shapely
from PIL import Image, ImageDraw
from rasterio.enums import Resampling
from shapely.geometry.base import BaseGeometry

from zoneplan.render.furniture import font, length_text
from zoneplan.terrain.cellgrid import CACHE_MB
from zoneplan.units import round_below

WIDTH, TALLEST, EDGE = 1600, 1600, 28
INK, FRAME, WARNING = "#222222", "#888888", "#b00020"


def write_class_picture(
    path: Path,
    raster: Path,
    classes: Sequence[tuple[int, str]],
    *,
    title: str,
    notices: Sequence[str] = (),
    zone: BaseGeometry | None = None,
) -> None:
    """Write a PNG of a raster of classes; the same raster gives the same bytes.

    Parameters
    ----------
    path, raster : Path
        The picture; a GeoTIFF with a palette in a projected CRS.
    classes : sequence of (value, name)
        In the order of the legend.
    title : str
        Broken into lines where it is long.
    notices : sequence of str
        What must be known of it (示意, 合成 …), in red.
    zone : geometry, optional
        Outlined; in the raster's CRS.
    """
    with rasterio.Env(GDAL_CACHEMAX=CACHE_MB), rasterio.open(raster) as file:
        scale = min((WIDTH - 2 * EDGE) / file.width, TALLEST / file.height)
        size = round(file.width * scale), round(file.height * scale)
        values = file.read(1, out_shape=(size[1], size[0]), resampling=Resampling.nearest)
        palette = file.colormap(1)
        west, north, metres = file.transform.c, file.transform.f, file.transform.a / scale
    colours = np.array([palette.get(value, (0, 0, 0, 0)) for value in range(256)], dtype=np.uint8)
    image = Image.fromarray(colours[values], "RGBA")
    lines = [(line, INK, 30) for line in _wrapped(title, 30)]
    lines += [(line, WARNING, 22) for notice in notices for line in _wrapped(notice, 22)]
    head = EDGE + sum(round(height * 1.4) for _, _, height in lines) + 8
    rows = math.ceil(len(classes) / 3)
    page = Image.new("RGB", (WIDTH, head + size[1] + 40 * rows + 110), "#ffffff")
    page.paste(image, (EDGE, head), image)
    pen = ImageDraw.Draw(page)
    y = EDGE
    for text, colour, height in lines:
        pen.text((EDGE, y), text, font=font(height), fill=colour)
        y += round(height * 1.4)
    pen.rectangle((EDGE - 1, head - 1, EDGE + size[0], head + size[1]), outline=FRAME)
    if zone is not None:
        for part in shapely.get_parts(shapely.boundary(zone)):
            xy = shapely.get_coordinates(part)
            points = np.stack([EDGE + (xy[:, 0] - west) / metres, head + (north - xy[:, 1]) / metres], axis=1)
            pen.line([(float(a), float(b)) for a, b in points], fill=INK, width=2)
    _legend(pen, classes, palette, head + size[1] + 20)
    _scale_bar(pen, metres, page.height - 34)
    page.save(path, format="PNG")


def _wrapped(text: str, size: int) -> list[str]:
    """A text in lines that fit the page, broken between words of Latin letters."""
    lines = [""]
    for word in re.findall(r"[ -~]+? |[ -~]+|[^ -~]", text):
        if lines[-1] and font(size).getlength(lines[-1] + word) > WIDTH - 2 * EDGE:
            lines.append("")
        lines[-1] += word
    return [line.strip() for line in lines]


def _legend(
    pen: ImageDraw.ImageDraw,
    classes: Sequence[tuple[int, str]],
    palette: dict[int, tuple[int, ...]],
    top: int,
) -> None:
    """Colours and names, three to a row."""
    for number, (value, name) in enumerate(classes):
        row, column = divmod(number, 3)
        x, y = EDGE + column * (WIDTH - 2 * EDGE) // 3, top + 40 * row
        pen.rectangle((x, y, x + 44, y + 26), fill=palette.get(value, (255, 255, 255))[:3], outline=FRAME)
        pen.text((x + 56, y + 13), name, font=font(22), anchor="lm", fill=INK)


def _scale_bar(pen: ImageDraw.ImageDraw, metres: float, y: int) -> None:
    """A bar of a round length, about a fifth of the page; north is up."""
    length = round_below(WIDTH / 5 * metres)
    x, end = EDGE, EDGE + length / metres
    pen.rectangle((x, y, (x + end) / 2, y + 9), fill=INK, outline=INK)
    pen.rectangle(((x + end) / 2, y, end, y + 9), fill="#ffffff", outline=INK)
    pen.text((x, y - 6), "0", font=font(20), anchor="ls", fill=INK)
    pen.text((end, y - 6), length_text(length), font=font(20), anchor="rs", fill=INK)
    pen.text((WIDTH - EDGE, y + 9), "坐标北向上 Grid north is up", font=font(20), anchor="rs", fill=INK)
