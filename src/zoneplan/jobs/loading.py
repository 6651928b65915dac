"""Files → plan and layers: documents, reference features by name, authoritative layers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
from pyproj import CRS

from zoneplan.compile import compile_layers
from zoneplan.crs.admission import Gate
from zoneplan.crs.zones import Bounds
from zoneplan.document import find_plan, read_document
from zoneplan.errors import InputError, fault
from zoneplan.extent import FromLayer, walk
from zoneplan.features import Features
from zoneplan.finding import Finding
from zoneplan.io import store
from zoneplan.io.anyfile import read_any
from zoneplan.io.geometrycheck import check_geometry, without_empty
from zoneplan.io.layers import LAYERS_FILE, read_layers
from zoneplan.io.reference import match_reference, read_reference
from zoneplan.io.vector import split_path_layer
from zoneplan.layers import LayerSet
from zoneplan.plan import Plan
from zoneplan.resources import data_dir


@dataclass(frozen=True)
class Built:
    """A compiled plan, and the files that it was made from (role, path)."""

    plan: Plan
    layers: LayerSet
    inputs: tuple[tuple[str, Path], ...]

    def manifest(self, more: Sequence[tuple[str, Path]] = ()) -> dict[str, Any]:
        """What the layers were made from: plan, inputs (and `more`) with sha256, CRS, version. No clock."""
        return {
            "schema": "zoneplan.manifest/1",
            "version": version("zoneplan"),
            "plan": {
                "id": self.plan.id,
                "name": self.plan.name,
                "name_en": self.plan.name_en,
                "sha256": self.plan.sha256,
            },
            "inputs": [
                {"role": role, "file": path.name, "sha256": store.sha256(path)}
                for role, path in (*self.inputs, *more)
            ],
            "crs": f"EPSG:{self.layers.crs.to_epsg()}",
            "schematic": self.layers.schematic,
            "layers": {kind: len(frame) for kind, frame in self.layers.frames.items()},
        }


def load_plan(name: str | Path, *, reference: Sequence[str | Path] = ()) -> Plan:
    """A plan, checked against its reference features.

    Parameters
    ----------
    name : str or Path
        Built-in id (``"jiaozuo"``) or the path of a YAML document.
    reference : sequence of path
        Further reference files, as for `compile_plan`.

    Raises
    ------
    InputError
        With every fault: structure, duplicate keys, misspelt feature names, reference files.
    """
    return _load(name, reference)[0]


def compile_plan(
    plan: Plan,
    *,
    reference: Sequence[str | Path] = (),
    layers: Mapping[str, str | Path | gpd.GeoDataFrame] | None = None,
) -> LayerSet:
    """Derive a plan's layers from its reference features.

    Parameters
    ----------
    plan : Plan
    reference : sequence of path
        OpenStreetMap extracts, GeoPackages, shapefiles, GeoJSON: replace base features by name and alias.
    layers : mapping of str to path (``PATH`` or ``PATH:LAYER``) or GeoDataFrame
        Authoritative polygons by element id or key, in place of the compiled ones.

    Returns
    -------
    LayerSet
        One frame per kind, projected CGCS2000 3-degree CRS; areas ellipsoidal in m².

    Raises
    ------
    InputError
        With every fault found.
    """
    base, said, _ = _reference(plan.path, plan.reference, reference)
    return _compile(plan, base, said, layers or {})


def build(
    name: str | Path, *, reference: Sequence[str | Path] = (), layers: Mapping[str, str] | None = None
) -> Built:
    """Compile a plan and remember what from."""
    plan, base, said, inputs = _load(name, reference)
    given = layers or {}
    inputs = [*inputs, *((f"layer {key}", split_path_layer(text)[0]) for key, text in given.items())]
    inputs += [("from_layer", path) for path, _, _ in _layer_files(plan).values()]
    return Built(plan, _compile(plan, base, said, given), tuple(inputs))


def open_layers(source: str | Path) -> tuple[LayerSet, tuple[tuple[str, Path], ...]]:
    """Layers from ``layers.gpkg`` or its folder, else compiled from a plan; and the files that they come from."""
    path = Path(source)
    if path.is_dir() or path.suffix.lower() == ".gpkg":
        return read_layers(path), (("layers", path / LAYERS_FILE if path.is_dir() else path),)
    built = build(source)
    return built.layers, built.inputs


def _load(
    name: str | Path, reference: Sequence[str | Path]
) -> tuple[Plan, gpd.GeoDataFrame, tuple[Finding, ...], list[tuple[str, Path]]]:
    path = find_plan(name)
    document = read_document(path)
    try:
        base, said, inputs = _reference(path, document.reference_files(), reference)
    except InputError as error:
        raise InputError([*document.source.faults, *error.faults]) from error
    plan = document.finish(Features(base).families())
    return plan, base, said, [("plan", path), *inputs]


def _reference(
    document: Path | None, named: Sequence[str], given: Sequence[str | Path]
) -> tuple[gpd.GeoDataFrame, tuple[Finding, ...], list[tuple[str, Path]]]:
    """The document's own reference features, with those of the given files in place by name."""
    own = [_find_reference(document, name) for name in named]
    more = [Path(path) for path in given]
    if not own and not more:
        raise InputError(
            fault(
                "reference.none", document.name if document else "plan",
                "规划没有写 reference(参考要素文件);请在文件中写明,或用 --reference 给出",
                "the plan names no `reference` file; write one, or give it with --reference",
            )
        )  # fmt: skip
    if not own:
        own, more = more[:1], more[1:]
    frames = [read_reference(path) for path in own]
    base = (
        frames[0]
        if len(frames) == 1
        else gpd.GeoDataFrame(pd.concat(frames, ignore_index=True), crs=frames[0].crs)
    )
    said: list[Finding] = []
    for path in more:
        base, findings = match_reference(base, path)
        said += findings
    return base, tuple(said), [("reference", path) for path in [*own, *more]]


def _find_reference(document: Path | None, name: str) -> Path:
    """A reference file beside the plan document, else one that travels with the package."""
    beside = (document.parent if document else Path()) / name
    shipped = data_dir() / "boundaries" / name
    return shipped if shipped.is_file() and not beside.exists() else beside


def _compile(
    plan: Plan,
    base: gpd.GeoDataFrame,
    said: tuple[Finding, ...],
    given: Mapping[str, str | Path | gpd.GeoDataFrame],
) -> LayerSet:
    frames = {
        key: value if isinstance(value, gpd.GeoDataFrame) else read_layer(key, str(value))
        for key, value in given.items()
    }
    files = {at: _polygons(path, layer, at, where) for at, (path, layer, where) in _layer_files(plan).items()}
    layers = compile_layers(plan, base, given=frames, files=files)
    return replace(layers, findings=(*said, *layers.findings))


def read_layer(
    key: str, text: str, *, assume_crs: CRS | None = None, invalid: bool = False
) -> gpd.GeoDataFrame:
    """The polygons that ``KEY=PATH[:LAYER]`` names; `InputError` with every fault.

    With `invalid`, polygons that are invalid are no fault: whoever measures them repairs them first; and features
    without geometry are left out, with a finding.
    """
    path, layer = split_path_layer(text)
    return _polygons(path, layer, f"{key}={path.name}", None, assume_crs, invalid)


def admit_lines(
    frames: Mapping[str, gpd.GeoDataFrame], files: Mapping[str, str], gate: Gate, *, anchor: Bounds | None
) -> dict[str, gpd.GeoDataFrame]:
    """Layers as `read_layer` gives them, past the gate; `anchor` is where they should lie (degrees)."""
    made = {}
    for key, frame in frames.items():
        path, layer = split_path_layer(files[key])
        gate.findings += frame.attrs.get("findings", ())
        made[key] = gate.admit(frame, key, place=f"{key}={path.name}", path=path, layer=layer, anchor=anchor)
    return made


def _polygons(
    path: Path,
    layer: str | None,
    place: str,
    where: Mapping[str, str] | None,
    assume_crs: CRS | None = None,
    invalid: bool = False,
) -> gpd.GeoDataFrame:
    """A layer of polygons, optionally only rows whose fields have the given text; `source` defaults to the file.

    What was concluded while reading it is in ``attrs["findings"]``.
    """
    read = read_any(path, layer=layer, place=place, assume_crs=assume_crs)
    if wrong := [finding for finding in read.findings if finding.severity == "error"]:
        raise InputError(wrong)
    frame = read.frame
    for column, value in (where or {}).items():
        if column not in frame:
            raise InputError(
                fault("layer.field", place, f"没有字段“{column}”", f"there is no field '{column}'")
            )
        frame = frame[frame[column].astype(str) == value]
    frame, left_out = without_empty(frame, place) if invalid else (frame, ())
    faults = check_geometry(frame, place=place, families={"polygon"}, invalid=invalid)
    if faults:
        raise InputError(faults)
    frame = frame if "source" in frame else frame.assign(source=path.name)
    frame.attrs["findings"] = (*read.findings, *left_out)
    return frame


def _layer_files(plan: Plan) -> dict[str, tuple[Path, str | None, Mapping[str, str] | None]]:
    """The file, layer and filter of each ``from_layer`` rule, by its path in the document."""
    folder = plan.path.parent if plan.path else Path()
    return {
        at: (folder / rule.from_layer, rule.layer, rule.where)
        for _, path, element in plan.items()
        for at, rule in walk(element.extent, f"{path}.extent")
        if isinstance(rule, FromLayer)
    }
