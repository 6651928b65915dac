"""Statistics and areas by zone: against an overlay of every cell, and sums that hold as printed."""

from __future__ import annotations

from decimal import Decimal

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import rasterio
import shapely
from pyproj import CRS
from rasterio import Affine
from shapely.geometry import Point, box

import synthetic
import zoneplan as zp
from test_terrain import CELL, NORTH, PLANE, SECOND, WEST, degrees_of, ground, write
from zoneplan.engine import ellipsoid
from zoneplan.errors import InputError
from zoneplan.terrain.classes import NO_DATA, Class, Legend
from zoneplan.terrain.farmland import steepness
from zoneplan.terrain.tables import class_table, zones_of
from zoneplan.terrain.zonal import above, class_shares, zonal

LEGEND = Legend(
    "kinds", "类", "Kinds", tuple(Class(value=n, id=str(n), name=f"类{n}", name_en=f"kind {n}", colour="#000000") for n in (1, 2, 3))
)  # fmt: skip
SHAPES = gpd.GeoSeries(
    [
        box(WEST + 17, NORTH - 400, WEST + 333, NORTH - 41),
        Point(WEST + 500, NORTH - 500).buffer(220),
        shapely.Polygon([(WEST + 5, NORTH - 5), (WEST + 900, NORTH - 300), (WEST + 40, NORTH - 800)]),
        box(WEST + 1, NORTH - 9, WEST + 6, NORTH - 2),
        box(WEST - 100, NORTH - 100, WEST + 100, NORTH + 50),
    ],
    index=["a", "b", "c", "d", "e"], crs=PLANE,
)  # fmt: skip


def pieces_by_class(shape, values, transform):
    """Plane area by value, from the intersection with every single cell."""
    found = {}
    for row in range(values.shape[0]):
        for column in range(values.shape[1]):
            x, y = transform.c + column * transform.a, transform.f + row * transform.e
            piece = shape.intersection(box(x, y + transform.e, x + transform.a, y)).area
            if piece > 0:
                found.setdefault(values[row, column], []).append(piece)
    return {value: sum(parts) for value, parts in found.items()}


def some_classes(rows=30, columns=32):
    made = np.random.default_rng(7).integers(1, 4, (rows, columns)).astype(np.uint8)
    made[3:6, 4:9] = 0
    return made


def test_statistics_are_those_of_the_pieces_of_cells(tmp_path):
    values = np.random.default_rng(3).uniform(0, 40, (30, 32)).astype(np.float32)
    values[3:6, 4:9] = -9999
    path = write(tmp_path / "v.tif", values, nodata=-9999)
    made = zonal(SHAPES, path, name="v")
    assert list(made.index) == list(SHAPES.index)
    for name, shape in SHAPES.items():
        parts = pieces_by_class(shape, values, Affine(CELL, 0, WEST, 0, -CELL, NORTH))
        missing = parts.pop(np.float32(-9999), 0.0) + shape.area - sum(parts.values())
        missing -= 0 if name == "e" else shape.area - sum(parts.values()) - missing
        weights = np.array(list(parts.values()))
        numbers = np.array(list(parts))
        row = made.loc[name]
        assert row["v_min"] == pytest.approx(numbers.min())
        assert row["v_max"] == pytest.approx(numbers.max())
        assert row["v_mean"] == pytest.approx((numbers * weights).sum() / weights.sum(), rel=1e-5)
        known = sum(weights) / shape.area
        assert row["v_no_data"] == pytest.approx(1 - known, abs=1e-6)
    assert made.loc["d", "v_no_data"] == 0
    assert made.loc["e", "v_no_data"] > 0.5


def test_features_without_ground_have_no_statistics(tmp_path):
    path = write(tmp_path / "v.tif", np.ones((5, 5), np.float32), nodata=-9999)
    features = gpd.GeoSeries([None, shapely.Polygon(), box(0, 0, 1, 1)], crs=PLANE)
    made = zonal(features, path, name="v")
    assert made.iloc[:2].isna().all(axis=None)
    assert made["v_no_data"].iloc[2] == 1
    assert zonal(features[:0], path, name="v").empty


def test_another_crs_is_refused(tmp_path):
    path = write(tmp_path / "v.tif", np.ones((5, 5), np.float32), nodata=-9999)
    with pytest.raises(InputError, match="the layer is in CGCS2000 / 3-degree Gauss-Kruger CM 111E"):
        zonal(gpd.GeoSeries([box(0, 0, 1, 1)], crs=4546), path, name="v")


def test_shares_of_classes_are_those_of_the_pieces_and_add_up_to_one(tmp_path):
    values = some_classes()
    with rasterio.open(write(tmp_path / "c.tif", values, nodata=0)) as file:
        made = class_shares(SHAPES, file)
    assert list(made.columns) == [0, 1, 2, 3]
    np.testing.assert_allclose(made.sum(axis=1), 1, atol=1e-12)
    for name, shape in SHAPES.items():
        parts = pieces_by_class(shape, values, Affine(CELL, 0, WEST, 0, -CELL, NORTH))
        for value in (1, 2, 3):
            assert made.loc[name, value] == pytest.approx(parts.get(value, 0) / shape.area, abs=1e-6)
    assert (made.loc[["b", "d"], NO_DATA] == 0).all()  # nothing is missing: not even by rounding


def test_cells_in_degrees_count_by_their_area_on_the_ellipsoid(tmp_path):
    """Half of a tall box is one class, half the other: in degrees equal, on the ground the south is larger."""
    values = np.repeat(np.array([1] * 50 + [2] * 50, np.uint8)[:, None], 20, axis=1)
    transform = Affine(0.01, 0, 113.0, 0, -0.01, 36.0)
    path = write(tmp_path / "c.tif", values, crs="EPSG:4490", transform=transform, nodata=0)
    with rasterio.open(path) as file:
        made = class_shares(gpd.GeoSeries([box(113.02, 35.0, 113.18, 36.0)], crs=4490), file).iloc[0]
    plane = gpd.GeoSeries([box(113.02, 35.5, 113.18, 36.0), box(113.02, 35.0, 113.18, 35.5)], crs=4490)
    areas = ellipsoid.area(plane.segmentize(0.0005).to_crs(4547), CRS.from_epsg(4547))
    assert made[1] == pytest.approx(areas[0] / areas.sum(), abs=2e-7)
    assert made[2] > 0.501


def assert_rows_close(table, own):
    """Every row's parts add up to its own area as printed, in every unit."""
    for column in ("area_m2", "area_ha", "area_km2", "area_mu"):
        exact = table.assign(exact=[Decimal(repr(value)) for value in table[column]])
        for row_id, rows in exact.groupby("row_id"):
            total = rows.loc[rows["column_id"] == "total", "exact"].iloc[0]
            assert rows.loc[rows["column_id"] != "total", "exact"].sum() == total, (column, row_id)
    totals = table[table["column_id"] == "total"].set_index("row_id")["area_m2"]
    for row_id, area in own.items():
        assert totals[row_id] == pytest.approx(area, abs=0.0051)


def plan_raster(layers, path, size=53.0, seed=5, **more):
    """Random classes over the synthetic plan, without data in one corner."""
    west, south, east, north = layers.zone.bounds
    rows, columns = int((north - south) / size) + 2, int((east - west) / size) + 2
    values = np.random.default_rng(seed).integers(1, 4, (rows, columns)).astype(np.uint8)
    values[:40, :40] = 0
    return write(path, values, transform=Affine(size, 0, west - 11, 0, -size, north + 7), nodata=0, **more)


def test_class_areas_add_up_to_the_zones_ellipsoidal_area(tmp_path):
    layers = synthetic.layers()
    zones = zones_of(layers)
    table = class_table(zones, plan_raster(layers, tmp_path / "c.tif"), LEGEND)
    assert_rows_close(table, dict(zip(zones["id"], zones["area_m2"], strict=True)))
    missing = table[(table["row_id"] == "group_west") & (table["column_id"] == "no_data")].iloc[0]
    assert missing["area_ha"] > 400
    sums = table[table["row_parent"] == "group"].pivot(index="row_id", columns="column_id", values="area_m2")
    parts = sums.drop(index="group:total").map(lambda value: Decimal(repr(value))).sum()
    assert (parts == sums.loc["group:total"].map(lambda value: Decimal(repr(value)))).all()


def test_class_areas_are_those_of_an_overlay(tmp_path):
    """The same areas from polygons of the classes, overlaid and measured piece by piece on the ellipsoid."""
    layers = synthetic.layers()
    path = plan_raster(layers, tmp_path / "c.tif", size=211.0)
    zones = zones_of(layers)
    table = class_table(zones, path, LEGEND).set_index(["row_id", "column_id"])["area_m2"]
    with rasterio.open(path) as file:
        values, transform = file.read(1), file.transform
    rows, columns = np.indices(values.shape)
    x, y = transform.c + columns * transform.a, transform.f + rows * transform.e
    cells = shapely.box(x, y + transform.e, x + transform.a, y)
    for row in zones.itertuples():
        pieces = shapely.intersection(cells.ravel(), row.geometry)
        areas = ellipsoid.area(pieces, layers.crs)
        for value in (1, 2, 3):
            own = areas[values.ravel() == value].sum()
            assert table[row.id, str(value)] == pytest.approx(own, rel=2e-6, abs=0.1)


def test_slopes_of_parcels_keep_their_index(tmp_path):
    dem = write(tmp_path / "dem.tif", ground(), nodata=-32768)
    parcels = gpd.GeoDataFrame({"n": range(5)}, geometry=list(SHAPES), index=list("edcba"), crs=PLANE)
    made = zp.slope_by_feature(parcels, dem)
    assert list(made.index) == list("edcba")
    known = made.dropna()
    assert len(known) == 4  # the smallest lies in a corner cell of the heights, which has no slope
    assert (known["slope_min"] <= known["slope_mean"]).all()
    assert made.loc["a", "no_data_share"] > 0.5  # most of it lies beyond the heights
    in_degrees = zp.slope_by_feature(parcels.to_crs(4490).iloc[1:4], [dem])
    pd.testing.assert_frame_equal(in_degrees, made.loc[["d", "c", "b"]], rtol=1e-4, atol=1e-4)


def test_how_steep_ground_is_said(tmp_path):
    columns = np.arange(120) * CELL
    fall = np.where(columns < 1500, 0.0, (columns - 1500) * np.tan(np.radians(40)))
    heights = (2500 - np.tile(fall, (90, 1))).astype(np.float32)
    heights[60:, :20] = -9999
    dem = write(tmp_path / "dem.tif", heights, nodata=-9999)
    frame = gpd.GeoDataFrame(
        geometry=[
            box(WEST + 300, NORTH - 900, WEST + 600, NORTH - 300),
            box(WEST + 1300, NORTH - 900, WEST + 1600, NORTH - 300),
            box(WEST + 2000, NORTH - 900, WEST + 2500, NORTH - 300),
            box(WEST + 100, NORTH - 2200, WEST + 900, NORTH - 1500),
        ],
        crs=PLANE,
    )  # fmt: skip
    made = zp.slope_by_feature(frame, dem)
    assert list(made["slope_state"]) == ["clear", "partly", "steep", "no_data"]
    assert made["steep_m2"].iloc[2] == pytest.approx(ellipsoid.area(frame.geometry, PLANE)[2], abs=0.01)
    lenient = zp.slope_by_feature(frame, dem, above_deg=45)
    assert list(lenient["slope_state"]) == ["clear", "clear", "clear", "no_data"]


def test_the_threshold_itself_is_not_too_steep(tmp_path):
    values = np.full((4, 4), 25.0, np.float32)
    path = write(tmp_path / "slope.tif", values, nodata=-9999)
    frame = gpd.GeoDataFrame(geometry=[box(WEST, NORTH - 120, WEST + 120, NORTH)], crs=PLANE)
    assert steepness(frame, path, above_deg=25)["slope_state"].tolist() == ["clear"]
    assert steepness(frame, path, above_deg=24.99)["slope_state"].tolist() == ["steep"]
    assert above(25.0)(np.array([25.0, 25.01, np.nan], np.float32)).tolist() == [1, 2, NO_DATA]


def test_tiles_in_degrees_work_as_they_come(tmp_path):
    """A tile as of SRTM or Copernicus GLO-30, in EPSG:4326."""
    dem = write(tmp_path / "dem.tif", ground(200, 240), **degrees_of(None))
    at = box(113.2 + 60 * SECOND, 35.2 - 150 * SECOND, 113.2 + 120 * SECOND, 35.2 - 90 * SECOND)
    made = zp.slope_by_feature(gpd.GeoDataFrame(geometry=[at], crs=4490), dem).iloc[0]
    assert made["no_data_share"] == 0
    assert 5 < made["slope_mean"] < 40
