"""Small maps of a check as PNG, for papers: control lines with their hatches, parcels, scale bar, north arrow.

Drawn with Pillow in the colours of the style document and the font of the package: no display, no network, the same
bytes every time.
"""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

import numpy as np
import shapely
from PIL import Image, ImageDraw

from zoneplan.check.names import VERDICT_WORDS, line_name
from zoneplan.check.result import CheckResult
from zoneplan.render.canvas import FINE, HEIGHT, WIDTH, Box, Window, paint, rings, window_around
from zoneplan.render.furniture import DOT_PX, STRIP, banner, labels, legend, north, scale_bar
from zoneplan.render.plaintext import full_width, short
from zoneplan.render.style import Style, Symbol, read_style

LABELS = 40


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
        window = window_around(box)
        canvas = Image.new("RGB", (WIDTH * FINE, HEIGHT * FINE), "#ffffff")
        shown: list[tuple[str, Symbol]] = []
        for key, polygons in self.lines.items():
            seen = _clipped(polygons, self._boxes[key], window.box)
            if len(seen):
                symbol = self.style.symbol(key, "control_line")
                paint(canvas, seen, symbol, window)
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
        page.paste(canvas.reduce(FINE), (0, 0))
        pen = ImageDraw.Draw(page)
        there = set(inside.tolist())
        labels(pen, [(self._name(at), self._place(at, window)) for at in labelled[:LABELS] if at in there])
        scale_bar(pen, window)
        north(pen)
        if self.result.schematic:
            banner(pen, full_width("示意图形,不得用于用地审批"))
        pen.rectangle((0, 0, WIDTH - 1, HEIGHT - 1), outline="#222222", width=2)
        legend(page, shown, f"坐标系 {self.result.receipt['crs']}")
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
            large = at[span >= DOT_PX * FINE]
            if len(large):
                shapes = _clipped(
                    shapely.get_parts(self.shapes[large]),
                    shapely.bounds(shapely.get_parts(self.shapes[large])),
                    window.box,
                )
                paint(canvas, shapes, symbol, window)
            pen = ImageDraw.Draw(canvas)
            for x, y in (self._place(one, window) for one in at[span < DOT_PX * FINE].tolist()):
                r = DOT_PX * FINE / 2
                pen.ellipse((x - r, y - r, x + r, y + r), fill=symbol.fill, outline=symbol.line)
        if focus is not None:
            pen = ImageDraw.Draw(canvas)
            for ring in rings(shapely.get_parts(self.shapes[focus])):
                pen.line(window.pixels(ring), fill="#000000", width=4 * FINE, joint="curve")

    def _name(self, at: int) -> str:
        return short(self.result.ids[at], 16)

    def _place(self, at: int, window: Window) -> tuple[float, float]:
        """The middle of a parcel's box on the fine canvas."""
        west, south, east, north = self._bounds[at]
        return window.pixels(np.array([[(west + east) / 2, (south + north) / 2]]))[0]


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
