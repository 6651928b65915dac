"""The catalogue of sheets as data, and the plates that it gives for a plan: one a page."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from zoneplan.errors import InputError, fault
from zoneplan.explain import explain, path_of
from zoneplan.finding import Finding
from zoneplan.render.mapdata import Feature
from zoneplan.render.sheet.content import Content
from zoneplan.render.style import Style
from zoneplan.source import read_source

CATALOGUE = Path(__file__).with_name("sheets.yaml")
Id = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]*$")]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Sheet(_Model):
    """One row of the catalogue; the keys are explained in ``sheets.yaml``."""

    id: Id
    plan: str = ""
    view: str = ""
    zh: str = ""
    en: str = ""
    layers: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    each: str = ""
    margin: Annotated[float, Field(ge=0, le=10)] = 0.0
    names: dict[str, str] = {}
    asked: bool = False


class Catalogue(_Model):
    """The whole document."""

    schema_: Annotated[Literal["zoneplan.sheets/1"], Field(alias="schema")]
    lettering: dict[str, Annotated[float, Field(gt=2, lt=60)]]
    sheets: tuple[Sheet, ...]


@dataclass(frozen=True)
class Plate:
    """One page: what it shows and, where it is zoomed to one feature, which.

    ``key`` is its name as part of a file's name; ``focus`` is (content, position of the feature).
    """

    key: str
    sheet: Sheet
    title: str
    contents: tuple[Content, ...]
    focus: tuple[Content, int] | None = None

    @property
    def feature(self) -> Feature | None:
        """The feature in focus."""
        return self.focus[0].features[self.focus[1]] if self.focus else None


def read_catalogue(path: Path, style: Style) -> Catalogue:
    """Read a catalogue; `InputError` with all faults and their lines, layers and views that the style does not have included."""
    source = read_source(path)
    try:
        catalogue = Catalogue.model_validate(source.data)
    except ValidationError as error:
        told = [
            fault("sheet.schema", source.place(path_of(row["loc"])), *explain(row)) for row in error.errors()
        ]
        raise InputError([*source.faults, *told]) from error
    faults = list(source.faults)
    for number, sheet in enumerate(catalogue.sheets):
        place = source.place(f"sheets[{number}]")
        faults += _faults(sheet, place, style)
    if faults:
        raise InputError(faults)
    return catalogue


def _faults(sheet: Sheet, place: str, style: Style) -> Iterator[Finding]:
    """What is wrong with a row beyond its form."""
    if not sheet.view and not (sheet.zh and sheet.en and sheet.layers):
        yield fault(
            "sheet.row", place,
            f"图幅“{sheet.id}”:写 view,或写 zh、en 与 layers",
            f"sheet '{sheet.id}': write `view`, or `zh`, `en` and `layers`",
        )  # fmt: skip
    named = {"layers": sheet.layers, "needs": sheet.needs, "each": (sheet.each,) if sheet.each else ()}
    for key, layers in named.items():
        for layer in layers:
            if layer not in style.layers:
                yield fault(
                    "sheet.layer", f"{place}.{key}",
                    f"样式文件中没有图层“{layer}”{_near(layer, list(style.layers), 'zh')}",
                    f"the style document has no layer '{layer}'{_near(layer, list(style.layers), 'en')}",
                )  # fmt: skip
    views = [view.zh for view in style.views]
    if sheet.view and sheet.view not in views:
        yield fault(
            "sheet.view", f"{place}.view",
            f"样式文件中没有视图“{sheet.view}”{_near(sheet.view, views, 'zh')}",
            f"the style document has no view '{sheet.view}'{_near(sheet.view, views, 'en')}",
        )  # fmt: skip


def plates(
    catalogue: Catalogue, style: Style, contents: Sequence[Content], plan: str, *, wanted: Sequence[str] = (),
    only: Sequence[str] = (), lang: str = "zh",
) -> list[Plate]:  # fmt: skip
    """The pages to make, in the order of the catalogue.

    Parameters
    ----------
    contents : sequence of Content
        All layers there are.
    plan : str
        Id of the plan.
    wanted : sequence of str
        Sheets by id, title or the beginning of a title (``图3.1``); none: all that need not be asked for.
    only : sequence of str
        Of sheets with a page for each feature, only those with these names.

    Raises
    ------
    InputError
        For sheets that are not known or not possible here, and names that are nowhere.
    """
    fitting = _fitting(catalogue, contents, plan)
    titles = {sheet.id: _title(sheet, style, lang) for sheet in fitting.values()}
    chosen = _chosen(catalogue, fitting, style, wanted)
    made = [plate for sheet in chosen for plate in _plates(sheet, titles[sheet.id], style, contents, only)]
    _check_only(only, made)
    if not made:
        raise InputError(
            fault("sheet.none", "--sheet", "没有可出的图幅:图层中没有任何一幅所需的要素", "there is no sheet to make: the layers have nothing that one needs")
        )  # fmt: skip
    return made


def overview(
    catalogue: Catalogue, style: Style, contents: Sequence[Content], plan: str, lang: str
) -> list[tuple[str, str, int]]:
    """Id, title and number of pages of every sheet that can be made."""
    return [
        (sheet.id, title, sum(1 for _ in _plates(sheet, title, style, contents, ())))
        for sheet in _fitting(catalogue, contents, plan).values()
        for title in [_title(sheet, style, lang)]
    ]


def _fitting(catalogue: Catalogue, contents: Sequence[Content], plan: str) -> dict[str, Sheet]:
    """By id, the sheets that a plan has the layers for."""
    there = {content.layer for content in contents}
    found: dict[str, Sheet] = {}
    for sheet in catalogue.sheets:
        if sheet.plan in ("", plan) and (not sheet.needs or there & set(sheet.needs)):
            found.setdefault(sheet.id, sheet)
    return found


def _chosen(
    catalogue: Catalogue, fitting: Mapping[str, Sheet], style: Style, wanted: Sequence[str]
) -> list[Sheet]:
    if not wanted:
        return [sheet for sheet in fitting.values() if not sheet.asked]
    found: dict[str, None] = {}
    faults = []
    for name in wanted:
        hits = [sheet.id for sheet in fitting.values() if _is_called(sheet, name, style)]
        exact = [hit for hit in hits if hit == name]
        if not hits:
            faults.append(_unknown(catalogue, fitting, name))
        for hit in exact or hits:
            found[hit] = None
    if faults:
        raise InputError(faults)
    return [sheet for sheet in fitting.values() if sheet.id in found]


def _is_called(sheet: Sheet, name: str, style: Style) -> bool:
    titles = [_title(sheet, style, lang) for lang in ("zh", "en")]
    return name == sheet.id or any(title.startswith(name) for title in titles)


def _unknown(catalogue: Catalogue, fitting: Mapping[str, Sheet], name: str) -> Finding:
    ids = list(fitting)
    known = next((sheet for sheet in catalogue.sheets if sheet.id == name), None)
    if known is not None and "parcels" in known.needs:
        return fault(
            "sheet.needs", f"--sheet {name}",
            "此图需要地块核查成果:请用 --conflicts conflicts.gpkg 给出",
            "this sheet needs a parcel check: give it with --conflicts conflicts.gpkg",
        )  # fmt: skip
    return fault(
        "sheet.unknown", f"--sheet {name}",
        f"没有图幅“{name}”{_near(name, ids, 'zh')};可选:{'、'.join(ids)}",
        f"there is no sheet '{name}'{_near(name, ids, 'en')}; there are: {', '.join(ids)}",
    )  # fmt: skip


def _plates(
    sheet: Sheet, title: str, style: Style, contents: Sequence[Content], only: Sequence[str]
) -> Iterator[Plate]:
    layers = _layers(sheet, style)
    shown = tuple(content for content in contents if content.layer in layers)
    if not sheet.each:
        yield Plate(sheet.id, sheet, title, shown)
        return
    pages = [
        (content, number)
        for content in shown
        if content.layer == sheet.each
        for number, feature in enumerate(content.features)
        if not only or feature.title in only
    ]
    if sheet.each == "parcels":
        pages.reverse()  # drawn with the strictest verdict on top; printed with it in front
    for count, (content, number) in enumerate(pages, 1):
        name = content.features[number].title
        yield Plate(f"{sheet.id}-{count:0{len(str(len(pages)))}d}", sheet, f"{title} · {name}", shown, (content, number))  # fmt: skip


def _check_only(only: Sequence[str], made: Sequence[Plate]) -> None:
    there = {plate.feature.title for plate in made if plate.feature}
    if lost := [name for name in only if name not in there]:
        raise InputError(
            [
                fault(
                    "sheet.only", f"--only {name}",
                    f"所选图幅中没有名为“{name}”的要素或地块{_near(name, sorted(there), 'zh')}",
                    f"the sheets chosen have no element or parcel '{name}'{_near(name, sorted(there), 'en')}",
                )
                for name in lost
            ]
        )  # fmt: skip


def _layers(sheet: Sheet, style: Style) -> tuple[str, ...]:
    view = next((view for view in style.views if view.zh == sheet.view), None)
    return sheet.layers or (view.layers if view else ())


def _title(sheet: Sheet, style: Style, lang: str) -> str:
    view = next((view for view in style.views if view.zh == sheet.view), None)
    own = sheet.zh if lang == "zh" else sheet.en
    return own or (view.zh if lang == "zh" else view.en) if view else own


def _near(name: str, known: Sequence[str], lang: str) -> str:
    close = difflib.get_close_matches(name, known, n=1)
    return (f";是否为“{close[0]}”" if lang == "zh" else f"; did you mean '{close[0]}'?") if close else ""
