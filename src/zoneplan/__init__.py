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
    from zoneplan.check.conflicts import CheckResult, Desk, check_parcels
    from zoneplan.check.verdicts import Tolerance
    from zoneplan.crs.case import Treatment
    from zoneplan.crs.gate import admit
    from zoneplan.crs.parameterfile import read_parameters
    from zoneplan.engine.grid import Grid, make_grid
    from zoneplan.engine.overlap import overlap_areas, overlap_matrix
    from zoneplan.engine.pieces import overlap_pieces
    from zoneplan.errors import InputError, ZoneplanError
    from zoneplan.finding import Finding
    from zoneplan.io.anyfile import read_any
    from zoneplan.io.layers import read_layers, write_layers
    from zoneplan.io.writer import write_any
    from zoneplan.jobs.loading import compile_plan, load_plan
    from zoneplan.jobs.scenarios import run_scenario
    from zoneplan.jobs.sheets import write_sheets
    from zoneplan.jobs.stream import overlap_file
    from zoneplan.landuse.composition import LandUse
    from zoneplan.layers import LayerSet
    from zoneplan.plan import Plan
    from zoneplan.render.sheet.atlas import SheetOptions
    from zoneplan.render.web import web_map
    from zoneplan.scenario.scenario import Scenario

_HOMES = {
    "CheckResult": "check.conflicts",
    "Desk": "check.conflicts",
    "LandUse": "landuse.composition",
    "SheetOptions": "render.sheet.atlas",
    "Tolerance": "check.verdicts",
    "Finding": "finding",
    "Grid": "engine.grid",
    "InputError": "errors",
    "LayerSet": "layers",
    "Plan": "plan",
    "Scenario": "scenario.scenario",
    "Treatment": "crs.case",
    "ZoneplanError": "errors",
    "admit": "crs.gate",
    "area_ledger": "areas.ledger",
    "area_passport": "areas.passport",
    "area_table": "areas.tables",
    "audit_layers": "audit",
    "audit_plan": "audit",
    "check_parcels": "check.conflicts",
    "compile_plan": "jobs.loading",
    "cross_table": "areas.tables",
    "load_plan": "jobs.loading",
    "make_grid": "engine.grid",
    "overlap_areas": "engine.overlap",
    "overlap_file": "jobs.stream",
    "overlap_matrix": "engine.overlap",
    "overlap_pieces": "engine.pieces",
    "patch_areas": "areas.patchtable",
    "read_any": "io.anyfile",
    "read_layers": "io.layers",
    "read_parameters": "crs.parameterfile",
    "registered_areas": "areas.passport",
    "run_scenario": "jobs.scenarios",
    "web_map": "render.web",
    "write_any": "io.writer",
    "write_layers": "io.layers",
    "write_sheets": "jobs.sheets",
}

__all__ = [
    "CheckResult",
    "Desk",
    "Finding",
    "Grid",
    "InputError",
    "LandUse",
    "LayerSet",
    "Plan",
    "Scenario",
    "SheetOptions",
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
    "compile_plan",
    "cross_table",
    "load_plan",
    "make_grid",
    "overlap_areas",
    "overlap_file",
    "overlap_matrix",
    "overlap_pieces",
    "patch_areas",
    "read_any",
    "read_layers",
    "read_parameters",
    "registered_areas",
    "run_scenario",
    "web_map",
    "write_any",
    "write_layers",
    "write_sheets",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'zoneplan' has no attribute {name!r}")
    return getattr(import_module(f"zoneplan.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
