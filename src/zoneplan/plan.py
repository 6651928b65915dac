"""The plan model: elements and the counts the plan's words assert. Frozen, nothing computed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, PrivateAttr, model_validator
from pydantic_core import PydanticCustomError

from zoneplan.extent import Extent, Model, Name, OneOrMore, as_list
from zoneplan.shown import Shown

Kind = Literal["axis", "belt", "district", "new_city", "group", "space", "control_line", "ecological_pattern"]
SECTIONS: Mapping[str, Kind] = {
    "axes": "axis",
    "belts": "belt",
    "districts": "district",
    "new_cities": "new_city",
    "groups": "group",
    "spaces": "space",
    "control_lines": "control_line",
    "ecological_pattern": "ecological_pattern",
}
"""Section of the plan document → kind of the elements in it."""

Identifier = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


class Citation(Model):
    """Chapter and section of the plan."""

    chapter: Name
    section: str | None = None

    def __str__(self) -> str:
        return self.chapter + (self.section or "")


Citations = Annotated[
    tuple[Citation, ...],
    BeforeValidator(as_list, json_schema_input_type=Citation | tuple[Citation, ...]),
    Field(min_length=1),
]


class Element(Model):
    """One element of the plan's structure, with where the plan says so and how its extent is made."""

    id: Identifier
    name: Name
    name_en: Name
    role: Name
    citation: Citations
    summary: Name
    extent: Extent
    form: str | None = Field(
        None, description="what the plan calls it (带, 心, 廊, 核, 片区 …); counts may select by it"
    )
    indicative: bool = Field(
        False, description="the plan states no extent: schematic whatever it is made from"
    )
    component: Literal["core", "other", "concentrated", "flexible", "special"] | None = Field(
        None, description="control lines: the part of the line that the rule book distinguishes"
    )
    interpretation: Annotated[tuple[Name, ...], OneOrMore] = Field(
        (), description="readings taken where the plan's words leave a choice"
    )

    @property
    def cited(self) -> str:
        """Chapter and section as one text."""
        return ";".join(map(str, self.citation))


class Count(Model):
    """A number that the plan's own words assert (两轴: two axes)."""

    phrase: Name
    kind: Kind
    form: str | None = None
    expected: Annotated[int, Field(ge=0)] | None = None
    at_least: Annotated[int, Field(ge=1)] | None = None
    of: Literal["elements", "members"] = Field(
        "elements", description="count elements, or the members that their unions and bands name"
    )
    citation: Citation

    @model_validator(mode="after")
    def _one_number(self) -> Count:
        if (self.expected is None) == (self.at_least is None):
            raise PydanticCustomError(
                "one_number", "write either `expected` or `at_least`",
                {"zh": "expected 与 at_least 必须且只能写一个"},
            )  # fmt: skip
        return self


class Partition(Model):
    """A claim that the elements of one kind cover the zone without overlap."""

    phrase: Name
    kind: Kind
    citation: Citation


class Source(Model):
    """The document that the plan was encoded from."""

    title: Name
    issued: str | None = None
    note: str | None = None


class Plan(Shown, Model):
    """A territorial plan as data. `elements` lists every element in document order."""

    schema_: Literal["zoneplan.plan/1"] = Field(alias="schema")
    id: Identifier
    name: Name
    name_en: Name
    source: Source
    zone: Name = Field(description="name of the reference polygon that is the plan's own area")
    reference: Annotated[tuple[Name, ...], OneOrMore] = Field(
        (), description="reference files, beside the document or shipped"
    )
    crs: str | None = Field(
        None, pattern=r"^EPSG:\d+$", description="projected CGCS2000 3-degree CRS; else from data"
    )
    counts: tuple[Count, ...] = ()
    partitions: tuple[Partition, ...] = ()
    axes: tuple[Element, ...] = ()
    belts: tuple[Element, ...] = ()
    districts: tuple[Element, ...] = ()
    new_cities: tuple[Element, ...] = ()
    groups: tuple[Element, ...] = ()
    spaces: tuple[Element, ...] = ()
    control_lines: tuple[Element, ...] = ()
    ecological_pattern: tuple[Element, ...] = ()

    _path: Path | None = PrivateAttr(default=None)
    _sha256: str = PrivateAttr(default="")
    _lines: dict[str, int] = PrivateAttr(default_factory=dict)

    def items(self) -> Iterator[tuple[Kind, str, Element]]:
        """(kind, path in the document, element) for every element, in document order."""
        for section, kind in SECTIONS.items():
            for index, element in enumerate(getattr(self, section)):
                yield kind, f"{section}[{index}]", element

    @property
    def elements(self) -> tuple[Element, ...]:
        """Every element, in document order."""
        return tuple(element for _, _, element in self.items())

    @property
    def path(self) -> Path | None:
        """The file that the plan was read from, if any."""
        return self._path

    @property
    def sha256(self) -> str:
        """Hash of the document's bytes, empty for a plan that was not read from a file."""
        return self._sha256

    def remember(self, *, path: Path, sha256: str, lines: Mapping[str, int]) -> Plan:
        """Keep where the document's values stand, so that later findings can name the line."""
        self._path, self._sha256, self._lines = path, sha256, dict(lines)
        return self

    def place(self, path: str) -> str:
        """``plan.yaml:47: groups[0].extent`` for a path of the document."""
        line = self._lines.get(path)
        return f"{self._path.name}:{line}: {path}" if self._path and line else path
