"""The legend on paper: the rows of the web map's legend, in one or several columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from zoneplan.render.sheet.content import LegendRow
from zoneplan.render.sheet.ink import Ink
from zoneplan.render.sheet.lettering import MM_PER_POINT, Lettering
from zoneplan.render.sheet.paper import Box
from zoneplan.render.sheet.symbols import swatch

COLUMN = 66.0
"""Least width of a column, on A3."""
_ROW, _HEAD, _LEADING = 6.0, 6.6, 3.4
_SWATCH, _WORDS, _SIZE, _SMALL, _TITLE = (8.4, 4.0), 10.6, 7.4, 6.4, 11.0
_TITLE_HIGH = 8.2
_HANDY = 42.0  # a height that is not much, on A3
SMALLEST = 0.62
_STEP = 0.06


@dataclass(frozen=True)
class _Item:
    """A heading (no symbol), or a row with its lines of words."""

    lines: list[str]
    row: LegendRow | None
    height: float


@dataclass(frozen=True)
class Legend:
    """Rows by group: ((heading, rows), ...); `title` stands above."""

    groups: Sequence[tuple[str, Sequence[LegendRow]]]
    title: str
    letters: Lettering

    def fit(self, width: float, height: float, unit: float) -> float | None:
        """The largest share of the usual size at which the legend fits a box; None if there is none."""
        share = 1.0
        while share >= SMALLEST:
            if self._columns(width, height, unit * share) is not None:
                return unit * share
            share -= _STEP
        return None

    def height(self, width: float, unit: float) -> float:
        """A height for a box of that width: a column for every group if that is not much higher, else the least."""
        groups = self._groups(self._column_width(width, unit), unit)
        heights = [sum(item.height for item in items) for items in groups]
        whole, tallest = sum(heights), max(item.height for items in groups for item in items)
        height = _TITLE_HIGH * unit + max(whole / self._count(width, unit), tallest)
        while self._columns(width, height, unit) is None:
            height += 1.5 * unit
        apart = _TITLE_HIGH * unit + max(heights)
        return (
            apart
            if len(groups) <= self._count(width, unit) and apart <= max(height * 1.3, _HANDY * unit)
            else height
        )

    def draw(self, ink: Ink, box: Box, unit: float) -> None:
        """The title in the middle, then the columns."""
        ink.text(
            box.x + box.width / 2, box.top - 5.4 * unit, self.title, size=_TITLE * unit, align=0.5, bold=True
        )
        columns = self._columns(box.width, box.height + 1e-6, unit) or []
        wide = self._column_width(box.width, unit)
        for number, items in enumerate(columns):
            y = box.top - _TITLE_HIGH * unit
            for item in items:
                self._draw_item(
                    ink, Box(box.x + number * wide, y - item.height, wide - 3 * unit, item.height), item, unit
                )
                y -= item.height

    def _draw_item(self, ink: Ink, box: Box, item: _Item, unit: float) -> None:
        if item.row is None:
            ink.text(box.x, box.y + 1.6 * unit, item.lines[0], size=_SIZE * unit, bold=True)
            return
        _, symbol, form, amount = item.row
        wide, high = (side * unit for side in _SWATCH)
        middle = box.y + box.height / 2
        swatch(ink, Box(box.x, middle - high / 2, wide, high), symbol, form=form)
        rise = _SIZE * unit * MM_PER_POINT * 0.38
        first = middle + (len(item.lines) - 1) / 2 * _LEADING * unit - rise
        for number, words in enumerate(item.lines):
            ink.text(box.x + _WORDS * unit, first - number * _LEADING * unit, words, size=_SIZE * unit)
        ink.text(box.right, middle - rise, amount, size=_SMALL * unit, align=1, colour="#444444")

    def _count(self, width: float, unit: float) -> int:
        return max(int((width + 3 * unit) / (COLUMN * unit)), 1)

    def _column_width(self, width: float, unit: float) -> float:
        return (width + 3 * unit) / self._count(width, unit)

    def _groups(self, column: float, unit: float) -> list[list[_Item]]:
        """The items of each group, its heading first."""
        made = []
        for heading, rows in self.groups:
            made.append([_Item([heading], None, _HEAD * unit)])
            for row in rows:
                room = (
                    column - 3 * unit - _WORDS * unit - 1.5 * unit - self.letters.width(row[3], _SMALL * unit)
                )
                lines = self.letters.wrap(row[0], _SIZE * unit, room)
                made[-1].append(_Item(lines, row, (_ROW + (len(lines) - 1) * _LEADING) * unit))
        return made

    def _columns(self, width: float, height: float, unit: float) -> list[list[_Item]] | None:
        """Items in columns; a heading stays with its first row. None if they do not fit.

        A group that has room in a column of its own is not broken, if there are columns enough.
        """
        room, count = height - _TITLE_HIGH * unit + 1e-9, self._count(width, unit)
        groups = self._groups(self._column_width(width, unit), unit)
        if len(groups) <= count and all(sum(item.height for item in items) <= room for items in groups):
            return groups
        items = [item for group in groups for item in group]
        columns: list[list[_Item]] = [[]]
        used = 0.0
        for number, item in enumerate(items):
            follows = items[number + 1].height if item.row is None and number + 1 < len(items) else 0.0
            if columns[-1] and used + item.height + follows > room:
                columns.append([])
                used = 0.0
            columns[-1].append(item)
            used += item.height
            if used > room:
                return None
        return columns if len(columns) <= count else None
