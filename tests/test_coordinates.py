"""The officers' coordinate TXT: every form that is met reads as the same ground, and what is wrong is named by its line."""

import tempfile
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS, Transformer

from zoneplan.errors import InputError
from zoneplan.io.coordinates import read_coordinates
from zoneplan.io.plotwriter import coordinate_text, write_coordinates

HEAD = """[属性描述]
格式版本号=1.01版本
数据产生单位=某市自然资源和规划局
数据产生日期=2023-10-30
坐标系=2000国家大地坐标系
几度分带=3
投影类型=高斯克吕格
计量单位=米
带号=38
精度=0.001
转换参数=,,,,,,
[地块坐标]
"""
SQUARE = [
    (3120965.094, 38421454.847),
    (3120965.094, 38421554.847),
    (3120865.094, 38421554.847),
    (3120865.094, 38421454.847),
]
WANTED = shapely.Polygon([(y, x) for x, y in SQUARE])


def rows(points, ring="1", start=1, closed=True, form="{id},{ring},{x:.3f},{y:.3f}"):
    lines = [form.format(id=f"J{n}", ring=ring, x=x, y=y) for n, (x, y) in enumerate(points, start)]
    return "\n".join(
        [*lines, form.format(id=f"J{start}", ring=ring, x=points[0][0], y=points[0][1])] if closed else lines
    )


def plot(points=SQUARE, header="5,1.0000,1,示例地块,面,,工业用地,,@", **more):
    return f"{header}\n{rows(points, **more)}\n"


def read(tmp_path, text, encoding="gb18030", **options):
    path = tmp_path / "地块.txt"
    path.write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
    return read_coordinates(path, **options)


def codes(intake):
    return [finding.code for finding in intake.findings if finding.severity != "info"]


def test_the_canonical_file(tmp_path):
    made = read(tmp_path, HEAD + plot())
    assert made.frame.crs == "EPSG:4526"
    assert made.frame.geometry.iloc[0].equals(WANTED)
    row = made.frame.iloc[0]
    assert (row["DKBH"], row["DKMC"], row["DKYT"], row["JZDS"]) == ("1", "示例地块", "工业用地", "5")
    assert row["declared_ha"] == 1.0
    assert codes(made) == []
    said = " ".join(finding.zh for finding in made.findings)
    assert "GB18030" in said
    assert "EPSG:4526" in said
    assert made.frame.attrs["sections"]["属性描述"]["精度"] == "0.001"


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_encodings_and_line_ends(tmp_path, encoding, end):
    made = read(tmp_path, (HEAD + plot()).replace("\n", end), encoding)
    assert made.frame["DKMC"].iloc[0] == "示例地块"
    assert made.frame.geometry.iloc[0].equals(WANTED)


VARIANTS = {
    "n points are declared": plot(header="4,1.0000,1,示例地块,面,,工业用地,,@"),
    "class and code filled (b)": plot(header="5,1.0000,1,示例地块,面,,工业用地,1001,@"),
    "five fields (c)": plot(header="1,示例地块,面,,@"),
    "thirteen fields (f)": plot(header="5,1.0000,1,示例地块,面,,耕地,0103,新增,旱地,9,8,备注,@"),
    "blank fields and the ring fifth (e)": plot(
        header=",1.0000,,示例地块,,,,0103,@", form="{id},{x:.3f},{y:.3f},100.00,{ring},"
    ),
    "a unit after the area (g)": plot(header="5,1.0000公顷,1,示例地块,面,,,,@"),
    "ids with zeros (j)": plot(form="J0{id},{ring},{x:.3f},{y:.3f}"),
    "not closed": plot(closed=False),
    "swapped axes (k)": plot(form="{id},{ring},{y:.3f},{x:.3f}"),
    "no header (i)": rows(SQUARE, form="{x:.3f},{y:.3f}") + "\n",
    "point, x, y (i)": rows(SQUARE, form="{id},{x:.3f},{y:.3f}") + "\n",
    "full-width punctuation": plot().replace(",", "，").replace("@", "＠"),
    "no prefix": plot([(x, y - 38e6) for x, y in SQUARE]),
}


@pytest.mark.parametrize("name", VARIANTS)
def test_every_form_is_the_same_ground(tmp_path, name):
    made = read(tmp_path, HEAD + VARIANTS[name])
    shape = made.frame.to_crs(4526).geometry.iloc[0]
    assert shapely.hausdorff_distance(shape, WANTED) < 1e-6
    assert shape.area == pytest.approx(WANTED.area, abs=1e-3)
    assert not [finding for finding in made.findings if finding.severity == "error"]
    if name not in ("no header (i)", "point, x, y (i)"):
        assert made.frame["DKMC"].iloc[0] == "示例地块"


def test_degrees_without_a_section_need_a_stated_crs(tmp_path):
    back = Transformer.from_crs(4526, 4490, always_xy=True)
    degrees = [back.transform(y, x) for x, y in SQUARE]
    text = plot(degrees, header="5,示例地块,面,工业用地,@", form="{id},{ring},{x:.9f},{y:.9f}")
    with pytest.raises(
        InputError,
        match="states no datum; check it and state the CRS with --assume-crs: if it is CGCS2000, EPSG:4490",
    ):
        read(tmp_path, text)
    made = read(tmp_path, text, assume_crs=CRS.from_epsg(4490))
    assert shapely.hausdorff_distance(made.frame.to_crs(4526).geometry.iloc[0], WANTED) < 1e-3
    assert made.frame["DKYT"].iloc[0] == "工业用地"


def grown(by):
    (north, east), (south, _) = SQUARE[1], SQUARE[2]
    west = SQUARE[0][1]
    return [
        (north + by, west - by),
        (north + by, east + by),
        (south - by, east + by),
        (south - by, west - by),
    ]


@pytest.mark.parametrize("number", ["1", "2", "3"])
def test_holes_and_parts_go_by_what_contains_what(tmp_path, number):
    beside = [(x, y + 500) for x, y in SQUARE]
    text = (
        HEAD
        + "15,4,1,示例,面,,,,@\n"
        + "\n".join([rows(grown(50)), rows(SQUARE, ring=number, start=5), rows(beside, ring="1", start=9)])
    )
    made = read(tmp_path, text)
    shape = made.frame.geometry.iloc[0]
    assert shape.geom_type == "MultiPolygon"
    assert shape.area == pytest.approx(200 * 200 - 100 * 100 + 100 * 100)
    assert any("2 个部分、1 个洞" in finding.zh for finding in made.findings)


def test_an_island_in_a_hole_is_a_part(tmp_path):
    text = (
        HEAD
        + "15,4,1,示例,面,,,,@\n"
        + "\n".join(rows(grown(by), ring=str(n)) for n, by in enumerate((80, 40, 0), 1))
    )
    shape = read(tmp_path, text).frame.geometry.iloc[0]
    assert shape.area == pytest.approx(260**2 - 180**2 + 100**2)
    assert shape.is_valid


FAULTS = {
    "letters in a number": (
        plot().replace("3120865.094,38421554", "31208O5.094,38421554"),
        "txt.point",
        "line 16",
    ),
    "too few points": (plot(SQUARE[:2]), "txt.few_points", "line 13"),
    "no points": ("0,1.0,1,空,面,,,,@\n", "txt.no_points", "line 13"),
    "numbers that fit nothing": (plot([(1e9, 5), (2e9, 6), (1e9, 7)]), "txt.axes", "line 13"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_faulty_plot_is_named_by_its_line_and_the_others_are_read(tmp_path, name):
    broken, code, line = FAULTS[name]
    made = read(tmp_path, HEAD + broken + plot(header="5,1.0000,2,好,面,,,,@"))
    assert len(made.frame) == 2
    assert made.frame.geometry.iloc[0] is None
    assert made.frame.geometry.iloc[1].equals(WANTED)
    fault = next(finding for finding in made.findings if finding.severity == "error")
    assert fault.code == code
    assert line in fault.en
    with pytest.raises(InputError, match=line):
        read(tmp_path, HEAD + broken)


def test_counts_and_areas_that_differ_are_named(tmp_path):
    made = read(tmp_path, HEAD + plot(header="9,1.5000,1,示例地块,面,,,,@"))
    assert codes(made) == ["txt.count", "txt.area"]
    area = next(finding for finding in made.findings if finding.code == "txt.area")
    assert "1.5000" in area.en
    assert "1.0000 (plane)" in area.en


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("坐标系=2000国家大地坐标系", "坐标系=", "states no datum"),
        ("坐标系=2000国家大地坐标系", "坐标系=独立坐标系", "the datum '独立坐标系' is not known"),
        ("带号=38", "带号=39", "stated as 39 but the eastings have prefix 38"),
        ("几度分带=3", "几度分带=6", "6-degree zones are stated, but zone 38 is of 3 degrees"),
    ],
)
def test_datum_and_zone_are_never_guessed(tmp_path, old, new, said):
    with pytest.raises(InputError, match=said):
        read(tmp_path, HEAD.replace(old, new) + plot())


def test_no_zone_and_no_prefix_is_asked_for(tmp_path):
    bare = plot([(x, y - 38e6) for x, y in SQUARE])
    with pytest.raises(InputError, match="no zone is stated, and the eastings have no prefix"):
        read(tmp_path, HEAD.replace("带号=38", "带号=") + bare)


@pytest.mark.parametrize(("words", "epsg"), [("1980西安坐标系", 2362), ("1954北京坐标系", 2414)])
def test_old_datums_are_read_as_what_they_are(tmp_path, words, epsg):
    made = read(tmp_path, HEAD.replace("2000国家大地坐标系", words) + plot())
    assert made.frame.crs == f"EPSG:{epsg}"


def test_several_zones_in_one_file_come_out_in_the_first(tmp_path):
    other = [(x, y + 1e6 - 271_000) for x, y in SQUARE]
    made = read(tmp_path, HEAD.replace("带号=38", "带号=") + plot() + plot(other))
    assert made.frame.crs == "EPSG:4526"
    assert np.isfinite(made.frame.total_bounds).all()
    assert made.frame.geometry.iloc[1].centroid.x < 40e6


def test_what_is_no_text_is_refused(tmp_path):
    with pytest.raises(InputError, match="the content is binary"):
        read(tmp_path, b"\x00\x01\x02")
    with pytest.raises(InputError, match="from line 2 on it is not UTF-8"):
        read(tmp_path, b"[x]\n\xff\xff\xff\xff")
    with pytest.raises(InputError, match="there are no plots"):
        read(tmp_path, HEAD)


@st.composite
def parcels(draw):
    random = np.random.default_rng(draw(st.integers(0, 100_000)))
    shapes = []
    for _ in range(draw(st.integers(1, 4))):
        x, y = random.uniform(380_000, 620_000), random.uniform(2_500_000, 5_200_000)
        spikes = np.sort(random.uniform(0, 2 * np.pi, draw(st.integers(3, 40))))
        radius = random.uniform(20, 900, len(spikes))
        star = shapely.make_valid(
            shapely.Polygon(np.c_[x + radius * np.cos(spikes), y + radius * np.sin(spikes)])
        )
        holed = shapely.difference(star, shapely.point_on_surface(star).buffer(3))
        beside = shapely.affinity.translate(holed, 3000, 0)
        shapes.append(shapely.union(holed, beside) if random.random() < 0.5 else holed)
    shapes = [
        shape for shape in shapes if shape.geom_type in ("Polygon", "MultiPolygon") and not shape.is_empty
    ]
    return shapes or [shapely.box(500_000, 3_900_000, 500_100, 3_900_100)]


@given(parcels(), st.sampled_from([3, 4]), st.booleans(), st.sampled_from(["rows", "points"]))
@settings(deadline=None, max_examples=60)
def test_reading_what_was_written_gives_it_back(shapes, decimals, prefix, count):
    frame = gpd.GeoDataFrame({"DKBH": [str(n) for n in range(len(shapes))]}, geometry=shapes, crs=4547)
    text, said = coordinate_text(frame, decimals=decimals, prefix=prefix, count=count)
    assert said == ()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.txt"
        write_coordinates(path, text)
        made = read_coordinates(path)
        assert path.read_bytes().count(b"\r\n") == path.read_bytes().count(b"\n")
    assert [finding.code for finding in made.findings if finding.severity != "info"] == []
    assert list(made.frame["DKBH"]) == list(frame["DKBH"])
    half = 0.5 * 10**-decimals * np.sqrt(2) + 2e-9
    for wanted, got in zip(frame.to_crs(4526).geometry, made.frame.to_crs(4526).geometry, strict=True):
        assert shapely.hausdorff_distance(shapely.boundary(wanted), shapely.boundary(got)) <= half
        assert len(shapely.get_rings(shapely.get_parts(wanted))) == len(
            shapely.get_rings(shapely.get_parts(got))
        )
    again, _ = coordinate_text(made.frame, decimals=decimals, prefix=prefix, count=count)
    assert again == text


def test_the_written_form_is_canonical():
    hole = shapely.Polygon([(y, x) for x, y in grown(50)], [[(y, x) for x, y in SQUARE]])
    frame = gpd.GeoDataFrame({"DKMC": ["甲,乙"]}, geometry=[hole], crs=4526)
    text, said = coordinate_text(frame)
    lines = text.split("\r\n")
    assert lines[0] == "[属性描述]"
    assert lines[12].startswith("10,2.9995,")
    assert lines[12].endswith(",1,甲，乙,面,,,,@")
    assert lines[13] == "J1,1,3121015.094,38421404.847"
    assert lines[14] == "J2,1,3121015.094,38421604.847"
    assert lines[18] == "J5,2,3120965.094,38421454.847"
    assert lines[19] == "J6,2,3120865.094,38421454.847"
    assert lines[22] == "J5,2,3120965.094,38421454.847"
    assert [finding.code for finding in said] == ["txt.sign"]


def test_what_cannot_be_written_is_named(tmp_path):
    frame = gpd.GeoDataFrame({"DKMC": ["龘𠀀"]}, geometry=[WANTED], crs=4526)
    text, _ = coordinate_text(frame)
    with pytest.raises(
        InputError, match="'𠀀' in line 13 cannot be written in gbk; use --encoding utf-8-sig"
    ):
        write_coordinates(tmp_path / "a.txt", text)
    write_coordinates(tmp_path / "a.txt", text, encoding="utf-8-sig")
    assert read_coordinates(tmp_path / "a.txt").frame["DKMC"].iloc[0] == "龘𠀀"
    line = gpd.GeoDataFrame(geometry=[shapely.LineString([(0, 0), (1, 1)])], crs=4526)
    with pytest.raises(InputError, match="#1: the geometry is LineString, expected a polygon"):
        coordinate_text(line)
    tiny = gpd.GeoDataFrame(geometry=[WANTED.centroid.buffer(1e-5)], crs=4526)
    with pytest.raises(InputError, match="rings of fewer than 3 points at 3 decimals"):
        coordinate_text(tiny)


def test_sections_and_plots_without_points_are_written_back(tmp_path):
    text = "[项目信息]\n项目名称=某路\n" + HEAD + plot() + "0,0.0000,2,空,面,,,,@\n"
    made = read(tmp_path, text)
    again, _ = coordinate_text(made.frame)
    assert again.startswith("[项目信息]\r\n项目名称=某路\r\n[属性描述]\r\n")
    assert "数据产生单位=某市自然资源和规划局" in again
    write_coordinates(tmp_path / "b.txt", again)
    back = read_coordinates(tmp_path / "b.txt")
    assert list(back.frame["DKBH"]) == ["1", "2"]
    assert back.frame.geometry.iloc[1] is None


def test_short_headers_start_with_a_number_unless_it_is_the_count(tmp_path):
    named = HEAD + plot(header="12,甲,面,,@") + plot(grown(5), header="13,乙,面,,@")
    assert list(read(tmp_path, named).frame["DKBH"]) == ["12", "13"]
    counted = read(tmp_path, HEAD + plot(header="5,甲,面,工业用地,@")).frame.iloc[0]
    assert (counted["JZDS"], counted["DKBH"], counted["DKYT"]) == ("5", "", "工业用地")


def test_rings_that_are_not_closed_begin_where_the_ids_begin_again(tmp_path):
    beside = [(x, y + 500) for x, y in SQUARE]
    text = HEAD + plot(header="8,2.0,1,甲,面,,,,@", closed=False) + rows(beside, closed=False)
    shape = read(tmp_path, text).frame.geometry.iloc[0]
    assert shape.geom_type == "MultiPolygon"
    assert shape.symmetric_difference(shapely.union(WANTED, shapely.affinity.translate(WANTED, 500))).is_empty


def test_a_last_point_that_misses_the_first_is_named_with_the_distance(tmp_path):
    made = read(tmp_path, HEAD + plot(closed=False) + "J1,1,3120965.124,38421454.887\n")
    fault = next(finding for finding in made.findings if finding.code == "txt.misclosed")
    assert "line 18 at J1 like its first point, but 0.05 away" in fault.en


def test_plots_that_repeat_or_have_no_name_are_named_by_their_lines(tmp_path):
    bare = plot(grown(9), header="5,1.3924,,,面,,,,@")
    made = read(tmp_path, HEAD + plot() + plot(list(reversed(SQUARE))) + bare)
    said = {finding.code: finding.en for finding in made.findings if finding.severity == "warning"}
    assert set(said) == {"txt.number", "txt.repeated", "txt.unnamed"}
    assert "lines 13、19" in said["txt.repeated"]
    assert "lines 25" in said["txt.unnamed"]
    assert len(made.frame) == 3


def test_pairs_with_signs_of_the_grammar_and_without_a_section(tmp_path):
    text = "[项目信息]\n联系=a@b.cn\n说明=甲，乙：丙\n" + HEAD + plot()
    sections = read(tmp_path, text).frame.attrs["sections"]
    assert sections["项目信息"] == {"联系": "a@b.cn", "说明": "甲，乙：丙"}
    bare = HEAD.replace("[属性描述]\n", "").replace("坐标系=", "坐标系统=")
    assert read(tmp_path, bare + plot()).frame.crs == "EPSG:4526"


@pytest.mark.parametrize(
    "words", ["EPSG:4547", "新1954北京坐标系", "2000国家大地坐标系(由1980西安坐标系转换)", "WGS84"]
)
def test_words_that_name_no_datum_or_two_are_asked_about(tmp_path, words):
    with pytest.raises(InputError, match="is not known, or not one"):
        read(tmp_path, HEAD.replace("2000国家大地坐标系", words) + plot())


def test_a_point_unlike_the_others_is_named_with_its_line(tmp_path):
    made = read(tmp_path, HEAD + plot() + "合计,1,2\n" + plot(grown(9), header="5,1.3924,2,乙,面,,,,@"))
    fault = next(finding for finding in made.findings if finding.severity == "error")
    assert "in line 19, 1.000, 2.000" in fault.en


def test_declared_hectares_are_compared_in_degrees_too(tmp_path):
    degrees = [(28.2, 113.2), (28.2, 113.201), (28.199, 113.201), (28.199, 113.2)]
    made = read(tmp_path, HEAD + plot(degrees, form="{id},{ring},{x:.9f},{y:.9f}"))
    assert codes(made) == ["txt.area"]
    assert "measures 1.0881 (ellipsoid)" in next(f for f in made.findings if f.code == "txt.area").en


def test_full_width_signs_in_a_name_stay_and_make_no_noise(tmp_path):
    frame = gpd.GeoDataFrame({"DKMC": ["甲,乙(１号)"], "DKBH": ["1"]}, geometry=[WANTED], crs=4526)
    text, said = coordinate_text(frame)
    assert [finding.code for finding in said] == ["txt.sign"]
    made = read(tmp_path, text)
    assert made.frame["DKMC"].iloc[0] == "甲，乙(１号)"
    assert codes(made) == []
