"""Connected choices: a flow that reaches every chosen unit along shared edges of chosen units."""

from __future__ import annotations

import numpy as np

from zoneplan.siting.program import FREE, Floats, Ints, Program
from zoneplan.siting.units import Candidates


def connect(program: Program, chosen: Ints, units: Candidates, *, together: bool) -> None:
    """Let units be chosen only where a flow reaches them.

    Each chosen unit takes one unit of a flow. It comes in at chosen units that share an edge with the ground that
    is enlarged, or, `together`, at one chosen unit, and runs between chosen units that share an edge.

    Notes
    -----
    Single-commodity flow; Shirabe, T. (2005), A model of contiguity for spatial unit allocation, Geographical
    Analysis 37, 2–16.
    """
    n = len(units)
    pairs = np.concatenate([units.pairs, units.pairs[:, ::-1]])
    flow = program.columns(np.zeros(len(pairs)), 0, n)
    source = program.columns(np.zeros(n), 0, n if together else _open(units, n))
    for number, (_, to) in zip(flow.tolist(), pairs.tolist(), strict=True):
        program.row(np.array([number, chosen[to]]), [1.0, -float(n)], -FREE, 0)
    entry = chosen
    if together:
        entry = program.columns(np.zeros(n), 0, 1, whole=True)
        program.row(entry, np.ones(n), 0, 1)
        for number, at in zip(entry.tolist(), chosen.tolist(), strict=True):
            program.row(np.array([number, at]), [1.0, -1.0], -FREE, 0)
    for number, at in zip(source.tolist(), entry.tolist(), strict=True):
        program.row(np.array([number, at]), [1.0, -float(n)], -FREE, 0)
    for unit in range(n):
        into, out = flow[pairs[:, 1] == unit], flow[pairs[:, 0] == unit]
        columns = np.concatenate([into, out, [source[unit], chosen[unit]]])
        factors = np.concatenate([np.ones(len(into)), -np.ones(len(out)), [1.0, -1.0]])
        program.row(columns, factors, 0, 0)


def _open(units: Candidates, n: int) -> Floats:
    """How much may come in at each unit: anything where it joins the ground that is enlarged."""
    return np.where(units.joined_m > 0, float(n), 0.0)


def components(units: Candidates, chosen: np.ndarray) -> list[list[int]]:
    """Chosen units by connected patch, positions; the patch of the first unit first."""
    import networkx as nx

    graph: nx.Graph[int] = nx.Graph()
    graph.add_nodes_from(np.flatnonzero(chosen).tolist())
    graph.add_edges_from((a, b) for a, b in units.pairs.tolist() if chosen[a] and chosen[b])
    return sorted((sorted(part) for part in nx.connected_components(graph)), key=lambda part: part[0])
