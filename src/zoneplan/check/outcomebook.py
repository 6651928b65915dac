"""The sentences of a review as data: cases of each control line, checked to leave none out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from itertools import product
from pathlib import Path
from string import Formatter
from typing import Annotated, Literal

from pydantic import Field

from zoneplan.errors import InputError
from zoneplan.errors import fault as make_fault
from zoneplan.extent import Model, Name
from zoneplan.finding import Finding
from zoneplan.resources import OUTCOMES
from zoneplan.schema import read_as
from zoneplan.source import Source

State = Literal["hit", "sliver", "touch", "clear", "no_data"]
Verdict = Literal["prohibited", "undetermined", "restricted", "permitted"]
STATES: tuple[State, ...] = ("hit", "sliver", "touch", "clear", "no_data")
VERDICTS: tuple[Verdict, ...] = ("prohibited", "undetermined", "restricted", "permitted")
FIELDS = frozenset(
    (
        "name", "ha", "m2", "mu", "share", "inside_ha", "outside_ha", "inside_m2", "outside_m2", "verdict",
        "outside_verdict", "reason", "evidence", "condition", "authority", "layer",
        "parts", "groups", "parcels", "label", "count", "total",
    )
)  # fmt: skip
"""The placeholders of a sentence."""


class Words(Model):
    """The same in both languages."""

    zh: Name
    en: Name

    def fill(self, zh: Mapping[str, str], en: Mapping[str, str]) -> tuple[str, str]:
        """Both texts with their placeholders filled; what is filled in is never read as a placeholder."""
        return self.zh.format_map(zh), self.en.format_map(en)


class Case(Model):
    """One outcome on a line: under which conditions, its short label and its sentence."""

    id: Annotated[str, Field(pattern=r"^[a-z_]+$")]
    states: tuple[State, ...] = ()
    outside: tuple[State, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    uses: tuple[Name, ...] = ()
    crossing: bool | None = None
    label: Words
    text: Words

    def fits(
        self, state: str, outside: str | None, verdict: str, uses: frozenset[str], crossing: bool
    ) -> bool:
        """Whether every condition that the case has holds."""
        return (
            (not self.states or state in self.states)
            and (not self.outside or outside in self.outside)
            and (not self.verdicts or verdict in self.verdicts)
            and (not self.uses or (bool(uses) and uses <= set(self.uses)))
            and self.crossing in (None, crossing)
        )


class LineCases(Model):
    """What is said of one control line; the gravest case first."""

    name: Words
    authority: Words
    layer: Words
    total: Words
    cases: tuple[Case, ...] = Field(min_length=1)

    def case(
        self, state: str, outside: str | None, verdict: str, uses: frozenset[str], crossing: bool
    ) -> Case:
        """The first case that fits; one always does."""
        return next(case for case in self.cases if case.fits(state, outside, verdict, uses, crossing))


class ProjectWords(Model):
    """How the outcomes of several parcels are put together."""

    whole: Words
    group: Words
    between: Words


class ComponentWords(Model):
    """How the overlap with the components of a line is put into words; names of components by key."""

    alone: Words
    whole: Words
    group: Words
    between: Words
    unstated: Words
    names: dict[str, Words]

    def name(self, key: str) -> tuple[str, str]:
        """What a component is called in both languages; a key of the user's own stands for itself."""
        words = self.names.get(key) if key else self.unstated
        return (key, key) if words is None else (words.zh, words.en)


class OutcomeBook(Model):
    """All sentences."""

    schema_: Literal["zoneplan.outcomes/1"] = Field(alias="schema")
    schematic: Words
    nothing: Words
    project: ProjectWords
    components: ComponentWords
    lines: dict[str, LineCases]
    further: LineCases

    def of(self, key: str) -> LineCases:
        """The cases of a line; those of further constraints for a key of the user's."""
        return self.lines.get(key, self.further)


@cache
def read_outcomes(path: Path = OUTCOMES) -> OutcomeBook:
    """Read the sentences.

    Raises
    ------
    InputError
        With every fault: keys, placeholders that do not exist, combinations of states and verdicts that
        no case covers.
    """
    book, source = read_as(OutcomeBook, path, code="outcomes.schema")
    if faults := [*_placeholder_faults(source, source.data, ""), *_gaps(book, source)]:
        raise InputError(faults)
    return book


def _placeholder_faults(source: Source, data: object, path: str) -> Iterator[Finding]:
    """Texts with a placeholder that is not one of `FIELDS`, or with anything but its name in it."""
    if isinstance(data, dict):
        for key, value in data.items():
            yield from _placeholder_faults(source, value, f"{path}.{key}" if path else key)
    elif isinstance(data, list):
        for number, value in enumerate(data):
            yield from _placeholder_faults(source, value, f"{path}[{number}]")
    elif isinstance(data, str) and (wrong := _wrong(data)):
        known = ", ".join(sorted(FIELDS))
        yield make_fault(
            "outcomes.placeholder",
            source.place(path),
            f"不认识的占位符 {wrong};可用:{known}",
            f"unknown placeholder {wrong}; there are: {known}",
        )


def _wrong(text: str) -> str:
    try:
        parts = list(Formatter().parse(text))
    except ValueError:
        return text
    bad = [name for _, name, form, turn in parts if name is not None and (name not in FIELDS or form or turn)]
    return ", ".join(f"{{{name}}}" for name in bad)


def _gaps(book: OutcomeBook, source: Source) -> Iterator[Finding]:
    """Lines with a combination that no case covers: nothing may go unsaid."""
    lines = [*((f"lines.{key}", line) for key, line in book.lines.items()), ("further", book.further)]
    for path, line in lines:
        paired = any(case.outside for case in line.cases)
        for state, outside, verdict, crossing in product(
            STATES, STATES if paired else (None,), VERDICTS, (False, True)
        ):
            if not any(case.fits(state, outside, verdict, frozenset(), crossing) for case in line.cases):
                words = "/".join(filter(None, (state, outside, verdict, "crossing" if crossing else "")))
                yield make_fault(
                    "outcomes.gap",
                    source.place(path),
                    f"没有适用于 {words} 的条目",
                    f"no case covers {words}",
                )
