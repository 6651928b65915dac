"""Classes of slope and aspect as data: read from YAML, applied to blocks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
import numpy.typing as npt
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from zoneplan.extent import Model, Name
from zoneplan.schema import read_as

Bytes = npt.NDArray[np.uint8]
Colour = Annotated[str, Field(pattern=r"^#[0-9a-f]{6}$")]
NO_DATA = 0
"""Of every raster of classes."""
SHIPPED = Path(__file__).with_name("classes.yaml")
_SECTOR = 45.0


class Class(Model):
    """One class: its value in a raster, its names, its upper bound (which belongs to it) and its colour."""

    value: Annotated[int, Field(ge=1, le=254)]
    id: Name
    name: Name
    name_en: Name
    upto: float | None = None
    colour: Colour

    @property
    def words(self) -> str:
        """Its names, Chinese first; one where they are the same."""
        return " ".join(dict.fromkeys((self.name, self.name_en)))


class Sourced(Model):
    """Where numbers come from; ``verified`` once somebody has compared them with that text."""

    source: Name
    verified: Literal["yes", "no"]
    confidence: Literal["high", "medium", "low"]


class Scheme(Sourced):
    """Classes of one quantity."""

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    name: Name
    name_en: Name
    of: Literal["slope", "aspect"]
    flat_upto: float = 0.0
    classes: Annotated[tuple[Class, ...], Field(min_length=2)]

    @model_validator(mode="after")
    def _in_order(self) -> Scheme:
        bounds = [one.upto for one in self.classes]
        if self.of == "slope" and (
            None in bounds[:-1] or bounds[-1] is not None or sorted(map(float, bounds[:-1])) != bounds[:-1]  # type: ignore[arg-type]
        ):
            raise PydanticCustomError(
                "classes", "`upto` should rise from class to class, and the last class should have none",
                {"zh": "各级 upto 应递增,最后一级不写"},
            )  # fmt: skip
        return self

    def of_block(self, slope: npt.NDArray[np.float32], aspect: npt.NDArray[np.float32]) -> Bytes:
        """The class of every cell; `NO_DATA` where there is no slope."""
        values = np.array([one.value for one in self.classes], dtype=np.uint8)
        if self.of == "slope":
            bounds = np.array([one.upto for one in self.classes[:-1]], dtype=np.float32)
            made = values[np.searchsorted(bounds, slope, side="left").clip(0, len(bounds))]
        else:
            sector = np.floor(np.nan_to_num(aspect) / _SECTOR + 0.5).astype(np.int64) % 8
            flat = (slope <= np.float32(self.flat_upto)) | np.isnan(aspect)
            made = np.where(flat, values[0], values[1 + sector])
        return np.where(np.isnan(slope), NO_DATA, made).astype(np.uint8)


class Relief(Sourced):
    """The neighbourhood of relief."""

    area_ha: Annotated[float, Field(gt=0)]


class Steep(Sourced):
    """The slope above which ground is no farmland."""

    above: Annotated[float, Field(gt=0, lt=90)]


class Terrain(Model):
    """What a terrain document holds."""

    format: Literal["zoneplan.terrain/1"]
    schemes: Annotated[tuple[Scheme, ...], Field(min_length=1)]
    relief: Relief
    steep: Steep


@dataclass(frozen=True)
class Legend:
    """What the values of a raster of classes are called, and their colours."""

    id: str
    name: str
    name_en: str
    classes: tuple[Class, ...]

    @property
    def palette(self) -> dict[int, tuple[int, int, int, int]]:
        """Red, green, blue, alpha by value; no data is clear."""
        made = {NO_DATA: (0, 0, 0, 0)}
        for one in self.classes:
            red, green, blue = (int(one.colour[at : at + 2], 16) for at in (1, 3, 5))
            made[one.value] = red, green, blue, 255
        return made


def legend_of(scheme: Scheme) -> Legend:
    """The legend of a scheme's raster."""
    return Legend(scheme.id, scheme.name, scheme.name_en, scheme.classes)


@cache
def read_classes(path: Path = SHIPPED) -> Terrain:
    """The shipped classes, or those of a document; `InputError` with every fault."""
    return read_as(Terrain, path, code="terrain.classes")[0]


def schemes(chosen: Terrain, of: Sequence[str] = ("slope", "aspect")) -> tuple[Scheme, ...]:
    """The schemes of some quantities."""
    return tuple(scheme for scheme in chosen.schemes if scheme.of in of)
