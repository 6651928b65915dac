"""What differs between two runs of one check: inputs, layers, rules, parameters, parcels. Plain records in and out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from zoneplan.check.layerprint import compare, read_print

AREA_M2 = 0.005
"""Areas that differ by less are the same on paper."""
_SHOWN = 5
Record = Mapping[str, Any]


@dataclass(frozen=True)
class Change:
    """One thing that changed: where, in words of both languages, and the values."""

    section: str
    zh: str
    en: str
    data: Record = field(default_factory=dict)

    def record(self) -> dict[str, Any]:
        """A plain dictionary for JSON."""
        return {"message": {"zh": self.zh, "en": self.en}, **self.data}


@dataclass(frozen=True)
class Answer:
    """What one parcel was told; ``lines`` maps each line to (state, verdict, overlap m² or None, rule ids)."""

    parcel_id: str
    area_m2: float | None
    overall: str
    lines: Mapping[str, tuple[str, str, float | None, str]]


@dataclass(frozen=True)
class Run:
    """One run of a check: its receipt, its trace, the rows of its rule book that are known, its answers."""

    receipt: Record
    trace: Record
    rules: Mapping[str, Record]
    answers: tuple[Answer, ...]


def differences(before: Run, after: Run) -> list[Change]:
    """Everything that differs, causes first; a change of a parcel names the causes that touch it."""
    causes = [
        *_inputs(before.receipt, after.receipt),
        *_layers(before, after),
        *_rules(before, after),
        *_parameters(before.receipt, after.receipt),
        *_versions(before.receipt, after.receipt),
    ]
    overrides = list(_overrides(before.receipt, after.receipt))
    return [*causes, *overrides, *_parcels(before, after, causes)]


def _inputs(before: Record, after: Record) -> Iterator[Change]:
    """Files whose bytes differ; what that did to a layer is said with the layers."""
    old, new = (_numbered(receipt.get("inputs", ())) for receipt in (before, after))
    for key in dict.fromkeys([*old, *new]):
        role, was, now = key[0], old.get(key), new.get(key)
        name = (now or was or {}).get("file", "")
        data = {"role": role, "file": name, "before": _hashes(was), "after": _hashes(now)}
        if was is None or now is None:
            zh, en = (
                ("不再是输入", "is no longer an input") if now is None else ("是新的输入", "is a new input")
            )
            yield Change("inputs", f"{role}:{name} {zh}", f"{role}: {name} {en}", data)
        elif _hashes(was) != _hashes(now):
            same = _geometry(before, role) is not None and _geometry(before, role) == _geometry(after, role)
            zh, en = (
                (",几何未变(属性或格式已变)", ", its geometry does not (attributes or format)")
                if same
                else ("", "")
            )
            yield Change(
                "inputs", f"{role}:文件 {name} 已变{zh}", f"{role}: the file {name} differs{en}", data
            )


def _numbered(rows: Iterable[Record]) -> dict[tuple[str, int], Record]:
    """Inputs by role, those that share one in order."""
    made: dict[tuple[str, int], Record] = {}
    for row in rows:
        role = str(row["role"])
        made[role, sum(key[0] == role for key in made)] = row
    return made


def _hashes(row: Record | None) -> dict[str, str] | None:
    return None if row is None else {"sha256": row["sha256"], **row.get("parts", {})}


def _geometry(receipt: Record, role: str) -> str | None:
    sha256: str | None = receipt.get("layers", {}).get(role, {}).get("geometry_sha256")
    return sha256


def _layers(before: Run, after: Run) -> Iterator[Change]:
    old, new = before.receipt.get("layers", {}), after.receipt.get("layers", {})
    files = {row["role"]: row["file"] for row in after.receipt.get("inputs", ())}
    for role in dict.fromkeys([*old, *new]):
        name = role.removeprefix("line ") + (f" ({files[role]})" if role in files else "")
        if role not in old or role not in new:
            zh, en = ("不再有", "is gone") if role not in new else ("是新的", "is new")
            yield Change("layers", f"{name} {zh}", f"{name} {en}", {"layer": role})
            continue
        prints = [
            read_print(run.receipt["layers"][role], run.trace.get("features", {}).get(role))
            for run in (before, after)
        ]
        change = compare(*prints)
        if change is None:
            continue
        area = _signed(change.area_m2)
        parts = [
            (change.changed, "个要素改变", "feature" if change.changed == 1 else "features"),
            (change.added, "个新增", "added"),
            (change.removed, "个删去", "removed"),
        ]
        zh = ",".join(f"{count} {words}" for count, words, _ in parts if count)
        en = ", ".join(f"{count} {words}" for count, _, words in parts if count)
        if change.changed is None:
            zh, en = f"要素过多,未逐个比较{',' + zh if zh else ''}", f"too many features to compare one by one{', ' + en if en else ''}"  # fmt: skip
        numbers = ", ".join(f"#{number}" for number in change.numbers[:_SHOWN])
        numbers = f" ({numbers}{' …' if len(change.numbers) > _SHOWN else ''})" if numbers else ""
        data = {
            "layer": role, "changed": change.changed, "added": change.added, "removed": change.removed,
            "area_m2": change.area_m2, "features": list(change.numbers),
        }  # fmt: skip
        yield Change(
            "layers",
            f"{name} 已变:{zh},{area} m²{numbers}",
            f"{name} changed: {en}, {area} m²{numbers}",
            data,
        )


def _signed(area_m2: float) -> str:
    text = f"{area_m2:+,.2f}" if abs(area_m2) >= AREA_M2 or area_m2 == 0 else f"{area_m2:+.1e}"
    return text.replace("-", "−") if area_m2 else "±0.00"


def _rules(before: Run, after: Run) -> Iterator[Change]:
    old, new = before.trace.get("rule_digests", {}), after.trace.get("rule_digests", {})
    for name in sorted(old.keys() | new.keys()):
        if old.get(name) == new.get(name):
            continue
        was, now = before.rules.get(name), after.rules.get(name)
        if name not in new or name not in old:
            zh, en = ("已删去", "was removed") if name not in new else ("是新增的", "was added")
            yield Change("rules", f"规则 {name} {zh}", f"rule {name} {en}", {"rule_id": name})
        elif was is None or now is None:
            words = (f"规则 {name} 已改(当时未用到)", f"rule {name} changed (it was not used)")
            yield Change("rules", *words, {"rule_id": name})
        else:
            fields = {key: [was.get(key), now.get(key)] for key in now if was.get(key) != now.get(key)}
            zh = ";".join(f"{key}“{a}”→“{b}”" for key, (a, b) in fields.items())
            en = "; ".join(f"{key} '{a}' → '{b}'" for key, (a, b) in fields.items())
            yield Change(
                "rules",
                f"规则 {name} 已改:{zh}",
                f"rule {name} changed: {en}",
                {"rule_id": name, "fields": fields},
            )


def _parameters(before: Record, after: Record) -> Iterator[Change]:
    names = ("parameters", "crs", "plan", "schematic", "schematic_lines")
    old, new = ({name: receipt.get(name) for name in names} for receipt in (before, after))
    yield from _values("parameters", "参数", "parameter", _flat(old), _flat(new))


def _versions(before: Record, after: Record) -> Iterator[Change]:
    old, new = before.get("versions", {}), after.get("versions", {})
    yield from _values("versions", "版本", "version of", old, new)


def _values(section: str, zh: str, en: str, old: Record, new: Record) -> Iterator[Change]:
    for name in sorted(old.keys() | new.keys()):
        was, now = old.get(name), new.get(name)
        if was != now:
            data = {"name": name, "before": was, "after": now}
            yield Change(section, f"{zh} {name}:{was} → {now}", f"{en} {name}: {was} → {now}", data)


def _flat(value: Any, path: str = "") -> dict[str, Any]:
    if not isinstance(value, Mapping):
        return {path: value}
    made: dict[str, Any] = {}
    for key, item in value.items():
        made |= _flat(item, f"{path}.{key}" if path else str(key))
    return made


def _overrides(before: Record, after: Record) -> Iterator[Change]:
    old, new = (
        {(one["parcel_id"], one["line"]): dict(one) for one in receipt.get("overrides", ())}
        for receipt in (before, after)
    )
    for key in sorted(old.keys() | new.keys()):
        if old.get(key) != new.get(key):
            zh, en = ("已改", "changed") if key in old and key in new else ("新增", "added") if key in new else ("取消", "taken back")  # fmt: skip
            data = {"parcel_id": key[0], "line": key[1], "before": old.get(key), "after": new.get(key)}
            yield Change(
                "overrides", f"人工认定 {key[0]} · {key[1]}:{zh}", f"override {key[0]} · {key[1]}: {en}", data
            )


def _parcels(before: Run, after: Run, causes: list[Change]) -> Iterator[Change]:
    """Parcels whose answer differs, in the order of the newer run, then those that are gone."""
    old, new = _by_id(before.answers), _by_id(after.answers)
    why = _causes(causes)
    for key in dict.fromkeys([*new, *old]):
        was, now = old.get(key), new.get(key)
        name = key[0] + (f" ({key[1] + 1})" if key[1] else "")
        if was is None or now is None:
            zh, en = ("不再有", "is gone") if now is None else ("是新的", "is new")
            yield Change(
                "parcels", f"地块 {name} {zh}", f"parcel {name} {en}", {"id": name, "because": why(None, ())}
            )
            continue
        whole = _moved({"area_m2": (was.area_m2, now.area_m2), "overall": (was.overall, now.overall)})
        if whole:
            yield _parcel(name, None, whole, why(None, ()))
        for line in dict.fromkeys([*now.lines, *was.lines]):
            names = ("state", "verdict", "overlap_area_m2", "rule")
            nothing = (None,) * len(names)
            values = zip(was.lines.get(line, nothing), now.lines.get(line, nothing), strict=True)
            if moved := _moved(dict(zip(names, values, strict=True))):
                ids = chain(
                    *(
                        str(pair).split(";")
                        for pair in (was.lines.get(line, nothing)[3], now.lines.get(line, nothing)[3])
                    )
                )
                yield _parcel(name, line, moved, why(line, ids))


def _by_id(answers: Iterable[Answer]) -> dict[tuple[str, int], Answer]:
    """Answers by id, those that share one in order."""
    made: dict[tuple[str, int], Answer] = {}
    seen: dict[str, int] = {}
    for one in answers:
        seen[one.parcel_id] = seen.get(one.parcel_id, -1) + 1
        made[one.parcel_id, seen[one.parcel_id]] = one
    return made


def _moved(values: Mapping[str, tuple[Any, Any]]) -> dict[str, list[Any]]:
    """Values that differ, areas by more than paper shows."""
    made = {}
    for name, (was, now) in values.items():
        both = isinstance(was, float | int) and isinstance(now, float | int)
        if (abs(was - now) >= AREA_M2) if both else was != now:
            made[name] = [was, now]
    return made


def _parcel(name: str, line: str | None, moved: Mapping[str, list[Any]], because: list[str]) -> Change:
    def shown(value: Any) -> str:
        return f"{value:,.2f}" if isinstance(value, float) else str(value)

    words = ", ".join(f"{key} {shown(a)} → {shown(b)}" for key, (a, b) in moved.items())
    at = name if line is None else f"{name} · {line}"
    data = {"id": name, "line": line, "changes": dict(moved), "because": because}
    reasons = ", ".join(because)
    return Change(
        "parcels", f"地块 {at}:{words}(因 {reasons})", f"parcel {at}: {words} (because of {reasons})", data
    )


def _causes(causes: list[Change]) -> Callable[[str | None, Iterable[str]], list[str]]:
    """For a line (None: the parcel itself) and the rules of its rows, which causes touch it."""
    layers = {change.data["layer"] for change in causes if change.section == "layers"}
    files = {change.data["role"] for change in causes if change.section == "inputs"}
    rules = {change.data["rule_id"] for change in causes if change.section == "rules"}
    others = {change.section for change in causes} & {"parameters", "versions"}

    def why(line: str | None, ids: Iterable[str]) -> list[str]:
        role = None if line is None else f"line {line.removesuffix(':outside')}"
        found = [one for one in ("parcels", role) if one is not None and (one in layers or one in files)]
        if line is None:
            found = found or sorted(layers) or sorted(rules)
        found += [f"rule {name}" for name in sorted(set(ids) & rules)]
        if "parameters" in others:
            found.append("parameters")
        if not found and "versions" in others:
            found.append("versions")
        return found or ["the record 记录本身"]

    return why
