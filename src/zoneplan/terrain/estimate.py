"""Rules applied to blocks of factors: levels, and the classes that they are printed as."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from zoneplan.terrain.classes import NO_DATA
from zoneplan.terrain.legends import CoverLegend
from zoneplan.terrain.method import Result, Rule

Block = npt.NDArray[Any]
Bools = npt.NDArray[np.bool_]
Bytes = npt.NDArray[np.uint8]


def estimate(
    result: Result,
    factors: Mapping[str, Block],
    done: Mapping[str, tuple[Result, Bytes]],
    *,
    cover: CoverLegend | None = None,
) -> Bytes:
    """One estimate of a block.

    Parameters
    ----------
    result : Result
    factors : mapping of str to ndarray
        Blocks of equal shape by factor: float32 with NaN, land cover as values of its legend (`NO_DATA` where there is
        none), lines as booleans. Rules about a factor that is not there are left out.
    done : mapping of str to (Result, ndarray)
        The estimates before, and their classes by value.
    cover : CoverLegend, optional

    Returns
    -------
    ndarray of uint8
        Values of the result's classes. `NO_DATA` where a given factor has none, unless the cell is excluded or on the last
        level whatever the factor is.
    """
    shape = next(iter(factors.values())).shape
    level = np.zeros(shape, dtype=np.int16)
    unknown = np.zeros(shape, dtype=bool)
    excluded = np.zeros(shape, dtype=bool)
    last = len(result.levels) - 1
    ids = [one.id for one in result.levels]
    for rule in result.rules:
        if rule.factor is not None and rule.factor not in factors:
            continue
        holds, missing = _holds(rule, factors, done, cover)
        unknown |= missing
        if rule.exclude:
            excluded |= holds
        elif rule.at_least is not None:
            level = np.where(holds, np.maximum(level, ids.index(rule.at_least)), level)
        else:
            level = np.where(holds, np.minimum(level + (rule.down or 0), last), level)
    values = np.array([result.value(one.class_) for one in result.levels], dtype=np.uint8)
    made = values[level]
    made[unknown & (level < last)] = NO_DATA
    if result.excluded is not None:
        made[excluded] = result.value(result.excluded)
    return made


def _holds(
    rule: Rule,
    factors: Mapping[str, Block],
    done: Mapping[str, tuple[Result, Bytes]],
    cover: CoverLegend | None,
) -> tuple[Bools, Bools]:
    """Where a rule's condition holds, and where nobody knows."""
    if rule.result is not None:
        other, before = done[rule.result]
        return np.isin(before, [other.value(one) for one in rule.is_]), before == NO_DATA
    block = factors[str(rule.factor)]
    if rule.inside:
        return block.astype(bool), np.zeros(block.shape, dtype=bool)
    if rule.kinds:
        assert cover is not None
        return np.isin(block, cover.values_of(rule.kinds)), block == NO_DATA
    with np.errstate(invalid="ignore"):
        holds = ~np.isnan(block)
        for bound, compare in (
            (rule.above, np.greater), (rule.least, np.greater_equal), (rule.below, np.less), (rule.upto, np.less_equal),
        ):  # fmt: skip
            if bound is not None:
                holds &= compare(block, np.float32(bound))
    return holds, np.isnan(block)
