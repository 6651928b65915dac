"""A YAML file read as a model: every fault with its file and line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar, get_args

from pydantic import ValidationError

from zoneplan.errors import InputError, fault
from zoneplan.explain import explain, path_of
from zoneplan.extent import Model
from zoneplan.source import Source, line_of, read_source

M = TypeVar("M", bound=Model)


def read_as(model: type[M], path: Path, *, code: str) -> tuple[M, Source]:
    """Read a YAML file as a model.

    Parameters
    ----------
    model : type
        A frozen model that refuses keys it does not know.
    path : Path
    code : str
        Code of the findings, for instance ``"landuse.template"``.

    Returns
    -------
    model, Source
        The source tells the line of every path.

    Raises
    ------
    InputError
        With every fault: unreadable, no YAML, duplicate or unknown keys, missing and malformed values.
    """
    source = read_source(path)
    return as_model(model, source, code=code), source


def as_model(model: type[M], source: Source, *, code: str) -> M:
    """Plain data with its lines as a model; `InputError` with every fault."""
    faults = list(source.faults)
    try:
        made = model.model_validate(source.data)
    except ValidationError as error:
        keys = set(_keys(model, set()))
        for row in error.errors(include_url=False):
            faults.append(fault(code, source.place(path_of(row["loc"])), *explain(dict(row), keys)))
        raise InputError(sorted(faults, key=line_of)) from error
    if faults:
        raise InputError(faults)
    return made


def _keys(model: Any, seen: set[Any]) -> Iterator[str]:
    """The keys of a model and of the models in it."""
    if isinstance(model, type) and issubclass(model, Model):
        if model in seen:
            return
        seen.add(model)
        for name, info in model.model_fields.items():
            yield info.alias or name
            yield from _keys(info.annotation, seen)
    else:
        for part in get_args(model):
            yield from _keys(part, seen)
