"""Files as they come from offices: parts missing, names that formats keep for themselves, tables that do not fit."""

import shutil
import struct
import zipfile

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from zoneplan.check.conflicts import check_parcels
from zoneplan.check.request import CheckRequest
from zoneplan.cli import main
from zoneplan.errors import InputError
from zoneplan.io.anyfile import read_any
from zoneplan.io.standardfiles import read_standard
from zoneplan.io.writer import write_any
from zoneplan.jobs.app import write_check
from zoneplan.jobs.checking import check
from zoneplan.jobs.stream import overlap_file

WEST, SOUTH = 500_000.0, 3_900_000.0
BOXES = [shapely.box(WEST + 100 * n, SOUTH, WEST + 100 * n + 50, SOUTH + 50) for n in range(4)]


def parcels(**columns) -> gpd.GeoDataFrame:
    made = columns or {"DKBH": ["甲", "乙", "丙", "丁"], "DKMC": ["东", "西", "南", "北"]}
    return gpd.GeoDataFrame(made, geometry=BOXES, crs=4547)


def shapefile(folder, frame=None, encoding="GBK"):
    (parcels() if frame is None else frame).to_file(folder / "a.shp", engine="pyogrio", encoding=encoding)
    (folder / "a.cpg").unlink()
    return folder / "a.shp"


def codes(findings):
    return [finding.code for finding in findings]


def said(findings, code):
    return [finding.en for finding in findings if finding.code == code]


def same_shapes(frame):
    assert [a.equals(b) for a, b in zip(frame.geometry, BOXES, strict=True)] == [True] * 4


def test_an_index_that_is_missing_is_made_from_the_shapes(tmp_path):
    path = shapefile(tmp_path)
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir() if file.suffix != ".shx"}
    (tmp_path / "a.shx").unlink()
    made = read_any(path)
    same_shapes(made.frame)
    assert list(made.frame["DKBH"]) == ["甲", "乙", "丙", "丁"]
    assert made.frame.crs == "EPSG:4547"
    assert "an index of the 4 shapes in the .shp was made" in said(made.findings, "file.part")[0]
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == before


def test_an_index_is_not_made_where_it_cannot_be_sure(tmp_path):
    path = shapefile(tmp_path)
    (tmp_path / "a.shx").unlink()
    whole, table = path.read_bytes(), (tmp_path / "a.dbf").read_bytes()
    for damaged in (whole[:-4], whole + bytes(20), whole[:100], whole[:100] + b"\0\0\0\7" + whole[104:]):
        path.write_bytes(damaged)
        with pytest.raises(InputError, match=r"a\.shp: the \.shx file of the same name is missing, and"):
            read_any(path)
    path.write_bytes(whole)
    (tmp_path / "a.dbf").write_bytes(table[:4] + struct.pack("<I", 3) + table[8:])
    with pytest.raises(InputError, match=r"the \.shp has 4 shapes and the \.dbf 3 rows"):
        read_any(path)


def test_shapes_without_a_table_are_checked_by_their_number(tmp_path):
    path = shapefile(tmp_path)
    (tmp_path / "a.dbf").unlink()
    made = read_any(path)
    same_shapes(made.frame)
    assert said(made.findings, "file.part")[0].startswith(
        "the .dbf file of the same name (the table) is missing: 4"
    )
    gpd.GeoDataFrame(geometry=BOXES[:1], crs=4547).to_file(tmp_path / "line.gpkg", engine="pyogrio")
    request = CheckRequest(str(path), lines={"ecological_redline": str(tmp_path / "line.gpkg")})
    result = check(request).result
    assert list(result.table["parcel_id"]) == ["1", "2", "3", "4"]
    assert list(result.table["state"]) == ["hit", "clear", "clear", "clear"]
    assert "file.part" in codes(result.findings)


def test_shapes_beyond_the_end_of_the_table_are_not_lost(tmp_path):
    path = shapefile(tmp_path)
    table = (tmp_path / "a.dbf").read_bytes()
    header, size = struct.unpack("<HH", table[8:12])
    (tmp_path / "a.dbf").write_bytes(
        table[:4] + struct.pack("<I", 3) + table[8 : header + 3 * size] + b"\x1a"
    )
    made = read_any(path)
    same_shapes(made.frame)
    assert list(made.frame["DKBH"][:3]) == ["甲", "乙", "丙"]
    assert pd.isna(made.frame["DKBH"][3])
    assert said(made.findings, "file.part") == ["the .shp has 4 shapes, the .dbf only 3 rows: #4 have no fields, their shapes are read all the same"]  # fmt: skip
    line = gpd.GeoDataFrame(geometry=[BOXES[3]], crs=4547)
    line.to_file(tmp_path / "line.gpkg", engine="pyogrio")
    told = overlap_file(path, {"red": str(tmp_path / "line.gpkg")}, tmp_path / "out.csv", area="planar")
    assert told.features == 4
    assert told.overlap_m2["red"] == pytest.approx(2500)
    assert "file.part" in codes(told.findings)


def test_rows_marked_as_deleted_are_counted(tmp_path):
    path = shapefile(tmp_path)
    table = bytearray((tmp_path / "a.dbf").read_bytes())
    header, size = struct.unpack("<HH", table[8:12])
    table[header + size] = ord("*")
    (tmp_path / "a.dbf").write_bytes(bytes(table))
    made = read_any(path)
    assert list(made.frame["DKBH"]) == ["甲", "丙", "丁"]
    assert said(made.findings, "file.part") == ["1 rows of the table are marked as deleted and are left out with their shapes: #2"]  # fmt: skip


def test_fields_of_the_same_name_keep_their_own_values(tmp_path):
    path = shapefile(tmp_path, parcels(DLBM=list("1234"), XXXX=list("5678"), geomxxxx=list("abcd")))
    table = (tmp_path / "a.dbf").read_bytes()
    (tmp_path / "a.dbf").write_bytes(table.replace(b"XXXX\0", b"DLBM\0").replace(b"geomxxxx", b"geometry"))
    made = read_any(path)
    same_shapes(made.frame)
    assert list(made.frame["DLBM"]) == list("1234")
    assert list(made.frame["DLBM_2"]) == list("5678")
    assert list(made.frame["geometry_2"]) == list("abcd")
    assert "DLBM→DLBM_2" in said(made.findings, "file.field")[0]


@pytest.mark.parametrize("width", [90, 127, 128, 200, 254])
@pytest.mark.parametrize("encoding", ["utf-8", "gbk"])
def test_the_width_of_a_field_has_no_say_in_the_encoding(tmp_path, width, encoding):
    path = shapefile(tmp_path, parcels(DKMC=["x" * width] * 4))
    raw = (tmp_path / "a.dbf").read_bytes()
    header = int.from_bytes(raw[8:10], "little")
    words = ["测试", "地块", "耕地", "林地"]  # in UTF-8, bytes that are signs of GB18030 as well
    rows = b"".join(b" " + word.encode(encoding).ljust(width) for word in words)
    (tmp_path / "a.dbf").write_bytes(raw[:header] + rows + b"\x1a")
    assert raw[32 + 16] == width
    assert list(read_any(path).frame["DKMC"]) == words


def test_columns_of_a_table_of_the_same_heading_are_kept(tmp_path):
    text = '地块编号,备注,备注,WKT\n1,甲,乙,"POLYGON((500000 3900000,500050 3900000,500050 3900050,500000 3900000))"\n'
    (tmp_path / "a.csv").write_text(text, encoding="gbk")
    frame = read_any(tmp_path / "a.csv").frame
    assert list(frame["备注"]) == ["甲"]
    assert list(frame["备注_2"]) == ["乙"]


@pytest.mark.parametrize(
    ("suffix", "names"), [(".gpkg", ("fid", "FID", "Geom")), (".gdb", ("OBJECTID", "objectid", "Shape"))]
)
@pytest.mark.parametrize("values", [[7, 8, 9, 10], [1.5, 2.0, None, 2.0], [1, 1, 2, 2], ["a", "b", "c", "d"]])
def test_fields_named_as_a_format_names_its_own_are_kept(tmp_path, suffix, names, values):
    for name in names:
        target = tmp_path / f"{name}{suffix}"
        _, told = write_any(target, parcels(**{name: values}))
        back = read_any(target).frame
        got = [None if pd.isna(value) else value for value in back[f"{name}_1"]]
        assert got == values
        assert f"{name}→{name}_1" in said(told, "out.names")[0]


def test_a_field_named_as_the_new_name_is_not_replaced(tmp_path):
    write_any(tmp_path / "a.gpkg", parcels(fid=[1, 2, 3, 4], fid_1=[5, 6, 7, 8]))
    back = read_any(tmp_path / "a.gpkg").frame
    assert list(back["fid_1"]) == [5, 6, 7, 8]
    assert list(back["fid_2"]) == [1, 2, 3, 4]


@pytest.mark.parametrize("name", ["(1)地块", "-x", "@", "【地块】", "地块 (2)"])
def test_a_geopackage_may_have_any_usual_name(tmp_path, name):
    write_any(tmp_path / f"{name}.gpkg", parcels())
    same_shapes(read_any(tmp_path / f"{name}.gpkg").frame)


@pytest.mark.parametrize("suffix", [".shp", ".gpkg", ".gdb", ".geojson", ".dxf", ".kml"])
@pytest.mark.parametrize("name", ["!地块", "a;b"])
def test_names_that_look_like_addresses_are_read(tmp_path, suffix, name):
    write_any(tmp_path / f"a{suffix}", parcels())
    folder = tmp_path / "!急"
    folder.mkdir()
    for file in list(tmp_path.iterdir()):
        if file.stem == "a":
            shutil.move(file, folder / f"{name}{file.suffix}")
    frame = read_any(folder / f"{name}{suffix}").frame
    assert len(frame) == 4
    assert frame.crs is not None
    with pytest.raises(
        InputError, match="has a '!', a ';' or a control character and would be written elsewhere"
    ):
        write_any(folder / "b.gpkg", parcels())


def test_a_folder_that_looks_like_an_address_is_written_to_from_inside(tmp_path, monkeypatch):
    folder = tmp_path / "!急"
    folder.mkdir()
    parcels().to_file(tmp_path / "p.gpkg", engine="pyogrio")
    shutil.move(tmp_path / "p.gpkg", folder / "p.gpkg")
    call = ["check", "p.gpkg", "--line", "ecological_redline=p.gpkg", "--formats", "csv,gpkg", "-o"]
    monkeypatch.chdir(folder)
    for out, code in (("out", 0), (str(folder / "out2"), 2)):
        with pytest.raises(SystemExit) as ended:
            main([*call, out])
        assert ended.value.code == code
    assert sorted(path.name for path in folder.iterdir()) == ["out", "p.gpkg"]
    assert {path.name for path in (folder / "out").iterdir()} >= {"conflicts.csv", "conflicts.gpkg"}


def test_one_of_several_data_sets_of_an_archive_is_named(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for name, boxes in (("东", BOXES[:1]), ("西", BOXES[1:])):
            gpd.GeoDataFrame(geometry=boxes, crs=4547).to_file(tmp_path / f"{name}.shp", engine="pyogrio")
            for file in tmp_path.glob(f"{name}.*"):
                archive.write(file, f"成果/{file.name}")
    assert len(read_any(tmp_path / "a.zip", layer="西").frame) == 3
    assert len(read_any(tmp_path / "a.zip", layer="东.shp").frame) == 1
    for layer in (None, "南"):
        with pytest.raises(InputError, match=r"holds 2 data sets.*write ARCHIVE:NAME to name one"):
            read_any(tmp_path / "a.zip", layer=layer)


def test_a_text_that_is_no_coordinate_file_is_refused_in_one_line(tmp_path):
    (tmp_path / "a.txt").write_text("会议纪要\n\n" + "第一条 内容,内容\n" * 500, encoding="gbk")
    with pytest.raises(InputError) as refused:
        read_any(tmp_path / "a.txt")
    assert [fault.code for fault in refused.value.faults] == ["txt.no_plots"]


def test_lines_that_are_no_points_are_told_a_few_times(tmp_path):
    lines = ["5,1.0,1,一,面,,,,@", *(f"J{n},1,不详,不详" for n in range(300)), "5,1.0,2,二,面,,,,@"]
    lines += [
        "J1,1,3896100,38421000",
        "J2,1,3896100,38421100",
        "J3,1,3896000,38421100",
        "J1,1,3896100,38421000",
    ]
    text = (
        "[属性描述]\n坐标系=2000国家大地坐标系\n几度分带=3\n带号=38\n[地块坐标]\n" + "\n".join(lines) + "\n"
    )
    (tmp_path / "a.txt").write_text(text, encoding="gbk")
    made = read_any(tmp_path / "a.txt")
    assert [shape is None for shape in made.frame.geometry] == [True, False]
    told = said(made.findings, "txt.point")
    assert len(told) == 11
    assert told[-1].startswith("290 more lines are no boundary points; the 1 plots")


def test_a_table_without_coordinates_says_what_it_has_in_a_few_words(tmp_path):
    heads = [f"很长的\n列名{n}" * 5 for n in range(60)]
    frame = pd.DataFrame([["x"] * 60], columns=heads)
    frame.to_excel(tmp_path / "a.xlsx", index=False)
    with pytest.raises(InputError, match=r"no column of coordinates is known.*…\(共 60 列\)") as refused:
        read_any(tmp_path / "a.xlsx")
    assert len(refused.value.faults[0].zh) < 900
    assert "\n" not in refused.value.faults[0].zh


def test_arcs_in_a_table_are_named_and_the_other_rows_read(tmp_path):
    rows = ["id,geom", '1,"CURVEPOLYGON(CIRCULARSTRING(0 0,1 1,2 0,1 -1,0 0))"', f'2,"{BOXES[0].wkt}"']
    (tmp_path / "a.csv").write_text("\n".join(rows), encoding="utf-8")
    made = read_any(tmp_path / "a.csv")
    assert [shape is None for shape in made.frame.geometry] == [True, False]
    assert said(made.findings, "table.wkt") == ["the WKT of 1 rows cannot be read: #2"]


def test_converting_says_which_features_have_no_figure(tmp_path, capsys):
    frame = parcels()
    frame.geometry = [None, *BOXES[1:]]
    frame.to_file(tmp_path / "a.gpkg", engine="pyogrio")
    with pytest.raises(SystemExit) as ended:
        main(["convert", str(tmp_path / "a.gpkg"), str(tmp_path / "b.geojson"), "--lang", "en"])
    assert ended.value.code == 0
    assert "1 features have no figure (empty, or damaged and not to be read): #1" in capsys.readouterr().out


def test_a_geodatabase_that_lacks_its_tables_says_so(tmp_path):
    write_any(tmp_path / "a.gdb", parcels())
    (tmp_path / "a.gdb" / "a00000001.gdbtable").unlink()
    with pytest.raises(
        InputError, match=r"a\.gdb: no whole geodatabase: the folder lacks a00000001\.gdbtable"
    ):
        read_any(tmp_path / "a.gdb")


def bow(x: float) -> shapely.Polygon:
    """Two triangles of 25 m² that meet in a point."""
    at = np.array([[0, 0], [10, 10], [10, 0], [0, 10]]) + np.array([x, SOUTH])
    return shapely.Polygon(at)


def test_a_folder_of_lines_may_hold_other_json(tmp_path):
    parcels().to_file(tmp_path / "STBHHX.shp", engine="pyogrio")
    (tmp_path / "STBHHX.shx").unlink()
    (tmp_path / "manifest.json").write_text('{"made": "by hand"}', encoding="utf-8")
    made = read_standard(tmp_path)
    assert [layer.key for layer, _, _ in made.lines] == ["ecological_redline"]
    assert "manifest.json" in said(made.findings, "lines.unknown")[0]
    parcels().to_file(tmp_path / "p.gpkg", engine="pyogrio")
    told = overlap_file(tmp_path / "p.gpkg", {"red": str(tmp_path / "STBHHX.shp")}, tmp_path / "out.csv")
    assert "an index of the 4 shapes" in said(told.findings, "file.part")[0]


def test_invalid_polygons_of_a_line_are_repaired_and_named(tmp_path):
    here = BOXES[0].union(shapely.box(WEST, SOUTH, WEST + 400, SOUTH + 20))
    lines = gpd.GeoDataFrame({"BSM": ["r1", "r2", "r3"]}, geometry=[bow(WEST + 100), here, None], crs=4547)
    lines.to_file(tmp_path / "red.gpkg", engine="pyogrio")
    parcels().to_file(tmp_path / "p.gpkg", engine="pyogrio")
    request = CheckRequest(
        str(tmp_path / "p.gpkg"), lines={"ecological_redline": str(tmp_path / "red.gpkg")}, area="planar"
    )
    made = check(request)
    told = said(made.result.findings, "lines.repaired")
    assert told == [
        "#1 was invalid (Self-intersection) and was repaired (structure) before measuring: 0.00 → 50.00 m²"
    ]
    assert said(made.result.findings, "geometry.empty") == ["1 features have no geometry and take no part; see whether any was forgotten: #3"]  # fmt: skip
    assert "overlap.layer" not in codes(made.result.findings)
    whole = shapely.union_all([shapely.make_valid(bow(WEST + 100)), here])
    expected = [whole.intersection(box).area for box in BOXES]
    assert made.result.table["overlap_area_m2"].to_numpy() == pytest.approx(expected, abs=1e-6)
    told = overlap_file(
        tmp_path / "p.gpkg", {"red": str(tmp_path / "red.gpkg")}, tmp_path / "out.csv", area="planar"
    )
    assert told.overlap_m2["red"] == pytest.approx(sum(expected), abs=1e-6)
    assert "overlap.layer" not in codes(told.findings)


def spiked(x):
    """A box with an edge that runs out and back, and a hole that shares an edge with the shell: invalid, no area in doubt."""
    shell = [
        (x, SOUTH),
        (x + 60, SOUTH),
        (x + 60, SOUTH + 50),
        (x + 65, SOUTH + 50),
        (x + 60, SOUTH + 50),
        (x + 60, SOUTH + 90),
        (x, SOUTH + 90),
    ]
    return shapely.Polygon(
        shell, [[(x, SOUTH + 20), (x + 10, SOUTH + 20), (x + 10, SOUTH + 40), (x, SOUTH + 40)]]
    )


def test_what_is_invalid_and_not_looked_for_is_measured_as_if_repaired(tmp_path, monkeypatch):
    """As with polygons of thousands of holes, unless they cover ground twice."""
    monkeypatch.setattr("zoneplan.topology.sound._SLOW", 0)
    shape = spiked(WEST + 30)
    assert not shape.is_valid
    mended = shapely.make_valid(shape, method="structure", keep_collapsed=False)
    answers = []
    for name, one in (("as_it_is", shape), ("mended", mended)):
        lines = gpd.GeoDataFrame(geometry=[one], crs=4547)
        lines.to_file(tmp_path / f"{name}.gpkg", engine="pyogrio")
        parcels().to_file(tmp_path / "p.gpkg", engine="pyogrio")
        request = CheckRequest(
            str(tmp_path / "p.gpkg"), lines={"ecological_redline": str(tmp_path / f"{name}.gpkg")}
        )
        made = check(request)
        assert not {"lines.repaired", "overlap.united", "overlap.area"} & set(codes(made.result.findings))
        write_check(
            made.result, lambda made=made: made.layers, tmp_path / name, formats=("json", "gpkg", "map")
        )
        answers.append(made.result)
    one, other = answers
    assert list(one.table["state"]) == list(other.table["state"])
    assert one.table["overlap_area_m2"].to_numpy() == pytest.approx(
        other.table["overlap_area_m2"].to_numpy(), abs=1e-6
    )
    assert (one.flip_distance_m <= other.flip_distance_m + 0.011).all()  # the spike counts as a boundary
    assert [piece.area for piece in one.pieces.geometry] == pytest.approx(
        [piece.area for piece in other.pieces.geometry], abs=1e-6
    )


def test_a_repair_that_could_be_made_otherwise_is_an_error():
    shell = [(0, 0), (100, 0), (100, 100), (0, 100)]
    hole = [(20, 20), (120, 20), (120, 40), (20, 40)]
    crossing = shapely.transform(shapely.Polygon(shell, [hole]), lambda xy: xy + np.array([WEST, SOUTH]))
    lines = {"ecological_redline": gpd.GeoDataFrame(geometry=[crossing], crs=4547)}
    result = check_parcels(parcels(), lines=lines)
    found = next(finding for finding in result.findings if finding.code == "lines.repaired")
    assert found.severity == "error"
    assert "what it was meant to cover cannot be told" in found.en
    assert found.point is not None


def test_a_few_doubtful_parcels_are_set_aside_and_the_others_checked(tmp_path):
    mixed = parcels()
    mixed.geometry = [*BOXES[:2], shapely.transform(BOXES[2], lambda xy: xy[:, ::-1]), BOXES[3]]
    mixed.to_file(tmp_path / "p.gpkg", engine="pyogrio")
    gpd.GeoDataFrame(geometry=[shapely.box(*shapely.total_bounds(BOXES))], crs=4547).to_file(
        tmp_path / "red.gpkg", engine="pyogrio"
    )
    asked = {"lines": {"ecological_redline": str(tmp_path / "red.gpkg")}, "area": "planar"}
    result = check(CheckRequest(str(tmp_path / "p.gpkg"), **asked)).result
    assert list(result.table["state"]) == ["hit", "hit", "no_data", "hit"]
    found = next(finding for finding in result.findings if finding.code == "crs.swapped")
    assert found.severity == "error"
    assert found.feature == ("#3",)
    assert "--correct parcels corrects it; it is not checked (no data), the others are" in found.en
    corrected = check(CheckRequest(str(tmp_path / "p.gpkg"), crs={"correct": ["parcels"]}, **asked)).result
    assert list(corrected.table["state"]) == ["hit"] * 4


def test_a_file_that_is_doubtful_for_the_most_part_is_refused(tmp_path):
    mixed = parcels()
    mixed.geometry = [BOXES[0], *(shapely.transform(box, lambda xy: xy[:, ::-1]) for box in BOXES[1:])]
    mixed.to_file(tmp_path / "p.gpkg", engine="pyogrio")
    gpd.GeoDataFrame(geometry=BOXES, crs=4547).to_file(tmp_path / "red.gpkg", engine="pyogrio")
    with pytest.raises(InputError, match="features 2, 3, 4: X and Y look swapped"):
        check(
            CheckRequest(str(tmp_path / "p.gpkg"), lines={"ecological_redline": str(tmp_path / "red.gpkg")})
        )
