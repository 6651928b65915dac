"""Slope, relief and classes: what they are on known ground, whatever the windows; rasters that are refused."""

from __future__ import annotations

import math
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import rasterio
from hypothesis import given
from hypothesis import strategies as st
from pyproj import CRS, Transformer
from rasterio import Affine
from rasterio.warp import transform_bounds
from rasterio.windows import Window

from zoneplan.crs.case import Treatment
from zoneplan.errors import InputError
from zoneplan.io.raster import open_raster
from zoneplan.jobs.elevation import derive
from zoneplan.terrain import surface
from zoneplan.terrain.cellgrid import CellGrid, grid_over
from zoneplan.terrain.classes import NO_DATA, read_classes
from zoneplan.terrain.products import halo, products

PLANE = CRS.from_epsg(4547)
WEST, NORTH, CELL = 420_000.0, 3_900_000.0, 30.0
SECOND = 1 / 3600


def write(path, values, *, crs="EPSG:4547", transform=None, nodata=None, **more):
    transform = transform or Affine(CELL, 0, WEST, 0, -CELL, NORTH)
    options = {"driver": "GTiff", "count": 1, "crs": crs, "transform": transform, "nodata": nodata, **more}
    height, width = values.shape
    with rasterio.open(path, "w", width=width, height=height, dtype=values.dtype, **options) as file:
        file.write(values, 1)
    return path


def ground(rows=90, columns=120, seed=1):
    """Rough ground in whole metres, with a hole."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[:rows, :columns]
    made = 300 + 80 * np.sin(x / 11) * np.cos(y / 9) + rng.normal(0, 1.5, (rows, columns))
    made[40:43, 60:64] = -32768
    return made.astype(np.int16)


def tilted(slope_deg, toward_deg, size=8):
    """A plane that falls toward an azimuth."""
    y, x = np.mgrid[:size, :size]
    east, north = x * CELL, -y * CELL
    fall = math.tan(math.radians(slope_deg))
    return 1000 - fall * (
        east * math.sin(math.radians(toward_deg)) + north * math.cos(math.radians(toward_deg))
    )


def horn(z, cell):
    """Slope in degrees of one cell, as the textbook writes it: a b c / d e f / g h i."""
    (a, b, c), (d, e, f), (g, h, i) = z.tolist()
    if any(math.isnan(one) for one in (a, b, c, d, e, f, g, h, i)):
        return math.nan
    dx = ((c + 2 * f + i) - (a + 2 * d + g)) / (8 * cell)
    dy = ((g + 2 * h + i) - (a + 2 * b + c)) / (8 * cell)
    return math.degrees(math.atan(math.sqrt(dx * dx + dy * dy)))


@given(st.floats(0.5, 60), st.floats(0, 359.9))
def test_a_plane_has_its_slope_and_aspect_everywhere(steep, toward):
    z = tilted(steep, toward)
    assert np.abs(surface.slope(z, CELL) - steep).max() <= 0.0051
    off = np.abs(surface.aspect(z, CELL) - toward)
    assert np.minimum(off, 360 - off).max() < 1e-2


def test_a_cone_is_equally_steep_and_falls_outward():
    y, x = np.mgrid[-60:61, -60:61] * CELL
    z = 2000 - 0.5 * np.hypot(x, y)
    slope, aspect = surface.slope(z, CELL), surface.aspect(z, CELL)
    far = np.hypot(x, y)[1:-1, 1:-1] > 20 * CELL
    assert np.abs(slope[far] - math.degrees(math.atan(0.5))).max() < 0.05
    outward = np.degrees(np.arctan2(x, -y))[1:-1, 1:-1] % 360
    off = np.abs(aspect - outward)[far]
    assert np.minimum(off, 360 - off).max() < 0.2


def test_level_ground_has_no_aspect_and_is_flat():
    z = np.full((5, 5), 88.0)
    assert (surface.slope(z, CELL) == 0).all()
    assert np.isnan(surface.aspect(z, CELL)).all()
    scheme = read_classes().schemes[2]
    assert (scheme.of_block(surface.slope(z, CELL), surface.aspect(z, CELL)) == 1).all()


def test_slope_is_that_of_another_implementation():
    z = np.where(ground() == -32768, np.nan, ground().astype(float))
    mine = surface.slope(z, CELL)
    other = np.array(
        [[horn(z[r : r + 3, c : c + 3], CELL) for c in range(z.shape[1] - 2)] for r in range(z.shape[0] - 2)]
    )
    assert (np.isnan(mine) == np.isnan(other)).all()
    assert np.nanmax(np.abs(mine - other)) <= 0.0051


@pytest.mark.skipif(shutil.which("gdaldem") is None, reason="gdaldem is not installed")
def test_slope_is_that_of_gdaldem(tmp_path):
    dem = write(tmp_path / "dem.tif", ground(), nodata=-32768)
    subprocess.run(["gdaldem", "slope", "-q", str(dem), str(tmp_path / "s.tif")], check=True)
    with rasterio.open(tmp_path / "s.tif") as file:
        other = file.read(1, masked=True).filled(np.nan)[1:-1, 1:-1]
    mine = surface.slope(np.where(ground() == -32768, np.nan, ground().astype(float)), CELL)
    assert (np.isnan(mine) == np.isnan(other)).all()
    assert np.nanmax(np.abs(mine - other)) <= 0.0051


@pytest.mark.parametrize("window", [1, 3, 5, 9, 15])
def test_relief_is_highest_less_lowest_and_no_data_spreads(window):
    z = np.where(ground(40, 50) == -32768, np.nan, ground(40, 50).astype(np.float32))
    z[20, 30] = np.nan
    mine = surface.relief(z, window)
    for row in range(0, mine.shape[0], 3):
        for column in range(mine.shape[1]):
            block = z[row : row + window, column : column + window]
            expected = np.nan if np.isnan(block).any() else block.max() - block.min()
            assert mine[row, column] == pytest.approx(expected, abs=1e-3, nan_ok=True)


@pytest.mark.parametrize(
    ("scheme", "degrees", "value"),
    [("slope_class", d, v) for d, v in ((0, 1), (2, 1), (2.01, 2), (6, 2), (6.01, 3), (15, 3), (25, 4), (25.01, 5), (89, 5))]
    + [("urban_slope_class", d, v) for d, v in ((3, 1), (3.01, 2), (8, 2), (8.01, 3), (15.01, 4), (25, 4), (25.01, 5))],
)  # fmt: skip
def test_an_upper_bound_belongs_to_its_class(scheme, degrees, value):
    chosen = next(one for one in read_classes().schemes if one.id == scheme)
    slope = np.array([[degrees, np.nan]], dtype=np.float32)
    assert chosen.of_block(slope, slope).tolist() == [[value, NO_DATA]]


@pytest.mark.parametrize(
    ("toward", "value"), [(0, 2), (22, 2), (23, 3), (90, 4), (180, 6), (270, 8), (338, 2)]
)
def test_aspects_fall_into_eight_parts(toward, value):
    z = tilted(10, toward)
    scheme = read_classes().schemes[2]
    assert (scheme.of_block(surface.slope(z, CELL), surface.aspect(z, CELL)) == value).all()


# rasters


def degrees_of(values):
    """The same ground in cells of a second of arc."""
    return {"crs": "EPSG:4326", "transform": Affine(SECOND, 0, 113.2, 0, -SECOND, 35.2), "nodata": -32768}


def read_all(folder, names=("elevation", "slope", "relief", "slope_class", "aspect_class")):
    made = {}
    for name in names:
        with rasterio.open(folder / f"{name}.tif") as file:
            made[name] = file.read(1)
    return made


@pytest.mark.parametrize("crs", ["own", "degrees"])
def test_the_size_of_windows_leaves_no_trace(tmp_path, crs):
    about = {"nodata": -32768} if crs == "own" else degrees_of(None)
    raster = open_raster(
        [write(tmp_path / "dem.tif", ground(150, 170), tiled=True, blockxsize=32, blockysize=64, **about)]
    )
    with rasterio.open(tmp_path / "dem.tif") as file:
        box = transform_bounds(file.crs, "EPSG:4547", *file.bounds)
    grid = raster.grid((box[0] + 500, box[1] + 500, box[2] - 500, box[3] - 500), PLANE)
    found = []
    for window in (512, 64, 37):
        (tmp_path / str(window)).mkdir()
        derive(raster, grid, tmp_path / str(window), window=window)
        found.append(read_all(tmp_path / str(window)))
    assert (found[0]["slope"] != -9999).mean() > 0.9
    for other in found[1:]:
        for name, values in found[0].items():
            np.testing.assert_array_equal(values, other[name], err_msg=name)


def test_tiles_are_one_raster_before_anything_is_computed(tmp_path):
    whole = ground(100, 160)
    about = degrees_of(None)
    one = open_raster([write(tmp_path / "one.tif", whole, **about)])
    east = Affine(SECOND, 0, 113.2 + 80 * SECOND, 0, -SECOND, 35.2)
    parts = [
        write(tmp_path / "west.tif", whole[:, :81], **about),  # they share a column, as SRTM's do
        write(tmp_path / "east.tif", np.where(whole == -32768, -9999, whole)[:, 80:].astype(np.int16), crs="EPSG:4326", transform=east, nodata=-9999),
    ]  # fmt: skip
    grid = grid_over(plane_box(one), PLANE, 30.0)
    with one.on(grid) as a, open_raster(parts).on(grid) as b:
        np.testing.assert_array_equal(a.read(grid.whole), b.read(grid.whole))


def plane_box(raster):
    west, south, east, north = raster.box
    return Transformer.from_crs(4490, 4547, always_xy=True).transform_bounds(west, south, east, north)


def test_heights_in_the_plans_own_crs_are_not_resampled(tmp_path):
    values = ground()
    raster = open_raster([write(tmp_path / "dem.tif", values, nodata=-32768)])
    grid = raster.grid((WEST + 95, NORTH - 1000, WEST + 1000, NORTH - 95), PLANE)
    assert not raster.warps_to(grid)
    with raster.on(grid) as reader:
        got = reader.read(grid.whole)
    row, column = round((NORTH - grid.north) / CELL), round((grid.west - WEST) / CELL)
    expected = values[row : row + grid.height, column : column + grid.width].astype(np.float32)
    np.testing.assert_array_equal(got, np.where(expected == -32768, np.nan, expected))


def test_slopes_in_degrees_are_those_of_metres(tmp_path):
    """A hill given in degrees and warped: as steep as it is, to what Horn's weights themselves leave off."""
    to_plane = Transformer.from_crs(4326, 4547, always_xy=True)
    lon, lat = np.meshgrid(113.2 + (np.arange(200) + 0.5) * SECOND, 35.2 - (np.arange(160) + 0.5) * SECOND)
    x, y = to_plane.transform(lon, lat)
    wave, high = 1200.0, 20.0
    k = 2 * np.pi / wave

    def height(x, y):
        return high * np.sin(k * x) * np.cos(k * y)

    raster = open_raster(
        [
            write(
                tmp_path / "dem.tif",
                height(x, y).astype(np.float32),
                crs="EPSG:4326",
                transform=degrees_of(None)["transform"],
            )
        ]
    )
    west, south, east, north = x.min() + 600, y.min() + 600, x.max() - 600, y.max() - 600
    grid = raster.grid((west, south, east, north), PLANE)
    derive(raster, grid, tmp_path)
    with rasterio.open(tmp_path / "slope.tif") as file:
        slope = file.read(1)
        columns, rows = np.meshgrid(np.arange(file.width), np.arange(file.height))
        px, py = file.transform.c + CELL * (columns + 0.5), file.transform.f - CELL * (rows + 0.5)
    steep = np.hypot(high * k * np.cos(k * px) * np.cos(k * py), high * k * np.sin(k * px) * np.sin(k * py))
    assert grid.cell_m == 30.0
    assert np.abs(slope - np.degrees(np.arctan(steep))).max() < 0.08


def test_no_data_spreads_and_is_never_zero():
    z = np.full((40, 40), 100.0, dtype=np.float32)
    z[20, 20] = np.nan
    made = products(z, CELL, read_classes())
    edge = halo(read_classes(), CELL)
    at = 20 - edge
    hole = np.isnan(made["slope"])
    assert hole[at - 1 : at + 2, at - 1 : at + 2].all()
    assert hole.sum() == 9
    assert (made["slope_class"] == NO_DATA).sum() == 9
    assert np.isnan(made["relief"]).sum() == (2 * edge + 1) ** 2


def refused(match, *paths, **more):
    with pytest.raises(InputError, match=match) as caught:
        open_raster(list(paths), **more)
    return caught.value.faults


def test_what_is_no_raster_of_ours_is_refused(tmp_path):
    (tmp_path / "a.vrt").write_text('<VRTDataset rasterXSize="1" rasterYSize="1"/>')
    (tmp_path / "b.tif").write_text('<VRTDataset rasterXSize="1" rasterYSize="1"/>')
    bands = np.zeros((4, 4), np.int16)
    with rasterio.open(
        tmp_path / "c.tif",
        "w",
        driver="GTiff",
        width=4,
        height=4,
        count=2,
        dtype="int16",
        crs="EPSG:4547",
        transform=Affine(CELL, 0, WEST, 0, -CELL, NORTH),
    ) as file:
        file.write(bands, 1)
    faults = refused(
        "unknown raster format",
        tmp_path / "a.vrt",
        tmp_path / "b.tif",
        tmp_path / "c.tif",
        tmp_path / "none.tif",
    )
    assert [one.code for one in faults] == ["raster.format", "file.content", "raster.bands", "file.missing"]
    refused("only files on this machine", "/vsicurl/http://example.org/dem.tif")


def test_a_raster_without_crs_says_how_to_state_it(tmp_path):
    path = write(tmp_path / "dem.tif", ground(), crs=None)
    (found,) = refused("there is no CRS; .*--assume-crs", path)
    assert found.code == "crs.missing"
    made = open_raster([path], treatment=Treatment(assume=PLANE))
    assert made.tiles[0].crs == PLANE
    assert [one.code for one in made.findings] == ["crs.assumed"]


@pytest.mark.parametrize("code", [2362, 2437, 4610, 4214])  # Xian 1980 and Beijing 1954, plane and degrees
def test_old_datums_are_refused(tmp_path, code):
    path = write(tmp_path / "dem.tif", ground(), crs=f"EPSG:{code}")
    (found,) = refused("on another datum than CGCS2000", path)
    assert found.code == "crs.datum"


def test_heights_elsewhere_are_refused(tmp_path):
    path = write(tmp_path / "dem.tif", ground(), crs="EPSG:4544")
    (found,) = refused(r"lies \d+ km away; check its CRS and zone", path, anchor=(113.1, 35.1, 113.4, 35.25))
    assert found.code == "raster.far"


def test_a_no_data_value_that_is_not_stated_is_refused_not_measured(tmp_path):
    values = np.where(ground() == -32768, -9999, ground()).astype(np.float32)
    path = write(tmp_path / "dem.tif", values)
    grid = CellGrid(PLANE, WEST, NORTH, CELL, 120, 90)
    with (
        open_raster([path]).on(grid) as reader,
        pytest.raises(InputError, match=r"height of -9999 m.*--nodata -9999"),
    ):
        reader.read(grid.whole)
    with open_raster([path], nodata=-9999).on(grid) as reader:
        assert np.isnan(reader.read(grid.whole)).sum() == 12


def test_holes_of_srtm_need_no_label(tmp_path):
    grid = CellGrid(PLANE, WEST, NORTH, CELL, 120, 90)
    with open_raster([write(tmp_path / "dem.tif", ground())]).on(grid) as reader:
        assert np.isnan(reader.read(grid.whole)).sum() == 12


def test_a_damaged_file_is_refused(tmp_path):
    path = write(tmp_path / "dem.tif", ground(600, 600), compress="deflate", nodata=-32768)
    path.write_bytes(path.read_bytes()[:200_000])
    with (
        pytest.raises(InputError, match="may be damaged"),
        open_raster([path]).on(CellGrid(PLANE, WEST, NORTH, CELL, 600, 600)) as reader,
    ):
        reader.read(CellGrid(PLANE, WEST, NORTH, CELL, 600, 600).whole)


MEASURE = """
import resource, sys
from pathlib import Path
from pyproj import CRS
from zoneplan.io.raster import open_raster
from zoneplan.jobs.elevation import derive
from zoneplan.terrain.cellgrid import CellGrid
raster = open_raster([sys.argv[1]])
grid = CellGrid(CRS.from_epsg(4547), 420000.0, 3900000.0, 30.0, int(sys.argv[3]), int(sys.argv[3]))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
derive(raster, grid, Path(sys.argv[2]))
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="memory is measured with `resource`")
def test_memory_does_not_grow_with_the_raster(tmp_path):
    """A sparse raster of 2500 × 2500 cells: its six products as whole arrays would be 120 MB, and much more on the way; it takes some 35."""
    size = 2500
    options = {"tiled": True, "sparse_ok": True, "compress": "deflate", "nodata": -32768}
    path = tmp_path / "dem.tif"
    with rasterio.open(
        path,
        "w",
        driver="GTiff",
        width=size,
        height=size,
        count=1,
        dtype="int16",
        crs="EPSG:4547",
        transform=Affine(CELL, 0, WEST, 0, -CELL, NORTH),
        **options,
    ) as file:
        file.write(ground(512, 512), 1, window=Window(1024, 1024, 512, 512))
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, path, tmp_path, str(size)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) < 60
    assert Path(tmp_path / "slope.tif").exists()
