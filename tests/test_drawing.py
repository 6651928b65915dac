"""Drawings: what is written as DXF reads back as the same polygons and words; drawings of others are read as they stand."""

import string

import ezdxf
import geopandas as gpd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS

from zoneplan.errors import InputError
from zoneplan.io.anyfile import read_any
from zoneplan.io.drawing import read_drawing
from zoneplan.io.writer import write_any

WEST, SOUTH = 421454.847, 3120865.094
TEXTS = st.text(st.characters(codec="utf-8"), max_size=300)
NAMES = st.text(string.ascii_letters + "地块编号", min_size=1, max_size=8).filter(
    lambda name: name.casefold() not in ("layer", "text", "geometry")
)


@st.composite
def grounds(draw):
    """A polygon or several in one, with holes, and islands in the holes, on a grid of thirds of a metre."""
    parts = []
    for number in range(draw(st.integers(1, 3))):
        west, south = WEST + 1000 * number, SOUTH + draw(st.integers(0, 300)) / 3
        shell = shapely.box(west, south, west + 100, south + 100)
        holes = [shapely.box(west + 10 + 30 * k, south + 10, west + 30 + 30 * k, south + 90) for k in range(draw(st.integers(0, 2)))]  # fmt: skip
        parts.append(shapely.Polygon(shell.exterior, [hole.exterior for hole in holes]))
        parts += [hole.buffer(-3, join_style="mitre") for hole in holes[: draw(st.integers(0, 2))]]  # fmt: skip
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(grounds(), TEXTS | st.none()), min_size=1, max_size=4), NAMES)
def test_reading_what_was_written_gives_it_back(tmp_path_factory, rows, name):
    # parcels may lie on each other: a mark says which hole is whose
    frame = gpd.GeoDataFrame({name: [text for _, text in rows]}, geometry=[shape for shape, _ in rows], crs=4547)  # fmt: skip
    path = tmp_path_factory.mktemp("图") / "出.dxf"
    write_any(path, frame)
    made = read_drawing(path).frame
    assert made.crs == frame.crs
    assert len(made) == len(frame)
    for wanted, got in zip(frame.geometry, made.geometry, strict=True):
        assert wanted.normalize() == got.normalize()
    assert list(made.get(name, [None] * len(made))) == [text for _, text in rows]


def one(path, *, layer="红线", kept=True, **columns):
    shape = shapely.box(WEST, SOUTH, WEST + 100, SOUTH + 100).difference(shapely.box(WEST + 10, SOUTH + 10, WEST + 20, SOUTH + 20))  # fmt: skip
    frame = gpd.GeoDataFrame({key: [value] for key, value in columns.items()}, geometry=[shape], crs=4547 if kept else None)  # fmt: skip
    return frame, write_any(path, frame, layer=layer)[1]


def test_other_programs_find_a_sound_drawing_with_chinese_layers_and_labels(tmp_path):
    frame, _ = one(tmp_path / "a.dxf", DKBH="007", DKMC="甲地块")
    drawing = ezdxf.readfile(tmp_path / "a.dxf")
    assert not drawing.audit().has_errors
    (tmp_path / "a.dxf").read_text(encoding="utf-8", errors="strict")
    lines = list(drawing.modelspace().query("LWPOLYLINE"))
    assert all(line.closed for line in lines)
    assert [line.dxf.layer for line in lines] == ["红线", "红线_洞"]
    (label,) = drawing.modelspace().query("TEXT")
    assert (label.dxf.text, label.dxf.layer) == ("007 甲地块", "红线_注记")
    assert shapely.contains(frame.geometry[0], shapely.Point(label.dxf.insert.x, label.dxf.insert.y))
    made = read_any(tmp_path / "a.dxf", layer="红线").frame
    assert list(made.columns) == ["Layer", "DKBH", "DKMC", "geometry"]
    assert made.geometry[0].normalize() == frame.geometry[0].normalize()


def test_layers_of_a_drawing_stay_theirs_and_names_that_cad_refuses_are_changed(tmp_path):
    shapes = [shapely.box(n, 0, n + 0.5, 1) for n in range(3)]
    frame = gpd.GeoDataFrame({"Layer": ["甲", None, 'a<b>/"c"']}, geometry=shapes, crs=4547)
    _, said = write_any(tmp_path / "a.dxf", frame)
    assert list(read_drawing(tmp_path / "a.dxf").frame["Layer"]) == ["甲", "地块", "a_b___c_"]
    assert [finding.code for finding in said] == ["out.names"]


def test_degrees_become_metres_and_a_drawing_without_a_crs_says_so(tmp_path):
    frame, _ = one(tmp_path / "a.dxf")
    _, said = write_any(tmp_path / "b.dxf", frame.to_crs(4490))
    made = read_any(tmp_path / "b.dxf").frame
    assert made.crs == "EPSG:4547"
    assert made.to_crs(4547).geometry[0].hausdorff_distance(frame.geometry[0]) < 1e-6
    assert [finding.code for finding in said] == ["out.crs"]
    _, said = one(tmp_path / "c.dxf", kept=False)
    assert "the drawing states none" in said[0].en
    assert read_any(tmp_path / "c.dxf").frame.crs is None
    assert read_any(tmp_path / "c.dxf", assume_crs=CRS(4547)).findings[-1].code == "crs.assumed"


def test_what_a_drawing_cannot_hold_is_refused_or_said(tmp_path):
    with pytest.raises(InputError, match=r"the attributes have 100002 bytes .the longest is 名.*write a .gpkg"):  # fmt: skip
        one(tmp_path / "a.dxf", 名="x" * 99_999)
    assert not (tmp_path / "a.dxf").exists()
    frame = gpd.GeoDataFrame({"n": [1, 2]}, geometry=[shapely.Point(1, 1), shapely.LineString([(0, 0), (1, 1)])], crs=4547)  # fmt: skip
    with pytest.raises(InputError, match=r"input: #1: the geometry is Point[\s\S]*input: #2: the geometry is LineString"):  # fmt: skip
        write_any(tmp_path / "b.dxf", frame)
    empty = gpd.GeoDataFrame({"n": ["1", "2"]}, geometry=[shapely.box(0, 0, 1, 1), None], crs=4547)
    _, said = write_any(tmp_path / "c.dxf", empty)
    assert [finding.code for finding in said] == ["out.empty"]
    assert list(read_drawing(tmp_path / "c.dxf").frame["n"]) == ["1"]


def foreign(path, draw):
    drawing = ezdxf.new("R2000")
    drawing.encoding = "gbk"
    draw(drawing.modelspace())
    drawing.saveas(path)
    return read_drawing(path)


def ring(space, west, size, layer):
    corners = [(west, 0), (west + size, 0), (west + size, size), (west, size)]
    return space.add_lwpolyline(corners, close=True, dxfattribs={"layer": layer})


def test_texts_are_kept_with_the_polygon_that_they_stand_in(tmp_path):
    def draw(space):
        ring(space, 0, 100, "宗地")
        ring(space, 10, 20, "建筑")
        ring(space, 200, 100, "宗地")
        for text, spot in (("12-3", (50, 60)), ("砖2", (15, 10)), ("张家", (50, 30)), ("外", (150, 50))):
            space.add_text(text, dxfattribs={"insert": spot, "layer": "注记"})

    made = foreign(tmp_path / "a.dxf", draw)
    assert list(made.frame["Text"]) == ["12-3 张家", "砖2", ""]
    assert made.findings[0].severity == "info"
    assert [finding.code for finding in made.findings] == ["drawing.read"]  # another layer's ring is no hole


def test_rings_in_rings_of_drawings_of_others(tmp_path):
    def nested(space):
        ring(space, 0, 100, "宗地")
        ring(space, 10, 20, "宗地")

    made = foreign(tmp_path / "a.dxf", nested)
    assert [shape.area for shape in made.frame.geometry] == [10_000, 400]
    assert made.findings[-1].code == "drawing.nested"
    assert "put holes on the layer 'NAME_洞'" in made.findings[-1].en

    def named(space):
        ring(space, 0, 100, "宗地")
        ring(space, 10, 20, "宗地_洞")
        ring(space, 500, 20, "宗地_洞")

    made = foreign(tmp_path / "b.dxf", named)
    assert [shape.area for shape in made.frame.geometry] == [9_600, 400]
    assert made.findings[-1].code == "drawing.hole"


def test_a_parcel_that_was_copied_in_cad_is_another(tmp_path):
    one(tmp_path / "a.dxf", DKBH="1")
    drawing = ezdxf.readfile(tmp_path / "a.dxf")
    space = drawing.modelspace()
    for line in list(space.query("LWPOLYLINE")):
        twin = line.copy()
        space.add_entity(twin)
        twin.translate(500, 0, 0)
    drawing.saveas(tmp_path / "b.dxf")
    made = read_drawing(tmp_path / "b.dxf").frame
    assert [round(shape.area) for shape in made.geometry] == [9_900, 9_900]
    assert list(made["DKBH"]) == ["1", "1"]
