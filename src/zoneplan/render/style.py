"""The style document: what every map, sheet, QGIS project and workbook draws in which colour, as data.

An office's own document is laid over the built-in one: it says only what is different.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import PydanticCustomError

from zoneplan.errors import InputError, fault
from zoneplan.explain import explain, path_of
from zoneplan.finding import Finding
from zoneplan.landuse.codes import code_list
from zoneplan.source import Source, line_of, read_source

STYLE = Path(__file__).with_name("style.yaml")
HATCHES: Mapping[str, tuple[int, ...]] = {
    "diagonal": (45,), "back": (135,), "cross": (45, 135), "horizontal": (0,), "vertical": (90,), "grid": (0, 90), "dots": (),
}  # fmt: skip
"""Directions of a hatch's lines, in degrees from the east against the clock; dots have none."""
_ADDED = "views"  # a list that is added to, not replaced


def _colour(text: str) -> str:
    if len(text) != 7 or not text.startswith("#") or not set(text[1:].lower()) <= set("0123456789abcdef"):
        raise PydanticCustomError(
            "colour", "expected a colour such as '#b2182b'", {"zh": "应为颜色,如 '#b2182b'"}
        )
    return text.lower()


def _dash(text: str) -> str:
    lengths = text.split()
    if len(lengths) < 2 or len(lengths) % 2 or not all(one.replace(".", "", 1).isdigit() for one in lengths):
        raise PydanticCustomError(
            "dash",
            "expected lengths of dashes and gaps in turn, such as '8 4'",
            {"zh": "应为实线与间隔的长度,如 '8 4'"},
        )
    return text


Colour = Annotated[str, AfterValidator(_colour)]
Dash = Annotated[str, AfterValidator(_dash)]
Hatch = Literal["diagonal", "back", "cross", "horizontal", "vertical", "grid", "dots"]
Share = Annotated[float, Field(ge=0, le=1)]
Width = Annotated[float, Field(gt=0, le=50)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Symbol(_Model):
    """How one thing is drawn. Widths in screen pixels; without `fill` only the line is drawn."""

    fill: Colour | None = None
    opacity: Share = 0.4
    line: Colour
    weight: Width
    dash: Dash | None = None
    hatch: Hatch | None = None
    cycle: tuple[Colour, ...] = ()


class Text(_Model):
    """The lettering of labels, size in screen pixels, with a halo."""

    size: Annotated[float, Field(gt=0, le=100)] = 12
    colour: Colour = "#222222"
    halo: Colour = "#ffffff"
    bold: bool = False
    italic: bool = False


class Layer(_Model):
    """One layer of the map: its group, names, lettering, and whether it is shown and labelled at first."""

    group: str
    zh: str
    en: str
    show: bool
    label: bool
    text: Text = Text()
    arrows: bool = False  # bands with an arrow head at either end
    rings: bool = False  # cores with a ring around


class Words(_Model):
    """A name in two languages."""

    zh: str
    en: str


class Group(Words):
    """One group of layers."""

    id: str


class View(_Model):
    """A named view of a plan, such as one of its figures: exactly these layers, some features under the figure's own names."""

    plan: str
    zh: str
    en: str
    layers: tuple[str, ...]
    names: dict[str, str] = {}


class LandUse(_Model):
    """Land use by code of the current list, all with one line; `source` is the document that the colours are from."""

    source: str
    standard: bool
    verified: bool
    note_zh: str
    note_en: str
    opacity: Share
    line: Colour
    weight: Width
    colours: dict[str, Colour]

    def symbol(self, code: str) -> Symbol | None:
        """The symbol of a code: that of the nearest class with a colour; None for a code that is not in the list."""
        known = code_list()
        for one in reversed(known.path(code) if code in known else ()):
            if one in self.colours:
                return Symbol(
                    fill=self.colours[one], opacity=self.opacity, line=self.line, weight=self.weight
                )
        return None


class Style(_Model):
    """The whole style document; `layers` in drawing order."""

    palette: str
    standard: bool
    note_zh: str
    note_en: str
    groups: tuple[Group, ...]
    layers: dict[str, Layer]
    order: tuple[str, ...] = ()
    reference: dict[str, str]
    kinds: dict[str, Words] = {}
    symbols: dict[str, Symbol]
    landuse: LandUse
    views: tuple[View, ...] = ()
    checked: tuple[
        str, ...
    ] = ()  # layers of a map of a parcel check that are shown at first; none: those that always are

    def views_of(self, plan: str) -> tuple[View, ...]:
        """The named views of a plan, by its id."""
        return tuple(view for view in self.views if view.plan == plan)

    def symbol(self, *names: str, index: int = 0) -> Symbol:
        """The symbol of the first name that has one; colours of a `cycle` go round by `index`."""
        found = next(self.symbols[name] for name in names if name in self.symbols)
        return (
            found.model_copy(update={"fill": found.cycle[index % len(found.cycle)]}) if found.cycle else found
        )

    def landuse_symbol(self, code: str) -> Symbol:
        """The symbol of a land-use code; one without a colour is drawn as ground of which nothing is known."""
        return self.landuse.symbol(code) or self.symbol("landuse")


def read_style(path: Path | str | None = None) -> Style:
    """Read the built-in style document, with an office's own laid over it.

    Parameters
    ----------
    path : Path or str, optional
        The office's document (docs/style.md). Mappings are laid over key by key, an empty value takes a thing away, lists stand
        in place of the built-in ones; named views are added, those of a plan in place of the built-in ones of that plan.

    Raises
    ------
    InputError
        With all faults of the document and their lines.
    """
    if path is None:
        return _built_in()
    source = read_source(Path(path))
    return _checked(_laid_over(source), source)


@cache
def _built_in() -> Style:
    source = read_source(STYLE)
    return _checked(source.data, source)


def _laid_over(source: Source) -> Any:
    """The built-in document with an office's on top; its views first, so that their places stay."""
    own, base = source.data, read_source(STYLE).data
    if not isinstance(own, dict):
        return own
    if isinstance(layers := own.get("layers"), dict):
        source.faults += [
            _no_layer(source, name, base["layers"]) for name in layers if name not in base["layers"]
        ]
        own = own | {"layers": {name: one for name, one in layers.items() if name in base["layers"]}}
    views = own.get(_ADDED)
    if isinstance(views, list):
        plans = {view.get("plan") for view in views if isinstance(view, dict)}
        own = own | {_ADDED: [*views, *(view for view in base[_ADDED] if view["plan"] not in plans)]}
    return _merged(base, own)


def _no_layer(source: Source, name: str, layers: Iterable[str]) -> Finding:
    near = get_close_matches(name, layers, 1)
    zh, en = (f";是否想写“{near[0]}”?", f"; did you mean '{near[0]}'?") if near else ("", "")
    return fault(
        "style.name", source.place(f"layers.{name}"), f"没有图层“{name}”{zh}", f"there is no layer '{name}'{en}"
    )  # fmt: skip


def _merged(base: Any, own: Any) -> Any:
    """Data of two documents, the second on top."""
    if not (isinstance(base, dict) and isinstance(own, dict)):
        return own
    return base | {key: _merged(base.get(key), value) for key, value in own.items()}


def _checked(data: Any, source: Source) -> Style:
    """The document as a model, its layers in drawing order; faults at their lines in `source`."""
    try:
        style = Style.model_validate(data)
    except ValidationError as error:
        wrong = [
            fault("style.schema", source.place(path_of(row["loc"])), *explain(row, _KEYS))
            for row in error.errors()
        ]
        raise InputError(sorted([*source.faults, *wrong], key=line_of)) from error
    faults = [*source.faults, *_faults(style, source)]
    if faults:
        raise InputError(sorted(faults, key=line_of))
    if not style.order:
        return style
    return style.model_copy(update={"layers": {name: style.layers[name] for name in style.order}})


def _faults(style: Style, source: Source) -> Iterator[Finding]:
    """Names that stand for nothing."""

    def unknown(at: str, zh: str, name: str, en: str) -> Finding:
        return fault("style.name", source.place(at), f"没有{zh}“{name}”", f"there is no {en} '{name}'")

    def twice(at: str, name: str) -> Finding:
        return fault("style.twice", source.place(at), f"“{name}”重复", f"'{name}' is there twice")

    names = [group.id for group in style.groups]
    yield from (twice(f"groups[{at}]", name) for at, name in enumerate(names) if name in names[:at])
    titles = [(view.plan, view.zh) for view in style.views]
    yield from (twice(f"views[{at}]", one[1]) for at, one in enumerate(titles) if one in titles[:at])
    groups = set(names)
    for name, layer in style.layers.items():
        if layer.group not in groups:
            yield unknown(f"layers.{name}.group", "组", layer.group, "group")
    for kind, name in style.reference.items():
        if name not in style.layers:
            yield unknown(f"reference.{kind}", "图层", name, "layer")
    for number, view in enumerate(style.views):
        for name in view.layers:
            if name not in style.layers:
                yield unknown(f"views[{number}].layers", "图层", name, "layer")
    if style.order and sorted(style.order) != sorted(style.layers):
        zh = f"应把每个图层各写一次:{'、'.join(style.layers)}"
        en = f"expected every layer once: {', '.join(style.layers)}"
        yield fault("style.order", source.place("order"), zh, en)
    known = code_list()
    for code in style.landuse.colours:
        if code not in known:
            near = known.near(code)
            zh, en = (f";是否 {near}?", f"; did you mean {near}?") if near else ("", "")
            at = source.place(f"landuse.colours.{code}")
            yield fault(
                "style.code", at, f"“{known.name}”中没有代码 {code}{zh}", f"the list {known.id} has no code {code}{en}"
            )  # fmt: skip


_KEYS = {
    name for model in (Symbol, Text, Layer, Group, Words, View, LandUse, Style) for name in model.model_fields
}
