"""Files of rows that an office writes: CSV, Excel or YAML, read as text."""

from __future__ import annotations

import warnings
import zipfile
import zlib
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

from zoneplan.errors import InputError, fault
from zoneplan.source import read_source
from zoneplan.textrows import TextRows, csv_rows, make_rows, sha256_of

_MOST_BYTES = 50_000_000  # of a file, and of what an .xlsx unpacks to
_MOST_ROWS = 200_000
_BROKEN = (
    zipfile.BadZipFile, zlib.error, EOFError, KeyError, ValueError, IndexError, TypeError, AttributeError, OSError,
    RuntimeError, SyntaxError,
)  # fmt: skip
"""What a damaged or hostile workbook makes the reader raise (parse errors of XML are syntax errors)."""


def read_rows(path: Path, *, code: str, yaml: bool = False) -> TextRows:
    """Read a ``.csv`` (UTF-8 or GBK), the first sheet of an ``.xlsx`` or, if wanted, a list of mappings in YAML.

    Parameters
    ----------
    path : Path
    code : str
        Heads the codes of findings, for instance ``"rules"``.
    yaml : bool
        Whether ``.yaml`` and ``.yml`` are read too.

    Raises
    ------
    InputError
        Missing, empty, damaged or far too large files, unknown formats.
    """
    kinds = [".csv", ".xlsx", *([".yaml", ".yml"] if yaml else [])]
    suffix = path.suffix.lower()
    if suffix not in kinds:
        zh, en = f"应为 {' '.join(kinds)} 文件", f"expected a file {', '.join(kinds)}"
        raise InputError(fault(f"{code}.format", path, zh, en))
    try:
        raw = path.read_bytes() if path.stat().st_size <= _MOST_BYTES else None
    except OSError as error:
        zh, en = f"无法读取:{error.strerror}", f"cannot be read: {error.strerror}"
        raise InputError(fault(f"{code}.unreadable", path, zh, en)) from error
    if raw is None:
        zh, en = f"大于 {_MOST_BYTES:,} 字节", f"is larger than {_MOST_BYTES:,} bytes"
        raise InputError(fault(f"{code}.size", path, zh, en))
    if not raw:
        raise InputError(fault(f"{code}.empty", path, "文件是空的(0 字节)", "the file is empty (0 bytes)"))
    if suffix == ".csv":
        return csv_rows(raw, path.name, code=code)
    if suffix == ".xlsx":
        return make_rows(path.name, sha256_of(raw), list(_sheet(path, code)), code=code)
    return _yaml_rows(path, raw, code)


def _sheet(path: Path, code: str) -> Iterator[tuple[str, list[str]]]:
    """The first sheet's rows; formulas give the value that was saved with them."""
    import openpyxl

    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(member.file_size for member in archive.infolist())
        if unpacked > _MOST_BYTES:
            zh, en = f"解压后有 {unpacked:,} 字节,过大", f"unpacks to {unpacked:,} bytes, too large"
            raise InputError(fault(f"{code}.size", path, zh, en))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of decorations that are not read
            book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        try:
            sheet = book.worksheets[0]
            for number, cells in enumerate(sheet.iter_rows(values_only=True), 1):
                if number > _MOST_ROWS:
                    zh, en = f"多于 {_MOST_ROWS:,} 行", f"has more than {_MOST_ROWS:,} rows"
                    raise InputError(fault(f"{code}.size", path, zh, en))
                yield f"{path.name}:{number}", [_text(cell) for cell in cells]
        finally:
            book.close()
    except _BROKEN as error:
        zh, en = f"不是可读的 .xlsx:{error}", f"no readable .xlsx: {error}"
        raise InputError(fault(f"{code}.unreadable", path, zh, en)) from error


def _text(cell: Any) -> str:
    """A cell as text: a day as ISO, a whole number without a point."""
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == datetime.min.time() else cell.isoformat(" ")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


def _yaml_rows(path: Path, raw: bytes, code: str) -> TextRows:
    """A list of mappings as rows; the columns are the keys in the order they first come."""
    source = read_source(path)
    if source.faults:
        raise InputError(list(source.faults))
    data = source.data
    if not isinstance(data, list) or not all(isinstance(row, dict) for row in data):
        raise InputError(fault(f"{code}.yaml", path, "应为若干条目的列表", "should be a list of entries"))
    columns = tuple(dict.fromkeys(str(key) for row in data for key in row))
    faults = [
        fault(f"{code}.yaml", source.place(f"[{number}].{key}"), "应为一个值", "should be a single value")
        for number, row in enumerate(data)
        for key, value in row.items()
        if isinstance(value, dict | list)
    ]
    if faults:
        raise InputError(faults)
    rows = tuple(
        (source.place(f"[{number}]"), {name: str(row.get(name) or "").strip() for name in columns})
        for number, row in enumerate(data)
    )
    return TextRows(path.name, sha256_of(raw), columns, rows, "UTF-8")
