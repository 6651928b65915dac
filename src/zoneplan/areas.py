"""Area tables that add up: every printed part and its total, in four units.

Square metres are summed first and converted last. Parts are rounded by largest remainder, so that
adding the printed parts gives the printed total, and what that moved stands in ``moved_m2``.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from zoneplan import ellipsoid, overlay
from zoneplan.errors import InputError, fault
from zoneplan.finding import Finding
from zoneplan.grid import make_grid
from zoneplan.layers import LayerSet
from zoneplan.overlap import overlap_areas
from zoneplan.units import PLACES, apportion, round_half_up, rounded, shares, to_unit

Array = npt.NDArray[np.float64]

TOTAL = ("total", "合计", "Total")
OUTSIDE = ("outside", "其余", "Outside")
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
        (what rounding to add up moved a part). Each row element has a part per column element, one
        ``outside`` (其余) if any row element is not covered, and a ``total`` that is its own area; the
        last rows are the column totals. Parts of a row and of a column add up to their total as
        printed. ``attrs["findings"]`` holds the findings of the overlay.

    Raises
    ------
    InputError
        If the layers have no such kind.

    Notes
    -----
    A row element's own area is divided in the ratio of the overlaps (see `zoneplan.overlap`), which close
    but for thousandths of a square metre per square kilometre; this is spread in proportion.
    """
    across, along = _frame(layers, rows), _frame(layers, columns)
    measured, findings = _parts(across, along, layers.crs)
    uncovered = bool((measured[:, -1] > 0).any())
    heads = list(zip(along["id"], along["name"], strict=True)) + ([OUTSIDE[:2]] if uncovered else [])
    own = across["area_m2"].to_numpy(dtype=float)
    blocks: list[pd.DataFrame] = []
    for position, (row_id, row_name) in enumerate(zip(across["id"], across["name"], strict=True)):
        part = measured[position, : len(heads)]
        blocks.append(_block(row_id, row_name, heads, printed(part, float(own[position]))))
    blocks.append(_block(*TOTAL[:2], heads, _added(blocks)))
    table = pd.concat(blocks, ignore_index=True)
    table.attrs["findings"] = findings
    return table


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


def _parts(across: gpd.GeoDataFrame, along: gpd.GeoDataFrame, crs: CRS) -> tuple[Array, tuple[Finding, ...]]:
    """Square metres per row element and column element, last column the rest; each row sums to its own area."""
    shapes = across.geometry
    columns = {
        str(number): gpd.GeoSeries(np.array([column]), crs=crs)
        for number, column in enumerate(_disjoint(list(along.geometry)))
    }
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
    return measured * scale[:, None], shown.findings


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


def _added(blocks: Sequence[pd.DataFrame]) -> dict[str, list[float]]:
    """Column totals: the exact decimal sums of what is printed above them."""
    columns = {}
    for name in (*AREA_COLUMNS, "moved_m2"):
        stacks = zip(*(block[name] for block in blocks), strict=True)
        columns[name] = [float(sum((Decimal(repr(float(v))) for v in stack), Decimal(0))) for stack in stacks]
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
