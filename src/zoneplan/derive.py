"""Extent rule → geometry: every element of a plan derived from reference features."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import reduce

import shapely
from shapely.geometry.base import BaseGeometry

from zoneplan.arrangement import Course, NoSide, course, region
from zoneplan.engine import overlay
from zoneplan.errors import fault
from zoneplan.extent import (
    EDGE,
    SIDES,
    ZONE,
    Along,
    Around,
    BoundedBy,
    Compass,
    FromLayer,
    Intersection,
    Minus,
    Model,
    Remainder,
    Side,
    Union,
)
from zoneplan.features import Features, Trust
from zoneplan.finding import Finding
from zoneplan.plan import Element, Plan

ARC_SEGMENTS = 16  # segments to a quarter circle of a buffer: 0.5 % of the radius at most
WORTH_SAYING_M = 1.0  # a drawn-on line counts as part of an element's edge from this length on


@dataclass(frozen=True)
class Derived:
    """Geometry in the working CRS (metres), what it rests on, and the centre line if it is a band."""

    geometry: BaseGeometry
    trust: Trust
    centre: BaseGeometry | None = None


@dataclass
class Derivation:
    """Evaluates extent rules over one plan and its reference features.

    Parameters
    ----------
    plan : Plan
    features : Features
        In the working CRS (metres).
    given : mapping of str to Derived
        Authoritative geometry by element id, in place of the element's rule.
    files : mapping of str to Derived
        Geometry of each ``from_layer`` rule, by the rule's path in the document.
    """

    plan: Plan
    features: Features
    given: Mapping[str, Derived] = field(default_factory=dict)
    files: Mapping[str, Derived] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def __post_init__(self) -> None:
        zone = self.features.find(self.plan.zone, "polygon")
        self.zone = Derived(zone.geometry, zone.trust)
        self._elements = {element.id: (path, element) for _, path, element in self.plan.items()}
        self._done: dict[str, Derived] = {}
        self._open: list[str] = []

    def element(self, element_id: str) -> Derived:
        """The extent of one element, inside the zone; an element is derived once."""
        if element_id not in self._done:
            path, element = self._elements[element_id]
            if element_id in self._open:
                chain = " → ".join([*self._open[self._open.index(element_id) :], element_id])
                self.findings.append(
                    fault(
                        "plan.cycle",
                        self.plan.place(f"{path}.extent"),
                        f"范围互相引用:{chain}",
                        f"extents refer to each other: {chain}",
                    )
                )
                return Derived(shapely.Polygon(), self.zone.trust)
            self._open.append(element_id)
            self._done[element_id] = self._inside_zone(path, element)
            self._open.pop()
        return self._done[element_id]

    def _inside_zone(self, path: str, element: Element) -> Derived:
        made = self.given.get(element.id) or self._evaluate(element.extent, f"{path}.extent")
        clipped = overlay.intersection(made.geometry, self.zone.geometry)
        if clipped.is_empty and not self.given.get(element.id):
            self.findings.append(
                fault(
                    "plan.empty",
                    self.plan.place(f"{path}.extent"),
                    f"“{element.name}”的范围为空:规则在规划范围内没有圈出任何区域,请检查各侧边界与方位",
                    f"the extent of '{element.id}' is empty: the rule encloses nothing inside the zone; check the sides",
                )
            )
        trust = made.trust
        if element.indicative and element.id not in self.given:
            trust = Trust("schematic", trust.accuracy_m, trust.sources)
        centre = made.centre and shapely.intersection(made.centre, self.zone.geometry)
        return Derived(clipped, trust, centre)

    def _evaluate(self, operand: Model | str, path: str) -> Derived:
        """One rule or name; `path` is its place in the document."""
        if isinstance(operand, str):
            return self._named(operand)
        if isinstance(operand, Along):
            return self._along(operand)
        if isinstance(operand, Around):
            core = self._named(operand.around)
            distance = operand.distance_m
            grown = core.geometry.buffer(distance, quad_segs=ARC_SEGMENTS) if distance else core.geometry
            return Derived(grown, Trust.of([core.trust]))
        if isinstance(operand, BoundedBy):
            return self._bounded(operand, path)
        if isinstance(operand, FromLayer):
            return self.files[path]
        return self._combined(operand, path)

    def _named(self, name: str) -> Derived:
        if name == ZONE:
            return self.zone
        if name in self._elements:
            return self.element(name)
        feature = self.features.find(name, "polygon", "point", "line")
        return Derived(feature.geometry, feature.trust)

    def _along(self, rule: Along) -> Derived:
        lines = [self.features.find(name, "line") for name in rule.along]
        centre = shapely.union_all([line.geometry for line in lines])
        band = centre.buffer(rule.width_m / 2, quad_segs=ARC_SEGMENTS, cap_style="flat")
        return Derived(band, Trust.of(line.trust for line in lines), centre)

    def _combined(self, rule: Model, path: str) -> Derived:
        """Union, intersection, minus and remainder."""
        if isinstance(rule, Union | Intersection):
            key, operands = (
                ("union", rule.union) if isinstance(rule, Union) else ("intersection", rule.intersection)
            )
            made = [self._evaluate(item, f"{path}.{key}[{i}]") for i, item in enumerate(operands)]
            shapes = [part.geometry for part in made]
            whole = overlay.union(shapes) if isinstance(rule, Union) else reduce(overlay.intersection, shapes)
            lines = [part.centre for part in made if part.centre is not None]
            bands_only = isinstance(rule, Union) and len(lines) == len(made)
            centre = shapely.union_all(lines) if bands_only else None
            return Derived(whole, Trust.of(part.trust for part in made), centre)
        assert isinstance(rule, Minus | Remainder)
        start, key, taken = (
            (self._evaluate(rule.source, f"{path}.from"), "minus", rule.minus)
            if isinstance(rule, Minus)
            else (self._evaluate(rule.remainder, f"{path}.remainder"), "after", rule.after)
        )
        made = [self._evaluate(item, f"{path}.{key}[{i}]") for i, item in enumerate(taken)]
        left = overlay.difference(start.geometry, overlay.union([part.geometry for part in made]))
        return Derived(left, Trust.of([start.trust, *(part.trust for part in made)]))

    def _bounded(self, rule: BoundedBy, path: str) -> Derived:
        bounds = rule.bounded_by
        container = self._evaluate(bounds.inside, f"{path}.bounded_by.inside")
        trusts = [container.trust]
        sides: dict[Compass, tuple[list[Course], str | None]] = {}
        named: list[tuple[str, str, Course]] = []
        for side in SIDES:
            chosen: Side | None = getattr(bounds, side)
            if chosen is None or (chosen.take == "outer" and EDGE in chosen.lines):
                continue  # the container's own edge, which lies outside any line
            courses = []
            for name in chosen.lines:
                if name == EDGE:
                    continue
                feature = self.features.find(name, "line")
                at = self.plan.place(f"{path}.bounded_by.{side}")
                try:
                    border = course(feature.geometry, side, container.geometry)
                except NoSide as reason:
                    self.findings.append(
                        fault(
                            "plan.no_side",
                            at,
                            f"“{name}”不能作为{_SIDE_ZH[side]}界:线闭合或自交",
                            f"'{name}' cannot bound the {side} side: {reason}",
                        )
                    )
                    continue
                courses.append(border)
                trusts.append(feature.trust)
                named.append((at, name, border))
                self.findings += _about(at, name, side, border)
            sides[side] = (courses, chosen.take)
        whole = region(container.geometry, sides)
        self.findings += [said for at, name, border in named for said in _drawn_on(at, name, border, whole)]
        if len(parts := shapely.get_parts(whole)) > 1:
            n = len(parts)
            self.findings.append(
                Finding(
                    "plan.faces",
                    "info",
                    f"由 {n} 个不相连的面组成",
                    f"{n} separate faces lie on the right sides",
                    self.plan.place(path),
                )
            )
        return Derived(whole, Trust.of(trusts))


_SIDE_ZH: dict[str, str] = {"north": "北", "south": "南", "east": "东", "west": "西"}


def _about(place: str, name: str, side: Compass, border: Course) -> list[Finding]:
    """What the course itself says: a bridged gap, a line that runs across the side it bounds."""
    said = []
    if border.bridged_m > WORTH_SAYING_M:
        gap = border.bridged_m
        said.append(
            Finding(
                "plan.gap",
                "warning",
                f"“{name}”有断开处,已直线连接(最长 {gap:.0f} 米)",
                f"'{name}' has gaps, bridged straight (longest {gap:.0f} m)",
                place,
            )
        )
    if border.runs_across(side):
        said.append(
            Finding(
                "plan.direction",
                "warning",
                f"“{name}”的走向与所界的{_SIDE_ZH[side]}侧大致垂直,请核对方位",
                f"'{name}' runs across the {side} side that it bounds; check the side",
                place,
            )
        )
    return said


def _drawn_on(place: str, name: str, border: Course, whole: BaseGeometry) -> list[Finding]:
    """Whether a part that was drawn on became part of the element's edge."""
    used = shapely.intersection(border.added(), whole.boundary.buffer(0.01)).length
    if used < WORTH_SAYING_M:
        return []
    return [
        Finding(
            "plan.drawn_on",
            "warning",
            f"“{name}”没有到达边界,已按末端方向直线延长;该要素边界有 {used:.0f} 米在延长线上",
            f"'{name}' does not reach the edge; it was drawn on straight, and {used:.0f} m of the element's edge lie on what was added",
            place,
        )
    ]
