"""What a check is asked: every file and parameter, so that it can be written down and asked again."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from typing import Any

from zoneplan.errors import InputError, fault
from zoneplan.resources import PLANS

_FILE = "role"


def _file(role: str, default: Any = None) -> Any:
    """A field that names files (a path, several, or one by key); `role` is how the receipt calls them."""
    return field(default=default, metadata={_FILE: role})


@dataclass(frozen=True)
class CheckRequest:
    """A parcel check as asked for; paths as the caller gave them, ``PATH[:LAYER]`` where a file has several layers.

    Parameters
    ----------
    parcels : str
        File of parcels.
    source : str, optional
        The plan's layers: a built-in plan id, a YAML document, a ``layers.gpkg`` or its folder. None: lines only.
    reference, replaced
        For a plan that is compiled: files of reference features, and official layers by key.
    lines : mapping of str to str
        Lines or further constraints by key, in place of the plan's or added.
    line_files : tuple of str
        Files whose layers of a standard name (STBHHX, YJJBNTTB …) become lines too.
    rules : tuple of str
        Files of an office's rules, later ones on top.
    overrides : str, optional
        File of hits marked as not applicable.
    landuse, coverage : str, optional
        Files of land use, and of where the lines given are complete.
    style : str, optional
        An office's style document: colours of papers, no answer depends on it.
    landuse_field, landuse_codes : str, optional
        Field of land-use codes, and their list.
    tolerances : mapping of str to str
        ``"m2,m"`` by line; ``""`` stands for all lines.
    crossing_field : str, optional
        Says which parcels cross a line without applying for land.
    encoding : str, optional
        Of the parcels' text; default what the bytes are.
    crs : mapping of str to tuple of str
        What is asked of the CRS of inputs, as `zoneplan.crs.admission.open_gate` takes it.
    id_field, use_field, use, as_of, area, national_major
        As for `check_parcels`.
    """

    parcels: str = field(metadata={_FILE: "parcels"})
    source: str | None = _file("layers")
    reference: tuple[str, ...] = _file("reference", ())
    replaced: Mapping[str, str] = field(default_factory=dict, metadata={_FILE: "layer"})
    lines: Mapping[str, str] = field(default_factory=dict, metadata={_FILE: "line"})
    line_files: tuple[str, ...] = _file("lines", ())
    rules: tuple[str, ...] = _file("rules", ())
    overrides: str | None = _file("overrides")
    landuse: str | None = _file("landuse")
    coverage: str | None = _file("coverage")
    style: str | None = _file("style")
    landuse_field: str | None = None
    landuse_codes: str | None = None
    tolerances: Mapping[str, str] = field(default_factory=dict)
    crossing_field: str | None = None
    encoding: str | None = None
    crs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    id_field: str | None = None
    use_field: str | None = None
    use: str | None = None
    as_of: date | None = None
    area: str = "ellipsoidal"
    national_major: str | None = None

    def record(self) -> dict[str, Any]:
        """A plain dictionary for JSON."""
        made: dict[str, Any] = {}
        for one in fields(self):
            value = getattr(self, one.name)
            if isinstance(value, date):
                value = value.isoformat()
            elif isinstance(value, tuple):
                value = list(value)
            elif isinstance(value, Mapping):
                value = {key: list(item) if isinstance(item, tuple) else item for key, item in value.items()}
            made[one.name] = value
        return made

    @classmethod
    def read(cls, record: Mapping[str, Any], place: str) -> CheckRequest:
        """The request that `record` wrote.

        Raises
        ------
        InputError
            With every key that is unknown, missing or of another kind.
        """
        known = {one.name: one for one in fields(cls)}
        faults = [_odd(place, key, "不认识此键", "unknown key") for key in record if key not in known]
        values: dict[str, Any] = {}
        for name in known:
            kind: Callable[[Any], Any] = _KINDS.get(name, _text_or_nothing)
            try:
                values[name] = kind(record[name])
            except KeyError:
                if name == "parcels":
                    faults.append(_odd(place, name, "缺少此键", "missing"))
            except (TypeError, ValueError):
                faults.append(_odd(place, name, f"值 {record[name]!r} 不可用", f"value {record[name]!r} is not usable"))  # fmt: skip
        if faults:
            raise InputError(faults)
        return cls(**values)

    def files(self) -> Iterator[tuple[str, str]]:
        """(role, path as given) of every file named; a built-in plan is none."""
        for one in fields(self):
            role, value = one.metadata.get(_FILE), getattr(self, one.name)
            if role is None or not value:
                continue
            if isinstance(value, Mapping):
                yield from ((f"{role} {key}", path) for key, path in value.items())
            elif isinstance(value, tuple):
                yield from ((role, path) for path in value)
            elif one.name != "source" or is_file_name(value):
                yield role, value

    def moved(self, place: Callable[[str], str]) -> CheckRequest:
        """The same request with every file name put through a function."""
        there: dict[str, Any] = {}
        for one in fields(self):
            value = getattr(self, one.name)
            if _FILE not in one.metadata or not value:
                continue
            if isinstance(value, Mapping):
                there[one.name] = {key: place(path) for key, path in value.items()}
            elif isinstance(value, tuple):
                there[one.name] = tuple(map(place, value))
            elif one.name != "source" or is_file_name(value):
                there[one.name] = place(value)
        return replace(self, **there)


def is_file_name(source: str) -> bool:
    """Whether a plan is named by a path, not by its built-in id."""
    return bool(re.search(r"[\\/.]", source)) or not (PLANS / f"{source}.yaml").is_file()


def _odd(place: str, key: str, zh: str, en: str) -> Any:
    return fault("verify.request", f"{place}: receipt.request.{key}", zh, en)


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value:
        raise TypeError
    return value


def _text_or_nothing(value: Any) -> str | None:
    if value is not None and not isinstance(value, str):
        raise TypeError
    return value


def _several(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise TypeError
    return tuple(map(_text, value))


def _by_key(value: Any) -> dict[str, str]:
    return {_text(key): _text(path) for key, path in dict(value).items()}


def _lists(value: Any) -> dict[str, tuple[str, ...]]:
    return {_text(key): _several(items) for key, items in dict(value).items()}


def _day(value: Any) -> date | None:
    return None if value is None else date.fromisoformat(value)


_KINDS: Mapping[str, Callable[[Any], Any]] = {
    "parcels": _text,
    "reference": _several,
    "replaced": _by_key,
    "lines": _by_key,
    "line_files": _several,
    "rules": _several,
    "tolerances": lambda value: {str(key): _text(text) for key, text in dict(value).items()},
    "crs": _lists,
    "as_of": _day,
    "area": _text,
}
