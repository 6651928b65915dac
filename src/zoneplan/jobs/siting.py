"""A siting document → the best choice of units, or the reasons why there is none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from zoneplan.crs.gate import to_working
from zoneplan.engine.overlay import difference, intersection
from zoneplan.errors import Gathered, InputError, fault
from zoneplan.finding import Findings
from zoneplan.io.anyfile import read_any
from zoneplan.io.vector import split_path_layer
from zoneplan.jobs import scenarios
from zoneplan.layers import LayerSet, line_key
from zoneplan.scenario.edits import Shape
from zoneplan.scenario.ground import read_shape, whole
from zoneplan.scenario.indicators import GROWTH
from zoneplan.scenario.scenario import Scenario
from zoneplan.scenario.state import element_ids, unknown_name
from zoneplan.scenario.waterfall import read_limits
from zoneplan.schema import read_as
from zoneplan.siting.network import components
from zoneplan.siting.problem import Cap, Choice, Problem, cheapest
from zoneplan.siting.reasons import Reasons, choice_findings, contradictions, reasons, stop_findings
from zoneplan.siting.task import Siting, Slope, Units
from zoneplan.siting.units import Candidates, candidates, grid
from zoneplan.source import Source


@dataclass(frozen=True)
class SitingResult:
    """A siting task solved: the choice, or the reasons why there is none.

    ``scenario`` adds the chosen ground to the element, and takes out what is given back; None without a choice.
    """

    problem: Problem
    layers: LayerSet
    choice: Choice
    reasons: Reasons | None
    scenario: Scenario | None
    findings: Findings

    def _repr_html_(self) -> str:
        from zoneplan.render.notebook import siting_html

        return siting_html(self.layers, self.problem, self.choice, self.reasons, self.units, self.findings)

    @property
    def units(self) -> gpd.GeoDataFrame:
        """Every candidate: ``id, state, area_m2``, a column of m² per constraint, ``slope``; plan CRS."""
        problem, frame = self.problem, self.problem.new.frame
        state = np.full(len(frame), "free", dtype=object)
        state[problem.too_steep] = "too_steep"
        state[problem.locked(problem.task.locked_out)] = "locked_out"
        state[self.choice.chosen] = "chosen"
        return _listed(problem.new, state, problem.slope)

    @property
    def given_back(self) -> gpd.GeoDataFrame | None:
        """Units that may be given back, with ``state`` ``given`` or ``kept``."""
        back = self.problem.back
        if back is None:
            return None
        return _listed(back, np.where(self.choice.given, "given", "kept").astype(object), None)


def solve_siting(path: str | Path, *, progress: Callable[[str], None] | None = None) -> SitingResult:
    """Solve a siting document.

    Parameters
    ----------
    path : path
        YAML, schema ``zoneplan.siting/1``; files that it names lie beside it.
    progress : callable, optional
        Called with a word before each step.

    Raises
    ------
    InputError
        With every fault of the document and its files, and every contradiction of its locks.
    """
    say = progress or (lambda _: None)
    task, source = read_as(Siting, Path(path), code="siting.schema")
    base = _base(task, source)
    say("units")
    problem, known = _problem(task, source, base)
    if found := contradictions(problem, known, source.place):
        raise InputError(found)
    say("solve")
    choice, place = cheapest(problem), source.place("target_ha")
    if choice.found:
        parts = len(components(problem.new, choice.chosen))
        made = _scenario(task, choice)
        return SitingResult(
            problem, base, choice, None, made, Findings(choice_findings(problem, choice, parts, place))
        )
    if choice.status == "unknown":
        undecided = fault(
            "siting.undecided", place, f"{task.time_limit_s:g} 秒内既未找到方案,也未证明不可行;请加大 time_limit_s 或减少单元",
            f"neither a choice nor a proof that there is none within {task.time_limit_s:g} s: raise time_limit_s or take fewer units",
        )  # fmt: skip
        return SitingResult(problem, base, choice, None, None, Findings((undecided,)))
    why = reasons(problem, progress=say)
    return SitingResult(problem, base, choice, why, None, Findings(stop_findings(problem, why, place)))


def _base(task: Siting, source: Source) -> LayerSet:
    """The layers that the task starts from: a scenario is replayed."""
    beside = source.path.parent / task.base
    return scenarios.replayed(Scenario(beside if beside.exists() else task.base)).layers


def _problem(task: Siting, source: Source, layers: LayerSet) -> tuple[Problem, set[str]]:
    """Everything measured; and the ids of all units, those without ground too."""
    names, faults = element_ids(layers), Gathered()
    shapes: dict[str, BaseGeometry] = {}
    caps: list[Cap] = []
    for key, name in (
        ("to", task.to),
        *((f"takes[{n}].of", take.of) for n, take in enumerate(task.takes) if take.of),
    ):
        if name not in names:
            faults.faults.append(unknown_name(source.place(key), name, list(names)))
    for number, take in enumerate(task.takes):
        title = take.title(number)
        with faults.step():
            if title in (*shapes, "id", "area_m2", "state", "slope", "geometry"):
                raise InputError(fault("siting.name", source.place(f"takes[{number}]"), f"名称“{title}”重复或已被占用", f"the name '{title}' is taken"))  # fmt: skip
            if take.area is not None:
                shapes[title] = _ground(take.area, source, f"takes[{number}].area", layers)
            elif take.of in names:
                shapes[title] = layers.element(names[take.of])["geometry"]
        if take.most_ha is not None and title in shapes:
            zh, en = _names(layers, names, take.of) if take.of else (title, title)
            caps.append(Cap(title, f"占用{zh}上限", f"most of {en}", take.most_ha))
    with faults.step():
        new_units, new_within = _units(task.units, source, "units", layers)
    back_units, back_within = None, None
    if task.give_back is not None:
        with faults.step():
            back_units, back_within = _units(task.give_back.units, source, "give_back.units", layers)
            _numbers(back_units, task.give_back.per_ha_field, source.place("give_back.per_ha_field"))
    with faults.step():
        if task.slope is not None and task.slope.field is not None:
            _numbers(new_units, task.slope.field, source.place("slope.field"))
    faults.check()
    to = layers.element(names[task.to])["geometry"]
    outside = difference(layers.zone, to)
    new = candidates(new_units, _inside(outside, new_within), to, shapes, layers)
    back = None
    if back_units is not None:
        back = candidates(back_units, _inside(to, back_within), outside, {}, layers)
    slope = _slopes(task.slope, new, source)
    growth = tuple(_growth(task, layers, names[task.to]))
    return Problem(task, new, back, tuple(caps), growth, slope), set(new_units["id"])


def _slopes(slope: Slope | None, units: Candidates, source: Source) -> np.ndarray:
    """Degrees by unit: of a field, or measured on the unit's ground; NaN where nobody knows."""
    if slope is None:
        return np.full(len(units), np.nan)
    if slope.field is not None:
        found = pd.to_numeric(units.frame[slope.field], errors="coerce")
    else:
        from zoneplan.jobs.elevation import slope_by_feature

        files = [source.path.parent / name for name in slope.dem]
        found = slope_by_feature(units.frame[["id", "geometry"]], files)[slope.measure]
    return np.asarray(found.to_numpy(dtype=float))


def _growth(task: Siting, layers: LayerSet, to: str) -> Iterator[Cap]:
    """What caps net growth: the document's own figure, and the limits on the expansion factor."""
    if task.net_growth_most_ha is not None:
        yield Cap("net_growth", "净增上限", "most net growth", task.net_growth_most_ha)
    now = task.figures.current_urban_land_ha
    if now is None or not line_key(to).startswith(GROWTH):
        return
    lines = layers["control_line"]
    area_ha = float(lines.loc[lines["id"].map(line_key).str.startswith(GROWTH), "area_m2"].sum()) / 1e4
    for number, limit in enumerate(read_limits(task.figures)):
        if limit.indicator == "expansion_factor" and limit.most is not None:
            most = float(limit.most) * now.value - area_ha
            yield Cap(
                f"expansion_factor{number or ''}", f"扩展倍数不大于 {limit.most}", f"expansion factor at most {limit.most}", most, limit.source
            )  # fmt: skip


def _units(
    units: Units, source: Source, key: str, layers: LayerSet
) -> tuple[gpd.GeoDataFrame, BaseGeometry | None]:
    """Units with text ids in the layers' CRS, and the ground that they are kept to."""
    within = None if units.within is None else _ground(units.within, source, f"{key}.within", layers)
    if units.grid_m is not None:
        return grid(_inside(layers.zone, within), units.grid_m, layers.crs), within
    path, layer = split_path_layer(str(source.path.parent / str(units.file)))
    read = read_any(path, layer=layer, place=source.place(f"{key}.file"))
    if wrong := [one for one in read.findings if one.severity == "error"]:
        raise InputError(wrong)
    frame = to_working(read.frame, layers.crs, place=source.place(f"{key}.file")).reset_index(drop=True)
    if units.id_field is None:
        frame["id"] = [str(number) for number in range(1, len(frame) + 1)]
    elif units.id_field not in frame:
        raise InputError(fault("siting.field", source.place(f"{key}.id_field"), f"没有字段“{units.id_field}”", f"there is no field '{units.id_field}'"))  # fmt: skip
    else:
        frame["id"] = frame[units.id_field].astype(str)
        if twice := sorted(set(frame["id"][frame["id"].duplicated()])):
            raise InputError(fault("siting.id", source.place(f"{key}.id_field"), f"编号重复:{'、'.join(twice[:10])}", f"ids occur twice: {', '.join(twice[:10])}"))  # fmt: skip
    shapes = frame.geometry.to_numpy()
    if bad := frame["id"][~(shapely.is_valid(shapes) & (shapely.get_dimensions(shapes) == 2))].tolist():
        raise InputError(fault("siting.unit", source.place(f"{key}.file"), f"单元不是有效的面:{'、'.join(bad[:10])};可用 zoneplan audit --repair 修复", f"units are no valid polygons: {', '.join(bad[:10])}; see zoneplan audit --repair"))  # fmt: skip
    return frame, within


def _numbers(frame: gpd.GeoDataFrame, field: str | None, place: str) -> None:
    """Refuse a field that is not there or holds what is no number."""
    if field is None:
        return
    if field not in frame:
        raise InputError(fault("siting.field", place, f"没有字段“{field}”", f"there is no field '{field}'"))
    values = pd.to_numeric(frame[field], errors="coerce")
    if bad := frame["id"][values.isna() & frame[field].notna()].tolist():
        raise InputError(fault("siting.number", place, f"字段“{field}”不是数:单元 {'、'.join(bad[:10])}", f"field '{field}' holds no number: units {', '.join(bad[:10])}"))  # fmt: skip


def _ground(shape: Shape, source: Source, key: str, layers: LayerSet) -> BaseGeometry:
    def read(wanted: Shape) -> gpd.GeoDataFrame:
        path, layer = split_path_layer(str(source.path.parent / str(wanted.file)))
        return read_any(path, layer=layer, place=source.place(key)).frame

    return whole(read_shape(shape, layers.crs, read, source.place(key)))


def _inside(ground: BaseGeometry, within: BaseGeometry | None) -> BaseGeometry:
    return ground if within is None else intersection(ground, within)


def _names(layers: LayerSet, names: dict[str, str], name: str) -> tuple[str, str]:
    row = layers.element(names[name])
    return str(row["name"]), str(row["name_en"] or row["name"])


def _listed(units: Candidates, state: np.ndarray, slope: np.ndarray | None) -> gpd.GeoDataFrame:
    frame = units.frame.copy()
    frame.insert(1, "state", state)
    if slope is not None and not np.isnan(slope).all():
        frame["slope"] = slope
    return frame


def _scenario(task: Siting, choice: Choice) -> Scenario:
    """The choice as a ledger of one or two edits on the same base."""
    said = {"author": task.author, "reason": task.reason, "date": task.date}
    names = {"id": task.id, "name": task.name, "name_en": task.name_en, "figures": task.figures}
    made = Scenario(task.base, **names).include(
        task.to, id=task.edit_id, area={"file": "siting.gpkg:chosen"}, **said
    )
    if choice.given.any():
        made = made.exclude(
            task.to, id=f"{task.edit_id}-back", area={"file": "siting.gpkg:given_back"}, **said
        )
    return made
