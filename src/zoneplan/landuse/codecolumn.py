"""A column of land-use codes: its text put straight, and the list that it uses, with the evidence."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import combinations

from zoneplan.finding import Finding, Severity
from zoneplan.landuse.codes import CURRENT, CodeList, code_list, code_lists, read_rows
from zoneplan.landuse.crosswalk import collisions
from zoneplan.resources import LANDUSE

SHOWN = 8
_CHANGES = {
    "blank": ("前后或中间有空白", "blanks in or around the code"),
    "width": ("全角或小写字符", "full-width or lower-case characters"),
    "number": ("按数字存放(如 101.0)", "stored as numbers (such as 101.0)"),
    "zero": ("丢失首位的零,已补回;请把字段改为文本", "a leading zero is lost and was put back; make the field text"),
    "padding": ("末尾补零到固定位数", "padded with zeros to a fixed width"),
    "suffix": ("带后缀", "with a suffix"),
}  # fmt: skip


@dataclass(frozen=True)
class Spelling:
    """A code as text, and what had to be done to it (keys of the changes, in order)."""

    code: str
    changes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Detected:
    """Which list a column uses.

    Parameters
    ----------
    list_id : str, optional
        None where the codes do not decide, or contradict each other.
    candidates : tuple of str
        Lists that hold all codes that any list holds.
    evidence : mapping of str to tuple of str
        By list, the codes present that only this list has.
    unlisted : tuple of str
        Codes that no list has.
    findings : tuple of Finding
        What was decided and why; mixtures and collisions.
    """

    list_id: str | None
    candidates: tuple[str, ...]
    evidence: Mapping[str, tuple[str, ...]]
    unlisted: tuple[str, ...]
    findings: tuple[Finding, ...]


def spell(value: object, lists: Sequence[CodeList]) -> Spelling:
    """A cell's code as text.

    Full-width and lower-case characters, blanks and a decimal part of nothing are put straight. A
    zero lost in front is put back only where the text has an odd number of digits, does not begin
    with zero and becomes a listed code; zeros that pad a listed code to full width and a list's own
    suffixes (``0201K``) are taken off. Everything else is left as it is.

    Parameters
    ----------
    value : object
        Text or number; None and NaN give an empty code.
    lists : sequence of CodeList
        What counts as a listed code.
    """
    if value is None or value != value:
        return Spelling("")
    raw = str(value)
    changes: list[str] = []
    plain = unicodedata.normalize("NFKC", raw).upper()
    if plain.replace(" ", "") != re.sub(r"\s", "", raw):
        changes.append("width")
    text = re.sub(r"\s", "", plain)
    if text != plain:
        changes.append("blank")
    if match := re.fullmatch(r"([0-9]+)\.0*", text):
        text = match[1]
        changes.append("number")
    return _listed(text, changes, lists)


def _listed(text: str, changes: list[str], lists: Sequence[CodeList]) -> Spelling:
    """Zeros and suffixes, where that gives a listed code."""

    def known(code: str) -> bool:
        return any(code in codes for codes in lists)

    suffixes = {mark for codes in lists for mark in codes.suffixes}
    if not known(text) and text[-1:] in suffixes and known(text[:-1]):
        return Spelling(text[:-1], (*changes, "suffix"))
    lost = text.isdigit() and len(text) % 2 == 1 and not text.startswith("0")
    for code, change in ((text, ()), (f"0{text}", ("zero",)))[: 2 if lost else 1]:
        if known(code):
            return Spelling(code, (*changes, *change))
        short = re.sub(r"(00)+$", "", code) if code.isdigit() else code
        if short and short != code and known(short):
            return Spelling(short, (*changes, *change, "padding"))
    return Spelling(text, tuple(changes))


def spell_column(
    values: Iterable[object], *, list_id: str | None = None, place: str
) -> tuple[list[str], tuple[Finding, ...]]:
    """`spell` of every cell, and one finding per kind of change.

    Parameters
    ----------
    values : iterable
        Cells, in the order of the rows.
    list_id : str, optional
        The list to go by; default any.
    place : str
        File and field.
    """
    lists = [code_list(list_id)] if list_id else list(code_lists().values())
    known: dict[object, Spelling] = {}
    cells = [(repr(value), value) for value in values]
    for key, value in cells:
        known.setdefault(key, spell(value, lists))
    made: dict[str, list[str]] = {}
    for key, _ in cells:
        for change in known[key].changes:
            made.setdefault(change, []).append(f"{key.strip(chr(39))}→{known[key].code}")
    findings = [_change(change, made[change], place) for change in _CHANGES if change in made]
    return [known[key].code for key, _ in cells], tuple(findings)


def _change(change: str, said: list[str], place: str) -> Finding:
    zh, en = _CHANGES[change]
    shown = _some(list(dict.fromkeys(said)))
    severity: Severity = "warning" if change in ("zero", "number", "width", "blank") else "info"
    return Finding(
        f"landuse.spelling.{change}", severity,
        f"{len(said)} 个代码{zh}:{shown}", f"{len(said)} codes {en}: {shown}", place,
    )  # fmt: skip


def detect(codes: Iterable[str], *, field: str = "", place: str) -> Detected:
    """Which list a column of codes uses.

    Parameters
    ----------
    codes : iterable of str
        Cleaned by `spell_column`; empty ones say nothing.
    field : str
        The field's name is evidence where the data standards lay it down (``DLBM``).
    place : str
        File and field.

    Returns
    -------
    Detected
        A list is named if it alone holds all codes that are listed anywhere, or if the codes mean
        the same in all lists that do (then the current one is named).
    """
    present = Counter(code for code in codes if code)
    lists = code_lists()
    listed = {code for code in present if any(code in each for each in lists.values())}
    holding = {list_id: {code for code in listed if code in each} for list_id, each in lists.items()}
    evidence = {
        list_id: tuple(sorted(held.difference(*(other for key, other in holding.items() if key != list_id))))
        for list_id, held in holding.items()
    }
    full = [list_id for list_id, held in holding.items() if listed and held == listed]
    named = [list_id for list_id in full if list_id in lists_of(field)]
    candidates = tuple(named or full)
    clash = sorted({code for pair in combinations(candidates, 2) for code in collisions(*pair)} & listed)
    unlisted = tuple(sorted(present.keys() - listed))
    decided = None if not candidates or clash else CURRENT if CURRENT in candidates else candidates[0]
    findings = [_verdict(decided, candidates, clash, evidence, named, field, place)] if present else []
    if unlisted:
        count = sum(present[code] for code in unlisted)
        findings.append(
            Finding(
                "landuse.unlisted", "warning",
                f"{count} 个图斑的代码不在任何代码表中:{_some(unlisted)};面积列入“地类代码无法识别”",
                f"{count} patches have codes that are in no list: {_some(unlisted)}; they count as unrecognised",
                place,
            )
        )  # fmt: skip
    return Detected(decided, candidates, evidence, unlisted, tuple(findings))


def _verdict(
    decided: str | None, candidates: tuple[str, ...], clash: list[str],
    evidence: Mapping[str, tuple[str, ...]], named: list[str], field: str, place: str,
) -> Finding:  # fmt: skip
    lists = code_lists()
    shown = "; ".join(f"{key}: {_some(codes)}" for key, codes in evidence.items() if codes) or "–"
    ask_zh, ask_en = "请用 --landuse-codes 写明", "declare it with --landuse-codes"
    if decided:
        by_zh = f";字段名 {field}" if named else ""
        by_en = f"; field {field}" if named else ""
        also = [key for key in candidates if key != decided]
        more_zh = f";与 {'、'.join(also)} 含义相同" if also else ""
        more_en = f"; they mean the same in {', '.join(also)}" if also else ""
        return Finding(
            "landuse.list", "info",
            f"代码采用“{lists[decided].name}”(独有代码 {shown}{by_zh}{more_zh})",
            f"the codes are those of {lists[decided].name_en} (codes only in one list: {shown}{by_en}{more_en})", place,
        )  # fmt: skip
    if clash:
        options = ", ".join(candidates)
        return Finding(
            "landuse.collision", "error",
            f"代码 {_some(clash)} 在 {options} 中含义不同,从代码看不出采用哪一个;{ask_zh}",
            f"codes {_some(clash)} mean different things in {options}, and nothing tells which is used; {ask_en}", place,
        )  # fmt: skip
    return Finding(
        "landuse.mixture", "error",
        f"没有一个代码表包含全部代码(独有代码 {shown});请分开处理,或{ask_zh}",
        f"no list holds all codes (codes only in one list: {shown}): separate them, or {ask_en}", place,
    )  # fmt: skip


def collided(codes: Iterable[str], list_id: str, *, place: str) -> tuple[Finding, ...]:
    """A finding that names codes which another list has with another meaning, as read.

    Parameters
    ----------
    codes : iterable of str
    list_id : str
        The list taken to be used.
    place : str
    """
    present = set(codes)
    lists, findings = code_lists(), []
    # lists that share a field: elsewhere the field's name tells them apart
    rivals = {key for shared in _fields().values() if list_id in shared for key in shared} - {list_id}
    for other in sorted(rivals):
        if clash := sorted(collisions(list_id, other) & present):
            read = "; ".join(
                f"{code} {lists[list_id].name_of(code)} ≠ {lists[other].name_of(code)}" for code in clash
            )
            findings.append(
                Finding(
                    "landuse.collision", "warning",
                    f"有与 {lists[other].name} 同码异义的代码,已按 {lists[list_id].name} 读:{read}",
                    f"codes that mean something else in {lists[other].name_en}, read as {lists[list_id].name_en}: {read}",
                    place,
                )
            )  # fmt: skip
    return tuple(findings)


@cache
def _fields() -> Mapping[str, tuple[str, ...]]:
    return {row["field"]: tuple(row["lists"].split()) for row in read_rows(LANDUSE / "fields.csv")}


def known_fields() -> tuple[str, ...]:
    """Names of code fields that data standards lay down."""
    return tuple(_fields())


def lists_of(field: str) -> tuple[str, ...]:
    """The lists that a field of this name uses by its data standard; empty if none lays it down."""
    return _fields().get(field.upper(), ())


def _some(codes: Sequence[str]) -> str:
    more = f" … ({len(codes)})" if len(codes) > SHOWN else ""
    return "、".join(codes[:SHOWN]) + more
