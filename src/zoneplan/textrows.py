"""Tables of text: rows under named columns, as they come from a CSV, a spreadsheet or a list in YAML."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from zoneplan.errors import InputError, fault
from zoneplan.finding import Finding

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class TextRows:
    """Rows of a file; every value is text without blanks around it.

    ``rows`` holds (place, values by column), the place as ``file:line``; ``encoding`` is empty where there is none;
    ``faults`` are rows that do not fit the header, to be reported with whatever else is wrong.
    """

    name: str
    sha256: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, Mapping[str, str]], ...]
    encoding: str = ""
    faults: tuple[Finding, ...] = ()

    def column_faults(self, wanted: Sequence[str], code: str) -> list[Finding]:
        """A fault if the columns are not those wanted, in that order."""
        if self.columns == tuple(wanted):
            return []
        return [
            fault(
                code,
                self.name,
                f"列应为 {','.join(wanted)};实为 {','.join(self.columns)}",
                f"columns should be {','.join(wanted)}; found {','.join(self.columns)}",
            )
        ]


def make_rows(
    name: str, sha256: str, table: Sequence[tuple[str, Sequence[str]]], *, code: str, encoding: str = ""
) -> TextRows:
    """Rows from a table whose first row names the columns; blank rows say nothing and are left out.

    Raises
    ------
    InputError
        If there is no header.
    """
    filled = [
        (place, [plain_cell(cell) for cell in cells]) for place, cells in table if any(map(str.strip, cells))
    ]
    if not filled:
        raise InputError(fault(f"{code}.columns", name, "没有表头和数据行", "there is no header and no row"))
    header = filled[0][1]
    while header and not header[-1]:
        header.pop()
    rows, faults = [], []
    for place, cells in filled[1:]:
        if len(cells) < len(header) or any(cells[len(header) :]):
            faults.append(
                fault(
                    f"{code}.row",
                    place,
                    f"有 {len(cells)} 列,表头有 {len(header)} 列",
                    f"has {len(cells)} cells, the header has {len(header)}",
                )
            )
        else:
            rows.append((place, dict(zip(header, cells, strict=False))))
    return TextRows(name, sha256, tuple(header), tuple(rows), encoding, tuple(faults))


def csv_rows(raw: bytes, name: str, *, code: str) -> TextRows:
    """Rows of a CSV in UTF-8 or GB18030 (found from the bytes); `code` heads the codes of findings.

    Raises
    ------
    InputError
        An encoding that is neither, a quote that is not closed, no header.
    """
    text, encoding = _decoded(raw, name, code)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    return make_rows(name, sha256_of(raw), list(_numbered(reader, name, code)), code=code, encoding=encoding)


def sha256_of(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def _decoded(raw: bytes, name: str, code: str) -> tuple[str, str]:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return raw.decode(encoding), encoding.removesuffix("-sig").upper()
        except UnicodeDecodeError as error:
            at = error.start
    raise InputError(
        fault(
            f"{code}.encoding",
            name,
            f"第 {at} 字节起既不是 UTF-8 也不是 GBK/GB18030",
            f"neither UTF-8 nor GBK/GB18030 from byte {at}",
        )
    )


def _numbered(reader: Iterator[list[str]], name: str, code: str) -> Iterator[tuple[str, list[str]]]:
    line = 0
    try:
        for cells in reader:
            yield f"{name}:{line + 1}", cells
            line = reader.line_num  # type: ignore[attr-defined]
    except csv.Error as error:
        at = f"{name}:{line + 1}"
        raise InputError(
            fault(f"{code}.row", at, f"不是正确的 CSV:{error}", f"no sound CSV: {error}")
        ) from error


def plain_cell(cell: str) -> str:
    """A cell without blanks around it and without the apostrophe that made a formula inert."""
    text = cell.strip()
    return text[1:] if text.startswith("'") and text[1:].startswith(FORMULA_STARTS) else text


def inert(text: str) -> str:
    """A text that no spreadsheet takes for a formula: an apostrophe before its sign."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text
