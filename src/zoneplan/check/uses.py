"""What parcels are to be used for: declared, from a field of codes, or from a field that names classes of land use."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import cache

import pandas as pd

from zoneplan.finding import Finding
from zoneplan.landuse.codes import code_list

USE_FIELDS = ("use", "YDYHFLDM")
"""Fields of use classes or codes that are taken unasked."""
NAMED_FIELDS = ("YDYHFLMC", "DKYT", "地块用途")
"""Fields of names of land-use classes that are taken unasked, where there is none of `USE_FIELDS`."""
CODE_FIELD = "DLBM"
"""Code beside a name. Its list is not stated (现状地类 or 用地用海): alone it is no use."""
_USE_CLASS = re.compile(r"[Uu]\d{2}\Z")
_SHOWN = 10


def parcel_uses(
    texts: Mapping[str, Sequence[str | None]],
    *,
    use_field: str | None,
    use: str | None,
    n: int,
    known: frozenset[str] = frozenset(),
) -> tuple[list[str | None], str, list[Finding]]:
    """The use of each parcel, the field that it comes from, and what was concluded.

    Parameters
    ----------
    texts : mapping of str to sequence of str or None
        Cells of the parcels by field, blank ones None.
    use_field, use : str, optional
        As asked for: a field, or one use for all. A name of a class of the 2023 list stands for its code.
    n : int
        How many parcels there are.
    known : frozenset of str
        Use classes, in capitals, and codes of the rule book: these are uses whatever else they look like.

    Returns
    -------
    list of str or None
        Use classes (``U10``), codes, or words that are neither (the verdict is then open); None: unknown.
    str
        The field, empty if there is none.
    list of Finding
        Names read as codes, words that are no use, a code that was not taken for one.
    """
    if use is not None:
        return [_as_code(use, known)] * n, "", _doubts([use], "--use", known)
    named = [name for name in NAMED_FIELDS if any(texts.get(name) or ())]
    field = use_field or next((name for name in (*USE_FIELDS, *named) if name in texts), "")
    if not field:
        return [None] * n, "", [*_only_a_code(texts.get(CODE_FIELD) or ()), *_blank([None] * n)]
    found = list(texts[field])
    beside: Sequence[str | None] = texts.get(CODE_FIELD) or [None] * n
    if field == CODE_FIELD:
        beside = [None] * n
    made = [None if text is None else _finer(_as_code(text, known), code) for text, code in zip(found, beside, strict=True)]  # fmt: skip
    return made, field, [*_read_as(found, made, field), *_doubts(found, field, known), *_blank(made)]


def _as_code(text: str, known: frozenset[str]) -> str:
    """The code that a class's name stands for; digits in half width; other words, and use classes, as they are."""
    plain = unicodedata.normalize("NFKC", text).strip()
    return plain if plain.upper() in known else _by_name().get(plain, plain)


def _finer(code: str, beside: str | None) -> str:
    """The code beside, where it is the same class or one below: both then say the same."""
    codes = code_list()
    return beside if beside is not None and code in codes and beside in codes.within(code) else code


@cache
def _by_name() -> Mapping[str, str]:
    """Codes of the 2023 list by their names."""
    codes = code_list()
    return {codes.name_of(code): code for code in codes}


def _read_as(found: Sequence[str | None], made: Sequence[str | None], field: str) -> list[Finding]:
    pairs = Counter((text, use) for text, use in zip(found, made, strict=True) if text in _by_name())
    if not pairs:
        return []
    shown = "、".join(f"{text}→{use}" for text, use in list(pairs)[:_SHOWN]) + (" …" if len(pairs) > _SHOWN else "")  # fmt: skip
    n = sum(pairs.values())
    zh = f"{n} 个地块的用途取自字段 {field} 的用地用海分类名称:{shown}"
    en = f"the use of {n} parcels is the class that the field {field} names: {shown}"
    return [Finding("parcels.use", "info", zh, en, "parcels")]


def _doubts(found: Sequence[str | None], where: str, known: frozenset[str]) -> list[Finding]:
    """Words that are no use class, no code and no name of a class."""
    codes = code_list()
    odd = Counter(
        text for text in found
        if text is not None and (use := _as_code(text, known)).upper() not in known
        and not _USE_CLASS.match(use) and re.sub(r"(00)+$", "", use) not in codes
    )  # fmt: skip
    if not odd:
        return []
    shown = "、".join(f"“{text[:40]}”" for text, _ in odd.most_common(_SHOWN))
    n = sum(odd.values())
    zh = f"{n} 个地块的用途不是用途类(U01 等)、用地用海代码或其分类名称,结论待定:{shown};请用 --use 或 --use-field 给出"
    en = f"the use of {n} parcels is no use class (U01 …), no 2023 code and no name of a class, so the verdict stays open: {shown}; give it with --use or --use-field"
    return [Finding("parcels.use_unknown", "warning", zh, en, where)]


def _blank(uses: Sequence[str | None]) -> list[Finding]:
    """How many parcels have no use."""
    if not (n := sum(use is None for use in uses)):
        return []
    zh = f"{n} 个地块没有说明拟用途,涉及管控线时结论待定;请用 --use 或 --use-field 给出"
    en = f"{n} parcels state no use: where a line concerns them the verdict stays open; give it with --use or --use-field"
    return [Finding("parcels.use_missing", "info", zh, en, "parcels")]


def _only_a_code(cells: Sequence[str | None]) -> list[Finding]:
    there = Counter(cell for cell in cells if cell is not None)
    if not there:
        return []
    shown = "、".join(list(there)[:_SHOWN])
    zh = f"字段 {CODE_FIELD}({shown})没有说明代码表,可能是现状地类,未作为拟用途;如是用地用海代码,请加 --use-field {CODE_FIELD}"
    en = f"the field {CODE_FIELD} ({shown}) does not say its list and may hold present land use: it is not taken for the use; if it holds 2023 codes of the use, add --use-field {CODE_FIELD}"
    return [Finding("parcels.use_code", "warning", zh, en, "parcels")]


def cell_text(value: object) -> str | None:
    """A cell as text; missing and blank are None. A whole number is not written with a point."""
    if value is None or value is pd.NA or value != value:
        return None
    words = str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
    return words.strip() or None
