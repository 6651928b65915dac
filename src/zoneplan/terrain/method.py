"""How suitability is estimated, as data: factors, levels, rules with source and confidence."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from zoneplan.errors import InputError, fault
from zoneplan.extent import Model, Name, as_list
from zoneplan.finding import Finding
from zoneplan.schema import read_as
from zoneplan.terrain.classes import Class, Legend, Sourced
from zoneplan.terrain.legends import Cover

SHIPPED = Path(__file__).with_name("first_estimate.yaml")
Identifier = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
YES = Annotated[bool, BeforeValidator(lambda value: {"yes": True, "no": False}.get(value, value))]
Ids = Annotated[tuple[Name, ...], BeforeValidator(as_list)]


class Factor(Model):
    """Something that an estimate rests on, and where it comes from; ``none``: nothing here can use it yet."""

    id: Identifier
    name: Name
    name_en: Name
    unit: str = ""
    note: str = ""
    from_: Literal["dem", "landcover", "line", "file", "none"] = Field(alias="from")
    line: Name | None = None


class Rule(Sourced):
    """What becomes of cells of which something holds."""

    factor: Name | None = None
    above: float | None = None
    least: float | None = None
    below: float | None = None
    upto: float | None = None
    kinds: Annotated[tuple[Cover, ...], BeforeValidator(as_list)] = ()
    inside: YES = False
    result: Name | None = None
    is_: Ids = Field((), alias="is")
    at_least: Name | None = None
    down: Annotated[int, Field(ge=1)] | None = None
    exclude: YES = False

    @property
    def bounds(self) -> bool:
        """Whether it compares numbers."""
        return any(value is not None for value in (self.above, self.least, self.below, self.upto))

    @property
    def words(self) -> str:
        """Its condition as text."""
        signs = ((">", self.above), ("≥", self.least), ("<", self.below), ("≤", self.upto))
        parts = [f"{sign} {value:g}" for sign, value in signs if value is not None]
        parts += [", ".join(self.kinds)] if self.kinds else []
        parts += ["inside"] if self.inside else []
        parts += [" | ".join(self.is_)] if self.is_ else []
        return f"{self.factor or self.result} {', '.join(parts)}"

    @property
    def outcome(self) -> str:
        """What it does, as text."""
        return f"≥ {self.at_least}" if self.at_least else f"↓ {self.down}" if self.down else "exclude"

    @model_validator(mode="after")
    def _one_of_each(self) -> Rule:
        conditions = sum((self.bounds, bool(self.kinds), self.inside, bool(self.is_)))
        if conditions != 1 or bool(self.result) != bool(self.is_) or bool(self.factor) == bool(self.result):
            raise PydanticCustomError(
                "rule_when", "a rule has one condition: a factor with bounds, `kinds` or `inside`, or a result with `is`",
                {"zh": "每条规则只有一个条件:factor 加界限、kinds 或 inside,或 result 加 is"},
            )  # fmt: skip
        if sum((self.at_least is not None, self.down is not None, self.exclude)) != 1:
            raise PydanticCustomError(
                "rule_then", "a rule has one of `at_least`, `down`, `exclude`",
                {"zh": "每条规则须写 at_least、down、exclude 之一"},
            )  # fmt: skip
        return self


class Level(Model):
    """A step between best and worst, and the class that it is printed as."""

    id: Identifier
    class_: Name = Field(alias="class")


class Result(Model):
    """One estimate."""

    id: Identifier
    name: Name
    name_en: Name
    classes: Annotated[tuple[Class, ...], Field(min_length=2)]
    levels: Annotated[tuple[Level, ...], Field(min_length=2)]
    excluded: Name | None = None
    lacks: Ids = ()
    rules: Annotated[tuple[Rule, ...], Field(min_length=1)]

    @property
    def legend(self) -> Legend:
        """Names and colours of its raster."""
        return Legend(self.id, self.name, self.name_en, self.classes)

    @property
    def soft(self) -> list[int]:
        """The values that small patches may change between: all but that of the last level and what is excluded."""
        return [self.value(name) for name in dict.fromkeys(one.class_ for one in self.levels[:-1])]

    def value(self, name: str) -> int:
        """The raster's value of a class."""
        return next(one.value for one in self.classes if one.id == name)

    def missing(self, given: Collection[str]) -> tuple[str, ...]:
        """The factors that it asks for and that are not given."""
        asked = [rule.factor for rule in self.rules if rule.factor is not None]
        return tuple(one for one in dict.fromkeys((*asked, *self.lacks)) if one not in given)


class Method(Sourced):
    """A document of estimates."""

    format: Literal["zoneplan.suitability/1"]
    id: Identifier
    name: Name
    name_en: Name
    patch_ha: Annotated[float, Field(ge=0)] = 0.0
    factors: Annotated[tuple[Factor, ...], Field(min_length=1)]
    results: Annotated[tuple[Result, ...], Field(min_length=1)]

    def factor(self, name: str) -> Factor:
        """A factor by id."""
        return next(one for one in self.factors if one.id == name)

    def names(self, ids: Collection[str]) -> tuple[str, str]:
        """Names of factors, Chinese and English."""
        found = [self.factor(one) for one in ids]
        return "、".join(one.name for one in found), ", ".join(one.name_en for one in found)


@cache
def read_method(path: Path = SHIPPED) -> Method:
    """A document of estimates, the shipped one by default; `InputError` with every fault."""
    method, source = read_as(Method, path, code="suitability.method")
    faults = [
        fault("suitability.method", source.place(at), *words)
        for number, result in enumerate(method.results)
        for at, words in _faults(method, number, result)
    ]
    if faults:
        raise InputError(faults)
    return method


def _faults(method: Method, number: int, result: Result) -> list[tuple[str, tuple[str, str]]]:
    """Names that nothing has, of one result: (path, words)."""
    factors = {one.id for one in method.factors}
    before = {one.id: {row.id for row in one.classes} for one in method.results[:number]}
    levels, classes = {one.id for one in result.levels}, {one.id for one in result.classes}
    at = f"results[{number}]"
    found = [
        (f"{at}.levels[{n}].class", one.class_, classes) for n, one in enumerate(result.levels)
    ]  # fmt: skip
    found += [(f"{at}.lacks", one, factors) for one in result.lacks]
    if result.excluded is not None:
        found.append((f"{at}.excluded", result.excluded, classes))
    for n, rule in enumerate(result.rules):
        place = f"{at}.rules[{n}]"
        if rule.factor is not None:
            found.append((f"{place}.factor", rule.factor, factors))
        if rule.result is not None:
            found.append((f"{place}.result", rule.result, set(before)))
            found += [(f"{place}.is", one, before.get(rule.result, {one})) for one in rule.is_]
        if rule.at_least is not None:
            found.append((f"{place}.at_least", rule.at_least, levels))
        if rule.exclude and result.excluded is None:
            found.append((f"{place}.exclude", "excluded", set()))
    return [
        (path, (f"没有“{name}”;可用:{'、'.join(sorted(known)) or '无'}", f"there is no '{name}'; there are: {', '.join(sorted(known)) or 'none'}"))
        for path, name, known in found if name not in known
    ]  # fmt: skip


def method_faults(method: Method, given: Collection[str]) -> list[Finding]:
    """Files given for factors that no file can serve."""
    files = [one.id for one in method.factors if one.from_ == "file"]
    return [
        fault("suitability.factor", name, f"没有可由文件给出的因子“{name}”;可用:{'、'.join(files)}", f"no factor '{name}' is taken from a file; there are: {', '.join(files)}")
        for name in given if name not in files
    ]  # fmt: skip
