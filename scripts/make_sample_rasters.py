"""Make the invented sample rasters: heights and land cover over a plan's zone, small, labelled as synthetic.

usage: make_sample_rasters.py PLAN FOLDER
"""

import sys
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import rasterio
from pyproj import Transformer
from rasterio.features import rasterize

import zoneplan as zp
from zoneplan.io.rasterfile import LEGEND, SYNTHETIC
from zoneplan.terrain.legends import cover_legend

SECOND = 1 / 3600
MARGIN = 15  # cells around the zone
LABEL = "合成数据 synthetic: invented by scripts/make_sample_rasters.py, no real ground"
CROPLAND, ORCHARD, FOREST, GRASS, WETLAND, HOUSES, INDUSTRY, ROAD, WATER = 1, 2, 3, 4, 5, 7, 10, 12, 17
Grid = npt.NDArray[np.float64]


class Place:
    """Cells of one second of arc over a zone, and where they lie in the plan's CRS."""

    def __init__(self, layers: zp.LayerSet) -> None:
        self.layers = layers
        west, south, east, north = layers.zone.bounds
        degrees = Transformer.from_crs(layers.crs, "EPSG:4490", always_xy=True)
        west, south, east, north = degrees.transform_bounds(west, south, east, north)
        first, top = np.floor(west / SECOND) - MARGIN, np.ceil(north / SECOND) + MARGIN
        self.width = int(np.ceil(east / SECOND) + MARGIN - first)
        self.height = int(top - np.floor(south / SECOND) + MARGIN)
        self.transform = rasterio.Affine(SECOND, 0, first * SECOND, 0, -SECOND, top * SECOND)
        lon = (first + np.arange(self.width) + 0.5) * SECOND
        lat = (top - np.arange(self.height) - 0.5) * SECOND
        longitudes, latitudes = np.meshgrid(lon, lat)
        self.x, self.y = degrees.transform(longitudes, latitudes, direction="INVERSE")

    def shares(self) -> tuple[Grid, Grid]:
        """East and north within the zone's box, 0 to 1."""
        west, south, east, north = self.layers.zone.bounds
        return (self.x - west) / (east - west), (self.y - south) / (north - south)

    def burnt(self, shapes: Any) -> npt.NDArray[np.bool_]:
        """Cells whose middle lies in shapes of the plan's CRS."""
        series = shapes.to_crs("EPSG:4490")
        made = rasterize(list(series), out_shape=self.x.shape, transform=self.transform, default_value=1)
        return np.asarray(made, dtype=bool)


def hill(x: Grid, y: Grid, at: tuple[float, float], size: tuple[float, float], height: float) -> Grid:
    """A hill with spurs and gullies at a place of the box (metres)."""
    across, along = (x - at[0]) / size[0], (y - at[1]) / size[1]
    bent = across + 0.25 * np.sin(2.1 * along + 0.7), along + 0.3 * np.sin(1.7 * across)
    spurs = (
        1
        + 0.16 * np.sin(4.3 * bent[0] + 1.1) * np.cos(5.1 * bent[1])
        + 0.07 * np.sin(9.7 * bent[0] - 7.3 * bent[1])
    )
    return np.asarray(height * spurs * np.exp(-(bent[0] ** 2 + bent[1] ** 2)))


def heights(place: Place) -> npt.NDArray[np.int16]:
    """A plain that falls to the south-east, two hills in its north and one on the plan's farmland; whole metres."""
    u, v = place.shares()
    west, south, east, north = place.layers.zone.bounds
    lines = place.layers["control_line"]
    farm = lines.geometry[lines["id"].str.contains("farmland")].iloc[0].representative_point()
    plain = 88 + 14 * v - 6 * u + 1.2 * np.sin(9 * u) * np.cos(6 * v)
    made = plain + hill(place.x, place.y, (farm.x, farm.y), (420.0, 300.0), 200.0)
    for a, b, size, top in ((0.30, 0.97, (1500.0, 800.0), 420.0), (0.66, 0.90, (900.0, 620.0), 260.0)):
        at = west + a * (east - west), south + b * (north - south)
        made += hill(place.x, place.y, at, size, top)
    return np.asarray(np.rint(made), dtype=np.int16)


def cover(place: Place, ground: npt.NDArray[np.int16]) -> npt.NDArray[np.uint8]:
    """Cropland, with what the plan's own layers and the hills suggest."""
    layers = place.layers
    made = np.full(ground.shape, CROPLAND, dtype=np.uint8)
    u, v = place.shares()
    made[(np.sin(40 * u) * np.sin(31 * v) > 0.8)] = ORCHARD
    lines = layers["control_line"].set_index("id").geometry
    growth = lines[lines.index.str.contains("development")]
    built = place.burnt(growth) & (np.sin(57 * u) + np.cos(49 * v) > -0.35)
    made[built] = HOUSES
    made[built & (np.sin(23 * u + 11 * v) > 0.72)] = INDUSTRY
    made[place.burnt(lines[lines.index.str.contains("redline")])] = WETLAND
    rise = np.hypot(*np.gradient(ground.astype(float)))
    made[(rise > 2.0) & (made != HOUSES)] = GRASS
    made[rise > 5.0] = FOREST
    base = layers["reference"]
    made[place.burnt(base[base["kind"].isin(["road", "motorway"])].geometry.buffer(20))] = ROAD
    wet = base[base["kind"].isin(["river", "canal", "lake"])].geometry
    made[place.burnt(wet.buffer(25))] = WATER
    return made


def write(path: Path, place: Place, values: npt.NDArray[Any], title: str, **about: Any) -> None:
    """A compressed GeoTIFF, its label in its tags."""
    tags = {SYNTHETIC: LABEL, "TITLE": title, **about.pop("tags", {})}
    palette = about.pop("palette", None)
    options = {
        "driver": "GTiff", "width": place.width, "height": place.height, "count": 1, "crs": "EPSG:4490",
        "transform": place.transform, "dtype": values.dtype, "compress": "deflate", "zlevel": 9, **about,
    }  # fmt: skip
    with rasterio.open(path, "w", **options) as file:
        file.write(values, 1)
        file.update_tags(**tags)
        if palette:
            file.write_colormap(1, palette)
    print(f"{place.width} × {place.height}, {path.stat().st_size} bytes → {path}")


def main(plan: str, folder: Path) -> None:
    """Write ``dem.tif`` and ``landcover.tif``."""
    place = Place(zp.compile_plan(zp.load_plan(plan)))
    ground = heights(place)
    legend = cover_legend("landuse", place="landcover.tif")
    write(folder / "dem.tif", place, ground, "高程(合成) Heights (synthetic), m", nodata=-32768, predictor=2)
    write(
        folder / "landcover.tif", place, cover(place, ground), "土地覆盖(合成) Land cover (synthetic)",
        nodata=0, tags={LEGEND: legend.id}, palette=legend.legend.palette,
    )  # fmt: skip


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(sys.argv[1], Path(sys.argv[2]))
