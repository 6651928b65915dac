"""Land-use code lists: which codes there are, what they are called and which contains which.

The lists are data (``landuse/lists.csv`` names them); a code is text, ``0101`` is never 65 or 101.
"""

from __future__ import annotations

import csv
import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from zoneplan.errors import InputError, fault
from zoneplan.resources import LANDUSE

CURRENT = "2023"
"""The list that tables are made in; others are brought to it through their crosswalk."""


@dataclass(frozen=True)
class Code:
    """One code: its name and the code that contains it, empty at the top."""

    code: str
    name: str
    parent: str
    source: str
    verified: str


@dataclass(frozen=True)
class CodeList:
    """A list of land-use codes.

    Parameters
    ----------
    id, name, name_en : str
        For instance ``"2023"``.
    codes : mapping of str to Code
        In the order of the list.
    suffixes : mapping of str to str
        Letters that may follow a code and what they say (``K``: 可调整地类).
    source : str
        The document that lays the list down.
    verified : str
        ``yes`` once somebody has compared it with that document.
    """

    id: str
    name: str
    name_en: str
    codes: Mapping[str, Code]
    suffixes: Mapping[str, str]
    source: str
    verified: str
    crosswalk: str = ""
    _below: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)

    def __contains__(self, code: object) -> bool:
        return code in self.codes

    def __iter__(self) -> Iterator[str]:
        return iter(self.codes)

    def name_of(self, code: str) -> str:
        """The name of a listed code; KeyError for others."""
        return self.codes[code].name

    def path(self, code: str) -> tuple[str, ...]:
        """A code's line of descent, from the top to itself."""
        parent = self.codes[code].parent
        return (*(self.path(parent) if parent else ()), code)

    def at_level(self, code: str, level: int) -> str:
        """The code's ancestor on a level (1 is the top), or itself where it is coarser than that."""
        return self.path(code)[:level][-1]

    def children(self, code: str = "") -> tuple[str, ...]:
        """Codes directly below a code; of the top without one."""
        return self._below.get(code, ())

    def within(self, code: str) -> tuple[str, ...]:
        """A code and everything below it, in the order of the list."""
        return (code, *(deeper for child in self.children(code) for deeper in self.within(child)))

    def leaves(self, code: str = "") -> frozenset[str]:
        """The codes without children, of the list or below a code (a leaf is its own)."""
        if code and not self.children(code):
            return frozenset((code,))
        return frozenset().union(*(self.leaves(child) for child in self.children(code)))

    def common(self, codes: frozenset[str]) -> str:
        """The finest code that contains all of the given ones; empty if there is none."""
        paths = [self.path(code) for code in codes]
        shared = [steps[0] for steps in zip(*paths, strict=False) if len(set(steps)) == 1]
        return shared[-1] if shared else ""

    def near(self, code: str) -> str:
        """The listed code of the same length most like a text, empty if none is."""
        alike = [known for known in self.codes if len(known) == len(code)]
        return next(iter(difflib.get_close_matches(code, alike, 1, 0.6)), "")


@cache
def code_lists() -> Mapping[str, CodeList]:
    """All lists that travel with the package, by id; see `code_list`."""
    return {row["id"]: _read(row) for row in read_rows(LANDUSE / "lists.csv")}


def code_list(list_id: str = CURRENT) -> CodeList:
    """A list by its id: ``2023``, ``2020`` (trial) or ``survey3`` (the third national land survey's DLBM).

    Raises
    ------
    InputError
        If there is no such list.
    """
    lists = code_lists()
    if list_id not in lists:
        names = ", ".join(lists)
        raise InputError(
            fault(
                "landuse.list", list_id or "-",
                f"没有“{list_id}”这个地类代码表;可用:{names}",
                f"there is no code list '{list_id}'; expected one of {names}",
            )
        )  # fmt: skip
    return lists[list_id]


def read_rows(path: Path) -> list[dict[str, str]]:
    """The rows of a packaged CSV, every field text."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _read(row: Mapping[str, str]) -> CodeList:
    codes = {line["code"]: Code(**line) for line in read_rows(LANDUSE / f"codes_{row['id']}.csv")}
    below: dict[str, list[str]] = {}
    for code in codes.values():
        below.setdefault(code.parent, []).append(code.code)
    suffixes = dict(pair.split("=", 1) for pair in row["suffixes"].split(";") if pair)
    return CodeList(
        row["id"], row["name"], row["name_en"], codes, suffixes, row["source"], row["verified"], row["crosswalk"],
        {parent: tuple(children) for parent, children in below.items()},
    )  # fmt: skip
