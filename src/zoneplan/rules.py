"""The rule book: control line × use → verdict, condition, evidence and legal basis. Law as data.

Rows carry source, dates and whether anybody has checked them against the official text; unverified
rows say so wherever they are printed. There are no expressions, only rows.
"""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path

from zoneplan.errors import InputError, fault
from zoneplan.finding import Finding
from zoneplan.resources import RULES

STRICTEST_FIRST = ("prohibited", "undetermined", "restricted", "permitted")
VERDICT_WORDS = {"prohibited": "禁止", "undetermined": "待定", "restricted": "限制", "permitted": "允许"}
_COMPONENTS = ("", "core", "other", "concentrated", "flexible", "special")


@dataclass(frozen=True)
class Rule:
    """One row of the rule book; every field is text as in the file, dates ISO or empty (not known)."""

    rule_id: str
    line: str
    component: str
    use_class: str
    use_name: str
    landuse_codes: str
    verdict: str
    condition: str
    evidence_needed: str
    legal_basis: str
    issuer: str
    valid_from: str
    valid_to: str
    confidence: str
    provenance: str
    verified: str

    def in_force(self, day: date | None) -> bool:
        """Whether the row applies on a day; without a day, unless it has an end."""
        if day is None:
            return not self.valid_to
        return (self.valid_from or "0000") <= day.isoformat() <= (self.valid_to or "9999")

    def branch(self) -> str:
        """Component, use and verdict in words, for a ruling that stays open."""
        words = "·".join(word for word in (self.component, self.use_name) if word)
        return f"{words}→{VERDICT_WORDS[self.verdict]}({self.rule_id})"


@dataclass(frozen=True)
class Ruling:
    """What the rule book says of one use on one line.

    ``reason_zh`` and ``reason_en`` are filled where the verdict is ``undetermined``; ``branches``
    then names the possible answers.
    """

    verdict: str
    rules: tuple[Rule, ...] = ()
    reason_zh: str = ""
    reason_en: str = ""
    branches: tuple[str, ...] = ()

    @property
    def rule_id(self) -> str:
        """Ids of the rows applied, joined by semicolons."""
        return ";".join(rule.rule_id for rule in self.rules)

    @property
    def verified(self) -> str:
        """``yes`` only if every row applied is verified; empty if none was applied."""
        return "" if not self.rules else "yes" if all(rule.verified == "yes" for rule in self.rules) else "no"

    def joined(self, name: str) -> str:
        """One field of the rows applied, distinct values joined by semicolons."""
        return ";".join(dict.fromkeys(value for rule in self.rules if (value := getattr(rule, name))))


@dataclass(frozen=True)
class RuleBook:
    """All rows, and the version: a hash of the file."""

    version: str
    rules: tuple[Rule, ...]

    def ruling(self, line: str, *, component: str, use: str | None, day: date | None = None) -> Ruling:
        """The ruling on a use inside one component of a line.

        Parameters
        ----------
        line : str
            Key, for instance ``"permanent_basic_farmland"``.
        component : str
            Empty if the layer does not state it: then the rows of all components must agree.
        use : str, optional
            Use class (``"U10"``) or 2023 land-use code (``"070102"``); None: unknown.
        day : date, optional
            Apply the rows in force on that day.

        Returns
        -------
        Ruling
            ``undetermined`` with the branches where the use is unknown, rows disagree, or none applies.
        """
        rows = [rule for rule in self.rules if rule.line == line and rule.component in (component, "")]
        if not component:
            rows = [rule for rule in self.rules if rule.line == line]
        if not rows and component:
            return Ruling(
                "undetermined",
                reason_zh=f"规则库没有“{line}”构成“{component}”的规则",
                reason_en=f"the rule book has no rule for component '{component}' of '{line}'",
            )
        if not rows:
            return Ruling(
                "undetermined",
                reason_zh=f"规则库没有“{line}”的规则",
                reason_en=f"the rule book has no rule for '{line}'",
            )
        rows = [rule for rule in rows if rule.in_force(day)]
        if use is None:
            return Ruling(
                "undetermined",
                reason_zh="用途未知,请给出 --use 或用途字段",
                reason_en="use unknown: give --use or a use field",
            )
        fitting = _for_use(rows, use)
        if not fitting:
            return Ruling(
                "undetermined",
                reason_zh=f"规则库没有用途“{use}”在此线内的有效规则",
                reason_en=f"no rule in force for use '{use}' on this line",
            )
        if len({rule.verdict for rule in fitting}) == 1:
            return Ruling(fitting[0].verdict, tuple(fitting))
        branches = tuple(rule.branch() for rule in fitting)
        return Ruling(
            "undetermined",
            tuple(fitting),
            "用途或构成未注明,各分支结论不同",
            "use or component not stated and the branches differ",
            branches,
        )


def strictest(verdicts: Iterable[str]) -> str:
    """The strictest of several verdicts; ``permitted`` of none."""
    return min(verdicts, key=STRICTEST_FIRST.index, default="permitted")


def read_rules(path: Path = RULES) -> RuleBook:
    """Read a rule book (CSV, UTF-8); `InputError` lists every fault with its line."""
    try:
        raw = path.read_bytes()
        rows = list(csv.DictReader(raw.decode("utf-8-sig").splitlines()))
    except OSError as error:
        raise InputError(
            fault("rules.unreadable", path, f"无法读取:{error.strerror}", f"cannot be read: {error.strerror}")
        ) from error
    except UnicodeDecodeError as error:
        raise InputError(
            fault(
                "rules.encoding",
                path,
                f"第 {error.start} 字节起不是 UTF-8",
                f"not UTF-8 from byte {error.start}",
            )
        ) from error
    wanted = [field.name for field in fields(Rule)]
    found = list(rows[0]) if rows else []
    if found != wanted:
        raise InputError(
            fault(
                "rules.columns",
                path.name,
                f"列应为 {','.join(wanted)};实为 {','.join(map(str, found))}",
                f"columns should be {','.join(wanted)}; found {','.join(map(str, found))}",
            )
        )
    if faults := [*_row_faults(rows, path.name)]:
        raise InputError(faults)
    rules = tuple(Rule(**{name: (row[name] or "").strip() for name in wanted}) for row in rows)
    return RuleBook(hashlib.sha256(raw).hexdigest()[:12], rules)


def _row_faults(rows: list[dict[str, str]], name: str) -> Iterator[Finding]:
    seen: set[str] = set()
    allowed = {"verdict": STRICTEST_FIRST, "verified": ("yes", "no"), "component": _COMPONENTS}
    for number, row in enumerate(rows, start=2):
        place = f"{name}:{number}"
        if None in row or None in row.values():
            yield fault("rules.row", place, "列数与表头不符", "the number of columns differs from the header")
            continue
        if row["rule_id"] in seen or not row["rule_id"]:
            yield fault(
                "rules.id",
                place,
                f"规则编号“{row['rule_id']}”重复或为空",
                f"the rule id '{row['rule_id']}' is repeated or empty",
            )
        seen.add(row["rule_id"])
        for column, values in allowed.items():
            if row[column] not in values:
                yield fault(
                    "rules.value",
                    f"{place}: {column}",
                    f"“{row[column]}”应为 {'、'.join(values)} 之一",
                    f"'{row[column]}' should be one of {', '.join(values)}",
                )
        for column in ("valid_from", "valid_to"):
            if row[column] and not re.fullmatch(r"\d{4}-\d{2}-\d{2}", row[column]):
                yield fault(
                    "rules.date",
                    f"{place}: {column}",
                    f"“{row[column]}”应为 YYYY-MM-DD 或空",
                    f"'{row[column]}' should be YYYY-MM-DD or empty",
                )


def _for_use(rows: list[Rule], use: str) -> list[Rule]:
    """Rows of a declared use class, else those whose land-use codes fit best (longest prefix)."""
    declared = [rule for rule in rows if rule.use_class == use.strip().upper()]
    if declared:
        return declared
    fits = [
        (max((len(code) for code in rule.landuse_codes.split() if use.startswith(code)), default=0), rule)
        for rule in rows
    ]
    longest = max((length for length, _ in fits), default=0)
    return [rule for length, rule in fits if length and length == longest]
