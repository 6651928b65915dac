"""Balancing of surveyed areas (平差) and the area of field ridges (田坎), in exact units of 0.01 m²."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

STEP = Decimal("0.01")
RIDGED = "01"  # field ridges are taken off cropland only


@dataclass(frozen=True)
class Balanced:
    """Areas that add up to a control area.

    Parameters
    ----------
    areas : tuple of float
        m², two decimals, in the order given; their exact decimal sum is the control area.
    changes : tuple of float
        What each was changed by, m².
    residual : float
        Control area less the sum before, m².
    largest : float
        The largest change by amount, m²; 0 if nothing was changed.
    """

    areas: tuple[float, ...]
    changes: tuple[float, ...]
    residual: float
    largest: float


@dataclass(frozen=True)
class Ridged:
    """A patch's ridge area (``KCMJ``) and what is left of the patch (``TBDLMJ``), m²."""

    ridge_m2: float
    net_m2: float


def balance(areas: Sequence[float], control: float, *, keys: Sequence[Hashable] | None = None) -> Balanced:
    """Change areas by steps of 0.01 m² until they add up to a control area.

    Parameters
    ----------
    areas : sequence of float
        m², positive, rounded half up to 0.01 before anything else.
    control : float
        m², rounded likewise.
    keys : sequence, optional
        What decides between equal areas, ascending: ids of the patches (all of one type that can be
        ordered). Default their position, so that without keys the order of equal areas matters.

    Raises
    ------
    ValueError
        If an area is not a positive number, the control area not a number from zero up, keys
        repeat between equal areas, there are no areas for a control area, or a patch would be used up.

    Notes
    -----
    With d = control − Σ areas in steps, n patches sorted by area descending, f = ⌊|d| / n⌋ and
    r = |d| mod n: the first r patches get (f + 1) steps, the others f, with the sign of d. That is
    the rule of the national land survey's tools for balancing patches to a control area.

    Examples
    --------
    >>> balance([30.0, 10.0, 20.0], 60.04).areas
    (30.02, 10.01, 20.01)
    """
    exact = [_cents(value, "area", index) for index, value in enumerate(areas)]
    if bad := [index for index, value in enumerate(exact) if value <= 0]:
        raise ValueError(f"area {bad[0]} is {areas[bad[0]]!r}; expected at least 0.01 m²")
    whole = _cents(control, "control area", None)
    if whole < 0 or (not exact and whole):
        raise ValueError(
            f"the control area is {control!r} for {len(exact)} areas; expected their own sum, about"
        )
    named: Sequence[Any] = range(len(exact)) if keys is None else keys
    if len(named) != len(exact) or len(set(zip(exact, named, strict=True))) != len(exact):
        raise ValueError(f"{len(named)} keys for {len(exact)} areas, or one key for two equal areas")
    order = sorted(range(len(exact)), key=lambda index: (-exact[index], named[index]))
    missing = whole - sum(exact)
    each, more = divmod(abs(missing), len(exact)) if exact else (0, 0)
    sign = 1 if missing > 0 else -1
    changes = [0] * len(exact)
    for rank, index in enumerate(order):
        changes[index] = sign * (each + (rank < more))
    made = [value + change for value, change in zip(exact, changes, strict=True)]
    if used := [index for index, value in enumerate(made) if value <= 0]:
        raise ValueError(
            f"area {used[0]} of {areas[used[0]]!r} m² would become {_metres(made[used[0]])!r}: "
            f"the control area is {_metres(-missing)!r} m² under the sum, which balancing cannot explain"
        )
    return Balanced(
        tuple(map(_metres, made)),
        tuple(map(_metres, changes)),
        _metres(missing),
        _metres(max(map(abs, changes), default=0)),
    )


def ridge(area_m2: float, coefficient: float, code: str) -> Ridged:
    """The field ridges of a patch: KCMJ = round(TBMJ × KCXS, 2), TBDLMJ = TBMJ − KCMJ.

    Parameters
    ----------
    area_m2 : float
        TBMJ, m²; rounded half up to 0.01 first.
    coefficient : float
        KCXS, from 0 to less than 1; what a county lays down by slope class and kind of field.
    code : str
        DLBM. Only cropland (``01…``) has ridges: elsewhere the coefficient must be 0.

    Raises
    ------
    ValueError
        If the area is negative, the coefficient out of range, or not 0 outside cropland.

    Examples
    --------
    >>> ridge(1000.05, 0.1035, "0103")
    Ridged(ridge_m2=103.51, net_m2=896.54)
    """
    if not 0 <= coefficient < 1:
        raise ValueError(f"the ridge coefficient KCXS is {coefficient!r}; expected from 0 to less than 1")
    if coefficient and not code.startswith(RIDGED):
        raise ValueError(
            f"KCXS is {coefficient!r} on DLBM {code!r}; only cropland ({RIDGED}xx) has field ridges"
        )
    gross = _cents(area_m2, "area", None)
    if gross < 0:
        raise ValueError(f"the area is {area_m2!r}; expected 0 or more")
    off = int((Decimal(gross) * Decimal(repr(float(coefficient)))).quantize(Decimal(1), ROUND_HALF_UP))
    return Ridged(_metres(off), _metres(gross - off))


def _cents(value: float, what: str, index: int | None) -> int:
    """Whole steps of 0.01 m², rounded half up."""
    exact = Decimal(repr(float(value)))
    if not exact.is_finite():
        raise ValueError(
            f"{what}{'' if index is None else f' {index}'} is {value!r}; expected a number of m²"
        )
    return int((exact / STEP).quantize(Decimal(1), ROUND_HALF_UP))


def _metres(cents: int) -> float:
    return float(cents * STEP)
