"""Worksheets made of columns: a heading, a width and finished values each; as many sheets as the rows take."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from zoneplan.check.names import VERDICT_WORDS
from zoneplan.render.paper import LINE_PT, for_paper, style_of_code
from zoneplan.render.style import Style
from zoneplan.render.workbook import PlainBook

MOST_ROWS = 1_048_000
"""Rows that a sheet takes; what is beyond goes to the next one."""
A3 = 8
"""That paper's number in Excel."""
_WIDE = 250  # characters of a sheet that goes on A3
_TOLD = 2_000  # rows from one word of progress to the next


@dataclass
class Column:
    """One column of a sheet: heading, width, values; ``places`` are the decimals of numbers, ``paint`` a format per text."""

    head: str
    width: float
    values: Sequence[Any]
    places: int | None = None
    paint: Mapping[str, Any] = field(default_factory=dict)
    wrap: bool = False


class ColumnSheets:
    """Worksheets of one book, in one look."""

    def __init__(self, book: PlainBook, notice: str, style: Style, told: Callable[[int], object]) -> None:
        self.book, self.notice, self.style, self._told, self._done = book, notice, style, told, 0
        self.title = book.add_format({"bold": True, "font_size": 14})
        self.bold = book.add_format({"bold": True})
        self.head = book.add_format(
            {"bold": True, "text_wrap": True, "valign": "vcenter", "bg_color": "#EDEDED", "border": 1}
        )
        self.wrap = book.add_format({"text_wrap": True, "valign": "top"})
        self.warn = book.add_format(
            {"bold": True, "font_color": "#9C5700", "text_wrap": True, "valign": "top"}
        )
        self.note = book.add_format({"bold": True, "font_color": "#9C5700"})
        self._numbers: dict[int, Any] = {}
        self.verdicts = {
            f"{words[0]} {key}": book.add_format({"font_color": style.symbol(key).line, "bold": True})
            for key, words in VERDICT_WORDS.items()
        }

    def codes(self, codes: Iterable[str]) -> dict[str, Any]:
        """Formats of land-use codes: on the colour that maps draw them in."""
        grounds = {code: style_of_code(self.style, code) for code in dict.fromkeys(codes) if code}
        return {code: self.book.add_format(ground) for code, ground in grounds.items() if ground}

    def number(self, places: int) -> Any:
        """The format of numbers with so many decimals."""
        if places not in self._numbers:
            code = "#,##0" + ("." + "0" * places if places else "")
            self._numbers[places] = self.book.add_format({"num_format": code})
        return self._numbers[places]

    def table(self, name: str, columns: Sequence[Column]) -> None:
        """A sheet of columns, or several where there are too many rows."""
        many = len(columns[0].values)
        for part, start in enumerate(range(0, max(many, 1), MOST_ROWS)):
            title = name if not part else f"{name} {part + 1}"
            self._table(title, columns, start, min(start + MOST_ROWS, many))

    def _table(self, name: str, columns: Sequence[Column], start: int, end: int) -> None:
        sheet = self.book.add_worksheet(name)
        top = 0
        if self.notice:
            sheet.write_string(0, 0, self.notice, self.note)
            top = 1
        sheet.set_row(top, 2 * LINE_PT)
        for at, column in enumerate(columns):
            sheet.write_string(top, at, column.head, self.head)
            sheet.set_column(at, at, column.width)
        sheet.freeze_panes(top + 1, 1)
        for_paper(sheet, header=top)
        if sum(column.width for column in columns) > _WIDE:
            sheet.set_paper(A3)
        sheet.autofilter(top, 0, top + max(end - start, 1), len(columns) - 1)
        self.rows(sheet, top + 1, columns, start, end)

    def rows(self, sheet: Any, top: int, columns: Sequence[Column], start: int, end: int) -> None:
        """Rows of values, one after the other: a book in constant memory takes them in no other order."""
        looks = [None if column.places is None else self.number(column.places) for column in columns]
        usual = [self.wrap if column.wrap else None for column in columns]
        paints = [column.paint for column in columns]
        text, number = sheet.write_string, sheet.write_number
        for row, values in enumerate(
            zip(*(column.values[start:end] for column in columns), strict=True), start=top
        ):
            for at, value in enumerate(values):
                if isinstance(value, str):
                    if value:
                        text(row, at, value, paints[at].get(value, usual[at]))
                elif value is not None and not math.isnan(value):
                    number(row, at, value, looks[at])
            self._done += 1
            if self._done % _TOLD == 0:
                self._told(self._done)
