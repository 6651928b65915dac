"""Sets of land-use codes as text: ``1201-1206,1311``; a code stands for itself and all below it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from zoneplan.codes import CodeList
from zoneplan.errors import InputError, fault
from zoneplan.finding import Finding

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
        Terms separated by commas (``,`` ``,`` ``、``). A term is a code, or two codes of equal
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
        match = _TERM.fullmatch(term)
        if match is None:
            faults.append(
                _fault(
                    place,
                    start,
                    f"“{term}”" if term else "空",
                    *_SYNTAX,
                    found_en=f"'{term}'" if term else "nothing",
                )
            )
            continue
        first, last = match["first"], match["last"]
        unknown = [code for code in (first, last) if code is not None and code not in codes]
        if unknown:
            faults += [_unknown(place, start + term.rindex(code), code, codes) for code in unknown]
        elif last is None:
            found.update(codes.within(first))
        elif len(first) != len(last) or not (first + last).isdigit():
            faults.append(
                _fault(
                    place,
                    start,
                    f"“{term}”",
                    "区间两端应是位数相同的数字代码",
                    "two codes of digits, of equal length",
                    found_en=f"'{term}'",
                )
            )
        elif first > last:
            faults.append(
                _fault(
                    place,
                    start,
                    f"“{term}”",
                    "区间应从小到大",
                    "the smaller code first",
                    found_en=f"'{term}'",
                )
            )
        else:
            span = (code for code in codes if len(code) == len(first) and first <= code <= last)
            found.update(deeper for code in span for deeper in codes.within(code))
    if faults:
        raise InputError(faults)
    return CodeSet(text, frozenset(found))


_SYNTAX = (
    "应为代码(如 0101)或区间(如 1201-1206),以逗号分隔",
    "a code (0101) or a range (1201-1206), separated by commas",
)


def _terms(text: str) -> Iterator[tuple[int, str]]:
    """Each term without blanks around it, and where it starts, counted from 1."""
    start = 0
    for term in _COMMAS.split(text):
        inner = term.strip()
        yield start + term.index(inner) + 1, inner
        start += len(term) + 1


def _fault(place: str, at: int, found: str, zh: str, en: str, *, found_en: str) -> Finding:
    return fault(
        "landuse.code_set", place, f"代码集第 {at} 个字符处是{found};{zh}",
        f"at character {at} of the code set: found {found_en}, expected {en}",
    )  # fmt: skip


def _unknown(place: str, at: int, code: str, codes: CodeList) -> Finding:
    near = codes.near(code)
    return _fault(
        place, at, f"“{code}”", f"应为“{codes.name}”中的代码" + (f",是否 {near}?" if near else ""),
        f"a code of the list {codes.id}" + (f"; did you mean {near}?" if near else ""), found_en=f"'{code}'",
    )  # fmt: skip
