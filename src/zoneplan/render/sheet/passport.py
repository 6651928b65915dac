"""What there is to say of the one feature that a page shows: the words of its popup on the web map."""

from __future__ import annotations

from dataclasses import dataclass

from zoneplan.render.mapdata import Feature
from zoneplan.render.sheet.ink import Ink
from zoneplan.render.sheet.lettering import Lettering
from zoneplan.render.sheet.paper import Box
from zoneplan.render.sheet.words import typeset

_TITLE, _SIZE = 9.0, 6.8
_TITLE_LEADING, _LEADING, _GAP = 4.3, 3.2, 1.1
_HEADS = 13.0
_MOST = 26


@dataclass(frozen=True)
class Passport:
    """Title and rows of a feature."""

    feature: Feature
    letters: Lettering
    more: str
    lang: str

    def height(self, width: float, unit: float) -> float:
        """How high the block is at a width."""
        titles, rows = self._lines(width, unit)
        return (
            2 + len(titles) * _TITLE_LEADING + sum(len(lines) * _LEADING + _GAP for _, lines in rows)
        ) * unit

    def draw(self, ink: Ink, box: Box, unit: float) -> None:
        """Title, then heads at the left and words beside them."""
        titles, rows = self._lines(box.width, unit)
        y = box.top - 0.6 * unit
        for words in titles:
            y -= _TITLE_LEADING * unit
            ink.text(box.x, y + 1.0 * unit, words, size=_TITLE * unit, bold=True)
        y -= 1.4 * unit
        for head, lines in rows:
            for number, words in enumerate(lines):
                y -= _LEADING * unit
                if number == 0:
                    ink.text(box.x, y + 0.8 * unit, head, size=_SIZE * unit, colour="#555555")
                ink.text(box.x + self._head_width(unit), y + 0.8 * unit, words, size=_SIZE * unit)
            y -= _GAP * unit

    def _head_width(self, unit: float) -> float:
        longest = max((self.letters.width(self.letters.clean(head), _SIZE * unit) for head, _ in self.feature.rows), default=0.0)  # fmt: skip
        return min(longest, _HEADS * 2 * unit) + 2.2 * unit

    def _lines(self, width: float, unit: float) -> tuple[list[str], list[tuple[str, list[str]]]]:
        """Lines of the title, and of each row; no more than fit a panel."""
        titles = self.letters.wrap(self.feature.title, _TITLE * unit, width)
        rows: list[tuple[str, list[str]]] = []
        room, heads = width - self._head_width(unit), self._head_width(unit) - 1.5 * unit
        left = _MOST
        for head, words in self.feature.rows:
            short = self.letters.wrap(head, _SIZE * unit, heads)
            name = short[0] if len(short) == 1 else short[0][:-1] + "…"
            lines = self.letters.wrap(typeset(words, self.lang), _SIZE * unit, room)
            if len(lines) > left:
                rows.append(("", [self.more]))
                break
            left -= len(lines)
            rows.append((name, lines))
        return titles, rows
