"""The CRS gate of one call: what is asked for each of its inputs, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS
from pyproj.exceptions import CRSError

from zoneplan.crs.case import Ints
from zoneplan.crs.datum import NAMED
from zoneplan.crs.gate import AS_IS, Treatment, admit, doubtful
from zoneplan.crs.parameterfile import read_parameters
from zoneplan.crs.settled import Settled, settle
from zoneplan.crs.zones import Bounds, code
from zoneplan.errors import InputError, fault
from zoneplan.finding import Finding

ALL = "all"
_TURNS = 5


@dataclass
class Gate:
    """Treatments by role of the input, and the findings of all that was admitted.

    Parameters
    ----------
    treatments : mapping of str to Treatment
        A role that is not there is taken as it is.
    """

    treatments: Mapping[str, Treatment] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def treatment(self, role: str) -> Treatment:
        return self.treatments.get(role, replace(AS_IS, role=role))

    def admit(
        self,
        frame: gpd.GeoDataFrame,
        role: str,
        *,
        place: str,
        path: Path,
        layer: str | None = None,
        anchor: Bounds | None = None,
    ) -> gpd.GeoDataFrame:
        """A layer of a file past the gate, as `zoneplan.crs.gate.admit`."""
        made, told = admit(
            frame, place=place, names=_names(path, layer), treatment=self.treatment(role), anchor=anchor
        )
        self.findings += told
        return made

    def admit_sound(
        self, frame: gpd.GeoDataFrame, role: str, *, place: str, path: Path, layer: str | None = None, anchor: Bounds | None = None
    ) -> gpd.GeoDataFrame:  # fmt: skip
        """As `admit`, but where fewer than half of the features would be refused, these lose their geometry and are named."""
        names, treatment = _names(path, layer), self.treatment(role)
        made = frame
        for _ in range(_TURNS):  # what is doubtful of the rest can show once the first are out
            faults = doubtful(made, place=place, names=names, treatment=treatment, anchor=anchor)
            rows = np.unique(np.concatenate([np.empty(0, dtype=np.int64), *(some for some, _ in faults)]))
            if not len(rows) or 2 * len(rows) > int((~made.geometry.isna()).sum()):
                break
            self.findings += [_set_aside(found, some) for some, found in faults]
            shapes = np.asarray(made.geometry, dtype=object).copy()
            shapes[rows] = None
            made = made.set_geometry(
                gpd.GeoSeries(shapes, index=made.index, crs=made.crs, name=made.geometry.name)
            )
            made.attrs = frame.attrs
        return self.admit(made, role, place=place, path=path, layer=layer, anchor=anchor)

    def admit_finite(self, frame: gpd.GeoDataFrame, role: str, **about: Any) -> gpd.GeoDataFrame:
        """As `admit`, but features whose coordinates are no numbers stay as they are."""
        known = finite(frame)
        if known.all() or not known.any():
            return self.admit(frame, role, **about)
        made = self.admit(gpd.GeoDataFrame(frame[known]), role, **about)
        shapes = np.asarray(frame.geometry, dtype=object).copy()
        shapes[known] = np.asarray(made.geometry, dtype=object)
        name = frame.geometry.name
        return frame.set_geometry(gpd.GeoSeries(shapes, index=frame.index, crs=made.crs, name=name))

    def settle(
        self, frame: gpd.GeoDataFrame, role: str, *, place: str, path: Path, layer: str | None = None
    ) -> Settled:
        """How a file that comes in batches is read, as `zoneplan.crs.settled.settle`."""
        made = settle(frame, place=place, names=_names(path, layer), treatment=self.treatment(role))
        self.findings += made.findings
        return made

    def record(self) -> dict[str, Any]:
        """For a receipt: what was asked of each input, by role; empty if nothing."""
        asked = {}
        for role, one in self.treatments.items():
            row = {
                "assume_crs": code(one.assume) if one.assume is not None else None,
                "correct": one.correct or None,
                "datum": one.datum,
                "parameters": one.parameters.record() if one.parameters is not None else None,
            }
            if kept := {key: value for key, value in row.items() if value is not None}:
                asked[role] = kept
        return asked

    def close(self) -> None:
        """Refuse what was asked and came to nothing: an assumed CRS that no input needed, parameters unused."""
        codes = {found.code for found in self.findings}
        faults = []
        for one in self.treatments.values():
            if one.assume is not None and one.if_missing and "crs.assumed" not in codes:
                faults.append(fault("crs.unused", "--assume-crs", f"各输入都写明了坐标系,{code(one.assume)} 没有用上;要改按它解读,请写 输入={code(one.assume)} 并加 --correct", f"every input states a CRS and {code(one.assume)} was not used; to read one as it, write INPUT={code(one.assume)} with --correct"))  # fmt: skip
            if one.parameters is not None and "crs.legacy" not in codes:
                faults.append(fault("crs.unused", "--datum-parameters", f"没有 {one.parameters.datum} 的输入,参数 {one.parameters.file} 没有用上", f"no input is in {one.parameters.datum}; the parameters {one.parameters.file} were not used"))  # fmt: skip
        if faults:
            raise InputError(list(dict.fromkeys(faults)))


def _set_aside(found: Finding, rows: Ints) -> Finding:
    """The fault of a few features, as a finding: the others are checked."""
    zh, en = (
        f"{found.zh};该要素未核查(记为无数据),其余照常核查",
        f"{found.en}; it is not checked (no data), the others are",
    )
    return replace(found, zh=zh, en=en, feature=tuple(f"#{row + 1}" for row in rows))


def finite(frame: gpd.GeoDataFrame) -> npt.NDArray[np.bool_]:
    """Which features have geometry all of whose coordinates are finite (a box leaves out those that are no numbers)."""
    shapes = np.asarray(frame.geometry, dtype=object)
    xy, feature = shapely.get_coordinates(shapes, return_index=True)
    known = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    known[feature[~np.isfinite(xy).all(axis=1)]] = False
    return np.asarray(known)


def _names(path: Path, layer: str | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys((path.stem, *([layer] if layer else []))))


def open_gate(
    roles: Sequence[str],
    *,
    assume: Sequence[str] = (),
    correct: Sequence[str] = (),
    datum: Sequence[str] = (),
    parameters: Sequence[str] = (),
) -> Gate:
    """The gate of a call, from what its options say.

    Parameters
    ----------
    roles : sequence of str
        The inputs of the call, by the name that options give them (``parcels``, a line's key …).
    assume : sequence of str
        ``ROLE=EPSG:4547``; or ``EPSG:4547`` for every input that has no CRS.
    correct : sequence of str
        Roles, or ``all``.
    datum : sequence of str
        ``ROLE=gcj02``, ``bd09`` or ``cgcs2000``; without a role where the call has one input only.
    parameters : sequence of str
        ``ROLE=FILE``; or a file for every input of its datum.

    Raises
    ------
    InputError
        Roles, CRS, datums or files that do not exist: all at once.
    """
    asked = _Asked(roles)
    for read, texts in (
        (asked.correct, correct), (asked.assume, assume), (asked.datum, datum), (asked.parameters, parameters),
    ):  # fmt: skip
        for text in texts:
            read(text)
    if asked.faults:
        raise InputError(asked.faults)
    return Gate(asked.treatments)


class _Asked:
    """What options ask of the inputs of a call, and the faults of it; a method reads one text of its option."""

    def __init__(self, roles: Sequence[str]) -> None:
        self.roles = roles
        self.treatments = {role: Treatment(role=role) for role in roles}
        self.faults: list[Finding] = []

    def correct(self, text: str) -> None:
        if text != ALL and text not in self.treatments:
            self._wrong("--correct", f"没有输入“{text}”;可写:{'、'.join([*self.roles, ALL])}", f"there is no input '{text}'; write one of {', '.join([*self.roles, ALL])}")  # fmt: skip
        self._set([role for role in self.roles if text in (ALL, role)], correct=True)

    def assume(self, text: str) -> None:
        chosen, name = self._targets("--assume-crs", text, general=True)
        if (crs := _crs(name)) is None:
            self._wrong("--assume-crs", f"没有坐标系 {name};请写 EPSG:代码", f"there is no CRS {name}; write EPSG:code")  # fmt: skip
            return
        for_all = name == text
        # what names an input outweighs what is for all
        free = [role for role in chosen if not for_all or self.treatments[role].assume is None]
        self._set(free, assume=crs, if_missing=for_all)

    def datum(self, text: str) -> None:
        chosen, name = self._targets("--datum", text, general=False)
        if name not in NAMED:
            self._wrong("--datum", f"不认识 {name};可写 {'、'.join(NAMED)}", f"unknown {name}; write one of {', '.join(NAMED)}")  # fmt: skip
            return
        self._set(chosen, datum=NAMED[name])

    def parameters(self, text: str) -> None:
        chosen, name = self._targets("--datum-parameters", text, general=True)
        try:
            self._set(chosen, parameters=read_parameters(Path(name)))
        except InputError as error:
            self.faults += error.faults

    def _targets(self, option: str, text: str, *, general: bool) -> tuple[Sequence[str], str]:
        """The inputs that a text is for, and what it says of them; a `general` one may name no input."""
        head, equals, tail = text.partition("=")
        if equals and head in self.treatments:
            return [head], tail
        if equals and not Path(text).exists():
            self._wrong(option, f"没有输入“{head}”;本次的输入:{'、'.join(self.roles)}", f"there is no input '{head}'; the inputs of this call: {', '.join(self.roles)}")  # fmt: skip
            return [], tail
        if not general and len(self.roles) > 1:
            self._wrong(option, f"有多个输入,请写成 输入={text};输入:{'、'.join(self.roles)}", f"there are several inputs, write INPUT={text}; inputs: {', '.join(self.roles)}")  # fmt: skip
            return [], text
        return self.roles, text

    def _set(self, roles: Sequence[str], **what: Any) -> None:
        for role in roles:
            self.treatments[role] = replace(self.treatments[role], **what)

    def _wrong(self, option: str, zh: str, en: str) -> None:
        self.faults.append(fault("crs.option", option, zh, en))


def _crs(text: str) -> CRS | None:
    try:
        return CRS.from_user_input(text)
    except CRSError:
        return None
