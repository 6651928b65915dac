"""Overlap areas without geometry: signed sums over pairs of edges.

A polygon's indicator is a signed sum of trapezoids below its edges. Let edge e run over an x range as
the line y_e, with s_e = +1 where the interior lies below it and −1 where it lies above. Then, for all
points off the edges, ``1_A(x, y) = Σ_e s_e [y < y_e(x)]``, and for two polygons

    area(P ∩ A) = Σ_e Σ_f s_e s_f ∫ min(y_e, y_f) dx      over the x range common to e and f,

y measured from any line below both. Nothing asks whether two edges cross, touch or coincide: each
term is continuous in the coordinates, so edges that nearly coincide cannot make the sum fail.

The double sum is made local by a grid. `zoneplan.engine.entries` cuts A into the cells of the grid: where a
ring passes a cell it leaves a run of edges, closed along the top of the cell where it crosses that, and
each cell knows the winding number just below its top left corner. Within a cell, ``1_A`` is that winding
number plus the sum over the runs there. `zoneplan.engine.kernel` cuts P in the same way and adds, cell by
cell, the pairs of edges, and the content of A in the cells where P has a winding number of its own. Of a path
that lies wholly above another only its ends matter: the sum over its edges telescopes. So pairs are made only
of what shares a range of x and one of y (`zoneplan.engine.runs.below_both`).

A weight quadratic in x is integrated over the overlap (Simpson's rule is exact for its product with
a line): weight 1 gives plane area, the areal scale of the projection gives area on the
ellipsoid.

A *fold* is ``∫ w (w − 1)``, w the winding number of all edges of one polygon or layer. It is zero
just where every point lies outside or once inside, and shows overlapping parts, loops and holes
outside their shell, again without a predicate. In a cell it is ``∫ (w₀ + Σ f_r)² − (w₀ + Σ f_r)``, f_r what run r
adds to the winding number w₀ of the corner. A run that goes in one direction all along adds 0 or one
number ±1, so that ``∫ f_r²`` is the area that it adds, without sign, and no pair of its edges need be looked at;
only different runs of one cell are paired.

Coordinates are metres from a local origin. `zoneplan.engine.overlap` is the face of all this.
"""

from __future__ import annotations

from typing import Any

from zoneplan.engine.compiled import inner

_SIXTH = 1.0 / 6.0


@inner
def below(left: float, right: float, y_left: float, y_right: float, weight: Any, shift: float) -> float:
    """Integral of the weight over the trapezoid below an edge; `shift` moves x to where the weight is centred."""
    width = right - left
    if weight[1] == 0.0 and weight[2] == 0.0:
        return float(0.5 * width * weight[0] * (y_left + y_right))
    a = left + shift
    b = right + shift
    m = 0.5 * (a + b)
    at_a = weight[0] + a * (weight[1] + a * weight[2])
    at_m = weight[0] + m * (weight[1] + m * weight[2])
    at_b = weight[0] + b * (weight[1] + b * weight[2])
    return float(width * _SIXTH * (y_left * at_a + 2.0 * (y_left + y_right) * at_m + y_right * at_b))


@inner
def lower(
    left: float, right: float, p0: float, p1: float, q0: float, q1: float, weight: Any, shift: float
) -> float:
    """Integral of the weight below both of two edges over the same x range."""
    d0 = p0 - q0
    d1 = p1 - q1
    if weight[1] == 0.0 and weight[2] == 0.0:
        # less what p lies above q: a triangle where they cross, else a trapezoid
        above = max(d0, 0.0) + max(d1, 0.0)
        apart = abs(d0) + abs(d1)
        over = above * above / apart if apart > 0.0 else 0.0
        return float(0.5 * (right - left) * weight[0] * (p0 + p1 - over))
    if d0 * d1 >= 0.0:
        return below(left, right, min(p0, q0), min(p1, q1), weight, shift)
    t = d0 / (d0 - d1)
    x = left + t * (right - left)
    y = p0 + t * (p1 - p0)
    return below(left, x, min(p0, q0), y, weight, shift) + below(x, right, y, min(p1, q1), weight, shift)


@inner
def sort_in(ax: float, ay: float, bx: float, by: float, sign: float, edges: Any, order: Any, n: int) -> int:
    """Add an edge to those sorted by their left end: left, right, y at left, slope, +1 where the inside lies below.

    `sign` is that of an edge that runs leftwards.
    """
    if ax == bx:
        return n
    edges[n, 3] = (by - ay) / (bx - ax)
    if ax < bx:
        edges[n, 0] = ax
        edges[n, 1] = bx
        edges[n, 2] = ay
        edges[n, 4] = -sign
    else:
        edges[n, 0] = bx
        edges[n, 1] = ax
        edges[n, 2] = by
        edges[n, 4] = sign
    at = n
    while at > 0 and edges[order[at - 1], 0] > edges[n, 0]:
        order[at] = order[at - 1]
        at -= 1
    order[at] = n
    return n + 1


@inner
def folded_pairs(n: int, above: float, edges: Any, order: Any) -> float:
    """``∫ (w + Σ)² − (w + Σ)`` over the ground below sorted edges, less its part without edges; `above` is w."""
    one = (1.0, 0.0, 0.0)
    total = 0.0
    for a in range(n):
        e = order[a]
        left = edges[e, 0]
        right = edges[e, 1]
        slope = edges[e, 3]
        mine = edges[e, 4]
        y_right = edges[e, 2] + (right - left) * slope
        # the square of one edge being itself
        total += (2.0 * above * mine + 1.0 - mine) * below(left, right, edges[e, 2], y_right, one, 0.0)
        for b in range(a + 1, n):
            f = order[b]
            x = edges[f, 0]
            if x >= right:
                break
            end = min(right, edges[f, 1])
            total += 2.0 * mine * edges[f, 4] * lower(
                x, end, edges[e, 2] + (x - left) * slope, edges[e, 2] + (end - left) * slope,
                edges[f, 2], edges[f, 2] + (end - x) * edges[f, 3], one, 0.0,
            )  # fmt: skip
    return total
