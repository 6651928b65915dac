"""Paper, scales, and the window through which a sheet shows the ground. Lengths on paper are millimetres."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from zoneplan.engine.rings import Floats
from zoneplan.errors import InputError, fault

Orientation = Literal["auto", "landscape", "portrait"]
MM_PER_INCH = 25.4
SIZES = {"A0": (1189.0, 841.0), "A1": (841.0, 594.0), "A2": (594.0, 420.0), "A3": (420.0, 297.0), "A4": (297.0, 210.0)}  # fmt: skip
"""Long and short side."""
ROUND = (1, 1.5, 2, 2.5, 3, 4, 5, 6, 7.5)
"""A scale's denominator is one of these times a power of ten."""
LEAST_SCALE = 100
LARGEST = 2000.0
_CUSTOM = re.compile(r"(\d+(?:\.\d+)?)[x×*](\d+(?:\.\d+)?)", re.IGNORECASE)
_SCALE = re.compile(r"(?:1\s*[:/\uff1a]\s*)?(\d[\d\s,]*)")


class Box(NamedTuple):
    """A rectangle on the page: lower left corner, width and height."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """The right side."""
        return self.x + self.width

    @property
    def top(self) -> float:
        """The upper side."""
        return self.y + self.height

    def inset(self, by: float) -> Box:
        """The box less a margin on every side."""
        return Box(self.x + by, self.y + by, self.width - 2 * by, self.height - 2 * by)


@dataclass(frozen=True)
class Paper:
    """A sheet of paper, width by height; ``unit`` is the size of everything beside the map, 1 on A3."""

    name: str
    width: float
    height: float

    @property
    def unit(self) -> float:
        """Lettering, frames and legend grow slower than the paper."""
        return math.pow(self.width * self.height / (420 * 297), 0.36)


def papers(name: str, orientation: Orientation = "auto") -> tuple[Paper, ...]:
    """The sheets of paper to choose from: across, upright, or both.

    Parameters
    ----------
    name : str
        ``A0`` to ``A4``, or ``WIDTHxHEIGHT`` in millimetres (then as it is, whatever the orientation).

    Raises
    ------
    InputError
        For another name, or sides outside 100 to 2000 mm.
    """
    key = name.strip().upper()
    if key in SIZES:
        long, short = SIZES[key]
        across, upright = Paper(key, long, short), Paper(key, short, long)
        return {"auto": (across, upright), "landscape": (across,), "portrait": (upright,)}[orientation]
    found = _CUSTOM.fullmatch(key)
    sides = [float(side) for side in found.groups()] if found else []
    if not sides or min(sides) < 100 or max(sides) > LARGEST:
        raise InputError(
            fault(
                "sheet.paper", "--paper",
                f"纸张“{name}”:应为 {'、'.join(SIZES)} 之一,或 宽x高(毫米,100 至 2000),如 600x400",
                f"paper '{name}' should be one of {', '.join(SIZES)}, or WIDTHxHEIGHT in millimetres (100 to 2000), e.g. 600x400",
            )
        )  # fmt: skip
    return (Paper(f"{sides[0]:g}×{sides[1]:g} mm", *sides),)


def scale_of(text: str) -> int:
    """The denominator of ``1:10000`` (or ``10000``); `InputError` for anything else."""
    found = _SCALE.fullmatch(text.strip())
    number = int(re.sub(r"[\s,]", "", found[1])) if found else 0
    if not LEAST_SCALE <= number <= 10_000_000:
        raise InputError(
            fault(
                "sheet.scale", "--scale",
                f"比例尺“{text}”:应写作 1:10000,分母在 {LEAST_SCALE} 与 10000000 之间",
                f"scale '{text}': write 1:10000, the denominator between {LEAST_SCALE} and 10000000",
            )
        )  # fmt: skip
    return number


def round_scale(least: float) -> int:
    """The smallest round denominator that is not below `least`."""
    power = 10.0 ** math.floor(math.log10(max(least, LEAST_SCALE)))
    return round(next(step * power for step in (*ROUND, 10) if step * power >= least * (1 - 1e-9)))


@dataclass(frozen=True)
class Window:
    """The map on the page: its neat line, the ground in its middle, and the scale's denominator.

    ``middle`` is (easting, northing) in metres of the plan's CRS; grid north is up.
    """

    frame: Box
    middle: tuple[float, float]
    scale: int

    def page(self, xy: Floats) -> Floats:
        """Ground coordinates, shape (n, 2), as millimetres on the page."""
        centre = (self.frame.x + self.frame.width / 2, self.frame.y + self.frame.height / 2)
        return np.asarray((xy - self.middle) * (1000.0 / self.scale) + centre)

    def ground(self, xy: Floats) -> Floats:
        """Millimetres on the page, shape (n, 2), as ground coordinates."""
        centre = (self.frame.x + self.frame.width / 2, self.frame.y + self.frame.height / 2)
        return np.asarray((xy - np.asarray(centre)) * (self.scale / 1000.0) + self.middle)

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """West, south, east, north of what is shown, in metres."""
        east, north = (side * self.scale / 2000.0 for side in (self.frame.width, self.frame.height))
        x, y = self.middle
        return (x - east, y - north, x + east, y + north)
