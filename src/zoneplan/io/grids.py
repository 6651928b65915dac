"""Layers cut into cells, kept on disk beside their file, so that the next question need not read it.

A kept grid names the sha256 of the file that it was cut from; one that does not fit is cut again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path

import geopandas as gpd
import numpy as np
from pyproj import CRS

from zoneplan.crs.admission import Gate
from zoneplan.crs.gate import to_working
from zoneplan.crs.zones import Bounds
from zoneplan.engine.entries import Cells
from zoneplan.engine.grid import Grid, make_grid
from zoneplan.finding import Finding
from zoneplan.io import store
from zoneplan.io.vector import PARTS, read_vector, split_path_layer
from zoneplan.topology.sound import sound_polygons

FORMAT = 3
SUFFIX = ".zpgrid.npz"


def layer_grids(
    lines: Mapping[str, str],
    crs: CRS,
    *,
    keep: bool = False,
    gate: Gate | None = None,
    anchor: Bounds | None = None,
) -> tuple[Grid, ...]:
    """The grids of layers in the working CRS: one for all, or one each where they are kept.

    Parameters
    ----------
    lines : mapping of str to str
        ``PATH`` or ``PATH:LAYER`` by key.
    crs : pyproj.CRS
        Working CRS; a layer in another is transformed.
    keep : bool
        Look for a grid beside each file, and leave one there if there is none that fits.
    gate : Gate, optional
        What of the CRS of a layer (by key) may be assumed or corrected; corrections are findings of its grid.
    anchor : tuple of float, optional
        Degrees: where the layers should lie.

    Raises
    ------
    InputError
        As `read_vector` and the CRS gate.
    """
    gate = gate or Gate()
    if not keep:
        return (_made(lines, crs, gate, anchor),)
    return tuple(_kept(key, source, crs, gate, anchor) for key, source in lines.items())


def _made(lines: Mapping[str, str], crs: CRS, gate: Gate, anchor: Bounds | None) -> Grid:
    """One grid of layers, with what was corrected to read them.

    Invalid polygons are looked for where a layer covers ground twice or inside out: elsewhere they change no area.
    """
    before = len(gate.findings)
    frames = {key: _layer(key, source, crs, gate, anchor) for key, source in lines.items()}
    made = make_grid(frames)
    invalid = False
    for key in dict.fromkeys(finding.place for finding in made.findings):
        frames[key], repaired = sound_polygons(frames[key], key)
        gate.findings += repaired
        invalid |= bool(repaired)
    if invalid:
        made = make_grid(frames)
    return replace(made, findings=(*gate.findings[before:], *made.findings))


def _layer(key: str, source: str, crs: CRS, gate: Gate, anchor: Bounds | None) -> gpd.GeoDataFrame:
    path, layer = split_path_layer(source)
    frame = read_vector(path, layer=layer)
    gate.findings += frame.attrs.get(PARTS, ())
    trusted = gate.admit(frame, key, place=path.name, path=path, layer=layer, anchor=anchor)
    return to_working(trusted, crs, place=path.name)


def _kept(key: str, source: str, crs: CRS, gate: Gate, anchor: Bounds | None) -> Grid:
    path, layer = split_path_layer(source)
    asked = [row] if (row := gate.record().get(key)) else []
    about = [FORMAT, store.sha256(path), layer, crs.to_wkt(), *asked] if path.is_file() else []
    mark = json.dumps(about, sort_keys=True) if about else ""
    beside = path.with_name(path.name + (f".{layer}" if layer else "") + SUFFIX)
    if mark and beside.is_file() and (kept := _load(beside, mark, key, crs)) is not None:
        gate.findings += [finding for finding in kept.findings if finding.code.startswith("crs.")]
        return kept
    made = _made({key: source}, crs, gate, anchor)
    if mark:
        _save(beside, mark, made)
    return made


def _save(path: Path, mark: str, grid: Grid) -> None:
    arrays = {field.name: getattr(grid.cells, field.name) for field in fields(Cells)}
    place = np.array([*grid.origin, grid.cell_m, *grid.window])
    said = json.dumps([finding.record() for finding in grid.findings])
    with store.staged(path.parent) as stage, (stage / path.name).open("wb") as file:
        np.savez(file, mark=np.array(mark), said=np.array(said), place=place, **arrays)


def _load(path: Path, mark: str, key: str, crs: CRS) -> Grid | None:
    """A kept grid; None if it was cut from another file, or in another form."""
    with np.load(path, allow_pickle=False) as held:
        if str(held["mark"]) != mark:
            return None
        x, y, cell_m, *window = held["place"].tolist()
        cells = Cells(**{field.name: held[field.name] for field in fields(Cells)})
        findings = tuple(Finding.read(row) for row in json.loads(str(held["said"])))
    col, row, cols, rows = (int(number) for number in window)
    return Grid((key,), crs, (x, y), cell_m, (col, row, cols, rows), cells, findings)
