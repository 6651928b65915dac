"""Templates of area tables on paper: sheets, columns and rows as data, since every office has its own table."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from zoneplan.errors import InputError, fault
from zoneplan.extent import Model, Name
from zoneplan.finding import Finding
from zoneplan.landuse.codes import CURRENT, code_list
from zoneplan.landuse.codeset import parse_set
from zoneplan.landuse.tabledef import Identifier, RowModel, make_rows, read_table
from zoneplan.landuse.tablerows import Row
from zoneplan.resources import LANDUSE
from zoneplan.schema import read_as
from zoneplan.source import Source, line_of
from zoneplan.units import Unit

TEMPLATES = LANDUSE / "templates"
TEXTS = ("id", "name", "name_en", "codes")
AREAS = ("present", "planned", "change")
SHARES = ("present_share", "planned_share")
PLANNED = ("planned", "change", "planned_share")
_SHEET_NAME = re.compile(r"[^\[\]:*?/\\]{1,31}")

FieldName = Literal[
    "id", "name", "name_en", "codes", "present", "planned", "change", "present_share", "planned_share"
]


class ColumnModel(Model):
    """A column as written."""

    field: FieldName
    heading: Name
    unit: Unit | None = None
    decimals: Annotated[int, Field(ge=0, le=8)] | None = None
    width: Annotated[float, Field(gt=0, le=120, allow_inf_nan=False)] = 14.0
    codes: Name | None = Field(None, description="rows of elements: only this land use")


class SheetModel(Model):
    """A sheet as written; its rows are a definition, or written out, or the elements of a kind."""

    name: Name
    title: Name
    definition: Name | None = None
    rows: tuple[RowModel, ...] = ()
    elements: Identifier | None = None
    covers: Name | None = None
    switches: Mapping[str, tuple[Name, ...]] = {}
    columns: tuple[ColumnModel, ...] = Field(min_length=1)
    total: Name | None = Field(None, description="heading of the last row; none without it")
    notes: tuple[Name, ...] = ()


class TemplateModel(Model):
    """A template as written."""

    format: Literal["zoneplan.template/1"]
    id: Identifier
    name: Name
    source: Name
    verified: Literal["yes", "no"]
    sheets: tuple[SheetModel, ...] = Field(min_length=1)


@dataclass(frozen=True)
class Column:
    """A column: `unit` and `decimals` for areas, `decimals` for shares (percent), neither for text.

    `codes` narrows it to some land use; None is all.
    """

    field: str
    heading: str
    unit: str
    decimals: int
    width: float
    codes: frozenset[str] | None = None


@dataclass(frozen=True)
class Sheet:
    """A sheet: `rows` of land use, or the elements of the kind `elements`."""

    name: str
    title: str
    rows: tuple[Row, ...]
    elements: str
    columns: tuple[Column, ...]
    total: str
    notes: tuple[str, ...]

    @property
    def needs_planned(self) -> bool:
        """Whether a column is about planned land use."""
        return any(column.field in PLANNED for column in self.columns)


@dataclass(frozen=True)
class Template:
    """A template, its code sets resolved and proven."""

    id: str
    name: str
    source: str
    verified: str
    sheets: tuple[Sheet, ...]


def find_template(name: str | Path) -> Path:
    """The file of a template: an id that travels with the package, or a path."""
    built_in = TEMPLATES / f"{name}.yaml"
    for path in (Path(name), built_in):
        if path.is_file():
            return path
    ids = ", ".join(sorted(path.stem for path in TEMPLATES.glob("*.yaml")))
    raise InputError(
        fault(
            "landuse.template", name,
            f"没有这个表格模板;可用:{ids},或给出 YAML 文件",
            f"no such template; expected one of {ids}, or a YAML file",
        )
    )  # fmt: skip


def read_template(name: str | Path, **settings: str) -> Template:
    """Read a template.

    Parameters
    ----------
    name : str or Path
        An id that travels with the package (``"structure"``), or a YAML file.
    **settings : str
        Settings of switches (``facilities="construction"``), where a sheet's rows have them.

    Raises
    ------
    InputError
        With every fault, each with file and line: structure, names of sheets, columns, code sets,
        codes missing from a sheet's rows or in two of them.
    """
    path = find_template(name)
    model, source = read_as(TemplateModel, path, code="landuse.template")
    faults: list[Finding] = []
    sheets = []
    seen: set[str] = set()
    for index, sheet in enumerate(model.sheets):
        at = f"sheets[{index}]"
        faults += _sheet_faults(sheet, at, source, seen)
        seen.add(sheet.name.casefold())
        try:
            sheets.append(_sheet(sheet, at, source, path.parent, settings))
        except InputError as error:
            faults += error.faults
    if faults:
        raise InputError(sorted(faults, key=line_of))
    return Template(model.id, model.name, model.source, model.verified, tuple(sheets))


def _sheet(sheet: SheetModel, at: str, source: Source, folder: Path, settings: Mapping[str, str]) -> Sheet:
    faults: list[Finding] = []
    rows: tuple[Row, ...] = ()
    try:
        rows = _rows(sheet, at, source, folder, settings)
    except InputError as error:
        faults += error.faults
    columns = []
    for index, column in enumerate(sheet.columns):
        place = f"{at}.columns[{index}]"
        faults += _column_faults(column, place, source, elements=sheet.elements is not None)
        codes = None
        if column.codes is not None:
            try:
                codes = parse_set(column.codes, code_list(), place=source.place(f"{place}.codes")).codes
            except InputError as error:
                faults += error.faults
        decimals = 2 if column.decimals is None else column.decimals
        columns.append(Column(column.field, column.heading, column.unit or "", decimals, column.width, codes))
    if faults:
        raise InputError(faults)
    return Sheet(
        sheet.name, sheet.title, rows, sheet.elements or "", tuple(columns), sheet.total or "", sheet.notes
    )


def _rows(
    sheet: SheetModel, at: str, source: Source, folder: Path, settings: Mapping[str, str]
) -> tuple[Row, ...]:
    """The rows of a sheet with the given settings; none for a sheet of elements."""
    if sheet.definition is not None:
        try:
            table = read_table(sheet.definition, beside=folder)
        except InputError as error:
            place = source.place(f"{at}.definition")
            raise InputError([_inside(place, one) for one in error.faults]) from error
        if table.list_id != CURRENT:
            raise InputError(
                fault(
                    "landuse.template", source.place(f"{at}.definition"),
                    f"表式 {table.id} 采用代码表 {table.list_id},模板只能用 {CURRENT}",
                    f"definition {table.id} is of the list {table.list_id}; a template takes {CURRENT} only",
                )
            )  # fmt: skip
        return table.rows(**settings)
    if not sheet.rows:
        return ()
    made = make_rows(
        sheet.rows, source, f"{at}.rows", list_id=CURRENT, covers=sheet.covers, switches=sheet.switches
    )
    chosen = tuple(
        settings[name] if settings.get(name) in values else values[0]
        for name, values in sheet.switches.items()
    )
    return made[chosen]


def _inside(place: str, one: Finding) -> Finding:
    """A fault of a definition, as met from a template."""
    inner = f"{one.place}: " if one.place else ""
    return Finding(one.code, one.severity, f"{inner}{one.zh}", f"{inner}{one.en}", place)


def _sheet_faults(sheet: SheetModel, at: str, source: Source, seen: set[str]) -> Iterator[Finding]:
    def bad(key: str, zh: str, en: str) -> Finding:
        return fault("landuse.template", source.place(f"{at}.{key}"), zh, en)

    if not _SHEET_NAME.fullmatch(sheet.name) or sheet.name.startswith("'") or sheet.name.endswith("'"):
        yield bad(
            "name", f"“{sheet.name}”不能作表名:应为 1–31 个字符,不含 [ ] : * ? / \\,首尾无单引号",
            f"'{sheet.name}' cannot name a sheet: 1 to 31 characters without [ ] : * ? / \\, no apostrophe at its ends",
        )  # fmt: skip
    if sheet.name.casefold() in seen:
        yield bad("name", f"表名“{sheet.name}”重复", f"the sheet name '{sheet.name}' is repeated")
    given = [key for key in ("definition", "rows", "elements") if getattr(sheet, key)]
    if len(given) != 1:
        words = ", ".join(given) or "–"
        yield bad(
            "rows", f"行应以 definition、rows、elements 之一给出;实为 {words}",
            f"give the rows by one of definition, rows, elements; found {words}",
        )  # fmt: skip


def _column_faults(column: ColumnModel, at: str, source: Source, *, elements: bool) -> Iterator[Finding]:
    """Units, decimals and code sets where they have no meaning, or are wanting."""

    def bad(key: str, zh: str, en: str) -> Finding:
        return fault("landuse.template", source.place(f"{at}.{key}"), zh, en)

    name = column.field
    if name in AREAS and column.unit is None:
        yield bad("unit", f"{name} 是面积,须写 unit", f"{name} is an area and needs a unit")
    if name not in AREAS and column.unit is not None:
        yield bad("unit", f"{name} 不是面积,不应有 unit", f"{name} is no area and has no unit")
    if name in TEXTS and column.decimals is not None:
        yield bad("decimals", f"{name} 是文字,不应有 decimals", f"{name} is text and has no decimals")
    if column.codes is not None and (not elements or name not in AREAS):
        yield bad(
            "codes", "只有 elements 表中的面积列可以有 codes", "only an area in a sheet of elements may have codes"
        )  # fmt: skip
    if elements and name == "codes":
        yield bad("field", "elements 表没有 codes", "a sheet of elements has no codes")
