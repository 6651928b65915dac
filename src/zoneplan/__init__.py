"""zoneplan: a Chinese territorial plan as something one can compute with.

Everything heavy loads on first use, so that importing the package (and ``zoneplan --help``) is instant.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from zoneplan.areas import area_table, cross_table
    from zoneplan.audit import audit_layers, audit_plan
    from zoneplan.case import Treatment
    from zoneplan.composition import LandUse
    from zoneplan.conflicts import CheckResult, Desk, check_parcels
    from zoneplan.crs import admit
    from zoneplan.errors import InputError, ZoneplanError
    from zoneplan.finding import Finding
    from zoneplan.grid import Grid, make_grid
    from zoneplan.io.anyfile import read_any
    from zoneplan.io.layers import read_layers, write_layers
    from zoneplan.io.writer import write_any
    from zoneplan.layers import LayerSet
    from zoneplan.ledger import area_ledger
    from zoneplan.loading import compile_plan, load_plan
    from zoneplan.overlap import overlap_areas, overlap_matrix
    from zoneplan.parameterfile import read_parameters
    from zoneplan.passport import area_passport, registered_areas
    from zoneplan.patchtable import patch_areas
    from zoneplan.pieces import overlap_pieces
    from zoneplan.plan import Plan
    from zoneplan.render.web import web_map
    from zoneplan.scenario.scenario import Scenario
    from zoneplan.scenarios import run_scenario
    from zoneplan.stream import overlap_file
    from zoneplan.verdicts import Tolerance

_HOMES = {
    "CheckResult": "conflicts",
    "Desk": "conflicts",
    "LandUse": "composition",
    "Tolerance": "verdicts",
    "Finding": "finding",
    "Grid": "grid",
    "InputError": "errors",
    "LayerSet": "layers",
    "Plan": "plan",
    "Scenario": "scenario.scenario",
    "Treatment": "case",
    "ZoneplanError": "errors",
    "admit": "crs",
    "area_ledger": "ledger",
    "area_passport": "passport",
    "area_table": "areas",
    "audit_layers": "audit",
    "audit_plan": "audit",
    "check_parcels": "conflicts",
    "compile_plan": "loading",
    "cross_table": "areas",
    "load_plan": "loading",
    "make_grid": "grid",
    "overlap_areas": "overlap",
    "overlap_file": "stream",
    "overlap_matrix": "overlap",
    "overlap_pieces": "pieces",
    "patch_areas": "patchtable",
    "read_any": "io.anyfile",
    "read_layers": "io.layers",
    "read_parameters": "parameterfile",
    "registered_areas": "passport",
    "run_scenario": "scenarios",
    "web_map": "render.web",
    "write_any": "io.writer",
    "write_layers": "io.layers",
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
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'zoneplan' has no attribute {name!r}")
    return getattr(import_module(f"zoneplan.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted(__all__)
