"""Writing that leaves the old file or the new one, never half of either."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd

from zoneplan.errors import InputError, fault
from zoneplan.io.oddnames import refuse_name
from zoneplan.textrows import inert

_FULL = (errno.ENOSPC, errno.EFBIG, errno.EDQUOT)
_LEAST_BYTES = 1 << 20
STAGE, READY = ".zoneplan-", ".zoneplan-ready-"


@contextmanager
def staged(folder: Path) -> Iterator[Path]:
    """A temporary folder whose files move into `folder` when all went well.

    The folder is made and tried before any work begins. On an exception nothing is moved and
    nothing is left behind. What a process that was killed left is cleared away by the next that writes there; files that
    were complete are moved to their places first.

    Raises
    ------
    InputError
        If the folder cannot be made or written to, its name would be taken for an address, or the disk is full.
    """
    refuse_name(folder)
    made = _missing(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _clear(folder)
        stage = Path(tempfile.mkdtemp(prefix=f"{STAGE}{os.getpid()}-", dir=folder))
    except OSError as error:
        raise InputError(
            fault(
                "out.unwritable",
                folder,
                f"输出文件夹无法写入:{error.strerror};请换一个文件夹",
                f"the output folder cannot be written: {error.strerror}; choose another",
            )
        ) from error
    try:
        yield stage
        for path in sorted(stage.iterdir()):
            _sync(path)
        ready = stage.with_name(stage.name.replace(STAGE, READY, 1))
        stage.replace(ready)
        stage = ready
        _settle(ready, folder)
        made = []
    except Exception as error:
        if not isinstance(error, InputError) and _is_full(error, folder):
            raise InputError(
                fault(
                    "out.full",
                    folder,
                    "磁盘已满或超过配额,没有写出;原有文件未动。请腾出空间或换一个文件夹",
                    "the disk is full or over its quota: nothing was written, files that were there are as they were; make room or choose another folder",
                )
            ) from error
        raise
    finally:
        shutil.rmtree(stage, ignore_errors=True)
        for parent in reversed(made):
            if parent.is_dir() and not any(parent.iterdir()):
                parent.rmdir()


def _is_full(error: Exception, folder: Path) -> bool:
    """Whether a fault is that of a full disk; what a library raises does not say so, the disk does."""
    if isinstance(error, OSError) and error.errno is not None:
        return error.errno in _FULL
    return shutil.disk_usage(folder).free < _LEAST_BYTES


def _settle(ready: Path, folder: Path) -> None:
    """Move complete files to their places."""
    for path in sorted(ready.iterdir()):
        path.replace(folder / path.name)


def _clear(folder: Path) -> None:
    """Finish or remove what processes that are gone left behind."""
    for left in sorted(folder.glob(f"{STAGE}*")):
        owner = left.name.removeprefix(READY).removeprefix(STAGE).partition("-")[0]
        if not owner.isdigit() or _alive(int(owner)):
            continue
        if left.name.startswith(READY):
            _settle(left, folder)
        shutil.rmtree(left, ignore_errors=True)


def _alive(pid: int) -> bool:
    """Whether a process runs; where that cannot be asked (Windows), yes."""
    if os.name != "posix":
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _missing(folder: Path) -> list[Path]:
    """The parts of a folder's path that are not there yet, outermost first."""
    parts = []
    while not folder.exists() and folder != folder.parent:
        parts.append(folder)
        folder = folder.parent
    return parts[::-1]


def _sync(path: Path) -> None:
    """On the disk, a file or all files of a folder (a ``.gdb``)."""
    for member in path.rglob("*") if path.is_dir() else [path]:
        with member.open("rb") as file:
            os.fsync(file.fileno())


def sha256(path: Path) -> str:
    """Hash of a file, or of a folder's files in order of name (a ``.gdb``)."""
    digest = hashlib.sha256()
    members = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
    for member in members:
        if path.is_dir():
            digest.update(member.relative_to(path).as_posix().encode())
        with member.open("rb") as file:
            while block := file.read(1 << 20):
                digest.update(block)
    return digest.hexdigest()


def write_csv(path: Path, table: pd.DataFrame, *, encoding: str = "utf-8-sig") -> None:
    """A table as CSV that spreadsheets open (BOM, CRLF); names and text that they would run as a formula are inert."""
    plain = table.rename(columns=lambda name: inert(str(name)))
    for at, kind in enumerate(plain.dtypes):
        if not pd.api.types.is_numeric_dtype(kind):
            words = plain.iloc[:, at].map(lambda cell: inert(cell) if isinstance(cell, str) else cell)
            plain.isetitem(at, list(words))
    plain.to_csv(path, index=False, encoding=encoding, lineterminator="\r\n")


def write_json(path: Path, data: Any) -> None:
    """JSON with Chinese as it is, two spaces, one final newline; NaN is refused."""
    text = json.dumps(data, ensure_ascii=False, indent=2, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8", newline="\n")


def write_yaml(path: Path, data: Any) -> None:
    """Plain data as a YAML document that people go on editing."""
    from ruamel.yaml import YAML

    writer = YAML(typ="safe")
    writer.default_flow_style = False
    writer.sort_base_mapping_type_on_output = False  # type: ignore[assignment]  # its stub says None
    writer.allow_unicode, writer.width = True, 110
    with path.open("w", encoding="utf-8", newline="\n") as file:
        writer.dump(data, file)
