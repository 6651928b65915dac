"""Many rows of a worksheet, written as columns of text: xlsxwriter spends most of a large book's time on single cells."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any
from xml.sax.saxutils import escape

from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

LONGEST = 32_000
"""Characters that a cell takes."""
_BLOCK = 2_000  # rows that are text at a time
_LITERAL = re.compile("(_x[0-9a-fA-F]{4}_)")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]")


class RowSheet(Worksheet):  # type: ignore[misc]  # xlsxwriter has no types
    """A worksheet of a book in constant memory that takes whole columns below what was written so far."""

    def write_columns(
        self, top: int, columns: Sequence[Iterator[str]], rows: int, *, heights: Mapping[int, float] = {},
        told: Callable[[int], object] = lambda rows: None,
    ) -> None:  # fmt: skip
        """Write rows from `top` on.

        Parameters
        ----------
        top : int
            First row, counted from 0; all that was written lies above, all that will be lies below.
        columns : sequence of iterator of str
            Cells of each column as of `cells`.
        rows : int
            How many there are.
        heights : mapping of int to float, optional
            In points, of rows that are not as tall as usual.
        told : callable, optional
            Told now and then how many more rows are written.
        """
        if not rows:
            return
        self._write_single_row(top)  # what xlsxwriter holds back of the row above
        starts = [f'<c r="{xl_col_to_name(at)}' for at in range(len(columns))]
        for first in range(0, rows, _BLOCK):
            block = list(zip(*(islice(column, _BLOCK) for column in columns), strict=True))
            for number, row in enumerate(block, start=top + first + 1):
                height = heights.get(number - 1)
                tall = f' ht="{height:g}" customHeight="1"' if height else ""
                inside = "".join([f"{start}{number}{cell}" for start, cell in zip(starts, row, strict=True) if cell])  # fmt: skip
                self.fh.write(f'<row r="{number}"{tall}>{inside}</row>')
            told(len(block))
        self._check_dimensions(top + rows - 1, len(columns) - 1)
        self.previous_row = top + rows - 1


def cells(values: Sequence[Any], *, number: Any = None, text: Any = None, paint: Mapping[str, Any] = {}) -> Iterator[str]:  # fmt: skip
    """Cells of a column as they stand in a sheet's file, without the name of the cell.

    Parameters
    ----------
    values : sequence of str, float or None
        Empty text, None and NaN are blank cells; text that is too long is cut off, and says so.
    number, text : xlsxwriter.format.Format, optional
        Formats of numbers and of text.
    paint : mapping of str to Format
        Formats of single texts.
    """
    of_number, written = _look(number), dict[str, str]()
    for value in values:
        if isinstance(value, str):
            found = written.get(value)
            if found is None:
                found = written[value] = _text(value, _look(paint.get(value, text)))
            yield found
        elif value is None or math.isnan(value):
            yield ""
        elif math.isfinite(value):
            yield f'"{of_number}><v>{value:.16G}</v></c>'
        else:
            raise ValueError(f"{value} is no number that a cell takes")


def _look(form: Any) -> str:
    return "" if form is None else f' s="{form._get_xf_index()}"'


def _text(value: str, look: str) -> str:
    """A cell of text. What looks like the escape of a control character is escaped itself, as Excel does it."""
    if not value:
        return ""
    if len(value) >= LONGEST:
        value = f"{value[:LONGEST]} …(共 {len(value)} 字符 characters)"
    plain = _CONTROL.sub(lambda found: f"_x{ord(found[0]):04X}_", _LITERAL.sub(r"_x005F\1", value))
    space = ' xml:space="preserve"' if plain != plain.strip() else ""
    return f'"{look} t="inlineStr"><is><t{space}>{escape(plain)}</t></is></c>'
