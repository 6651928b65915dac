"""What the values of a land-cover raster mean: legends as data, never guessed."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import numpy.typing as npt
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from zoneplan.errors import InputError, fault
from zoneplan.extent import Model, Name
from zoneplan.schema import read_as
from zoneplan.terrain.classes import NO_DATA, Class, Legend, Sourced

SHIPPED = Path(__file__).with_name("legends.yaml")
Cover = Literal[
    "cropland", "orchard", "forest", "shrub", "grass", "wetland", "water", "facilities", "built", "bare", "snow"
]  # fmt: skip


class CoverClass(Class):
    """A value of a land-cover raster and what kind of ground it stands for."""

    kind: Cover


class CoverLegend(Sourced):
    """A product's values."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    name: Name
    name_en: Name
    classes: Annotated[tuple[CoverClass, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _once(self) -> CoverLegend:
        values = [one.value for one in self.classes]
        if twice := sorted({one for one in values if values.count(one) > 1}):
            raise PydanticCustomError(
                "legend", "values occur twice: {values}",
                {"values": ", ".join(map(str, twice)), "zh": f"值重复:{'、'.join(map(str, twice))}"},
            )  # fmt: skip
        return self

    @property
    def legend(self) -> Legend:
        """Names and colours for a raster."""
        return Legend("landcover", "土地覆盖", "Land cover", self.classes)

    def known(self, values: npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
        """The values that it lists; `NO_DATA` for all else."""
        listed = np.array([one.value for one in self.classes])
        return np.where(np.isin(values, listed), values, NO_DATA).astype(np.uint8)

    def values_of(self, kinds: tuple[str, ...]) -> tuple[int, ...]:
        """The values that stand for some kinds of ground."""
        return tuple(one.value for one in self.classes if one.kind in kinds)


class Legends(Model):
    """What a document of legends holds."""

    format: Literal["zoneplan.legends/1"]
    legends: Annotated[tuple[CoverLegend, ...], Field(min_length=1)]


@cache
def _shipped() -> Legends:
    return read_as(Legends, SHIPPED, code="landcover.legend")[0]


def cover_legend(name: str | None, *, place: str) -> CoverLegend:
    """A legend by id, or the first of a YAML document.

    Raises
    ------
    InputError
        If none is named, or there is none of that name: a value such as 10 is forest in one product and cropland
        in another.
    """
    known = {one.id: one for one in _shipped().legends}
    if name is not None and name in known:
        return known[name]
    if name is not None and Path(name).suffix.lower() in (".yaml", ".yml"):
        return read_as(Legends, Path(name), code="landcover.legend")[0].legends[0]
    zh, en = "、".join(known), ", ".join(known)
    said = ("没有写明图例", "no legend is stated") if name is None else (f"没有图例“{name}”", f"there is no legend '{name}'")  # fmt: skip
    raise InputError(
        fault(
            "landcover.legend", place,
            f"{said[0]};请用 --landcover-legend 写明:{zh},或 YAML 文件(同一个值在不同产品中意义不同,例如 10 是林地或耕地)",
            f"{said[1]}; name one by --landcover-legend: {en}, or a YAML file (a value such as 10 is forest in one product, cropland in another)",
        )
    )  # fmt: skip
