"""Small maps of a check as PNG, for papers: control lines with their hatches, parcels, scale bar, north arrow.

Drawn with Pillow at twice the size and reduced, in the colours of the style document and the font of the package: no
display, no network, the same bytes every time.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from io import BytesIO

import numpy as np
import shapely
from PIL import Image, ImageChops, ImageDraw, ImageFont
from shapely.geometry import Polygon

from zoneplan.check.names import VERDICT_WORDS, line_name
from zoneplan.check.result import CheckResult
from zoneplan.render.assets import asset
from zoneplan.render.plaintext import full_width, short
from zoneplan.render.style import HATCHES, Style, Symbol, read_style

FONT = "NotoSansSC-Regular.ttf"
WIDTH, HEIGHT, STRIP = 1500, 930, 106
"""Pixels of the map and of the strip with the legend below it."""
LABELS = 40
_FINE = 2  # drawn so many times larger
_HATCH_PX = 11
_LEAST_PX = 10  # a parcel smaller than this gets a dot
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


class Maps:
    """Maps of one check.

    Parameters
    ----------
    result : CheckResult
        Its lines and parcels are in metres.
    style : Style, optional
    """

    def __init__(self, result: CheckResult, style: Style | None = None) -> None:
        self.result = result
        self.style = style or read_style()
        self.shapes = result.shapes.shapes.to_numpy()
        self.overall = result.parcels["overall"].to_numpy()
        self._bounds = shapely.bounds(self.shapes)
        lines = {row.line.key: row.line for row in result.shapes.rows if row.line is not None}
        # the largest first, so that an island in a hole is drawn after the hole
        self.lines = {key: _by_size(line.polygons.to_numpy()) for key, line in lines.items()}
        self._boxes = {key: shapely.bounds(shapes) for key, shapes in self.lines.items()}

    def project(self, labelled: Sequence[int]) -> bytes:
        """All parcels; `labelled` are the positions of those whose ids are written, the first before the others."""
        known = self._bounds[~np.isnan(self._bounds[:, 0])]
        return self._draw((*known[:, :2].min(axis=0), *known[:, 2:].max(axis=0)), labelled, None)

    def parcel(self, at: int) -> bytes:
        """One parcel with what surrounds it."""
        west, south, east, north = self._bounds[at]
        more = max(east - west, north - south) * 0.9
        return self._draw((west - more, south - more, east + more, north + more), [at], at)

    def has(self, at: int) -> bool:
        """Whether a parcel can be drawn."""
        return not np.isnan(self._bounds[at, 0])

    @property
    def any(self) -> bool:
        """Whether there is anything to draw."""
        return bool((~np.isnan(self._bounds[:, 0])).any())

    def _draw(self, box: tuple[float, ...], labelled: Sequence[int], focus: int | None) -> bytes:
        window = _window(box)
        canvas = Image.new("RGB", (WIDTH * _FINE, HEIGHT * _FINE), "#ffffff")
        shown: list[tuple[str, Symbol]] = []
        for key, polygons in self.lines.items():
            seen = _clipped(polygons, self._boxes[key], window.box)
            if len(seen):
                symbol = self.style.symbol(key, "control_line")
                _paint(canvas, seen, symbol, window)
                shown.append((line_name(key), symbol))
        inside = np.flatnonzero(_meets(self._bounds, window.box))
        self._parcels(canvas, inside, window, focus)
        verdicts = [key for key in VERDICT_WORDS if key in set(self.overall[inside])]
        shown += [
            (
                full_width(f"地块:{VERDICT_WORDS[key][0]}"),
                self.style.symbol(key).model_copy(update={"hatch": None}),
            )
            for key in verdicts
        ]
        page = Image.new("RGB", (WIDTH, HEIGHT + STRIP), "#ffffff")
        page.paste(canvas.reduce(_FINE), (0, 0))
        pen = ImageDraw.Draw(page)
        there = set(inside.tolist())
        _labels(pen, [(self._name(at), self._place(at, window)) for at in labelled[:LABELS] if at in there])
        _scale_bar(pen, window)
        _north(pen)
        if self.result.schematic:
            _banner(pen, full_width("示意图形,不得用于用地审批"))
        pen.rectangle((0, 0, WIDTH - 1, HEIGHT - 1), outline="#222222", width=2)
        _legend(page, shown, f"坐标系 {self.result.receipt['crs']}")
        out = BytesIO()
        page.quantize(128, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(
            out, "PNG", compress_level=9
        )
        return out.getvalue()

    def _parcels(self, canvas: Image.Image, inside: np.ndarray, window: Window, focus: int | None) -> None:
        """Parcels by verdict, the strictest on top; small ones as dots, the one in focus outlined."""
        order = list(VERDICT_WORDS)[::-1]
        for verdict in order:
            at = inside[self.overall[inside] == verdict]
            if not len(at):
                continue
            symbol = self.style.symbol(verdict).model_copy(update={"hatch": None})
            span = (self._bounds[at, 2:] - self._bounds[at, :2]).max(axis=1) * window.scale
            large = at[span >= _LEAST_PX * _FINE]
            if len(large):
                shapes = _clipped(
                    shapely.get_parts(self.shapes[large]),
                    shapely.bounds(shapely.get_parts(self.shapes[large])),
                    window.box,
                )
                _paint(canvas, shapes, symbol, window)
            pen = ImageDraw.Draw(canvas)
            for x, y in (self._place(one, window) for one in at[span < _LEAST_PX * _FINE].tolist()):
                r = _LEAST_PX * _FINE / 2
                pen.ellipse((x - r, y - r, x + r, y + r), fill=symbol.fill, outline=symbol.line)
        if focus is not None:
            pen = ImageDraw.Draw(canvas)
            for ring in _rings(shapely.get_parts(self.shapes[focus])):
                pen.line(window.pixels(ring), fill="#000000", width=4 * _FINE, joint="curve")

    def _name(self, at: int) -> str:
        return short(self.result.ids[at], 16)

    def _place(self, at: int, window: Window) -> tuple[float, float]:
        """The middle of a parcel's box on the fine canvas."""
        west, south, east, north = self._bounds[at]
        return window.pixels(np.array([[(west + east) / 2, (south + north) / 2]]))[0]


def _window(box: tuple[float, ...]) -> Window:
    """The box with a margin, widened to the shape of the map."""
    west, south, east, north = box
    width = max((east - west) * (1 + 2 * _MARGIN), _LEAST_M)
    height = max((north - south) * (1 + 2 * _MARGIN), _LEAST_M)
    metres = max(width, height * WIDTH / HEIGHT)
    x, y = (west + east) / 2, (south + north) / 2
    half = (metres / 2, metres * HEIGHT / WIDTH / 2)
    return Window((x - half[0], y - half[1], x + half[0], y + half[1]), WIDTH * _FINE / metres)


def _by_size(shapes: np.ndarray) -> np.ndarray:
    return shapes[np.argsort(-shapely.area(shapes), kind="stable")]


def _meets(bounds: np.ndarray, box: Box) -> np.ndarray:
    west, south, east, north = box
    with np.errstate(invalid="ignore"):
        found: np.ndarray = (
            (bounds[:, 0] <= east)
            & (bounds[:, 2] >= west)
            & (bounds[:, 1] <= north)
            & (bounds[:, 3] >= south)
        )
    return found


def _clipped(shapes: np.ndarray, bounds: np.ndarray, box: Box) -> np.ndarray:
    """The polygons of a layer that a window shows, cut a little outside it."""
    margin = (box[2] - box[0]) * 0.02
    near = shapes[_meets(bounds, box)]
    cut = shapely.clip_by_rect(near, box[0] - margin, box[1] - margin, box[2] + margin, box[3] + margin)
    parts = shapely.get_parts(cut[~shapely.is_empty(cut)])
    return np.asarray(parts[shapely.get_type_id(parts) == shapely.GeometryType.POLYGON])


def _rings(shapes: np.ndarray) -> Iterator[np.ndarray]:
    for shape in shapes:
        if isinstance(shape, Polygon) and not shape.is_empty:
            yield shapely.get_coordinates(shape.exterior)
            for hole in shape.interiors:
                yield shapely.get_coordinates(hole)


def _paint(canvas: Image.Image, shapes: np.ndarray, symbol: Symbol, window: Window) -> None:
    """Polygons on the canvas: fill, hatch and outline of a symbol."""
    mask = Image.new("L", canvas.size, 0)
    stencil = ImageDraw.Draw(mask)
    for shape in shapes:
        stencil.polygon(window.pixels(shapely.get_coordinates(shape.exterior)), fill=255)
        for hole in shape.interiors:
            stencil.polygon(window.pixels(shapely.get_coordinates(hole)), fill=0)
    _fill(canvas, mask, symbol)
    pen = ImageDraw.Draw(canvas)
    for ring in _rings(shapes):
        pen.line(
            window.pixels(ring), fill=symbol.line, width=max(round(symbol.weight * _FINE), 1), joint="curve"
        )


def _fill(canvas: Image.Image, mask: Image.Image, symbol: Symbol) -> None:
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
    step, (width, height) = _HATCH_PX * _FINE, size
    if kind == "dots":
        for x in range(0, width, step):
            for y in range(0, height, step):
                pen.ellipse((x, y, x + 2 * _FINE, y + 2 * _FINE), fill=200)
        return made
    for angle in HATCHES[kind]:
        for start in range(-height, width + height, step):
            pen.line(_stroke(angle, start, width, height), fill=140, width=_FINE)
    return made


def _stroke(angle: int, start: int, width: int, height: int) -> tuple[int, int, int, int]:
    """One line of a hatch over a whole canvas."""
    if angle in (45, 135):
        return (start, height, start + height, 0) if angle == 45 else (start, 0, start + height, height)
    return (0, start, width, start) if angle == 0 else (start, 0, start, height)


@cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(BytesIO(_font_file()), size)


@cache
def _font_file() -> bytes:
    return asset(FONT)


def _labels(pen: ImageDraw.ImageDraw, labels: Sequence[tuple[str, tuple[float, float]]]) -> None:
    """Names with a halo, each where no earlier one is."""
    taken: list[Box] = []
    font = _font(22)
    for text, (x, y) in labels:
        at = (x / _FINE, y / _FINE - _LEAST_PX)
        west, top, east, bottom = pen.textbbox(at, text, font=font, anchor="mb")
        if any(west < b[2] and east > b[0] and top < b[3] and bottom > b[1] for b in taken):
            continue
        taken.append((west, top, east, bottom))
        pen.text(
            at,
            text,
            font=font,
            anchor="mb",
            fill="#111111",
            stroke_width=3,
            stroke_fill="#ffffff",
        )


def _scale_bar(pen: ImageDraw.ImageDraw, window: Window) -> None:
    """A bar of a round length, about a fifth of the map."""
    per_metre = window.scale / _FINE
    longest = WIDTH / 5 / per_metre
    power = 10 ** math.floor(math.log10(longest))
    metres = next(step * power for step in (5, 2, 1) if step * power <= longest)
    length, x, y = metres * per_metre, 30.0, HEIGHT - 34.0
    text = f"{metres / 1000:g} km" if metres >= 1000 else f"{metres:g} m"
    pen.rectangle((x - 10, y - 34, x + length + 16, y + 20), fill="#ffffff")
    pen.rectangle((x, y, x + length / 2, y + 9), fill="#222222", outline="#222222", width=2)
    pen.rectangle((x + length / 2, y, x + length, y + 9), fill="#ffffff", outline="#222222", width=2)
    pen.text((x, y - 6), "0", font=_font(20), anchor="ls", fill="#222222")
    pen.text((x + length, y - 6), text, font=_font(20), anchor="rs", fill="#222222")


def _north(pen: ImageDraw.ImageDraw) -> None:
    """Grid north is up."""
    x, y = WIDTH - 56, 26
    pen.rectangle((x - 34, y - 10, x + 34, y + 92), fill="#ffffff")
    pen.polygon([(x, y), (x + 15, y + 54), (x, y + 42)], fill="#222222")
    pen.polygon([(x, y), (x - 15, y + 54), (x, y + 42)], fill="#ffffff", outline="#222222")
    pen.text((x, y + 72), "坐标北", font=_font(18), anchor="mm", fill="#222222")


def _banner(pen: ImageDraw.ImageDraw, text: str) -> None:
    font = _font(24)
    _, top, east, bottom = pen.textbbox((28, 24), text, font=font)
    pen.rectangle((16, top - 8, east + 12, bottom + 8), fill="#fff4d6", outline="#9c5700", width=2)
    pen.text((28, 24), text, font=font, fill="#9c5700")


def _legend(page: Image.Image, shown: Sequence[tuple[str, Symbol]], note: str) -> None:
    """Swatches in rows below the map, and the CRS."""
    pen, font = ImageDraw.Draw(page), _font(22)
    x, y = 16.0, HEIGHT + 18.0
    for text, symbol in shown:
        wide = pen.textlength(text, font=font) + 62 + 30
        if x + wide > WIDTH and x > 16:
            x, y = 16.0, y + 38
        swatch = Image.new("RGB", (50 * _FINE, 26 * _FINE), "#ffffff")
        _fill(swatch, Image.new("L", swatch.size, 255), symbol)
        page.paste(swatch.reduce(_FINE), (round(x), round(y)))
        pen.rectangle((x, y, x + 50, y + 26), outline=symbol.line, width=max(round(symbol.weight), 1))
        pen.text((x + 60, y + 13), text, font=font, anchor="lm", fill="#222222")
        x += wide
    pen.text((WIDTH - 8, HEIGHT + STRIP - 8), note, font=_font(18), anchor="rs", fill="#555555")
