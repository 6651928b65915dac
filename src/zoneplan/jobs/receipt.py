"""The receipt of a check: inputs with hashes, what was asked, prints of layers, and the rules that were applied."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, astuple
from pathlib import Path
from typing import Any

import geopandas as gpd
from pyproj import CRS

from zoneplan.check.layerprint import LayerPrint, make_print
from zoneplan.check.rules import RuleBook, Ruling
from zoneplan.io import store
from zoneplan.io.vector import split_path_layer
from zoneplan.layers import LayerSet, line_key

_SHAPEFILE = (".shx", ".dbf", ".prj", ".cpg")


def input_row(role: str, path: Path | str) -> dict[str, Any]:
    """An input as the receipt has it.

    Keys ``role``, ``file`` (name) and ``sha256``; for a path as the caller gave it (text, ``PATH[:LAYER]``) also ``path``
    and ``layer``; for a shapefile ``parts``, the hashes of the files beside it.
    """
    file, layer = split_path_layer(path) if isinstance(path, str) else (path, None)
    row: dict[str, Any] = {"role": role, "file": file.name, "sha256": store.sha256(file)}
    if isinstance(path, str):
        row |= {"path": path, "layer": layer}
    if file.suffix.lower() == ".shp":
        beside = {
            other.suffix.lower(): other for other in sorted(file.parent.glob("*")) if other.stem == file.stem
        }
        row["parts"] = {name: store.sha256(beside[name]) for name in _SHAPEFILE if name in beside}
    return row


def layer_prints(
    parcels: gpd.GeoDataFrame, lines: Mapping[str, gpd.GeoDataFrame], layers: LayerSet | None, crs: CRS
) -> dict[str, LayerPrint]:
    """Prints of the parcels and of every line checked, by their roles (``parcels``, ``line KEY``)."""
    frames = {"parcels": parcels}
    if layers is not None and "control_line" in layers:
        own = layers["control_line"]
        keys = own["id"].map(line_key)
        frames |= {f"line {key}": own[keys == key] for key in dict.fromkeys(keys)}
    frames |= {f"line {key}": frame for key, frame in lines.items()}
    return {name: make_print(frame, crs, place=name) for name, frame in frames.items()}


def trace(rulings: Iterable[Ruling], book: RuleBook, prints: Mapping[str, LayerPrint]) -> dict[str, Any]:
    """What a verification compares besides the receipt.

    ``rules``: the rows that were applied or named, whole; ``rule_digests``: a digest of every row of the book;
    ``features``: a digest of every feature of each layer (base64 of 4 bytes each; None for very many).
    """
    once = {id(ruling): ruling for ruling in rulings}.values()
    used = {rule.rule_id: rule for ruling in once for rule in (*ruling.rules, *ruling.out_of_force)}
    return {
        "rules": {name: asdict(used[name]) for name in sorted(used)},
        "rule_digests": rule_digests(book),
        "features": {key: one.packed() for key, one in prints.items()},
    }


def rule_digests(book: RuleBook) -> dict[str, str]:
    """A digest of every row, by id."""
    return {
        rule.rule_id: hashlib.sha256("\x1f".join(astuple(rule)).encode()).hexdigest()[:12]
        for rule in sorted(book.rules, key=lambda one: one.rule_id)
    }
