"""Wiring: analyses run and their papers written. Every command goes through here.

Folders are written through `store.staged`: complete or not at all.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from zoneplan.audit import audit_layers, audit_plan
from zoneplan.crs.admission import Gate
from zoneplan.document import find_plan, read_document
from zoneplan.errors import InputError, fault
from zoneplan.finding import Finding
from zoneplan.io import store
from zoneplan.io.layers import (
    read_layers,
    write_faults,
    write_findings,
    write_frames,
    write_geojson_layers,
    write_layers,
)
from zoneplan.io.vector import split_path_layer
from zoneplan.jobs.loading import LAYERS_FILE, Built, build
from zoneplan.layers import LayerSet

if TYPE_CHECKING:  # what a command does not use, it does not load
    from zoneplan.areas.patchtable import PatchAreas
    from zoneplan.check.conflicts import CheckResult
    from zoneplan.jobs.inspection import Inspection
    from zoneplan.jobs.inventory import Wanted
    from zoneplan.landuse.sheetfill import Filled

MANIFEST = "manifest.json"
CHECK_SHARES = {"csv": 3, "json": 25, "xlsx": 36, "docx": 4, "gpkg": 12, "map": 10}
"""Papers of a check, and about how much of the time each takes where there are very many parcels."""
READ_SHARE = 18
"""As `CHECK_SHARES`: reading and checking."""
CHECK_FORMATS = tuple(CHECK_SHARES)


def write_build(built: Built, out: Path, *, form: str = "gpkg") -> list[Path]:
    """Write ``layers.gpkg`` (or ``<kind>.geojson``) and ``manifest.json``; returns the files."""
    with store.staged(out) as stage:
        if form == "gpkg":
            from zoneplan.render.qgis import add_styles, layer_styles

            write_layers(stage / LAYERS_FILE, built.layers)
            add_styles(stage / LAYERS_FILE, layer_styles(built.layers))
        else:
            write_geojson_layers(stage, built.layers)
        store.write_json(stage / MANIFEST, built.manifest())
        names = sorted(path.name for path in stage.iterdir())
    return [out / name for name in names]


def changed_files(built: Built, out: Path) -> list[str]:
    """Names of the files in a folder that building again would change, add or leave behind."""
    form = "geojson" if any(out.glob("*.geojson")) else "gpkg"
    with tempfile.TemporaryDirectory() as temporary:
        fresh = {
            path.name: path.read_bytes() for path in write_build(built, Path(temporary) / "fresh", form=form)
        }
    stale = {path.name for path in out.glob("*.geojson")} if form == "geojson" else set()
    there = {name: (out / name).read_bytes() for name in fresh.keys() | stale if (out / name).is_file()}
    return sorted(name for name in fresh.keys() | stale if fresh.get(name) != there.get(name))


def audit(source: str | Path, *, reference: Sequence[str | Path] = ()) -> tuple[Finding, ...]:
    """All findings on a plan, or on layers alone.

    Counts need no geometry: where the plan cannot be compiled, they stand beside the faults.
    """
    path = Path(source)
    if path.is_dir() or path.suffix.lower() == ".gpkg":
        return audit_layers(read_layers(path))
    document = read_document(find_plan(source))
    counts = audit_plan(document.plan) if document.plan else ()
    try:
        built = build(source, reference=reference)
    except InputError as error:
        raise InputError(
            [*(finding for finding in counts if finding.severity == "error"), *error.faults]
        ) from error
    return audit_built(built)


def audit_built(built: Built) -> tuple[Finding, ...]:
    """All findings on a plan that is compiled already."""
    return (*audit_plan(built.plan), *audit_layers(built.layers, built.plan))


def write_audit(findings: Sequence[Finding], out: Path) -> None:
    """Write ``findings.json`` and, for findings with a place on the map, ``findings.gpkg``."""
    with store.staged(out) as stage:
        _save_findings(findings, stage)


def write_inspection(source: str | Path, found: Inspection, out: Path) -> list[Path]:
    """Write what `inspection.inspect` found; returns the files.

    ``findings.json``; ``findings.gpkg`` with the layers ``findings`` (points) and ``faults`` (the geometry at
    fault); where it was repaired, ``repaired.gpkg`` and ``repair.csv``.

    Raises
    ------
    InputError
        If the repaired copy would replace the input.
    """
    path = split_path_layer(str(source))[0]
    names = ["findings.json", "findings.gpkg", *(["repaired.gpkg", "repair.csv"] if found.repaired else [])]
    if any((out / name).exists() and (out / name).samefile(path) for name in names):
        zh, en = (
            "输出会覆盖输入文件;请换一个输出文件夹",
            "the output would replace the input: choose another folder",
        )
        raise InputError(fault("out.input", path, zh, en))
    with store.staged(out) as stage:
        _save_findings(found.findings, stage)
        write_faults(stage / "findings.gpkg", found.faults)
        if found.repaired:
            write_frames(stage / "repaired.gpkg", {each.name: each.frame for each in found.repaired})
            report = pd.concat([each.report for each in found.repaired], ignore_index=True)
            store.write_csv(stage / "repair.csv", report)
    return [out / name for name in names]


def _save_findings(findings: Sequence[Finding], stage: Path) -> None:
    store.write_json(
        stage / "findings.json",
        {"schema": "zoneplan.findings/1", "findings": [f.record() for f in findings]},
    )
    write_findings(stage / "findings.gpkg", findings)


def write_areas(
    layers: LayerSet,
    out: Path,
    *,
    by: str | None = None,
    landuse: Wanted | None = None,
    patches: PatchAreas | None = None,
    gate: Gate | None = None,
) -> tuple[dict[str, pd.DataFrame], tuple[Finding, ...]]:
    """Write ``areas.xlsx`` and ``areas.csv``, with land use and patches if given; returns the tables and what was found."""
    from zoneplan.areas.tables import all_tables
    from zoneplan.render.report import subject_of, write_areas_csv, write_areas_xlsx

    tables = all_tables(layers, by=by)
    sheets: tuple[Filled, ...] = ()
    findings: tuple[Finding, ...] = ()
    if landuse is not None:
        from zoneplan.jobs.inventory import take

        inventory = take(layers, landuse, by=by, gate=gate)
        tables |= inventory.tables
        sheets, findings = inventory.sheets, inventory.findings
    if patches is not None:
        tables |= patches.tables
        findings = (*findings, *patches.findings)
    with store.staged(out) as stage:
        write_areas_xlsx(stage / "areas.xlsx", subject_of(layers), tables, sheets=sheets, findings=findings)
        write_areas_csv(stage / "areas.csv", tables)
    return tables, findings


def write_check(
    result: CheckResult,
    layers: LayerSet,
    out: Path,
    *,
    formats: Sequence[str] = CHECK_FORMATS,
    lang: str = "zh",
    template: Path | None = None,
    project: str = "",
    progress: Callable[[float, float], object] = lambda done, whole: None,
) -> tuple[Finding, ...]:
    """Write the papers of a check: ``conflicts.*`` and ``map.html``.

    `progress` is told how much is done, of how much, in `CHECK_SHARES`. `template` is an office's own Word document (docs/word-report.md); what there is to say of it is returned.
    """
    from zoneplan.check.outcomes import parcel_outcomes
    from zoneplan.render import conflict_papers as papers
    from zoneplan.render.conflict_book import write_conflicts_xlsx

    plain = {"csv": papers.write_conflicts_csv, "gpkg": papers.write_conflicts_gpkg}
    outcomes = parcel_outcomes(result) if {"json", "xlsx", "docx"} & set(formats) else ()
    done, whole = READ_SHARE, READ_SHARE + sum(CHECK_SHARES[name] for name in formats)
    progress(done, whole)
    said: tuple[Finding, ...] = ()
    with store.staged(out) as stage:
        for name in formats:
            share = CHECK_SHARES[name]
            if name in plain:
                plain[name](stage / f"conflicts.{name}", result)
            elif name == "json":
                papers.write_conflicts_json(stage / "conflicts.json", result, outcomes)
            elif name == "xlsx":
                write_conflicts_xlsx(
                    stage / "conflicts.xlsx", result, outcomes, progress=_within(progress, done, share, whole)
                )
            elif name == "docx":
                from zoneplan.render.word.paper import write_conflicts_docx

                said = write_conflicts_docx(
                    stage / "conflicts.docx", result, outcomes, template=template, project=project
                )
            elif name == "map":
                _save_map(stage / "map.html", layers, result, lang)
            done += share
            progress(done, whole)
    return said


def _within(
    progress: Callable[[float, float], object], done: float, share: float, whole: float
) -> Callable[[float], object]:
    """Progress of one step, told as progress of the whole."""
    return lambda part: progress(done + part * share, whole)


def write_map(layers: LayerSet, path: Path, result: CheckResult | None = None, *, lang: str = "zh") -> None:
    """Write the offline web map."""
    with store.staged(path.parent) as stage:
        _save_map(stage / path.name, layers, result, lang)


def _save_map(path: Path, layers: LayerSet, result: CheckResult | None, lang: str) -> None:
    from zoneplan.render.web import web_map

    web_map(layers, result, lang=lang).save(path)
