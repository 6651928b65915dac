"""Area tables that add up: every printed part and its total, in four units.

Square metres are summed first and converted last. Parts are rounded by largest remainder, so that
adding the printed parts gives the printed total, and what that moved stands in ``moved_m2``.
"""

from __future__ import annotations

from collections.abc import Sequence

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from zoneplan.areas.margins import two_way
from zoneplan.engine import ellipsoid, overlay
from zoneplan.engine.grid import make_grid
from zoneplan.engine.overlap import overlap_areas
from zoneplan.errors import InputError, fault
from zoneplan.finding import Finding
from zoneplan.landuse.tally import added, less
from zoneplan.layers import LayerSet
from zoneplan.units import PLACES, apportion, round_half_up, rounded, shares, to_unit

Array = npt.NDArray[np.float64]

TOTAL = ("total", "合计", "Total")
OUTSIDE = ("outside", "其余", "Outside")
CLOSING = ("closing", "闭合差", "Closing difference")
SHARE_PLACES = 6
THINNEST_M = 1e-5  # what is left over counts as area once it is thicker than this along the whole edge
CROSSED = (("space", "group"), ("control_line", "group"))

AREA_COLUMNS = tuple(f"area_{unit}" for unit in PLACES)
_LABELS = ["id", "name", "name_en", "kind", "accuracy"]


def area_table(layers: LayerSet, *, by: str = "element") -> pd.DataFrame:
    """Areas of plan elements, as printed.

    Parameters
    ----------
    layers : LayerSet
    by : str
        ``"element"``: every element of every kind. Else a kind (``"group"``, ``"space"``, …): its
        elements and a last row ``total``, their sum, with the share of the zone.

    Returns
    -------
    DataFrame
        ``id, name, name_en, kind, accuracy, area_m2, area_ha, area_km2, area_mu`` (ellipsoidal, 2, 4,
        6 and 4 decimals; NaN for elements without area), for a kind also ``share_of_zone`` (0 to 1)
        and ``moved_m2``.

    Raises
    ------
    InputError
        If the layers have no such kind.
    """
    if by == "element":
        table = pd.concat([frame[[*_LABELS, "area_m2"]] for frame in layers.elements.values()])
        exact = table["area_m2"].to_numpy(dtype=float)
        labels = pd.DataFrame(table[_LABELS]).reset_index(drop=True)
        values = {
            f"area_{unit}": rounded((to_unit(value, unit) for value in exact), places)
            for unit, places in PLACES.items()
        }
        return labels.assign(**values)
    frame = _frame(layers, by)
    exact = np.nan_to_num(frame["area_m2"].to_numpy(dtype=float))
    accuracy = "schematic" if (frame["accuracy"] == "schematic").any() else frame["accuracy"].iloc[0]
    total = dict(zip(_LABELS, (*TOTAL, by, accuracy), strict=True))
    labels = pd.concat([pd.DataFrame(frame[_LABELS]), pd.DataFrame([total])], ignore_index=True)
    parts = printed(exact, float(exact.sum()))
    whole = _zone_area(layers)
    share = [round_half_up(part / whole, SHARE_PLACES) for part in (*exact, exact.sum())]
    moved = parts.pop("moved_m2")
    return labels.assign(**parts, share_of_zone=share, moved_m2=moved)


def cross_table(layers: LayerSet, rows: str = "space", columns: str = "group") -> pd.DataFrame:
    """Areas of the elements of one kind, divided among those of another.

    Parameters
    ----------
    layers : LayerSet
    rows, columns : str
        Kinds with areas. Where column elements overlap, the ground counts for the first of them.

    Returns
    -------
    DataFrame
        Long: ``row_id, row_name, column_id, column_name``, the areas as in `area_table`, ``moved_m2``
        (what adding up moved a part). Each row element has a part per column element, one ``outside``
        (其余) if any row element is not covered, and a ``total`` that is its own area; the last rows are the
        column totals: the column element's own area where the row elements cover it wholly and once, else
        the sum of the parts. Parts of a row and of a column add up to their total as printed; where the own
        areas of rows and columns disagree, a row ``closing`` (闭合差) holds the difference, which the finding
        ``areas.closing`` says. ``attrs["findings"]`` holds all findings.

    Raises
    ------
    InputError
        If the layers have no such kind.

    Notes
    -----
    A row element's own area is divided in the ratio of the overlaps (see `zoneplan.engine.overlap`), which close
    but for thousandths of a square metre per square kilometre; this is spread in proportion, along rows and
    columns (`zoneplan.areas.margins`).
    """
    across, along = _frame(layers, rows), _frame(layers, columns)
    measured, full, findings = _parts(across, along, layers.crs)
    heads = list(zip(along["id"], along["name"], strict=True))
    ends = [float(area) if once else None for area, once in zip(along["area_m2"], full, strict=True)]
    if (measured[:, -1] > 0).any():
        heads, ends = [*heads, OUTSIDE[:2]], [*ends, None]
    cells = measured[:, : len(heads)]
    labels = list(zip(across["id"], across["name"], strict=True))
    values = _closed(cells, across["area_m2"].to_numpy(dtype=float), ends)
    if len(values["area_m2"]) > len(labels) + 1:
        labels.append(CLOSING[:2])
        findings = (*findings, _disagree(values["area_m2"][-2][-1], rows, columns))
    table = _long(labels, heads, values)
    table.attrs["findings"] = findings
    return table


def closed_table(
    labels: Sequence[tuple[str, str]], heads: Sequence[tuple[str, str]], cells: Array, own: Array
) -> pd.DataFrame:
    """Areas that divide each row's own area, as printed.

    Parameters
    ----------
    labels, heads : sequence of (id, name)
        Of rows and columns.
    cells : ndarray, shape (rows, columns)
        m², not negative; a row adds up to its own area.
    own : ndarray, shape (rows,)
        m².

    Returns
    -------
    DataFrame
        Long, as of `cross_table`: every row with its total, and the totals of the columns, which are the sums of their parts.
    """
    return _long(labels, heads, _closed(cells, own, [None] * len(heads)))


def _long(
    labels: Sequence[tuple[str, str]], heads: Sequence[tuple[str, str]], values: dict[str, list[list[float]]]
) -> pd.DataFrame:
    blocks = [
        _block(*label, heads, {name: lines[row] for name, lines in values.items()})
        for row, label in enumerate([*labels, TOTAL[:2]])
    ]
    return pd.concat(blocks, ignore_index=True)


def all_tables(layers: LayerSet, *, by: str | None = None) -> dict[str, pd.DataFrame]:
    """The element table, a table by kind if asked for, and the cross tables of kinds that exist.

    Keys are ``element``, ``by_<kind>``, ``space_by_group``, ``control_line_by_group``.
    """
    tables = {"element": area_table(layers)}
    if by is not None and by != "element":
        tables[f"by_{by}"] = area_table(layers, by=by)
    for rows, columns in CROSSED:
        if rows in layers and columns in layers:
            tables[f"{rows}_by_{columns}"] = cross_table(layers, rows, columns)
    return tables


def _frame(layers: LayerSet, kind: str) -> gpd.GeoDataFrame:
    known = layers.elements
    if kind not in known or known[kind].empty:
        names = "、".join(known)
        raise InputError(
            fault(
                "areas.kind",
                layers.plan_id,
                f"图层中没有“{kind}”一类要素;可用:element、{names}",
                f"the layers have no elements of kind '{kind}'; expected element or one of {', '.join(known)}",
            )
        )
    return known[kind]


def _zone_area(layers: LayerSet) -> float:
    return float(ellipsoid.area([layers.zone], layers.crs)[0])


def _parts(
    across: gpd.GeoDataFrame, along: gpd.GeoDataFrame, crs: CRS
) -> tuple[Array, list[bool], tuple[Finding, ...]]:
    """Square metres per row element and column element, last column the rest; each row sums to its own area.

    Also which column elements the row elements cover wholly and once, so that the column is their own area.
    """
    shapes = across.geometry
    clear = _disjoint(list(along.geometry))
    columns = {str(number): gpd.GeoSeries(np.array([column]), crs=crs) for number, column in enumerate(clear)}
    grid = make_grid(columns)
    shown, plane = (overlap_areas(shapes, grid, area=area) for area in ("ellipsoidal", "planar"))
    flat = plane.table.to_numpy()
    rest = flat[:, 0] - flat[:, 1:].sum(axis=1)
    real = rest > np.maximum(1e-3, THINNEST_M * shapes.length.to_numpy())
    own = across["area_m2"].to_numpy(dtype=float)
    measured = np.zeros((len(across), len(along) + 1))
    measured[:, :-1] = shown.table.to_numpy()[:, 1:]
    measured[:, -1] = np.where(real, rest * own / flat[:, 0], 0.0)
    total = measured.sum(axis=1)
    scale = np.divide(own, total, out=np.ones_like(own), where=total > 0)
    covered = overlap_areas(along.geometry, {"rows": shapes}, area="planar").table.to_numpy()
    slack = np.maximum(1e-3, THINNEST_M * along.geometry.length.to_numpy())
    full = [
        made is given and abs(each - whole) <= edge and abs(once - whole) <= edge
        for made, given, each, (whole, once), edge in zip(
            clear, along.geometry, flat[:, 1:].sum(axis=0), covered, slack, strict=True
        )
    ]
    return measured * scale[:, None], full, shown.findings


def _closed(cells: Array, own: Array, ends: Sequence[float | None]) -> dict[str, list[list[float]]]:
    """By column of values: lines of cells with their total, a line that closes if one is needed, and the totals."""
    made = {
        unit: two_way(
            [[to_unit(value, unit) for value in line] for line in cells.tolist()],
            [to_unit(value, unit) for value in own],
            [None if end is None else to_unit(end, unit) for end in ends],
            places,
        )
        for unit, places in PLACES.items()
    }
    open_ = any(any(one.closing) for one in made.values())
    values = {}
    for unit, one in made.items():
        lines = [[*line, total] for line, total in zip(one.cells, one.rows, strict=True)]
        if open_:
            lines.append([*one.closing, added(one.closing)])
        values[f"area_{unit}"] = [*lines, [*one.columns, added(one.columns)]]
    plain = [rounded(line, PLACES["m2"]) for line in cells.tolist()]
    moved = [
        [*(less(value, usual) for value, usual in zip(line, wanted, strict=True)), 0.0]
        for line, wanted in zip(made["m2"].cells, plain, strict=True)
    ]
    zero = [[0.0] * (len(ends) + 1)] * open_
    values["moved_m2"] = [*moved, *zero, [added(stack) for stack in zip(*moved, strict=True)]]
    return values


def _disagree(difference: float, rows: str, columns: str) -> Finding:
    return Finding(
        "areas.closing", "info",
        f"{rows} 与 {columns} 各要素自身面积之和相差 {difference:+.2f} m²(边长大于 70 米分段的位置不同及凑整),两个方向无法同时闭合;"
        f"各行各列均为要素自身面积,差值列为“{CLOSING[1]}”一行",
        f"the elements' own areas of {rows} and {columns} differ by {difference:+.2f} m² in sum (edges split at 70 m at other places, and rounding), "
        f"so that both cannot close; rows and columns are the elements' own areas, and the row '{CLOSING[0]}' holds the difference",
        f"{rows}_by_{columns}",
    )  # fmt: skip


def _disjoint(shapes: Sequence[BaseGeometry]) -> list[BaseGeometry]:
    """Each shape without those before it; untouched where they do not overlap."""
    made: list[BaseGeometry] = []
    for shape in shapes:
        clear = shape
        for earlier in made:
            if clear.intersects(earlier) and overlay.intersection(clear, earlier).area > 0:
                clear = overlay.difference(clear, earlier)
        made.append(clear)
    return made


def printed(parts: Array, total: float) -> dict[str, list[float]]:
    """Columns of printed areas, the total last, and what was moved."""
    values = [float(part) for part in parts]
    columns: dict[str, list[float]] = {}
    for unit, places in PLACES.items():
        whole = to_unit(total, unit)
        columns[f"area_{unit}"] = [
            *apportion([to_unit(value, unit) for value in values], whole, places),
            round_half_up(whole, places),
        ]
    columns["moved_m2"] = [*shares(values, total, PLACES["m2"]).moved, 0.0]
    return columns


def _block(
    row_id: str, row_name: str, heads: Sequence[tuple[str, str]], columns: dict[str, list[float]]
) -> pd.DataFrame:
    labels = [*heads, TOTAL[:2]]
    return pd.DataFrame(
        {
            "row_id": row_id,
            "row_name": row_name,
            "column_id": [label[0] for label in labels],
            "column_name": [label[1] for label in labels],
            **columns,
        }
    )
