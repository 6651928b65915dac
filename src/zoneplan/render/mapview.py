"""What a map looks at: the zone, or the parcels of a check."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from zoneplan.layers import LayerSet
from zoneplan.render.mapdata import CRS, DECIMALS

if TYPE_CHECKING:
    from zoneplan.check.result import CheckResult

_AROUND_M = 500.0  # about parcels, where a map opens at them


def bounds(layers: LayerSet) -> list[list[float]]:
    """[[south, west], [north, east]] of the zone in degrees."""
    return _corners(layers.zone, layers.crs)


def opening(layers: LayerSet, result: CheckResult | None) -> list[list[float]] | None:
    """Where a map opens, as `bounds`, if not at the zone: at the parcels where they take up little of it, or so that all are seen."""
    box = np.full(4, np.nan) if result is None else result.parcels.to_crs(layers.crs).total_bounds
    if not np.isfinite(box).all():
        return None
    low, high, zone = box[:2], box[2:], np.array(layers.zone.bounds)
    around = max(_AROUND_M, float((high - low).max()) / 2)
    near = shapely.box(*(low - around), *(high + around))
    if ((high - low + 2 * around) < (zone[2:] - zone[:2]) / 2).all():
        return _corners(near, layers.crs)
    if (low < zone[:2]).any() or (high > zone[2:]).any():
        return _corners(shapely.MultiPolygon([shapely.box(*zone), shapely.box(*box)]), layers.crs)
    return None


def _corners(shape: BaseGeometry, crs: Any) -> list[list[float]]:
    west, south, east, north = gpd.GeoSeries([shape], crs=crs).to_crs(CRS).total_bounds
    return [
        [round(float(south), DECIMALS), round(float(west), DECIMALS)],
        [round(float(north), DECIMALS), round(float(east), DECIMALS)],
    ]
