"""A page to draw on, in millimetres from its lower left corner; what is drawn later lies on top.

A matplotlib figure without axes, so that a length on the page is exactly what it is said to be, and without matplotlib's
global state: `settled` sets what can only be set globally for as long as a page is drawn and written.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from typing import Any

import matplotlib
import numpy as np
import shapely
from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure
from matplotlib.image import BboxImage
from matplotlib.lines import Line2D
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.text import Text
from matplotlib.textpath import TextPath
from matplotlib.transforms import Affine2D, Bbox, TransformedBbox
from PIL import Image

from zoneplan.engine.rings import Floats
from zoneplan.render.sheet.lettering import MM_PER_POINT, Lettering
from zoneplan.render.sheet.paper import MM_PER_INCH, Box, Paper

INK = "#1a1a1a"
SALT = "zoneplan"  # SVG names are drawn from it instead of at random
_SETTINGS: dict[Any, Any] = {
    "pdf.fonttype": 42, "svg.fonttype": "path", "svg.hashsalt": SALT, "path.snap": False, "path.simplify": False,
    "lines.scale_dashes": False, "text.parse_math": False, "text.usetex": False, "text.hinting": "no_hinting",
    "agg.path.chunksize": 0,
}  # fmt: skip


@contextmanager
def settled() -> Iterator[None]:
    """matplotlib's own defaults and what a sheet needs, whatever the user's settings are; put back afterwards."""
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(_SETTINGS)
        yield


class Ink:
    """The page.

    Parameters
    ----------
    paper : Paper
    letters : Lettering
    """

    def __init__(self, paper: Paper, letters: Lettering) -> None:
        self.paper, self.letters = paper, letters
        self.figure = Figure(
            figsize=(paper.width / MM_PER_INCH, paper.height / MM_PER_INCH), facecolor="#ffffff"
        )
        self._mm = Affine2D().scale(1 / MM_PER_INCH) + self.figure.dpi_scale_trans
        self._order = 10.0

    def path(
        self, path: Path, *, fill: str | None = None, opacity: float = 1.0, line: str | None = None,
        width: float = 0.2, dash: Sequence[float] = (), within: Box | None = None, inside: Path | None = None,
        round_ends: bool = False,
    ) -> None:  # fmt: skip
        """A path filled and drawn; cut to the box `within` and to the path `inside`. Widths and dashes in mm."""
        if not len(np.asarray(path.vertices)):
            return
        patch = PathPatch(
            path,
            facecolor=to_rgba(fill, opacity) if fill else "none",
            edgecolor=line or "none",
            linewidth=width / MM_PER_POINT if line else 0.0,
            linestyle=(0, tuple(part / MM_PER_POINT for part in dash)) if dash else "solid",
            joinstyle="round",
            capstyle="round" if round_ends else "butt",
            transform=self._mm,
        )
        self._add(patch, within)
        if inside is not None:
            patch.set_clip_path(inside, self._mm)

    def dots(
        self, xy: Floats, *, size: float, fill: str, line: str | None = None, width: float = 0.2,
        within: Box | None = None,
    ) -> None:  # fmt: skip
        """Round dots of a diameter in mm."""
        marks = Line2D(
            xy[:, 0], xy[:, 1], linestyle="none", marker="o", markersize=size / MM_PER_POINT, markerfacecolor=fill,
            markeredgecolor=line or "none", markeredgewidth=width / MM_PER_POINT if line else 0.0, transform=self._mm,
        )  # fmt: skip
        self._add(marks, within)

    def text(
        self, x: float, y: float, words: str, *, size: float, colour: str = INK, turn: float = 0.0,
        align: float = 0.0, bold: bool = False, opacity: float = 1.0,
    ) -> None:  # fmt: skip
        """One line of words from a point of its base line, turned anticlockwise by degrees.

        `align` is the share of its width before the point (0 left, 0.5 centred, 1 right). The words stay text; what makes
        them bold is a path below them, so that a PDF can be searched.
        """
        if not words:
            return
        x, y = self._start(x, y, words, size, turn, align)
        if bold:
            self._outline(x, y, words, size, turn, colour, size * MM_PER_POINT * 0.035, fill=colour)
        font = self.letters.properties.copy()
        font.set_size(size)
        self._add(
            Text(
                x, y, words, fontproperties=font, color=colour, alpha=opacity, rotation=turn, rotation_mode="anchor",
                horizontalalignment="left", verticalalignment="baseline", transform=self._mm, parse_math=False,
            )
        )  # fmt: skip

    def rim(
        self,
        x: float,
        y: float,
        words: str,
        *,
        size: float,
        width: float,
        turn: float = 0.0,
        align: float = 0.0,
    ) -> None:
        """A white rim, so wide in mm, for words that `text` writes over it."""
        if words:
            x, y = self._start(x, y, words, size, turn, align)
            self._outline(x, y, words, size, turn, "#ffffff", 2 * width)

    def _start(
        self, x: float, y: float, words: str, size: float, turn: float, align: float
    ) -> tuple[float, float]:
        angle, back = np.deg2rad(turn), self.letters.width(words, size) * align
        return x - back * float(np.cos(angle)), y - back * float(np.sin(angle))

    def _outline(
        self, x: float, y: float, words: str, size: float, turn: float, colour: str, width: float,
        fill: str | None = None,
    ) -> None:  # fmt: skip
        outline = TextPath((0, 0), words, size=size, prop=self.letters.properties)
        placed = Affine2D().scale(MM_PER_POINT).rotate_deg(turn).translate(x, y).transform_path(outline)
        self.path(placed, fill=fill, line=colour, width=width, round_ends=True)

    def box(self, box: Box, **how: Any) -> None:
        """A rectangle, as `path`."""
        self.path(
            ring_path([[(box.x, box.y), (box.right, box.y), (box.right, box.top), (box.x, box.top)]]), **how
        )

    def lines(self, segments: Floats, **how: Any) -> None:
        """Straight lines, shape (n, 2, 2), as `path`."""
        self.path(segment_path(segments), **how)

    def picture(self, pixels: np.ndarray, box: Box, *, within: Box | None = None) -> None:
        """A picture, rows from the top, RGBA bytes, in a box."""
        place = TransformedBbox(Bbox.from_bounds(*box), self._mm)
        image = BboxImage(place, interpolation="antialiased", origin="upper")
        image.set_data(pixels)
        self._add(image, within)

    def pixels(self, dpi: int) -> np.ndarray:
        """The page as a picture, shape (rows, columns, 3), bytes."""
        canvas: Any = FigureCanvasAgg(self.figure)
        self.figure.set_dpi(dpi)
        canvas.draw()
        return np.ascontiguousarray(np.asarray(canvas.buffer_rgba())[..., :3])

    def png(self, dpi: int) -> bytes:
        """The page as a PNG."""
        kept = BytesIO()
        with settled():
            Image.fromarray(self.pixels(dpi)).save(kept, "PNG", dpi=(dpi, dpi), compress_level=6)
        return kept.getvalue()

    def _add(self, artist: Artist, within: Box | None = None) -> None:
        self._order += 1
        artist.set_zorder(self._order)
        self.figure.add_artist(artist, clip=False)
        if within is not None:
            artist.set_clip_box(TransformedBbox(Bbox.from_bounds(*within), self._mm))


def ring_path(rings: Sequence[Any]) -> Path:
    """Closed rings, each a sequence of corners without the first one again, as one path."""
    if not len(rings):
        return Path(np.empty((0, 2)))
    vertices = [np.vstack([ring, ring[:1]]) for ring in map(np.asarray, rings)]
    codes = [_codes(len(ring), Path.CLOSEPOLY) for ring in vertices]
    return Path(np.vstack(vertices), np.concatenate(codes))


def segment_path(segments: Floats) -> Path:
    """Straight lines, shape (n, 2, 2), as one path."""
    codes = np.tile(np.array([Path.MOVETO, Path.LINETO], np.uint8), len(segments))
    return Path(np.asarray(segments, float).reshape(-1, 2), codes)


def polygon_path(shapes: np.ndarray) -> Path:
    """Polygons (page millimetres) as one path whose winding number is not 0 inside: outer rings anticlockwise, holes clockwise."""
    parts = shapely.get_parts(shapes)
    parts = parts[shapely.get_dimensions(parts) == 2]
    rings = shapely.get_rings(shapely.orient_polygons(parts))
    return ring_path([shapely.get_coordinates(ring)[:-1] for ring in rings])


def line_path(shapes: np.ndarray) -> Path:
    """Lines and the outlines of polygons as one path."""
    parts = shapely.get_parts(shapes)
    parts = parts[(shapely.get_dimensions(parts) == 1) & ~shapely.is_empty(parts)]
    if not len(parts):
        return Path(np.empty((0, 2)))
    vertices = [shapely.get_coordinates(part) for part in parts]
    return Path(np.vstack(vertices), np.concatenate([_codes(len(part), Path.LINETO) for part in vertices]))


def _codes(corners: int, last: Any) -> np.ndarray:
    codes = np.full(corners, 2, np.uint8)  # Path.LINETO
    codes[0], codes[-1] = 1, last  # Path.MOVETO first
    return codes
