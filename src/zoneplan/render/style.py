"""The style document: what every map draws in which colour, as data."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from zoneplan.errors import InputError, fault
from zoneplan.explain import explain, path_of
from zoneplan.source import read_source

STYLE = Path(__file__).with_name("style.yaml")

Colour = Annotated[str, Field(pattern=r"^#[0-9a-f]{6}$")]
Hatch = Literal["diagonal", "cross", "dots"]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Symbol(_Model):
    """How one thing is drawn. Widths in screen pixels; without `fill` only the line is drawn."""

    fill: Colour | None = None
    opacity: Annotated[float, Field(ge=0, le=1)] = 0.4
    line: Colour
    weight: Annotated[float, Field(gt=0)]
    dash: str | None = None
    hatch: Hatch | None = None
    cycle: tuple[Colour, ...] = ()


class Layer(_Model):
    """One layer of the map: its group, names, and whether it is shown and labelled at first."""

    group: str
    zh: str
    en: str
    show: bool
    label: bool
    arrows: bool = False  # bands with an arrow head at either end
    rings: bool = False  # cores with a ring around


class Words(_Model):
    """What something is called."""

    zh: str
    en: str


class Group(_Model):
    """One group of layers."""

    id: str
    zh: str
    en: str


class View(_Model):
    """A named view of a plan, such as one of its figures: exactly these layers, some features under the figure's own names."""

    plan: str
    zh: str
    en: str
    layers: tuple[str, ...]
    names: dict[str, str] = {}


class Style(_Model):
    """The whole style document."""

    palette: str
    standard: bool
    note_zh: str
    note_en: str
    groups: tuple[Group, ...]
    layers: dict[str, Layer]
    reference: dict[str, str]
    kinds: dict[str, Words] = {}
    symbols: dict[str, Symbol]
    views: tuple[View, ...] = ()

    def views_of(self, plan: str) -> tuple[View, ...]:
        """The named views of a plan, by its id."""
        return tuple(view for view in self.views if view.plan == plan)

    def symbol(self, *names: str, index: int = 0) -> Symbol:
        """The symbol of the first name that has one; colours of a `cycle` go round by `index`."""
        found = next(self.symbols[name] for name in names if name in self.symbols)
        return (
            found.model_copy(update={"fill": found.cycle[index % len(found.cycle)]}) if found.cycle else found
        )


@cache
def read_style(path: Path = STYLE) -> Style:
    """Read a style document; `InputError` with all faults and their lines."""
    source = read_source(path)
    try:
        style = Style.model_validate(source.data)
    except ValidationError as error:
        raise InputError(
            [
                *source.faults,
                *(
                    fault("style.schema", source.place(path_of(row["loc"])), *explain(row))
                    for row in error.errors()
                ),
            ]
        ) from error
    known = {group.id for group in style.groups}
    for name, layer in style.layers.items():
        if layer.group not in known:
            source.faults.append(
                fault(
                    "style.group",
                    source.place(f"layers.{name}.group"),
                    f"没有组“{layer.group}”",
                    f"there is no group '{layer.group}'",
                )
            )
    if source.faults:
        raise InputError(source.faults)
    return style
