"""Files → control lines and constraints by key: those named one by one, and those that a geodatabase holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from zoneplan.admission import Gate
from zoneplan.errors import InputError
from zoneplan.finding import Finding
from zoneplan.io.standardfiles import read_standard
from zoneplan.io.vector import check_geometry, split_path_layer
from zoneplan.lines import STANDARD
from zoneplan.loading import read_lines
from zoneplan.standardlayers import StandardLayer, components, standard_layers
from zoneplan.zones import Bounds


@dataclass
class LineFiles:
    """Lines by key, and the files (role, path) that they come from."""

    frames: dict[str, gpd.GeoDataFrame] = field(default_factory=dict)
    files: list[tuple[str, Path]] = field(default_factory=list)


def take_lines(
    named: Mapping[str, str], sources: Sequence[str | Path] = (), *, gate: Gate, anchor: Bounds | None = None
) -> LineFiles:
    """Read control lines and constraints, past the gate; its findings say what was concluded.

    Parameters
    ----------
    named : mapping of str to str
        ``PATH[:LAYER]`` by key.
    sources : sequence of path
        Files (or folders) of several layers: those with a standard name become lines. A line that is named outweighs
        them; layers of one line are taken together.
    gate : Gate
        Roles are the keys of `named`, and ``lines`` for all layers of `sources`.
    anchor : tuple of float, optional
        Where the lines should lie (degrees).

    Returns
    -------
    LineFiles
        A column ``component`` is filled from the standard fields where the layer has none. Of the three control lines
        those that `sources` lack are named by a warning, since nothing is checked against them.

    Raises
    ------
    InputError
        As reading each of them; polygons with faults.
    """
    made = LineFiles(files=[(f"line {key}", split_path_layer(text)[0]) for key, text in named.items()])
    for key, frame in read_lines(named, gate, anchor=anchor).items():
        made.frames[key] = _with_component(key, frame, gate)
    for source in map(Path, sources):
        made.files.append(("lines", source))
        standard = read_standard(source, assume_crs=gate.treatment("lines").assume)
        gate.findings += standard.findings
        for layer, place, intake in standard.lines:
            if layer.key in named:
                zh, en = f"{layer.zh}已用 --line 给出,此图层未采用", f"{layer.en} is given with --line: this layer is not used"  # fmt: skip
                gate.findings.append(Finding("lines.named", "info", zh, en, place))
                continue
            gate.findings += intake.findings
            if faults := check_geometry(intake.frame, place=place, families={"polygon"}):
                raise InputError(faults)
            frame = gate.admit(intake.frame, "lines", place=place, path=source, anchor=anchor)
            _add(made, layer, _with_component(layer.key, frame, gate), place, gate)
    if sources:
        gate.findings += _absent(made)
    return made


def _add(made: LineFiles, layer: StandardLayer, frame: gpd.GeoDataFrame, place: str, gate: Gate) -> None:
    """Put a layer to those of its line."""
    if layer.key in made.frames:
        zh, en = f"{layer.zh}有多个图层,合并采用", f"{layer.en} is in several layers: they are taken together"
        gate.findings.append(Finding("lines.several", "warning", zh, en, place))
        one = made.frames[layer.key]
        both = [one, frame if frame.crs == one.crs or one.crs is None else frame.to_crs(one.crs)]
        frame = gpd.GeoDataFrame(pd.concat(both, ignore_index=True), crs=one.crs)
    made.frames[layer.key] = frame


def _with_component(key: str, frame: gpd.GeoDataFrame, gate: Gate) -> gpd.GeoDataFrame:
    """A line with the column ``component``, from a standard field if that states it."""
    found = None if "component" in frame else components(key, [str(name) for name in frame.columns])
    if found is None:
        return frame
    name, beginnings = found
    texts = frame[name].fillna("").astype(str).str.strip()
    parts = np.array(
        [next((part for head, part in beginnings.items() if text.startswith(head)), "") for text in texts]
    )
    counts = {str(part): int(n) for part, n in zip(*np.unique(parts, return_counts=True), strict=True)}
    if set(counts) == {""}:
        return frame
    shown = ", ".join(f"{part or '-'} {n}" for part, n in counts.items())
    zh, en = f"构成取自字段 {name}:{shown}", f"components are taken from the field {name}: {shown}"
    gate.findings.append(Finding("lines.component", "info", zh, en, key))
    return frame.assign(component=parts)


def _absent(made: LineFiles) -> list[Finding]:
    """The control lines that nothing is checked against."""
    absent = [layer for layer in standard_layers() if layer.key in STANDARD and layer.key not in made.frames]
    if not absent:
        return []
    zh, en = "、".join(layer.zh for layer in absent), ", ".join(layer.en for layer in absent)
    return [Finding("lines.absent", "warning", f"所给文件中没有{zh}的图层;未与其核查,不能据此认为不涉及", f"the files given have no layer of {en}: nothing was checked against it, which is no clearance", "--lines")]  # fmt: skip
