"""A check as a map draws it: the parcels by verdict, and the pieces that they take of the lines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

from zoneplan.check.names import STATE_WORDS, VERDICT_WORDS
from zoneplan.check.rules import STRICTEST_FIRST
from zoneplan.render.mapdata import BETWEEN, CRS, Drawing, Feature
from zoneplan.render.style import Style
from zoneplan.units import PLACES, round_half_up

if TYPE_CHECKING:  # a map without a check does not load it
    from zoneplan.check.result import CheckResult


def conflict_drawings(
    result: CheckResult, names: Mapping[str, str], style: Style, lang: str
) -> tuple[Drawing, Drawing]:
    """The parcels by verdict, and the pieces that they take of the lines; `names` are those of the lines by key."""
    pick = 0 if lang == "zh" else 1
    return _parcels(result, names, style, pick), _pieces(result, names, style, pick)


def _parcels(result: CheckResult, names: Mapping[str, str], style: Style, pick: int) -> Drawing:
    """The parcels, the strictest verdict on top."""
    layer = style.layers["parcels"]
    drawing = Drawing("parcels", (layer.zh, layer.en)[pick], layer.group, layer.show)
    parcels, lines = result.parcels.to_crs(CRS), _rows_by_parcel(result.table, names, pick)
    for name, marks in _marks(result, names, pick).items():
        lines.setdefault(name, []).extend(marks)
    parcels = parcels[~(parcels.geometry.isna() | parcels.geometry.is_empty)]
    plain = {verdict: style.symbol(verdict).model_copy(update={"hatch": None}) for verdict in STRICTEST_FIRST}
    for verdict in reversed(STRICTEST_FIRST):
        found = parcels[parcels["overall"] == verdict]
        head = [("结论", "verdict")[pick], VERDICT_WORDS[verdict][pick]]
        drawing.features.extend(
            Feature(shape, str(name), [head, *lines.get(name, [])], plain[verdict], f"parcel-{verdict}")
            for name, shape in zip(found["parcel_id"], found.geometry, strict=True)
        )
    counts = parcels["overall"].value_counts()
    for verdict, words in VERDICT_WORDS.items():
        if verdict in counts:
            drawing.legend.append((words[pick], style.symbol(verdict), verdict, str(counts[verdict])))
    return drawing


def _marks(result: CheckResult, names: Mapping[str, str], pick: int) -> dict[str, list[list[str]]]:
    """What an officer marked as not applicable, by parcel."""
    from zoneplan.check.overrides import override_of

    found: dict[str, list[list[str]]] = {}
    for (parcel_id, line), one in override_of(result).items():
        text = BETWEEN.join((names.get(line, line), f"{one['name']} {one['date']}", one["reason"]))
        found.setdefault(parcel_id, []).append([("人工认定不适用", "marked not applicable")[pick], text])
    return found


def _pieces(result: CheckResult, names: Mapping[str, str], style: Style, pick: int) -> Drawing:
    """What is taken of the control lines, the strictest verdict on top."""
    layer = style.layers["pieces"]
    drawing = Drawing("pieces", (layer.zh, layer.en)[pick], layer.group, layer.show)
    pieces = result.pieces.to_crs(CRS)
    pieces = pieces[~(pieces.geometry.isna() | pieces.geometry.is_empty)]
    for verdict in reversed(STRICTEST_FIRST):
        if verdict == "permitted":
            continue
        symbol = style.symbol(verdict)
        for row in pieces[pieces["verdict"] == verdict].to_dict("records"):
            area = f"{round_half_up(row['overlap_area_m2'], PLACES['m2']):,.2f} m²"
            rows = [
                [("控制线", "line")[pick], names.get(row["line"], str(row["line"]))],
                [("状态", "state")[pick], STATE_WORDS[row["state"]][pick]],
                [("占用面积", "overlap")[pick], area],
                [("结论", "verdict")[pick], VERDICT_WORDS[verdict][pick]],
            ]
            drawing.features.append(Feature(row["geometry"], str(row["parcel_id"]), rows, symbol, verdict))
    return drawing


def _rows_by_parcel(table: pd.DataFrame, names: Mapping[str, str], pick: int) -> dict[str, list[list[str]]]:
    """What was found on each line, for the popup of a parcel."""
    found: dict[str, list[list[str]]] = {}
    columns = ("parcel_id", "line", "state", "verdict", "overlap_area_m2", "legal_basis", "verified")
    for parcel, line, state, verdict, area, basis, verified in zip(
        *(table[name].to_list() for name in columns), strict=True
    ):
        words = [STATE_WORDS[state][pick], VERDICT_WORDS[verdict][pick]]
        if area > 0:
            words.append(f"{round_half_up(area, PLACES['m2']):,.2f} m²")
        if basis:
            words.append(basis + ("" if verified == "yes" else ("(未核)", " (unverified)")[pick]))
        found.setdefault(parcel, []).append([names.get(line, line), BETWEEN.join(words)])
    return found
