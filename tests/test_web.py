"""The web map in a real browser with the network off: it draws, toggles, tells, asks nothing, runs nothing."""

import re
from dataclasses import replace

import pytest

import zoneplan as zp
from browsing import INJECTIONS
from synthetic import layers, square
from zoneplan.check.conflicts import check_parcels
from zoneplan.render import assets
from zoneplan.render.assets import AssetError, asset, inline
from zoneplan.render.basemaps import policy

browser = pytest.mark.browser


@pytest.fixture(scope="module")
def jiaozuo():
    return zp.compile_plan(zp.load_plan("jiaozuo"))


@pytest.fixture(scope="module")
def checked(jiaozuo):
    from zoneplan.check.request import CheckRequest
    from zoneplan.jobs.checking import check
    from zoneplan.resources import data_dir

    sample = str(data_dir() / "samples" / "parcels.geojson")
    return check(CheckRequest(sample, "jiaozuo"), compiled=(jiaozuo, ())).result


def paths(page):
    return page.locator(".zp-pane path").count()


@browser
@pytest.mark.parametrize("size", [(1400, 900), (390, 780)], ids=["desktop", "phone"])
def test_every_layer_can_be_switched_off_and_on(open_page, jiaozuo, checked, size):
    page = open_page(zp.web_map(jiaozuo, checked), width=size[0], height=size[1])
    if size[0] < 700:
        page.locator(".leaflet-control-layers-toggle").hover(force=True)  # it gives way to the list at once
    boxes = page.locator(".leaflet-control-layers-overlays input[type=checkbox]")
    assert boxes.count() == 16
    for index in range(boxes.count()):
        box = boxes.nth(index)
        before = (box.is_checked(), paths(page))
        box.click()
        assert box.is_checked() != before[0]
        assert paths(page) != before[1], f"layer {index} draws nothing"
        box.click()
        assert (box.is_checked(), paths(page)) == before


@browser
def test_the_legend_follows_the_layers_and_its_areas_are_those_of_the_tables(open_page, jiaozuo):
    page = open_page(zp.web_map(jiaozuo))
    legend = page.locator("#zp-legend")
    assert "李万科教" in legend.inner_text()
    assert "永久基本农田" not in legend.inner_text()
    page.get_by_label("永久基本农田").check()
    text = legend.inner_text()
    hectares = zp.area_table(jiaozuo).set_index("id").loc["line_permanent_basic_farmland", "area_ha"]
    assert f"{hectares:,.4f} ha" in text


@browser
def test_a_click_tells_name_role_area_citation_and_accuracy(open_page, jiaozuo):
    page = open_page(zp.web_map(jiaozuo))
    label = page.locator(".zp-label-group span", has_text="沙南休闲旅游").bounding_box()
    page.mouse.click(label["x"] + label["width"] / 2, label["y"] + label["height"] + 25)
    popup = page.locator(".zp-popup").inner_text()
    for words in (
        "沙南休闲旅游、科技创新、生态宜居组团",
        "8,588.5849 ha",
        "亩",
        "第七章第三节",
        "示意 ±1500 m",
        "schematic-2026",
    ):
        assert words in popup


@browser
def test_conflicts_are_hatched_and_tell_verdict_and_law(open_page, jiaozuo, checked):
    page = open_page(zp.web_map(jiaozuo, checked))
    hatched = page.locator("path.zp-hatch-prohibited")
    assert hatched.count() >= 1
    assert "url(" in hatched.first.evaluate("node => getComputedStyle(node).fill")
    hatched.first.dispatch_event("click")
    text = page.locator(".zp-popup").inner_text()
    assert "禁止" in text
    assert "m²" in text


@browser
def test_conflicts_stay_on_top_of_layers_switched_on_later(open_page, jiaozuo, checked):
    page = open_page(zp.web_map(jiaozuo, checked))
    page.get_by_label("永久基本农田").check()
    height = "node => Number(node.closest('.zp-pane').style.zIndex)"
    heights = {
        kind: page.locator(f"path.zp-hatch-{kind}").first.evaluate(height)
        for kind in ("prohibited", "permanent_basic_farmland")
    }
    assert heights["prohibited"] > heights["permanent_basic_farmland"]


@browser
def test_it_says_that_it_is_schematic_and_has_scale_and_north(open_page, jiaozuo):
    page = open_page(zp.web_map(jiaozuo, lang="zh"))
    assert "示意图" in page.locator(".zp-schematic").inner_text()
    assert re.search(r"\d+ (m|km)", page.locator(".leaflet-control-scale").inner_text())
    assert page.locator("#zp-north svg").is_visible()
    assert page.title() == "焦作市城乡一体化示范区"


def lit(page):
    """Names of the layers that are switched on."""
    found = "[...document.querySelectorAll('.leaflet-control-layers-overlays input:checked')].map(box => box.closest('label').innerText.trim())"
    return set(page.evaluate(found))


@browser
def test_the_map_of_a_check_opens_at_its_parcels_with_the_lines(open_page):
    import geopandas as gpd

    made = layers()
    small = gpd.GeoDataFrame({"id": ["A"], "use": ["U10"]}, geometry=[square(2, 4, 2.1, 4.1)], crs=made.crs)
    result = check_parcels(small, made)
    width = {}
    for first in ("plan", "check"):
        page = open_page(zp.web_map(made, result, first=first))
        box = page.locator(
            "path.zp-hatch-parcel-undetermined, path[class*=zp-hatch-parcel], path.zp-hatch-prohibited"
        ).first.bounding_box()
        width[first] = box["width"]
        names = lit(page)
        assert (made["control_line"]["name"].iloc[0] in names) == (first == "check")
        assert ("组团" in names) == (first == "plan")
    assert width["check"] > 3 * width["plan"]
    assert 0 < box["x"] < 1400
    assert 0 < box["y"] < 900


def test_where_a_map_of_a_check_opens():
    import geopandas as gpd

    from zoneplan.render.mapview import bounds, opening

    made = layers()

    def at(*shapes):
        frame = gpd.GeoDataFrame({"id": list("ABCDE")[: len(shapes)]}, geometry=list(shapes), crs=made.crs)
        return opening(made, check_parcels(frame, made, use="U10"))

    (south, west), (north, east) = bounds(made)
    near = at(square(2, 4, 2.1, 4.1))
    assert south < near[0][0] < near[1][0] < north
    assert west < near[0][1] < near[1][1] < east
    assert at(square(0.5, 0.5, 0.6, 0.6), square(9, 9, 9.1, 9.1)) is None
    beyond = at(square(0.5, 0.5, 0.6, 0.6), square(20, 20, 20.1, 20.1))
    assert beyond[0] == [south, west]
    assert beyond[1][0] > north
    assert beyond[1][1] > east
    assert opening(made, None) is None


@browser
@pytest.mark.parametrize("text", INJECTIONS)
def test_words_of_features_are_inert(open_page, text):
    made = layers()
    frames = {}
    for kind, frame in made.frames.items():
        frame = frame.copy()
        for column in ("name", "name_en", "role", "citation", "summary", "source"):
            frame[column] = text
        frames[kind] = frame
    evil = replace(made, frames=frames, name=text, name_en=text)
    parcel = square(2, 4, 2.5, 4.5)
    import geopandas as gpd

    result = check_parcels(
        gpd.GeoDataFrame({"id": [text], "use": ["U10"]}, geometry=[parcel], crs=made.crs), evil
    )
    page = open_page(zp.web_map(evil, result, title=text))
    for box in page.locator(".leaflet-control-layers-overlays input[type=checkbox]").all():
        box.check()
    page.locator("path.zp-hatch-prohibited").first.dispatch_event("click")
    assert page.locator(".zp-popup h3").inner_text().split() == text.split()
    assert page.evaluate("window.hit") is None
    assert page.locator("h1").inner_text().split() == text.split()


def test_two_runs_give_the_same_bytes(tmp_path, jiaozuo, checked):
    pages = [zp.web_map(jiaozuo, checked).html() for _ in range(2)]
    assert pages[0] == pages[1]
    assert pages[0] == zp.web_map(jiaozuo, checked).html()


def test_rendering_one_map_twice_gives_the_same_page(jiaozuo):
    page = zp.web_map(jiaozuo)
    assert page.html() == page.html()
    assert "srcdoc" in page._repr_html_()


def test_a_map_without_data_is_small():
    assert len(zp.web_map(layers()).html().encode()) < 500_000


def test_nothing_in_the_file_is_an_address_to_fetch(jiaozuo, checked):
    html = zp.web_map(jiaozuo, checked).html()
    assert not re.search(
        r"""(?:src|href)\s*=\s*["']?(?:https?:)?//""", re.sub(r"<script>.*?</script>", "", html, flags=re.S)
    )
    assert f'content="{policy()}"' in html
    assert "bootstrap" not in html
    assert "jquery" not in html.lower()


@pytest.mark.parametrize(
    "tag",
    [
        '<script src="https://example.org/new.js"></script>',
        '<link rel="stylesheet" href="//example.org/new.css"/>',
        '<img src="https://example.org/x.png">',
        "<style>@import 'https://example.org/x.css';</style>",
        '<iframe src="https://example.org"></iframe>',
        "<script async src='https://example.org/a.js'></script>",
        "<style>a{background:url(https://example.org/x.png)}</style>",
    ],
)
def test_an_address_that_is_not_known_is_an_error(tag):
    with pytest.raises(AssetError, match=r"example\.org|new\.js|new\.css"):
        inline(f"<html>{tag}</html>")


def test_a_missing_or_changed_asset_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(assets, "VENDOR", tmp_path)
    with pytest.raises(AssetError, match=r"leaflet\.js: missing"):
        asset("leaflet.js")
    (tmp_path / "leaflet.js").write_text("changed")
    with pytest.raises(AssetError, match=r"leaflet\.js: changed"):
        asset("leaflet.js")
