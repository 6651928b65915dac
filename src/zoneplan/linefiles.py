"""Control lines found by name in a file of many layers: the standard names of plan databases, as data."""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path

from zoneplan.errors import InputError, fault
from zoneplan.finding import Finding
from zoneplan.io.vector import list_layers
from zoneplan.resources import LAYER_NAMES


def lines_in(file: str) -> tuple[dict[str, str], list[Finding]]:
    """Lines by key as ``PATH:LAYER``, and what was made of the other layers.

    Parameters
    ----------
    file : str
        A geodatabase or GeoPackage.

    Raises
    ------
    InputError
        No layer of a known name, or two of one line.
    """
    path = Path(file)
    found: dict[str, list[str]] = {}
    landuse: list[str] = []
    others: list[str] = []
    for layer, _ in list_layers(path):
        key, kind = _names().get(layer.strip().upper(), ("", ""))
        if kind == "line":
            found.setdefault(key, []).append(layer)
        else:
            (landuse if kind == "landuse" else others).append(layer)
    faults = [
        fault("lines.twice", path.name, f"{key} 有多个图层:{'、'.join(layers)};请用 --line {key}={file}:图层 指明", f"{key} has several layers: {', '.join(layers)}; name one with --line {key}={file}:LAYER")
        for key, layers in found.items()
        if len(layers) > 1
    ]  # fmt: skip
    if not found:
        shown = "、".join([*landuse, *others])
        faults.append(fault("lines.none", path.name, f"没有认识的控制线图层;有:{shown};请用 --line KEY={file}:图层 指明", f"no layer has the name of a control line; there are: {shown}; name them with --line KEY={file}:LAYER"))  # fmt: skip
    if faults:
        raise InputError(faults)
    lines = {key: f"{file}:{layers[0]}" for key, layers in found.items()}
    said = [
        Finding(
            "lines.recognised", "info",
            "按图层名认出:" + "、".join(f"{layers[0]} → {key}" for key, layers in found.items())
            + (f";用地图层(用 --landuse 给出):{'、'.join(landuse)}" if landuse else "")
            + (f";未使用:{'、'.join(others)}" if others else ""),
            "recognised by name: " + ", ".join(f"{layers[0]} → {key}" for key, layers in found.items())
            + (f"; land use (give it with --landuse): {', '.join(landuse)}" if landuse else "")
            + (f"; not used: {', '.join(others)}" if others else ""),
            path.name,
        )
    ]  # fmt: skip
    return lines, said


@cache
def _names() -> dict[str, tuple[str, str]]:
    """Key and kind by layer name in capitals."""
    with LAYER_NAMES.open(encoding="utf-8", newline="") as file:
        return {row["name"].upper(): (row["key"], row["kind"]) for row in csv.DictReader(file)}
