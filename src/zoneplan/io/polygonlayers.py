"""Every polygon layer of a file, a folder of files, or an archive, one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
from pyproj import CRS

from zoneplan.errors import InputError, fault
from zoneplan.finding import Finding
from zoneplan.io.anyfile import DRAWINGS, TABLES, TEXT, read_any
from zoneplan.io.datasets import opened
from zoneplan.io.polygons import polygons_only, read_polygons
from zoneplan.io.vector import DRIVERS, list_layers, read_vector

_SHOWN = 20
_NO_DATA = {"file.geojson", "file.content"}  # a .json that lies in a folder for another purpose


@dataclass(frozen=True)
class PolygonLayer:
    """A layer that was looked at: ``frame`` is None where it has no polygons or cannot be read, which ``findings`` say.

    ``path`` is the file that it is in, ``place`` how messages name it.
    """

    name: str
    place: str
    path: Path
    frame: gpd.GeoDataFrame | None
    findings: tuple[Finding, ...]


def polygon_layers(
    path: Path, only: str | None = None, *, assume_crs: CRS | None = None
) -> Iterator[PolygonLayer]:
    """The polygon layers of a vector file, of all of a folder or a ``.zip``, of a TXT, a table, a drawing.

    Parameters
    ----------
    path : Path
    only : str, optional
        One layer; or one file of several (with or without its ending).
    assume_crs : CRS, optional
        Of what states none and is no vector file; the gate sees to those.

    Raises
    ------
    InputError
        The file itself cannot be read, or has no such layer. Of several, one that cannot be read is a layer of findings.
    """
    with opened(path, tuple(DRIVERS), (*TEXT, *TABLES, *DRAWINGS)) as members:
        several = members[0][0] != path if members else True
        named = [member for member in members if only in (member[0].name, member[0].stem)] if several else []
        layer, there = (None, True) if named else (only, False)
        for member, place in named or members:
            try:
                for made in _layers(member, place, layer, assume_crs):
                    there = True
                    yield made
            except InputError as error:
                codes = {found.code for found in error.faults}
                if len(named or members) == 1:
                    raise
                if codes == {"file.layer"} or (member.suffix.lower() == ".json" and codes <= _NO_DATA):
                    continue
                yield PolygonLayer(member.stem, place, member, None, tuple(error.faults))
        if only is not None and not there:
            raise InputError(_no_such(path.name, only, [place for _, place in members]))


def _no_such(place: str, name: str, members: list[str]) -> Finding:
    shown = ", ".join(members[:_SHOWN]) + (" …" if len(members) > _SHOWN else "")
    return fault(
        "file.layer", place, f"没有名为“{name}”的文件或图层;有:{shown}", f"there is no file or layer '{name}'; there are: {shown}"
    )  # fmt: skip


def _layers(path: Path, place: str, only: str | None, assume_crs: CRS | None) -> Iterator[PolygonLayer]:
    """The layers of one data set."""
    if path.suffix.lower() not in DRIVERS:
        read = read_any(path, layer=only, place=place, assume_crs=assume_crs)
        frame, said = polygons_only(read.frame, place, list(read.findings))
        yield PolygonLayer(path.stem, place, path, frame, tuple(said))
        return
    known = [name for name, _ in list_layers(path, place)]
    names = [name for name in known if only in (None, name)]
    if known and not names:
        read_vector(path, layer=only, place=place)  # raises with the layers that are there
    if not known:
        zh, en = (
            "没有带图形的图层,或文件不完整;未检查",
            "no layer with geometry, or the file is not whole; it was not checked",
        )
        yield PolygonLayer(
            path.stem, place, path, None, (Finding("topology.skipped", "warning", zh, en, place),)
        )
    for name in names:
        at = f"{place}:{name}"
        frame, said = read_polygons(path, name, at)
        yield PolygonLayer(name, at, path, frame, tuple(said))
