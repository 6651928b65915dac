"""The rule book: control line × use → verdict, condition, evidence and legal basis. Law as data.

Rows carry source, dates and whether anybody has checked them against the official text; unverified
rows say so wherever they are printed. There are no expressions, only rows.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass, replace
from datetime import date
from functools import cached_property

from zoneplan.check.names import VERDICT_WORDS, component_name
from zoneplan.landuse.codes import code_list

STRICTEST_FIRST = ("prohibited", "undetermined", "restricted", "permitted")
NATIONAL_MAJOR = "U18"
"""The use class of a national major project: applied where a project is declared one, never inferred."""
_WHOLE_DAY = 10


@dataclass(frozen=True)
class Rule:
    """One row of the rule book; every field is text as in the file.

    Dates are ISO, empty where not known. ``valid_from`` may be a month or a year (``2021-11``): the row is known to
    be in force once that is over.
    """

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
        """Whether the row is known to apply on a day; without a day, unless it has an end."""
        if day is None:
            return not self.valid_to
        text, since = day.isoformat(), self.valid_from
        started = text >= since if len(since) in (0, _WHOLE_DAY) else text[: len(since)] > since
        return started and text <= (self.valid_to or "9999")

    def branch(self) -> str:
        """Component, use and verdict in words, for a ruling that stays open."""
        words = "·".join(
            word for word in (self.component and component_name(self.component), self.use_name) if word
        )
        return f"{words}→{VERDICT_WORDS[self.verdict][0]}({self.rule_id})"

    def span(self) -> str:
        """Id and validity, such as ``PBF-U10 [2025-10-01, …]``; ``…`` where there is no end or the start is not known."""
        return f"{self.rule_id} [{self.valid_from or '…'}, {self.valid_to or '…'}]"


@dataclass(frozen=True)
class Ruling:
    """What the rule book says of one use on one line.

    ``reason_zh`` and ``reason_en`` are filled where the verdict is ``undetermined``; ``branches``
    then names the possible answers. ``out_of_force`` are rows for the same use that are not in force
    on the day; ``declared`` is what a declared status rests on, empty if none was declared.
    """

    verdict: str
    rules: tuple[Rule, ...] = ()
    reason_zh: str = ""
    reason_en: str = ""
    branches: tuple[str, ...] = ()
    out_of_force: tuple[Rule, ...] = ()
    declared: str = ""

    @property
    def rule_id(self) -> str:
        """Ids of the rows applied, joined by semicolons."""
        return ";".join(rule.rule_id for rule in self.rules)

    @property
    def verified(self) -> str:
        """``yes`` only if every row applied is verified; empty if none was applied."""
        return "" if not self.rules else "yes" if all(rule.verified == "yes" for rule in self.rules) else "no"

    def joined(self, name: str) -> str:
        """One field of the rows applied, distinct values joined by semicolons; what several rows name stands once."""
        words = (word.strip() for rule in self.rules for word in str(getattr(rule, name)).split(";"))
        return ";".join(dict.fromkeys(word for word in words if word))


@dataclass(frozen=True)
class RuleBook:
    """Rows by id. The version is a hash of their content, whatever files they came from and in which order."""

    version: str
    rules: tuple[Rule, ...]

    @classmethod
    def of(cls, rules: Iterable[Rule]) -> RuleBook:
        """A book of rows."""
        kept = tuple(rules)
        text = "\x1e".join(sorted("\x1f".join(astuple(rule)) for rule in kept))
        return cls(hashlib.sha256(text.encode()).hexdigest()[:12], kept)

    @cached_property
    def uses(self) -> frozenset[str]:
        """Use classes, in capitals, and land-use codes that rows are for."""
        classes = {rule.use_class.upper() for rule in self.rules}
        return frozenset(classes | {code for rule in self.rules for code in rule.landuse_codes.split()})

    def select(
        self, *, line: str | None = None, use: str | None = None, day: date | None = None
    ) -> tuple[Rule, ...]:
        """Rows of a line, for a use (class or land-use code), in force on a day; None: any."""
        rows = [rule for rule in self.rules if line is None or rule.line == line]
        if use is not None:
            lines = dict.fromkeys((rule.line, rule.component) for rule in rows)
            groups = [[rule for rule in rows if (rule.line, rule.component) == key] for key in lines]
            rows = [rule for group in groups for part in _for_use(group, use) for rule in part]
        return tuple(rule for rule in rows if day is None or rule.in_force(day))

    def ruling(
        self,
        line: str,
        *,
        component: str,
        use: str | None,
        day: date | None = None,
        national_major: str | None = None,
    ) -> Ruling:
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
        national_major : str, optional
            The document that declares the project a national major one ("" if it was not named): where the line has
            rows for such projects, they apply, whatever the use. None: not declared, and never assumed.

        Returns
        -------
        Ruling
            ``undetermined`` with the branches where the use is unknown, rows disagree, or none applies.
        """
        rows = [rule for rule in self.rules if rule.line == line]
        if not rows:
            return _open(f"规则库没有“{line}”的规则", f"the rule book has no rule for '{line}'")
        # a row without component is meant for every component
        wanted = {component} if component else {rule.component for rule in rows}
        rows = [rule for rule in rows if rule.component in wanted | {""}]
        if not rows:
            return _open(
                f"规则库没有“{line}”构成“{component}”的规则",
                f"the rule book has no rule for component '{component}' of '{line}'",
            )
        if national_major is not None and any(rule.use_class == NATIONAL_MAJOR for rule in rows):
            document = national_major.strip() or "未注明文号 document not stated"
            return replace(_on_day(rows, wanted, NATIONAL_MAJOR, day), declared=f"国家重大项目:{document}")
        if use is None:
            return _open("用途未知,须说明拟用途", "use unknown: state the intended use")
        use = use.strip()
        if use.isdigit() and len(use) % 2:
            return _open(
                f"用地代码“{use}”位数为奇数,可能丢失了首位的零,应为两位一级的文本,如 0101",
                f"land-use code '{use}' has an odd number of digits, perhaps a lost leading zero; expected text in pairs of digits, such as 0101",
            )
        if use.isdigit() and not self._lists(use):
            return _open(
                f"用地代码“{use}”不在 2023 年用地用海分类中,规则库也没有它(可能是三调或旧版代码)",
                f"land-use code '{use}' is not in the 2023 list, nor in the rule book (perhaps of another list)",
            )
        return _on_day(rows, wanted, use, day)

    def _lists(self, code: str) -> bool:
        """Whether a code is one of the 2023 list, or one that a row names."""
        plain = re.sub(r"(00)+$", "", code)
        return plain in code_list() or any(plain in rule.landuse_codes.split() for rule in self.rules)


def _on_day(rows: Sequence[Rule], wanted: set[str], use: str, day: date | None) -> Ruling:
    """The ruling of the rows in force on a day, and which rows for the same use are not."""
    fitting, finer = _for_use([rule for rule in rows if rule.in_force(day)], use)
    ended = tuple(
        rule for part in _for_use([rule for rule in rows if not rule.in_force(day)], use) for rule in part
    )
    answered = {rule.component for rule in fitting}
    missing = sorted(wanted - answered) if "" not in answered else []
    both = (*fitting, *finer)
    branches = tuple(rule.branch() for rule in both)
    if missing:
        absent = "、".join(filter(None, missing)) or use
        zh = f"规则库没有用途“{use}”在此线内的有效规则"
        en = f"no rule in force for use '{use}' on this line"
        if branches:
            zh = f"规则库没有“{absent}”的有效规则,其他分支不能代替"
            en = f"no rule in force for '{absent}', and the other branches do not stand for it"
        if ended:
            spans = ", ".join(rule.span() for rule in ended)
            zh, en = f"{zh};当日不在有效期:{spans}", f"{en}; out of force on that day: {spans}"
        return _open(zh, en, both, branches, ended)
    if len({rule.verdict for rule in both}) == 1:
        return Ruling(fitting[0].verdict, fitting, out_of_force=ended)
    words = ("用途或构成未注明,各分支结论不同", "use or component not stated and the branches differ")
    return _open(*words, both, branches, ended)


def _open(
    zh: str,
    en: str,
    rules: tuple[Rule, ...] = (),
    branches: tuple[str, ...] = (),
    ended: tuple[Rule, ...] = (),
) -> Ruling:
    return Ruling("undetermined", rules, zh, en, branches, ended)


def strictest(verdicts: Iterable[str]) -> str:
    """The strictest of several verdicts; ``permitted`` of none."""
    return min(verdicts, key=STRICTEST_FIRST.index, default="permitted")


def _for_use(rows: list[Rule], use: str) -> tuple[tuple[Rule, ...], tuple[Rule, ...]]:
    """Rules that fit a use, and those that fit only some of the finer codes under it.

    Fitting are the rules of a declared use class, else those whose land-use codes fit best (longest
    prefix). Zeros that pad a code to full width say nothing and are left out.
    """
    if declared := tuple(rule for rule in rows if rule.use_class == use.upper()):
        return declared, ()
    code = re.sub(r"(00)+$", "", use) if use.isdigit() else use
    fits = [
        (max((len(known) for known in rule.landuse_codes.split() if code.startswith(known)), default=0), rule)
        for rule in rows
    ]
    longest = max((length for length, _ in fits), default=0)
    best = tuple(rule for length, rule in fits if length and length == longest)
    finer = tuple(
        rule
        for rule in rows
        if code and rule not in best and any(known.startswith(code) for known in rule.landuse_codes.split())
    )
    return best, tuple(
        rule for rule in finer if not any(code == known for known in rule.landuse_codes.split())
    )
