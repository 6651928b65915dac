"""Tables of land use: by element, by zone, and from one survey to another, as printed.

Every printed line is the sum of the lines under it, every total the sum of its parts, in each unit.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
from pyproj import CRS

from zoneplan.engine import ellipsoid, overlay
from zoneplan.finding import Finding
from zoneplan.landuse.codes import code_list
from zoneplan.landuse.ground import Ground, clip
from zoneplan.landuse.matrix import LEAST_M2, THINNEST_M, matrix
from zoneplan.landuse.spread import Spread, spread
from zoneplan.landuse.tablerows import Row
from zoneplan.landuse.tally import LAND_PLACES, UNRECOGNISED, Layout, Line, added, area_columns, lay_out, less
from zoneplan.units import round_half_up, shares, to_unit

TOTAL = ("total", "合计")
BARE = ("bare", "无现状地类", "No land use")
BARE_PLANNED = ("bare_planned", "无规划用途", "No planned use")
NO_CODE = "-"  # ground without a patch, among the codes
SHARE_PLACES = 6
LABELS = ("row_id", "row_name", "row_parent", "level", "column_id", "column_name")
VALUES = (*(f"area_{unit}" for unit in LAND_PLACES), "moved_m2")


def land_table(
    spread: Spread, rows: Sequence[Row], *, all_rows: bool = True, bare: tuple[str, str, str] = BARE
) -> pd.DataFrame:
    """Land use down, elements across.

    Parameters
    ----------
    spread : Spread
    rows : sequence of Row
        Of a table definition, or of the list itself (`zoneplan.landuse.tablerows.level_rows`).
    all_rows : bool
        Also rows without area.
    bare : tuple of str
        Id, name and English name of the row for ground without any patch, which is always there.

    Returns
    -------
    DataFrame
        Long: ``row_id, row_name, row_parent, level`` (1 at the top), ``column_id, column_name``,
        ``area_m2, area_ha, area_km2, area_mu, area_wan_mu`` (ellipsoidal; 2, 4, 6, 4 and 6 decimals),
        ``moved_m2`` (what adding up moved), ``share`` of the column's total. Last in each column a row
        ``total``, the element's own area; with several elements a last column ``total``, the sum of
        what is printed. ``attrs["findings"]`` holds the findings.
    """
    layout = land_layout(spread.by_code, rows, all_rows=all_rows, bare=bare)
    blocks = []
    for position, (element, name) in enumerate(zip(spread.ids, spread.names, strict=True)):
        values = layout.values(amounts(spread, position))
        blocks.append(
            _block(layout, (element, name), area_columns(layout, values, float(spread.own[position])))
        )
    if len(blocks) > 1:
        summed = {
            column: [added(stack) for stack in zip(*(block[column] for block in blocks), strict=True)]
            for column in VALUES
        }
        blocks.append(_block(layout, TOTAL, summed))
    table = pd.concat(blocks, ignore_index=True)
    table["_row"] = np.tile(np.arange(len(layout.lines) + 1), len(blocks))
    table = table.sort_values("_row", kind="stable", ignore_index=True).drop(columns="_row")
    table.attrs["findings"] = spread.findings
    return table


def land_layout(
    present: Iterable[str], rows: Sequence[Row], *, all_rows: bool = True, bare: tuple[str, str, str] = BARE
) -> Layout:  # fmt: skip
    """`zoneplan.landuse.tally.lay_out` for codes of the current list, with a last line for bare ground (`NO_CODE`)."""
    layout = lay_out(rows, present, code_list(), all_rows=all_rows)
    layout.seats[NO_CODE] = layout.add(Line(*bare, "", 0, -1))
    return layout


def amounts(spread: Spread, position: int) -> list[tuple[str, float]]:
    """Codes and m² of one element, bare ground last."""
    return [
        *((code, float(part[position])) for code, part in spread.by_code.items()),
        (NO_CODE, float(spread.bare[position])),
    ]


def transition(present: Ground, planned: Ground, within: gpd.GeoDataFrame, *, level: int = 1) -> pd.DataFrame:
    """What present land use becomes: present classes down, planned classes across.

    Parameters
    ----------
    present, planned : Ground
        Of the current list, in one CRS.
    within : GeoDataFrame
        One row ``id, name, geometry``: the ground that the table is about.
    level : int
        1, 2 or 3: of the classes, on both sides; a code coarser than that stands by itself.

    Returns
    -------
    DataFrame
        Long, as of `land_table` without ``share``. Ground without a present patch is the row
        ``bare``, without a planned one the column ``bare_planned``. Row totals are those of
        `land_table` on level 1; column totals are the sums of what is printed.

    Notes
    -----
    Cells are closed to their row's total, rows to the area of `within` (largest remainder twice).
    """
    shape = within.geometry.iloc[0]
    before, after = clip(present, shape), clip(planned, shape)
    base = spread(present, within)  # of the patches as given: the very numbers of `land_table`
    cells, findings = _cells(before, after, within, level)
    down = _classes(before, level)
    across = _classes(after, level)
    own = {
        key: math.fsum(part[0] for code, part in base.by_code.items() if _class(code, level) == key)
        for key in down
    }
    own[NO_CODE] = float(base.bare[0])
    rows = [key for key in (*down, NO_CODE) if key in own]
    columns = [*across, NO_CODE]
    scaled = [_scaled([cells.get((row, column), 0.0) for column in columns], own[row]) for row in rows]
    printed = _printed([own[row] for row in rows], scaled, float(base.own[0]))
    table = _matrix_frame(
        [_label(row, BARE) for row in rows], [_label(column, BARE_PLANNED) for column in columns], printed
    )
    table.attrs["findings"] = (*base.findings, *findings)
    return table


def _cells(
    before: Ground, after: Ground, within: gpd.GeoDataFrame, level: int
) -> tuple[dict[tuple[str, str], float], tuple[Finding, ...]]:
    """Ellipsoidal m² by present and planned class; what one side leaves over stands under `NO_CODE`."""
    common = matrix(gpd.GeoSeries(before.frame.geometry), gpd.GeoSeries(after.frame.geometry))
    one = np.array([_class(code, level) for code in before.frame["code"]], dtype=object)
    other = np.array([_class(code, level) for code in after.frame["code"]], dtype=object)
    parts: dict[tuple[str, str], list[float]] = {}
    for row, column, area in zip(common.row, common.column, common.area_m2, strict=True):
        parts.setdefault((one[row], other[column]), []).append(float(area))
    cells = {key: math.fsum(values) for key, values in parts.items()}
    # positions, not areas, tell what is left over: the plane is exact where the ellipsoid is not
    for key in sorted(set(one)):
        cells[key, NO_CODE] = _left(before, one == key, common.plane_m2[one[common.row] == key])
    for key in sorted(set(other)):
        cells[NO_CODE, key] = _left(after, other == key, common.plane_m2[other[common.column] == key])
    cells[NO_CODE, NO_CODE] = _nowhere(before, after, within, math.fsum(common.plane_m2))
    return cells, common.findings


def _left(ground: Ground, mine: npt.NDArray[np.bool_], taken: npt.NDArray[np.float64]) -> float:
    """m² of some patches that nothing on the other side covers."""
    shapes = gpd.GeoSeries(ground.frame.geometry[mine])
    plane = math.fsum(overlay.plane_area(shapes))
    rest = plane - math.fsum(taken)
    if rest <= max(LEAST_M2, THINNEST_M * math.fsum(shapes.length.to_numpy())):
        return 0.0
    return rest * math.fsum(ellipsoid.area(shapes, CRS(shapes.crs))) / plane


def _nowhere(before: Ground, after: Ground, within: gpd.GeoDataFrame, both: float) -> float:
    """m² that neither side covers."""
    shape = gpd.GeoSeries(within.geometry)
    whole = float(overlay.plane_area(shape)[0])
    sides = [math.fsum(overlay.plane_area(gpd.GeoSeries(side.frame.geometry))) for side in (before, after)]
    rest = whole - (sum(sides) - both)
    if rest <= max(LEAST_M2, THINNEST_M * float(shape.length.iloc[0])):
        return 0.0
    return rest * float(ellipsoid.area(shape, CRS(shape.crs))[0]) / whole


def _scaled(parts: list[float], whole: float) -> list[float]:
    """Parts that add up to the whole; with nothing to go by it stands in the last, the ground that nothing covers."""
    total = math.fsum(parts)
    return [part * whole / total for part in parts] if total > 0 else [*parts[:-1], whole]


def _printed(
    totals: Sequence[float], cells: Sequence[Sequence[float]], whole: float
) -> dict[str, list[list[float]]]:
    """By column of values: rows of cells with their total last, and a last row of sums."""
    made: dict[str, list[list[float]]] = {}
    for unit, places in LAND_PLACES.items():
        ends = shares([to_unit(value, unit) for value in totals], to_unit(whole, unit), places).parts
        rows = [
            [*shares([to_unit(value, unit) for value in row], end, places).parts, end]
            for row, end in zip(cells, ends, strict=True)
        ]
        made[f"area_{unit}"] = [*rows, [added(stack) for stack in zip(*rows, strict=True)]]
    places = LAND_PLACES["m2"]
    exact = [[*row, total] for row, total in zip(cells, totals, strict=True)]
    moved = [
        [less(value, round_half_up(plain, places)) for value, plain in zip(row, wanted, strict=True)]
        for row, wanted in zip(made["area_m2"], exact, strict=False)
    ]
    made["moved_m2"] = [*moved, [added(stack) for stack in zip(*moved, strict=True)]]
    return made


def _matrix_frame(
    rows: Sequence[tuple[str, str]], columns: Sequence[tuple[str, str]], printed: dict[str, list[list[float]]]
) -> pd.DataFrame:
    heads = [*columns, TOTAL]
    lines = [
        {
            "row_id": row[0], "row_name": row[1], "column_id": head[0], "column_name": head[1],
            **{name: values[down][across] for name, values in printed.items()},
        }
        for down, row in enumerate((*rows, TOTAL))
        for across, head in enumerate(heads)
    ]  # fmt: skip
    return pd.DataFrame(lines)


def _block(layout: Layout, head: tuple[str, str], columns: dict[str, list[float]]) -> pd.DataFrame:
    lines = layout.lines
    whole = columns["area_m2"][-1]
    return pd.DataFrame(
        {
            "row_id": [*(line.id for line in lines), TOTAL[0]],
            "row_name": [*(line.name for line in lines), TOTAL[1]],
            "row_parent": [*(lines[line.parent].id if line.parent >= 0 else "" for line in lines), ""],
            "level": [*(float(line.depth + 1) for line in lines), 1.0],
            "column_id": head[0],
            "column_name": head[1],
            **columns,
            "share": [
                round_half_up(value / whole, SHARE_PLACES) if whole else 0.0 for value in columns["area_m2"]
            ],
        }
    )


def _class(code: str, level: int) -> str:
    codes = code_list()
    return codes.at_level(code, level) if code in codes else UNRECOGNISED[0]


def _classes(ground: Ground, level: int) -> list[str]:
    """The classes that are there, in the order of the list, what is in none last."""
    there = {_class(code, level) for code in ground.frame["code"]}
    return [*(code for code in code_list() if code in there), *({UNRECOGNISED[0]} & there)]


def _label(key: str, bare: tuple[str, str, str]) -> tuple[str, str]:
    if key == NO_CODE:
        return bare[:2]
    return UNRECOGNISED[:2] if key == UNRECOGNISED[0] else (key, f"{key} {code_list().name_of(key)}")
