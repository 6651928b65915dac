"""Outcomes of a check as review reports phrase them: which branch a parcel, and a project, falls into.

The sentences are data (`zoneplan.check.outcomebook`); this module chooses them and fills in the numbers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from string import Formatter

import numpy as np
import pandas as pd

from zoneplan.check.lines import BOUNDARY, OUTSIDE
from zoneplan.check.names import VERDICT_WORDS, line_name
from zoneplan.check.outcomebook import Case, LineCases, OutcomeBook, Words, read_outcomes
from zoneplan.check.result import CheckResult
from zoneplan.check.rules import Ruling
from zoneplan.units import PLACES, round_half_up, shares, to_unit

YES = frozenset(("1", "y", "yes", "t", "true", "是", "穿越", "跨越", "穿越不占", "不申请用地"))


@dataclass(frozen=True)
class Outcome:
    """One branch: its id, its sentence, and its short label, in both languages."""

    id: str
    zh: str
    en: str
    label_zh: str
    label_en: str

    def record(self) -> dict[str, str]:
        """The outcome as it stands in ``conflicts.json``."""
        return {"id": self.id, "zh": self.zh, "en": self.en}


def declared_crossing(values: pd.Series) -> tuple[bool, ...]:
    """Which parcels are declared to cross a line without applying for land (是, 穿越, 1, yes …)."""
    return tuple(str(value).strip().lower().removesuffix(".0") in YES for value in values)


def stated_components(
    result: CheckResult,
) -> dict[str, dict[str, np.ndarray[tuple[int], np.dtype[np.float64]]]]:
    """Overlap in m² by line and component, an entry per parcel; lines that state no component are left out."""
    return {row.key: dict(row.by_component) for row in result.shapes.rows if any(row.by_component)}


def parcel_outcomes(result: CheckResult) -> tuple[Outcome, ...]:
    """The outcome of every row of a check's table, in its order.

    The rows inside and outside the growth boundary of one parcel share their outcome.
    """
    return tuple(_Choice(result).each())


def project_outcomes(result: CheckResult, each: Sequence[Outcome]) -> dict[str, Outcome]:
    """The outcome of the whole project by line: that of its only parcel, else how many fall into which branch.

    Parameters
    ----------
    result : CheckResult
    each : sequence of Outcome
        As of `parcel_outcomes`. The id is that of the gravest branch.
    """
    book, table = read_outcomes(), result.table
    many = len(table) // max(len(result.ids), 1)
    keys = list(table["line"][:many])
    area = table["overlap_area_m2"].fillna(0.0).to_numpy().reshape(-1, many) if many else np.empty((0, 0))
    components = stated_components(result)
    made = {}
    for column, key in enumerate(keys):
        if key == OUTSIDE:
            continue
        mine = each[column::many]
        if len(mine) == 1:
            made[key] = mine[0]
            continue
        sums = {"ha": area[:, column].sum(), "inside_ha": area[:, column].sum()}
        if key == BOUNDARY:
            sums["outside_ha"] = area[:, keys.index(OUTSIDE)].sum()
        by_name = {name: float(each.sum()) for name, each in components.get(key, {}).items()}
        parts = _parts(book, by_name, float(sums["ha"]))
        made[key] = _several(book, key, mine, {name: _text(float(sums[name]), "ha") for name in sums}, parts)
    return made


def _several(
    book: OutcomeBook, key: str, mine: Sequence[Outcome], sums: Mapping[str, str], parts: tuple[str, str]
) -> Outcome:
    """The outcomes of several parcels in one sentence, the gravest first."""
    cases = book.of(key)
    order = list(dict.fromkeys(case.id for case in cases.cases))
    counts = Counter((order.index(one.id), one.id, one.label_zh, one.label_en) for one in mine)
    groups: tuple[list[str], list[str]] = ([], [])
    for (_, _, label_zh, label_en), count in sorted(counts.items()):
        filled = book.project.group.fill(
            {"label": label_zh, "count": str(count)}, {"label": label_en, "count": str(count)}
        )
        for words, text in zip(groups, filled, strict=True):
            words.append(text)
    totals = cases.total.fill({**sums, "parts": parts[0]}, {**sums, "parts": parts[1]})
    filling = [
        {"parcels": str(len(mine)), "groups": group, "total": total}
        for group, total in zip(_listed(book.project.between, groups), totals, strict=True)
    ]
    zh, en = book.project.whole.fill(filling[0], filling[1])
    _, gravest, label_zh, label_en = min(counts)
    return Outcome(gravest, zh, en, label_zh, label_en)


def _parts(book: OutcomeBook, areas: Mapping[str, float], whole: float) -> tuple[str, str]:
    """The overlap by components in words; nothing where none is stated or nothing overlaps.

    Printed parts add up to the printed whole, unless components lie on each other.
    """
    there = {name: to_unit(area, "ha") for name, area in areas.items() if area > 0}
    if not there:
        return "", ""
    if len(there) == 1:
        zh, en = book.components.name(next(iter(there)))
        return book.components.alone.fill({"label": zh}, {"label": en})
    places, total = PLACES["ha"], to_unit(whole, "ha")
    apart = abs(sum(there.values()) - total) < 0.5 * 10**-places
    printed = shares(list(there.values()), total, places).parts if apart else [round_half_up(area, places) for area in there.values()]  # fmt: skip
    groups: tuple[list[str], list[str]] = ([], [])
    for name, ha in zip(there, printed, strict=True):
        filling = [{"label": label, "ha": f"{ha:.{places}f}"} for label in book.components.name(name)]
        for words, text in zip(groups, book.components.group.fill(*filling), strict=True):
            words.append(text)
    listed = [{"groups": text} for text in _listed(book.components.between, groups)]
    return book.components.whole.fill(*listed)


def _listed(between: Words, groups: tuple[list[str], list[str]]) -> tuple[str, str]:
    """Groups in one text, in both languages."""
    return between.zh.join(groups[0]), between.en.join(groups[1])


class _Choice:
    """Chooses and fills the outcomes of one check; what rows share is worked out once."""

    def __init__(self, result: CheckResult) -> None:
        self.book = read_outcomes()
        self.result = result
        self.table = result.table
        self.many = len(self.table) // max(len(result.ids), 1)
        self.keys: list[str] = list(self.table["line"][: self.many])
        self.state = self.table["state"].to_numpy()
        self.area = self.table["overlap_area_m2"].to_numpy()
        self.share = self.table["overlap_share"].to_numpy()
        self.components = stated_components(result)
        self._made: dict[tuple[object, ...], _Chosen] = {}

    def each(self) -> list[Outcome]:
        made: list[Outcome] = []
        crossing = self.result.crossing or (False,) * len(self.result.ids)
        partner = self.keys.index(OUTSIDE) if OUTSIDE in self.keys else None
        for row in range(len(self.table)):
            parcel, column = divmod(row, self.many)
            key = self.keys[column]
            if key == OUTSIDE:
                made.append(made[parcel * self.many + self.keys.index(BOUNDARY)])
                continue
            beside = parcel * self.many + partner if key == BOUNDARY and partner is not None else None
            made.append(self._outcome(key, row, beside, crossing[parcel]))
        return made

    def _outcome(self, key: str, row: int, beside: int | None, crossing: bool) -> Outcome:
        outside = None if beside is None else self.state[beside]
        ruling = self.result.details[row]
        other = self.result.details[row if beside is None else beside]
        # rulings are shared by the rows they apply to, and the result keeps them: their ids stand for them
        same = (key, self.state[row], outside, id(ruling), id(other), crossing)
        if same not in self._made:
            self._made[same] = self._choose(key, self.state[row], outside, ruling, other, crossing)
        chosen = self._made[same]
        return chosen.constant or chosen.filled(self._numbers(row, beside), self._parts(key, row))

    def _choose(
        self, key: str, state: str, outside: str | None, ruling: Ruling, other: Ruling, crossing: bool
    ) -> _Chosen:
        line = self.book.of(key)
        case = line.case(
            state, outside, ruling.verdict, frozenset(rule.use_class for rule in ruling.rules), crossing
        )
        schematic = key in self.result.receipt["schematic_lines"]
        zh, en = _words(self.book, line, key, ruling, other)
        text_zh, text_en = case.text.zh, case.text.en
        if schematic and state != "no_data":
            text_zh += self.book.schematic.zh
            text_en += self.book.schematic.en
        return _Chosen(case, text_zh, text_en, zh, en)

    def _parts(self, key: str, row: int) -> tuple[str, str]:
        areas = {name: float(each[row // self.many]) for name, each in self.components.get(key, {}).items()}
        return _parts(self.book, areas, float(self.area[row]))

    def _numbers(self, row: int, beside: int | None) -> dict[str, str]:
        area, share = float(self.area[row]), float(self.share[row])
        numbers = {unit: _text(area, unit) for unit in ("ha", "m2", "mu")}
        numbers |= {f"inside_{unit}": numbers[unit] for unit in ("ha", "m2")}
        numbers["share"] = "—" if np.isnan(share) else f"{round_half_up(100 * share, 2):.2f}%"
        if beside is not None:
            numbers |= {f"outside_{unit}": _text(float(self.area[beside]), unit) for unit in ("ha", "m2")}
        return numbers


class _Chosen:
    """A case with the words of its ruling; ``constant`` is the outcome where no number is in it."""

    def __init__(
        self, case: Case, text_zh: str, text_en: str, zh: Mapping[str, str], en: Mapping[str, str]
    ) -> None:
        self.case, self.text, self.words = case, (text_zh, text_en), (zh, en)
        wanted = {name for text in self.text for _, name, _, _ in Formatter().parse(text) if name}
        self.constant = self.filled({}, ("", "")) if wanted <= zh.keys() else None

    def filled(self, numbers: Mapping[str, str], parts: tuple[str, str]) -> Outcome:
        zh, en = (
            text.format_map({**words, **numbers, "parts": part})
            for text, words, part in zip(self.text, self.words, parts, strict=True)
        )
        return Outcome(self.case.id, zh, en, self.case.label.zh, self.case.label.en)


def _words(
    book: OutcomeBook, line: LineCases, key: str, ruling: Ruling, other: Ruling
) -> tuple[dict[str, str], dict[str, str]]:
    """What a sentence may name of the rule book, in both languages."""
    law = {name: ruling.joined(name) for name in ("condition", "evidence_needed")}
    made = []
    for lang, nothing in (("zh", book.nothing.zh), ("en", book.nothing.en)):
        reason = ruling.reason_zh if lang == "zh" else ruling.reason_en
        made.append(
            {
                "name": line_name(key, lang),
                "authority": getattr(line.authority, lang),
                "layer": getattr(line.layer, lang),
                "reason": reason or nothing,
                "evidence": law["evidence_needed"] or nothing,
                "condition": law["condition"] or nothing,
                "verdict": _verdict(ruling, lang),
                "outside_verdict": _verdict(other, lang),
            }
        )
    return made[0], made[1]


def _verdict(ruling: Ruling, lang: str) -> str:
    """A verdict in words; an open one with its reason."""
    word = VERDICT_WORDS[ruling.verdict][lang != "zh"]
    reason = ruling.reason_zh if lang == "zh" else ruling.reason_en
    return f"{word}:{reason}" if lang == "zh" and reason else f"{word}: {reason}" if reason else word


def _text(area_m2: float, unit: str) -> str:
    """An area as the papers print it; what could not be measured is a dash."""
    if np.isnan(area_m2):
        return "—"
    return f"{round_half_up(to_unit(area_m2, unit), PLACES[unit]):.{PLACES[unit]}f}"
