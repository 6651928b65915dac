"""All pages of a call, one after the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from zoneplan.io.backdrop import Backdrop
from zoneplan.layers import LayerSet
from zoneplan.render.maplayers import drawings
from zoneplan.render.sheet.catalogue import CATALOGUE, Plate, plates, read_catalogue
from zoneplan.render.sheet.content import Content, contents
from zoneplan.render.sheet.imprint import Imprint
from zoneplan.render.sheet.lettering import lettering
from zoneplan.render.sheet.page import Call, Page, compose
from zoneplan.render.sheet.paper import Orientation, papers
from zoneplan.render.style import Style, read_style

if TYPE_CHECKING:
    from zoneplan.check.result import CheckResult

BASE = "base"  # the group of base features in the style document


@dataclass(frozen=True)
class SheetOptions:
    """What is asked for.

    ``sheets`` and ``only`` are as of `plates`; ``scale`` is a denominator, None for the largest round one that fits;
    ``raster`` is a GeoTIFF picture to lie below the map.
    """

    sheets: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    paper: str = "A3"
    orientation: Orientation = "auto"
    scale: int | None = None
    imprint: Imprint = field(default_factory=Imprint)
    raster: Path | None = None
    catalogue: Path = CATALOGUE
    lang: str = "zh"


class Atlas:
    """The plates of a call, and their pages when they are asked for.

    Parameters
    ----------
    layers : LayerSet
    result : CheckResult, optional
        A parcel check: its parcels and overlaps are drawn, and have pages.
    options : SheetOptions

    Raises
    ------
    InputError
        Faults of the catalogue, of the sheets or of the paper asked for.
    """

    def __init__(self, layers: LayerSet, result: CheckResult | None, options: SheetOptions) -> None:
        style = read_style()
        catalogue = read_catalogue(options.catalogue, style)
        drawn = contents_of(layers, result, style, options.lang)
        self.plates: list[Plate] = plates(
            catalogue,
            style,
            drawn,
            layers.plan_id,
            wanted=options.sheets,
            only=options.only,
            lang=options.lang,
        )
        base = [content for content in drawn if content.drawing.group == BASE]
        self.call = Call(
            layers, style, catalogue.lettering, papers(options.paper, options.orientation), options.scale,
            options.imprint, base, lettering(), options.lang,
            Backdrop(options.raster, layers.crs) if options.raster else None,
        )  # fmt: skip

    def pages(self) -> Iterator[Page]:
        """Each page, drawn; inside `ink.settled` only."""
        for number, plate in enumerate(self.plates, 1):
            yield compose(plate, self.call, number=number, of=len(self.plates))


def contents_of(layers: LayerSet, result: CheckResult | None, style: Style, lang: str) -> list[Content]:
    """Everything that can be drawn."""
    return contents(drawings(layers, result, style, lang), layers.crs)


def page_names(plates: Sequence[Plate]) -> list[str]:
    """Names for a file each, in order: ``01-structure``."""
    digits = max(len(str(len(plates))), 2)
    return [f"{number:0{digits}d}-{plate.key}" for number, plate in enumerate(plates, 1)]
