"""Files → control lines and constraints by key: those named one by one, and those that a geodatabase holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from zoneplan.errors import InputError, fault
from zoneplan.finding import Finding
from zoneplan.io.intake import Intake
from zoneplan.io.standardfiles import read_standard
from zoneplan.io.vector import check_geometry, split_path_layer
from zoneplan.lines import STANDARD
from zoneplan.loading import take_layer
from zoneplan.standardlayers import components, standard_layers


@dataclass
class LineFiles:
    """Lines by key, each in the CRS of its file; the files (role, path) that they come from; what was concluded."""

    frames: dict[str, gpd.GeoDataFrame] = field(default_factory=dict)
    files: list[tuple[str, Path]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def take_lines(named: Mapping[str, str], sources: Sequence[str | Path] = ()) -> LineFiles:
    """Read control lines and constraints.

    Parameters
    ----------
    named : mapping of str to str
        ``PATH[:LAYER]`` by key.
    sources : sequence of path
        Files (or folders) of several layers: those with a standard name become lines. A line that is named outweighs
        them; layers of one line are taken together.

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
    made = LineFiles()
    for key, text in named.items():
        made.files.append((f"line {key}", split_path_layer(text)[0]))
        _add(made, key, take_layer(key, text))
    for source in map(Path, sources):
        made.files.append(("lines", source))
        standard = read_standard(source)
        made.findings += standard.findings
        for layer, place, intake in standard.lines:
            if layer.key in named:
                zh, en = f"{layer.zh}已用 --line 给出,此图层未采用", f"{layer.en} is given with --line: this layer is not used"  # fmt: skip
                made.findings.append(Finding("lines.named", "info", zh, en, place))
                continue
            if faults := check_geometry(intake.frame, place=place, families={"polygon"}):
                raise InputError(faults)
            if layer.key in made.frames:
                zh, en = f"{layer.zh}有多个图层,合并采用", f"{layer.en} is in several layers: they are taken together"  # fmt: skip
                made.findings.append(Finding("lines.several", "warning", zh, en, place))
            _add(made, layer.key, intake)
    if sources:
        made.findings += _absent(made)
    return made


def _add(made: LineFiles, key: str, intake: Intake) -> None:
    frame, said = _with_component(key, intake.frame)
    made.findings += [*intake.findings, *said]
    if key in made.frames:
        one = made.frames[key]
        if frame.crs is None or one.crs is None:
            zh, en = "没有坐标系,不能与同名控制线的其他图层合并", "there is no CRS: it cannot be taken together with the line's other layers"  # fmt: skip
            raise InputError(fault("crs.missing", key, zh, en))
        frame = gpd.GeoDataFrame(pd.concat([one, frame.to_crs(one.crs)], ignore_index=True), crs=one.crs)
    made.frames[key] = frame


def _with_component(key: str, frame: gpd.GeoDataFrame) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """A line with the column ``component``, from a standard field if that states it."""
    found = None if "component" in frame else components(key, [str(name) for name in frame.columns])
    if found is None:
        return frame, []
    name, beginnings = found
    texts = frame[name].map(
        lambda cell: "" if cell is None or cell is pd.NA or cell != cell else str(cell).strip()
    )
    parts = np.array(
        [next((part for head, part in beginnings.items() if text.startswith(head)), "") for text in texts]
    )
    counts = {str(part): int(n) for part, n in zip(*np.unique(parts, return_counts=True), strict=True)}
    if set(counts) == {""}:
        return frame, []
    shown = ", ".join(f"{part or '-'} {n}" for part, n in counts.items())
    zh, en = f"构成取自字段 {name}:{shown}", f"components are taken from the field {name}: {shown}"
    return frame.assign(component=parts), [Finding("lines.component", "info", zh, en, key)]


def _absent(made: LineFiles) -> list[Finding]:
    """The control lines that nothing is checked against."""
    absent = [layer for layer in standard_layers() if layer.key in STANDARD and layer.key not in made.frames]
    if not absent:
        return []
    zh, en = "、".join(layer.zh for layer in absent), ", ".join(layer.en for layer in absent)
    return [Finding("lines.absent", "warning", f"所给文件中没有{zh}的图层;未与其核查,不能据此认为不涉及", f"the files given have no layer of {en}: nothing was checked against it, which is no clearance", "--lines")]  # fmt: skip
