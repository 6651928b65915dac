"""Sets of land-use codes as text: ``1201-1206,1311``; a code stands for itself and all below it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from zoneplan.errors import InputError, fault
from zoneplan.finding import Finding
from zoneplan.landuse.codes import CodeList

_COMMAS = re.compile(r"[,\uff0c\u3001]")  # also the full-width ones
_TERM = re.compile(r"(?P<first>[0-9][0-9A-Z]*)(?:\s*[-~\u2013\u2014\uff5e]\s*(?P<last>[0-9][0-9A-Z]*))?")


@dataclass(frozen=True)
class CodeSet:
    """Codes of one list.

    Parameters
    ----------
    text : str
        As written.
    codes : frozenset of str
        All codes meant, those below a named code among them.
    """

    text: str
    codes: frozenset[str]


def parse_set(text: str, codes: CodeList, *, place: str) -> CodeSet:
    """Read a set of codes.

    Parameters
    ----------
    text : str
        Terms separated by commas (``,``, full-width or ``、``). A term is a code, or two codes of equal
        length joined by a hyphen: all codes of that length from the one to the other. Each stands
        for everything below it too, so ``12`` is all of class 12.
    codes : CodeList
    place : str
        File, line and path, put before every message.

    Raises
    ------
    InputError
        With every fault: character position (from 1), what was found, what was expected.
    """
    found: set[str] = set()
    faults: list[Finding] = []
    for start, term in _terms(text):
        meant, wrong = _meaning(start, term, codes, place)
        found |= meant
        faults += wrong
    if faults:
        raise InputError(faults)
    return CodeSet(text, frozenset(found))


def _meaning(start: int, term: str, codes: CodeList, place: str) -> tuple[set[str], list[Finding]]:
    """The codes that one term stands for, and what is wrong with it."""

    def bad(zh: str, en: str) -> tuple[set[str], list[Finding]]:
        return set(), [_fault(place, start, term, zh, en)]

    match = _TERM.fullmatch(term)
    if match is None:
        return bad(
            "应为代码(如 0101)或区间(如 1201-1206),以逗号分隔",
            "a code (0101) or a range (1201-1206), separated by commas",
        )
    first, last = match["first"], match["last"]
    ends = [group for group in ("first", "last") if match[group] is not None]
    if unknown := [group for group in ends if match[group] not in codes]:
        return set(), [_unknown(place, start + match.start(group), match[group], codes) for group in unknown]
    if last is None:
        return set(codes.within(first)), []
    if len(first) != len(last) or not (first + last).isdigit():
        return bad("区间两端应是位数相同的数字代码", "two codes of digits, of equal length")
    if first > last:
        return bad("区间应从小到大", "the smaller code first")
    span = (code for code in codes if code.isdigit() and len(code) == len(first) and first <= code <= last)
    return {deeper for code in span for deeper in codes.within(code)}, []


def _terms(text: str) -> Iterator[tuple[int, str]]:
    """Each term without blanks around it, and where it starts, counted from 1."""
    start = 0
    for term in _COMMAS.split(text):
        inner = term.strip()
        yield start + term.index(inner) + 1, inner
        start += len(term) + 1


def _fault(place: str, at: int, found: str, zh: str, en: str) -> Finding:
    zh_found, en_found = (f"“{found}”", f"'{found}'") if found else ("空", "nothing")
    return fault(
        "landuse.code_set", place, f"代码集第 {at} 个字符处是{zh_found};{zh}",
        f"at character {at} of the code set: found {en_found}, expected {en}",
    )  # fmt: skip


def _unknown(place: str, at: int, code: str, codes: CodeList) -> Finding:
    near = codes.near(code)
    zh, en = (f",是否 {near}?", f"; did you mean {near}?") if near else ("", "")
    return _fault(place, at, code, f"应为“{codes.name}”中的代码{zh}", f"a code of the list {codes.id}{en}")
