"""The passport of an area: how a number came about, from the plane to what is printed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS
from shapely.geometry.base import BaseGeometry

from zoneplan.areas.balance import ridge
from zoneplan.engine import ellipsoid, overlay
from zoneplan.engine.series import SPLIT_M
from zoneplan.errors import InputError, fault
from zoneplan.finding import Finding
from zoneplan.units import PLACES, round_half_up, to_unit

REGISTERED = ("TBMJ", "JSMJ", "MJ")
UNIT_NAMES = {"m2": "m²", "ha": "公顷 ha", "km2": "km²", "mu": "亩 mu", "wan_mu": "万亩 10⁴ mu"}
_WAN_MU_PLACES = 4
_SHOWN = 10


@dataclass(frozen=True)
class AreaPassport:
    """What stands behind one reported area.

    Areas in m², unrounded but for ``deducted_m2`` (to 0.01, as the rule for field ridges says);
    ``printed`` is in ``unit`` with ``places`` decimals, rounded half up.
    """

    planar_m2: float
    ellipsoidal_m2: float
    crs: str
    crs_name: str
    central_meridian: float | None
    coefficient: float
    deducted_m2: float
    adjusted_m2: float
    registered_m2: float | None
    unit: str
    places: int
    printed: float

    @property
    def net_m2(self) -> float:
        """What is printed, before rounding."""
        return self.ellipsoidal_m2 - self.deducted_m2 + self.adjusted_m2

    @property
    def scale(self) -> float:
        """Ellipsoidal over planar; NaN for an empty area."""
        return self.ellipsoidal_m2 / self.planar_m2 if self.planar_m2 else float("nan")

    def record(self) -> dict[str, Any]:
        """A plain dictionary for JSON."""
        return {**asdict(self), "net_m2": self.net_m2, "ellipsoid": "CGCS2000", "split_m": SPLIT_M}

    def explain(self, lang: str = "zh") -> str:
        """The chain from plane to print, a line a step (``"zh"`` or ``"en"``)."""
        zh = lang == "zh"
        zone = "" if self.central_meridian is None else (
            f",中央经线 {self.central_meridian:g}°" if zh else f", central meridian {self.central_meridian:g}"
        )  # fmt: skip
        lines = [
            f"坐标系:{self.crs} {self.crs_name}{zone}" if zh else f"CRS: {self.crs} {self.crs_name}{zone}",
            f"投影面积:{self.planar_m2:.4f} m²" if zh else f"plane area: {self.planar_m2:.4f} m²",
            (
                f"椭球面积:{self.ellipsoidal_m2:.4f} m²(CGCS2000,a = 6378137 m,1/f = 298.257222101;国土调查办发〔2008〕32号公式,"
                f"边长大于 {SPLIT_M:g} 米等分,坐标取至 0.0001 米、角度取至 0.000001 秒);与投影面积之比 {self.scale:.8f}"
                if zh
                else f"area on the ellipsoid: {self.ellipsoidal_m2:.4f} m² (CGCS2000, a = 6378137 m, 1/f = 298.257222101; formula of "
                f"国土调查办发〔2008〕32号, edges split at {SPLIT_M:g} m, coordinates to 0.0001 m, angles to 0.000001″); {self.scale:.8f} of the plane area"
            ),
        ]
        if self.adjusted_m2:
            lines.append(
                f"平差调整:{self.adjusted_m2:+.2f} m²"
                if zh
                else f"adjusted by balancing: {self.adjusted_m2:+.2f} m²"
            )
        if self.coefficient:
            lines.append(
                f"扣除田坎:KCXS {self.coefficient:g},KCMJ = {self.deducted_m2:.2f} m²"
                if zh
                else f"field ridges deducted: KCXS {self.coefficient:g}, KCMJ = {self.deducted_m2:.2f} m²"
            )
        if self.registered_m2 is not None:
            gap = self.ellipsoidal_m2 - self.registered_m2
            share = f"({gap / self.registered_m2:+.4%})" if self.registered_m2 else ""
            lines.append(
                f"登记面积:{self.registered_m2:.2f} m²,椭球面积与其相差 {gap:+.2f} m²{share}"
                if zh
                else f"registered: {self.registered_m2:.2f} m²; the ellipsoidal area differs by {gap:+.2f} m² {share}"
            )
        unit = UNIT_NAMES[self.unit]
        lines.append(
            f"打印:{self.printed:.{self.places}f} {unit}(四舍五入至 {self.places} 位小数)"
            if zh
            else f"printed: {self.printed:.{self.places}f} {unit} (rounded half up to {self.places} decimals)"
        )
        return "\n".join(f"{number}. {line}" for number, line in enumerate(lines, 1))


def area_passport(
    shapes: BaseGeometry | Sequence[BaseGeometry] | gpd.GeoSeries,
    crs: CRS | str | None = None,
    *,
    unit: str = "m2",
    places: int | None = None,
    kcxs: float = 0.0,
    code: str = "01",
    adjusted_m2: float = 0.0,
    registered_m2: float | None = None,
) -> AreaPassport:
    """The passport of one area: of a polygon, or of several that are added up.

    Parameters
    ----------
    shapes : geometry, sequence of geometry or GeoSeries
        Polygons; what overlaps counts each time.
    crs : pyproj.CRS or str, optional
        Projected CGCS2000 CRS; default that of a GeoSeries.
    unit : {"m2", "ha", "km2", "mu", "wan_mu"}
    places : int, optional
        Decimals; default those of `zoneplan.units.PLACES`.
    kcxs : float
        Share of field ridges (田坎系数) taken off; only cropland has them.
    code : str
        DLBM of the land that `kcxs` applies to.
    adjusted_m2 : float
        What balancing (平差) or rounding to a total added; ridges are deducted afterwards.
    registered_m2 : float, optional
        The area that a register or a file states.

    Raises
    ------
    InputError
        A CRS in which areas are not computed.
    ValueError
        A unit that does not exist, a share of ridges out of range.
    """
    many = [shapes] if isinstance(shapes, BaseGeometry) else list(shapes)
    known = crs if crs is not None else getattr(shapes, "crs", None)
    system = ellipsoid.require_plane(None if known is None else CRS.from_user_input(known))
    array = np.array([shape if shape is not None else shapely.Polygon() for shape in many], dtype=object)
    plane = float(overlay.plane_area(array).sum())
    curved = float(ellipsoid.area(array, system).sum())
    deducted = ridge(curved + adjusted_m2, kcxs, code).ridge_m2 if kcxs else 0.0
    parameters = {row["name"]: row["value"] for row in system.to_json_dict()["conversion"]["parameters"]}
    digits = places if places is not None else PLACES.get(unit, _WAN_MU_PLACES)
    printed = round_half_up(to_unit(curved - deducted + adjusted_m2, unit), digits)
    return AreaPassport(
        plane, curved, f"EPSG:{system.to_epsg()}", system.name, parameters.get("Longitude of natural origin"),
        kcxs, deducted, adjusted_m2, registered_m2, unit, digits, printed,
    )  # fmt: skip


def registered_areas(
    frame: gpd.GeoDataFrame, *, field: str | None = None, per_unit_m2: float = 1.0, share: float = 0.01
) -> tuple[pd.DataFrame, tuple[Finding, ...]]:
    """Registered areas beside the measured ones; nothing is overwritten.

    Parameters
    ----------
    frame : GeoDataFrame
        Polygons in a projected CGCS2000 CRS.
    field : str, optional
        Field of registered areas; default the first of `REGISTERED` that is there.
    per_unit_m2 : float
        m² that 1 in the field stands for (10 000 for hectares, 10 000/15 for 亩).
    share : float
        Features that differ by more than this share of the registered area are found.

    Returns
    -------
    DataFrame on the frame's index: ``registered_m2, planar_m2, ellipsoidal_m2, difference_m2`` (ellipsoidal less
    registered), ``share``, ``matches`` (the nearer of ``planar`` and ``ellipsoidal`` if within 0.01 m² or 1e-6
    of it, else empty); and the findings ``areas.registered`` and ``areas.registered_unit``.

    Raises
    ------
    InputError
        No such field, a CRS in which areas are not computed.
    """
    name = field or next((known for known in REGISTERED if known in frame), None)
    if name is None or name not in frame:
        raise InputError(
            fault(
                "areas.field", "registered",
                f"没有登记面积字段“{field or '、'.join(REGISTERED)}”;有:{'、'.join(map(str, frame.columns))}",
                f"there is no field of registered areas '{field or ', '.join(REGISTERED)}'; there are: {', '.join(map(str, frame.columns))}",
            )
        )  # fmt: skip
    shapes = frame.geometry.to_numpy()
    stated = pd.to_numeric(frame[name], errors="coerce").to_numpy(dtype=float) * per_unit_m2
    plane = overlay.plane_area([shape if shape is not None else shapely.Polygon() for shape in shapes])
    curved = np.nan_to_num(ellipsoid.area(shapes, ellipsoid.require_plane(frame.crs)))
    gap = curved - stated
    part = np.divide(gap, stated, out=np.full_like(gap, np.nan), where=stated > 0)
    close = {side: np.abs(area - stated) for side, area in (("planar", plane), ("ellipsoidal", curved))}
    nearest = np.where(close["planar"] < close["ellipsoidal"], "planar", "ellipsoidal")
    matches = np.where(np.minimum(*close.values()) <= np.maximum(0.01, 1e-6 * stated), nearest, "")
    table = pd.DataFrame(
        {
            "registered_m2": stated, "planar_m2": plane, "ellipsoidal_m2": curved,
            "difference_m2": gap, "share": part, "matches": matches,
        },
        index=frame.index,
    )  # fmt: skip
    return table, tuple(_registered_findings(table, str(name), share))


def _registered_findings(table: pd.DataFrame, field: str, share: float) -> list[Finding]:
    """Features over the share, and a unit that all of them say is another."""
    off = table.index[~(table["share"].abs() <= share)]
    if not len(off):
        return []
    ratio = float((table["registered_m2"] / table["ellipsoidal_m2"]).median())
    for unit, zh, en in ((15 / 1e4, "亩", "mu"), (1e-4, "公顷", "hectares"), (1e-6, "平方千米", "km²")):
        if abs(ratio / unit - 1) < share:
            return [
                Finding("areas.registered_unit", "warning", f"字段 {field} 的面积像是以{zh}登记的(与椭球面积之比的中位数为 {ratio:.3g});请说明单位", f"the areas of {field} look like {en} (median ratio to the ellipsoidal area {ratio:.3g}); state the unit", field)
            ]  # fmt: skip
    shown = ", ".join(map(str, off[:_SHOWN])) + (" …" if len(off) > _SHOWN else "")
    return [
        Finding("areas.registered", "warning", f"{len(off)} 个要素的登记面积({field})与椭球面积相差超过 {share:.2%} 或缺失:{shown};请核对", f"the registered areas ({field}) of {len(off)} features are missing or differ from the ellipsoidal ones by more than {share:.2%}: {shown}; check them", field, feature=tuple(map(str, off[:_SHOWN])))
    ]  # fmt: skip
