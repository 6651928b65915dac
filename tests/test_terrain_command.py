"""The sample rasters and the commands on them: same bytes twice, labelled everywhere; a swap measured from heights."""

from __future__ import annotations

import json
import runpy
from pathlib import Path
from typing import Any

import geopandas as gpd
import openpyxl
import pandas as pd
import pyogrio
import pytest
import rasterio
from shapely.geometry import box

import zoneplan as zp
from zoneplan import Scenario, run_scenario
from zoneplan.cli import main
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


def test_terrain_writes_the_same_bytes_twice_and_labels_them(tmp_path, capsys):
    call = [
        "terrain",
        "jiaozuo",
        "--dem",
        DEM,
        "--landcover",
        COVER,
        "--parcels",
        SAMPLES / "parcels.geojson",
        "--id-field",
        "DKBH",
    ]
    assert run(*call, "-o", tmp_path / "a") == 0
    out = capsys.readouterr().out
    assert "terrain.synthetic" in out
    assert "permanent_basic_farmland#" in out
    assert run(*call, "-o", tmp_path / "b") == 0
    names = sorted(path.name for path in (tmp_path / "a").iterdir())
    assert names == [
        "aspect_class.tif", "elevation.tif", "findings.gpkg", "findings.json", "relief.tif", "slope.tif",
        "slope_class.tif", "terrain.csv", "terrain.gpkg", "terrain.xlsx", "urban_slope_class.tif",
    ]  # fmt: skip
    for name in names:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes(), name
    for name in ("slope.tif", "slope_class.tif"):
        with rasterio.open(tmp_path / "a" / name) as file:
            assert "合成" in file.tags()["ZONEPLAN_SYNTHETIC"]
            assert file.crs.to_epsg() == 4547
    table = pd.read_csv(tmp_path / "a" / "terrain.csv", dtype=str)
    assert table["label"].str.contains("合成").all()
    parcels = table[table["table"] == "parcels"]
    assert len(parcels) == 57
    book = openpyxl.load_workbook(tmp_path / "a" / "terrain.xlsx")
    assert all(
        "合成" in str(sheet.cell(1, 1).value) and "示意" in str(sheet.cell(1, 1).value) for sheet in book
    )
    farmland = pyogrio.read_dataframe(tmp_path / "a" / "terrain.gpkg", layer="farmland")
    assert (farmland["slope_state"] == "partly").all()
    assert farmland["label"].str.contains("synthetic").all()


def test_parcels_areas_by_slope_class_add_up(layers, tmp_path):
    call = zp.TerrainCall([DEM], parcels=str(SAMPLES / "parcels.geojson"))
    table = zp.run_terrain(layers, call, tmp_path).tables["parcels"]
    columns = [name for name in table if name.startswith("slope_class_")]
    known = table[table["area_m2"] > 0]
    assert len(columns) == 6
    assert (known[columns].sum(axis=1).round(2) == known["area_m2"]).all()


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


def test_land_cover_without_legend_is_refused(tmp_path, capsys):
    with rasterio.open(COVER) as file, rasterio.open(tmp_path / "lc.tif", "w", **file.profile) as copy:
        copy.write(file.read())
    assert (
        run("terrain", "jiaozuo", "--dem", DEM, "--landcover", tmp_path / "lc.tif", "-o", tmp_path / "out")
        == 2
    )
    assert "--landcover-legend: landuse, worldcover" in capsys.readouterr().err


def test_ground_to_be_given_that_is_too_steep_ends_with_one(layers, tmp_path):
    with rasterio.open(DEM) as file:
        top = divmod(int(file.read(1).argmax()), file.width)
        lon, lat = file.transform.c + file.transform.a * top[1], file.transform.f + file.transform.e * top[0]
    side = 0.0035
    give = gpd.GeoDataFrame(
        {"id": ["flat", "hill"]},
        geometry=[box(113.25, 35.16, 113.252, 35.162), box(lon - side, lat - side, lon + side, lat + side)],
        crs=4490,
    )
    give.to_file(tmp_path / "give.gpkg")
    assert run(
        "terrain", "jiaozuo", "--dem", DEM, "--candidates", tmp_path / "give.gpkg", "-o", tmp_path / "out"
    ) in (0, 1)
    table = (
        pd.read_csv(tmp_path / "out" / "terrain.csv", dtype=str)
        .query("table == 'candidates'")
        .set_index("id")
    )
    assert table.loc["flat", "slope_state"] == "clear"
    assert table.loc["hill", "slope_state"] in ("partly", "steep")


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
