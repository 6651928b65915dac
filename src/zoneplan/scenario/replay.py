"""A ledger replayed on its base: layers after every edit, what changed, and what there is to say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import shapely

from zoneplan.engine import ellipsoid
from zoneplan.engine.overlay import difference, intersection, polygonal, union
from zoneplan.errors import InputError, fault
from zoneplan.finding import Finding
from zoneplan.layers import LayerSet
from zoneplan.scenario.boundary import moved
from zoneplan.scenario.edits import (
    Edit,
    Exclude,
    Include,
    Reclassify,
    Replace,
    Road,
    Rule,
    Stretch,
    SwapFarmland,
    Widen,
    targets,
)  # fmt: skip
from zoneplan.scenario.farmland import Slopes, swap
from zoneplan.scenario.ground import Ground, Read, read_ground, whole
from zoneplan.scenario.rederive import rederive
from zoneplan.scenario.scenario import Scenario
from zoneplan.scenario.state import Base, Change, State, element_ids, reference_line, unknown_name

Place = Callable[[Edit, str], str]


@dataclass(frozen=True)
class Replayed:
    """What came of a scenario: `stages` holds the layers before all edits and after each active one."""

    scenario: Scenario
    base: LayerSet
    stages: tuple[tuple[str, LayerSet], ...]
    changes: tuple[Change, ...]
    findings: tuple[Finding, ...]

    @property
    def layers(self) -> LayerSet:
        """The layers after all edits."""
        return self.stages[-1][1] if self.stages else self.base


def plain_place(edit: Edit, key: str) -> str:
    """``edit id: key`` where there is no file with lines."""
    return f"{edit.id}: {key}"


def replay(
    scenario: Scenario, base: Base, *, read: Read, place: Place = plain_place, slopes: Slopes | None = None
) -> Replayed:
    """Apply the active edits in order; the base is not changed.

    Parameters
    ----------
    scenario : Scenario
    base : Base
    read : callable
        Reads the rows of a shape's file.
    place : callable
        Where an edit's key stands, for faults.
    slopes : callable, optional
        Measures how steep ground is that is given for farmland.

    Raises
    ------
    InputError
        With all names that nothing has and all shapes that are unusable.
    """
    faults = [one for edit in scenario.edits for one in _name_faults(edit, base, place)]
    try:
        ground = read_ground(scenario.active, base.layers.crs, read, place)
    except InputError as error:
        faults += error.faults
        ground = {}
    if faults:
        raise InputError(faults)
    state = State(base.layers, base.plan, base.layers)
    stages = []
    for edit in scenario.active:
        _apply(state, base, edit, ground, place, slopes)
        stages.append((edit.id, state.layers))
    return Replayed(scenario, base.layers, tuple(stages), tuple(state.changes), tuple(state.findings))


def _apply(state: State, base: Base, edit: Edit, ground: Ground, place: Place, slopes: Slopes | None) -> None:
    match edit:
        case Stretch():
            line = reference_line(state.layers, edit.along) if edit.along else None
            state.set(edit, edit.target, moved(state.shape(edit.target), edit, line))
        case Include():
            state.set(edit, edit.target, union([state.shape(edit.target), whole(ground[edit.id, "area"])]))
        case Exclude():
            state.set(edit, edit.target, difference(state.shape(edit.target), whole(ground[edit.id, "area"])))
        case SwapFarmland():
            swap(state, edit, ground[edit.id, "take"], ground[edit.id, "give"], slopes=slopes)
        case Replace():
            frame = ground[edit.id, "layer"]
            known = set(frame["accuracy"]) if "accuracy" in frame else set()
            state.set(
                edit, edit.target, whole(frame), accuracy="schematic" if "schematic" in known else "derived"
            )
        case Rule():
            rederive(state, base, edit, place(edit, "parameter"))
        case Widen():
            line = reference_line(state.layers, edit.line)
            assert line is not None  # its name is known
            band = polygonal(shapely.buffer(line, edit.width_m / 2, cap_style="flat"))
            state.set(
                edit, edit.target, union([state.shape(edit.target), intersection(band, state.layers.zone)])
            )
        case Road():
            _road(state, edit, ground)
        case Reclassify():
            _reclassify(state, edit, ground)


def _road(state: State, edit: Road, ground: Ground) -> None:
    centre = shapely.union_all(ground[edit.id, "centre"].geometry.to_numpy())
    band = intersection(
        polygonal(shapely.buffer(centre, edit.width_m / 2, cap_style="flat")), state.layers.zone
    )
    for name in edit.take_from:
        before = state.shape(name)
        taken = float(ellipsoid.area([intersection(before, band)], state.layers.crs)[0])
        state.say(edit, "land_take", "info", state.id_of(name), f"道路占用 {taken:.2f} m²", f"the road takes {taken:.2f} m²")  # fmt: skip
        state.set(edit, name, difference(before, band))
    if edit.add_to is not None:
        state.set(edit, edit.add_to, union([state.shape(edit.add_to), band]))


def _reclassify(state: State, edit: Reclassify, ground: Ground) -> None:
    parcels, to = whole(ground[edit.id, "parcels"]), state.id_of(edit.to)
    kind = next(frame for frame in state.layers.elements.values() if (frame["id"] == to).any())
    for other in [str(one) for one in kind["id"] if one != to]:
        if intersection(state.shape(other), parcels).area > 0:
            state.set(edit, other, difference(state.shape(other), parcels))
    state.set(edit, to, union([state.shape(to), parcels]))


def _name_faults(edit: Edit, base: Base, place: Place) -> list[Finding]:
    """Elements and lines that an edit names and that are not there."""
    known = element_ids(base.layers)
    found = [
        unknown_name(place(edit, key), name, list(known)) for key, name in targets(edit) if name not in known
    ]
    flat = {
        row for frame in base.layers.elements.values() for row in frame.loc[frame["area_m2"].isna(), "id"]
    }
    found += [
        fault("scenario.target", place(edit, key), f"“{name}”没有面积,不能这样编辑", f"'{name}' has no area and cannot be edited so")
        for key, name in targets(edit) if known.get(name) in flat
    ]  # fmt: skip
    for key in ("along", "line"):
        name = getattr(edit, key, None)
        if isinstance(name, str) and reference_line(base.layers, name) is None:
            found.append(unknown_name(place(edit, key), name, _lines(base.layers)))
    return found


def _lines(layers: LayerSet) -> list[str]:
    base = layers["reference"]
    return [str(name) for name in base.loc[shapely.get_dimensions(base.geometry.to_numpy()) == 1, "name"]]
