"""A check as ``zoneplan check`` saved it, to be drawn again."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import geopandas as gpd
import pandas as pd

from zoneplan.check.rules import STRICTEST_FIRST
from zoneplan.errors import InputError, fault
from zoneplan.finding import Finding
from zoneplan.io.rowfiles import read_rows
from zoneplan.io.vector import read_vector
from zoneplan.textrows import FORMULA_STARTS

if TYPE_CHECKING:
    from zoneplan.check.result import CheckResult

FILE, TABLE = "conflicts.gpkg", "conflicts.csv"
_PARCELS = ("parcel_id", "overall", "area_m2")
_PIECES = ("parcel_id", "line", "state", "verdict", "overlap_area_m2")
_TABLE = (*_PIECES, "legal_basis", "verified")
_STATES = ("hit", "sliver", "touch", "clear", "no_data")


@dataclass(frozen=True)
class SavedCheck:
    """What a map asks of a `CheckResult`; columns as there."""

    parcels: gpd.GeoDataFrame
    pieces: gpd.GeoDataFrame
    table: pd.DataFrame
    receipt: dict[str, Any] = field(default_factory=dict)


def open_check(path: Path) -> tuple[CheckResult, tuple[Finding, ...]]:
    """Parcels and overlaps of ``conflicts.gpkg`` (or its folder), with what ``conflicts.csv`` beside it says of each line.

    Raises
    ------
    InputError
        If it is no such file, or has words that no check writes.
    """
    file = path / FILE if path.is_dir() else path
    if not file.is_file():
        raise InputError(
            fault("conflicts.missing", file, "没有这个文件;请先运行 zoneplan check", "there is no such file; run `zoneplan check` first")
        )  # fmt: skip
    parcels, pieces = _layer(file, "parcels", _PARCELS), _layer(file, "overlap", _PIECES)
    beside = file.with_name(TABLE)
    table = _table(beside) if beside.is_file() else _from_pieces(pieces)
    _check_words(file, parcels, pieces)
    _check_words(beside, None, table)
    said: tuple[Finding, ...] = ()
    if not beside.is_file():
        zh, en = (
            "同一文件夹中没有 conflicts.csv,图上不写法律依据",
            "there is no conflicts.csv beside it: sheets do not name the legal basis",
        )
        said = (Finding("conflicts.table", "info", zh, en, str(file)),)
    # of a result the maps read these four only
    return cast("CheckResult", SavedCheck(parcels, pieces, table)), said


def _layer(file: Path, name: str, columns: tuple[str, ...]) -> gpd.GeoDataFrame:
    frame = read_vector(file, layer=name)
    if missing := [column for column in columns if column not in frame]:
        raise InputError(
            fault(
                "conflicts.columns", f"{file.name}:{name}",
                f"缺少字段 {'、'.join(missing)};应为 zoneplan check 写出的 {FILE}",
                f"columns are missing: {', '.join(missing)}; expected the {FILE} that `zoneplan check` writes",
            )
        )  # fmt: skip
    for column in set(columns) - {"area_m2", "overlap_area_m2"}:
        frame[column] = frame[column].fillna("").astype(str)
    return frame


def _table(path: Path) -> pd.DataFrame:
    rows = read_rows(path, code="conflicts")
    if missing := [column for column in _TABLE if column not in rows.columns]:
        raise InputError(
            fault("conflicts.columns", path, f"缺少字段 {'、'.join(missing)}", f"columns are missing: {', '.join(missing)}")
        )  # fmt: skip
    frame = pd.DataFrame([row for _, row in rows.rows], columns=list(rows.columns))
    for column in _TABLE:
        frame[column] = frame[column].map(_as_it_was)
    frame["overlap_area_m2"] = pd.to_numeric(frame["overlap_area_m2"], errors="coerce")
    return frame[list(_TABLE)]


def _as_it_was(cell: str) -> str:
    """A cell without the apostrophe that keeps a spreadsheet from running it."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(FORMULA_STARTS) else cell


def _from_pieces(pieces: gpd.GeoDataFrame) -> pd.DataFrame:
    table = pd.DataFrame(pieces[list(_PIECES)])
    return table.assign(legal_basis="", verified="")


def _check_words(file: Path, parcels: pd.DataFrame | None, rows: pd.DataFrame) -> None:
    """`InputError` for verdicts and states that are not ours."""
    found = {str(word) for word in rows["verdict"]} | (
        {str(word) for word in parcels["overall"]} if parcels is not None else set()
    )
    odd = sorted((found - set(STRICTEST_FIRST)) | ({str(word) for word in rows["state"]} - set(_STATES)))
    if odd:
        raise InputError(
            fault(
                "conflicts.words", file.name,
                f"不认识的结论或状态:{'、'.join(odd[:5])};应为 zoneplan check 写出的文件",
                f"unknown verdicts or states: {', '.join(odd[:5])}; expected a file that `zoneplan check` writes",
            )
        )  # fmt: skip
