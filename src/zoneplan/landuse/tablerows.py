"""Rows of a table, and the proof that each land-use code is in exactly one of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from zoneplan.errors import fault
from zoneplan.finding import Finding
from zoneplan.landuse.codes import CodeList


@dataclass(frozen=True)
class Row:
    """A row of a table.

    Parameters
    ----------
    id, name, name_en : str
    text : str
        The code set as written; empty for a row with rows under it.
    codes : frozenset of str
        All codes that belong to the row, those of the rows under it among them.
    rows : tuple of Row
        What the row is the sum of.
    place : str
    """

    id: str
    name: str
    name_en: str
    text: str
    codes: frozenset[str]
    rows: tuple[Row, ...] = ()
    place: str = ""


def prove(
    rows: Sequence[Row], codes: CodeList, *, covers: Collection[str] | None = None, place: str, setting: str = ""
) -> tuple[Finding, ...]:  # fmt: skip
    """Whether the rows hold every code exactly once.

    Parameters
    ----------
    rows : sequence of Row
    codes : CodeList
    covers : collection of str, optional
        The codes that the table is about, default the whole list.
    place : str
    setting : str
        Settings of the switches, in words.

    Returns
    -------
    tuple of Finding
        Severity error; empty where each finest code is in exactly one row without rows under it.
        Codes above them may lie in several rows (``04`` with ``0401`` here and ``0403`` there).
    """
    about = frozenset(codes if covers is None else covers)
    wanted = codes.leaves() & about
    bottom = list(leaf_rows(rows))
    held = Counter(code for row in bottom for code in row.codes & codes.leaves())
    mark = f" ({setting})" if setting else ""
    findings = []
    if missing := wanted - held.keys():
        words = "、".join(brief(missing, codes))
        findings.append(
            fault(
                "landuse.missing", place,
                f"有 {len(missing)} 个代码不在任何一行{mark}:{words}",
                f"{len(missing)} codes are in no row{mark}: {words}",
            )
        )  # fmt: skip
    for one, other in combinations(bottom, 2):
        if both := one.codes & other.codes & codes.leaves():
            words = "、".join(brief(both, codes))
            findings.append(
                fault(
                    "landuse.duplicate", other.place or place,
                    f"代码 {words} 同时在“{one.name}”和“{other.name}”两行{mark}",
                    f"codes {words} are both in row '{one.name}' and in row '{other.name}'{mark}",
                )
            )  # fmt: skip
    if beyond := held.keys() - wanted:
        words = "、".join(brief(beyond, codes))
        findings.append(
            fault(
                "landuse.beyond", place,
                f"代码 {words} 不在 covers 范围内{mark}",
                f"codes {words} are outside what the table covers{mark}",
            )
        )  # fmt: skip
    return tuple(findings)


def leaf_rows(rows: Sequence[Row]) -> Iterator[Row]:
    """The rows without rows under them, in order."""
    for row in rows:
        if row.rows:
            yield from leaf_rows(row.rows)
        else:
            yield row


def brief(codes: Collection[str], known: CodeList) -> list[str]:
    """Finest codes, with whole families by the name of the family."""
    given = frozenset(codes)
    made: list[str] = []

    def walk(code: str) -> None:
        if known.leaves(code) <= given:
            made.append(code)
        else:
            for child in known.children(code):
                walk(child)

    for top in known.children():
        walk(top)
    return made


def level_rows(codes: CodeList, level: int) -> tuple[Row, ...]:
    """Rows of a list's own classes: nested down to a level (1 is the top)."""

    def make(code: str, depth: int) -> Row:
        below = tuple(make(child, depth + 1) for child in codes.children(code)) if depth < level else ()
        return Row(
            code,
            f"{code} {codes.name_of(code)}",
            "",
            "" if below else code,
            frozenset(codes.within(code)),
            below,
        )

    return tuple(make(code, 1) for code in codes.children())


def repeated_ids(rows: Sequence[Row]) -> Iterator[Finding]:
    seen: set[str] = set()

    def walk(row: Row) -> Iterator[Finding]:
        if row.id in seen:
            yield fault(
                "landuse.table", row.place, f"行编号“{row.id}”重复", f"the row id '{row.id}' is repeated"
            )
        seen.add(row.id)
        for inner in row.rows:
            yield from walk(inner)

    for row in rows:
        yield from walk(row)
