"""Which datum coordinates are in: what a CRS, a file's name or a field says of it.

Xian 1980, Beijing 1954 and New Beijing differ from CGCS2000 by some hundred metres, differently in every county;
GCJ-02 and BD-09 by some hundred metres, differently at every place. None of them can be seen in the coordinates.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import numpy.typing as npt
from pyproj import CRS

from zoneplan.crs.gcj02 import ACCURACY_M, from_bd09, from_gcj02
from zoneplan.crs.remembered import remembered
from zoneplan.crs.zones import GEOGRAPHIC, horizontal, transformed

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

MODERN = "CGCS2000"
LEGACY = ("Xian 1980", "Beijing 1954", "New Beijing")
WEB = ("GCJ-02", "BD-09")
BAIDU_PLANE = "BD-09 Mercator"
NAMED: Mapping[str, str] = {"gcj02": "GCJ-02", "bd09": "BD-09", "cgcs2000": MODERN}
"""What ``--datum`` may say."""
_PATTERNS: tuple[tuple[str, str], ...] = (
    (BAIDU_PLANE, r"bd[-_ ]?0?9[-_ ]?mc|百度墨卡托"),
    ("BD-09", r"bd[-_ ]?0?9(?!\d)|百度坐标"),
    ("GCJ-02", r"gcj[-_ ]?0?2(?!\d)|火星坐标|国测局坐标"),
    ("New Beijing", r"new[-_ ]?beijing|新(1954)?年?北京|新北京"),
    ("Xian 1980", r"xi'?an[-_ ]?(19)?80|(19)?80年?(西安|国家大地)|西安(19)?80"),
    ("Beijing 1954", r"beijing[-_ ]?(19)?54|(19)?54年?北京|北京(19)?54"),
    (MODERN, r"cgcs[-_ ]?2000|china[-_ ]2000|china[-_ ]geodetic|国家2000|2000国家|大地2000|wgs[-_ ]?(19)?84|world[-_ ]geodetic"),
)  # fmt: skip
_ELLIPSOIDS = (("Xian 1980", 6378140.0, 298.257), ("Beijing 1954", 6378245.0, 298.3))
_MAPS = re.compile(r"高德|amap|gaode|腾讯地图|tencent|百度地图|baidu|谷歌|google", re.IGNORECASE)
FIELDS = frozenset(
    {"crs", "srs", "datum", "coordsys", "coord_sys", "coordinate_system", "坐标系", "坐标系统"}
)


@dataclass(frozen=True)
class Said:
    """A datum that a name or a field declares: which rows, and the words."""

    datum: str
    rows: Ints
    where: str


@dataclass(frozen=True)
class WebOffset:
    """GCJ-02 or BD-09 moved back to CGCS2000 by `zoneplan.crs.gcj02`."""

    datum: str

    @property
    def crs(self) -> CRS:
        return CRS.from_user_input(GEOGRAPHIC)

    def moved(self, xy: Floats, crs: CRS) -> Floats:
        """Coordinates of any CRS as longitude and latitude in CGCS2000."""
        inner = horizontal(crs)
        assert inner.geodetic_crs is not None
        lonlat = xy if inner.is_geographic else transformed(xy, inner, inner.geodetic_crs)
        return from_gcj02(lonlat) if self.datum == "GCJ-02" else from_bd09(lonlat)

    def words(self) -> tuple[str, str]:
        return (
            f"按公开算法从 {self.datum} 还原(迭代闭合差小于 1e-9°;算法并非官方公布,与实地相差可达约 {ACCURACY_M:g} 米,不得作为勘测成果)",
            f"moved back from {self.datum} by the published algorithm (closes to 1e-9°; the algorithm is not official and may be off by some {ACCURACY_M:g} m: no survey)",
        )


@remembered(maxsize=64)
def datum_of(crs: CRS) -> str | None:
    """The datum of a CRS by its names, else by its ellipsoid; None if it is none of those known here."""
    inner = horizontal(crs)
    names = [crs.name, inner.name, inner.datum.name if inner.datum is not None else ""]
    if inner.geodetic_crs is not None:
        names.append(inner.geodetic_crs.name)
    found = {match for name in names if (match := named(name)) is not None}
    for datum, _ in _PATTERNS:
        if datum in found and datum != MODERN:
            return datum
    ellipsoid = inner.ellipsoid
    if ellipsoid is not None:
        for datum, axis, flat in _ELLIPSOIDS:
            if (
                abs(ellipsoid.semi_major_metre - axis) < 0.5
                and abs(ellipsoid.inverse_flattening - flat) < 1e-3
            ):
                return datum
    return MODERN if MODERN in found and not _shifts(crs) else None


def named(text: str) -> str | None:
    """The datum that a text names; None if it names none, or CGCS2000 beside another (a converted file)."""
    found = []
    for datum, pattern in _PATTERNS:
        if re.search(pattern, text, re.IGNORECASE):
            found.append(datum)
            text = re.sub(pattern, "", text, flags=re.IGNORECASE)
    return found[0] if len(found) == 1 else None


def said_of(frame: gpd.GeoDataFrame, names: Sequence[str]) -> list[Said]:
    """What names of the file or layer, and fields on coordinate systems, say of the datum, CGCS2000 left out."""
    everything = np.arange(len(frame))
    found = [
        Said(str(datum), everything, name) for name in names if (datum := named(name)) not in (None, MODERN)
    ]
    for column in frame.columns:
        if str(column).strip().lower() in FIELDS:
            values = frame[column].astype(str)
            for value in sorted(set(values)):
                if (datum := named(value)) not in (None, MODERN):
                    rows = np.flatnonzero((values == value).to_numpy())
                    found.append(Said(str(datum), rows, f"{column}={value}"))
    return [
        _together([one for one in found if one.datum == datum])
        for datum in dict.fromkeys(one.datum for one in found)
    ]


def _together(said: Sequence[Said]) -> Said:
    """What is said of one datum in several places."""
    rows = np.unique(np.concatenate([one.rows for one in said]))
    return Said(said[0].datum, rows, ", ".join(dict.fromkeys(one.where for one in said)))


def web_source(names: Sequence[str]) -> str | None:
    """A name that looks like the export of a web map whose coordinates are shifted."""
    return next((name for name in names if _MAPS.search(name)), None)


def _shifts(crs: CRS) -> bool:
    """Whether a CRS carries a shift to WGS 84 that is not nothing."""
    operation = crs.coordinate_operation if crs.is_bound else None
    return operation is not None and any(operation.towgs84)
