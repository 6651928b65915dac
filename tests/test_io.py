"""Files: what was written reads back the same, equal input gives equal bytes, a failure leaves the old file."""

import json
import os
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from synthetic import CRS_CODE, layers
from zoneplan.engine.hollow import without_hollow_rings
from zoneplan.errors import InputError, fault
from zoneplan.finding import Finding
from zoneplan.io import store
from zoneplan.io.geojson import write_geojson
from zoneplan.io.geometrycheck import check_geometry
from zoneplan.io.layers import read_layers, write_findings, write_geojson_layers, write_layers
from zoneplan.io.vector import read_vector, split_path_layer


def test_layers_read_back_as_written(tmp_path):
    made = layers()
    write_layers(tmp_path / "layers.gpkg", made)
    back = read_layers(tmp_path)
    assert list(back) == list(made)
    assert back.crs == made.crs
    for kind, frame in made.frames.items():
        for column in frame.columns.drop("geometry"):
            got, want = list(back[kind][column]), list(frame[column])
            assert got == want or np.allclose(got, want, equal_nan=True)
        assert (
            back[kind].geometry.geom_equals_exact(frame.geometry, 0).all()
            or back[kind].geometry.geom_equals(frame.geometry).all()
        )


def test_equal_layers_give_equal_bytes(tmp_path):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        write_layers(tmp_path / name / "layers.gpkg", layers())
        write_geojson_layers(tmp_path / name, layers())
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()


@given(st.lists(st.tuples(st.floats(0, 9000), st.floats(0, 9000), st.floats(1, 900)), min_size=1, max_size=5))
@settings(max_examples=20, deadline=None)
def test_geojson_reads_back_within_a_millimetre(tmp_path_factory, rows):
    shapes = [shapely.Point(421454 + x, 3120865 + y).buffer(r) for x, y, r in rows]
    frame = gpd.GeoDataFrame(
        {"id": [str(i) for i in range(len(rows))], "n": [np.nan] * len(rows)}, geometry=shapes, crs=CRS_CODE
    )
    path = tmp_path_factory.mktemp("g") / "x.geojson"
    write_geojson(path, frame)
    back = read_vector(path).to_crs(CRS_CODE)
    for got, want in zip(back.geometry, frame.geometry, strict=True):
        assert got.hausdorff_distance(want) < 1e-3
    assert list(back["id"]) == list(frame["id"])


@pytest.mark.parametrize("fails", [False, True])
def test_a_folder_is_written_whole_or_not_at_all(tmp_path, fails):
    (tmp_path / "a.txt").write_text("old")
    try:
        with store.staged(tmp_path) as stage:
            (stage / "a.txt").write_text("new")
            (stage / "b.txt").write_text("new")
            if fails:
                raise KeyboardInterrupt
    except KeyboardInterrupt:
        pass
    assert {p.name: p.read_text() for p in tmp_path.iterdir()} == (
        {"a.txt": "old"} if fails else {"a.txt": "new", "b.txt": "new"}
    )


def test_a_failure_leaves_no_empty_folder_behind(tmp_path):
    with pytest.raises(RuntimeError, match="stop"), store.staged(tmp_path / "new" / "deep"):
        raise RuntimeError("stop")
    assert list(tmp_path.iterdir()) == []


def test_hashes_of_folders_follow_names_and_content(tmp_path):
    for name, content in (("a", b"1"), ("b", b"2")):
        (tmp_path / name).write_bytes(content)
    first = store.sha256(tmp_path)
    (tmp_path / "a").rename(tmp_path / "c")
    assert store.sha256(tmp_path) != first


@pytest.mark.parametrize(
    ("text", "path", "layer"),
    [
        ("a.gpkg", "a.gpkg", None),
        ("a.gdb:DLTB", "a.gdb", "DLTB"),
        ("C:/x/a.gpkg", "C:/x/a.gpkg", None),
        ("C:/x/a.gpkg:图层", "C:/x/a.gpkg", "图层"),
    ],
)
def test_path_and_layer(text, path, layer):
    assert split_path_layer(text) == (type(split_path_layer(text)[0])(path), layer)


def test_a_colon_in_an_existing_path_is_no_layer(tmp_path):
    odd = tmp_path / "a:b.gpkg"
    odd.touch()
    assert split_path_layer(str(odd)) == (odd, None)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.mdb", b"x", r"personal geodatabase \(.mdb\) cannot be read; export it"),
        ("a.txt", b"x", r"unknown format '.txt'; what is read: .gpkg"),
        ("a.gpkg", b"SQLite format 3\x00 broken", "cannot be read"),
        ("a.gpkg", b"hello", "the content is no GPKG"),
        ("a.geojson", b'{"type": "FeatureCollection", "features": []}', "0 features"),
        ("a.geojson", b'{"type": ', "not valid JSON"),
        ("a.shp", b"\x00\x00\x27\x0a" + bytes(96), r"the .shx file of the same name is missing"),
    ],
)
def test_files_that_cannot_be_read_say_why(tmp_path, name, content, message):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InputError, match=message):
        read_vector(path)


@pytest.mark.parametrize(
    "path",
    ["/vsicurl/http://example.org/a.geojson", "http://example.org/a.geojson", "WFS:http://example.org"],
)
def test_addresses_are_not_files(path):
    with pytest.raises(InputError, match=r"only files on this machine|no such file"):
        read_vector(path)


def test_an_absent_layer_lists_those_there_are(tmp_path):
    write_layers(tmp_path / "layers.gpkg", layers())
    with pytest.raises(InputError, match="there is no layer 'x'; there are: group, space"):
        read_vector(tmp_path / "layers.gpkg", layer="x")


def test_many_faults_of_one_kind_are_counted():
    frame = gpd.GeoDataFrame(geometry=[shapely.Point(0, 0)] * 14, crs=4490)
    faults = check_geometry(frame, place="x", families={"polygon"})
    assert len(faults) == 11
    assert faults[-1].en == "and 4 more of the same"


def test_findings_open_as_a_layer(tmp_path):
    rows = [Finding("a.b", "info", "中", "en", point=(113.2, 35.1)), fault("c", "p", "错", "wrong")]
    write_findings(tmp_path / "f.gpkg", rows)
    back = gpd.read_file(tmp_path / "f.gpkg")
    assert list(back["message_zh"]) == ["中", "错"]
    assert back.geometry.iloc[0].x == pytest.approx(113.2)
    record = json.loads(json.dumps(rows[0].record()))
    assert record["message"] == {"zh": "中", "en": "en"}


def test_layers_without_zone_or_columns_are_refused(tmp_path):
    with pytest.raises(InputError, match="there is no such file; run `zoneplan build` first"):
        read_layers(tmp_path)
    frame = gpd.GeoDataFrame({"id": ["a"]}, geometry=[shapely.box(0, 0, 1, 1)], crs=CRS_CODE)
    frame.to_file(tmp_path / "layers.gpkg", layer="group")
    with pytest.raises(InputError, match="columns are missing: name, name_en"):
        read_layers(tmp_path)


def test_output_is_utf8_with_unix_lines_whatever_the_system(tmp_path):
    store.write_json(tmp_path / "x.json", {"名": 1})
    assert (tmp_path / "x.json").read_bytes() == '{\n  "名": 1\n}\n'.encode()
    assert os.linesep in ("\n", "\r\n")


def test_a_csv_runs_nothing_in_a_spreadsheet(tmp_path: Path) -> None:
    table = pd.DataFrame({"=name": ["=1+1", None, "-3"], "number": [-1.5, float("nan"), 2.0]})
    store.write_csv(tmp_path / "t.csv", table)
    text = (tmp_path / "t.csv").read_bytes().decode("utf-8-sig")
    assert text == "'=name,number\r\n'=1+1,-1.5\r\n,\r\n'-3,2.0\r\n"


def test_a_hole_without_points_is_left_out_on_reading(tmp_path):
    """It is valid, and GEOS reads past its end when asked whether two such polygons touch."""
    hollow = shapely.from_wkt("MULTIPOLYGON (((0 0, 0 9, 9 9, 9 0, 0 0), EMPTY, (1 1, 2 1, 2 2, 1 1)))")
    whole = shapely.box(20, 0, 30, 10)
    frame = gpd.GeoDataFrame({"BSM": ["a", "b"]}, geometry=[hollow, whole], crs=4547)
    for name in ("a.gpkg", "a.geojson"):
        frame.to_file(tmp_path / name, engine="pyogrio")
        read = read_vector(tmp_path / name)
        assert [len(part.interiors) for part in shapely.get_parts(read.geometry)] == [1, 0]
        assert list(read["BSM"]) == ["a", "b"]
        assert read.crs is not None
        assert shapely.area(read.geometry).tolist() == shapely.area(frame.geometry).tolist()


def test_hollow_rings_are_left_out_of_collections_too():
    hollow = shapely.from_wkt("GEOMETRYCOLLECTION (POINT (1 1), POLYGON ((0 0, 0 9, 9 9, 0 0), EMPTY))")
    plain = shapely.Point(3, 3)
    made = without_hollow_rings(np.array([hollow, plain, None], dtype=object))
    assert made[0].wkt == "GEOMETRYCOLLECTION (POINT (1 1), POLYGON ((0 0, 0 9, 9 9, 0 0)))"
    assert made[1] is plain
    assert made[2] is None
