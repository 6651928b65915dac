"""The edits that a scenario is made of. Models only; `zoneplan.scenario.replay` applies them."""

from __future__ import annotations

from datetime import date as Date
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag, model_validator
from pydantic_core import PydanticCustomError

from zoneplan.extent import Compass, Metres, Model, Name, as_list

AZIMUTHS: dict[str, float] = {
    "north": 0.0, "northeast": 45.0, "east": 90.0, "southeast": 135.0,
    "south": 180.0, "southwest": 225.0, "west": 270.0, "northwest": 315.0,
}  # fmt: skip
Azimuth = Annotated[float, Field(ge=0, lt=360, allow_inf_nan=False)]
EditId = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_.-]*$")]
Names = Annotated[tuple[Name, ...], BeforeValidator(as_list, json_schema_input_type=Name | tuple[Name, ...])]
Point = tuple[float, float]


class Shape(Model):
    """Ground or a line, written in exactly one way: WKT, coordinates (x, y) or a file."""

    wkt: Name | None = None
    coordinates: Annotated[tuple[Point, ...], Field(min_length=2)] | None = None
    file: Name | None = Field(
        None, description="path, beside the scenario file; PATH:LAYER for one of several layers"
    )
    field: Name | None = Field(None, description="file: take only rows whose value here is in `values`")
    values: Names = ()
    crs: str = Field("EPSG:4490", description="CRS of wkt and coordinates, x (longitude, easting) first")

    @model_validator(mode="after")
    def _one_way(self) -> Shape:
        if sum(value is not None for value in (self.wkt, self.coordinates, self.file)) != 1:
            raise PydanticCustomError(
                "one_way", "write exactly one of `wkt`, `coordinates`, `file`",
                {"zh": "wkt、coordinates、file 必须且只能写一个"},
            )  # fmt: skip
        if bool(self.field) != bool(self.values) or (self.field and not self.file):
            raise PydanticCustomError(
                "field_values", "`field` and `values` go together, and with `file`",
                {"zh": "field 与 values 须同时写,并与 file 同用"},
            )  # fmt: skip
        return self


class Edit(Model):
    """What every edit says of itself."""

    id: EditId
    author: Name
    reason: Name
    date: Date
    enabled: bool = True


class Stretch(Edit):
    """An edit of a boundary, of all of it or of one side, or of what runs near a line."""

    target: Name
    metres: Metres
    side: Compass | None = Field(None, description="only edges that face this way (within 45°)")
    along: Name | None = Field(None, description="only edges within `near_m` of this reference line")
    near_m: Metres = 50.0

    @property
    def partial(self) -> bool:
        """Whether only some edges move."""
        return self.side is not None or self.along is not None


class Shift(Stretch):
    """Move a boundary by metres towards a compass direction or azimuth (degrees from grid north, clockwise)."""

    kind: Literal["shift"] = "shift"
    direction: (
        Literal["north", "northeast", "east", "southeast", "south", "southwest", "west", "northwest"]
        | Azimuth
    )

    @property
    def azimuth(self) -> float:
        """Degrees clockwise from grid north."""
        return AZIMUTHS[self.direction] if isinstance(self.direction, str) else self.direction


class Expand(Stretch):
    """Grow outwards by metres."""

    kind: Literal["expand"] = "expand"


class Shrink(Stretch):
    """Draw inwards by metres."""

    kind: Literal["shrink"] = "shrink"


class Include(Edit):
    """Add ground to an element."""

    kind: Literal["include"] = "include"
    target: Name
    area: Shape


class Exclude(Edit):
    """Take ground out of an element."""

    kind: Literal["exclude"] = "exclude"
    target: Name
    area: Shape


class Reclassify(Edit):
    """Give parcels to one element, out of all others of its kind."""

    kind: Literal["reclassify"] = "reclassify"
    parcels: Shape
    to: Name


class SwapFarmland(Edit):
    """Take farmland out (占) and put other ground in (补), as one edit."""

    kind: Literal["swap_farmland"] = "swap_farmland"
    target: Name = "permanent_basic_farmland"
    take: Shape
    give: Shape
    slope_field: Name | None = Field(None, description="field of slopes in degrees in the file of `give`")
    max_slope: Annotated[float, Field(ge=0, le=90)] = 25.0
    min_contiguous: Annotated[float, Field(ge=0, le=1)] = 1.0


class Widen(Edit):
    """Widen the band along a river or another reference line that an element holds, to a total width."""

    kind: Literal["widen"] = "widen"
    target: Name
    line: Name
    width_m: Metres


class Road(Edit):
    """A road along a centre line, and the elements that give land for it."""

    kind: Literal["road"] = "road"
    centre: Shape
    width_m: Metres
    take_from: Annotated[Names, Field(min_length=1)]
    add_to: Name | None = None


class Replace(Edit):
    """Put a file's polygons in place of an element."""

    kind: Literal["replace"] = "replace"
    target: Name
    layer: Shape


class Rule(Edit):
    """Change a number in an element's extent rule and derive again what depends on it."""

    kind: Literal["rule"] = "rule"
    target: Name
    parameter: Name = Field(description="path in the extent (union[0].width_m), or a key that occurs once")
    value: Annotated[float, Field(ge=0, allow_inf_nan=False)]


EDITS: tuple[type[Edit], ...] = (
    Shift, Expand, Shrink, Include, Exclude, Reclassify, SwapFarmland, Widen, Road, Replace, Rule,
)  # fmt: skip
KINDS: tuple[str, ...] = tuple(str(cls.model_fields["kind"].default) for cls in EDITS)


def _tag(value: Any) -> str | None:
    kind = value.get("kind") if isinstance(value, dict) else getattr(value, "kind", None)
    return f"<{kind}>" if kind in KINDS else None


AnyEdit = Annotated[
    Annotated[Shift, Tag("<shift>")]
    | Annotated[Expand, Tag("<expand>")]
    | Annotated[Shrink, Tag("<shrink>")]
    | Annotated[Include, Tag("<include>")]
    | Annotated[Exclude, Tag("<exclude>")]
    | Annotated[Reclassify, Tag("<reclassify>")]
    | Annotated[SwapFarmland, Tag("<swap_farmland>")]
    | Annotated[Widen, Tag("<widen>")]
    | Annotated[Road, Tag("<road>")]
    | Annotated[Replace, Tag("<replace>")]
    | Annotated[Rule, Tag("<rule>")],
    Discriminator(
        _tag,
        custom_error_type="edit_kind",
        custom_error_message=f"`kind` should be one of {', '.join(KINDS)}",
        custom_error_context={"zh": f"kind 应为以下之一:{'、'.join(KINDS)}"},
    ),
]


def targets(edit: Edit) -> list[tuple[str, str]]:
    """(key, name) of every plan element that an edit names."""
    if isinstance(edit, Road):
        named = [(f"take_from[{n}]", name) for n, name in enumerate(edit.take_from)]
        return named + ([("add_to", edit.add_to)] if edit.add_to else [])
    if isinstance(edit, Reclassify):
        return [("to", edit.to)]
    return [("target", str(getattr(edit, "target", "")))]


def shapes(edit: Edit) -> list[tuple[str, Shape]]:
    """(key, shape) of every shape that an edit gives."""
    return [
        (name, value) for name in type(edit).model_fields if isinstance(value := getattr(edit, name), Shape)
    ]
