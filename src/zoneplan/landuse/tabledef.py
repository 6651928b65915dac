"""Table definitions: rows of land-use codes as data, and the proof that each code is in exactly one row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from zoneplan.errors import InputError, fault
from zoneplan.extent import Model, Name
from zoneplan.finding import Finding
from zoneplan.landuse.codes import CodeList, code_list
from zoneplan.landuse.codeset import parse_set
from zoneplan.landuse.tablerows import Row, prove, repeated_ids
from zoneplan.resources import LANDUSE
from zoneplan.schema import read_as
from zoneplan.source import Source, line_of

TABLES = LANDUSE / "tables"
Identifier = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


class RowModel(Model):
    """A row as written: codes, or rows under it that it is the sum of."""

    id: Identifier | None = None
    name: Name
    name_en: str = ""
    codes: Name | None = None
    rows: tuple[RowModel, ...] = ()
    when: Mapping[str, str] = Field({}, description="only with these settings of the switches")


class TableModel(Model):
    """A table definition as written."""

    format: Literal["zoneplan.table/1"]
    id: Identifier
    name: Name
    name_en: str = ""
    list: Name
    source: Name
    verified: Literal["yes", "no"]
    note: str = ""
    covers: Name | None = Field(None, description="codes that the table is about, default the whole list")
    switches: Mapping[str, tuple[Name, ...]] = Field(
        {}, description="settings by switch, the first is the default"
    )
    rows: tuple[RowModel, ...] = Field(min_length=1)


@dataclass(frozen=True)
class TableDef:
    """A table definition whose rows are proven to hold every code once, whatever its switches say."""

    id: str
    name: str
    name_en: str
    list_id: str
    source: str
    verified: str
    note: str
    switches: Mapping[str, tuple[str, ...]]
    by_setting: Mapping[tuple[str, ...], tuple[Row, ...]]

    def rows(self, **settings: str) -> tuple[Row, ...]:
        """The rows with the given settings of its switches; a switch it does not have is left alone.

        Raises
        ------
        InputError
            If a switch has no such setting.
        """
        chosen = tuple(settings.get(name, values[0]) for name, values in self.switches.items())
        for name, setting in zip(self.switches, chosen, strict=True):
            if setting not in self.switches[name]:
                allowed = ", ".join(self.switches[name])
                raise InputError(
                    fault(
                        "landuse.switch", f"{self.id}: {name}",
                        f"“{setting}”应为 {allowed} 之一", f"'{setting}' should be one of {allowed}",
                    )
                )  # fmt: skip
        return self.by_setting[chosen]


def find_table(name: str | Path, *, beside: Path | None = None) -> Path:
    """The file of a definition: an id that travels with the package, or a path (also beside another file)."""
    built_in = TABLES / f"{name}.yaml"
    for path in (Path(name), (beside or Path()) / name, built_in):
        if path.is_file():
            return path
    ids = ", ".join(sorted(path.stem for path in TABLES.glob("*.yaml")))
    raise InputError(
        fault(
            "landuse.table", name,
            f"没有这个表式;可用:{ids},或给出 YAML 文件",
            f"no such table definition; expected one of {ids}, or a YAML file",
        )
    )  # fmt: skip


def read_table(name: str | Path, *, beside: Path | None = None) -> TableDef:
    """Read a table definition and prove it.

    Parameters
    ----------
    name : str or Path
        An id that travels with the package (``"three_classes"``), or a YAML file.
    beside : Path, optional
        Folder in which a relative path is looked for too.

    Raises
    ------
    InputError
        With every fault: structure, code sets, codes missing or in two rows, by setting of its switches.
    """
    model, source = read_as(TableModel, find_table(name, beside=beside), code="landuse.table")
    by_setting = make_rows(
        model.rows, source, "rows", list_id=model.list, covers=model.covers, switches=model.switches
    )
    return TableDef(
        model.id, model.name, model.name_en, model.list, model.source, model.verified, model.note,
        model.switches, by_setting,
    )  # fmt: skip


def make_rows(
    models: Sequence[RowModel], source: Source, path: str, *,
    list_id: str, covers: str | None = None, switches: Mapping[str, tuple[str, ...]],
) -> dict[tuple[str, ...], tuple[Row, ...]]:  # fmt: skip
    """Rows for every combination of settings, each proven; `InputError` with every fault."""
    codes = code_list(list_id)
    faults: list[Finding] = []
    about = frozenset(codes)
    if covers is not None:
        at = path.rpartition(".")[0]
        try:
            about = parse_set(covers, codes, place=source.place(f"{at}.covers" if at else "covers")).codes
        except InputError as error:
            faults += error.faults
    made: dict[tuple[str, ...], tuple[Row, ...]] = {}
    for setting in product(*switches.values()):
        chosen = dict(zip(switches, setting, strict=True))
        maker = _Maker(codes, source, chosen, switches)
        rows = maker.rows(models, path, "r")
        found = maker.faults
        if not found:
            words = ", ".join(f"{name}={value}" for name, value in chosen.items())
            found = [
                *repeated_ids(rows),
                *prove(rows, codes, covers=about, place=source.place(path), setting=words),
            ]
        faults += [one for one in found if one not in faults]
        made[setting] = rows
    if faults:
        raise InputError(sorted(faults, key=line_of))
    return made


class _Maker:
    """Makes rows of one setting, collecting faults."""

    def __init__(
        self, codes: CodeList, source: Source, chosen: Mapping[str, str], switches: Mapping[str, tuple[str, ...]]
    ) -> None:  # fmt: skip
        self.codes, self.source, self.chosen, self.switches = codes, source, chosen, switches
        self.faults: list[Finding] = []

    def rows(self, models: Sequence[RowModel], path: str, prefix: str) -> tuple[Row, ...]:
        made = []
        for index, model in enumerate(models):
            at = f"{path}[{index}]"
            if all(self._setting(name, value, at) for name, value in model.when.items()):
                made.append(self._row(model, at, f"{prefix}{index + 1}"))
        return tuple(made)

    def _setting(self, name: str, value: str, at: str) -> bool:
        if value not in self.switches.get(name, ()):
            options = "; ".join(f"{key}: {', '.join(values)}" for key, values in self.switches.items()) or "–"
            self.faults.append(
                fault(
                    "landuse.table", self.source.place(f"{at}.when.{name}"),
                    f"没有设置 {name}: {value};switches 中有 {options}",
                    f"there is no setting {name}: {value}; the switches are {options}",
                )
            )  # fmt: skip
        return self.chosen.get(name) == value

    def _row(self, model: RowModel, at: str, default_id: str) -> Row:
        place, row_id = self.source.place(at), model.id or default_id
        if (model.codes is None) == (not model.rows):
            self.faults.append(
                fault(
                    "landuse.table", place,
                    f"行“{model.name}”应有 codes 或 rows 之一",
                    f"row '{model.name}' needs either codes or rows",
                )
            )  # fmt: skip
        inner = self.rows(model.rows, f"{at}.rows", f"{row_id}_")
        codes: frozenset[str] = frozenset().union(*(row.codes for row in inner))
        if model.codes is not None:
            try:
                codes = parse_set(model.codes, self.codes, place=self.source.place(f"{at}.codes")).codes
            except InputError as error:
                self.faults += error.faults
        return Row(row_id, model.name, model.name_en, model.codes or "", codes, inner, place)
