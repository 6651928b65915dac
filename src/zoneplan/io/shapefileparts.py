"""A shapefile is several files: what one of them lacks is made good in a temporary copy, and said."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from zoneplan.errors import InputError, fault
from zoneplan.finding import Finding
from zoneplan.io.oddnames import is_odd, plainly_named

_HEADER = 100
_WORD = 2  # lengths and offsets are counted in words of two bytes
_BESIDE = (".shx", ".dbf", ".prj", ".cpg")
_SHOWN = 10
_MOST_BYTES = 1 << 30
_FIELD, _NAME = 32, 10  # bytes of a field in a table's header, and of its name


def part(path: Path, suffix: str) -> Path | None:
    """The file beside a shapefile with such an ending, in small letters or capitals."""
    return next((p for p in (path.with_suffix(suffix), path.with_suffix(suffix.upper())) if p.exists()), None)


@contextmanager
def completed(path: Path, place: str) -> Iterator[tuple[Path, tuple[Finding, ...]]]:
    """A file that libraries can open; of a shapefile with a part missing or too short, a temporary copy that is whole.

    Parameters
    ----------
    path : Path
        Any file, or a ``.gdb``; one that is no ``.shp`` comes back as it is, unless its path would be taken for an address.
    place : str
        How messages name it.

    Yields
    ------
    Path
        What to read; gone afterwards where it is a copy.
    tuple of Finding
        ``file.part``: an index (.shx) made from the .shp, a table (.dbf) that is missing, rows that are missing, left
        over or marked as deleted. ``file.field``: fields of the same name.

    Raises
    ------
    InputError
        ``file.part``: the index is missing and cannot be made without doubt.
    """
    if is_odd(path):
        with plainly_named([path, *_parts(path)]) as plain, completed(plain, place) as whole:
            yield whole
        return
    if path.suffix.lower() != ".shp":
        yield path, ()
        return
    said: list[Finding] = []
    made: dict[str, bytes] = {}
    index, table = part(path, ".shx"), part(path, ".dbf")
    rows = _rows(table) if table and _head(table)[2] else None
    if index is None:
        starts = _records(path, place)
        if rows is not None and rows != len(starts):
            zh, en = (
                f"缺少同名的 .shx 文件;.shp 有 {len(starts)} 个图形而 .dbf 有 {rows} 行,无法确定对应关系,不能重建",
                f"the .shx file of the same name is missing; the .shp has {len(starts)} shapes and the .dbf {rows} rows, so that it cannot be told which belong together",
            )
            raise InputError(fault("file.part", place, zh, en))
        made[".shx"] = _index(path, starts)
        said.append(_said(place, f"缺少同名的 .shx 文件,已按 .shp 中的 {len(starts)} 个图形临时重建(不改动原文件);请核对要素数", f"the .shx file of the same name is missing; an index of the {len(starts)} shapes in the .shp was made for this call (the file stays as it is): check their number"))  # fmt: skip
        n = len(starts)
    else:
        n = _indexed(index)
    if table is None:
        said.append(_said(place, f"缺少同名的 .dbf 文件(属性表):{n} 个要素只有图形,没有编号、用途等属性,按行号编号", f"the .dbf file of the same name (the table) is missing: {n} features have shapes only, no ids, uses or other fields, and are numbered by row"))  # fmt: skip
    elif rows is not None:
        said += _unlike(rows, n, place)
        said += _deleted(table, place)
        raw = _padded(table, n, place) if rows < n else None
        if renamed := _field_names(table):
            raw = _with_names(raw or table.read_bytes(), renamed)
            shown = "、".join(f"{_shown(old)}→{_shown(new)}" for old, new in renamed.values())
            zh, en = (
                f"属性表有同名或与图形列同名的字段,已改名:{shown}",
                f"fields of the same name, or named as the geometry is, were renamed: {shown}",
            )
            said.append(Finding("file.field", "warning", zh, en, place))
        if raw is not None:
            made[".dbf"] = raw
    if not made:
        yield path, tuple(said)
        return
    own = [one for one in _parts(path) if one.suffix.lower() not in made]
    with plainly_named([path, *own]) as copy:
        for suffix, raw in made.items():
            copy.with_suffix(suffix).write_bytes(raw)
        yield copy, tuple(said)


def _parts(path: Path) -> list[Path]:
    """The files that belong to a shapefile, those that are there; of another file none."""
    found = [part(path, suffix) for suffix in _BESIDE] if path.suffix.lower() == ".shp" else []
    return [one for one in found if one is not None]


def _said(place: str, zh: str, en: str) -> Finding:
    return Finding("file.part", "warning", zh, en, place)


def _records(path: Path, place: str) -> list[int]:
    """Where each record of a .shp begins, in bytes; refused where they do not follow one another to its end."""
    data = np.memmap(path, dtype=np.uint8, mode="r")
    starts: list[int] = []
    at = _HEADER
    while at + 12 <= len(data):
        number, words = struct.unpack(">2i", data[at : at + 8].tobytes())
        if number != len(starts) + 1 or words < 2:
            break
        starts.append(at)
        at += 8 + words * _WORD
    if at != len(data) or not starts:
        zh, en = (
            "缺少同名的 .shx 文件,而 .shp 中的图形不是首尾相接,不能可靠地重建;请取得完整的 shapefile",
            "the .shx file of the same name is missing, and the records of the .shp do not follow one another to its end, so that it cannot be made again: get the whole shapefile",
        )
        raise InputError(fault("file.part", place, zh, en))
    return starts


def _indexed(index: Path) -> int:
    """How many shapes a .shx lists."""
    with index.open("rb") as file:
        raw = file.read(_HEADER)
    stated = struct.unpack(">i", raw[24:28])[0] * _WORD if len(raw) == _HEADER else 0
    return max(0, min(int(stated), index.stat().st_size) - _HEADER) // 8


def _index(path: Path, starts: list[int]) -> bytes:
    """The bytes of a .shx."""
    with path.open("rb") as file:
        header = bytearray(file.read(_HEADER))
    ends = [*starts[1:], path.stat().st_size]
    header[24:28] = struct.pack(">i", (_HEADER + 8 * len(starts)) // _WORD)
    rows = (struct.pack(">2i", a // _WORD, (b - a - 8) // _WORD) for a, b in zip(starts, ends, strict=True))
    return bytes(header) + b"".join(rows)


def _head(table: Path) -> tuple[int, int, int]:
    """Rows that a .dbf states, length of its header and of a row; all 0 where it is no table."""
    with table.open("rb") as file:
        raw = file.read(12)
    rows, header, size = struct.unpack("<IHH", raw[4:12]) if len(raw) == 12 else (0, 0, 0)
    return (rows, header, size) if header > 32 and size else (0, 0, 0)


def _rows(table: Path) -> int:
    """Rows that a .dbf states and holds."""
    rows, header, size = _head(table)
    return min(rows, max(0, table.stat().st_size - header) // size) if size else 0


def _unlike(rows: int, n: int, place: str) -> list[Finding]:
    if rows < n:
        first = f"#{rows + 1}" + (f"–#{n}" if n > rows + 1 else "")
        return [_said(place, f".shp 有 {n} 个图形,而 .dbf 只有 {rows} 行;{first} 没有属性,图形照常读取", f"the .shp has {n} shapes, the .dbf only {rows} rows: {first} have no fields, their shapes are read all the same")]  # fmt: skip
    if rows > n:
        return [_said(place, f".dbf 有 {rows} 行,而 .shp 只有 {n} 个图形;多出的 {rows - n} 行没有图形,未采用", f"the .dbf has {rows} rows, the .shp only {n} shapes: {rows - n} rows have no shape and are left out")]  # fmt: skip
    return []


def _deleted(table: Path, place: str) -> list[Finding]:
    """Rows that an editor marked as deleted and did not take out: nobody reads them."""
    _, header, size = _head(table)
    if not (rows := _rows(table)):
        return []
    data = np.memmap(table, dtype=np.uint8, mode="r")
    gone = np.flatnonzero(data[header : header + rows * size : size] == ord("*"))
    if not len(gone):
        return []
    shown = ", ".join(f"#{row + 1}" for row in gone[:_SHOWN]) + (" …" if len(gone) > _SHOWN else "")
    return [_said(place, f"属性表中有 {len(gone)} 行已标记为删除,连同图形未采用:{shown}", f"{len(gone)} rows of the table are marked as deleted and are left out with their shapes: {shown}")]  # fmt: skip


def _padded(table: Path, n: int, place: str) -> bytes:
    """A .dbf with blank rows at its end, so that it has `n`."""
    _, header, size = _head(table)
    rows = _rows(table)
    if (more := (n - rows) * size) > _MOST_BYTES:
        zh, en = (
            f".dbf 只有 {rows} 行,而 .shx 列出 {n} 个图形,shapefile 可能已损坏",
            f"the .dbf has {rows} rows, the .shx lists {n} shapes: the shapefile may be damaged",
        )
        raise InputError(fault("file.part", place, zh, en))
    raw = table.read_bytes()
    return raw[:4] + struct.pack("<I", n) + raw[8 : header + rows * size] + b" " * more + b"\x1a"


def _field_names(table: Path) -> dict[int, tuple[bytes, bytes]]:
    """Fields that libraries would mix up, whose name another field or the geometry has: old and new name by their place in the header."""
    _, header, _ = _head(table)
    with table.open("rb") as file:
        raw = file.read(header)
    names = {}
    for at in range(_FIELD, header - 1, _FIELD):
        if raw[at : at + 1] == b"\r":
            break
        names[at] = raw[at : at + _NAME + 1].split(b"\x00")[0]
    taken = {b"geometry", *(name.lower() for name in names.values())}
    seen, renamed = {b"geometry"}, {}
    for at, name in names.items():
        if name.lower() in seen:
            new = next(
                new for k in range(2, len(names) + 3) if (new := _numbered(name, k)).lower() not in taken
            )
            taken.add(new.lower())
            renamed[at] = (name, new)
        seen.add(name.lower())
    return renamed


def _numbered(name: bytes, number: int) -> bytes:
    """A name with a number, cut at whole characters so that it fits."""
    tail = b"_%d" % number
    head = name[: _NAME - len(tail)]
    return next((head[:k] for k in range(len(head), 0, -1) if _shown(head[:k]).isprintable()), b"F") + tail


def _shown(name: bytes) -> str:
    """A field's name as text; with a sign that is not printable where it is in neither encoding."""
    for encoding in ("utf-8", "gb18030"):
        try:
            return name.decode(encoding)
        except UnicodeDecodeError:
            continue
    return name.decode("utf-8", "replace") + "\x00"


def _with_names(raw: bytes, renamed: dict[int, tuple[bytes, bytes]]) -> bytes:
    made = bytearray(raw)
    for at, (_, new) in renamed.items():
        made[at : at + _NAME + 1] = new.ljust(_NAME + 1, b"\x00")
    return bytes(made)
