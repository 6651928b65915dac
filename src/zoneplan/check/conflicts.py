"""Parcels × control lines → states, areas and verdicts.

Pure: frames in, frames out. States are those of the interface: ``hit``, ``sliver`` (图形误差待核),
``touch``, ``clear``, ``no_data``. A parcel is never ``clear`` where a line is not known.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache, lru_cache
from importlib.metadata import version
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS

from zoneplan.check.lineindex import LineIndex
from zoneplan.check.lines import control_lines, unfit
from zoneplan.check.measure import TOUCH_M, Measured, measure
from zoneplan.check.names import line_name, row_name
from zoneplan.check.neighbours import against_each_other
from zoneplan.check.parcels import Parcels, ready
from zoneplan.check.result import CheckResult
from zoneplan.check.rulefile import read_rules
from zoneplan.check.rulenotes import rule_notes
from zoneplan.check.rules import RuleBook
from zoneplan.check.shapes import ConflictShapes
from zoneplan.check.verdicts import Tolerance, details, judge, states, table
from zoneplan.crs.gate import GEOGRAPHIC, refused, zone_crs
from zoneplan.engine.overlap import FEW_FEATURES
from zoneplan.engine.pieces import ZERO_M2
from zoneplan.engine.rings import Floats
from zoneplan.errors import InputError
from zoneplan.finding import Finding
from zoneplan.landuse.composition import LandUse, composition
from zoneplan.layers import LayerSet

AREAS = ("ellipsoidal", "planar")
_LIBRARIES = ("zoneplan", "geopandas", "shapely", "pyproj", "numpy")
_SHOWN = 10
_RULINGS = 10_000  # kept from one check to the next


class Desk:
    """Control lines loaded once, to check parcels against again and again.

    Parameters
    ----------
    layers : LayerSet, optional
        A compiled plan; its control lines are known inside its zone only.
    lines : mapping of str to GeoDataFrame, optional
        Lines or further constraints by key, in place of the plan's or added; alone, only these are
        checked. A column ``component`` is used if there.
    coverage : GeoDataFrame, optional
        Where the lines given are complete; default within 20 km of the extent of each.
    rules : RuleBook, optional
        Default the shipped one.
    crs : CRS, optional
        Working CRS: projected CGCS2000 3-degree. Default the plan's, else the zone of the lines.
    within : tuple of float, optional
        (west, south, east, north) in that CRS: lines are not cut beyond.

    Raises
    ------
    InputError
        CRS faults, lines that are no polygons, nothing to check against.
    """

    def __init__(
        self,
        layers: LayerSet | None = None,
        *,
        lines: Mapping[str, gpd.GeoDataFrame] | None = None,
        coverage: gpd.GeoDataFrame | None = None,
        rules: RuleBook | None = None,
        crs: CRS | None = None,
        within: tuple[float, ...] | None = None,
    ) -> None:
        if faults := unfit(layers, lines or {}):
            raise InputError(faults)
        self.crs = crs or (layers.crs if layers is not None else _crs_of(list((lines or {}).values())))
        self.book = rules or read_rules()
        self._ruling = lru_cache(maxsize=_RULINGS)(self.book.ruling)
        self._crs_code = f"EPSG:{self.crs.to_epsg()}"
        known, self._said = control_lines(layers, lines or {}, self.crs, coverage=coverage)
        self._plan = layers.plan_id if layers is not None else None
        self._schematic = [line.key for line in known if line.schematic]
        self.index = LineIndex(known, self.crs, within=within)
        self._said += self.index.repaired

    def check(
        self,
        parcels: gpd.GeoDataFrame,
        *,
        id_field: str | None = None,
        use_field: str | None = None,
        use: str | None = None,
        as_of: date | None = None,
        area: str = "ellipsoidal",
        tolerance: Tolerance | None = None,
        tolerances: Mapping[str, Tolerance] | None = None,
        landuse: LandUse | None = None,
        national_major: str | None = None,
    ) -> CheckResult:
        """Check parcels; parameters and errors as for `check_parcels`."""
        if area not in AREAS:
            raise ValueError(f"area is {area!r}, expected one of {', '.join(AREAS)}")
        made = ready(
            parcels, self.crs, id_field=id_field, use_field=use_field, use=use, known_uses=self.book.uses
        )
        rows, found = measure(self.index, made.shapes, area)
        limits = {row.key: (tolerances or {}).get(row.key, tolerance or Tolerance()) for row in rows}
        stated = [states(row, made.shapes, limits[row.key]) for row in rows]
        judged = [
            judge(row, state, made.uses, self._ruling, as_of, national_major)
            for row, (state, _) in zip(rows, stated, strict=True)
        ]
        own = found.whole[area]
        known = _known(made.shapes, own)
        cover, mixed = composition(made.ids, known, landuse) if landuse else (None, ())
        met = [(row.key, one.rulings) for row, one in zip(rows, judged, strict=True)]
        said = (
            *made.findings,
            *(against_each_other(made.ids, known) if len(made.ids) > 1 else ()),
            *self._said,
            *found.findings,
            *(finding for _, doubts in stated for finding in doubts),
            *mixed,
            *_notes(self._schematic, rows, made),
            *rule_notes(met, as_of, national_major),
        )
        parameters = {
            "area": area, "touch_m": TOUCH_M,
            "tolerances": {key: {"area_m2": one.area_m2, "width_m": one.width_m} for key, one in limits.items()},
            "id_field": made.id_field, "use_field": made.use_field, "use": use, "as_of": as_of.isoformat() if as_of else None,
            "national_major": national_major,
        }  # fmt: skip
        return CheckResult(
            table(made.ids, own, rows, judged),
            made.ids,
            own,
            said,
            self._receipt(parameters),
            details(judged),
            bool(self._schematic),
            ConflictShapes(made.shapes, rows, [state for state, _ in stated]),
            cover,
            tuple(made.uses),
        )

    def _receipt(self, parameters: dict[str, Any]) -> dict[str, Any]:
        return {
            "plan": self._plan,
            "rule_book": self.book.version,
            "parameters": parameters,
            "crs": self._crs_code,
            "versions": _versions(),
            "schematic": bool(self._schematic),
            "schematic_lines": self._schematic,
        }


def check_parcels(
    parcels: gpd.GeoDataFrame,
    layers: LayerSet | None = None,
    *,
    lines: Mapping[str, gpd.GeoDataFrame] | None = None,
    coverage: gpd.GeoDataFrame | None = None,
    rules: RuleBook | None = None,
    id_field: str | None = None,
    use_field: str | None = None,
    use: str | None = None,
    as_of: date | None = None,
    area: str = "ellipsoidal",
    tolerance: Tolerance | None = None,
    tolerances: Mapping[str, Tolerance] | None = None,
    landuse: LandUse | None = None,
    national_major: str | None = None,
) -> CheckResult:
    """Check parcels against control lines, once; `Desk` keeps the lines for many checks.

    Parameters
    ----------
    parcels : GeoDataFrame
        Polygons in any CRS that the gate accepts.
    layers, lines, coverage, rules
        As for `Desk`.
    id_field, use_field, use : str, optional
        Field of ids; field of uses, or one use for all (use class ``U01``… or land-use code).
    as_of : date, optional
        Apply the rules in force on that day.
    area : {"ellipsoidal", "planar"}
    tolerance : Tolerance, optional
        An overlap is a sliver if it is under both the area and the mean width; default 1 m² and 0.2 m.
    tolerances : mapping of str to Tolerance, optional
        For single lines.
    landuse : LandUse, optional
        Say what land use each parcel is made of.
    national_major : str, optional
        The document that declares the parcels a national major project (国家重大项目), "" if it was not named.
        None: not declared, and never assumed.

    Raises
    ------
    InputError
        CRS faults, absent fields, geometry that is no polygon, nothing to check against.
    ValueError
        An area method that does not exist.
    """
    if area not in AREAS:
        raise ValueError(f"area is {area!r}, expected one of {', '.join(AREAS)}")
    if faults := unfit(layers, lines or {}):
        raise InputError(faults)
    crs = layers.crs if layers is not None else _crs_of([parcels, *(lines or {}).values()])
    desk = Desk(layers, lines=lines, coverage=coverage, rules=rules, crs=crs, within=_extent(parcels, crs))
    return desk.check(
        parcels,
        id_field=id_field,
        use_field=use_field,
        use=use,
        as_of=as_of,
        area=area,
        tolerance=tolerance,
        tolerances=tolerances,
        landuse=landuse,
        national_major=national_major,
    )


def _known(shapes: gpd.GeoSeries, area_m2: Floats) -> gpd.GeoSeries:
    """Parcels, those that could not be measured without their geometry."""
    unknown = np.isnan(area_m2)
    if not unknown.any():
        return shapes
    known = shapes.copy()
    known[unknown] = shapely.Polygon()
    return known


@cache
def _versions() -> dict[str, str]:
    return {name: version(name) for name in _LIBRARIES}


def _extent(parcels: gpd.GeoDataFrame, crs: CRS) -> tuple[float, ...] | None:
    """Where a few parcels lie; None for many, or if that cannot be said."""
    if len(parcels) > FEW_FEATURES or refused(parcels, "parcels"):
        return None
    bounds = parcels.geometry.to_crs(crs).total_bounds
    margin = np.array([-1.0, -1.0, 1.0, 1.0])
    return tuple(bounds + margin) if np.isfinite(bounds).all() else None


def _crs_of(frames: Sequence[gpd.GeoDataFrame]) -> CRS:
    """The 3-degree CRS of the first frame that has an extent."""
    if faults := refused(frames[0], "parcels"):
        raise InputError(faults)
    frame = next((frame for frame in frames if np.isfinite(frame.total_bounds).all()), frames[-1])
    if faults := refused(frame, "parcels" if frame is frames[0] else "lines"):
        raise InputError(faults)
    west, _, east, _ = frame.to_crs(GEOGRAPHIC).total_bounds
    return zone_crs((west + east) / 2)


def _notes(schematic: Sequence[str], measured: Sequence[Measured], parcels: Parcels) -> list[Finding]:
    """What the officer must know before using the answer."""
    found = []
    if schematic:
        zh, en = "、".join(map(line_name, schematic)), ", ".join(schematic)
        found.append(
            Finding("check.schematic", "warning", f"示意:{zh}由示意几何得出,结论不得用于用地审批", f"schematic: {en} rest on schematic geometry; the verdicts are not usable for approvals")
        )  # fmt: skip
    for row in measured:
        partly = np.flatnonzero(row.uncovered & (row.area > ZERO_M2))
        if len(partly):
            shown = [f"{parcels.ids[i]}({row.unknown_m2[i]:,.2f} m²)" for i in partly[:_SHOWN]]
            zh, en = "、".join(shown), ", ".join(shown)
            found.append(
                Finding("check.partly_covered", "warning", f"{row_name(row.key)}:{len(partly)} 个地块有一部分在图层覆盖范围以外,只计入了已知部分;未知面积:{zh}", f"{row.key}: {len(partly)} parcels lie partly beyond what the layer covers; only the known part is counted; not known: {en}", feature=tuple(parcels.ids[i] for i in partly[:_SHOWN]))
            )  # fmt: skip
    return found
