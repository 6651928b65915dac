"""Scenario files → results: read with every fault and its line, replayed, measured, compared."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from zoneplan.errors import InputError, fault
from zoneplan.finding import Finding, Findings
from zoneplan.io.anyfile import read_any
from zoneplan.io.layers import read_layers
from zoneplan.io.vector import split_path_layer
from zoneplan.jobs.loading import compile_plan, load_plan
from zoneplan.layers import LayerSet
from zoneplan.scenario.edits import Edit, Shape
from zoneplan.scenario.indicators import indicators
from zoneplan.scenario.replay import Replayed, replay
from zoneplan.scenario.scenario import Scenario
from zoneplan.scenario.state import Base
from zoneplan.scenario.waterfall import Fall, Judged, judge, limit_findings, read_limits, waterfall
from zoneplan.schema import read_as
from zoneplan.source import Source, read_source

YAML = (".yaml", ".yml")


@dataclass(frozen=True)
class Opened:
    """A scenario whose branches are resolved: one base that is no scenario, all edits in order.

    ``homes`` holds for each edit the folder of its file, and ``places`` where it stands there.
    """

    scenario: Scenario
    homes: dict[str, Path] = field(default_factory=dict)
    places: dict[str, tuple[Source, str]] = field(default_factory=dict)
    folder: Path = Path()

    def place(self, edit: Edit, key: str) -> str:
        """File, line and path of an edit's key."""
        if edit.id not in self.places:
            return f"{edit.id}: {key}"
        source, path = self.places[edit.id]
        return source.place(f"{path}.{key}")


@dataclass(frozen=True)
class ScenarioResult:
    """A scenario replayed and measured; ``base`` and ``layers`` are the layers before and after."""

    replayed: Replayed
    falls: tuple[Fall, ...]
    limits: tuple[Judged, ...]
    findings: Findings

    def _repr_html_(self) -> str:
        from zoneplan.render.notebook import scenario_html

        return scenario_html(self.base, self.layers, self.falls, self.findings, self.scenario.name)

    @property
    def scenario(self) -> Scenario:
        """The ledger."""
        return self.replayed.scenario

    @property
    def base(self) -> LayerSet:
        """The layers before all edits."""
        return self.replayed.base

    @property
    def layers(self) -> LayerSet:
        """The layers after all edits."""
        return self.replayed.layers


def open_scenario(path: str | Path) -> Opened:
    """Read a scenario file and the scenarios that it branches from.

    Raises
    ------
    InputError
        With every fault of a file, and branches that run in a circle or name no edit.
    """
    return _opened(Path(path), ())


def run_scenario(
    scenario: Scenario | Opened | str | Path,
    *,
    parcels: gpd.GeoDataFrame | str | Path | None = None,
    id_field: str | None = None,
    use_field: str | None = None,
    use: str | None = None,
    dem: Sequence[str | Path] = (),
) -> ScenarioResult:
    """Replay a scenario and measure it after every edit.

    Parameters
    ----------
    scenario : Scenario or path
        Files that a `Scenario` names are looked for in the working folder.
    parcels : GeoDataFrame or path, optional
        Counted by verdict after every edit.
    id_field, use_field, use : str, optional
        As for `zoneplan.check_parcels`.
    dem : sequence of path
        Files of heights, from which the slope of ground given for farmland is measured, where no field states it.

    Raises
    ------
    InputError
        With every fault.
    """
    opened = _as_opened(scenario)
    made = replayed(opened, dem=dem)
    said: tuple[Finding, ...] = ()
    frame = parcels if isinstance(parcels, gpd.GeoDataFrame) else None
    if isinstance(parcels, str | Path):
        path, layer = split_path_layer(str(parcels))
        read = read_any(path, layer=layer, place=f"parcels={path.name}")
        if wrong := [one for one in read.findings if one.severity == "error"]:
            raise InputError(wrong)
        frame, said = read.frame, tuple(read.findings)
    figures = opened.scenario.figures
    measure = partial(
        indicators, figures=figures, parcels=frame, id_field=id_field, use_field=use_field, use=use
    )
    stages = [measure(made.base), *(measure(layers) for _, layers in made.stages)]
    falls = waterfall([name for name, _ in made.stages], stages)
    judged = judge(falls, read_limits(figures))
    return ScenarioResult(made, falls, judged, Findings((*said, *made.findings, *limit_findings(judged))))


def replayed(scenario: Scenario | Opened | str | Path, *, dem: Sequence[str | Path] = ()) -> Replayed:
    """Replay a scenario without measuring it; `dem` as for `run_scenario`."""
    opened = _as_opened(scenario)
    slopes = partial(_slopes, dem) if dem else None
    return replay(
        opened.scenario, _base(opened), read=partial(_read, opened), place=opened.place, slopes=slopes
    )


def sweep(scenario: Scenario | Opened | str | Path, *, edit: str, parameter: str, values: Sequence[float], **options: Any) -> list[tuple[float, ScenarioResult]]:  # fmt: skip
    """The scenario once for each value of one parameter of one edit; options as for `run_scenario`."""
    opened = _as_opened(scenario)
    varied = [(value, opened.scenario.changed(edit, parameter, value)) for value in values]
    return [
        (value, run_scenario(Opened(one, opened.homes, opened.places, opened.folder), **options))
        for value, one in varied
    ]


def is_scenario(path: Path) -> bool:
    """Whether a YAML file says that it is a scenario."""
    if path.suffix.lower() not in YAML or not path.is_file():
        return False
    data = read_source(path).data
    return isinstance(data, dict) and str(data.get("schema", "")).startswith("zoneplan.scenario/")


def without(opened: Opened, ids: Sequence[str]) -> Opened:
    """The same with edits switched off."""
    return Opened(opened.scenario.without(*ids), opened.homes, opened.places, opened.folder)


def _as_opened(scenario: Scenario | Opened | str | Path) -> Opened:
    if isinstance(scenario, Opened):
        return scenario
    if isinstance(scenario, Scenario):
        base = Path(scenario.base)
        if not is_scenario(base):
            return Opened(scenario)
        return _joined(scenario, _opened(base, ()), Opened(scenario), str(base))
    return open_scenario(scenario)


def _opened(path: Path, above: tuple[Path, ...]) -> Opened:
    if path.resolve() in above:
        raise InputError(fault("scenario.circle", path.name, "情景互为基础,成环", "scenarios branch from each other in a circle"))  # fmt: skip
    scenario, source = read_as(Scenario, path, code="scenario.schema")
    own = Opened(
        scenario,
        {edit.id: path.parent for edit in scenario.edits},
        {edit.id: (source, f"edits[{n}]") for n, edit in enumerate(scenario.edits)},
        path.parent,
    )
    beside = path.parent / scenario.base
    if not is_scenario(beside):
        if scenario.until is not None:
            raise InputError(fault("scenario.until", source.place("until"), "until 只用于以另一情景为基础时", "`until` is for a base that is a scenario"))  # fmt: skip
        return own
    return _joined(scenario, _opened(beside, (*above, path.resolve())), own, source.place("until"))


def _joined(scenario: Scenario, below: Opened, own: Opened, place: str) -> Opened:
    """A branch: the edits of the scenario below, up to `until`, then the own ones."""
    stem = below.scenario
    ids = [edit.id for edit in stem.edits]
    if scenario.until is not None and scenario.until not in ids:
        raise InputError(
            fault("scenario.until", place, f"基础情景没有编辑“{scenario.until}”;现有:{'、'.join(ids)}",
                  f"the base has no edit '{scenario.until}'; there are: {', '.join(ids)}")
        )  # fmt: skip
    kept = (stem.upto(scenario.until) if scenario.until else stem).edits
    if twice := [edit.id for edit in scenario.edits if edit.id in {one.id for one in kept}]:
        raise InputError(
            fault("scenario.duplicate_id", place, f"编辑编号与基础情景重复:{'、'.join(twice)}", f"edit ids are taken by the base: {', '.join(twice)}")
        )  # fmt: skip
    figures = stem.figures.model_copy(
        update={name: value for name in type(scenario.figures).model_fields if (value := getattr(scenario.figures, name))}
    )  # fmt: skip
    whole = scenario.model_copy(
        update={"base": stem.base, "until": None, "figures": figures, "edits": (*kept, *scenario.edits)}
    )
    return Opened(whole, below.homes | own.homes, below.places | own.places, below.folder)


def _base(opened: Opened) -> Base:
    name = opened.scenario.base
    beside = opened.folder / name
    path = beside if beside.exists() else Path(name)
    if path.is_dir() or path.suffix.lower() == ".gpkg":
        return Base(read_layers(path))
    plan = load_plan(path)
    return Base(compile_plan(plan), plan, compile_plan)


def _read(opened: Opened, edit: Edit, key: str, shape: Shape) -> gpd.GeoDataFrame:
    path, layer = split_path_layer(str(opened.homes.get(edit.id, Path()) / str(shape.file)))
    read = read_any(path, layer=layer, place=opened.place(edit, key))
    if wrong := [one for one in read.findings if one.severity == "error"]:
        raise InputError(wrong)
    return read.frame


def _slopes(dem: Sequence[str | Path], ground: gpd.GeoDataFrame, above_deg: float) -> pd.DataFrame:
    """How steep ground is, from files of heights."""
    from zoneplan.jobs.elevation import slope_by_feature

    return slope_by_feature(ground, dem, above_deg=above_deg)


def plain(scenario: Scenario) -> dict[str, Any]:
    """A scenario as plain data for JSON and YAML."""
    made: dict[str, Any] = json.loads(scenario.model_dump_json(by_alias=True, exclude_none=True))
    return made
