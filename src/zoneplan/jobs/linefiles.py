"""Files → control lines and constraints by key: those named one by one, and those that a geodatabase holds."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from zoneplan.check.lines import STANDARD
from zoneplan.crs.admission import Gate
from zoneplan.crs.zones import Bounds
from zoneplan.finding import Finding
from zoneplan.io.standardfiles import StandardFile
from zoneplan.standardlayers import components, standard_layers


def add_standard(
    named: Mapping[str, gpd.GeoDataFrame],
    files: Mapping[str, StandardFile],
    gate: Gate,
    *,
    anchor: Bounds | None,
) -> dict[str, gpd.GeoDataFrame]:
    """Lines that were named one by one, and those that files hold under standard names, past the gate.

    Parameters
    ----------
    named : mapping of str to GeoDataFrame
        Admitted lines by key; they outweigh what a file holds.
    files : mapping of str to StandardFile
        By path; layers of one line are taken together.
    gate : Gate
        The role of all these layers is ``lines``; what is concluded joins its findings.
    anchor : tuple of float, optional
        Where the lines should lie (degrees).

    Returns
    -------
    dict of str to GeoDataFrame
        A column ``component`` is filled from the standard fields where a layer has none. Of the three control lines
        those that no file has are named by a warning, since nothing is checked against them.
    """
    lines = {key: _with_component(key, frame, gate) for key, frame in named.items()}
    for source, standard in files.items():
        gate.findings += standard.findings
        for layer, place, intake in standard.lines:
            if layer.key in named:
                zh, en = f"{layer.zh}已用 --line 给出,此图层未采用", f"{layer.en} is given with --line: this layer is not used"  # fmt: skip
                gate.findings.append(Finding("lines.named", "info", zh, en, place))
                continue
            gate.findings += intake.findings
            frame = gate.admit(intake.frame, "lines", place=place, path=Path(source), anchor=anchor)
            frame = _with_component(layer.key, frame, gate)
            if layer.key in lines:
                zh, en = f"{layer.zh}有多个图层,合并采用", f"{layer.en} is in several layers: they are taken together"  # fmt: skip
                gate.findings.append(Finding("lines.several", "warning", zh, en, place))
                frame = _together(lines[layer.key], frame)
            lines[layer.key] = frame
    if files:
        gate.findings += _absent(lines)
    return lines


def _together(one: gpd.GeoDataFrame, other: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Two layers of one line, in the CRS of the first."""
    same = other if one.crs is None or other.crs == one.crs else other.to_crs(one.crs)
    return gpd.GeoDataFrame(pd.concat([one, same], ignore_index=True), crs=one.crs)


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


def _absent(lines: Mapping[str, gpd.GeoDataFrame]) -> list[Finding]:
    """The control lines that nothing is checked against."""
    absent = [layer for layer in standard_layers() if layer.key in STANDARD and layer.key not in lines]
    if not absent:
        return []
    zh, en = "、".join(layer.zh for layer in absent), ", ".join(layer.en for layer in absent)
    return [Finding("lines.absent", "warning", f"所给文件中没有{zh}的图层;未与其核查,不能据此认为不涉及", f"the files given have no layer of {en}: nothing was checked against it, which is no clearance", "--lines")]  # fmt: skip
