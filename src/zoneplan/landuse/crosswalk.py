"""Codes of other lists brought to the current one, as data; what cannot be decided is not guessed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from zoneplan.landuse.codes import CURRENT, CodeList, code_list, read_rows
from zoneplan.resources import LANDUSE

UNCERTAIN = ("choice", "partly")


@dataclass(frozen=True)
class Step:
    """Where one code leads.

    Parameters
    ----------
    code : str
        In the list that is left.
    targets : tuple of str
        In the current list; several where only further evidence can tell (the likeliest first).
    relation : {"same", "renamed", "moved", "parent", "choice", "partly"}
        ``parent``: the target is known, its finer classes are not. ``choice``: one of the targets.
        ``partly``: the target, save for a part that lies in another class.
    collision : bool
        Whether the current list has the same code with another meaning.
    note, source, verified : str
    """

    code: str
    targets: tuple[str, ...]
    relation: str
    collision: bool
    note: str
    source: str
    verified: str

    def target(self, current: CodeList) -> str:
        """The finest code of the current list that is certain; empty if not even the class is."""
        return self.targets[0] if len(self.targets) == 1 else current.common(frozenset(self.targets))


@cache
def crosswalk(list_id: str) -> Mapping[str, Step]:
    """The way from a list to the current one, by code.

    The current list leads to itself. Raises `InputError` if there is no such list.
    """
    codes = code_list(list_id)
    if not codes.crosswalk:
        return {code: Step(code, (code,), "same", False, "", codes.source, codes.verified) for code in codes}
    return {row["code"]: _step(row) for row in read_rows(LANDUSE / codes.crosswalk)}


def collisions(list_id: str, other: str = CURRENT) -> frozenset[str]:
    """Codes that both lists have with different meanings."""
    if CURRENT not in (list_id, other):
        return frozenset(
            code for code, step in crosswalk(list_id).items()
            if code in crosswalk(other) and step.targets != crosswalk(other)[code].targets
        )  # fmt: skip
    steps = crosswalk(other if list_id == CURRENT else list_id)
    current = code_list()
    return frozenset(
        code
        for code, step in steps.items()
        if code in current and (step.collision or step.targets != (code,))
    )


def _step(row: Mapping[str, str]) -> Step:
    return Step(
        row["code"], tuple(row["targets"].split()), row["relation"], row["collision"] == "yes",
        row["note"], row["source"], row["verified"],
    )  # fmt: skip
