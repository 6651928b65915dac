"""Plan documents: YAML ↔ plan, with every fault and the line it stands on, never only the first."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from zoneplan.errors import InputError, fault
from zoneplan.explain import explain, path_of
from zoneplan.extent import EDGE, SIDES, ZONE
from zoneplan.finding import Finding
from zoneplan.plan import SECTIONS, Plan
from zoneplan.resources import PLANS
from zoneplan.source import Source, line_of, read_source


@dataclass
class Document:
    """A plan document as read, and the plan if its structure allows one.

    ``plan`` is None when the structure is unusable; names can be checked all the same, so that
    one run shows every fault.
    """

    source: Source
    plan: Plan | None = None

    def finish(self, features: Mapping[str, str]) -> Plan:
        """The plan, or `InputError` with all faults, misspelt feature names included.

        Parameters
        ----------
        features : mapping of str to str
            Name or alias of every reference feature → its geometry family
            (``"line"``, ``"polygon"`` or ``"point"``).
        """
        faults = self.source.faults + list(self._name_faults(features))
        if faults or self.plan is None:
            raise InputError(sorted(faults, key=line_of))
        return self.plan

    def reference_files(self) -> list[str]:
        """The reference files that the document names, as far as it can be read."""
        return [name for _, name in _strings(self._data.get("reference"), "reference")]

    @property
    def _data(self) -> dict[str, Any]:
        return self.source.data if isinstance(self.source.data, dict) else {}

    def _rows(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """(path, element as written) of everything that looks like an element."""
        for section in SECTIONS:
            rows = self._data.get(section)
            for index, row in enumerate(rows if isinstance(rows, list) else ()):
                if isinstance(row, dict):
                    yield f"{section}[{index}]", row

    def _name_faults(self, features: Mapping[str, str]) -> Iterator[Finding]:
        polygons = {name: family for name, family in features.items() if family == "polygon"}
        lines = {name: family for name, family in features.items() if family == "line"} | {EDGE: "line"}
        ids = [row["id"] for _, row in self._rows() if isinstance(row.get("id"), str)]
        areas = dict(features) | dict.fromkeys(ids, "polygon") | {ZONE: "polygon"}
        if isinstance(zone := self._data.get("zone"), str):
            yield from self._name_fault("zone", zone, polygons, features)
        for path, row in self._rows():
            for at, rule in _rules(row.get("extent"), f"{path}.extent"):
                for where, name, line_wanted in _names(rule, at):
                    yield from self._name_fault(where, name, lines if line_wanted else areas, features)

    def _name_fault(
        self, path: str, name: str, allowed: Mapping[str, str], features: Mapping[str, str]
    ) -> Iterator[Finding]:
        if name in allowed:
            return
        near = difflib.get_close_matches(name, allowed, n=1, cutoff=0.5)
        zh, en = f"没有名为“{name}”的参考要素", f"no reference feature is named '{name}'"
        if name in features:
            wanted = "polygon" if path == "zone" else "line"
            zh = f"“{name}”是{_FAMILY_ZH[features[name]]}要素,这里需要{_FAMILY_ZH[wanted]}要素"
            en = f"'{name}' is a {features[name]} feature, a {wanted} is needed here"
        elif near:
            zh, en = f"{zh};是否想写“{near[0]}”?", f"{en}; did you mean '{near[0]}'?"
        yield fault("plan.name", self.source.place(path), zh, en)


_FAMILY_ZH = {"line": "线", "polygon": "面", "point": "点"}


def _rules(extent: Any, path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every rule of an extent, nested ones included, with its path; malformed parts are passed over."""
    if not isinstance(extent, dict):
        return
    yield path, extent
    for key, value in extent.items():
        if key == "bounded_by" and isinstance(value, dict):
            yield from _rules(value.get("inside"), f"{path}.bounded_by.inside")
        elif isinstance(value, list):
            for index, item in enumerate(value):
                yield from _rules(item, f"{path}.{key}[{index}]")
        elif key != "where":
            yield from _rules(value, f"{path}.{key}")


def _names(rule: dict[str, Any], path: str) -> Iterator[tuple[str, str, bool]]:
    """(path, name, must be a line) of every name that a rule itself mentions."""
    lines = [("along", rule.get("along"))]
    bounds = rule.get("bounded_by")
    if isinstance(bounds, dict):
        for side in SIDES:
            value = bounds.get(side)
            key, value = (".lines", value.get("lines")) if isinstance(value, dict) else ("", value)
            lines.append((f"bounded_by.{side}{key}", value))
        if isinstance(bounds.get("inside"), str):
            yield f"{path}.bounded_by.inside", bounds["inside"], False
    for key, value in lines:
        yield from ((at, name, True) for at, name in _strings(value, f"{path}.{key}"))
    for key in ("around", "union", "intersection", "minus", "from", "remainder", "after"):
        yield from ((at, name, False) for at, name in _strings(rule.get(key), f"{path}.{key}"))


def _strings(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, list):
        yield from ((f"{path}[{index}]", item) for index, item in enumerate(value) if isinstance(item, str))


def find_plan(name: str | Path) -> Path:
    """The file of a plan: a built-in id, or a path. `InputError` lists the built-in ids."""
    built_in = PLANS / f"{name}.yaml"
    if built_in.is_file() and not Path(name).exists():
        return built_in
    path = Path(name)
    if not path.is_file():
        ids = ", ".join(sorted(p.stem for p in PLANS.glob("*.yaml")))
        raise InputError(
            fault(
                "plan.missing",
                path,
                f"没有这个规划文件;内置规划有:{ids}",
                f"no such plan document; built-in plans: {ids}",
            )
        )
    return path


def read_document(path: Path) -> Document:
    """Read a plan document; `InputError` when it is no YAML at all, other faults are kept in it."""
    source = read_source(path)
    document = Document(source)
    _validate(document)
    return document


def _validate(document: Document) -> None:
    """Check the structure against the model; on success keep the plan."""
    source = document.source
    try:
        plan = Plan.model_validate(source.data)
    except ValidationError as error:
        rows = error.errors(include_url=False)
        deep = [row["loc"] for row in rows]
        for row in rows:
            # an item that failed makes its list "too short" as well: not a fault of its own
            if row["type"] == "too_short" and any(
                loc[: len(row["loc"])] == row["loc"] != loc for loc in deep
            ):
                continue
            source.faults.append(fault("plan.schema", source.place(path_of(row["loc"])), *explain(row)))
        return
    source.faults += list(_duplicate_ids(plan, source))
    document.plan = plan.remember(path=source.path, sha256=source.sha256, lines=source.lines)


def _duplicate_ids(plan: Plan, source: Source) -> Iterator[Finding]:
    seen: dict[str, str] = {ZONE: ZONE}
    for _, path, element in plan.items():
        first = seen.setdefault(element.id, path)
        if first != path:
            other = source.place(f"{first}.id") if first != ZONE else "zone"
            zh, en = f"编号“{element.id}”已被占用:{other}", f"the id '{element.id}' is taken already: {other}"
            yield fault("plan.duplicate_id", source.place(f"{path}.id"), zh, en)


def json_schema() -> dict[str, Any]:
    """The JSON Schema of a plan document, for editors that complete and check it."""
    schema = Plan.model_json_schema(by_alias=True, mode="validation")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "zoneplan plan document",
        **schema,
    }
