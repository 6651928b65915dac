"""A check run again from its receipt, and what changed since and why."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from zoneplan.check.differences import Answer, Change, Run, differences
from zoneplan.check.layerprint import read_print
from zoneplan.check.request import CheckRequest
from zoneplan.errors import InputError, fault
from zoneplan.finding import Finding
from zoneplan.io import store
from zoneplan.io.vector import split_path_layer
from zoneplan.jobs.checking import Checked, check
from zoneplan.units import PLACES, round_half_up

SCHEMA = "zoneplan.conflicts/1"
SECTIONS = ("inputs", "layers", "rules", "parameters", "versions", "overrides", "parcels")


@dataclass(frozen=True)
class Verified:
    """What a verification found; ``changes`` are causes first, then parcels."""

    changes: tuple[Change, ...]
    parcels: int

    @property
    def changed(self) -> bool:
        """Whether anything differs but the versions of libraries, which alone change no answer."""
        return any(change.section != "versions" for change in self.changes)

    def section(self, name: str) -> tuple[Change, ...]:
        """The changes of one section."""
        return tuple(change for change in self.changes if change.section == name)

    def record(self) -> dict[str, Any]:
        """The whole report for JSON."""
        sections = {name: [change.record() for change in self.section(name)] for name in SECTIONS}
        return {
            "schema": "zoneplan.verify/1",
            "changed": self.changed,
            "parcels_compared": self.parcels,
            **sections,
        }


def verify(path: Path, *, root: Path | None = None) -> Verified:
    """Run a check again from its ``conflicts.json``.

    Parameters
    ----------
    path : Path
        The record. Its inputs are looked for as they were given, then beside the record, then in `root`.
    root : Path, optional

    Raises
    ------
    InputError
        A record that is none or lacks what is needed, inputs that are not found (all of them at once), or that cannot
        be checked any more.
    """
    before, request = read_record(path)
    places, faults = _located(request, path.parent, root)
    if faults:
        raise InputError(faults)
    try:
        made = check(request.moved(places.__getitem__))
    except InputError as error:
        zh, en = (
            "按记录重新核查时,输入已不可用,见下",
            "the inputs can no longer be checked as recorded; see below",
        )
        raise InputError([fault("verify.rerun", path.name, zh, en), *error.faults]) from error
    after = _run_of(made)
    return Verified(tuple(differences(before, after)), len(after.answers))


def write_report(path: Path, verified: Verified) -> None:
    """Write the report as JSON, whole or not at all."""
    with store.staged(path.parent) as stage:
        store.write_json(stage / path.name, verified.record())


def read_record(path: Path) -> tuple[Run, CheckRequest]:
    """The run that a ``conflicts.json`` records, and what was asked.

    Raises
    ------
    InputError
        If it cannot be read, is no such record, or was written without a request.
    """
    name = path.name
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise _unusable(name, f"无法读取:{error.strerror}", f"cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise _unusable(name, f"不是 JSON:{error}", f"no JSON: {error}") from error
    if not isinstance(data, dict) or data.get("schema") != SCHEMA:
        raise _unusable(name, f"不是 check 写出的 conflicts.json(schema 应为 {SCHEMA})", f"no conflicts.json written by check (schema should be {SCHEMA})")  # fmt: skip
    receipt = data.get("receipt")
    if not isinstance(receipt, dict) or not isinstance(receipt.get("request"), dict) or "trace" not in data:
        raise _unusable(name, "记录中没有 receipt.request 与 trace,是由旧版本或 Python 接口写出的,无法重新核查", "has no receipt.request and trace: written by an older version or from Python, it cannot be run again")  # fmt: skip
    request = CheckRequest.read(receipt["request"], name)
    try:
        trace = data["trace"]
        for role, print_ in receipt["layers"].items():
            read_print(print_, trace["features"][role])
        _sound(receipt, trace)
        answers = tuple(map(_answer, data["parcels"]))
        return Run(receipt, trace, trace["rules"], answers), request
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        words = f"{type(error).__name__}: {error}"
        raise _unusable(
            name, f"记录不完整或已损坏({words})", f"the record is incomplete or damaged ({words})"
        ) from error


def _sound(receipt: Mapping[str, Any], trace: Mapping[str, Any]) -> None:
    """Look at everything that a comparison reads, so that a damaged record is found here."""
    for row in receipt["inputs"]:
        [str(row[key]) for key in ("role", "file", "sha256")]
        dict(row.get("parts", {}))
    for row in receipt.get("overrides", ()):
        [str(row[key]) for key in ("parcel_id", "line")]
    dict(receipt["versions"])
    dict(receipt["parameters"])
    dict(trace["rule_digests"])
    [dict(row) for row in trace["rules"].values()]


def _answer(row: Mapping[str, Any]) -> Answer:
    lines = {
        str(one["line"]): (
            str(one["state"]),
            str(one["verdict"]),
            one["overlap_area_m2"],
            str(one["rule"]["id"]),
        )
        for one in row["lines"]
    }
    return Answer(str(row["id"]), row["area"]["m2"], str(row["overall"]), lines)


def _run_of(made: Checked) -> Run:
    """A run that was just made."""
    result = made.result
    many = len(result.table) // max(len(result.ids), 1)
    columns = [
        result.table[name].tolist() for name in ("line", "state", "verdict", "overlap_area_m2", "rule_id")
    ]
    rows = list(zip(*columns, strict=True))
    areas = [None if np.isnan(area) else round_half_up(float(area), PLACES["m2"]) for area in result.area_m2]
    answers = tuple(
        Answer(
            name,
            area,
            overall,
            {
                line: (state, verdict, None if np.isnan(overlap) else overlap, rule_id)
                for line, state, verdict, overlap, rule_id in rows[at * many : (at + 1) * many]
            },
        )
        for at, (name, area, overall) in enumerate(
            zip(result.ids, areas, result.parcels["overall"], strict=True)
        )
    )
    rules = {rule.rule_id: asdict(rule) for rule in made.book.rules}
    return Run(result.receipt, result.trace, rules, answers)


def _located(request: CheckRequest, beside: Path, root: Path | None) -> tuple[dict[str, str], list[Finding]]:
    """Where the files of a request are now, by the text that names them; a fault for each that is nowhere."""
    places: dict[str, str] = {}
    faults = []
    for role, text in request.files():
        given, layer = split_path_layer(text)
        name = re.split(r"[\\/]", str(given))[-1]
        folders = [beside, *([root] if root else [])]
        tried = [given, *(folder / end for folder in folders for end in (given, name))]
        found = next((one for one in tried if one.exists()), None)
        if found is None:
            shown = ", ".join(dict.fromkeys(str(one) for one in tried))
            faults.append(fault("verify.missing", role, f"找不到输入“{text}”;找过:{shown};可用 --root 指明文件夹", f"the input '{text}' is not found; looked for {shown}; name its folder with --root"))  # fmt: skip
        else:
            places[text] = f"{found}:{layer}" if layer else str(found)
    return places, faults


def _unusable(name: str, zh: str, en: str) -> InputError:
    return InputError(fault("verify.record", name, zh, en))
