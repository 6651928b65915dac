"""A check from files: everything read, checked, and written down so that it can be run again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import geopandas as gpd
from pyproj import CRS

from zoneplan.check.conflicts import check_parcels
from zoneplan.check.linelayers import as_layers
from zoneplan.check.outcomes import declared_crossing
from zoneplan.check.overrides import Override, apply_overrides, overrides_from
from zoneplan.check.parcels import no_field, without_strays
from zoneplan.check.request import CheckRequest
from zoneplan.check.result import CheckResult
from zoneplan.check.rulefile import Amended, amend, read_rules
from zoneplan.check.rules import RuleBook
from zoneplan.check.verdicts import Tolerance
from zoneplan.crs.admission import Gate, open_gate
from zoneplan.crs.gate import extent
from zoneplan.errors import Gathered, InputError
from zoneplan.finding import Finding
from zoneplan.io.anyfile import read_any
from zoneplan.io.intake import Intake
from zoneplan.io.rowfiles import read_rows
from zoneplan.io.standardfiles import StandardFile, read_standard
from zoneplan.io.vector import split_path_layer
from zoneplan.jobs.linefiles import add_standard
from zoneplan.jobs.loading import admit_lines, build, open_layers, read_layer
from zoneplan.jobs.receipt import input_row, layer_prints, trace
from zoneplan.landuse.composition import LandUse
from zoneplan.layers import LayerSet
from zoneplan.render.legibility import style_findings
from zoneplan.render.style import Style, read_style
from zoneplan.textrows import TextRows

Compiled = tuple[LayerSet, tuple[tuple[str, Path], ...]]
"""Layers, and the files (role, path) that they come from."""


@dataclass(frozen=True)
class Checked:
    """A check, the rule book that was applied and how papers look.

    ``plan`` are the layers of the plan that it was made with, None if with ``lines`` from files only.
    """

    result: CheckResult
    plan: LayerSet | None
    lines: Mapping[str, gpd.GeoDataFrame]
    book: RuleBook
    style: Style

    @cached_property
    def layers(self) -> LayerSet:
        """The layers that a map draws with it; lines of files are made sound and whole for that, which takes its time."""
        return self.plan if self.plan is not None else as_layers(self.lines, CRS(self.result.parcels.crs))


@dataclass(frozen=True)
class Inputs:
    """What the files of a request hold."""

    parcels: Intake
    lines: Mapping[str, gpd.GeoDataFrame]
    layers: LayerSet | None
    compiled_from: tuple[tuple[str, Path], ...]
    rules: Amended
    overrides: tuple[Override, ...]
    gate: Gate
    landuse: gpd.GeoDataFrame | None = None
    coverage: gpd.GeoDataFrame | None = None
    style: Style = field(default_factory=read_style)


def check(request: CheckRequest, *, compiled: Compiled | None = None) -> Checked:
    """Check a file of parcels.

    Parameters
    ----------
    request : CheckRequest
    compiled : Compiled, optional
        The layers that ``request.source`` stands for, where they are at hand already.

    Raises
    ------
    InputError
        With the faults of all files at once.
    """
    inputs = read_inputs(request, compiled)
    frame = inputs.parcels.frame
    if request.crossing_field is not None and request.crossing_field not in frame:
        raise InputError(no_field("crossing-field", request.crossing_field, frame))
    tolerances = {key: Tolerance.read(text, f"--tolerance {key}") for key, text in request.tolerances.items()}
    landuse = inputs.landuse
    result = check_parcels(
        frame,
        inputs.layers,
        lines=inputs.lines or None,
        coverage=inputs.coverage,
        tolerance=tolerances.get(""),
        tolerances=tolerances,
        landuse=None if landuse is None else LandUse(landuse, request.landuse_field, request.landuse_codes),
        rules=inputs.rules.book,
        id_field=request.id_field,
        use_field=request.use_field,
        use=request.use,
        as_of=request.as_of,
        area=request.area,
        national_major=request.national_major,
    )
    said: tuple[Finding, ...] = (
        *inputs.parcels.findings,
        *inputs.gate.findings,
        *inputs.rules.findings,
        *(style_findings(inputs.style, Path(request.style).name) if request.style else ()),
        *result.said,
    )
    result = _written_down(replace(result, said=said), request, inputs)
    if request.crossing_field is not None:
        result = replace(result, crossing=declared_crossing(frame[request.crossing_field]))
    result = apply_overrides(result, inputs.overrides)
    return Checked(result, inputs.layers, inputs.lines, inputs.rules.book, inputs.style)


def read_inputs(request: CheckRequest, compiled: Compiled | None = None) -> Inputs:
    """Read every file of a request; the faults of all of them come together."""
    gathered = Gathered()
    lines: dict[str, gpd.GeoDataFrame] = {}
    standard: dict[str, StandardFile] = {}
    files: list[TextRows] = []
    rules = Amended(read_rules(), (), ())
    overrides: tuple[Override, ...] = ()
    parcels, layers = None, compiled
    landuse = coverage = None
    style = read_style()
    gate = Gate()
    with gathered.step():
        gate = open_gate(
            ["parcels", *request.lines, *(["lines"] if request.line_files else [])], **request.crs
        )
    path, layer = split_path_layer(request.parcels)
    with gathered.step():
        parcels = read_any(
            path, layer=layer, assume_crs=gate.treatment("parcels").assume, encoding=request.encoding
        )
    for key, text in request.lines.items():
        with gathered.step():
            lines[key] = read_layer(key, text, assume_crs=gate.treatment(key).assume, invalid=True)
    for text in request.line_files:
        with gathered.step():
            standard[text] = read_standard(text, assume_crs=gate.treatment("lines").assume)
    if request.landuse is not None:
        with gathered.step():
            landuse = read_layer("landuse", request.landuse)
    if request.coverage is not None:
        with gathered.step():
            coverage = read_layer("coverage", request.coverage, invalid=True)
    for text in request.rules:
        with gathered.step():
            files.append(read_rows(Path(text), code="rules"))
    with gathered.step():
        rules = amend(rules.book, files)
    if request.overrides is not None:
        with gathered.step():
            overrides = overrides_from(read_rows(Path(request.overrides), code="overrides", yaml=True))
    if request.style is not None:
        with gathered.step():
            style = read_style(Path(request.style))
    if request.source is not None and layers is None:
        with gathered.step():
            layers = _layers(request, request.source)
    gathered.check()
    assert parcels is not None
    plan = layers[0] if layers else None
    frame, admitted = _admitted(request, gate, parcels, lines, standard, plan)
    return Inputs(
        Intake(frame),
        admitted,
        plan,
        layers[1] if layers else (),
        rules,
        overrides,
        gate,
        landuse,
        coverage,
        style,
    )


def _admitted(
    request: CheckRequest,
    gate: Gate,
    parcels: Intake,
    lines: Mapping[str, gpd.GeoDataFrame],
    standard: Mapping[str, StandardFile],
    plan: LayerSet | None,
) -> tuple[gpd.GeoDataFrame, Mapping[str, gpd.GeoDataFrame]]:
    """Parcels and lines as the gate of CRS lets them in; `gate` holds what there is to say of it."""
    path, layer = split_path_layer(request.parcels)
    zone = extent(gpd.GeoDataFrame(geometry=[plan.zone], crs=plan.crs)) if plan is not None else None
    gate.findings += parcels.findings  # an assumed CRS is among them
    usable, strays = without_strays(parcels.frame, path.name)
    gate.findings += strays
    frame = gate.admit_sound(usable, "parcels", place=path.name, path=path, layer=layer, anchor=zone)
    anchor = zone or extent(frame)
    named = admit_lines(lines, request.lines, gate, anchor=anchor)
    admitted = add_standard(named, standard, gate, anchor=anchor)
    gate.close()
    return frame, admitted


def _layers(request: CheckRequest, source: str) -> Compiled:
    if not (request.reference or request.replaced):
        return open_layers(source)
    built = build(source, reference=request.reference, layers=request.replaced)
    return built.layers, built.inputs


def _written_down(result: CheckResult, request: CheckRequest, inputs: Inputs) -> CheckResult:
    """The result with a receipt that holds everything needed to run it again."""
    named = list(request.files())
    first = [
        pair
        for pair in named
        if pair[0] in ("parcels", "lines", "landuse", "coverage") or pair[0].startswith("line ")
    ]
    own = [pair for pair in named if pair[0] in ("rules", "overrides", "style")]
    given = {Path(split_path_layer(text)[0]): text for role, text in named if (role, text) not in first + own}
    rows = [input_row(role, text) for role, text in [*first, *own]]
    rows += [input_row(role, given.get(path, path)) for role, path in inputs.compiled_from]
    prints = layer_prints(inputs.parcels.frame, inputs.lines, inputs.layers, CRS(result.parcels.crs))
    receipt = {
        "inputs": rows,
        "request": request.record(),
        "layers": {key: one.record() for key, one in prints.items()},
        "rule_files": [dict(change) for change in inputs.rules.changes],
        **result.receipt,
        **({"crs_asked": asked} if (asked := inputs.gate.record()) else {}),
    }
    return replace(result, receipt=receipt, trace=trace(result.details, inputs.rules.book, prints))
