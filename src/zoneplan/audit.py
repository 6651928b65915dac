"""Does the geometry keep what the plan's words say: counts, coverage, the three lines apart, readings."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from zoneplan.crs.gate import lon_lat
from zoneplan.engine import ellipsoid, overlay
from zoneplan.extent import members
from zoneplan.finding import Finding, Severity
from zoneplan.layers import LayerSet
from zoneplan.plan import Count, Partition, Plan

TOLERANCE_M2 = 1.0
"""Overlaps and gaps up to this area are the arithmetic of cutting, not faults."""


def audit_plan(plan: Plan) -> tuple[Finding, ...]:
    """The counts that the plan's words assert (两轴: 2 …); needs no geometry."""
    return tuple(_count(plan, index, count) for index, count in enumerate(plan.counts))


def audit_layers(layers: LayerSet, plan: Plan | None = None) -> tuple[Finding, ...]:
    """What the layers themselves must keep.

    Checks: geometry valid and not empty, every extent inside the zone, the control lines pairwise
    disjoint, and for each partition that the plan claims, no gap and no overlap. Areas are
    ellipsoidal m²; up to `TOLERANCE_M2` passes.

    Returns
    -------
    tuple of Finding
        One per check and place, severity ``error`` where broken, ``info`` where kept; then what
        compiling had to say (readings taken, lines drawn on, features replaced), and whether the
        geometry is schematic.
    """
    found = [*_geometry(layers), *_inside_zone(layers), *_lines_apart(layers)]
    for partition in plan.partitions if plan else ():
        found += _partition(layers, partition)
    return (*found, *layers.findings, *_accuracy(layers))


def _count(plan: Plan, index: int, count: Count) -> Finding:
    chosen = [
        element
        for kind, _, element in plan.items()
        if kind == count.kind and count.form in (None, element.form)
    ]
    found = len(chosen) if count.of == "elements" else sum(members(element.extent) for element in chosen)
    if count.expected is not None:
        kept, zh, en = found == count.expected, f"应有 {count.expected} 个", f"expected {count.expected}"
    else:
        kept, zh, en = (
            found >= (count.at_least or 0),
            f"应不少于 {count.at_least} 个",
            f"expected at least {count.at_least}",
        )
    return Finding(
        "audit.count",
        "info" if kept else "error",
        f"{count.phrase}:{zh},实有 {found} 个",
        f"{count.phrase}: {en}, found {found}",
        plan.place(f"counts[{index}]"),
        str(count.citation),
        tuple(element.id for element in chosen),
    )


def _geometry(layers: LayerSet) -> Iterator[Finding]:
    for kind, frame in layers.frames.items():
        for row_id, shape in zip(frame["id"], frame.geometry, strict=True):
            if shape is None or shape.is_empty:
                yield Finding(
                    "audit.empty",
                    "error",
                    "几何为空",
                    "the geometry is empty",
                    f"{kind}: {row_id}",
                    feature=(row_id,),
                )
            elif not shape.is_valid:
                reason = shapely.is_valid_reason(shape)
                yield Finding(
                    "audit.invalid",
                    "error",
                    f"几何无效:{reason}",
                    f"invalid geometry: {reason}",
                    f"{kind}: {row_id}",
                    feature=(row_id,),
                )


def _inside_zone(layers: LayerSet) -> Iterator[Finding]:
    outside = 0
    for kind, frame in layers.elements.items():
        for row_id, shape in zip(frame["id"], frame.geometry, strict=True):
            beyond = overlay.difference(shape, layers.zone)
            if (area := _area(layers, beyond)) > TOLERANCE_M2:
                outside += 1
                yield _spot(
                    layers,
                    "audit.outside",
                    "error",
                    f"超出规划范围 {area:.2f} 平方米",
                    f"{area:.2f} m² lie outside the zone",
                    f"{kind}: {row_id}",
                    (row_id,),
                    beyond,
                )
    if not outside:
        n = sum(map(len, layers.elements.values()))
        yield Finding(
            "audit.outside", "info", f"{n} 个要素全部位于规划范围内", f"all {n} extents lie inside the zone"
        )


def _lines_apart(layers: LayerSet) -> Iterator[Finding]:
    if "control_line" not in layers:
        return
    yield from _apart(
        layers,
        layers["control_line"],
        "audit.lines_overlap",
        "控制线",
        "control lines",
        "中办国办2019三条控制线意见",
    )


def _apart(
    layers: LayerSet, frame: gpd.GeoDataFrame, code: str, zh: str, en: str, citation: str
) -> Iterator[Finding]:
    """Pairwise overlaps between the rows of a frame, or one line that says there are none."""
    clean = True
    for (_, one), (_, other) in combinations(frame.iterrows(), 2):
        common = overlay.intersection(one.geometry, other.geometry)
        if (area := _area(layers, common)) > TOLERANCE_M2:
            clean = False
            yield _spot(
                layers, code, "error", f"“{one['name']}”与“{other['name']}”重叠 {area:.2f} 平方米",
                f"{one['id']} and {other['id']} overlap by {area:.2f} m²", frame["kind"].iloc[0], (one["id"], other["id"]), common, citation,
            )  # fmt: skip
    if clean and len(frame) > 1:
        yield Finding(
            code,
            "info",
            f"{len(frame)} 个{zh}两两不重叠",
            f"the {len(frame)} {en} are pairwise disjoint",
            citation=citation,
            feature=tuple(frame["id"]),
        )


def _partition(layers: LayerSet, partition: Partition) -> Iterator[Finding]:
    cited = str(partition.citation)
    if partition.kind not in layers:
        yield Finding(
            "audit.partition",
            "error",
            f"{partition.phrase}:没有任何要素",
            f"{partition.phrase}: there are no elements",
            citation=cited,
        )
        return
    frame = layers[partition.kind]
    yield from _apart(
        layers,
        frame,
        "audit.partition_overlap",
        f"要素({partition.phrase})",
        f"elements of {partition.phrase}",
        cited,
    )
    gap = overlay.difference(layers.zone, overlay.union(list(frame.geometry)))
    if (area := _area(layers, gap)) > TOLERANCE_M2:
        yield _spot(
            layers, "audit.partition_gap", "error", f"{partition.phrase}没有铺满规划范围,缺 {area:.2f} 平方米",
            f"{partition.phrase} does not cover the zone: {area:.2f} m² are missing", partition.kind, tuple(frame["id"]), gap, cited,
        )  # fmt: skip
    else:
        yield Finding(
            "audit.partition_gap",
            "info",
            f"{partition.phrase}铺满规划范围",
            f"{partition.phrase} covers the zone",
            citation=cited,
            feature=tuple(frame["id"]),
        )


def _accuracy(layers: LayerSet) -> Iterator[Finding]:
    if layers.schematic:
        rows = [row for frame in layers.elements.values() for row in frame["accuracy"]]
        n = rows.count("schematic")
        yield Finding(
            "audit.schematic", "warning", f"示意:{n}/{len(rows)} 个要素由示意几何得出,不得用于用地审批",
            f"schematic: {n} of {len(rows)} elements rest on schematic geometry; not for approvals",
        )  # fmt: skip


def _area(layers: LayerSet, shape: BaseGeometry) -> float:
    return 0.0 if shape.is_empty else float(ellipsoid.area(np.array([shape]), layers.crs)[0])


def _spot(
    layers: LayerSet, code: str, severity: Severity, zh: str, en: str, place: str,
    feature: tuple[str, ...], shape: BaseGeometry, citation: str = "",
) -> Finding:  # fmt: skip
    """A finding with a point inside the largest part of the geometry concerned."""
    return Finding(code, severity, zh, en, place, citation, feature, lon_lat(shape, layers.crs))
