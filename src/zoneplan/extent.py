"""Extent rules: how an element is made from reference features. Models only; `zoneplan.derive` computes.

In a rule, a name is an element's id, a reference feature's name (or alias), or `ZONE`, the
plan's own area.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag, model_validator
from pydantic_core import PydanticCustomError

ZONE = "zone"
EDGE = "edge"
Compass = Literal["north", "south", "east", "west"]
SIDES: tuple[Compass, ...] = ("north", "south", "east", "west")

Name = Annotated[str, Field(min_length=1)]
Metres = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class Model(BaseModel):
    """Frozen; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


def as_list(value: Any) -> Any:
    """One value may be written without brackets."""
    return [value] if isinstance(value, str | dict) else value


OneOrMore = BeforeValidator(as_list, json_schema_input_type=Name | tuple[Name, ...])
Names = Annotated[tuple[Name, ...], OneOrMore, Field(min_length=1)]


class Along(Model):
    """A band of `width_m` (total width, metres) centred on one or several lines."""

    along: Names
    width_m: Metres


class Around(Model):
    """Everything within `distance_m` (metres, 0 allowed) of a feature or element, itself included."""

    around: Name
    distance_m: Annotated[float, Field(ge=0, allow_inf_nan=False)]


class Side(Model):
    """What bounds one side. Of several lines, `take` says which counts where they differ.

    ``inner`` keeps what lies on the right side of all of them, ``outer`` of any of them.
    `EDGE` stands for the container's own edge.
    """

    lines: Names
    take: Literal["inner", "outer"] | None = None

    @model_validator(mode="after")
    def _choice_is_stated(self) -> Side:
        if len(self.lines) > 1 and self.take is None:
            raise PydanticCustomError(
                "take_missing",
                "one side names {n} lines: add `take: inner` or `take: outer` to say which counts",
                {
                    "n": len(self.lines),
                    "zh": f"一侧有 {len(self.lines)} 条线:请加 take: inner(内侧)或 outer(外侧)",
                },
            )
        return self


def _side_shorthand(value: Any) -> Any:
    """A side may be one name, or a list of names."""
    return {"lines": value} if isinstance(value, str | list | tuple) else value


SideField = Annotated[Side, BeforeValidator(_side_shorthand, json_schema_input_type=Name | Side)]


class Bounds(Model):
    """A container and what bounds it on named sides; a side left out is the container's own edge."""

    inside: Operand = ZONE
    north: SideField | None = None
    south: SideField | None = None
    east: SideField | None = None
    west: SideField | None = None

    @model_validator(mode="after")
    def _some_line(self) -> Bounds:
        named = [side for side in SIDES if getattr(self, side) is not None]
        if not any(name != EDGE for side in named for name in getattr(self, side).lines):
            raise PydanticCustomError(
                "no_side", "no side names a line: name at least one of north, south, east, west",
                {"zh": "没有任何一侧写出边界线:north、south、east、west 至少写一侧"},
            )  # fmt: skip
        return self


class BoundedBy(Model):
    """The faces inside a container that lie on the right side of each named line."""

    bounded_by: Bounds


class Union(Model):
    """All of the operands together."""

    union: Annotated[tuple[Operand, ...], Field(min_length=1)]


class Intersection(Model):
    """What the operands have in common."""

    intersection: Annotated[tuple[Operand, ...], Field(min_length=2)]


class Minus(Model):
    """`from` without the operands of `minus`."""

    source: Annotated[Operand, Field(alias="from")]
    minus: Annotated[tuple[Operand, ...], Field(min_length=1)]


class Remainder(Model):
    """What the operands of `after` leave of a container."""

    remainder: Operand
    after: Annotated[tuple[Operand, ...], Field(min_length=1)]


class FromLayer(Model):
    """The polygons of an authoritative file (path relative to the plan document)."""

    from_layer: Name
    layer: str | None = None
    where: dict[str, str] | None = None


RULES: tuple[type[Model], ...] = (Along, Around, BoundedBy, Union, Intersection, Minus, Remainder, FromLayer)
RULE_KEYS = ("along", "around", "bounded_by", "union", "intersection", "minus", "remainder", "from_layer")


def _rule_tag(value: Any) -> str | None:
    """The tag of an operand: a name, or the rule whose key is there."""
    if isinstance(value, str):
        return "<name>"
    keys = value if isinstance(value, dict) else type(value).model_fields if isinstance(value, Model) else ()
    return next((f"<{key}>" for key in RULE_KEYS if key in keys), None)


Rule = (
    Annotated[Along, Tag("<along>")]
    | Annotated[Around, Tag("<around>")]
    | Annotated[BoundedBy, Tag("<bounded_by>")]
    | Annotated[Union, Tag("<union>")]
    | Annotated[Intersection, Tag("<intersection>")]
    | Annotated[Minus, Tag("<minus>")]
    | Annotated[Remainder, Tag("<remainder>")]
    | Annotated[FromLayer, Tag("<from_layer>")]
)
Extent = Annotated[Rule, Discriminator(_rule_tag)]
Operand = Annotated[Annotated[Name, Tag("<name>")] | Rule, Discriminator(_rule_tag)]

for _model in (Bounds, BoundedBy, Union, Intersection, Minus, Remainder):
    _model.model_rebuild()


def walk(operand: Operand, path: str) -> Iterator[tuple[str, Model]]:
    """Every rule of an extent, nested ones included, with its path in the document."""
    if isinstance(operand, str):
        return
    yield path, operand
    inner: list[tuple[str, Operand]] = []
    if isinstance(operand, BoundedBy):
        inner = [(f"{path}.bounded_by.inside", operand.bounded_by.inside)]
    elif isinstance(operand, Minus):
        inner = [(f"{path}.from", operand.source), *_numbered(f"{path}.minus", operand.minus)]
    elif isinstance(operand, Remainder):
        inner = [(f"{path}.remainder", operand.remainder), *_numbered(f"{path}.after", operand.after)]
    elif isinstance(operand, Union):
        inner = _numbered(f"{path}.union", operand.union)
    elif isinstance(operand, Intersection):
        inner = _numbered(f"{path}.intersection", operand.intersection)
    for at, item in inner:
        yield from walk(item, at)


def _numbered(path: str, items: tuple[Operand, ...]) -> list[tuple[str, Operand]]:
    return [(f"{path}[{index}]", item) for index, item in enumerate(items)]


def members(operand: Operand) -> int:
    """How many things an extent names as its members: lines of a band, operands of a union."""
    if isinstance(operand, Along):
        return len(operand.along)
    if isinstance(operand, Union):
        return sum(members(item) for item in operand.union)
    return 1
