"""The siting document: a target, the units to choose from, what binds and what costs. Models only."""

from __future__ import annotations

from datetime import date as Date
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from zoneplan.extent import Metres, Model, Name, as_list
from zoneplan.scenario.edits import EditId, Shape
from zoneplan.scenario.scenario import Figures

SCHEMA = "zoneplan.siting/1"
Amount = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Positive = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Ids = Annotated[tuple[Name, ...], BeforeValidator(as_list, json_schema_input_type=Name | tuple[Name, ...])]


def one_of(model: Any, *names: str) -> None:
    """Refuse a model in which not exactly one of these keys is written."""
    if sum(getattr(model, name) is not None for name in names) != 1:
        raise PydanticCustomError(
            "one_way", "write exactly one of {names}",
            {"names": ", ".join(f"`{name}`" for name in names), "zh": f"{'、'.join(names)} 必须且只能写一个"},
        )  # fmt: skip


class Units(Model):
    """Units that are chosen whole or not at all: a file's polygons, or square cells."""

    file: Name | None = Field(
        None, description="path, beside this document; PATH:LAYER for one of several layers"
    )
    id_field: Name | None = Field(None, description="file: field of ids; default numbers from 1")
    grid_m: Metres | None = Field(
        None, description="side of square cells; ids are column_row, counted from the south-west"
    )
    within: Shape | None = Field(None, description="only ground inside this; default the whole zone")

    @model_validator(mode="after")
    def _one_way(self) -> Units:
        one_of(self, "file", "grid_m")
        if self.id_field and not self.file:
            raise PydanticCustomError(
                "id_field", "`id_field` goes with `file`", {"zh": "id_field 与 file 同用"}
            )
        return self


class Take(Model):
    """Ground that the choice may take of an element or area only up to `most_ha`, and what each hectare costs."""

    of: Name | None = Field(None, description="an element's id or a control line's key")
    area: Shape | None = None
    name: Name | None = Field(None, description="of an area, for the papers")
    most_ha: Amount | None = None
    per_ha: Amount = 0.0

    @model_validator(mode="after")
    def _one_way(self) -> Take:
        one_of(self, "of", "area")
        return self

    def title(self, number: int) -> str:
        """A name for columns and papers."""
        return self.name or self.of or f"area{number + 1}"


class Slope(Model):
    """Slopes of units in degrees: the steepest that may be chosen, and what a hectare costs a degree."""

    field: Name | None = Field(None, description="field of the units' file")
    dem: Ids = Field(
        (), description="files of heights, beside this document: the slope is measured on each unit's ground"
    )
    measure: Literal["slope_mean", "slope_p90", "slope_max"] = Field(
        "slope_p90",
        description="dem: which slope of a unit counts; slope_p90: nine tenths of its ground are flatter",
    )
    most: Annotated[float, Field(ge=0, le=90)] | None = None
    per_ha_degree: Amount = 0.0

    @model_validator(mode="after")
    def _one_way(self) -> Slope:
        if (self.field is None) is (not self.dem):
            raise PydanticCustomError(
                "one_way", "write exactly one of `field`, `dem`", {"zh": "field、dem 必须且只能写一个"}
            )
        return self


class GiveBack(Model):
    """Units inside the boundary that may be given back, so that growth stays below its cap."""

    units: Units
    per_ha: Amount = 1.0
    per_ha_field: Name | None = Field(
        None, description="field of the units' file that holds the cost of a hectare"
    )


class Siting(Model):
    """A target and everything that it has to keep.

    Parameters
    ----------
    base : str
        Built-in plan, plan document, ``layers.gpkg``, or a scenario, which is replayed first.
    to : str
        The element that the chosen ground is added to.
    target_ha : float
        New ground wanted (ellipsoidal hectares outside `to` today).
    """

    schema_: Literal["zoneplan.siting/1"] = Field("zoneplan.siting/1", alias="schema")
    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")] = "siting"
    name: Name = "选址"
    name_en: Name = "Siting"
    note: str | None = None
    base: Name
    figures: Figures = Figures()
    to: Name = "urban_development_boundary"
    target_ha: Positive
    units: Units
    takes: tuple[Take, ...] = ()
    net_growth_most_ha: Amount | None = Field(None, description="new ground less what is given back")
    locked_in: Ids = ()
    locked_out: Ids = ()
    slope: Slope | None = None
    give_back: GiveBack | None = None
    contiguity: Literal["none", "attached", "together"] = Field(
        "none",
        description="attached: every chosen unit joins `to`, itself or through others; together: one connected patch",
    )
    per_ha: Amount = Field(1.0, description="cost of a hectare chosen")
    per_km: Amount = Field(
        0.0, description="cost of a kilometre by which the boundary grows longer: compactness"
    )
    time_limit_s: Positive = 60.0
    gap: Annotated[float, Field(ge=0, lt=1)] = 0.001
    author: Name
    reason: Name
    date: Date
    edit_id: EditId = "siting"


def json_schema() -> dict[str, Any]:
    """The JSON Schema of a siting document."""
    schema = Siting.model_json_schema(by_alias=True, mode="validation")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": "zoneplan siting"}
