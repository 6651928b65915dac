"""What an officer must know of the rules applied: which are out of force on the day, and what was declared."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from zoneplan.check.names import row_name
from zoneplan.check.rules import Ruling
from zoneplan.finding import Finding

_SHOWN = 12


def rule_notes(
    met: Sequence[tuple[str, Sequence[Ruling]]], day: date | None, national_major: str | None
) -> Iterator[Finding]:
    """Findings on the rulings of each line (key, rulings).

    Parameters
    ----------
    met : sequence of (str, sequence of Ruling)
    day : date, optional
        The day asked for; where none was, rows that have ended are no news.
    national_major : str, optional
        The document that declares the project a national major one; None if it was not declared.
    """
    for key, rulings in met:
        ended = sorted({rule.span() for ruling in rulings for rule in ruling.out_of_force})
        if ended and day is not None:
            shown = ", ".join(ended[:_SHOWN]) + (" …" if len(ended) > _SHOWN else "")
            yield Finding(
                "rules.out_of_force", "info",
                f"{row_name(key)}:{day} 不在有效期的规则 {len(ended)} 条,未采用:{shown}",
                f"{len(ended)} rules out of force on {day}, not applied: {shown}",
                key,
            )  # fmt: skip
    if national_major is None:
        return
    without = [key for key, rulings in met if any(one.rules and not one.declared for one in rulings)]
    document = national_major.strip()
    words = (f"文号:{document}", f"document: {document}")
    if not document:
        words = ("未注明批准文件文号,请补充", "the document is not stated; state it")
    yield Finding(
        "check.national_major", "info" if document else "warning",
        f"项目声明为国家重大项目({words[0]}),有相应规则的线按国家重大项目判定;是否属实由审查人员核定",
        f"declared a national major project ({words[1]}): lines with rules for such projects are judged by them; the officer checks that it is one",
    )  # fmt: skip
    for key in without:
        yield Finding(
            "check.national_major", "warning",
            f"{key}:规则库没有国家重大项目的规则,仍按用途判定",
            f"{key}: the rule book has no rule for national major projects; judged by use",
            key,
        )  # fmt: skip
