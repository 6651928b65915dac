"""Names of files and folders that the library behind most formats takes for something else."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from zoneplan.errors import InputError, fault

_ODD = re.compile(r"[!;\x00-\x1f]")
"""``archive!member``, parameters of an address, and signs that addresses leave out."""


def is_odd(path: Path) -> bool:
    """Whether a path, as it is written, would be taken for an address, or for a file in an archive."""
    return _ODD.search(str(path)) is not None


@contextmanager
def plainly_named(files: Sequence[Path]) -> Iterator[Path]:
    """The first of some files of one stem, linked (copied where that cannot be) under a name that is taken for what it is."""
    with tempfile.TemporaryDirectory(prefix="zoneplan-") as folder:
        for path in files:
            target = Path(folder, _ODD.sub("_", path.name))
            try:
                target.symlink_to(path.absolute(), target_is_directory=path.is_dir())
            except OSError:  # Windows without the right to
                (shutil.copytree if path.is_dir() else shutil.copyfile)(path, target)
        yield Path(folder, _ODD.sub("_", files[0].name))


def refuse_name(path: Path) -> None:
    """Refuse to write where the library would write elsewhere."""
    if is_odd(path):
        zh = "输出的文件名或所在文件夹的名称含有“!”“;”或控制字符,会写到别处;请改名,或在该文件夹中运行并给出相对路径"
        en = "the name of the output, or of a folder that it is in, has a '!', a ';' or a control character and would be written elsewhere: choose another, or run in that folder and give a relative path"
        raise InputError(fault("out.unwritable", path, zh, en))
