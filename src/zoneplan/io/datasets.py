"""The data sets of a file, of a folder, or of an archive; and which sources are such, and no plan or compiled layers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from zoneplan.io.anyfile import READ
from zoneplan.io.archives import data_sets, extracted
from zoneplan.io.layers import LAYERS_FILE
from zoneplan.io.vector import DRIVERS, list_layers, refuse_path, split_path_layer
from zoneplan.layers import REFERENCE


@contextmanager
def opened(path: Path, *kinds: tuple[str, ...]) -> Iterator[list[tuple[Path, str]]]:
    """Each data set with how messages name it; an archive is unpacked into a folder that is gone afterwards.

    Parameters
    ----------
    path : Path
        A file or a ``.gdb`` is its own data set; of a folder or a ``.zip`` all inside it that are of a kind.
    kinds : tuple of str
        Suffixes of data sets; further ones count where there is none of the first.

    Raises
    ------
    InputError
        No such file or one of an unknown kind; as `extracted`.
    """
    if path.is_dir() and path.suffix.lower() != ".gdb":
        yield _inside(path, path.name, kinds)
        return
    refuse_path(path, path.name, more=tuple(READ))
    if path.suffix.lower() == ".zip":
        with extracted(path, path.name) as folder:
            yield _inside(folder, path.name, kinds)
    else:
        yield [(path, path.name)]


def _inside(folder: Path, place: str, kinds: tuple[tuple[str, ...], ...]) -> list[tuple[Path, str]]:
    found = next((some for kind in kinds if (some := data_sets(folder, kind))), [])
    return [(member, f"{place}/{member.relative_to(folder).as_posix()}") for member in found]


def is_plain_file(source: str | Path) -> bool:
    """Whether a source is a file to inspect: no plan document, no folder, no compiled layers."""
    path, layer = split_path_layer(str(source))
    suffix = path.suffix.lower()
    if suffix in ("", ".yaml", ".yml") or (path.is_dir() and suffix != ".gdb"):
        return False
    if suffix != ".gpkg" or layer is not None or not path.is_file():
        return True
    return REFERENCE not in [name for name, _ in list_layers(path)]


def is_folder_of_files(source: str | Path) -> bool:
    """Whether a source is a folder of vector files to inspect, none of compiled layers."""
    path = split_path_layer(str(source))[0]
    if not path.is_dir() or path.suffix.lower() == ".gdb" or (path / LAYERS_FILE).exists():
        return False
    return bool(data_sets(path, tuple(DRIVERS)))
