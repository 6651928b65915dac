"""The layers while a ledger is replayed, and what each edit changed and said."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import geopandas as gpd
import pandas as pd
import shapely
from shapely.geometry.base import BaseGeometry

from zoneplan.engine import ellipsoid
from zoneplan.engine.overlay import difference, intersection
from zoneplan.errors import fault
from zoneplan.finding import Finding
from zoneplan.layers import REFERENCE, LayerSet, line_key
from zoneplan.plan import Plan
from zoneplan.scenario.edits import Edit


@dataclass(frozen=True)
class Base:
    """What a scenario starts from.

    Parameters
    ----------
    layers : LayerSet
    plan : Plan, optional
        The plan that the layers were compiled from; None for finished layers, whose rules nobody knows.
    derive : callable, optional
        Compiles a changed plan as the layers were compiled.
    """

    layers: LayerSet
    plan: Plan | None = None
    derive: Callable[[Plan], LayerSet] | None = None


@dataclass(frozen=True)
class Change:
    """Ground that one edit gave to or took from one element; ellipsoidal m²."""

    edit: str
    element: str
    gained: BaseGeometry
    lost: BaseGeometry
    gained_m2: float
    lost_m2: float


@dataclass
class State:
    """Layers under edit. `frames` that no edit touched are the base's own."""

    layers: LayerSet
    plan: Plan | None
    derived: LayerSet
    touched: set[str] = field(default_factory=set)
    changes: list[Change] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def id_of(self, name: str) -> str:
        """The element id of an id or key of a control line."""
        return element_ids(self.layers)[name]

    def shape(self, name: str) -> BaseGeometry:
        """The present ground of an element."""
        made: BaseGeometry = self.layers.element(self.id_of(name))["geometry"]
        return made

    def set(self, edit: Edit, name: str, shape: BaseGeometry, *, accuracy: str = "derived") -> None:
        """Give an element new ground, inside the zone; notes what changed and what is worth saying."""
        element, before = self.id_of(name), self.shape(name)
        zone = self.layers.zone
        inside = intersection(shape, zone)
        self._cut_off(edit, element, shape, inside)
        gained, lost = difference(inside, before), difference(before, inside)
        gained_m2, lost_m2 = ellipsoid.area([gained, lost], self.layers.crs).tolist()
        if gained_m2 + lost_m2 < LEAST_M2:
            self.say(
                edit, "no_effect", "warning", element, "没有改变该要素的范围", "did not change the element"
            )
            return
        self.changes.append(Change(edit.id, element, gained, lost, gained_m2, lost_m2))
        self.layers = _with(self.layers, element, inside, edit.id, accuracy)
        self.touched.add(element)
        if inside.is_empty:
            self.say(edit, "empty", "error", element, "使该要素范围为空", "leaves the element without ground")

    def say(self, edit: Edit, code: str, severity: str, element: str, zh: str, en: str) -> None:
        """A finding with the edit's id."""
        self.findings.append(
            Finding(
                f"scenario.{code}", severity,  # type: ignore[arg-type]
                f"编辑 {edit.id}({element}):{zh}", f"edit {edit.id} ({element}): {en}",
                edit.id, feature=(edit.id, element),
            )
        )  # fmt: skip

    def _cut_off(self, edit: Edit, element: str, shape: BaseGeometry, inside: BaseGeometry) -> None:
        outside = float(ellipsoid.area([difference(shape, self.layers.zone)], self.layers.crs)[0])
        if outside >= LEAST_M2:
            self.say(
                edit, "outside", "warning", element,
                f"有 {outside:.2f} m² 落在规划范围之外,已裁去", f"{outside:.2f} m² fell outside the zone and were cut off",
            )  # fmt: skip


LEAST_M2 = 0.01
"""Changes of less ground are rounding."""


def element_ids(layers: LayerSet) -> dict[str, str]:
    """Element id by every name that an edit may use: ids, and keys of control lines."""
    ids = [str(one) for frame in layers.elements.values() for one in frame["id"]]
    keys = {line_key(one): one for one in ids if one.startswith("line_")}
    return keys | {one: one for one in ids}


def element_row(layers: LayerSet, element: str) -> tuple[str, pd.Series]:
    """Kind and row of one element."""
    kind = next(kind for kind, frame in layers.elements.items() if (frame["id"] == element).any())
    frame = layers[kind]
    return kind, frame[frame["id"] == element].iloc[0]


def unknown_name(place: str, name: str, known: list[str]) -> Finding:
    """A name that nothing has, with the nearest one that something has."""
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    hint = (f"是否想写“{near[0]}”?", f"did you mean '{near[0]}'?") if near else (
        f"可用:{'、'.join(known)}", f"there are: {', '.join(known)}"
    )  # fmt: skip
    return fault("scenario.name", place, f"没有“{name}”;{hint[0]}", f"there is no '{name}'; {hint[1]}")


def _with(layers: LayerSet, element: str, shape: BaseGeometry, edit: str, accuracy: str) -> LayerSet:
    """Layers in which one row has new ground, measured again; the other frames are the same objects."""
    kind, _ = element_row(layers, element)
    frame = layers[kind].copy()
    at = frame.index[frame["id"] == element][0]
    whole = shapely.MultiPolygon(shapely.get_parts(shape).tolist())
    frame["geometry"] = gpd.GeoSeries(
        [whole if row == at else old for row, old in frame.geometry.items()],
        index=frame.index,
        crs=layers.crs,
    )
    frame.loc[at, "area_m2"] = float(ellipsoid.area([whole], layers.crs)[0])
    frame.loc[at, "accuracy"] = worst(str(frame.loc[at, "accuracy"]), accuracy)
    frame.loc[at, "source"] = ";".join(filter(None, (str(frame.loc[at, "source"] or ""), f"scenario:{edit}")))
    if "length_m" in frame:
        frame.loc[at, "length_m"] = float("nan")  # of the centre line that the old band had
    return replace(layers, frames={**layers.frames, kind: frame})


def worst(*accuracies: str) -> str:
    """The least of several accuracies; an edit is `derived` at best."""
    return "schematic" if "schematic" in accuracies else "derived"


def reference_line(layers: LayerSet, name: str) -> BaseGeometry | None:
    """The line of a reference feature; None if there is none of the name."""
    base = layers[REFERENCE]
    rows = base[(base["name"] == name) & (shapely.get_dimensions(base.geometry.to_numpy()) == 1)]
    return None if rows.empty else shapely.union_all(rows.geometry.to_numpy())


def changes_frame(layers: LayerSet, changes: list[Change], side: str) -> gpd.GeoDataFrame:
    """``edit, element, area_m2`` and the ground gained or lost, in the layers' CRS."""
    rows = [(c.edit, c.element, getattr(c, f"{side}_m2"), getattr(c, side)) for c in changes]
    rows = [row for row in rows if not row[3].is_empty]
    table = pd.DataFrame([row[:3] for row in rows], columns=["edit", "element", "area_m2"])
    return gpd.GeoDataFrame(table, geometry=[row[3] for row in rows], crs=layers.crs)
