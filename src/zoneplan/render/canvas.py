"""Polygons painted with Pillow: a window of the ground, drawn at twice the size, in the fills, hatches and outlines of the style."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
import shapely
from PIL import Image, ImageChops, ImageDraw
from shapely.geometry import Polygon

from zoneplan.render.style import HATCHES, Symbol

WIDTH, HEIGHT = 1500, 930
"""Pixels of the map."""
FINE = 2
"""Drawn so many times larger."""
_HATCH_PX = 11
_MARGIN = 0.08
_LEAST_M = 60.0

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Window:
    """What a map shows: its corner, and pixels per metre of the fine canvas."""

    box: Box
    scale: float

    def pixels(self, xy: np.ndarray) -> list[tuple[float, float]]:
        """Coordinates in metres as pixels of the fine canvas."""
        west, _, _, north = self.box
        return list(
            zip(
                ((xy[:, 0] - west) * self.scale).tolist(),
                ((north - xy[:, 1]) * self.scale).tolist(),
                strict=True,
            )
        )


def window_around(box: tuple[float, ...]) -> Window:
    """The box with a margin, widened to the shape of the map."""
    west, south, east, north = box
    width = max((east - west) * (1 + 2 * _MARGIN), _LEAST_M)
    height = max((north - south) * (1 + 2 * _MARGIN), _LEAST_M)
    metres = max(width, height * WIDTH / HEIGHT)
    x, y = (west + east) / 2, (south + north) / 2
    half = (metres / 2, metres * HEIGHT / WIDTH / 2)
    return Window((x - half[0], y - half[1], x + half[0], y + half[1]), WIDTH * FINE / metres)


def paint(canvas: Image.Image, shapes: np.ndarray, symbol: Symbol, window: Window) -> None:
    """Polygons on the canvas: fill, hatch and outline of a symbol."""
    mask = Image.new("L", canvas.size, 0)
    stencil = ImageDraw.Draw(mask)
    for shape in shapes:
        stencil.polygon(window.pixels(shapely.get_coordinates(shape.exterior)), fill=255)
        for hole in shape.interiors:
            stencil.polygon(window.pixels(shapely.get_coordinates(hole)), fill=0)
    fill(canvas, mask, symbol)
    pen = ImageDraw.Draw(canvas)
    for ring in rings(shapes):
        pen.line(
            window.pixels(ring), fill=symbol.line, width=max(round(symbol.weight * FINE), 1), joint="curve"
        )


def fill(canvas: Image.Image, mask: Image.Image, symbol: Symbol) -> None:
    """The fill and hatch of a symbol where a mask is white."""
    box = mask.getbbox()
    if box is None:
        return
    some = mask.crop(box)
    if symbol.fill:
        canvas.paste(symbol.fill, box, some.point(lambda value: int(value * symbol.opacity)))
    if symbol.hatch:
        canvas.paste(symbol.line, box, ImageChops.multiply(some, _hatch(symbol.hatch, canvas.size).crop(box)))


@cache
def _hatch(kind: str, size: tuple[int, int]) -> Image.Image:
    """A stencil of lines or dots over a whole canvas."""
    made = Image.new("L", size, 0)
    pen = ImageDraw.Draw(made)
    step, (width, height) = _HATCH_PX * FINE, size
    if kind == "dots":
        for x in range(0, width, step):
            for y in range(0, height, step):
                pen.ellipse((x, y, x + 2 * FINE, y + 2 * FINE), fill=200)
        return made
    for angle in HATCHES[kind]:
        for start in range(-height, width + height, step):
            pen.line(_stroke(angle, start, width, height), fill=140, width=FINE)
    return made


def _stroke(angle: int, start: int, width: int, height: int) -> tuple[int, int, int, int]:
    """One line of a hatch over a whole canvas."""
    if angle in (45, 135):
        return (start, height, start + height, 0) if angle == 45 else (start, 0, start + height, height)
    return (0, start, width, start) if angle == 0 else (start, 0, start, height)


def rings(shapes: np.ndarray) -> Iterator[np.ndarray]:
    """Outer rings and holes of polygons, as coordinates."""
    for shape in shapes:
        if isinstance(shape, Polygon) and not shape.is_empty:
            yield shapely.get_coordinates(shape.exterior)
            for hole in shape.interiors:
                yield shapely.get_coordinates(hole)
