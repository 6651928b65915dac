"""Wiring: a plan or its layers audited, and the findings of an audit or an inspection written.

Folders are written through `store.staged`: complete or not at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from zoneplan.audit import audit_layers, audit_plan
from zoneplan.document import find_plan, read_document
from zoneplan.errors import InputError, fault
from zoneplan.finding import Finding
from zoneplan.io import store
from zoneplan.io.layers import read_layers, write_faults, write_findings, write_frames
from zoneplan.io.vector import split_path_layer
from zoneplan.jobs.loading import Built, build

if TYPE_CHECKING:  # what a command does not use, it does not load
    from zoneplan.jobs.inspection import Inspection


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
