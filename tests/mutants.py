"""Damaged files: small samples of every format, and seeded ways to damage their bytes."""

from __future__ import annotations

import random
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import shapely

from zoneplan.errors import InputError
from zoneplan.io.anyfile import read_any
from zoneplan.io.writer import write_any

FRAME = gpd.GeoDataFrame(
    {"DKBH": ["1", "2", "3"], "DKMC": ["甲", "乙 & 丙", "丁"], "DLBM": ["0101", "0702", ""]},
    geometry=[
        shapely.Polygon(shapely.box(421000, 3120000, 421300, 3120300).exterior, [shapely.box(421100, 3120100, 421200, 3120200).exterior]),
        shapely.box(421400, 3120000, 421500, 3120100),
        shapely.MultiPolygon([shapely.box(422000, 3120000, 422050, 3120050), shapely.box(422100, 3120000, 422150, 3120050)]),
    ],
    crs=4547,
)  # fmt: skip
SUFFIXES = (".gpkg", ".shp", ".geojson", ".fgb", ".gdb", ".kml", ".txt", ".csv", ".dxf", ".xlsx", ".zip")


def make_samples(folder: Path) -> dict[str, Path]:
    """One small file of every format."""
    samples = {}
    for suffix in SUFFIXES:
        path = folder / suffix[1:] / f"样本{suffix}"
        path.parent.mkdir()
        if suffix == ".dxf":
            path.write_bytes(_drawing())
        elif suffix == ".xlsx":
            _workbook(path)
        elif suffix == ".zip":
            with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
                for part in sorted((folder / "shp").iterdir()):
                    file.write(part, part.name)
        else:
            write_any(path, FRAME)
        samples[suffix] = path
    return samples


def _drawing() -> bytes:
    rows = ["0", "SECTION", "2", "ENTITIES"]
    for shape in FRAME.geometry.iloc[:2]:
        rows += [
            "0",
            "LWPOLYLINE",
            "8",
            "红线",
            "100",
            "AcDbEntity",
            "100",
            "AcDbPolyline",
            "90",
            "4",
            "70",
            "1",
        ]
        for x, y in list(shape.exterior.coords)[:-1]:
            rows += ["10", f"{x:.3f}", "20", f"{y:.3f}"]
        rows += ["1001", "ZONEPLAN", "1071", "1", "1071", "1", "1000", '{"DKMC":"甲"}']
    return "\n".join([*rows, "0", "ENDSEC", "0", "EOF", ""]).encode("gb18030")


def _workbook(path: Path) -> None:
    import openpyxl

    book = openpyxl.Workbook()
    book.active.append(["地块编号", "X", "Y"])
    for x, y in FRAME.geometry.iloc[1].exterior.coords:
        book.active.append(["1", y, x])
    book.save(path)


def _flip(raw: bytearray, dice: random.Random) -> None:
    for _ in range(dice.randint(1, 12)):
        raw[dice.randrange(len(raw))] = dice.randrange(256)


def _cut(raw: bytearray, dice: random.Random) -> None:
    del raw[dice.randrange(len(raw)) :]


def _drop(raw: bytearray, dice: random.Random) -> None:
    at = dice.randrange(len(raw))
    del raw[at : at + dice.randint(1, 200)]


def _repeat(raw: bytearray, dice: random.Random) -> None:
    at, size = dice.randrange(len(raw)), dice.randint(1, 400)
    raw[at:at] = raw[at : at + size] * dice.randint(1, 20)


def _number(raw: bytearray, dice: random.Random) -> None:
    digits = [at for at, byte in enumerate(raw) if 48 <= byte <= 57] or [0]
    at = dice.choice(digits)
    raw[at : at + 1] = dice.choice([b"9" * 40, b"-", b"e308", b"NaN", b"\xef\xbc\x91", b"O", b""])


def _noise(raw: bytearray, dice: random.Random) -> None:
    at = dice.randrange(len(raw))
    raw[at:at] = bytes(dice.randrange(256) for _ in range(dice.randint(1, 300)))


def _extreme(raw: bytearray, dice: random.Random) -> None:
    at = dice.randrange(max(len(raw) - 8, 1))
    raw[at : at + 4] = dice.choice(
        [b"\xff\xff\xff\xff", b"\x00\x00\x00\x80", b"\xff\xff\xff\x7f", b"\x00\x00\x00\x00"]
    )


WAYS: tuple[Callable[[bytearray, random.Random], None], ...] = (
    _flip, _cut, _drop, _repeat, _number, _noise, _extreme,
)  # fmt: skip


def mutant(sample: Path, folder: Path, seed: int) -> Path:
    """A damaged copy of a sample: one of its files, damaged in one to three ways."""
    dice = random.Random(f"{sample.suffix} {seed}")
    target = folder / f"{seed}"
    if sample.is_dir():
        shutil.copytree(sample, target / sample.name)
        parts = sorted((target / sample.name).iterdir())
    else:
        target.mkdir(parents=True)
        parts = [Path(shutil.copy(part, target)) for part in sorted(sample.parent.iterdir())]
    part = dice.choice(parts)
    raw = bytearray(part.read_bytes()) or bytearray(b"\x00")
    for _ in range(dice.randint(1, 3)):
        dice.choice(WAYS)(raw, dice)
        raw = raw or bytearray(b"\x00")
    part.write_bytes(raw)
    return target / sample.name


def try_to_read(path: Path) -> str:
    """``read``, or ``refused`` with faults that name the file in both languages; raises on anything else."""
    try:
        read_any(path, assume_crs=FRAME.crs)
    except InputError as error:
        nameless = [
            finding
            for finding in error.faults
            if path.stem not in finding.place or not (finding.zh and finding.en)
        ]
        if nameless or not error.faults:
            raise AssertionError(f"refused without naming the file: {nameless}") from error
        return "refused"
    return "read"
