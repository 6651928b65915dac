"""Standard layer names (STBHHX, 永久基本农田, DLTB …): what a layer of a plan's database holds, by its name.

The names are data: ``standard/layers.csv`` and, for the components of a line, ``standard/components.csv``.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from zoneplan.resources import STANDARD

_AROUND = re.compile(r"^[\d_\-\s.()（）]+|[\d_\-\s.()（）]+$")  # a district's code before, a year after
CHANGES = {"WHQ": ("变更前", "before a change"), "WHC": ("变更", "a change")}
"""Prefixes of dynamic maintenance whose layers are not the state in force; WHH, after the change, is."""


@dataclass(frozen=True)
class StandardLayer:
    """What standard layers hold.

    Parameters
    ----------
    key : str
        Of a line: as in ``--line KEY=PATH``.
    zh, en : str
    kind : {"line", "landuse", "planned", "zones"}
    names : tuple of str
        Layer names, capitals.
    """

    key: str
    zh: str
    en: str
    kind: str
    names: tuple[str, ...]


@cache
def standard_layers() -> tuple[StandardLayer, ...]:
    """All that are known, the three control lines first."""
    with (STANDARD / "layers.csv").open(encoding="utf-8", newline="") as file:
        return tuple(
            StandardLayer(row["key"], row["zh"], row["en"], row["kind"], tuple(row["names"].upper().split(";")))
            for row in csv.DictReader(file)
        )  # fmt: skip


def recognised(name: str) -> StandardLayer | None:
    """What a layer of this name holds; None if it is none of the standard ones.

    Capitals or not, digits and underscores around the name (a district's code, a year) and the prefix WHH are left out.

    >>> recognised("410811_stbhhx_2023").zh
    '生态保护红线'
    """
    plain = _AROUND.sub("", name.strip()).upper()
    known = _by_name()
    return known.get(plain) or known.get(_AROUND.sub("", plain.removeprefix("WHH")))


def superseded(name: str) -> tuple[str, str] | None:
    """Why a layer of this name is not the state in force (Chinese, English); None if it is, or is not known."""
    plain = _AROUND.sub("", name.strip()).upper()
    words = CHANGES.get(plain[:3])
    return words if words and recognised(plain[3:]) else None


def components(key: str, columns: Sequence[str]) -> tuple[str, Mapping[str, str]] | None:
    """The first of the columns that states a line's components, and component by beginning of its text."""
    rows = [row for row in _components() if row["key"] == key]
    field = next((row["field"] for row in rows if row["field"] in columns), None)
    if field is None:
        return None
    return field, {row["starts_with"]: row["component"] for row in rows if row["field"] == field}


@cache
def _by_name() -> Mapping[str, StandardLayer]:
    return {name: layer for layer in standard_layers() for name in layer.names}


@cache
def _components() -> tuple[dict[str, str], ...]:
    with (STANDARD / "components.csv").open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))
