"""Units of area and rounding: half up, parts that add up to their total, and round numbers."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import Literal, get_args

Unit = Literal["m2", "ha", "km2", "mu", "wan_mu"]

UNITS: tuple[Unit, ...] = get_args(Unit)

_PER_UNIT: dict[str, tuple[float, float]] = {
    # (multiply, divide): a mu is 10000/15 m², which no binary fraction holds
    "m2": (1.0, 1.0),
    "ha": (1.0, 1e4),
    "km2": (1.0, 1e6),
    "mu": (15.0, 1e4),
    "wan_mu": (15.0, 1e8),
}

PLACES: dict[str, int] = {"m2": 2, "ha": 4, "km2": 6, "mu": 4}
"""Decimals with which an area is printed, by unit."""


def to_unit(area_m2: float, unit: str) -> float:
    """An area in square metres, converted.

    Parameters
    ----------
    area_m2 : float
        Square metres.
    unit : {"m2", "ha", "km2", "mu", "wan_mu"}
        ``mu`` is 亩 (10000/15 m²), ``wan_mu`` 万亩.

    Raises
    ------
    ValueError
        If there is no such unit.

    Examples
    --------
    >>> to_unit(10000.0, "mu")
    15.0
    """
    if unit not in _PER_UNIT:
        raise ValueError(f"unit {unit!r} is unknown; expected one of {', '.join(UNITS)}")
    multiply, divide = _PER_UNIT[unit]
    return area_m2 * multiply / divide


def round_half_up(value: float, places: int) -> float:
    """Round half away from zero, on the shortest decimal that stands for the number.

    Examples
    --------
    >>> round_half_up(2.675, 2), round_half_up(0.5, 0), round_half_up(-0.5, 0)
    (2.68, 1.0, -1.0)
    """
    return _number(_rounded(value, places)) if _finite(value) else value


def rounded(values: Iterable[float], places: int) -> list[float]:
    """`round_half_up` of each number."""
    return [round_half_up(value, places) for value in values]


def round_below(most: float) -> float:
    """The largest of 1, 2 and 5 × 10ⁿ that is not more than a positive number.

    Examples
    --------
    >>> round_below(4300.0), round_below(0.5)
    (2000.0, 0.5)
    """
    power = 10.0 ** math.floor(math.log10(most))
    return next(step * power for step in (5, 2, 1, 0.5) if step * power <= most)  # log10 may round up


def round_above(least: float) -> float:
    """The smallest of 1, 2 and 5 × 10ⁿ that is not less than a positive number.

    Examples
    --------
    >>> round_above(4300.0), round_above(0.5)
    (5000.0, 0.5)
    """
    power = 10.0 ** math.floor(math.log10(least))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= least)


@dataclass(frozen=True)
class Shares:
    """Rounded parts and what made them add up.

    Parameters
    ----------
    parts : tuple of float
        Their exact decimal sum is the rounded total.
    moved : tuple of float
        What each part differs by from plain rounding half up, in the same unit.
    """

    parts: tuple[float, ...]
    moved: tuple[float, ...]


def apportion(values: Sequence[float], total: float, places: int) -> list[float]:
    """Round parts so that they add up to the rounded total exactly; see `shares`."""
    return list(shares(values, total, places).parts)


def shares(values: Sequence[float], total: float, places: int) -> Shares:
    """Round parts by largest remainder.

    Every part is rounded down; the steps still missing from the rounded total go, one each, to the
    parts with the largest remainders, on a tie to the one that comes first. A step is never put on
    a part that is exactly zero while another part exists: nothing is not made something.

    Parameters
    ----------
    values : sequence of float
        The parts, finite and not negative; their sum is close to `total`.
    total : float
        Finite and not negative.
    places : int
        Decimals kept.

    Raises
    ------
    ValueError
        If a number is negative or not finite, or the parts are further from the total than
        rounding explains.

    Notes
    -----
    Hamilton's method of largest remainders, in exact decimal arithmetic.
    """
    bad = [value for value in (*values, total) if not _finite(value) or value < 0]
    if bad:
        raise ValueError(f"parts and total must be finite and not negative; found {bad[0]!r}")
    step = Decimal(1).scaleb(-places)
    exact = [Decimal(repr(float(value))) for value in values]
    floors = [value.quantize(step, ROUND_FLOOR) for value in exact]
    missing = int((_rounded(total, places) - sum(floors, Decimal(0))) / step)
    filled = [index for index, value in enumerate(exact) if value > 0]
    order = sorted(filled, key=lambda index: (floors[index] - exact[index], index))
    # too many steps happens only where the sum was printed lower than its floors: take from the smallest
    chosen = order[:missing] if missing >= 0 else [i for i in reversed(order) if floors[i] > 0][:-missing]
    if len(chosen) != abs(missing):
        raise ValueError(f"the parts sum to {sum(values)!r} and cannot be rounded to the total {total!r}")
    parts = list(floors)
    for index in chosen:
        parts[index] += step if missing > 0 else -step
    plain = [_rounded(value, places) for value in values]
    return Shares(
        tuple(_number(part) for part in parts),
        tuple(_number(part - usual) for part, usual in zip(parts, plain, strict=True)),
    )


def _rounded(value: float, places: int) -> Decimal:
    return Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def _number(value: Decimal) -> float:
    return float(value) + 0.0  # no minus zero


def _finite(value: float) -> bool:
    return value == value and abs(value) != float("inf")
