"""Hits that an officer marks as not applicable (不适用): the finding stays, the mark stands beside it with name and reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

import pandas as pd

from zoneplan.check.result import CheckResult
from zoneplan.check.rules import strictest
from zoneplan.check.verdicts import THERE
from zoneplan.errors import InputError, fault
from zoneplan.finding import Finding
from zoneplan.textrows import TextRows

COLUMNS: Mapping[str, tuple[str, str]] = {
    "parcel_id": ("地块编号", "id of the parcel"),
    "line": ("控制线", "key of the line"),
    "name": ("姓名", "name of the officer"),
    "reason": ("理由", "reason"),
    "date": ("日期", "date"),
}
"""Columns of the file; each may be headed by its Chinese name."""
TABLE_COLUMNS = ("override_name", "override_reason", "override_date")
_SHOWN = 10


@dataclass(frozen=True)
class Override:
    """One hit marked as not applicable: by whom, why and when; ``place`` is where the file says so."""

    parcel_id: str
    line: str
    name: str
    reason: str
    date: str
    place: str = ""

    def record(self) -> dict[str, str]:
        """A plain dictionary for receipts and papers."""
        made: dict[str, str] = asdict(self)
        del made["place"]
        return made


def overrides_from(rows: TextRows) -> tuple[Override, ...]:
    """The overrides of a file, not yet checked against a result.

    Raises
    ------
    InputError
        Columns that are unknown, or missing from a file with a header; rows that do not fit it.
    """
    known = {zh: key for key, (zh, _) in COLUMNS.items()} | {key: key for key in COLUMNS}
    unknown = [name for name in rows.columns if name not in known]
    given = [known[name] for name in rows.columns if name in known]
    missing = [key for key in COLUMNS if key not in given] if rows.columns else []
    if unknown or missing or len(given) != len(set(given)):
        zh, en = ",".join(f"{key}({words[0]})" for key, words in COLUMNS.items()), ", ".join(COLUMNS)
        shown = ", ".join(rows.columns)
        raise InputError(
            [
                fault("overrides.columns", rows.name, f"列应为 {zh};实为 {shown}", f"columns should be {en}; found {shown}"),
                *rows.faults,
            ]
        )  # fmt: skip
    if rows.faults:
        raise InputError(rows.faults)
    return tuple(
        Override(**{known[name]: value for name, value in row.items()}, place=place)
        for place, row in rows.rows
    )


def apply_overrides(result: CheckResult, overrides: Sequence[Override]) -> CheckResult:
    """A result in which hits are marked as not applicable.

    States, areas, verdicts and rules stay as they are. The receipt gets ``overrides`` (a record each, in the order of
    the table), and a finding says how many there are; `overall_with_overrides` leaves the marked rows out.

    Raises
    ------
    InputError
        With every fault: what is missing, days that do not exist, parcels and lines that are not there, parcels that
        share an id, rows that are no hit, what is said twice.
    """
    if faults := list(_faults(result, overrides)):
        raise InputError(faults)
    if not overrides:
        return result
    given = {(one.parcel_id, one.line): one.record() for one in overrides}
    keys = zip(result.table["parcel_id"], result.table["line"], strict=True)
    records = [given[key] for key in keys if key in given]
    names = "、".join(dict.fromkeys(record["name"] for record in records))
    parcels = tuple(dict.fromkeys(record["parcel_id"] for record in records))
    said = Finding(
        "check.overridden", "warning",
        f"人工认定不适用 {len(records)} 处(认定人:{names});原状态、结论与规则保留",
        f"{len(records)} hits marked as not applicable by hand (by {names}); states, verdicts and rules stay as found",
        "overrides", feature=parcels[:_SHOWN],
    )  # fmt: skip
    receipt = {**result.receipt, "overrides": records}
    return replace(result, receipt=receipt, said=(*result.said, said))


def override_of(result: CheckResult) -> dict[tuple[str, str], Mapping[str, Any]]:
    """The record of each row that is overridden, by parcel and line."""
    return {(one["parcel_id"], one["line"]): one for one in result.receipt.get("overrides", ())}


def overall_with_overrides(result: CheckResult) -> list[str]:
    """The strictest verdict of each parcel over the rows that are not overridden."""
    marked = override_of(result)
    overall: list[str] = result.parcels["overall"].tolist()
    parcels = {parcel_id for parcel_id, _ in marked}
    many = len(result.table) // max(len(result.ids), 1)
    for number, parcel_id in enumerate(result.ids):
        if parcel_id in parcels:
            mine = result.table.iloc[number * many : (number + 1) * many]
            overall[number] = strictest(
                verdict
                for line, verdict in zip(mine["line"], mine["verdict"], strict=True)
                if (parcel_id, line) not in marked
            )
    return overall


def with_overrides(frame: pd.DataFrame, result: CheckResult) -> pd.DataFrame:
    """A frame with ``parcel_id`` and ``line`` and, where anything is overridden, three further columns at its end."""
    marked = override_of(result)
    if not marked:
        return frame
    rows = [marked.get(key, {}) for key in zip(frame["parcel_id"], frame["line"], strict=True)]
    return frame.assign(
        **{
            column: [row.get(column.removeprefix("override_"), "") for row in rows]
            for column in TABLE_COLUMNS
        }
    )


def _faults(result: CheckResult, overrides: Sequence[Override]) -> Iterator[Finding]:
    """Everything that is wrong with overrides of this result."""
    states = dict(
        zip(
            zip(result.table["parcel_id"], result.table["line"], strict=True),
            result.table["state"],
            strict=True,
        )
    )
    ids, lines = Counter(result.ids), list(dict.fromkeys(result.table["line"]))
    said: dict[tuple[str, str], str] = {}
    for one in overrides:
        key = (one.parcel_id, one.line)
        for column, (zh, en) in COLUMNS.items():
            if not getattr(one, column).strip():
                yield fault(
                    "overrides.missing", f"{one.place}: {column}", f"缺少{zh}", f"the {en} is missing"
                )
        if one.date and not _is_day(one.date):
            yield fault("overrides.date", f"{one.place}: date", f"“{one.date}”应为存在的日期 YYYY-MM-DD", f"'{one.date}' should be a day that exists, YYYY-MM-DD")  # fmt: skip
        if one.parcel_id and one.parcel_id not in ids:
            yield fault("overrides.parcel", f"{one.place}: parcel_id", f"没有地块“{one.parcel_id}”", f"there is no parcel '{one.parcel_id}'")  # fmt: skip
        elif ids[one.parcel_id] > 1:
            yield fault("overrides.parcel", f"{one.place}: parcel_id", f"“{one.parcel_id}”是 {ids[one.parcel_id]} 个地块的编号,无法确定是哪一个", f"'{one.parcel_id}' is the id of {ids[one.parcel_id]} parcels; which is meant is not certain")  # fmt: skip
        if one.line and one.line not in lines:
            yield fault("overrides.line", f"{one.place}: line", f"没有控制线“{one.line}”;有:{'、'.join(lines)}", f"there is no line '{one.line}'; there are: {', '.join(lines)}")  # fmt: skip
        elif states.get(key, THERE[0]) not in THERE:
            yield fault("overrides.state", f"{one.place}: line", f"地块“{one.parcel_id}”在此线的状态是 {states[key]},只有占用(hit、sliver)可以认定为不适用", f"the state of parcel '{one.parcel_id}' on this line is {states[key]}; only hit and sliver can be marked")  # fmt: skip
        if key in said and all(key):
            yield fault("overrides.twice", one.place, f"地块“{one.parcel_id}”的“{one.line}”在 {said[key]} 已写过", f"parcel '{one.parcel_id}' on '{one.line}' was marked in {said[key]} already")  # fmt: skip
        said.setdefault(key, one.place)


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
