"""zoneplan: a Chinese territorial plan as something one can compute with.

Everything heavy loads on first use, so that importing the package (and ``zoneplan --help``) is instant.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from zoneplan.areas.ledger import area_ledger
    from zoneplan.areas.passport import area_passport, registered_areas
    from zoneplan.areas.patchtable import patch_areas
    from zoneplan.areas.tables import area_table, cross_table
    from zoneplan.audit import audit_layers, audit_plan
    from zoneplan.check.conflicts import Desk, check_parcels
    from zoneplan.check.result import CheckResult
    from zoneplan.check.verdicts import Tolerance
    from zoneplan.crs.case import Treatment
    from zoneplan.crs.gate import admit
    from zoneplan.crs.parameterfile import read_parameters
    from zoneplan.engine.grid import Grid, make_grid
    from zoneplan.engine.overlap import overlap_areas, overlap_matrix
    from zoneplan.engine.pieces import overlap_pieces
    from zoneplan.errors import InputError, ZoneplanError
    from zoneplan.finding import Finding, Findings
    from zoneplan.io.anyfile import read_any
    from zoneplan.io.layers import read_layers, write_layers
    from zoneplan.io.writer import write_any
    from zoneplan.jobs.elevation import slope_by_feature
    from zoneplan.jobs.loading import compile_plan, load_plan
    from zoneplan.jobs.scenarios import run_scenario
    from zoneplan.jobs.sheets import write_sheets
    from zoneplan.jobs.siting import solve_siting
    from zoneplan.jobs.stream import overlap_file
    from zoneplan.jobs.suitability import SuitabilityCall, run_suitability
    from zoneplan.jobs.terrain import TerrainCall, run_terrain
    from zoneplan.landuse.composition import LandUse
    from zoneplan.layers import LayerSet
    from zoneplan.plan import Plan
    from zoneplan.render.basemaps import raster_basemap, tianditu, tile_service
    from zoneplan.render.compare import compare_map
    from zoneplan.render.sheet.atlas import SheetOptions
    from zoneplan.render.style import read_style
    from zoneplan.render.web import web_map
    from zoneplan.scenario.scenario import Scenario
    from zoneplan.terrain.zonal import zonal

_HOMES = {
    "CheckResult": "check.result",
    "Desk": "check.conflicts",
    "Finding": "finding",
    "Findings": "finding",
    "Grid": "engine.grid",
    "InputError": "errors",
    "LandUse": "landuse.composition",
    "LayerSet": "layers",
    "Plan": "plan",
    "Scenario": "scenario.scenario",
    "SheetOptions": "render.sheet.atlas",
    "SuitabilityCall": "jobs.suitability",
    "TerrainCall": "jobs.terrain",
    "Tolerance": "check.verdicts",
    "Treatment": "crs.case",
    "ZoneplanError": "errors",
    "admit": "crs.gate",
    "area_ledger": "areas.ledger",
    "area_passport": "areas.passport",
    "area_table": "areas.tables",
    "audit_layers": "audit",
    "audit_plan": "audit",
    "check_parcels": "check.conflicts",
    "compare_map": "render.compare",
    "compile_plan": "jobs.loading",
    "cross_table": "areas.tables",
    "load_plan": "jobs.loading",
    "make_grid": "engine.grid",
    "overlap_areas": "engine.overlap",
    "overlap_file": "jobs.stream",
    "overlap_matrix": "engine.overlap",
    "overlap_pieces": "engine.pieces",
    "patch_areas": "areas.patchtable",
    "raster_basemap": "render.basemaps",
    "read_any": "io.anyfile",
    "read_layers": "io.layers",
    "read_parameters": "crs.parameterfile",
    "read_style": "render.style",
    "registered_areas": "areas.passport",
    "run_scenario": "jobs.scenarios",
    "run_suitability": "jobs.suitability",
    "run_terrain": "jobs.terrain",
    "slope_by_feature": "jobs.elevation",
    "solve_siting": "jobs.siting",
    "tianditu": "render.basemaps",
    "tile_service": "render.basemaps",
    "web_map": "render.web",
    "write_any": "io.writer",
    "write_layers": "io.layers",
    "write_sheets": "jobs.sheets",
    "zonal": "terrain.zonal",
}

__all__ = [
    "CheckResult",
    "Desk",
    "Finding",
    "Findings",
    "Grid",
    "InputError",
    "LandUse",
    "LayerSet",
    "Plan",
    "Scenario",
    "SheetOptions",
    "SuitabilityCall",
    "TerrainCall",
    "Tolerance",
    "Treatment",
    "ZoneplanError",
    "admit",
    "area_ledger",
    "area_passport",
    "area_table",
    "audit_layers",
    "audit_plan",
    "check_parcels",
    "compare_map",
    "compile_plan",
    "cross_table",
    "load_plan",
    "make_grid",
    "overlap_areas",
    "overlap_file",
    "overlap_matrix",
    "overlap_pieces",
    "patch_areas",
    "raster_basemap",
    "read_any",
    "read_layers",
    "read_parameters",
    "read_style",
    "registered_areas",
    "run_scenario",
    "run_suitability",
    "run_terrain",
    "slope_by_feature",
    "solve_siting",
    "tianditu",
    "tile_service",
    "web_map",
    "write_any",
    "write_layers",
    "write_sheets",
    "zonal",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'zoneplan' has no attribute {name!r}")
    return getattr(import_module(f"zoneplan.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
