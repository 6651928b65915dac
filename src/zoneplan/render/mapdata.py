"""What a map draws: drawings of features, each with a title, rows of words and a style; words stay words until the page makes text of them."""

from __future__ import annotations

from dataclasses import dataclass, field

from shapely.geometry.base import BaseGeometry

from zoneplan.render.style import Symbol
from zoneplan.units import PLACES, round_half_up, to_unit

CRS = "EPSG:4490"
BETWEEN = " · "  # phrases in one cell
DECIMALS = 6  # of a degree: a tenth of a metre
ACCURACY = {
    "surveyed": ("实测", "surveyed"),
    "derived": ("推得", "derived"),
    "schematic": ("示意", "schematic"),
}


@dataclass(slots=True)
class Feature:
    """One thing that is drawn, in CGCS2000 degrees, with the words of its popup; `id` is that of a plan element."""

    shape: BaseGeometry
    title: str
    rows: list[list[str]]
    symbol: Symbol
    symbol_name: str
    id: str = ""
    area_m2: float | None = None


@dataclass(slots=True)
class Label:
    """Words at a point; along a line turned clockwise by `turn` degrees. `others` are further (point, turn), the best first."""

    shape: BaseGeometry
    text: str
    layer: str
    turn: int = 0
    others: tuple[tuple[BaseGeometry, int], ...] = ()


@dataclass
class Drawing:
    """One layer of the map.

    ``features`` are drawn in their order; ``legend`` rows are
    (words, symbol, symbol's name, area or count as text); ``element`` is the layer's name on the page.
    """

    key: str
    name: str
    group: str
    show: bool
    features: list[Feature] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)
    legend: list[tuple[str, Symbol, str, str]] = field(default_factory=list)
    element: str = ""

    @property
    def layer(self) -> str:
        """The layer of the style document that it belongs to: a control line is a drawing of its own."""
        return self.key.split(":")[0]


def area_text(area_m2: float) -> str:
    """Hectares as the area tables print them."""
    return f"{round_half_up(to_unit(area_m2, 'ha'), PLACES['ha']):,.{PLACES['ha']}f} ha"


def mu_text(area_m2: float) -> str:
    """The same in 亩."""
    return f"{round_half_up(to_unit(area_m2, 'mu'), PLACES['mu']):,.{PLACES['mu']}f} 亩"
