"""Wiring: the papers of a plan built, of its areas, of a check, and maps, written for the commands.

Folders are written through `store.staged`: complete or not at all.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import geopandas as gpd
import pandas as pd

from zoneplan.crs.admission import Gate
from zoneplan.errors import InputError, fault
from zoneplan.finding import Finding
from zoneplan.io import store
from zoneplan.io.layers import LAYERS_FILE, write_frames, write_geojson_layers, write_layers
from zoneplan.jobs.loading import Built
from zoneplan.layers import LayerSet

if TYPE_CHECKING:  # what a command does not use, it does not load
    from zoneplan.areas.patchtable import PatchAreas
    from zoneplan.check.result import CheckResult
    from zoneplan.jobs.inventory import Wanted
    from zoneplan.landuse.sheetfill import Filled
    from zoneplan.render.basemaps import Basemap
    from zoneplan.render.compare import Mode
    from zoneplan.render.style import Style

MANIFEST = "manifest.json"
CHECK_SHARES = {"csv": 3, "json": 25, "xlsx": 36, "docx": 4, "gpkg": 12, "map": 10, "kmz": 10}
"""Papers of a check, and about how much of the time each takes where there are very many parcels."""
READ_SHARE = 18
"""As `CHECK_SHARES`: reading and checking."""
CHECK_FORMATS = tuple(CHECK_SHARES)
MAPS = (".html", ".htm", ".kmz")


def write_build(
    built: Built, out: Path, *, form: str = "gpkg", style: Path | None = None, slds: bool = False
) -> list[Path]:
    """Write ``layers.gpkg`` and ``project.qgz`` (or ``<kind>.geojson``) and ``manifest.json``; returns the files.

    `style` is an office's style document, named in the manifest; with `slds` there is also ``<kind>.sld`` for each layer.
    """
    from zoneplan.render.style import read_style

    look = read_style(style)
    with store.staged(out) as stage:
        if form == "gpkg":
            from zoneplan.render.qgis.dress import dress_plan

            write_layers(stage / LAYERS_FILE, built.layers)
            dress_plan(stage / LAYERS_FILE, built.layers, look)
        else:
            write_geojson_layers(stage, built.layers)
        if slds:
            from zoneplan.render.sld import write_slds

            write_slds(stage, built.layers, look)
        more = [("style", style)] if style is not None else []
        store.write_json(stage / MANIFEST, built.manifest(more))
        names = sorted(path.name for path in stage.iterdir())
    return [out / name for name in names]


def changed_files(built: Built, out: Path, *, style: Path | None = None) -> list[str]:
    """Names of the files in a folder that building again would change, add or leave behind."""
    form = "geojson" if any(out.glob("*.geojson")) else "gpkg"
    slds = any(out.glob("*.sld"))
    with tempfile.TemporaryDirectory() as temporary:
        files = write_build(built, Path(temporary) / "fresh", form=form, style=style, slds=slds)
        fresh = {path.name: path.read_bytes() for path in files}
    made = ["*.sld", *(["*.geojson"] if form == "geojson" else [])]
    stale = {path.name for pattern in made for path in out.glob(pattern)}
    there = {name: (out / name).read_bytes() for name in fresh.keys() | stale if (out / name).is_file()}
    return sorted(name for name in fresh.keys() | stale if fresh.get(name) != there.get(name))


def style_said(path: Path | None) -> tuple[Finding, ...]:
    """What is hard to tell apart in an office's style document; nothing of the built-in one."""
    from zoneplan.render.legibility import style_findings
    from zoneplan.render.style import read_style

    return () if path is None else style_findings(read_style(path), path.name)


def write_areas(
    layers: LayerSet,
    out: Path,
    *,
    by: str | None = None,
    landuse: Wanted | None = None,
    patches: PatchAreas | None = None,
    gate: Gate | None = None,
    style: Path | None = None,
) -> tuple[dict[str, pd.DataFrame], tuple[Finding, ...]]:
    """Write ``areas.xlsx`` and ``areas.csv``, with land use and patches if given; returns the tables and what was found.

    With land use also ``landuse.gpkg`` with its patches in the colours of their codes, and ``landuse.qgz`` for QGIS.
    """
    from zoneplan.areas.tables import all_tables
    from zoneplan.render.report import subject_of, write_areas_csv, write_areas_xlsx
    from zoneplan.render.style import read_style

    look = read_style(style)
    tables = all_tables(layers, by=by)
    sheets: tuple[Filled, ...] = ()
    findings: tuple[Finding, ...] = style_said(style)
    drawn: Mapping[str, gpd.GeoDataFrame] = {}
    if landuse is not None:
        from zoneplan.jobs.inventory import take

        inventory = take(layers, landuse, by=by, gate=gate)
        tables |= inventory.tables
        sheets, drawn = inventory.sheets, inventory.patches
        findings = (*findings, *inventory.findings)
    if patches is not None:
        tables |= patches.tables
        findings = (*findings, *patches.findings)
    with store.staged(out) as stage:
        subject = subject_of(layers)
        write_areas_xlsx(stage / "areas.xlsx", subject, tables, sheets=sheets, findings=findings, style=look)
        write_areas_csv(stage / "areas.csv", tables)
        if drawn:
            from zoneplan.render.qgis.dress import dress_landuse

            write_frames(stage / "landuse.gpkg", drawn)
            dress_landuse(stage / "landuse.gpkg", drawn, layers, look)
    return tables, findings


def write_check(
    result: CheckResult,
    layers: LayerSet | Callable[[], LayerSet],
    out: Path,
    *,
    formats: Sequence[str] = CHECK_FORMATS[:-1],
    lang: str = "zh",
    style: Style | None = None,
    template: Path | None = None,
    project: str = "",
    progress: Callable[[float, float], object] = lambda done, whole: None,
) -> tuple[Finding, ...]:
    """Write the papers of a check: ``conflicts.*`` and ``map.html``.

    `layers` are what maps show, or a function that makes them, called if a map is asked for. `progress` is told how much is done, of how much, in `CHECK_SHARES`. `template` is an office's own Word document (docs/word-report.md); what there is to say of it is returned.
    """
    from zoneplan.check.outcomes import parcel_outcomes
    from zoneplan.render import conflict_papers as papers
    from zoneplan.render.conflict_book import write_conflicts_xlsx

    outcomes = parcel_outcomes(result) if {"json", "xlsx", "docx"} & set(formats) else ()
    drawn = layers if callable(layers) else lambda: layers
    done, whole = READ_SHARE, READ_SHARE + sum(CHECK_SHARES[name] for name in formats)
    progress(done, whole)

    def book(path: Path) -> None:
        told = _within(progress, done, CHECK_SHARES["xlsx"], whole)
        write_conflicts_xlsx(path, result, outcomes, style=style, progress=told)

    writers: dict[str, Callable[[Path], object]] = {
        "csv": lambda path: papers.write_conflicts_csv(path, result),
        "json": lambda path: papers.write_conflicts_json(path, result, outcomes),
        "xlsx": book,
        "gpkg": lambda path: papers.write_conflicts_gpkg(path, result, style=style),
        "kmz": lambda path: _save_map(path, drawn(), result, lang, style),
    }
    said: tuple[Finding, ...] = ()
    with store.staged(out) as stage:
        for name in formats:
            if name in writers:
                writers[name](stage / f"conflicts.{name}")
            elif name == "docx":
                from zoneplan.render.word.paper import write_conflicts_docx

                said = write_conflicts_docx(
                    stage / "conflicts.docx",
                    result,
                    outcomes,
                    template=template,
                    project=project,
                    style=style,
                )
            elif name == "map":
                _save_map(stage / "map.html", drawn(), result, lang, style, first="check")
            done += CHECK_SHARES[name]
            progress(done, whole)
    return said


def _within(
    progress: Callable[[float, float], object], done: float, share: float, whole: float
) -> Callable[[float], object]:
    """Progress of one step, told as progress of the whole."""
    return lambda part: progress(done + part * share, whole)


def write_map(
    layers: LayerSet, path: Path, result: CheckResult | None = None, *, lang: str = "zh", style: Path | None = None,
    landuse: gpd.GeoDataFrame | None = None, basemaps: Sequence[Basemap] = (),
) -> None:  # fmt: skip
    """Write the offline web map, or for field staff a ``.kmz``: as the name says. `landuse` as of `inventory.read_patches`.

    Raises
    ------
    InputError
        A name that ends otherwise; a style document with faults.
    """
    from zoneplan.render.style import read_style

    if path.suffix.lower() not in MAPS:
        zh, en = (
            f"不写“{path.suffix}”;可写:{' '.join(MAPS)}",
            f"'{path.suffix}' is not written; what is: {' '.join(MAPS)}",
        )
        raise InputError(fault("file.format", path, zh, en))
    look = read_style(style)
    with store.staged(path.parent) as stage:
        _save_map(stage / path.name, layers, result, lang, look, landuse, basemaps)


def write_comparison(
    base: LayerSet,
    other: LayerSet,
    path: Path,
    *,
    names: tuple[str, str] | None = None,
    mode: Mode = "swipe",
    lang: str = "zh",
    basemaps: Sequence[Basemap] = (),
    style: Path | None = None,
) -> None:
    """Write the page that compares two sets of layers."""
    from zoneplan.render.compare import compare_map
    from zoneplan.render.style import read_style

    look = read_style(style)
    with store.staged(path.parent) as stage:
        made = compare_map(base, other, names=names, mode=mode, lang=lang, basemaps=basemaps, style=look)
        made.save(stage / path.name)


def _save_map(
    path: Path, layers: LayerSet, result: CheckResult | None, lang: str, style: Style | None,
    landuse: gpd.GeoDataFrame | None = None, basemaps: Sequence[Basemap] = (), first: Literal["plan", "check"] = "plan",
) -> None:  # fmt: skip
    if path.suffix.lower() == ".kmz":
        from zoneplan.render.kml import write_kmz

        write_kmz(path, layers, result, lang=lang, style=style, landuse=landuse)
        return
    from zoneplan.render.web import web_map

    web_map(layers, result, lang=lang, style=style, landuse=landuse, basemaps=basemaps, first=first).save(
        path
    )
