"""Layers cut into cells, kept on disk beside their file, so that the next question need not read it.

A kept grid names the sha256 of the file that it was cut from; one that does not fit is cut again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path

import geopandas as gpd
import numpy as np
from pyproj import CRS

from zoneplan.crs import to_working
from zoneplan.finding import Finding
from zoneplan.grid import Cells, Grid, make_grid
from zoneplan.io import store
from zoneplan.io.vector import read_vector, split_path_layer

FORMAT = 1
SUFFIX = ".zpgrid.npz"


def layer_grids(lines: Mapping[str, str], crs: CRS, *, keep: bool = False) -> tuple[Grid, ...]:
    """The grids of layers in the working CRS: one for all, or one each where they are kept.

    Parameters
    ----------
    lines : mapping of str to str
        ``PATH`` or ``PATH:LAYER`` by key.
    crs : pyproj.CRS
        Working CRS; a layer in another is transformed.
    keep : bool
        Look for a grid beside each file, and leave one there if there is none that fits.

    Raises
    ------
    InputError
        As `read_vector` and the CRS gate.
    """
    if not keep:
        return (make_grid({key: _layer(source, crs) for key, source in lines.items()}),)
    return tuple(_kept(key, source, crs) for key, source in lines.items())


def _layer(source: str, crs: CRS) -> gpd.GeoDataFrame:
    path, layer = split_path_layer(source)
    return to_working(read_vector(path, layer=layer), crs, place=path.name)


def _kept(key: str, source: str, crs: CRS) -> Grid:
    path, layer = split_path_layer(source)
    mark = json.dumps([FORMAT, store.sha256(path), layer, crs.to_wkt()]) if path.is_file() else ""
    beside = path.with_name(path.name + (f".{layer}" if layer else "") + SUFFIX)
    if mark and beside.is_file() and (kept := _load(beside, mark, key, crs)) is not None:
        return kept
    made = make_grid({key: _layer(source, crs)})
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
