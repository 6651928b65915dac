"""The sample rasters and the commands on them: same bytes twice, labelled everywhere; a swap measured from heights."""

from __future__ import annotations

import json
import os
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pyogrio
import pytest
import rasterio
from shapely.geometry import box

import zoneplan as zp
from zoneplan import Scenario, run_scenario
from zoneplan.cli import main
from zoneplan.crs.admission import open_gate
from zoneplan.errors import InputError
from zoneplan.resources import data_dir

SAMPLES = data_dir() / "samples"
DEM, COVER = SAMPLES / "dem.tif", SAMPLES / "landcover.tif"
SCRIPT = Path(__file__).parents[1] / "scripts" / "make_sample_rasters.py"
SAID: dict[str, Any] = {"author": "a", "reason": "r", "date": "2026-11-24"}


def run(*args) -> int:
    with pytest.raises(SystemExit) as caught:
        main([*map(str, args), "--lang", "en"])
    return int(caught.value.code or 0)


@pytest.fixture(scope="module")
def layers():
    return zp.compile_plan(zp.load_plan("jiaozuo"))


def test_samples_are_what_their_script_makes_small_and_labelled(tmp_path):
    runpy.run_path(str(SCRIPT))["main"]("jiaozuo", tmp_path)
    for path in (DEM, COVER):
        assert path.read_bytes() == (tmp_path / path.name).read_bytes()
        assert path.stat().st_size < 150_000
        with rasterio.open(path) as file:
            assert "合成" in file.tags()["ZONEPLAN_SYNTHETIC"]
            assert "合成" in file.tags()["TITLE"]


@pytest.fixture(scope="module")
def call(tmp_path_factory):
    """Terrain of the built-in plan with parcels, and ground to be given: level, and the steepest there is."""
    with rasterio.open(DEM) as file:
        rise = np.hypot(*np.gradient(file.read(1).astype(float)))
        row, column = np.unravel_index(rise.argmax(), rise.shape)
        lon, lat = file.xy(row, column)
    side = 0.0003
    steep = box(lon - side, lat - side, lon + side, lat + side)
    frame = gpd.GeoDataFrame(
        {"id": ["flat", "hill"]}, geometry=[box(113.25, 35.16, 113.252, 35.162), steep], crs=4490
    )
    path = tmp_path_factory.mktemp("give") / "give.gpkg"
    frame.to_file(path)
    parcels = SAMPLES / "parcels.geojson"
    return [
        "terrain",
        "jiaozuo",
        "--dem",
        DEM,
        "--landcover",
        COVER,
        "--parcels",
        parcels,
        "--candidates",
        path,
    ]


@pytest.fixture(scope="module")
def first(call, tmp_path_factory):
    folder = tmp_path_factory.mktemp("terrain")
    assert run(*call, "-o", folder) == 1  # ground to be given is too steep
    return folder


def rows_of(folder, table):
    rows = pd.read_csv(folder / "terrain.csv", dtype=str)
    return rows[rows["table"] == table].set_index("id")


def test_terrain_writes_the_same_bytes_twice(call, first, tmp_path):
    assert run(*call, "-o", tmp_path) == 1
    names = sorted(path.name for path in first.iterdir())
    assert names == [
        "aspect_class.png", "aspect_class.tif", "elevation.tif", "findings.gpkg", "findings.json", "relief.tif",
        "slope.tif", "slope_class.png", "slope_class.tif", "terrain.csv", "terrain.gpkg", "terrain.xlsx",
        "urban_slope_class.png", "urban_slope_class.tif",
    ]  # fmt: skip
    for name in names:
        assert (first / name).read_bytes() == (tmp_path / name).read_bytes(), name


def test_what_is_made_from_invented_ground_says_so(first):
    for name in ("slope.tif", "slope_class.tif"):
        with rasterio.open(first / name) as file:
            assert "合成" in file.tags()["ZONEPLAN_SYNTHETIC"]
            assert file.crs.to_epsg() == 4547
    assert pd.read_csv(first / "terrain.csv", dtype=str)["label"].str.contains("合成").all()
    book = openpyxl.load_workbook(first / "terrain.xlsx")
    assert all(
        "合成" in str(sheet.cell(1, 1).value) and "示意" in str(sheet.cell(1, 1).value) for sheet in book
    )
    farmland = pyogrio.read_dataframe(first / "terrain.gpkg", layer="farmland")
    assert (farmland["slope_state"] == "partly").all()
    assert farmland["label"].str.contains("synthetic").all()
    said = json.loads((first / "findings.json").read_text(encoding="utf-8"))["findings"]
    assert {"terrain.synthetic", "landcover.synthetic", "terrain.warped", "terrain.unverified"} <= {
        one["code"] for one in said
    }


def test_parcels_areas_by_slope_class_add_up(first):
    table = rows_of(first, "parcels")
    columns = [name for name in table if name.startswith("slope_class_")]
    numbers = table[["area_m2", *columns]].astype(float)
    known = numbers[numbers["area_m2"] > 0]
    assert len(columns) == 6
    assert len(table) == 57
    assert (known[columns].sum(axis=1).round(2) == known["area_m2"]).all()


def test_where_farmland_is_too_steep_is_drawn(first):
    farmland = pyogrio.read_dataframe(first / "terrain.gpkg", layer="farmland").set_index("id")
    ground = pyogrio.read_dataframe(first / "terrain.gpkg", layer="steep_ground")
    sums = ground.groupby("id")["area_m2"].sum()
    assert list(sums.index) == sorted(farmland.index)
    for name, area in sums.items():
        assert area == pytest.approx(farmland.loc[name, "steep_m2"], rel=1e-5, abs=1)


def test_ground_to_be_given_is_checked(first):
    assert rows_of(first, "candidates")["slope_state"].to_dict() == {"flat": "clear", "hill": "steep"}


def test_suitability_command(tmp_path, capsys):
    assert run("suitability", "jiaozuo", "--dem", DEM, "--landcover", COVER, "-o", tmp_path) == 0
    out = capsys.readouterr().out
    assert "is a first estimate without: hazard, water resources" in out
    found = json.loads((tmp_path / "findings.json").read_text(encoding="utf-8"))["findings"]
    assert {"suitability.missing", "suitability.synthetic", "suitability.unverified"} <= {
        one["code"] for one in found
    }
    book = openpyxl.load_workbook(tmp_path / "suitability.xlsx")
    assert all("初评,缺" in str(sheet.cell(1, 1).value) for sheet in book)


def test_the_proj_of_another_program_does_no_harm(tmp_path):
    """PostGIS and OSGeo4W set PROJ_LIB to a database of their own version."""
    there = {"PROJ_LIB": str(tmp_path), "PROJ_DATA": str(tmp_path), "GDAL_DATA": str(tmp_path)}
    call = ["suitability", "jiaozuo", "--dem", DEM, "--cell", "300", "-o", tmp_path / "out"]
    code = "import sys; from zoneplan.cli import main; main(sys.argv[1:])"
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, call)],
        env=os.environ | there,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    with rasterio.open(tmp_path / "out" / "urban.tif") as file:
        assert file.crs.to_epsg() == 4547


def test_faults_come_at_once_and_nothing_is_written(tmp_path, capsys):
    call = [
        "terrain",
        "jiaozuo",
        "--dem",
        SAMPLES / "README.md",
        "--landcover",
        tmp_path / "no.tif",
        "--parcels",
        tmp_path / "no.gpkg",
    ]
    assert run(*call, "-o", tmp_path / "out") == 2
    said = capsys.readouterr().err
    for words in ("README.md: unknown raster format", "no.tif", "no.gpkg"):
        assert words in said
    assert not (tmp_path / "out").exists()


def test_heights_without_crs_are_read_as_asked(layers, tmp_path):
    with (
        rasterio.open(DEM) as file,
        rasterio.open(tmp_path / "dem.tif", "w", **(file.profile | {"crs": None})) as copy,
    ):
        copy.write(file.read())
    gate = open_gate(["dem"], assume=["EPSG:4490"])
    made = zp.run_terrain(
        layers, zp.TerrainCall([tmp_path / "dem.tif"], cell_m=120), tmp_path / "out", gate=gate
    )
    assert "crs.assumed" in {one.code for one in made.findings}
    with pytest.raises(InputError, match="every input states a CRS and EPSG:4490 was not used"):
        zp.run_suitability(layers, [DEM], tmp_path / "out", gate=open_gate(["dem"], assume=["EPSG:4490"]))


def test_land_cover_without_legend_is_refused(tmp_path, capsys):
    with rasterio.open(COVER) as file, rasterio.open(tmp_path / "lc.tif", "w", **file.profile) as copy:
        copy.write(file.read())
    assert (
        run("terrain", "jiaozuo", "--dem", DEM, "--landcover", tmp_path / "lc.tif", "-o", tmp_path / "out")
        == 2
    )
    assert "--landcover-legend: landuse, worldcover" in capsys.readouterr().err


def swapped(tmp_path, give, **more):
    give.to_file(tmp_path / "give.geojson")
    take = box(113.08899, 35.12508, 113.0912, 35.1269)
    made = Scenario("jiaozuo").swap_farmland(
        id="swap", take={"wkt": take.wkt}, give={"file": str(tmp_path / "give.geojson")}, **SAID
    )  # fmt: skip
    return {one.code: one for one in run_scenario(made, **more).findings}


def test_a_swap_is_measured_from_heights(layers, tmp_path):
    farm = layers.element("line_permanent_basic_farmland").geometry.representative_point()
    hill = gpd.GeoSeries([farm.buffer(160)], crs=layers.crs).to_crs(4490)
    steep = swapped(tmp_path, gpd.GeoDataFrame(geometry=hill), dem=[DEM])
    assert "scenario.swap_slope_unknown" not in steep
    assert "are steeper than 25°" in steep["scenario.swap_steep"].en
    flat = gpd.GeoDataFrame(geometry=[box(113.12112, 35.13559, 113.12466, 35.1385)], crs=4490)
    assert swapped(tmp_path, flat, dem=[DEM])["scenario.swap_slope"].severity == "info"
    assert swapped(tmp_path, flat)["scenario.swap_slope_unknown"].severity == "warning"
