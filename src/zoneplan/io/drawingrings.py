"""Closed polylines of a drawing as parcels: which ring is a hole of which, which are parts of one, which text stands in which."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from zoneplan.finding import Finding

LAYER = "Layer"
HOLES, LABELS = "_洞", "_注记"
"""What the layers of holes, and of labels, of a layer end in."""
APP = "ZONEPLAN"
"""The application whose extended data say which rings are one parcel."""
_CHUNK = 240  # bytes of a string in extended data, which takes 255
_POLYGON = 3
_SHOWN = 10
Shapes = npt.NDArray[Any]


@dataclass(frozen=True)
class Mark:
    """Extended data of an entity: the numbers of its parcel and part, and on a parcel's first ring its attributes."""

    parcel: int
    part: int
    attributes: dict[str, str]

    def codes(self) -> list[tuple[int, int | str]]:
        """As group codes and values: two numbers, the attributes as JSON in pieces."""
        text = json.dumps(self.attributes, ensure_ascii=False, separators=(",", ":")) if self.attributes else ""  # fmt: skip
        pieces, raw = [], text.encode()
        while raw:
            piece = raw[:_CHUNK].decode(errors="ignore")
            pieces.append(piece)
            raw = raw[len(piece.encode()) :]
        return [(1071, self.parcel), (1071, self.part), *((1000, piece) for piece in pieces)]


def read_mark(raw: object) -> Mark | None:
    """The mark in the raw codes of an entity (``"1071 3"`` …); None if it has none, or none that is whole."""
    codes = [str(one).partition(" ")[::2] for one in raw] if isinstance(raw, list | np.ndarray) else []
    if ("1001", APP) not in codes:
        return None
    start = codes.index(("1001", APP)) + 1
    end = next((n for n in range(start, len(codes)) if codes[n][0] == "1001"), len(codes))
    text = "".join(value for code, value in codes[start:end] if code == "1000")
    try:
        parcel, part = (int(value) for code, value in codes[start:end] if code == "1071")
        attributes = dict(json.loads(text or "{}"))
    except (ValueError, TypeError):
        return None
    return Mark(parcel, part, {str(name): str(value) for name, value in attributes.items()})


def rings_to_parcels(
    faces: Shapes, layers: npt.NDArray[Any], marks: Sequence[Mark | None], place: str
) -> tuple[gpd.GeoDataFrame, list[Finding]]:
    """Rings, each as a polygon, put together: holes cut out, parts with one mark as one parcel.

    Returns
    -------
    GeoDataFrame
        ``Layer``, the attributes of marks, geometry.
    list of Finding
        Rings inside others that are no holes, holes that lie in nothing.
    """
    there = set(layers)
    hole = np.array([name.endswith(HOLES) and name.removesuffix(HOLES) in there for name in layers])
    around, area = _around(faces), shapely.area(faces)
    cut: dict[int, list[int]] = {}
    for ring in np.flatnonzero(hole).tolist():
        shells = [
            shell for shell in around.get(ring, []) if layers[shell] + HOLES == layers[ring]
            and ((one := marks[shell]) is None or (other := marks[ring]) is None or one.parcel == other.parcel)
        ]  # fmt: skip
        if shells:
            cut.setdefault(min(shells, key=lambda shell: float(area[shell])), []).append(ring)
    gone = {ring for rings in cut.values() for ring in rings}
    groups = _groups([ring for ring in range(len(faces)) if ring not in gone], marks)
    shapes = [
        _joined([_with_holes(faces, ring, cut.get(ring, [])) for ring in members]) for members in groups
    ]
    rows = []
    for members in groups:
        own = [mark for ring in members if (mark := marks[ring]) is not None]
        rows.append({LAYER: layers[members[0]], **next((one.attributes for one in own if one.attributes), {})})  # fmt: skip
    inner = [ring for ring in range(len(faces)) if not hole[ring] and marks[ring] is None and any(layers[ring] == layers[shell] for shell in around.get(ring, []))]  # fmt: skip
    lost = [ring for ring in np.flatnonzero(hole).tolist() if ring not in gone]
    table = pd.DataFrame(rows, dtype=object)
    frame = gpd.GeoDataFrame(table.where(table.notna(), None), geometry=np.array([*shapes, None])[:-1])
    return frame, _said(layers, inner, lost, place)


def texts_inside(parcels: gpd.GeoDataFrame, spots: Shapes, texts: npt.NDArray[Any]) -> list[str]:
    """For each parcel the texts that stand in it and in no smaller one, from top to bottom."""
    shapes = parcels.geometry.to_numpy()
    area, x, y = shapely.area(shapes), shapely.get_x(spots), shapely.get_y(spots)
    owner: dict[int, int] = {}
    for text, parcel in zip(*shapely.STRtree(shapes).query(spots, predicate="intersects").tolist(), strict=True):  # fmt: skip
        if text not in owner or area[parcel] < area[owner[text]]:
            owner[text] = parcel
    found: dict[int, list[int]] = {}
    for text, parcel in owner.items():
        found.setdefault(parcel, []).append(text)
    order = {parcel: sorted(own, key=lambda n: (-y[n], x[n])) for parcel, own in found.items()}
    return [" ".join(str(texts[n]).strip() for n in order.get(parcel, [])) for parcel in range(len(shapes))]


def _around(faces: Shapes) -> dict[int, list[int]]:
    """For each ring the larger ones that it lies in; rings with coordinates that are no numbers are left out."""
    usable = faces.copy()
    usable[~np.isfinite(shapely.bounds(faces)).all(axis=1)] = None
    area = shapely.area(usable)
    found: dict[int, list[int]] = {}
    inner, outer = shapely.STRtree(usable).query(shapely.point_on_surface(usable), predicate="intersects")
    for ring, shell in zip(inner.tolist(), outer.tolist(), strict=True):
        if area[ring] < area[shell]:
            found.setdefault(ring, []).append(shell)
    return found


def _groups(rings: Sequence[int], marks: Sequence[Mark | None]) -> list[list[int]]:
    """Rings of one parcel; one that was copied in CAD, mark and all, is a parcel of its own."""
    seen: Counter[tuple[int, int]] = Counter()
    groups: dict[tuple[int, ...], list[int]] = {}
    for ring in rings:
        mark = marks[ring]
        key: tuple[int, ...] = (ring,)
        if mark is not None:
            key = (mark.parcel, seen[mark.parcel, mark.part])
            seen[mark.parcel, mark.part] += 1
        groups.setdefault(key, []).append(ring)
    return list(groups.values())


def _with_holes(faces: Shapes, ring: int, holes: Sequence[int]) -> Any:
    if not holes or shapely.get_type_id(faces[ring]) != _POLYGON:
        return faces[ring]
    inner = [*shapely.get_rings(faces[ring])[1:], *(faces[hole].exterior for hole in holes)]
    return shapely.Polygon(faces[ring].exterior, inner)


def _joined(parts: Sequence[Any]) -> Any:
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon([one for part in parts for one in shapely.get_parts(part)])  # fmt: skip


def _said(layers: npt.NDArray[Any], inner: Sequence[int], lost: Sequence[int], place: str) -> list[Finding]:
    found = []
    if inner:
        names = "、".join(sorted({str(layers[ring]) for ring in inner})[:_SHOWN])
        zh = f"{len(inner)} 条闭合多段线位于同一图层({names})的另一条之内,各读为一个面;如是洞,请放在“图层名{HOLES}”上"
        en = f"{len(inner)} closed polylines lie inside another of their layer ({names}) and are read as polygons of their own; put holes on the layer 'NAME{HOLES}'"
        found.append(Finding("drawing.nested", "warning", zh, en, place))
    if lost:
        names = "、".join(sorted({str(layers[ring]) for ring in lost})[:_SHOWN])
        zh = f"图层 {names} 上有 {len(lost)} 条闭合多段线不在任何面之内,读为面,请核对"
        en = f"{len(lost)} closed polylines of the layer {names} lie in no polygon and are read as polygons: check them"
        found.append(Finding("drawing.hole", "warning", zh, en, place))
    return found
