"""The table of a shapefile: the encoding of its texts, those cut in the middle of a character included."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import geopandas as gpd
import pandas as pd

from zoneplan.errors import InputError, fault
from zoneplan.finding import Finding

CUT = "cut"
"""Key of ``frame.attrs``: number of the feature (from 1) and field of each text that ended in half a character."""
LOSSLESS = "ISO-8859-1"
_HALF = ("unexpected end of data", "incomplete multibyte sequence")
_SHOWN = 10


def dbf_encoding(path: Path, place: str) -> str:
    """The encoding of a shapefile's table, from its bytes: strict UTF-8 if it is that, else GB18030."""
    raw = _table(path).read_bytes()
    text = _joined(raw)
    for encoding in ("utf-8", "gb18030"):
        try:
            text.decode(encoding)
        except UnicodeDecodeError:
            continue
        return encoding.upper()
    if found := encoding_of_cut(raw):
        return found
    raise InputError(
        fault(
            "file.encoding",
            place,
            "属性表既不是 UTF-8 也不是 GBK/GB18030;请用 --encoding 指明,如 BIG5、CP1252",
            "the table is neither UTF-8 nor GBK/GB18030: name its encoding with --encoding, such as BIG5, CP1252",
        )
    )


def _table(path: Path) -> Path:
    return next(p for p in (path.with_suffix(".dbf"), path.with_suffix(".DBF")) if p.exists())


def _joined(raw: bytes) -> bytes:
    """Field names and records of a DBF without the binary of its header."""
    header = int.from_bytes(raw[8:10], "little")
    names = b" ".join(raw[at : at + 11].split(b"\x00")[0] for at in range(32, header - 1, 32))
    return names + b" " + raw[header:].replace(b"\x00", b" ").rstrip(b"\x1a")


def is_sound(path: Path, encoding: str) -> bool:
    """Whether the texts of a shapefile's table are in an encoding from first to last."""
    try:
        _joined(_table(path).read_bytes()).decode(encoding)
    except UnicodeDecodeError:
        return False
    except LookupError as error:
        zh, en = f"没有编码“{encoding}”;如 UTF-8、GBK", f"there is no encoding '{encoding}'; e.g. UTF-8, GBK"
        raise InputError(fault("file.encoding", path.name, zh, en)) from error
    return True


def decoded(value: bytes, encoding: str) -> tuple[str, bool] | None:
    """A text, and whether half a character at its end was left out; None if it is not in the encoding."""
    try:
        return value.decode(encoding), False
    except UnicodeDecodeError as error:
        if error.reason not in _HALF:
            return None
        return value[: error.start].decode(encoding), True


def encoding_of_cut(raw: bytes) -> str | None:
    """The encoding that every text of a table is in, halves of characters at their ends left aside."""
    texts = list(_texts(raw))
    for encoding in ("UTF-8", "GB18030"):
        if all(decoded(text, encoding) is not None for text in texts):
            return encoding
    return None


def recoded(frame: gpd.GeoDataFrame, encoding: str, place: str) -> gpd.GeoDataFrame:
    """A table that was read in `LOSSLESS`, in its own encoding.

    Raises
    ------
    InputError
        A text that is not in the encoding: its feature and field.
    """
    made = frame.rename(columns=lambda name: _name(str(name), encoding))
    cut: list[tuple[int, str]] = []
    faults: list[Finding] = []
    for column in [name for name in made.columns if name != made.geometry.name]:
        if not (pd.api.types.is_string_dtype(made[column]) or made[column].dtype == object):
            continue
        texts: list[object] = []
        for number, value in enumerate(made[column], start=1):
            got = decoded(value.encode(LOSSLESS), encoding) if isinstance(value, str) else (value, False)
            if got is None:
                faults.append(fault("file.encoding", f"{place}: #{number} {column}", f"不是 {encoding} 文字;请用 --encoding 指明", f"the text is not {encoding}: name the encoding with --encoding"))  # fmt: skip
                got = (None, False)
            elif got[1]:
                cut.append((number, str(column)))
            texts.append(got[0])
        made[column] = pd.Series(texts, index=made.index, dtype=object)
    if faults:
        raise InputError(faults[:_SHOWN])
    made.attrs[CUT] = cut
    return made


def cut_finding(cut: list[tuple[int, str]], place: str) -> tuple[Finding, ...]:
    """What there is to say of texts that were cut."""
    if not cut:
        return ()
    shown = ", ".join(f"#{number} {field}" for number, field in cut[:_SHOWN]) + (
        " …" if len(cut) > _SHOWN else ""
    )
    zh = f"{len(cut)} 个文字值在字段宽度处被截断,末尾的半个字已略去:{shown}"
    en = f"{len(cut)} texts were cut at the width of their field; half a character at their end is left out: {shown}"
    return (Finding("file.cut", "warning", zh, en, place),)


def _name(name: str, encoding: str) -> str:
    got = decoded(name.encode(LOSSLESS), encoding) if name.isascii() is False else (name, False)
    return name if got is None else got[0]


def _texts(raw: bytes) -> Iterator[bytes]:
    """Field names, and the values of text fields, of a DBF."""
    header, size = int.from_bytes(raw[8:10], "little"), int.from_bytes(raw[10:12], "little")
    at, fields = 1, []
    for start in range(32, header - 1, 32):
        if raw[start : start + 1] == b"\r":
            break
        yield raw[start : start + 11].split(b"\x00")[0]
        length = raw[start + 16] if start + 16 < len(raw) else 0
        if raw[start + 11 : start + 12] == b"C":
            fields.append((at, at + length))
        at += length
    for record in range(header, len(raw) - size + 1, max(size, 1)):
        for first, last in fields:
            yield raw[record + first : record + last].replace(b"\x00", b" ").rstrip(b" ")
