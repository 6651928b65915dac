"""The style document: an office's is laid over the built-in one, faults have lines, signs can be told apart by all eyes."""

import json
from itertools import combinations

import geopandas as gpd
import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from synthetic import CRS_CODE, layers, square
from zoneplan.check.conflicts import check_parcels
from zoneplan.check.rules import STRICTEST_FIRST
from zoneplan.cli import main
from zoneplan.errors import InputError
from zoneplan.io.layers import write_layers
from zoneplan.jobs.verify import verify
from zoneplan.landuse.codes import code_list
from zoneplan.landuse.composition import LandUse
from zoneplan.render.colours import EYES, apart, ciede2000, contrast, lab, over
from zoneplan.render.conflict_book import write_conflicts_xlsx
from zoneplan.render.legend import STROKES
from zoneplan.render.legibility import LEAST_APART, LINES, style_findings
from zoneplan.render.sld import MARKS
from zoneplan.render.style import HATCHES, read_style
from zoneplan.render.web import web_map

COLOURS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


@pytest.fixture
def office(tmp_path):
    def written(text):
        path = tmp_path / "office.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    return written


def run(*args):
    with pytest.raises(SystemExit) as caught:
        main([*map(str, args), "--lang", "en"])
    return caught.value.code


def test_what_an_office_does_not_say_stays_as_it_was(office):
    built_in, mine = read_style(), read_style(office('symbols:\n  water: {line: "#0000FF"}\n'))
    assert mine.symbol("water").line == "#0000ff"
    assert mine.symbol("water").fill == built_in.symbol("water").fill
    changed = {**mine.symbols, "water": built_in.symbol("water")}
    assert mine.model_copy(update={"symbols": changed}) == built_in


def test_the_built_in_document_laid_over_itself_is_itself(tmp_path):
    assert run("style", "--export", tmp_path / "mine.yaml") == 0
    assert read_style(tmp_path / "mine.yaml") == read_style()


def test_an_empty_value_takes_a_thing_away(office):
    mine = read_style(office("symbols:\n  ecological_redline: {hatch: , fill: }\n"))
    assert mine.symbol("ecological_redline").hatch is None
    assert mine.symbol("ecological_redline").fill is None


def test_the_drawing_order_is_that_of_the_document(office):
    order = list(read_style().layers)[::-1]
    assert list(read_style(office(f"order: [{', '.join(order)}]")).layers) == order
    with pytest.raises(InputError, match=r"office\.yaml:1: order: expected every layer once"):
        read_style(office("order: [group]"))


def test_views_of_a_plan_stand_in_place_of_the_built_in_ones_of_that_plan_only(office):
    text = "views:\n  - {plan: jiaozuo, zh: 甲, en: A, layers: [axis]}\n  - {plan: other, zh: 乙, en: B, layers: [belt]}\n"
    mine = read_style(office(text))
    assert [view.zh for view in mine.views_of("jiaozuo")] == ["甲"]
    assert [view.zh for view in mine.views_of("other")] == ["乙"]
    only = read_style(office("views:\n  - {plan: other, zh: 乙, en: B, layers: [belt]}\n"))
    assert only.views_of("jiaozuo") == read_style().views_of("jiaozuo")


def test_all_faults_come_at_once_each_with_its_line(office):
    text = """\
palette: 本局
symbols:
  prohibited: {fill: red, hatch: zigzag}
  water: {fil: "#ffffff", dash: "3"}
landuse:
  opacity: 2
"""
    with pytest.raises(InputError) as caught:
        read_style(office(text))
    said = caught.value.text("en").splitlines()
    assert [line.split(": ", 2)[:2] for line in said] == [
        ["office.yaml:3", "symbols.prohibited.fill"],
        ["office.yaml:3", "symbols.prohibited.hatch"],
        ["office.yaml:4", "symbols.water.dash"],
        ["office.yaml:4", "symbols.water.fil"],
        ["office.yaml:6", "landuse.opacity"],
    ]
    assert "did you mean 'fill'" in said[3]


def test_names_that_stand_for_nothing_are_faults(office):
    text = """\
layers:
  axis: {group: foo}
  axsi: {show: false}
reference:
  lane: nowhere
views:
  - {plan: x, zh: 甲, en: A, layers: [nope]}
landuse:
  colours: {"0199": "#112233"}
"""
    with pytest.raises(InputError) as caught:
        read_style(office(text))
    said = caught.value.text("en").splitlines()
    assert "did you mean 'axis'" in said[1]
    assert [line.split(": ", 2)[:2] for line in said] == [
        ["office.yaml:2", "layers.axis.group"],
        ["office.yaml:3", "layers.axsi"],
        ["office.yaml:5", "reference.lane"],
        ["office.yaml:7", "views[0].layers"],
        ["office.yaml:9", "landuse.colours.0199"],
    ]


def test_a_group_or_a_view_of_a_plan_is_there_once(office):
    view = "  - {plan: x, zh: 甲, en: A, layers: [axis]}\n"
    with pytest.raises(InputError, match=r"office\.yaml:3: views\[1\]: '甲' is there twice"):
        read_style(office(f"views:\n{view}{view}"))


@pytest.mark.parametrize("text", ["[1, 2]", "word", "", "a: {b: [", "symbols:\n  water:\n"])
def test_what_is_no_style_document_is_refused(office, text):
    with pytest.raises(InputError):
        read_style(office(text))


def test_every_code_has_its_own_colour_or_that_of_the_class_that_contains_it(office):
    style, codes = read_style(), code_list("2023")
    for code in codes:
        above = codes.path(code)[-2:-1]
        own = style.landuse.colours.get(code)
        assert style.landuse_symbol(code).fill == (own or style.landuse_symbol(above[0]).fill)
    assert style.landuse.standard
    mine = read_style(office('landuse:\n  colours: {"0101": "#123456"}\n'))
    assert {mine.landuse_symbol(code).fill for code in ("0101", "01")} == {
        "#123456",
        style.landuse_symbol("01").fill,
    }
    assert style.landuse_symbol("nothing") == style.symbol("landuse")


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ((50, 2.6772, -79.7751), (50, 0, -82.7485), 2.0425),
        ((50, -1, 2), (50, 0, 0), 2.3669),
        ((50, 2.49, -0.001), (50, -2.49, 0.0009), 7.1792),
        ((50, 2.49, -0.001), (50, -2.49, 0.0011), 7.2195),
        ((50, 2.5, 0), (73, 25, -18), 27.1492),
        ((60.2574, -34.0099, 36.2677), (60.4626, -34.1751, 39.4387), 1.2644),
        ((22.7233, 20.0904, -46.694), (23.0331, 14.973, -42.5619), 2.0373),
        ((2.0776, 0.0795, -1.135), (0.9033, -0.0636, -0.5514), 0.9082),
    ],
)
def test_the_difference_of_colours_is_that_of_the_published_pairs(first, second, expected):
    assert ciede2000(first, second) == pytest.approx(expected, abs=5e-5)


@given(COLOURS, COLOURS, st.sampled_from(list(EYES)))
def test_a_difference_is_symmetric_and_nothing_from_itself(first, second, eyes):
    assert apart(first, second, eyes) == pytest.approx(apart(second, first, eyes), abs=1e-9)
    assert apart(first, first, eyes) == 0
    assert 1 <= contrast(first, second) <= 21.001


@given(st.integers(0, 255), st.sampled_from(list(EYES)))
def test_all_eyes_see_a_grey_as_grey(level, eyes):
    grey = f"#{level:02x}{level:02x}{level:02x}"
    assert lab(grey, eyes)[1:] == pytest.approx([0, 0], abs=0.05)


def test_red_and_green_of_one_lightness_are_apart_only_for_eyes_that_tell_them():
    red, green = "#c15450", "#7c7c2c"
    assert apart(red, green) > 30
    assert apart(red, green, "deuteranopia") < LEAST_APART


def test_the_built_in_signs_are_told_apart_by_all_eyes_and_in_black_and_white():
    style = read_style()
    assert style_findings(style, "style.yaml") == ()
    ground = {name: over(style.symbol(name).fill, style.symbol(name).opacity) for name in STRICTEST_FIRST}
    for one, other in combinations(STRICTEST_FIRST, 2):
        for eyes in EYES:
            assert apart(ground[one], ground[other], eyes) > 1.5 * LEAST_APART
    hatches = [style.symbol(name).hatch for name in (*STRICTEST_FIRST, *LINES)]
    drawn = [hatch for hatch in hatches if hatch]
    assert (
        len(set(drawn)) == len(drawn) == 5
    )  # what may be taken and the boundary that is drawn thick have none


def test_an_offices_signs_that_look_alike_are_found(office):
    text = """\
symbols:
  restricted: {fill: "#b2302b", opacity: 0.55, hatch: cross, line: "#ff9999"}
  permitted: {fill: "#ef8a3c", opacity: 0.55}
"""
    found = style_findings(read_style(office(text)), "office.yaml")
    assert {one.code for one in found} == {"style.colours", "style.hatches", "style.contrast"}
    assert {one.severity for one in found} == {"warning"}
    assert any("prohibited and restricted" in one.en for one in found if one.code == "style.colours")
    assert run("style", office(text)) == 1
    assert run("style", office("palette: 本局")) == 0


def test_every_hatch_is_known_wherever_it_is_drawn():
    assert set(HATCHES) == set(MARKS) == {*STROKES, "dots"}


def test_the_map_takes_colours_lettering_and_notes_from_the_document(office):
    text = """\
note_zh: 配色依本局规定
symbols: {group: {line: "#010203"}}
layers: {group: {text: {size: 21, colour: "#040506"}}}
"""
    page = web_map(layers(), style=read_style(office(text))).html()
    for words in ("#010203", "font-size: 21px; color: #040506", "配色依本局规定"):
        assert words in page


def test_a_workbook_has_the_colours_of_verdicts_and_codes(tmp_path, office):
    frame = gpd.GeoDataFrame({"id": ["a"]}, geometry=[square(2, 4, 3, 5)], crs=CRS_CODE)
    ground = gpd.GeoDataFrame({"YDYHFLDM": ["0804"]}, geometry=[square(0, 0, 10, 10)], crs=CRS_CODE)
    result = check_parcels(frame, layers(), use="U10", landuse=LandUse(ground, list_id="2023"))
    style = read_style(office('symbols: {prohibited: {line: "#123456"}}'))
    write_conflicts_xlsx(tmp_path / "a.xlsx", result, style=style)
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    cells = {cell.value: cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value}
    assert cells["禁止 prohibited"].font.color.rgb == "FF123456"
    assert cells["0804"].fill.fgColor.rgb == "FF" + style.landuse_symbol("0804").fill[1:].upper()


def test_manifest_and_receipt_name_an_offices_document_by_its_hash(tmp_path, office):
    path = office("symbols: {restricted: {hatch: cross}}\n")
    assert run("build", "-o", tmp_path / "built", "--style", path) == 0
    inputs = json.loads((tmp_path / "built" / "manifest.json").read_text(encoding="utf-8"))["inputs"]
    assert [row["role"] for row in inputs] == ["plan", "reference", "style"]
    assert run("build", "--check", "-o", tmp_path / "built", "--style", path) == 0
    assert run("build", "--check", "-o", tmp_path / "built") == 1

    gpd.GeoDataFrame({"id": ["a"]}, geometry=[square(2, 4, 3, 5)], crs=CRS_CODE).to_file(tmp_path / "p.gpkg")
    gpd.GeoDataFrame(geometry=[square(0, 3, 9, 5)], crs=CRS_CODE).to_file(tmp_path / "line.gpkg")
    line = f"permanent_basic_farmland={tmp_path / 'line.gpkg'}"
    out = tmp_path / "out"
    args = (
        "check",
        tmp_path / "p.gpkg",
        "--line",
        line,
        "--use",
        "U10",
        "--formats",
        "json",
        "-o",
        out,
        "--style",
        path,
    )
    assert run(*args) == 0
    record = json.loads((out / "conflicts.json").read_text(encoding="utf-8"))
    assert [row["role"] for row in record["receipt"]["inputs"]][-1] == "style"
    assert "style.hatches" in {one["code"] for one in record["findings"]}
    assert not verify(out / "conflicts.json").changed
    office("palette: 本局\n")
    assert [change.section for change in verify(out / "conflicts.json").changes] == ["inputs"]


def test_faults_of_the_document_end_a_call_before_anything_is_written(tmp_path, office, capsys):
    path = office("symbols: {water: {line: blue}}")
    write_layers(tmp_path / "layers.gpkg", layers())
    for command, source in (
        ("build", "jiaozuo"),
        ("map", tmp_path / "layers.gpkg"),
        ("areas", tmp_path / "layers.gpkg"),
    ):
        target = tmp_path / f"{command}.html"
        assert run(command, source, "-o", target, "--style", path) == 2
        assert "office.yaml:1: symbols.water.line" in capsys.readouterr().err
        assert not target.exists()
