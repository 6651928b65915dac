"""The parts of a print sheet: paper and scales, words and lines, convergence, map numbers, hatches, catalogue, saved checks."""

import re
from itertools import combinations

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from affine import Affine
from click.testing import CliRunner
from hypothesis import assume, given
from hypothesis import strategies as st
from pyproj import CRS, Proj

from synthetic import CRS_CODE, EAST, NORTH, layers, square
from zoneplan.check.conflicts import check_parcels
from zoneplan.cli import cli
from zoneplan.errors import InputError
from zoneplan.io.backdrop import Backdrop
from zoneplan.jobs.savedcheck import open_check
from zoneplan.render.conflict_papers import write_conflicts_csv, write_conflicts_gpkg
from zoneplan.render.sheet.atlas import Atlas, SheetOptions
from zoneplan.render.sheet.bearings import bar_metres, convergence
from zoneplan.render.sheet.catalogue import CATALOGUE, read_catalogue
from zoneplan.render.sheet.centreline import courses
from zoneplan.render.sheet.frame import degrees
from zoneplan.render.sheet.ink import Ink, settled
from zoneplan.render.sheet.lettering import _pieces, lettering
from zoneplan.render.sheet.mapindex import number_of, sheets_over
from zoneplan.render.sheet.names import place_names
from zoneplan.render.sheet.paper import ROUND, Box, Paper, Window, papers, round_scale, scale_of
from zoneplan.render.sheet.places import Name
from zoneplan.render.sheet.symbols import swatch
from zoneplan.render.style import read_style

WORDS = st.text(alphabet="规划范围、,。《》()abc XYZ 123%/", min_size=1, max_size=60)


@given(st.floats(100, 9e6))
def test_a_round_scale_is_the_smallest_that_is_large_enough(least):
    found = round_scale(least)
    steps = sorted({round(step * 10**power) for step in ROUND for power in range(2, 8)})
    assert found >= least * (1 - 1e-6)
    assert next(step for step in steps if step >= least * (1 - 1e-9)) == found


@pytest.mark.parametrize("text", ["1:10000", "1\uff1a10000", "10000", "1:10,000", " 1 : 10 000 "])
def test_a_scale_is_read_however_it_is_written(text):
    assert scale_of(text) == 10_000


@pytest.mark.parametrize("text", ["0", "1:5", "ten", "1:-3", "2:10000", "1:99999999"])
def test_what_is_no_scale_is_refused(text):
    with pytest.raises(InputError, match="write 1:10000"):
        scale_of(text)


def test_papers_lie_across_or_stand_upright():
    assert [(p.width, p.height) for p in papers("a3")] == [(420, 297), (297, 420)]
    assert [(p.width, p.height) for p in papers("A1", "portrait")] == [(594, 841)]
    assert [(p.width, p.height) for p in papers("600x400")] == [(600, 400)]
    assert Paper("", 420, 297).unit == 1
    with pytest.raises(InputError, match="100 to 2000"):
        papers("90x400")


@given(st.floats(-1e5, 1e5), st.floats(-1e5, 1e5), st.sampled_from([500, 10_000, 75_000]))
def test_a_window_goes_there_and_back_and_a_millimetre_is_the_scale(x, y, scale):
    window = Window(Box(20, 30, 300, 200), (438_000.0, 3_890_000.0), scale)
    ground = np.array([[x, y], [x + scale, y]]) + window.middle
    page = window.page(ground)
    assert np.hypot(*(page[1] - page[0])) == pytest.approx(1000, abs=1e-6)  # scale metres are one metre
    assert np.abs(window.ground(page) - ground).max() < 1e-6


@given(WORDS, st.floats(12, 90))
def test_no_line_is_wider_than_asked_and_no_word_is_lost(text, width):
    letters = lettering()
    lines = letters.wrap(text, 8, width)
    assert "".join(lines).replace(" ", "") == letters.clean(text).replace(" ", "")
    assert all(letters.width(line, 8) <= width for line in lines)
    starts = {line[0] for line in lines[1:] if line}
    longest = max((letters.width(piece, 8) for piece in _pieces(letters.clean(text))), default=0.0)
    if longest <= width:  # what may not be broken fits a line
        assert not starts & set("\u3001\uff0c\u3002\u300b\uff09")


def test_characters_that_the_font_lacks_are_printed_as_typesetters_do():
    assert lettering().clean("甲\n乙\t\x00\u202e丙\U0010fffd") == "甲 乙 丙〓"


@pytest.mark.parametrize(("lon", "zone"), [(113.2, "EPSG:4547"), (114.9, "EPSG:4547"), (104.4, "EPSG:4544")])
def test_the_convergence_is_that_of_the_projection(lon, zone):
    crs = CRS.from_user_input(zone)
    projection = Proj(crs)
    middle = projection(lon, 35.0)
    window = Window(Box(0, 0, 100, 100), middle, 10_000)
    found = convergence(window, crs)
    assert found == pytest.approx(projection.get_factors(lon, 35.0).meridian_convergence, abs=1e-6)
    assert (found > 0) == (lon > crs.to_cf()["longitude_of_central_meridian"])


def test_angles_in_degrees_minutes_and_seconds():
    assert degrees(113.0867) == "113°05′12″"
    assert degrees(-0.4333333) == "−0°26′00″"
    assert degrees(34.99999) == "35°00′00″"


@given(st.floats(73.6, 135), st.floats(18.1, 53.5))
def test_a_place_lies_on_the_sheet_that_its_number_names(lon, lat):
    assume(all(abs(share - round(share)) > 1e-8 for share in (lon * 4, lat * 6)))  # not on an edge
    (found,) = [
        (number, box)
        for number, box in sheets_over(lon - 1e-7, lat - 1e-7, lon + 1e-7, lat + 1e-7)
        if box[0] <= lon < box[2] and box[1] <= lat < box[3]
    ]
    assert found[0] == number_of(lon, lat)
    assert re.fullmatch(r"[A-N](4[3-9]|5[0-3])E0([01]\d|2[0-4])0([01]\d|2[0-4])", found[0])


def test_the_sheet_of_beijing():
    assert number_of(116.46, 39.92) == "J50E001010"  # the example of the standard


@given(st.integers(500, 1_000_000), st.floats(20, 60))
def test_a_scale_bar_is_round_and_no_longer_than_there_is_room(scale, room):
    metres = bar_metres(Window(Box(0, 0, 1, 1), (0, 0), scale), room)
    assert room / 2.6 < metres * 1000 / scale <= room * (1 + 1e-9)
    assert metres / 4 * 10 == pytest.approx(round(metres / 4 * 10)) or metres < 1


def grey(symbol):
    """A swatch as it comes from a printer without colours."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    with settled():
        ink = Ink(Paper("", 100, 100), lettering())
        swatch(ink, Box(10, 10, 80, 80), symbol, form="area")
        canvas = FigureCanvasAgg(ink.figure)
        ink.figure.set_dpi(150)
        canvas.draw()
        picture = np.asarray(canvas.buffer_rgba())[..., :3] @ [0.299, 0.587, 0.114]
    return picture[150:440, 150:440]


def texture(picture):
    """How a pattern looks whatever its colours: where the strokes of its spectrum lie, in 4 directions and none."""
    level = picture - picture.mean()
    if level.std() < 1:
        return np.zeros(4)
    power = np.abs(np.fft.fftshift(np.fft.fft2(level))) ** 2
    y, x = np.indices(power.shape) - np.array(power.shape)[:, None, None] // 2
    far = np.hypot(x, y) > 3
    turn = np.degrees(np.arctan2(y, x)) % 180
    parts = [
        power[far & (np.abs((turn - middle + 90) % 180 - 90) < 22.5)].sum() for middle in (0, 45, 90, 135)
    ]
    return np.array(parts) / sum(parts)


def test_control_lines_and_verdicts_can_be_told_apart_without_colours():
    style = read_style()
    for names in (("ecological_redline", "permanent_basic_farmland", "urban_development_boundary"),
                  ("prohibited", "restricted", "undetermined", "permitted")):  # fmt: skip
        found = {name: texture(grey(style.symbol(name))) for name in names}
        for a, b in combinations(names, 2):
            assert np.abs(found[a] - found[b]).max() > 0.2, (a, b)


def test_words_follow_a_bent_band_and_stand_upright_where_it_is_steep():
    letters, frame = lettering(), Box(0, 0, 200, 200)
    level = shapely.LineString([(20, 50), (100, 60), (180, 50)]).buffer(4, cap_style="flat")
    steep = shapely.LineString([(100, 80), (104, 190)]).buffer(4, cap_style="flat")
    names = [Name("发展示范带", level, 9, "#000000"), Name("活力轴", steep, 9, "#000000")]
    (flat, column), left = place_names(names, frame, letters)
    assert not left
    assert len(flat.runs) == 1
    assert level.covers(flat.cover.centroid)
    assert [run.words for run in column.runs] == list("活力轴")
    assert [run.y for run in column.runs] == sorted((run.y for run in column.runs), reverse=True)
    assert {run.turn for run in column.runs} == {0.0}


def test_the_middle_of_a_band_and_the_arms_of_a_net_lie_inside():
    band = shapely.LineString([(0, 0), (60, 10), (120, 0)]).buffer(3)
    (line,) = courses(band)
    assert shapely.LineString(line).within(band)
    net = shapely.MultiLineString([[(0, 0), (100, 0)], [(50, -50), (50, 50)], [(0, 30), (100, 30)]]).buffer(1.5, cap_style="flat")  # fmt: skip
    arms = courses(net)
    assert arms
    assert all(
        shapely.LineString(arm).intersection(net).length > 0.95 * shapely.LineString(arm).length
        for arm in arms
    )
    assert courses(shapely.Point(0, 0).buffer(10)) == []


@given(st.lists(st.tuples(st.integers(0, 100), st.integers(0, 60)), min_size=1, max_size=30))
def test_names_of_crowded_points_never_meet(points):
    letters, frame = lettering(), Box(0, 0, 100, 60)
    names = [Name(f"地块{number}", shapely.Point(point), 8, "#000000") for number, point in enumerate(points)]
    placed, left = place_names(names, frame, letters)
    assert len(placed) + len(left) == len(names)
    assert all(not a.cover.intersects(b.cover) for a, b in combinations(placed, 2))
    assert all(shapely.box(0, 0, 100, 60).contains(place.cover) for place in placed)


def test_a_catalogue_says_all_that_is_wrong_with_the_lines(tmp_path):
    path = tmp_path / "own.yaml"
    path.write_text(
        "schema: zoneplan.sheets/1\nlettering: {water: 7}\nsheets:\n"
        "  - {id: one, zh: 一, en: One, layers: [watr], needs: [groop]}\n  - {id: two, view: 没有的图}\n  - {id: three, zh: 三}\n",
        encoding="utf-8",
    )
    with pytest.raises(InputError) as error:
        read_catalogue(path, read_style())
    text = str(error.value)
    assert re.search(r"own\.yaml:4: sheets\[0\]\.layers: .*'watr'; did you mean 'water'\?", text)
    assert "'groop'; did you mean 'group'?" in text
    assert "no view '没有的图'" in text
    assert "sheet 'three': write `view`, or `zh`, `en` and `layers`" in text


def test_the_shipped_catalogue_is_sound_and_its_views_are_those_of_the_web_map():
    style = read_style()
    catalogue = read_catalogue(CATALOGUE, style)
    assert {sheet.view for sheet in catalogue.sheets if sheet.view} == {view.zh for view in style.views}
    assert set(catalogue.lettering) <= set(style.layers)


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """A folder with a check of three parcels on the synthetic plan."""
    folder = tmp_path_factory.mktemp("check")
    shapes = [square(2, 4, 3, 5), square(2, 8, 2.2, 8.2), square(5, 1, 5.5, 1.5)]
    frame = gpd.GeoDataFrame({"BSM": ["=甲", "乙", "丙"]}, geometry=shapes, crs=CRS_CODE)
    result = check_parcels(frame, layers(), use="0601", id_field="BSM")
    write_conflicts_gpkg(folder / "conflicts.gpkg", result)
    write_conflicts_csv(folder / "conflicts.csv", result)
    return folder, result


def test_a_saved_check_is_drawn_as_the_check_itself_would_be(saved):
    folder, result = saved
    opened, said = open_check(folder)
    assert said == ()
    options = SheetOptions(sheets=("conflicts", "parcel"))
    fresh, again = (Atlas(layers(), one, options) for one in (result, opened))
    assert [plate.title for plate in fresh.plates] == [plate.title for plate in again.plates]
    assert "地块核查图 · =甲" in [plate.title for plate in again.plates]
    for a, b in zip(fresh.plates, again.plates, strict=True):
        assert [f.rows for c in a.contents for f in c.features] == [
            f.rows for c in b.contents for f in c.features
        ]
        assert [c.drawing.legend for c in a.contents] == [c.drawing.legend for c in b.contents]


def test_a_check_without_its_table_is_drawn_and_that_is_said(saved, tmp_path):
    folder, _ = saved
    (tmp_path / "conflicts.gpkg").write_bytes((folder / "conflicts.gpkg").read_bytes())
    opened, said = open_check(tmp_path / "conflicts.gpkg")
    assert [one.code for one in said] == ["conflicts.table"]
    assert len(Atlas(layers(), opened, SheetOptions(sheets=("parcel",))).plates) == 3


def test_what_is_no_saved_check_is_refused(tmp_path, saved):
    with pytest.raises(InputError, match="run `zoneplan check` first"):
        open_check(tmp_path)
    frame = gpd.GeoDataFrame({"parcel_id": ["a"]}, geometry=[square(2, 4, 3, 5)], crs=CRS_CODE)
    frame.to_file(tmp_path / "conflicts.gpkg", layer="parcels")
    with pytest.raises(InputError, match="columns are missing: overall, area_m2"):
        open_check(tmp_path)


def test_a_picture_lies_below_the_map_where_its_coordinates_say(tmp_path):
    path = tmp_path / "picture.tif"
    data = np.zeros((3, 100, 100), np.uint8)
    data[:, :50, :] = 200  # the northern half is light
    how = {"driver": "GTiff", "width": 100, "height": 100, "count": 3, "dtype": "uint8", "crs": CRS_CODE}
    with rasterio.open(path, "w", transform=Affine(100, 0, EAST, 0, -100, NORTH + 10_000), **how) as file:
        file.write(data)
    found = Backdrop(path, CRS.from_user_input(CRS_CODE)).pixels(
        (EAST, NORTH, EAST + 20_000, NORTH + 10_000), 200, 100
    )
    assert found.shape == (100, 200, 4)
    assert (found[:48, :98, :3] == 200).all()
    assert (found[52:, :98, :3] == 0).all()
    assert (found[:, 102:, 3] == 0).all()
    assert (found[:, :98, 3] == 255).all()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"crs": "EPSG:2383"}, "Xian|1980"),
        ({"dtype": "float32"}, "expected a picture of 1, 3 or 4 bands of bytes"),
        ({"crs": None}, "CRS"),
    ],
)
def test_a_picture_that_cannot_be_trusted_is_refused(tmp_path, change, message):
    how = {
        "driver": "GTiff",
        "width": 2,
        "height": 2,
        "count": 1,
        "dtype": "uint8",
        "crs": CRS_CODE,
        **change,
    }
    with rasterio.open(tmp_path / "p.tif", "w", transform=Affine(10, 0, EAST, 0, -10, NORTH), **how) as file:
        file.write(np.zeros((1, 2, 2), how["dtype"]))
    with pytest.raises(InputError, match=message):
        Backdrop(tmp_path / "p.tif", CRS.from_user_input(CRS_CODE))
    (tmp_path / "q.tif").write_bytes(b"no picture")
    with pytest.raises(InputError, match="content is no GTiff"):
        Backdrop(tmp_path / "q.tif", CRS.from_user_input(CRS_CODE))


def test_the_command_lists_makes_and_refuses(tmp_path):
    run = CliRunner().invoke
    listed = run(cli, ["sheet", "jiaozuo", "--list", "--lang", "zh"], obj="zh")
    assert listed.exit_code == 0
    assert "图3.1 “两轴”示意图" in listed.output
    assert "parcel" not in listed.output
    made = run(cli, ["sheet", "jiaozuo", "--sheet", "图3.1", "--paper", "A4", "--dpi", "50", "-o", str(tmp_path / "a.png")], obj="zh")  # fmt: skip
    assert made.exit_code == 0, made.output
    assert (tmp_path / "a.png").read_bytes()[:4] == b"\x89PNG"
    wrong = run(
        cli, ["sheet", "jiaozuo", "--paper", "B9", "--scale", "x", "-o", str(tmp_path / "b.pdf")], obj="en"
    )
    assert isinstance(wrong.exception, InputError)
    assert {one.code for one in wrong.exception.faults} == {"sheet.paper", "sheet.scale"}
    assert not (tmp_path / "b.pdf").exists()
