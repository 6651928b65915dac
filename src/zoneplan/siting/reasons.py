"""Why a target cannot be met: how much can, which constraint stops it, and by how much."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from zoneplan.errors import fault
from zoneplan.finding import Finding
from zoneplan.siting.problem import (
    CONTIGUITY,
    LEAST_HA,
    LOCKED_IN,
    LOCKED_OUT,
    SLOPE,
    Choice,
    Problem,
    largest,
    least_broken,
)  # fmt: skip

SHOWN = 12


@dataclass(frozen=True)
class Stop:
    """One constraint, or all together, and what giving it up would do.

    Parameters
    ----------
    key, zh, en : str
        The constraint; ``all`` for all at once.
    reach_ha : float
        The most ground that can be had without it, the others kept. A bound if the solver's time was up.
    enough : bool or None
        Whether the target can be met then; None if the solver's time was up before it was known.
    over_ha : float or None
        The least by which it has to be broken to meet the target; None where that is not enough, or has no measure.
    units : tuple of str
        Units to release: too steep or locked ones that the target needs, or locked ones in its way.
    shares : dict
        With ``all``: hectares by constraint.
    """

    key: str
    zh: str
    en: str
    reach_ha: float
    enough: bool | None
    over_ha: float | None = None
    units: tuple[str, ...] = ()
    shares: dict[str, float] | None = None


@dataclass(frozen=True)
class Reasons:
    """The most that can be had with everything kept, and what each constraint does to it."""

    most_ha: float
    decided: bool
    stops: tuple[Stop, ...]


def reasons(problem: Problem, *, progress: Callable[[str], None] | None = None) -> Reasons:
    """Lift each constraint in turn; where that is enough, break it by as little as can be."""
    say = progress or (lambda _: None)
    most, could = _reach(problem, frozenset())
    stops = []
    for key, (zh, en) in problem.binding.items():
        say(en)
        reach, enough = _reach(problem, frozenset([key]))
        over, units = _over(problem, key) if enough else (None, ())
        stops.append(Stop(key, zh, en, reach, enough, over, units))
    if not any(stop.enough for stop in stops) and stops:
        say("all")
        stops.append(_all(problem))
    return Reasons(most, could is not None, tuple(stops))


def _reach(problem: Problem, lifted: frozenset[str]) -> tuple[float, bool | None]:
    """The most ground, and whether it is enough: yes by a choice, no by a proof, else None."""
    made = largest(problem, lifted=lifted)
    if made.status == "infeasible":
        return 0.0, False
    target = problem.task.target_ha - LEAST_HA
    if made.found and -made.cost >= target:
        return -made.bound, True
    return -made.bound, False if -made.bound < target or made.status == "optimal" else None


def _over(problem: Problem, key: str) -> tuple[float | None, tuple[str, ...]]:
    if key == CONTIGUITY:
        return None, ()
    made = least_broken(problem, (key,))
    if not made.found:
        return None, ()
    if key in made.slack:
        return made.slack[key], ()
    return _released(problem, made, key)


def _released(problem: Problem, made: Choice, key: str) -> tuple[float, tuple[str, ...]]:
    """Units whose lock or slope stands in the way, and their ground."""
    locks = {LOCKED_OUT: problem.task.locked_out, LOCKED_IN: problem.task.locked_in}
    if key == SLOPE:
        mask = problem.too_steep & made.chosen
    else:
        mask = problem.locked(locks[key]) & (made.chosen if key == LOCKED_OUT else ~made.chosen)
    return float(problem.new.area_ha[mask].sum()), tuple(problem.new.frame["id"][mask])


def _all(problem: Problem) -> Stop:
    """All at once: the least ground in all by which the sums have to be broken, locks and slopes lifted too."""
    keys = tuple(problem.binding)
    reach, enough = _reach(problem, frozenset(keys))
    names = "全部约束", "all constraints"
    if not enough:
        return Stop("all", *names, reach, enough)
    made = least_broken(problem, keys)
    if not made.found:
        return Stop("all", *names, reach, True)
    shares = {key: value for key, value in made.slack.items() if value > LEAST_HA}
    for key in (SLOPE, LOCKED_OUT, LOCKED_IN):
        if key in problem.binding and (ground := _released(problem, made, key)[0]) > LEAST_HA:
            shares[key] = ground
    return Stop("all", *names, reach, True, sum(shares.values()), (), shares)


def stop_findings(problem: Problem, found: Reasons, place: str) -> list[Finding]:
    """What is said of a target that cannot be met: one error, then a line for each constraint."""
    target = problem.task.target_ha
    short = target - found.most_ha
    about = (
        ("", "") if found.decided else ("(求解到时限,为上界)", " (the solver's time was up: an upper bound)")
    )
    ground = float(problem.new.area_ha.sum())
    made = [
        fault(
            "siting.target", place,
            f"目标 {target:.4f} 公顷不能实现:在全部约束下至多 {found.most_ha:.4f} 公顷{about[0]},差 {short:.4f} 公顷;候选单元共 {ground:.4f} 公顷",
            f"the target of {target:.4f} ha cannot be met: at most {found.most_ha:.4f} ha with everything kept{about[1]}, "
            f"{short:.4f} ha short; the units come to {ground:.4f} ha",
        )
    ]  # fmt: skip
    for stop in found.stops:
        made.append(Finding("siting.stop", "info", *_words(problem, stop), place))
    return made


def _words(problem: Problem, stop: Stop) -> tuple[str, str]:
    zh, en = (
        f"去掉“{stop.zh}”,至多 {stop.reach_ha:.4f} 公顷",
        f"without '{stop.en}' at most {stop.reach_ha:.4f} ha",
    )
    if stop.enough is None:
        return (
            f"{zh};求解到时限,未能判定够否",
            f"{en}; the time was up before it was known whether that is enough",
        )
    if not stop.enough:
        return f"{zh},仍不够", f"{en}: still not enough"
    zh, en = f"{zh},可实现目标", f"{en}: the target can be met"
    names = problem.binding
    if stop.shares is not None:
        zh += ";合计至少突破 " + "、".join(
            f"{names[key][0]} {value:.4f} 公顷" for key, value in stop.shares.items()
        )
        en += "; broken at least by " + ", ".join(
            f"{names[key][1]} {value:.4f} ha" for key, value in stop.shares.items()
        )
    elif stop.units:
        listed = ", ".join(stop.units[:SHOWN]) + (" …" if len(stop.units) > SHOWN else "")
        zh += f";最少放开 {len(stop.units)} 个单元、{stop.over_ha:.4f} 公顷:{listed}"
        en += f"; the least is to release {len(stop.units)} units, {stop.over_ha:.4f} ha: {listed}"
    elif stop.over_ha is not None:
        zh += f";至少突破 {stop.over_ha:.4f} 公顷"
        en += f"; it has to be broken by at least {stop.over_ha:.4f} ha"
        if stop.key in {cap.key for cap in problem.growth}:
            zh += ",或在 give_back 中退出同样多的面积"
            en += ", or as much given back (`give_back`)"
    return zh, en


def contradictions(problem: Problem, known: set[str], places: Callable[[str], str]) -> list[Finding]:
    """What can be seen without solving: locks that name nothing, contradict each other, or break what binds."""
    task, found = problem.task, []
    ground = set(problem.new.frame["id"])
    for key in (LOCKED_IN, LOCKED_OUT):
        for one in sorted(set(getattr(task, key)) - known):
            found.append(
                fault("siting.lock", places(key), f"没有编号为“{one}”的单元", f"there is no unit '{one}'")
            )
    for one in sorted(set(task.locked_in) & set(task.locked_out)):
        found.append(
            fault("siting.lock", places(LOCKED_IN), f"单元 {one} 同时锁定必选与不选,请保留其一", f"unit {one} is locked in and out: keep one of the two")
        )  # fmt: skip
    for one in sorted((set(task.locked_in) & known) - ground):
        found.append(
            fault("siting.lock", places(LOCKED_IN), f"单元 {one} 锁定必选,但没有可新增的范围(已在目标要素内或在规划范围外)", f"unit {one} is locked in, but has no ground to add (inside already, or outside the zone)")
        )  # fmt: skip
    locked = problem.locked(task.locked_in)
    for cap in problem.takes:
        taken = float(problem.new.taken_ha(cap.key)[locked].sum())
        if taken > cap.most_ha + LEAST_HA:
            found.append(
                fault("siting.lock", places(LOCKED_IN), f"锁定必选的单元占用“{cap.zh}”{taken:.4f} 公顷,上限 {cap.most_ha:.4f} 公顷", f"the units locked in take {taken:.4f} ha of '{cap.en}', at most {cap.most_ha:.4f} ha are allowed")
            )  # fmt: skip
    given = 0.0 if problem.back is None else float(problem.back.area_ha.sum())
    wanted = float(problem.new.area_ha[locked].sum())
    for cap in problem.growth:
        if locked.any() and wanted - given > cap.most_ha + LEAST_HA:
            found.append(
                fault("siting.lock", places(LOCKED_IN), f"锁定必选的单元共 {wanted:.4f} 公顷,超出“{cap.zh}”{wanted - given - cap.most_ha:.4f} 公顷", f"the units locked in come to {wanted:.4f} ha, {wanted - given - cap.most_ha:.4f} ha over '{cap.en}'")
            )  # fmt: skip
    for one in problem.new.frame["id"][locked & problem.too_steep]:
        found.append(
            fault("siting.lock", places(LOCKED_IN), f"单元 {one} 锁定必选,但坡度超过上限或未知", f"unit {one} is locked in, but is too steep or of unknown slope")
        )  # fmt: skip
    return found


def choice_findings(problem: Problem, choice: Choice, parts: int, place: str) -> list[Finding]:
    """How good a choice is, as the solver proved it."""
    area = float(problem.new.area_ha[choice.chosen].sum())
    said = [
        Finding(
            "siting.choice", "info",
            f"选中 {int(choice.chosen.sum())} 个单元、{area:.4f} 公顷,{parts} 片;费用 {choice.cost:.4f},下界 {choice.bound:.4f},间隙 {choice.gap:.4%}",
            f"{int(choice.chosen.sum())} units, {area:.4f} ha, in {parts} patches; cost {choice.cost:.4f}, bound {choice.bound:.4f}, gap {choice.gap:.4%}",
            place,
        )
    ]  # fmt: skip
    if choice.status == "limit":
        said.append(
            Finding("siting.time", "warning", f"求解到时限 {problem.task.time_limit_s:g} 秒,结果可能不是最优", f"the time of {problem.task.time_limit_s:g} s was up: there may be a better choice", place)
        )  # fmt: skip
    unknown = int(np.isnan(problem.slope).sum()) if problem.task.slope else 0
    if unknown:
        said.append(
            Finding(
                "siting.slope_unknown",
                "warning",
                f"{unknown} 个单元坡度未知",
                f"{unknown} units have no slope",
                place,
            )
        )
    return said
