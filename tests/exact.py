"""Areas of polygons in rational numbers: the plane cut into slabs in which no two edges cross."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import pairwise
from math import lcm

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

Number = Callable[[float], Fraction]
Line = tuple[int, int, int, int, int, int]  # x0 < x1, y0, y1, group, polygon


def as_written(value: float) -> Fraction:
    """The decimal that was written."""
    return Fraction(repr(float(value)))


def as_held(value: float) -> Fraction:
    """The very number in memory."""
    return Fraction(float(value))


def common_area(*groups: Sequence[BaseGeometry], number: Number = as_held) -> Fraction:
    """The area that lies in every group, each group being the union of its polygons (even-odd by polygon)."""
    lines, scale = _lines(groups, number)
    cuts = sorted({x for line in lines for x in (Fraction(line[0]), Fraction(line[2]))} | _crossings(lines))
    lines.sort()
    total, active, at = Fraction(0), [], 0
    for left, right in pairwise(cuts):
        while at < len(lines) and lines[at][0] <= left:
            active.append(lines[at])
            at += 1
        active = [line for line in active if line[2] > left]
        total += (right - left) * _covered(active, (left + right) / 2, len(groups))
    return total / scale**2


def _covered(lines: Sequence[Line], x: Fraction, n_groups: int) -> Fraction:
    """The length of a vertical line that lies in every group."""
    heights = sorted(
        (y0 + (y1 - y0) * (x - x0) / (x1 - x0), group, polygon) for x0, y0, x1, y1, group, polygon in lines
    )
    inside: list[set[int]] = [set() for _ in range(n_groups)]
    covered, below = Fraction(0), Fraction(0)
    for height, group, polygon in heights:
        if all(inside):
            covered += height - below
        inside[group] ^= {polygon}
        below = height
    return covered


def _lines(groups: Sequence[Sequence[BaseGeometry]], number: Number) -> tuple[list[Line], int]:
    """Edges that are not vertical, in whole numbers, and by how much they were scaled."""
    held = []
    polygon = 0
    for group, shapes in enumerate(groups):
        for part in shapely.get_parts(list(shapes)):
            polygon += 1
            for ring in shapely.get_rings(part):
                points = [(number(x), number(y)) for x, y in np.asarray(ring.coords)[:, :2]]
                held += [(*a, *b, group, polygon) for a, b in pairwise(points)]
    scale = lcm(*(value.denominator for line in held for value in line[:4]))
    lines = []
    for *ends, group, polygon in held:
        x0, y0, x1, y1 = (int(value * scale) for value in ends)
        if x0 != x1:
            lines.append((x0, y0, x1, y1, group, polygon) if x0 < x1 else (x1, y1, x0, y0, group, polygon))
    return lines, scale


def _crossings(lines: Sequence[Line]) -> set[Fraction]:
    """Where edges cross."""
    found = set()
    for number, (ax, ay, bx, by, *_) in enumerate(lines):
        for cx, cy, dx, dy, *_ in lines[:number]:
            if min(bx, dx) <= max(ax, cx) or max(ay, by) < min(cy, dy) or max(cy, dy) < min(ay, by):
                continue
            turn = (bx - ax) * (dy - cy) - (by - ay) * (dx - cx)
            if turn:
                x = Fraction(ax) + Fraction((bx - ax) * ((cx - ax) * (dy - cy) - (cy - ay) * (dx - cx)), turn)
                if max(ax, cx) < x < min(bx, dx):
                    found.add(x)
    return found
