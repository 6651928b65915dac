"""JSON of any length, written as it is made: the bytes that `json.dumps` with an indent of two would give."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from json.encoder import encode_basestring
from pathlib import Path
from typing import Any

_STEP = "  "
_PLAIN = {None: "null", True: "true", False: "false"}


@dataclass(frozen=True, slots=True)
class Ready:
    """A value as text already, indented for the place it goes to."""

    text: str


def encode(value: Any, level: int = 0) -> str:
    """A value as JSON text with Chinese as it is, its lines indented for a place `level` deep.

    Raises
    ------
    ValueError
        For numbers that are not finite.
    TypeError
        For what JSON does not know.
    """
    if isinstance(value, Ready):
        return value.text
    if isinstance(value, str):
        return str(encode_basestring(value))
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError(f"{value} is no number that JSON knows")
        return float.__repr__(value)
    if isinstance(value, dict):
        inner = f",\n{_STEP * (level + 1)}"
        rows = [f"{encode_basestring(key)}: {encode(item, level + 1)}" for key, item in value.items()]
        return _wrapped("{", rows, inner, "}", level)
    if isinstance(value, list | tuple):
        return _wrapped(
            "[", [encode(item, level + 1) for item in value], f",\n{_STEP * (level + 1)}", "]", level
        )
    return _PLAIN[value] if value is None or isinstance(value, bool) else json.dumps(value)


def _wrapped(start: str, rows: list[str], between: str, end: str, level: int) -> str:
    return f"{start}{between[1:]}{between.join(rows)}\n{_STEP * level}{end}" if rows else start + end


def write_json_stream(path: Path, data: Mapping[str, Any]) -> None:
    """Write an object; a value that is an iterator is written as an array, item by item.

    Parameters
    ----------
    path : Path
    data : mapping
        Only the values at the top may be iterators.
    """
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write("{")
        for number, (key, value) in enumerate(data.items()):
            file.write(f"{',' if number else ''}\n{_STEP}{encode_basestring(key)}: ")
            if not isinstance(value, Iterator):
                file.write(encode(value, 1))
                continue
            empty = True
            for item in value:
                file.write(f"{'[' if empty else ','}\n{_STEP * 2}{encode(item, 2)}")
                empty = False
            file.write("[]" if empty else f"\n{_STEP}]")
        file.write("\n}\n" if data else "}\n")
