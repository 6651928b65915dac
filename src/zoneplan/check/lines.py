"""Control lines to check against, each with how far it is known: unknown is a verdict, zero a measurement."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from zoneplan.crs.gate import to_working
from zoneplan.engine.overlay import union
from zoneplan.errors import fault
from zoneplan.finding import Finding
from zoneplan.layers import LayerSet, line_key
from zoneplan.topology.sound import sound_polygons

BOUNDARY = "urban_development_boundary"
OUTSIDE = f"{BOUNDARY}:outside"
STANDARD = ("ecological_redline", "permanent_basic_farmland", BOUNDARY)
REACH_M = 20_000.0
"""A line's own file is taken to say all there is to say within this distance of its bounding box."""
_SHOWN = 10


@dataclass(frozen=True)
class Line:
    """One control line in the working CRS.

    ``parts`` maps each component ("" if not stated) to its polygons; ``coverage`` is where the line is
    known, None nowhere (the layer was not given). ``given``: the rows of the file that it comes from, None for a plan's.
    """

    key: str
    parts: Mapping[str, gpd.GeoSeries]
    coverage: BaseGeometry | None
    schematic: bool
    given: gpd.GeoDataFrame | None = None

    def mended(self) -> tuple[Line, list[Finding]]:
        """The same line with all invalid polygons of what was given repaired, each a finding."""
        if self.given is None:
            return self, []
        sound, said = sound_polygons(self.given, self.key)
        return (replace(self, parts=_by_component(sound), given=sound) if said else self), said


def control_lines(
    layers: LayerSet | None,
    given: Mapping[str, gpd.GeoDataFrame],
    crs: CRS,
    *,
    coverage: gpd.GeoDataFrame | None = None,
) -> tuple[list[Line], list[Finding]]:
    """The lines to check: those of the plan, with the files given in their place or added.

    Standard lines first, then further constraints by name. With a plan, a standard line that it
    lacks is kept as one that is known nowhere. `coverage` says where the files given are complete. Invalid polygons of what
    is given are repaired, each a finding, but for those of thousands of holes (see `sound_polygons`), for which there is `Line.mended`.
    """
    found: dict[str, Line] = {}
    if layers is not None:
        for key in STANDARD:
            found[key] = Line(key, {}, None, False)
        if "control_line" in layers:
            frame = layers["control_line"]
            for key in dict.fromkeys(frame["id"].map(line_key)):
                rows = frame[frame["id"].map(line_key) == key]
                found[key] = Line(
                    key, _by_component(rows), layers.zone, bool((rows["accuracy"] == "schematic").any())
                )
    known, said = None, list[Finding]()
    if coverage is not None:
        whole, repaired = sound_polygons(to_working(coverage, crs, place="coverage"), "coverage")
        known = union(list(whole.geometry))
        said += repaired
    for key, frame in given.items():
        working, repaired = sound_polygons(to_working(frame, crs, place=key), key, thorough=False)
        said += repaired
        reach = shapely.box(*working.total_bounds).buffer(REACH_M)
        schematic = "accuracy" in working and bool((working["accuracy"] == "schematic").any())
        found[key] = Line(key, _by_component(working), reach if known is None else known, schematic, working)
    order = [*(key for key in STANDARD if key in found), *sorted(found.keys() - set(STANDARD))]
    said += [_assumed(key) for key in given] if known is None else []
    return [found[key] for key in order], said


def unfit(layers: LayerSet | None, lines: Mapping[str, gpd.GeoDataFrame]) -> list[Finding]:
    """Why there is nothing to check against: a parcel must not pass because nobody looked."""
    if layers is None and not lines:
        return [fault("check.no_lines", "lines", "没有可核查的控制线,请给出规划图层或控制线", "there is no line to check against; give the layers of a plan, or lines")]  # fmt: skip
    faults = []
    for key, frame in lines.items():
        if not len(frame):
            faults.append(fault("check.line_empty", key, "图层没有要素,应至少有一个面", "the layer has 0 features, expected at least one polygon"))  # fmt: skip
        shapes = frame.geometry.to_numpy()
        wrong = np.flatnonzero(
            shapely.is_missing(shapes) | shapely.is_empty(shapes) | (shapely.get_dimensions(shapes) != 2)
        )
        if len(wrong):
            shown = ", ".join(f"#{number + 1}" for number in wrong[:_SHOWN])
            faults.append(fault("check.line_type", key, f"{len(wrong)} 个要素不是面或为空:{shown}", f"{len(wrong)} features are empty or no polygons: {shown}"))  # fmt: skip
    return faults


def _assumed(key: str) -> Finding:
    """How far a line's own file is taken to be complete."""
    return Finding(
        "check.coverage", "info",
        f"假定所给文件在其范围外 {REACH_M / 1000:g} 公里以内是完整的;更远的地块记为无数据;可用 --coverage 给出数据范围",
        f"the file given is taken to be complete within {REACH_M / 1000:g} km of its extent; parcels beyond have no data; "
        "--coverage says where it is complete",
        key,
    )  # fmt: skip


def _by_component(frame: gpd.GeoDataFrame) -> dict[str, gpd.GeoSeries]:
    """Polygons by component, single parts, so that no huge multipolygon is met whole."""
    stated = frame["component"].fillna("").astype(str) if "component" in frame else [""] * len(frame)
    names = np.asarray(stated, dtype=str)
    return {
        str(name): gpd.GeoSeries(shapely.get_parts(frame.geometry.to_numpy()[names == name]), crs=frame.crs)
        for name in sorted(set(names))
    }
