"""An inventory of land use: files read, tables made, template filled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import geopandas as gpd
import pandas as pd
from pyproj import CRS

from zoneplan.crs.admission import Gate
from zoneplan.crs.gate import extent
from zoneplan.engine import ellipsoid
from zoneplan.errors import InputError, fault
from zoneplan.finding import Finding
from zoneplan.io.vector import split_path_layer
from zoneplan.jobs.loading import admit_lines, read_layer
from zoneplan.landuse.codes import code_list
from zoneplan.landuse.ground import Ground, make_ground
from zoneplan.landuse.landtables import BARE, BARE_PLANNED, land_table, transition
from zoneplan.landuse.sheetfill import Filled, fill_sheet, sheets_for
from zoneplan.landuse.spread import Spread, spread
from zoneplan.landuse.tabledef import read_table
from zoneplan.landuse.tablerows import level_rows
from zoneplan.landuse.template import Template, read_template
from zoneplan.layers import LayerSet
from zoneplan.units import round_half_up, to_unit

KINDS = ("group", "space", "control_line")
CLASSES = "three_classes"
FACILITIES = ("agricultural", "construction")
ZONE_LEVEL = 2
LEAST_M2 = 1.0  # what lies outside or bare is said from here on
TEMPLATE = "structure"


@dataclass(frozen=True)
class Wanted:
    """What an inventory is made from.

    Parameters
    ----------
    present : str
        ``PATH[:LAYER]`` of present land use.
    planned : str, optional
    field, planned_field : str, optional
        Fields of codes; default those of the data standards.
    codes, planned_codes : str, optional
        Lists of the codes; default what is detected.
    facilities : {"agricultural", "construction"}
        What class 06 counts as in the three-way summary.
    template : str, optional
        Id or file.
    level : int
        Of the classes in tables by element and in the transition.
    """

    present: str
    planned: str | None = None
    field: str | None = None
    planned_field: str | None = None
    codes: str | None = None
    planned_codes: str | None = None
    facilities: str = FACILITIES[0]
    template: str | None = None
    level: int = 1


@dataclass(frozen=True)
class Inventory:
    """Tables by name, as of `zoneplan.landuse.landtables`, filled sheets, all findings; ``patches`` as maps draw them."""

    tables: Mapping[str, pd.DataFrame]
    sheets: tuple[Filled, ...]
    findings: tuple[Finding, ...]
    patches: Mapping[str, gpd.GeoDataFrame] = field(default_factory=dict)


def take(layers: LayerSet, wanted: Wanted, *, by: str | None = None, gate: Gate | None = None) -> Inventory:
    """Read land use and make every table and sheet of it.

    Parameters
    ----------
    layers : LayerSet
    wanted : Wanted
    by : str, optional
        A further kind of elements.
    gate : Gate, optional
        What of the CRS of ``landuse`` and ``planned`` may be assumed or corrected.

    Returns
    -------
    Inventory
        Tables ``landuse`` (the zone, two levels), ``landuse_three_classes``, ``landuse_by_<kind>``;
        with planned land use ``planned``, ``planned_three_classes`` and ``transition``.

    Raises
    ------
    InputError
        With every fault of a template, a file or its codes.
    """
    template = read_template(wanted.template or TEMPLATE, facilities=wanted.facilities)
    elements = _elements(layers, by)
    sheets_for(template, tuple(elements), planned=wanted.planned is not None)
    gate = gate or Gate()
    present = _read("landuse", wanted.present, wanted.field, wanted.codes, layers, gate)
    planned = None
    if wanted.planned is not None:
        planned = _read("planned", wanted.planned, wanted.planned_field, wanted.planned_codes, layers, gate)
    gate.close()
    made = tabulate(elements, present, planned, wanted, template)
    drawn = {"present": drawn_patches(present)}
    if planned is not None:
        drawn["planned"] = drawn_patches(planned)
    return replace(made, findings=(*gate.findings, *made.findings), patches=drawn)


def read_patches(
    layers: LayerSet, text: str, *, field: str | None, codes: str | None
) -> tuple[gpd.GeoDataFrame, tuple[Finding, ...]]:
    """The patches of a file (``PATH[:LAYER]``) as maps draw them, and what there was to say of them."""
    gate = Gate()
    ground = _read("landuse", text, field, codes, layers, gate)
    gate.close()
    return drawn_patches(ground), (*gate.findings, *ground.findings)


def drawn_patches(ground: Ground) -> gpd.GeoDataFrame:
    """``label``, ``code`` of the current list, its ``name`` (empty if it has none), ellipsoidal ``area_m2``."""
    names = {code: one.name for code, one in code_list().codes.items()}
    frame = ground.frame.reset_index(drop=True)
    area = ellipsoid.area(gpd.GeoSeries(frame.geometry), CRS(frame.crs))
    columns = {
        "label": frame["label"],
        "code": frame["code"],
        "name": frame["code"].map(lambda code: names.get(code, "")),
        "area_m2": area,
    }
    return gpd.GeoDataFrame(columns, geometry=frame.geometry, crs=frame.crs)


def tabulate(
    elements: Mapping[str, gpd.GeoDataFrame],
    present: Ground,
    planned: Ground | None,
    wanted: Wanted,
    template: Template,
) -> Inventory:
    """The tables and sheets of land use that is read already."""
    zone = elements["zone"]
    classes = read_table(CLASSES)
    rows = classes.rows(facilities=wanted.facilities)
    fine = level_rows(code_list(), ZONE_LEVEL)
    tables: dict[str, pd.DataFrame] = {}
    findings: list[Finding] = [*present.findings, *_unverified(template, classes.name, classes.verified)]
    spreads = {"present": {kind: spread(present, frame) for kind, frame in elements.items()}}
    if planned is not None:
        wanted_kinds = {"zone", *(sheet.elements for sheet in template.sheets if sheet.elements)}
        spreads["planned"] = {kind: spread(planned, elements[kind]) for kind in sorted(wanted_kinds)}
        findings += planned.findings
    for side, ground, key, bare in (
        ("present", present, "landuse", BARE),
        ("planned", planned, "planned", BARE_PLANNED),
    ):
        if ground is None:
            continue
        whole = spreads[side]["zone"]
        tables[key] = land_table(whole, fine, all_rows=False, bare=bare)
        tables[f"{key}_{CLASSES}"] = land_table(whole, rows, bare=bare)
        findings += _covered(ground, whole, key)
    coarse = level_rows(code_list(), wanted.level)
    for kind, made in spreads["present"].items():
        if kind != "zone":
            tables[f"landuse_by_{kind}"] = land_table(made, coarse, all_rows=False)
            findings += made.findings
    if planned is not None:
        tables["transition"] = transition(present, planned, zone, level=wanted.level)
        findings += tables["transition"].attrs["findings"]
    filled = tuple(fill_sheet(sheet, spreads["present"], spreads.get("planned")) for sheet in template.sheets)
    return Inventory(tables, filled, tuple(dict.fromkeys(findings)))


def _elements(layers: LayerSet, by: str | None) -> dict[str, gpd.GeoDataFrame]:
    """Elements with areas by kind, the zone first."""
    zone = gpd.GeoDataFrame({"id": ["zone"], "name": [layers.name]}, geometry=[layers.zone], crs=layers.crs)
    made = {"zone": zone}
    for kind in dict.fromkeys((*KINDS, *([by] if by and by != "element" else ()))):
        if kind in layers.elements:
            frame = layers.elements[kind]
            with_area = frame[frame["area_m2"] > 0]
            if len(with_area):
                made[kind] = with_area
    return made


def _read(key: str, text: str, field: str | None, codes: str | None, layers: LayerSet, gate: Gate) -> Ground:
    path = split_path_layer(text)[0]
    zone = extent(gpd.GeoDataFrame(geometry=[layers.zone], crs=layers.crs))
    read = read_layer(key, text, assume_crs=gate.treatment(key).assume)
    frame = admit_lines({key: read}, {key: text}, gate, anchor=zone)[key]
    return make_ground(frame, crs=layers.crs, field=field, list_id=codes, place=path.name)


def _covered(ground: Ground, whole: Spread, place: str) -> list[Finding]:
    """What of the zone has no land use, and what land use lies outside it; nothing in common is a fault."""
    zone, bare = float(whole.own[0]), float(whole.bare[0])
    outside = float(ellipsoid.area(gpd.GeoSeries(ground.frame.geometry), CRS(ground.frame.crs)).sum()) - (
        zone - bare
    )
    if bare >= zone:
        raise InputError(
            fault(
                "landuse.apart", place,
                "用地图斑与规划范围没有共同的地面;请检查坐标系和文件", "the patches and the zone share no ground: check CRS and file",
            )
        )  # fmt: skip
    said = []
    if bare > LEAST_M2:
        area, share = round_half_up(to_unit(bare, "ha"), 4), round_half_up(bare / zone * 100, 2)
        said.append(
            Finding(
                "landuse.bare", "warning",
                f"规划范围内有 {area} 公顷({share}%)没有用地图斑,单列一行",
                f"{area} ha ({share} %) of the zone have no patch; they stand in a row of their own", place,
            )
        )  # fmt: skip
    if outside > LEAST_M2:
        area = round_half_up(to_unit(outside, "ha"), 4)
        said.append(
            Finding(
                "landuse.outside", "info",
                f"图斑有 {area} 公顷在规划范围以外,不计入", f"{area} ha of the patches lie outside the zone and are not counted", place,
            )
        )  # fmt: skip
    return said


def _unverified(template: Template, name: str, verified: str) -> Sequence[Finding]:
    names = [name] * (verified != "yes") + [template.name] * (template.verified != "yes")
    if code_list().verified != "yes":
        names.insert(0, code_list().name)
    if not names:
        return ()
    return (
        Finding(
            "landuse.unverified", "info",
            f"未与官方文本核对:{'、'.join(names)}", f"not compared with an official text: {', '.join(names)}",
        ),
    )  # fmt: skip
