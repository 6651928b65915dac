"""Words of features made safe for a paper: no control characters, nothing that turns writing round, not too long."""

from __future__ import annotations

import re
import unicodedata

# separators of lines, marks that change the direction of writing, noncharacters and halves of characters
_HARMFUL = re.compile("[\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]")
_CJK = "\u3000-\u303f\u3400-\u9fff\uf900-\ufaff\uff00-\uffef“”‘’…—"
_WIDE = {mark: chr(ord(mark) + 0xFEE0) for mark in ",;:?!()"}
_POINT = re.compile(f"(?<=[{_CJK}])[,;:?!]|(?<=[0-9A-Za-z%)])[,;:](?=[{_CJK}])")
_BRACKETS = re.compile(f"(?<=[{_CJK}])\\(([^()]*)\\)|\\(([^()]*[{_CJK}][^()]*)\\)")


def plain(text: object) -> str:
    """Text that XML takes and that stays on its line; what is harmful becomes a space or goes."""
    kept = _HARMFUL.sub("", str(text))
    made = "".join(" " if unicodedata.category(char) == "Cc" else char for char in kept)
    return " ".join(made.split())


def short(text: object, longest: int) -> str:
    """Plain text of at most about `longest` characters; what was longer says how long it is."""
    made = plain(text)
    return made if len(made) <= longest else f"{made[: longest - 1]}…(共 {len(made)} 字)"


def full_width(text: str) -> str:
    """Points and brackets between Chinese characters as Chinese print has them."""
    made = _BRACKETS.sub(
        lambda found: f"{_WIDE['(']}{found[1] if found[1] is not None else found[2]}{_WIDE[')']}", text
    )
    return _POINT.sub(lambda found: _WIDE[found[0]], made)
