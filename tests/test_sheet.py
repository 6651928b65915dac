"""Print sheets: exact, searchable, georeferenced, the same bytes every time, and no words over each other."""

import re
from collections import Counter
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import numpy as np
import pytest
import shapely
from pypdf import PdfReader
from pyproj import CRS, Transformer

import zoneplan as zp
from synthetic import EAST, NORTH, layers
from zoneplan.errors import InputError
from zoneplan.jobs.sheets import write_sheets
from zoneplan.render.sheet.atlas import Atlas, SheetOptions
from zoneplan.render.sheet.imprint import Imprint
from zoneplan.render.sheet.ink import settled
from zoneplan.render.sheet.lettering import ASCENT, DESCENT, MM_PER_POINT, lettering
from zoneplan.render.sheet.output import write_pdf

TOWN = Path(__file__).parent / "towns" / "linxi.yaml"
GIVEN = Imprint(organisation="示例规划院", date="2026年11月", map_number="示审(2026)1号")


@pytest.fixture(scope="module", params=["jiaozuo", TOWN], ids=["jiaozuo", "linxi"])
def book(request, tmp_path_factory):
    """Every sheet of the catalogue for both plans: (layers, pages, path of the PDF)."""
    plan = zp.compile_plan(zp.load_plan(request.param))
    atlas = Atlas(plan, None, SheetOptions(imprint=GIVEN))
    path = tmp_path_factory.mktemp("sheets") / "book.pdf"
    with settled():
        pages = list(atlas.pages())
        write_pdf(path, pages, crs=plan.crs, title="图集", lang="zh")
    return plan, pages, path


def visible_words(page):
    """Every line of words on a page that can be seen: (words, the ground it covers)."""
    from matplotlib.text import Text

    letters = lettering()
    for artist in page.ink.figure.get_children():
        if isinstance(artist, Text) and artist.get_text() and artist.get_alpha() != 0:
            words, size = artist.get_text(), artist.get_fontsize()
            x, y = artist.get_position()
            em, wide = size * MM_PER_POINT, letters.width(words, size)
            box = shapely.box(x, y - DESCENT * em * 0.5, x + wide, y + ASCENT * em * 0.85)
            yield words, shapely.affinity.rotate(box, artist.get_rotation(), origin=(x, y))


def test_words_on_a_page_neither_overlap_nor_leave_it(book):
    _, pages, _ = book
    for page in pages:
        words = list(visible_words(page))
        paper = shapely.box(0, 0, page.ink.paper.width, page.ink.paper.height)
        assert not [text for text, cover in words if not paper.contains(cover)]
        covers = np.array([cover for _, cover in words])
        first, second = shapely.STRtree(covers).query(covers, predicate="intersects")
        clashes = [
            (words[a][0], words[b][0])
            for a, b in zip(first.tolist(), second.tolist(), strict=True)
            if a < b and covers[a].intersection(covers[b]).area > 0.05
        ]
        assert not clashes, page.title


def test_names_stand_apart_inside_the_neat_line_and_none_is_left_out(book):
    _, pages, _ = book
    for page in pages:
        frame = shapely.box(
            page.window.frame.x, page.window.frame.y, page.window.frame.right, page.window.frame.top
        )
        covers = np.array([place.cover for place in page.names])
        assert len(covers)
        assert frame.contains(covers).all()
        first, second = shapely.STRtree(covers).query(covers, predicate="intersects")
        assert (first == second).all()
        assert not page.unnamed, page.title


def test_every_sheet_and_a_page_for_each_district(book):
    plan, pages, _ = book
    keys = [page.plate.sheet.id for page in pages]
    assert keys.count("district") == len(plan["district"])
    assert {"structure", "control-lines"} <= set(keys)
    assert ("figure-3.1" in keys) == ("figure-3.2" in keys) == (plan.plan_id == "jiaozuo")
    assert [plate.feature.title for plate in (page.plate for page in pages) if plate.feature] == list(plan["district"]["name"])  # fmt: skip


def test_the_pdf_can_be_searched_for_every_word_on_it(book):
    plan, pages, path = book
    reader = PdfReader(path)
    assert len(reader.pages) == len(pages)
    for number in {0, len(pages) // 2, len(pages) - 1}:
        page, printed = pages[number], reader.pages[number]
        text = printed.extract_text().replace("\n", "")
        for words in (plan.name, f"1:{page.window.scale}", GIVEN.organisation, GIVEN.date, "示审(2026)1号".translate({40: 0xFF08, 41: 0xFF09})):  # fmt: skip
            assert words in text
        for place in page.names:
            assert all(run.words in text for run in place.runs), place.name.words
            assert place.level or len(place.runs) == 1 or place.name.words in text
        assert any("子午线收敛角" in line for line, _ in visible_words(page))


def test_only_the_fonts_own_glyphs_are_used_and_they_are_inside_the_pdf(book):
    _, _, path = book
    for printed in PdfReader(path).pages:
        for font in printed["/Resources"]["/Font"].values():
            name = str(font.get_object()["/BaseFont"])
            assert name.endswith("NotoSansSC-Regular")
            below = font.get_object()["/DescendantFonts"][0].get_object()
            assert "/FontFile2" in below["/FontDescriptor"].get_object()


def test_the_legend_has_the_hectares_of_the_area_table(book):
    plan, pages, _ = book
    hectares = zp.area_table(plan).set_index("name")["area_ha"]
    checked = Counter()
    for page in pages:
        words = [text for text, _ in visible_words(page)]
        amounts = [text for text in words if re.fullmatch(r"[\d,]+\.\d{4} ha", text)]
        shown = [row for content in page.plate.contents for row in content.legend(page.window) if row[3]]
        assert Counter(row[3] for row in shown) == Counter(amounts)
        for name, _, _, amount in shown:
            assert amount == f"{hectares[name]:,.4f} ha"
            checked[name] += 1
    assert set(plan["control_line"]["name"]) | set(plan["district"]["name"]) <= set(checked)


def test_every_page_of_the_pdf_knows_where_it_lies(book):
    plan, pages, path = book
    for page, printed in zip(pages, PdfReader(path).pages, strict=True):
        (viewport,) = printed["/VP"]
        measure = viewport["/Measure"]
        box = np.array(viewport["/BBox"], float) * 25.4 / 72
        assert measure["/Subtype"] == "/GEO"
        assert int(measure["/GCS"]["/EPSG"]) == plan.crs.to_epsg()
        degrees = np.array(measure["/GPTS"], float).reshape(-1, 2)
        corners = box[:2] + np.array(measure["/LPTS"], float).reshape(-1, 2) * (box[2:] - box[:2])
        said = CRS.from_wkt(str(measure["/GCS"]["/WKT"]))
        to_metres = Transformer.from_crs(said.geodetic_crs, said, always_xy=True)
        metres = np.column_stack(to_metres.transform(degrees[:, 1], degrees[:, 0]))
        assert np.abs(metres - page.window.ground(corners)).max() < 0.001


SYNTHETIC = SheetOptions(sheets=("groups",), paper="A4", scale=100_000)


def rings_of_svg(path):
    """Closed paths of an SVG in millimetres from the lower left corner of the page."""
    root = ET.parse(path).getroot()
    height = float(root.get("viewBox").split()[3])
    for one in root.iter("{http://www.w3.org/2000/svg}path"):
        numbers = [float(text) for text in re.findall(r"-?\d+(?:\.\d+)?", one.get("d", ""))]
        if one.get("d", "").rstrip().endswith("z") and len(numbers) % 2 == 0:
            xy = np.array(numbers).reshape(-1, 2)
            yield np.column_stack([xy[:, 0], height - xy[:, 1]]) * 25.4 / 72


def test_a_distance_on_the_page_times_the_scale_is_the_distance_on_the_ground(tmp_path):
    write_sheets(layers(), tmp_path / "page.svg", SYNTHETIC)
    west = np.array([(0, 0), (4e3, 0), (4e3, 10e3), (0, 10e3)])  # the western group, metres from its corner
    sides = np.sort(np.hypot(*np.diff(np.vstack([west, west[:1]]), axis=0).T))
    found = [
        ring
        for ring in rings_of_svg(tmp_path / "page.svg")
        if len(ring) == 4
        and np.allclose(
            np.sort(np.hypot(*np.diff(np.vstack([ring, ring[:1]]), axis=0).T)) * 100, sides, atol=0.1
        )
    ]
    assert found  # 100 m a millimetre, right within 0.1 m on the ground, 0.001 mm on paper


def test_the_pdf_draws_the_same_shape_in_the_same_place_as_its_coordinates_say(tmp_path):
    write_sheets(layers(), tmp_path / "page.pdf", SYNTHETIC)
    page = PdfReader(tmp_path / "page.pdf").pages[0]
    (viewport,) = page["/VP"]
    box = np.array(viewport["/BBox"], float)
    degrees = np.array(viewport["/Measure"]["/GPTS"], float).reshape(-1, 2)
    to_metres = Transformer.from_crs("EPSG:4490", "EPSG:4547", always_xy=True)
    corner = np.array(to_metres.transform(degrees[0, 1], degrees[0, 0]))
    lake = (np.array([EAST + 4500, NORTH + 8000]) - corner) / 100 * 72 / 25.4 + box[
        :2
    ]  # its lower left corner
    drawn = page.get_contents().get_data().decode("latin-1")
    points = np.array([[float(x), float(y)] for x, y in re.findall(r"(-?[\d.]+) (-?[\d.]+) [ml]\n", drawn)])
    assert np.hypot(*(points - lake).T).min() < 0.01


def test_a_geotiff_puts_the_corner_of_the_zone_on_its_pixel(tmp_path):
    import rasterio

    write_sheets(layers(), tmp_path / "page.tif", SYNTHETIC, dpi=150)
    with rasterio.open(tmp_path / "page.tif") as file:
        assert CRS.from_user_input(file.crs.to_wkt()).equals(CRS.from_epsg(4547), ignore_axis_order=True)
        assert file.transform.a == pytest.approx(25.4 / 1000 / 150 * 100_000, rel=1e-12)
        grey = file.read().mean(axis=0)
        row, column = file.index(EAST, NORTH)
    # boundary lines end at the corner: nothing but white beyond it, ink on it
    assert grey[row - 1 : row + 2, column - 1 : column + 2].min() < 120
    assert grey[row + 4 : row + 12, column - 12 : column - 4].min() == 255


@pytest.mark.parametrize("name", ["page.pdf", "page.svg", "page.png", "page.tif"])
def test_two_runs_give_the_same_bytes_and_leave_the_users_settings_alone(tmp_path, name):
    import matplotlib

    before = dict(matplotlib.rcParams)
    for run in "ab":
        write_sheets(layers(), tmp_path / run / name, SYNTHETIC, dpi=60)
    assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    assert dict(matplotlib.rcParams) == before


def test_hostile_names_are_words_and_nothing_else(tmp_path):
    plan = layers()
    groups = plan["group"].assign(
        name=["$x^2_$\\frac", "<script>alert(1)</script>", "甲\n乙\u202e\x07𠮷\U0010fffd"]
    )
    evil = replace(plan, frames={**plan.frames, "group": groups}, name="名&<b>\x00")
    for name in ("page.pdf", "page.svg"):
        write_sheets(evil, tmp_path / name, SYNTHETIC)
    text = PdfReader(tmp_path / "page.pdf").pages[0].extract_text()
    assert "$x^2_$\\frac" in text
    assert "<script>alert(1)</script>" in text
    assert "甲 乙" in text
    assert not list(ET.parse(tmp_path / "page.svg").getroot().iter("{http://www.w3.org/2000/svg}script"))


def test_the_largest_round_scale_is_taken_and_one_asked_for_is_kept():
    sheet = Atlas(layers(), None, SheetOptions(sheets=("groups",)))
    asked = Atlas(layers(), None, SheetOptions(sheets=("groups",), scale=62_500))
    with settled():
        (page,), (other,) = sheet.pages(), asked.pages()
    assert (
        page.window.scale == 40_000
    )  # 10 km are 250 mm wide; the map on upright A3 is 270 mm, and 1:30000 would need 333
    assert other.window.scale == 62_500
    assert 250 < page.window.frame.width < 333


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"sheets": ("grups",)}, r"no sheet 'grups'; did you mean 'groups'\?"),
        ({"sheets": ("conflicts",)}, r"needs a parcel check: give it with --conflicts"),
        ({"sheets": ("group",), "only": ("北组团",)}, r"no element or parcel '北组团'"),
        ({"sheets": ("groups",), "paper": "B7"}, r"paper 'B7' should be one of A0, A1"),
        (
            {"sheets": ("groups",), "scale": 10_000},
            r"--scale 1:10000: 组团布局图: does not fit A3; 1:40000 would, or larger paper",
        ),
    ],
)
def test_what_cannot_be_made_is_said_and_nothing_is_written(tmp_path, options, message):
    with pytest.raises(InputError, match=message):
        write_sheets(layers(), tmp_path / "out" / "page.pdf", SheetOptions(**options))
    assert not (tmp_path / "out").exists()


def test_a_legend_that_fits_no_paper_is_said_and_a_long_one_is_set_smaller():
    plan = layers()
    for count, fits in ((40, True), (400, False)):
        many = (
            plan["group"]
            .iloc[[0] * count]
            .assign(id=[f"g{n}" for n in range(count)], name=[f"第{n}组团" for n in range(count)])
        )
        atlas = Atlas(replace(plan, frames={**plan.frames, "group": many}), None, SheetOptions(sheets=("groups",), paper="A4"))  # fmt: skip
        with settled():
            if fits:
                (page,) = atlas.pages()
                assert page.layout.panel.legend_unit < page.ink.paper.unit
            else:
                with pytest.raises(InputError, match="the legend does not fit A4"):
                    list(atlas.pages())


def test_several_pages_do_not_fit_one_picture_but_a_folder(tmp_path):
    options = SheetOptions(sheets=("groups", "spaces"), paper="A4")
    with pytest.raises(InputError, match=r"2 pages, a png file each: give a folder"):
        write_sheets(layers(), tmp_path / "page.png", options)
    written = write_sheets(layers(), tmp_path / "all", options, form="png", dpi=50)
    assert [path.name for path in written.files] == ["01-groups.png", "02-spaces.png"]
    assert all(path.is_file() for path in written.files)
