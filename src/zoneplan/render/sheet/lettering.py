"""The font of the package: how wide words are, where lines break, which characters it has."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from pathlib import Path

from matplotlib.font_manager import FontProperties
from matplotlib.ft2font import FT2Font, LoadFlags

from zoneplan.render.assets import VENDOR, asset

FONT = "NotoSansSC-Regular.ttf"
MM_PER_POINT = 25.4 / 72
ASCENT, DESCENT = 0.88, 0.12
"""Of the size: how far a Chinese character rises above the base line, and hangs below it."""
MISSING = "〓"
"""Printed for a character that the font does not have, as typesetters do."""
_EM = 1000
_NOT_FIRST = set(
    "\u3001\u3002\uff0c\uff1b\uff1a\uff1f\uff01\uff09\u300b\u201d\u2019\u3011\u3015\u3009\u300d\u2026,.;:!?)]}%\u2030\u2103\u00b0\u2032\u2033\u00b7/"
)
_NOT_LAST = set("\uff08\u300a\u201c\u2018\u3010\u3014\u3008\u300c([{")
"""Points and brackets, Chinese (full width) and Latin."""


class Lettering:
    """Widths and line breaks in one font; sizes in points, widths in millimetres."""

    def __init__(self, path: Path) -> None:
        self.properties = FontProperties(fname=path)  # by its file: no font of the system is looked for
        self._font = FT2Font(str(path))
        self._font.set_size(_EM, 72)
        self._advances: dict[str, float] = {}

    def clean(self, text: str) -> str:
        """Words without control characters, in characters that the font has."""
        plain = " ".join("".join(" " if char.isspace() else char for char in text).split())
        return "".join(
            char if self._font.get_char_index(ord(char)) else MISSING
            for char in plain
            if unicodedata.category(char) not in ("Cc", "Cf", "Mn", "Me")
            or self._font.get_char_index(ord(char))
        )

    def width(self, text: str, size: float) -> float:
        """How wide a line is."""
        return sum(map(self._advance, text)) * size * MM_PER_POINT

    def _advance(self, char: str) -> float:
        if char not in self._advances:
            glyph = self._font.load_char(ord(char), LoadFlags.NO_HINTING)
            self._advances[char] = glyph.linearHoriAdvance / 65536 / _EM
        return self._advances[char]

    def wrap(self, text: str, size: float, width: float) -> list[str]:
        """Lines no wider than `width`: between Chinese characters, or between words; no line begins with a stop."""
        lines, line = [], ""
        for piece in _pieces(self.clean(text)):
            if line and self.width((line + piece).rstrip(), size) > width:
                lines.append(line.rstrip())
                line = ""
            line += piece if line else piece.lstrip()
            while self.width(line, size) > width and len(line) > 1:  # one word wider than the line
                fits = next(
                    n for n in range(len(line) - 1, 0, -1) if n == 1 or self.width(line[:n], size) <= width
                )
                lines.append(line[:fits])
                line = line[fits:]
        return [*lines, line.rstrip()] if line.strip() or not lines else lines


def is_wide(char: str) -> bool:
    """Whether a character is as wide as it is high, and stands upright in a column."""
    return unicodedata.east_asian_width(char) in "WF"


def _pieces(text: str) -> list[str]:
    """What a line may not break."""
    pieces: list[str] = []
    for char in text:
        last = pieces[-1][-1] if pieces else ""
        joined = pieces and (
            char in _NOT_FIRST
            or last in _NOT_LAST
            or (not is_wide(char) and not is_wide(last) and last != " ")
        )
        if joined:
            pieces[-1] += char
        else:
            pieces.append(char)
    return pieces


@lru_cache(maxsize=1)
def lettering() -> Lettering:
    """The font that travels with the package, checked against its hash."""
    asset(FONT)
    return Lettering(VENDOR / FONT)
