"""How a file that comes in batches is read: decided on its first features, held to for the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
from pyproj import CRS

from zoneplan.crs.case import AS_IS, Context, Treatment
from zoneplan.crs.datumshift import Parameters
from zoneplan.crs.findings import refusals
from zoneplan.crs.gate import admit, stated_frame
from zoneplan.crs.judgement import judge
from zoneplan.crs.kinds import kinds
from zoneplan.crs.reading import Reading
from zoneplan.crs.zones import Bounds, degrees, within_china, zone_of
from zoneplan.errors import InputError, fault
from zoneplan.finding import Finding

Floats = npt.NDArray[np.float64]
_SHOWN = 10


@dataclass(frozen=True)
class Settled:
    """How all features of a file are read.

    Parameters
    ----------
    stated, crs : pyproj.CRS
        What the numbers are taken for, and what comes out.
    reading : Reading
    codes : frozenset of str
        What was doubtful, and is corrected.
    kind : tuple of int
        Kind and zone number of the first features together.
    findings : tuple of Finding
    """

    stated: CRS
    crs: CRS
    reading: Reading
    codes: frozenset[str]
    kind: tuple[int, int]
    findings: tuple[Finding, ...]
    place: str
    treatment: Treatment
    context: Context

    def moved(self, xy: Floats) -> Floats:
        """Coordinates as they stand, shape (n, 2), in `crs`."""
        return self.reading.moved(xy)

    def holds(self, box: Bounds) -> bool:
        """Whether all that lies in a box, as the numbers stand, is surely read alike; if not, `check` it."""
        shift, zone = self.reading.shift, zone_of(self.reading.crs)
        if (
            not np.isfinite(box).all()
            or self.kind != _kind(box, self.stated)
            or isinstance(shift, Parameters)
        ):
            return False
        west, south, east, north = box
        at = degrees((south, west, north, east) if self.reading.swapped else box, self.reading.crs)
        inside = zone is None or "crs.zone" in self.codes
        return within_china(at) and (
            inside or _within(at, zone.meridian if zone else 0, zone.reach if zone else 0)
        )

    def check(self, frame: gpd.GeoDataFrame, *, first: int) -> None:
        """Refuse features that are not read as was decided; `first` features were met before these."""
        seen = frame.set_crs(self.stated, allow_override=True)
        judged = judge(seen, self.context)
        if faults := refusals(judged.doubts, self.place, self.treatment, len(frame), first=first):
            raise InputError(faults)
        new = {int(row) for doubt in judged.doubts if doubt.code not in self.codes for row in doubt.rows}
        odd = [
            row + 1 + first
            for row, way in enumerate(judged.which.tolist())
            if row in new or (way >= 0 and _key(judged.readings[way]) != _key(self.reading))
        ]
        if odd:
            rows = ", ".join(map(str, odd[:_SHOWN])) + (" …" if len(odd) > _SHOWN else "")
            raise InputError(
                fault(
                    "crs.mixed", self.place,
                    f"第 {rows} 个要素的坐标与文件开头的不是同一种;逐批处理时不能混合,请先统一",
                    f"features {rows} have coordinates of another kind than the first ones, which cannot be read in batches: make them alike first",
                )
            )  # fmt: skip


def settle(
    frame: gpd.GeoDataFrame, *, place: str, names: Sequence[str] = (), treatment: Treatment = AS_IS
) -> Settled:
    """Decide on the first features of a file.

    Raises
    ------
    InputError
        As `zoneplan.crs.gate.admit`; and if the features would have to be read in several ways.
    """
    made, findings = admit(frame, place=place, names=names, treatment=treatment)
    seen = stated_frame(frame, place, treatment)[0]
    context = Context(tuple(names), treatment.datum, treatment.parameters)
    judged = judge(seen, context)
    if len({_key(reading) for reading in judged.readings}) > 1:
        raise InputError(
            fault(
                "crs.mixed", place,
                "要素的坐标不是同一种;逐批处理时不能混合,请先统一",
                "the coordinates are of several kinds, which cannot be read in batches: make them alike first",
            )
        )  # fmt: skip
    own = CRS(seen.crs)
    reading = judged.readings[0] if judged.readings else Reading(own, own)
    west, south, east, north = seen.total_bounds.tolist()
    codes = frozenset(doubt.code for doubt in judged.doubts)
    kind = _kind((west, south, east, north), own)
    return Settled(own, CRS(made.crs), reading, codes, kind, findings, place, treatment, context)


def _key(reading: Reading) -> tuple[object, ...]:
    return reading.crs, reading.swapped, reading.shift


def _kind(box: Bounds, crs: CRS) -> tuple[int, int]:
    zone = zone_of(crs)
    kind, number = kinds(np.array([box], dtype=np.float64), zone=zone.prefix if zone else None)
    return int(kind[0]), int(number[0])


def _within(box: Bounds, meridian: float, reach: float) -> bool:
    return box[0] >= meridian - reach and box[2] <= meridian + reach
