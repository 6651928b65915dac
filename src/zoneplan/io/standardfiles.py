"""All layers of a geodatabase, an archive or a folder that have a standard name."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pyproj import CRS

from zoneplan.errors import InputError, fault
from zoneplan.finding import Finding
from zoneplan.io.anyfile import ARCHIVES, DRAWINGS, READ, TABLES, read_any
from zoneplan.io.datasets import opened
from zoneplan.io.geometrycheck import check_geometry, without_empty
from zoneplan.io.intake import Intake
from zoneplan.io.sandbox import sandboxed
from zoneplan.io.vector import list_layers, refuse_path
from zoneplan.standardlayers import StandardLayer, recognised, superseded

_KINDS = tuple(kind for kind in READ if kind not in (*ARCHIVES, *TABLES, *DRAWINGS))
_SHOWN = 40
_OPTION = {"landuse": "--landuse", "planned": "--planned"}


@dataclass(frozen=True)
class StandardFile:
    """The control lines and constraints of a file: (what it is, ``file:layer``, what was read), and what was found."""

    lines: tuple[tuple[StandardLayer, str, Intake], ...]
    findings: tuple[Finding, ...]


def read_standard(path: Path | str, *, assume_crs: CRS | None = None) -> StandardFile:
    """Read the layers of a file that are control lines or constraints by their names.

    Parameters
    ----------
    path : path
        A geodatabase or another file of several layers, a .zip of such files, or a folder of them; a shapefile's layer
        is named by its file.
    assume_crs : CRS, optional
        Of layers that state none.

    Returns
    -------
    StandardFile
        Findings say which layer is taken as what (``lines.layer``), which are not recognised (``lines.unknown``), not in
        force (``lines.superseded``), empty (``lines.empty``), or hold land use or zones (``lines.landuse``).

    Raises
    ------
    InputError
        No layer is a control line or constraint, one of them cannot be read, or has features that are no polygons.
    """
    path = Path(path)
    lines: list[tuple[StandardLayer, str, Intake]] = []
    said: list[Finding] = []
    faults: list[Finding] = []
    unknown: list[str] = []
    with opened(path, _KINDS) as members:
        for member, inside in members:
            for name in _layers(member, inside, skip=unknown):
                place = inside if name == member.stem else f"{inside}:{name}"
                standard = recognised(name)
                if standard is None:
                    said += _superseded(name, place)
                    unknown += [] if superseded(name) else [place]
                elif standard.kind != "line":
                    said.append(_other(standard, place))
                else:
                    try:
                        intake = read_any(member, layer=name, place=place, assume_crs=assume_crs)
                    except InputError as error:
                        if {found.code for found in error.faults} == {"file.no_features"}:
                            said.append(_empty(standard, place))
                        else:
                            faults += error.faults
                        continue
                    frame, left_out = without_empty(intake.frame, place)
                    intake = Intake(frame, (*intake.findings, *left_out))
                    if wrong := check_geometry(intake.frame, place=place, families={"polygon"}, invalid=True):
                        faults += [*(f for f in intake.findings if f.severity == "error"), *wrong]
                        continue
                    lines.append((standard, place, intake))
                    said.append(_taken(standard, place, intake))
    said += _unknown(path.name, unknown)
    if faults:
        raise InputError(faults)
    if not lines:
        shown = "、".join(unknown[:_SHOWN]) or "-"
        zh = f"没有按名称认出的控制线或约束图层(如 STBHHX、YJJBNTTB、CZKFBJ);有:{shown};请用 --line KEY=文件:图层"
        en = f"no layer is a control line or constraint by its name (such as STBHHX, YJJBNTTB, CZKFBJ); there are: {shown}; use --line KEY=PATH:LAYER"
        raise InputError([*(f for f in said if f.code == "lines.empty"), fault("lines.none", path, zh, en)])
    return StandardFile(tuple(lines), tuple(said))


def _layers(path: Path, place: str, skip: list[str]) -> list[str]:
    """The layers of a file; a JSON that is no GeoJSON lies there for another purpose and joins what is skipped."""
    if path.suffix.lower() == ".txt":
        return [path.stem]
    try:
        refuse_path(path, place)
        return [name for name, _ in sandboxed(lambda: list_layers(path), path, place=place)]
    except InputError as error:
        if path.suffix.lower() != ".json" or not {found.code for found in error.faults} <= {
            "file.geojson",
            "file.content",
        }:
            raise
        skip.append(place)
        return []


def _taken(standard: StandardLayer, place: str, intake: Intake) -> Finding:
    n = len(intake.frame)
    return Finding("lines.layer", "info", f"按名称作为{standard.zh}({standard.key}),{n} 个要素", f"taken by its name as {standard.en} ({standard.key}), {n} features", place)  # fmt: skip


def _empty(standard: StandardLayer, place: str) -> Finding:
    return Finding("lines.empty", "warning", f"按名称是{standard.zh},但有 0 个要素;未作为控制线核查", f"by its name {standard.en}, but it has 0 features; it is not checked against", place)  # fmt: skip


def _other(standard: StandardLayer, place: str) -> Finding:
    option = _OPTION.get(standard.kind)
    zh, en = (
        (f";需要时用 {option} 给出", f"; give it with {option} where it is wanted") if option else ("", "")
    )
    return Finding("lines.landuse", "info", f"是{standard.zh},不是控制线{zh}", f"holds {standard.en}, no control line{en}", place)  # fmt: skip


def _superseded(name: str, place: str) -> list[Finding]:
    words = superseded(name)
    if words is None:
        return []
    return [Finding("lines.superseded", "warning", f"是动态维护的{words[0]}图层,不是现行状态,未采用", f"holds the state {words[1]}, not the one in force; it is not used", place)]  # fmt: skip


def _unknown(place: str, names: list[str]) -> list[Finding]:
    if not names:
        return []
    shown = "、".join(names[:_SHOWN]) + (" …" if len(names) > _SHOWN else "")
    return [
        Finding(
            "lines.unknown", "info",
            f"{len(names)} 个图层的名称不认识,未采用:{shown};其中如有控制线,请用 --line KEY=文件:图层 给出",
            f"{len(names)} layers have no standard name and are not used: {shown}; give those that are control lines with --line KEY=PATH:LAYER",
            place,
        )
    ]  # fmt: skip
