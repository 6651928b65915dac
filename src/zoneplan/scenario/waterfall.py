"""Value before, contribution of each edit, value after; and limits: what is broken, by how much, by which edit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fnmatch import fnmatchcase
from typing import Annotated, Any

from pydantic import BeforeValidator, model_validator

from zoneplan.extent import Model, Name
from zoneplan.finding import Finding
from zoneplan.resources import PACKAGE
from zoneplan.scenario.indicators import Indicator
from zoneplan.scenario.scenario import Figures
from zoneplan.schema import as_model
from zoneplan.source import read_source

LIMITS = PACKAGE / "scenario" / "limits.yaml"
Exact = Annotated[Decimal, BeforeValidator(str)]


class Limit(Model):
    """The most or the least that an indicator may be; `indicator` may end in ``*``."""

    indicator: Name
    most: Exact | None = None
    least: Exact | None = None
    source: Name
    verified: bool = False

    def over(self, value: Decimal) -> Decimal:
        """By how much a value breaks the limit; 0 where it keeps it."""
        above = value - self.most if self.most is not None else Decimal(0)
        below = self.least - value if self.least is not None else Decimal(0)
        return max(above, below, Decimal(0))


class _Limits(Model):
    limits: tuple[Limit, ...]

    @model_validator(mode="before")
    @classmethod
    def _bare(cls, value: Any) -> Any:
        return {"limits": value} if isinstance(value, list) else value


@dataclass(frozen=True)
class Fall:
    """One indicator through the ledger. ``steps`` are (edit id, contribution); None where it has no value."""

    key: str
    zh: str
    en: str
    unit: str
    values: tuple[Decimal | None, ...]
    steps: tuple[tuple[str, Decimal | None], ...]
    why: str = ""

    @property
    def before(self) -> Decimal | None:
        """The base's value."""
        return self.values[0]

    @property
    def after(self) -> Decimal | None:
        """The value after all edits."""
        return self.values[-1]

    @property
    def change(self) -> Decimal | None:
        """After less before: the sum of the steps, exactly."""
        return None if self.after is None or self.before is None else self.after - self.before


@dataclass(frozen=True)
class Judged:
    """A limit and an indicator: ``state`` is ``kept``, ``broken`` or ``not_computed``.

    ``first`` is the first edit after which the limit is broken (``base``: before any), ``since`` the edit since
    which it stays broken; ``mended`` says that it was broken on the way and is kept in the end.
    """

    limit: Limit
    fall: Fall
    state: str
    over: Decimal | None = None
    first: str = ""
    since: str = ""
    mended: bool = False


def waterfall(ids: Sequence[str], stages: Sequence[Mapping[str, Indicator]]) -> tuple[Fall, ...]:
    """Indicators of the base and after each edit, as one row each.

    Parameters
    ----------
    ids : sequence of str
        Edits, one fewer than `stages`.
    stages : sequence of mapping
        As `zoneplan.scenario.indicators.indicators` gives them.
    """
    made = []
    for key, one in stages[0].items():
        values = tuple(stage[key].value for stage in stages)
        steps = tuple(
            (name, None if new is None or old is None else new - old)
            for name, old, new in zip(ids, values[:-1], values[1:], strict=True)
        )
        why = next((stage[key].why for stage in stages if stage[key].why), "")
        made.append(Fall(key, one.zh, one.en, one.unit, values, steps, why))
    return tuple(made)


def read_limits(figures: Figures) -> tuple[Limit, ...]:
    """The package's limits, then the plan's own figures."""
    limits = as_model(_Limits, read_source(LIMITS), code="scenario.limits").limits
    own = []
    if (most := figures.expansion_factor_max) is not None:
        own.append(Limit(indicator="expansion_factor", most=Decimal(repr(most.value)), source=most.source, verified=most.verified))  # fmt: skip
    if (least := figures.farmland_target_ha) is not None:
        own.append(Limit(indicator="farmland_over_target", least=Decimal(0), source=least.source, verified=least.verified))  # fmt: skip
    return (*limits, *own)


def judge(falls: Sequence[Fall], limits: Sequence[Limit]) -> tuple[Judged, ...]:
    """Every limit against every indicator that it is for."""
    return tuple(
        _judged(limit, fall) for limit in limits for fall in falls if fnmatchcase(fall.key, limit.indicator)
    )


def limit_findings(judged: Sequence[Judged]) -> tuple[Finding, ...]:
    """Broken limits as errors, unverified ones said so; what could not be computed as warnings."""
    made = []
    for one in judged:
        note = ("", "") if one.limit.verified else (";限值未核", "; limit unverified")
        if one.state == "broken":
            made.append(
                Finding(
                    "scenario.limit", "error",
                    f"{one.fall.zh}:{one.fall.after} {one.fall.unit},超限 {one.over},自编辑 {one.first} 起({one.limit.source}{note[0]})",
                    f"{one.fall.en}: {one.fall.after} {one.fall.unit}, over the limit by {one.over}, first after edit {one.first} ({one.limit.source}{note[1]})",
                    one.first, one.limit.source, (one.first, one.fall.key),
                )
            )  # fmt: skip
        elif one.state == "not_computed":
            made.append(
                Finding("scenario.limit_open", "warning", f"{one.fall.zh}:未能核对限值({one.fall.why})",
                        f"{one.fall.en}: the limit could not be checked ({one.fall.why})", one.fall.key, one.limit.source)
            )  # fmt: skip
    return tuple(made)


def _judged(limit: Limit, fall: Fall) -> Judged:
    values = fall.values
    if any(value is None for value in values):
        return Judged(limit, fall, "not_computed")
    over = [limit.over(value) for value in values if value is not None]
    names = ["base", *(name for name, _ in fall.steps)]
    broken = [at for at, much in enumerate(over) if much > 0]
    if not broken:
        return Judged(limit, fall, "kept", Decimal(0))
    if not over[-1]:
        return Judged(limit, fall, "kept", Decimal(0), names[broken[0]], "", True)
    since = next(at for at in range(len(over) - 1, -1, -1) if at == 0 or not over[at - 1])
    return Judged(limit, fall, "broken", over[-1], names[broken[0]], names[since])
