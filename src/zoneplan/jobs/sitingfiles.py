"""What a solved siting task is written as: units, workbook, JSON, findings, and the scenario that it makes."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from zoneplan.io.layers import write_findings, write_frames
from zoneplan.io.store import staged, write_json, write_yaml
from zoneplan.jobs.scenarios import plain
from zoneplan.jobs.siting import SitingResult
from zoneplan.render.scenario_papers import write_tables
from zoneplan.render.siting_papers import sheets


def write_siting(result: SitingResult, folder: Path, *, home: Path) -> list[Path]:
    """siting.gpkg, siting.xlsx, siting.json, findings.json, and scenario.yaml if there is a choice; whole or nothing.

    Parameters
    ----------
    result : SitingResult
    folder : Path
    home : Path
        Where the siting document lies: the base that it names is looked for there.
    """
    frames = {"units": result.units}
    if result.scenario is not None:
        frames["chosen"] = result.units[result.choice.chosen]
    if (back := result.given_back) is not None:
        frames["may_give_back"] = back
        if result.choice.given.any():
            frames["given_back"] = back[result.choice.given]
    with staged(folder) as stage:
        write_frames(stage / "siting.gpkg", frames)
        title = f"{result.problem.task.name} {result.problem.task.name_en}"
        tables = sheets(
            result.problem,
            result.choice,
            result.reasons,
            result.problem.new,
            result.units["state"].to_numpy(),
        )
        write_tables(stage / "siting.xlsx", title, tables, schematic=result.layers.schematic)
        write_json(stage / "siting.json", record(result))
        write_json(stage / "findings.json", [one.record() for one in result.findings])
        write_findings(stage / "findings.gpkg", result.findings)
        if result.scenario is not None:
            beside = home / result.scenario.base
            base = os.path.relpath(beside, folder) if beside.exists() else result.scenario.base
            write_yaml(stage / "scenario.yaml", plain(result.scenario) | {"base": base})
        names = sorted(path.name for path in stage.iterdir())
    return [folder / name for name in names]


def record(result: SitingResult) -> dict[str, Any]:
    """The result as plain data."""
    problem, choice = result.problem, result.choice
    made: dict[str, Any] = {
        "schema": "zoneplan.siting-result/1", "task": problem.task.model_dump(mode="json", by_alias=True, exclude_none=True),
        "schematic": result.layers.schematic, "crs": f"EPSG:{result.layers.crs.to_epsg()}",
        "units": len(problem.new), "units_ha": round(float(problem.new.area_ha.sum()), 4), "status": choice.status,
    }  # fmt: skip
    if choice.found:
        made |= {
            "chosen": problem.new.frame["id"][choice.chosen].tolist(),
            "chosen_ha": round(float(problem.new.area_ha[choice.chosen].sum()), 4),
            "cost": round(choice.cost, 6), "bound": round(choice.bound, 6), "gap": round(choice.gap, 8),
        }  # fmt: skip
        if problem.back is not None:
            made["given_back"] = problem.back.frame["id"][choice.given].tolist()
    if result.reasons is not None:
        made["most_ha"] = round(result.reasons.most_ha, 4)
        made["stops"] = [
            {
                "constraint": stop.key, "reach_ha": round(stop.reach_ha, 4), "enough": stop.enough,
                "over_ha": None if stop.over_ha is None else round(stop.over_ha, 4), "units": list(stop.units),
                "shares_ha": {key: round(value, 4) for key, value in (stop.shares or {}).items()},
            }
            for stop in result.reasons.stops
        ]  # fmt: skip
    return made | {"findings": [one.record() for one in result.findings]}
