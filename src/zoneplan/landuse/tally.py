"""Tables with rows under rows: which code counts where, and printed numbers that add up on every level."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from zoneplan.landuse.codes import CodeList
from zoneplan.landuse.tablerows import Row
from zoneplan.units import PLACES, round_half_up, shares, to_unit

LAND_PLACES: Mapping[str, int] = {**PLACES, "wan_mu": 6}
"""Decimals with which areas of land use are printed, by unit."""

UNCLEAR = ("unclear", "代码过粗,无法归类", "Code too coarse for this table")
BEYOND = ("beyond", "不在本表范围的地类", "Not covered by this table")
UNRECOGNISED = ("unrecognised", "地类代码无法识别", "Code not recognised")


@dataclass(frozen=True)
class Line:
    """One printed line: its row, depth (0 at the top) and the position of the line it is part of (-1: none)."""

    id: str
    name: str
    name_en: str
    text: str
    depth: int
    parent: int


@dataclass
class Layout:
    """The lines of a table in printed order, and the line on which each code counts."""

    lines: list[Line] = field(default_factory=list)
    seats: dict[str, int] = field(default_factory=dict)

    def values(self, amounts: Iterable[tuple[str, float]]) -> list[float]:
        """Exact sums by line; a line with lines under it is their sum."""
        own: dict[int, list[float]] = {}
        for code, amount in amounts:
            position = self.seats[code]
            while position >= 0:
                own.setdefault(position, []).append(amount)
                position = self.lines[position].parent
        # fsum: the same sum in whatever order the parts come
        return [math.fsum(own.get(position, ())) for position in range(len(self.lines))]

    def add(self, line: Line) -> int:
        """Put a line at the end; returns its position."""
        self.lines.append(line)
        return len(self.lines) - 1


def lay_out(rows: Sequence[Row], present: Iterable[str], codes: CodeList, *, all_rows: bool = True) -> Layout:
    """Lines for rows, and where the codes that are present count.

    Parameters
    ----------
    rows : sequence of Row
    present : iterable of str
        Codes of `codes`, and texts that are none.
    codes : CodeList
    all_rows : bool
        Also rows on which nothing counts.

    Returns
    -------
    Layout
        A code counts on the deepest row that holds all of it. Where that row has rows under it, a
        line 未细分 is put under it. Where rows hold parts of it only, it counts on ``unclear``, where they
        hold nothing of it on ``beyond``, and a text that is no code of the list on ``unrecognised``:
        lines that are there only if needed.
    """
    found = list(dict.fromkeys(present))
    seats = {code: _row_of(code, rows, codes) if code in codes else "" for code in found}
    used = set(seats.values())
    layout = Layout()
    at: dict[str, int] = {}

    def walk(row: Row, depth: int, parent: int) -> None:
        if not all_rows and not _any_used(row, used):
            return
        position = layout.add(Line(row.id, row.name, row.name_en, row.text, depth, parent))
        at[row.id] = position
        for inner in row.rows:
            walk(inner, depth + 1, position)
        if row.rows and row.id in used:
            at[row.id] = layout.add(
                Line(
                    f"{row.id}_unclear",
                    f"{row.name}(未细分)",
                    f"{row.name_en} (not divided)".strip(),
                    "",
                    depth + 1,
                    position,
                )
            )

    for row in rows:
        walk(row, 0, -1)
    about = frozenset().union(*(row.codes for row in rows))
    loose = [code for code in found if code in codes and not seats[code]]
    coarse = {code for code in loose if codes.leaves(code) & about}
    for labels, codes_in in (
        (UNCLEAR, sorted(coarse)),
        (BEYOND, [code for code in loose if code not in coarse]),
        (UNRECOGNISED, [code for code in found if code not in codes]),
    ):
        if codes_in:
            position = layout.add(Line(*labels, "", 0, -1))
            layout.seats.update(dict.fromkeys(codes_in, position))
    layout.seats.update({code: at[row_id] for code, row_id in seats.items() if row_id})
    return layout


def close(layout: Layout, values: Sequence[float], total: float, places: int) -> list[float]:
    """Values of all lines, rounded so that every line equals the sum of the lines under it as printed.

    Parameters
    ----------
    layout : Layout
    values : sequence of float
        As of `Layout.values`, in one unit; the top lines add up to `total`.
    total : float
    places : int

    Returns
    -------
    list of float
        Top lines by largest remainder to the rounded total, then the lines under each to what is
        printed for it (`zoneplan.units.shares`).
    """
    printed = [0.0] * len(values)
    by_parent: dict[int, list[int]] = {}
    for position, line in enumerate(layout.lines):
        by_parent.setdefault(line.parent, []).append(position)
    for parent, below in sorted(by_parent.items()):
        whole = total if parent < 0 else printed[parent]
        parts = shares([values[position] for position in below], whole, places).parts
        for position, part in zip(below, parts, strict=True):
            printed[position] = part
    return printed


def area_columns(layout: Layout, values: Sequence[float], total: float) -> dict[str, list[float]]:
    """Columns ``area_<unit>`` of all lines and a last one, the total, and ``moved_m2``.

    `values` and `total` are m²; `moved_m2` is what closing changed of plain rounding half up.
    """
    columns: dict[str, list[float]] = {}
    for unit, places in LAND_PLACES.items():
        whole = to_unit(total, unit)
        parts = close(layout, [to_unit(value, unit) for value in values], whole, places)
        columns[f"area_{unit}"] = [*parts, round_half_up(whole, places)]
    places = LAND_PLACES["m2"]
    plain = [round_half_up(value, places) for value in (*values, total)]
    columns["moved_m2"] = [less(one, other) for one, other in zip(columns["area_m2"], plain, strict=True)]
    return columns


def added(stack: Iterable[float]) -> float:
    """The exact decimal sum of printed numbers."""
    return float(sum((Decimal(repr(float(value))) for value in stack), Decimal(0))) + 0.0


def less(one: float, other: float) -> float:
    """The exact decimal difference of two printed numbers."""
    return float(Decimal(repr(float(one))) - Decimal(repr(float(other)))) + 0.0


def _row_of(code: str, rows: Sequence[Row], codes: CodeList) -> str:
    """The id of the deepest row that holds all of a code; empty if none does."""
    whole = codes.leaves(code)
    for row in rows:
        if whole <= row.codes:
            return _row_of(code, row.rows, codes) or row.id
    return ""


def _any_used(row: Row, used: set[str]) -> bool:
    return row.id in used or any(_any_used(inner, used) for inner in row.rows)
