"""What a sheet draws: the layers of the web map, with the same symbols, names and areas, in the plan's own CRS."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS

from zoneplan.engine.rings import Floats
from zoneplan.render.mapdata import CRS as DEGREES
from zoneplan.render.mapdata import Drawing, Feature
from zoneplan.render.sheet.ink import Ink
from zoneplan.render.sheet.paper import Window
from zoneplan.render.sheet.symbols import draw
from zoneplan.render.style import Symbol

LegendRow = tuple[str, Symbol, str, str]
"""Words, symbol, form (area, line or point), amount."""
_FORMS = ("point", "line", "area")
_BEYOND = 5.0  # mm that outlines are drawn beyond the neat line, so that no cut shows


@dataclass(frozen=True)
class Content:
    """One drawing of the map, its shapes in metres of the plan's CRS."""

    drawing: Drawing
    shapes: np.ndarray

    @property
    def layer(self) -> str:
        """The layer's name in the style document."""
        return self.drawing.key.partition(":")[0]

    @property
    def features(self) -> list[Feature]:
        """The features, in the order of ``shapes``."""
        return self.drawing.features

    @cached_property
    def bounds(self) -> Floats:
        """West, south, east, north of each shape."""
        return np.asarray(shapely.bounds(self.shapes)).reshape(-1, 4)

    def seen(self, window: Window) -> np.ndarray:
        """The positions of the features that a window shows."""
        west, south, east, north = window.bounds
        at, view = self.bounds, shapely.box(west, south, east, north)
        near = np.flatnonzero(
            (at[:, 0] <= east) & (at[:, 2] >= west) & (at[:, 1] <= north) & (at[:, 3] >= south)
        )
        return np.asarray(near[shapely.intersects(self.shapes[near], view)])

    def on_page(self, at: np.ndarray, window: Window, *, beyond: float = _BEYOND) -> np.ndarray:
        """Shapes in page millimetres, cut to the neat line and a little more; some may be empty."""
        paper = shapely.transform(self.shapes[at], window.page)
        frame = window.frame.inset(-beyond)
        return np.asarray(shapely.intersection(paper, shapely.box(frame.x, frame.y, frame.right, frame.top)))

    def draw(self, ink: Ink, window: Window) -> None:
        """The features; neighbours in order that share a symbol are one path."""
        at = self.seen(window)
        paper = self.on_page(at, window)
        symbols = [self.features[number].symbol for number in at]
        for symbol, group in groupby(range(len(at)), key=symbols.__getitem__):
            draw(ink, paper[list(group)], symbol, within=window.frame)

    @property
    def row_each(self) -> bool:
        """Whether the legend has a row for every feature."""
        return len(self.drawing.legend) == len(self.features)

    def legend(self, window: Window) -> list[LegendRow]:
        """The rows of the legend whose features a window shows."""
        at = self.seen(window)
        if not len(at):
            return []
        rows, features = self.drawing.legend, [self.features[number] for number in at]
        if self.row_each:
            seen = [(row, [number]) for number, row in enumerate(rows) if number in set(at.tolist())]
        else:
            names = {feature.symbol_name.removeprefix("parcel-") for feature in features}
            said = {row[2] for row in rows}
            wanted = [row for row in rows if row[2] in names or (row[2] == self.layer and names - said)]
            seen = [(row, [number for number in at if self._belongs(number, row[2], said)]) for row in wanted]
        return [(words, symbol, self._form(numbers), amount) for (words, symbol, _, amount), numbers in seen]

    def _belongs(self, number: int, name: str, said: set[str]) -> bool:
        own = self.features[number].symbol_name.removeprefix("parcel-")
        return own == name or (name == self.layer and own not in said)

    def _form(self, numbers: Sequence[int]) -> str:
        """Area if any of the features is one, else line, else point."""
        return (
            _FORMS[int(shapely.get_dimensions(self.shapes[list(numbers)]).max())] if len(numbers) else "area"
        )


def contents(drawings: Sequence[Drawing], crs: CRS) -> list[Content]:
    """Every drawing in a CRS, in drawing order."""
    made = []
    for drawing in drawings:
        degrees = gpd.GeoSeries([feature.shape for feature in drawing.features], crs=DEGREES)
        made.append(Content(drawing, degrees.to_crs(crs).to_numpy()))
    return made
