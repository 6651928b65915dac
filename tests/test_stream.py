"""A file measured in batches gives what the frame gives, whatever the batch, and every feature is in the table."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow.parquet
import pytest
import shapely
from click.testing import CliRunner

from zoneplan.cli import cli
from zoneplan.engine.overlap import overlap_areas
from zoneplan.errors import InputError
from zoneplan.jobs.stream import overlap_file

CRS = 4547
WEST, SOUTH = 421_000.0, 3_890_000.0


def blob(random, radius):
    angle = np.linspace(0, 2 * np.pi, 14, endpoint=False)
    reach = random.uniform(0.4 * radius, radius, len(angle))
    xy = np.stack([reach * np.cos(angle), reach * np.sin(angle)], axis=1)
    return shapely.Polygon(xy + random.uniform(0, 2000, 2) + (WEST, SOUTH))


@pytest.fixture
def files(tmp_path):
    random = np.random.default_rng(1)
    parcels = gpd.GeoDataFrame(
        {"DKBH": [f"D{n:03d}" for n in range(300)]},
        geometry=[blob(random, 60) for _ in range(300)],
        crs=CRS,
    )
    line = gpd.GeoDataFrame(geometry=[shapely.union_all([blob(random, 400) for _ in range(9)])], crs=CRS)
    parcels.to_file(tmp_path / "parcels.gpkg")
    line.to_file(tmp_path / "line.gpkg")
    return tmp_path, parcels, line


@pytest.mark.parametrize("area", ["ellipsoidal", "planar"])
def test_a_stream_gives_what_the_frame_gives_bit_for_bit(files, area):
    folder, parcels, line = files
    made = overlap_file(
        folder / "parcels.gpkg", {"line": str(folder / "line.gpkg")}, folder / "out.parquet",
        id_field="DKBH", area=area, batch=70,
    )  # fmt: skip
    table = pyarrow.parquet.read_table(folder / "out.parquet").to_pandas()
    truth = overlap_areas(parcels, {"line": line}, area=area).table
    assert table["parcel_id"].tolist() == parcels["DKBH"].tolist()
    np.testing.assert_array_equal(table[["area_m2", "line"]], truth)
    assert made.features == 300
    assert made.area_m2 == pytest.approx(truth["area_m2"].sum(), rel=1e-14)
    assert made.overlap_m2["line"] == pytest.approx(truth["line"].sum(), rel=1e-14)


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_neither_batches_nor_cores_matter_to_a_single_byte(files, suffix, monkeypatch):
    folder, parcels, _ = files
    shapes = parcels.geometry.to_numpy().copy()
    shapes[[3, 150, 290]] = shapely.Point(WEST, SOUTH)
    parcels.set_geometry(shapes, crs=CRS).to_file(folder / "some.gpkg")
    monkeypatch.setattr("zoneplan.jobs.stream._GROUP", 64)
    seen = []
    for number, (batch, cores) in enumerate([(7, 3), (100, 1), (1000, 2)]):
        monkeypatch.setattr("zoneplan.jobs.stream.os.cpu_count", lambda cores=cores: cores)
        out = folder / f"out{number}{suffix}"
        made = overlap_file(folder / "some.gpkg", {"line": str(folder / "line.gpkg")}, out, batch=batch)
        seen.append((made, out.read_bytes()))
    assert seen[0] == seen[1] == seen[2]
    assert seen[0][0].features == 300
    assert seen[0][0].findings[0].feature == ("4", "151", "291")


def test_other_crs_and_z_are_read_and_text_stays_text(files):
    folder, parcels, line = files
    far = parcels.to_crs(4490)
    far.geometry = shapely.force_3d(far.geometry.to_numpy(), 3.0)
    far["DKBH"] = ["=cmd", "0012", *far["DKBH"][2:]]
    far.to_file(folder / "far.gpkg")
    overlap_file(folder / "far.gpkg", {"line": str(folder / "line.gpkg")}, folder / "o.csv", id_field="DKBH")
    table = pd.read_csv(folder / "o.csv", dtype={"parcel_id": str})
    assert table["parcel_id"].tolist()[:2] == ["'=cmd", "0012"]
    truth = overlap_areas(parcels, {"line": line}).table
    np.testing.assert_allclose(table[["area_m2", "line"]], truth, atol=0.02)


def test_features_that_cannot_be_measured_are_named_and_left_empty(files):
    folder, parcels, _ = files
    shapes = parcels.geometry.to_numpy().copy()
    shapes[3] = shapely.Polygon([(WEST, SOUTH), (WEST + 9, SOUTH + 9), (WEST + 9, SOUTH), (WEST, SOUTH + 9)])
    shapes[5] = shapely.Point(WEST, SOUTH)
    shapes[6] = None
    parcels.set_geometry(shapes, crs=CRS).to_file(folder / "bad.gpkg")
    made = overlap_file(folder / "bad.gpkg", {"line": str(folder / "line.gpkg")}, folder / "o.csv")
    table = pd.read_csv(folder / "o.csv", dtype={"parcel_id": str}).set_index("parcel_id")
    assert len(table) == 300
    assert table.index[table["area_m2"].isna()].tolist() == ["4", "6"]
    assert table.loc["7", "area_m2"] == 0
    assert {f.code: f.feature for f in made.findings} == {
        "overlap.feature": ("4",), "overlap.unreadable": ("6",),
    }  # fmt: skip


def test_of_many_that_cannot_be_measured_the_first_are_named_and_all_counted(files):
    folder, parcels, _ = files
    parcels.set_geometry(parcels.centroid.where(parcels.index % 3 == 0, parcels.geometry)).to_file(
        folder / "points.gpkg"
    )
    made = overlap_file(
        folder / "points.gpkg", {"line": str(folder / "line.gpkg")}, folder / "o.parquet", batch=8
    )
    (found,) = made.findings
    assert found.feature == tuple(str(n) for n in range(1, 31, 3))
    assert "100 features" in found.en
    table = pyarrow.parquet.read_table(folder / "o.parquet").to_pandas()
    assert (table["area_m2"].isna() == (np.arange(300) % 3 == 0)).all()


def test_a_kept_grid_is_used_again_until_its_file_changes(files, monkeypatch):
    folder, _, line = files
    source = {"line": str(folder / "line.gpkg")}
    first = overlap_file(folder / "parcels.gpkg", source, folder / "a.csv", keep_grids=True)
    kept = folder / "line.gpkg.zpgrid.npz"
    assert kept.is_file()
    monkeypatch.setattr("zoneplan.io.grids.read_vector", lambda *_, **__: pytest.fail("the layer was read"))
    again = overlap_file(folder / "parcels.gpkg", source, folder / "b.csv", keep_grids=True)
    assert again == first
    monkeypatch.undo()
    line.iloc[:0].to_file(folder / "empty.gpkg")
    gpd.GeoDataFrame(geometry=[shapely.box(WEST, SOUTH, WEST + 5, SOUTH + 5)], crs=CRS).to_file(
        folder / "line.gpkg"
    )
    changed = overlap_file(folder / "parcels.gpkg", source, folder / "c.csv", keep_grids=True)
    assert changed.overlap_m2["line"] < 25.1


def test_faults_are_said_and_nothing_is_written(files):
    folder, parcels, _ = files
    source = {"line": str(folder / "line.gpkg")}
    with pytest.raises(InputError, match=r"expected one of \.csv, \.parquet"):
        overlap_file(folder / "parcels.gpkg", source, folder / "o.txt")
    with pytest.raises(InputError, match="there is no field 'BSM'; there are: DKBH"):
        overlap_file(folder / "parcels.gpkg", source, folder / "o.csv", id_field="BSM")
    parcels.set_crs(3857, allow_override=True).to_file(folder / "mercator.gpkg")
    with pytest.raises(InputError, match="Web Mercator"):
        overlap_file(folder / "mercator.gpkg", source, folder / "o.csv")
    assert not (folder / "o.csv").exists()


def test_the_command_prints_totals(files):
    folder, _, _ = files
    line = f"line={folder / 'line.gpkg'}"
    found = CliRunner().invoke(
        cli,
        [
            "overlap",
            str(folder / "parcels.gpkg"),
            "--line",
            line,
            "-o",
            str(folder / "o.csv"),
            "--lang",
            "en",
        ],
    )
    assert found.exit_code == 0, found.output
    assert "300 features" in found.output
    assert "line" in found.output
