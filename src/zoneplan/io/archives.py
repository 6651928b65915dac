"""Archives are hostile until shown otherwise: what is in one is looked at before anything is written."""

from __future__ import annotations

import stat
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from zoneplan.errors import InputError, fault
from zoneplan.finding import Finding

MEMBERS = 20_000
TOTAL_BYTES = 8 * 2**30
RATIO = 200
RATIO_FROM_BYTES = 100 * 2**20
"""What inflates to more than this may not be more than `RATIO` times as large as the archive."""
_BLOCK = 1 << 20


@contextmanager
def unpacked(
    path: Path, place: str, *, suffixes: tuple[str, ...], name: str | None = None
) -> Iterator[tuple[Path, str | None]]:
    """A data set of a zip archive (.zip, .kmz), unpacked into a folder that is gone afterwards.

    Parameters
    ----------
    path : Path
    place : str
        How messages name the archive.
    suffixes : tuple of str
        Of files, or folders (``.gdb``), that are data sets.
    name : str, optional
        Of the data set where there are several (with or without its ending); else of a layer in the only one.

    Yields
    ------
    Path
        The data set.
    str or None
        The layer in it that `name` names.

    Raises
    ------
    InputError
        As `extracted`; no data set, or several and not just one of that name.
    """
    with extracted(path, place) as folder:
        found = data_sets(folder, suffixes)
        named = [one for one in found if name in (one.name, one.stem, str(one.relative_to(folder)))]
        if len(found) == 1:
            yield found[0], name
        elif len(named) == 1:
            yield named[0], None
        else:
            raise InputError(_not_one(found, folder, place, suffixes))


@contextmanager
def extracted(path: Path, place: str) -> Iterator[Path]:
    """All members of a zip archive in a folder that is gone afterwards.

    Raises
    ------
    InputError
        No zip archive; members with absolute names, ``..`` or links; too many, too large, encrypted or damaged ones.
    """
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError, struct.error) as error:
        raise InputError(fault("archive.format", place, f"不是 zip 压缩包或已损坏:{error}", f"no zip archive, or damaged: {error}")) from error  # fmt: skip
    with archive, tempfile.TemporaryDirectory(prefix="zoneplan-") as folder:
        infos = [info for info in archive.infolist() if not info.filename.endswith("/")]
        if faults := _refused(infos, path.stat().st_size, place):
            raise InputError(faults)
        left = TOTAL_BYTES
        for info in infos:
            target = Path(folder, *PurePosixPath(_name(info)).parts)
            target.parent.mkdir(parents=True, exist_ok=True)
            left -= _copied(archive, info, target, min(left, info.file_size), place)
        yield Path(folder)


def _name(info: zipfile.ZipInfo) -> str:
    """A member's name; one that is not marked as UTF-8 is GBK where it can be."""
    if info.flag_bits & 0x800:
        return info.filename
    raw = info.filename.encode("cp437", errors="replace")
    try:
        return raw.decode("gbk")
    except UnicodeDecodeError:
        return info.filename


def _refused(infos: list[zipfile.ZipInfo], size: int, place: str) -> list[Finding]:
    """Why an archive is not unpacked."""
    total = sum(info.file_size for info in infos)
    if len(infos) > MEMBERS or total > TOTAL_BYTES or (total > RATIO_FROM_BYTES and total > RATIO * size):
        zh = f"压缩包含 {len(infos)} 个文件,展开后 {total / 2**20:,.0f} MB,超过限制;请先自行解压并核对"
        en = f"the archive holds {len(infos)} files that inflate to {total / 2**20:,.0f} MB, which is more than is unpacked; unpack it yourself"
        return [fault("archive.bomb", place, zh, en)]
    faults = []
    for info in infos:
        name = _name(info).replace("\\", "/")
        parts = PurePosixPath(name).parts
        link = stat.S_ISLNK(info.external_attr >> 16)
        if not parts:
            faults.append(fault("archive.name", place, "压缩包内有一个没有名称的文件,压缩包可能已损坏;请重新打包", "the archive holds a file without a name, so it may be damaged; pack it again"))  # fmt: skip
        elif name.startswith("/") or ":" in name or ".." in parts or link or "\x00" in name:
            shown = name[:80]
            faults.append(fault("archive.name", place, f"压缩包内的文件名“{shown}”指向包外或是链接,已拒绝", f"the archive's member '{shown}' points outside or is a link; refused"))  # fmt: skip
        elif info.flag_bits & 0x1:
            faults.append(fault("archive.encrypted", place, f"压缩包内的“{name[:80]}”已加密,请先解压", f"the archive's member '{name[:80]}' is encrypted; unpack it yourself"))  # fmt: skip
    return faults


def _copied(archive: zipfile.ZipFile, info: zipfile.ZipInfo, target: Path, most: int, place: str) -> int:
    """Write a member; one that is larger than it says, or damaged, is refused."""
    written = 0
    try:
        with archive.open(info) as source, target.open("wb") as file:
            while block := source.read(_BLOCK):
                written += len(block)
                if written > most:
                    raise zipfile.BadZipFile("larger than it says")
                file.write(block)
    except (
        zipfile.BadZipFile,
        zlib.error,
        NotImplementedError,
        RuntimeError,
        OSError,
        EOFError,
        ValueError,
    ) as error:
        name = _name(info)[:80]
        raise InputError(fault("archive.damaged", place, f"压缩包内的“{name}”已损坏:{error}", f"the archive's member '{name}' is damaged: {error}")) from error  # fmt: skip
    return written


def data_sets(folder: Path, suffixes: tuple[str, ...]) -> list[Path]:
    """The files, and folders such as a ``.gdb``, of a known kind in a folder."""
    found = [path for path in sorted(folder.rglob("*")) if path.suffix.lower() in suffixes]
    return [path for path in found if not any(parent in found for parent in path.parents)]


def _not_one(found: list[Path], folder: Path, place: str, suffixes: tuple[str, ...]) -> Finding:
    shown = ", ".join(str(path.relative_to(folder)) for path in found[:10])
    if not found:
        zh, en = f"压缩包内没有可读的数据({' '.join(suffixes)})", f"the archive holds no data that are read ({' '.join(suffixes)})"  # fmt: skip
    else:
        zh, en = f"压缩包内有 {len(found)} 份数据:{shown};请写成 压缩包:名称 指明一份", f"the archive holds {len(found)} data sets: {shown}; write ARCHIVE:NAME to name one"  # fmt: skip
    return fault("archive.content", place, zh, en)
