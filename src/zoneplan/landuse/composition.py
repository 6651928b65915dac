"""What land use parcels are made of: m² by class, the three-way summary, and cropland without field ridges."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from pyproj import CRS

from zoneplan.finding import Finding
from zoneplan.landuse.codes import code_list
from zoneplan.landuse.ground import make_ground
from zoneplan.landuse.spread import spread
from zoneplan.landuse.tabledef import read_table

COLUMNS = ("parcel_id", "code", "name", "group", "area_m2", "net_m2")
COEFFICIENT = "KCXS"
CROPLAND = "01"
CLASSES = "three_classes"
BARE = "无图斑"
_MARK = "|"


@dataclass(frozen=True)
class LandUse:
    """Patches of land use.

    Parameters
    ----------
    frame : GeoDataFrame
        Polygons with a field of codes and, if there is one, ``KCXS`` (the share of field ridges in cropland).
    field, list_id : str, optional
        Field of codes and their list; default what `make_ground` finds.
    facilities : {"agricultural", "construction"}
        What class 06 counts as in the three-way summary.
    """

    frame: gpd.GeoDataFrame
    field: str | None = None
    list_id: str | None = None
    facilities: str = "agricultural"


def composition(
    ids: Sequence[str], shapes: gpd.GeoSeries, landuse: LandUse
) -> tuple[pd.DataFrame, tuple[Finding, ...]]:
    """The land use in each parcel.

    Parameters
    ----------
    ids : sequence of str
        Of the parcels.
    shapes : GeoSeries
        The parcels in a projected CGCS2000 CRS; they may overlap one another.
    landuse : LandUse

    Returns
    -------
    DataFrame
        Columns `COLUMNS`, a row per parcel and code (2023 list), in the parcels' order, indexed by their position: ellipsoidal m² that add up to
        the parcel's area, ``net_m2`` less field ridges; ``group`` is 农用地, 建设用地, 未利用地. Ground without a patch
        has an empty code.
    tuple of Finding

    Raises
    ------
    InputError
        As `make_ground`.
    """
    crs = CRS(shapes.crs)
    made = make_ground(landuse.frame, crs=crs, field=landuse.field, list_id=landuse.list_id, place="landuse")
    shares, said = _shares(landuse.frame)
    codes = made.frame["code"].astype(str)
    ridged = codes.str.startswith(CROPLAND) & (shares[made.frame.index] > 0)
    marked = codes.where(~ridged, codes + _MARK + shares[made.frame.index].astype(str))
    made.frame["code"] = marked
    elements = gpd.GeoDataFrame({"id": list(ids), "name": list(ids)}, geometry=shapes.to_numpy(), crs=crs)
    found = spread(made, elements)
    parts = {**found.by_code, "": found.bare}
    frame = pd.DataFrame(
        [
            (number, code, amount, amount * (1 - float(share or 0)))
            for marked_code, amounts in parts.items()
            for code, _, share in [marked_code.partition(_MARK)]
            for number, amount in zip(np.flatnonzero(amounts > 0), amounts[amounts > 0], strict=True)
        ],
        columns=["number", "code", "area_m2", "net_m2"],
    )
    whole = frame.groupby(["number", "code"], as_index=False, sort=True).sum()
    names, groups = _words(landuse.facilities)
    whole["parcel_id"] = np.array(list(ids), dtype=object)[whole["number"].to_numpy(dtype=int)]
    whole["name"] = whole["code"].map(
        lambda code: names.get(code, BARE if code == "" else "地类代码无法识别")
    )
    whole["group"] = whole["code"].map(lambda code: groups.get(code, ""))
    findings = [one for one in (*made.findings, *found.findings) if one.code != "landuse.twice"]
    return whole.set_index("number")[list(COLUMNS)].rename_axis(None), (*findings, *said)


def _shares(landuse: gpd.GeoDataFrame) -> tuple[pd.Series[float], list[Finding]]:
    """The share of field ridges of each patch; what is no share is left out, and said."""
    name = next((str(name) for name in landuse.columns if str(name).upper() == COEFFICIENT), None)
    if name is None:
        return pd.Series(0.0, index=landuse.index), []
    shares = pd.to_numeric(landuse[name], errors="coerce")
    wrong = ~((shares >= 0) & (shares < 1)) & landuse[name].notna()
    if not wrong.any():
        return shares.fillna(0.0), []
    found = landuse.loc[wrong, name].iloc[0]
    return shares.where(~wrong).fillna(0.0), [
        Finding(
            "landuse.ridges", "warning",
            f"{int(wrong.sum())} 个图斑的 {name} 不在 0 与 1 之间(如 {found}),未扣除田坎;应为比例,如 0.085",
            f"{int(wrong.sum())} patches have a {name} that is not between 0 and 1 (such as {found}); their field ridges are "
            "not deducted: expected a share, such as 0.085",
            f"landuse: {name}",
        )
    ]  # fmt: skip


def _words(facilities: str) -> tuple[dict[str, str], dict[str, str]]:
    """Names of codes, and the class of the three-way summary that each is in."""
    codes = code_list()
    groups = {code: row.name for row in read_table(CLASSES).rows(facilities=facilities) for code in row.codes}
    return {code: one.name for code, one in codes.codes.items()}, groups
