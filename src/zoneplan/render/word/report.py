"""What the parts of the Word report share: which parcels are listed, how numbers are printed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from zoneplan.check.dossier import Dossier, strictest_first, sums, worst_states
from zoneplan.check.names import VERDICT_WORDS
from zoneplan.render.plaintext import full_width, short
from zoneplan.render.style import Style
from zoneplan.render.word.parts import Writer
from zoneplan.units import PLACES

ALL_PARCELS = 30
"""Up to so many parcels the report lists all; beyond, those with a hit, a doubt or no data, the strictest first."""
MOST_ROWS = 300
ID, TEXT = 40, 600
"""Characters of an id, and of what is said, that a cell takes."""
COLON = full_width("名:")[1]


@dataclass(frozen=True)
class Report:
    """A dossier, the project's name and the colours of maps, and which parcels are listed."""

    dossier: Dossier
    project: str
    style: Style

    @cached_property
    def order(self) -> list[int]:
        """Positions of the parcels listed, the strictest first."""
        result = self.dossier.result
        if len(result.ids) <= ALL_PARCELS:
            return strictest_first(result)
        worst, overall = worst_states(result), result.parcels["overall"].tolist()
        return [
            at
            for at in strictest_first(result)
            if worst[at] in ("hit", "sliver", "no_data") or overall[at] != "permitted"
        ]

    @cached_property
    def states(self) -> list[str]:
        """The states of the table's rows."""
        return list(self.dossier.result.table["state"])

    @property
    def selective(self) -> bool:
        """Whether some parcels are not listed."""
        return len(self.dossier.result.ids) > ALL_PARCELS

    def name(self, at: int) -> str:
        """A parcel's id, fit for a page."""
        return short(self.dossier.result.ids[at], ID)

    def law_numbers(self, rule_ids: Sequence[str]) -> str:
        """The numbers that the laws of rules have in the list of laws."""
        found = [
            f"[{number}]"
            for number, law in enumerate(self.dossier.laws, start=1)
            if set(law.rules) & set(rule_ids)
        ]
        return "".join(found)


def texts(report: Report) -> dict[str, str]:
    """What a template may name inside a line."""
    dossier, receipt = report.dossier, report.dossier.result.receipt
    total = sums([dossier.area_m2]).totals
    return {
        "project": report.project,
        "file": _file(dossier),
        "parcels": str(len(dossier.result.ids)),
        **{f"area_{unit}": amount(total[unit], unit) for unit in total},
        "area_method": {"ellipsoidal": "椭球面积"}.get(receipt["parameters"]["area"], "投影面积"),
        "plan": receipt.get("plan") or "—",
        "crs": receipt["crs"],
        "rule_book": receipt["rule_book"],
        "as_of": receipt["parameters"].get("as_of") or "",
        "verdict": VERDICT_WORDS[dossier.overall][0],
        "overrides": str(len(dossier.overrides)),
        "version": receipt.get("versions", {}).get("zoneplan", ""),
    }


def _file(dossier: Dossier) -> str:
    files = [row["file"] for row in dossier.result.receipt.get("inputs", []) if row["role"] == "parcels"]
    return short(files[0], 80) if files else "—"


def amount(value: float, unit: str) -> str:
    return f"{value:,.{PLACES[unit]}f}" if unit == "m2" else f"{value:.{PLACES[unit]}f}"


def mark(moved: bool) -> str:
    return " *" if moved else ""


def moved_note(writer: Writer, moved: Sequence[bool]) -> None:
    if any(moved):
        writer.paragraph("* 为使各行之和等于合计,该行有数字的末位与四舍五入值相差一个单位。")


def others(listed: Sequence[int], many: int) -> list[int]:
    """Positions that are not listed: their sum stands in one row, so that every table closes on the whole."""
    return sorted(set(range(many)) - set(listed))


def compact(rule_ids: Sequence[str]) -> str:
    """Rule ids with what they begin with written once, and spaces to break lines at: PBF-U01 U07."""
    groups: dict[str, list[str]] = {}
    for one in rule_ids:
        start, dash, end = one.rpartition("-")
        groups.setdefault(start + dash, []).append(end)
    return "; ".join(start + " ".join(ends) for start, ends in groups.items())
