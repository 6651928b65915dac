"""What a reader does with the map in a browser: find, link, measure, coordinates, views, print."""

import geopandas as gpd
import numpy as np
import pyproj
import pytest

import zoneplan as zp
from browsing import INJECTIONS
from synthetic import layers, square
from zoneplan.check.conflicts import check_parcels
from zoneplan.render import vectors

pytestmark = pytest.mark.browser


def checked(ids):
    """Parcels of 500 m from the urban north-east to the farmland, so that verdicts differ."""
    made = layers()
    shapes = [square(1.5, 0.5 + 0.7 * i, 2, 1 + 0.7 * i) for i in range(len(ids))]
    frame = gpd.GeoDataFrame({"id": ids, "use": ["U10"] * len(ids)}, geometry=shapes, crs=made.crs)
    return made, check_parcels(frame, made)


@pytest.fixture(scope="module")
def some():
    return checked(["A-1", "A-2", "B-1", "B-2", "B-3"])


def test_coordinates_of_the_page_are_those_of_pyproj(open_page, some):
    page = open_page(zp.web_map(*some))
    rng = np.random.default_rng(7)
    lats, lons = rng.uniform(3, 53, 200), 114 + rng.uniform(-2, 2, 200)
    found = page.evaluate(
        "all => all.map(([lat, lng]) => zoneplan.geodesy.project(lat, lng, {lon0: 114, east0: 500000}))",
        np.c_[lats, lons].tolist(),
    )
    east, north = pyproj.Transformer.from_crs(4490, 4547, always_xy=True).transform(lons, lats)
    assert np.abs(np.array(found) - np.c_[north, east]).max() < 0.001


def test_lengths_and_areas_of_the_page_are_geodesic(open_page, some):
    page = open_page(zp.web_map(*some))
    ring = [(113.2, 35.1), (113.21, 35.101), (113.208, 35.11), (113.201, 35.108)]  # of a kilometre
    points = [{"lng": x, "lat": y} for x, y in ring]
    length, area = page.evaluate("p => [zoneplan.geodesy.length(p), zoneplan.geodesy.area(p)]", points)
    geod = pyproj.CRS(4490).get_geod()
    xs, ys = zip(*ring, strict=True)
    assert length == pytest.approx(geod.line_length(xs, ys), abs=0.001)
    assert area == pytest.approx(abs(geod.polygon_area_perimeter(xs, ys)[0]), rel=1e-5)


def test_parcels_are_listed_by_severity_and_a_click_goes_there(open_page, some):
    made, result = some
    page = open_page(zp.web_map(made, result))
    listed = page.locator("#zp-list li b").all_inner_texts()
    overall = result.parcels.set_index("parcel_id")["overall"]
    order = ["prohibited", "undetermined", "restricted", "permitted"]
    ranks = [order.index(overall[name]) for name in listed]
    assert sorted(listed) == sorted(overall.index)
    assert ranks == sorted(ranks)
    page.locator("#zp-list button", has_text="B-2").click()
    assert page.locator(".zp-popup h3").inner_text() == "B-2"
    assert page.url.endswith("#parcel=B-2")


@pytest.mark.parametrize("many", [10_000, 3], ids=["geojson", "tiles"])
def test_a_link_opens_one_parcel(open_page, some, monkeypatch, many):
    monkeypatch.setattr(vectors, "MANY", many)
    page = open_page(zp.web_map(*some))
    page.evaluate("location.hash = '#parcel=B-1'")
    page.locator(".zp-popup h3").wait_for()
    assert page.locator(".zp-popup h3").inner_text() == "B-1"


def test_elements_and_places_are_found_by_name_and_their_layer_is_switched_on(open_page, some):
    page = open_page(zp.web_map(*some))
    page.fill("#zp-query", "基本农田")
    page.locator("#zp-list button").click()
    assert page.locator(".zp-popup h3").inner_text() == "永久基本农田"
    assert page.get_by_label("永久基本农田", exact=True).is_checked()
    page.fill("#zp-query", "中央大道")
    assert page.locator("#zp-list li").count() == 1
    page.fill("#zp-query", "没有这个")
    assert page.locator("#zp-count").inner_text() == "共 0 个"


@pytest.mark.parametrize("many", [10_000, 3], ids=["geojson", "tiles"])
def test_names_in_the_list_are_inert(open_page, monkeypatch, many):
    monkeypatch.setattr(vectors, "MANY", many)
    page = open_page(zp.web_map(*checked(INJECTIONS)))
    page.wait_for_function("n => document.querySelectorAll('#zp-list li').length === n", arg=len(INJECTIONS))
    assert sorted(
        page.evaluate("[...document.querySelectorAll('#zp-list b')].map(b => b.textContent)")
    ) == sorted(INJECTIONS)
    for button in page.locator("#zp-list button").all():
        button.click()
    for text in INJECTIONS:
        page.fill("#zp-query", text)
        page.evaluate("text => { location.hash = '#parcel=' + text; }", text)
    assert page.evaluate("window.hit") is None


def test_measuring_counts_clicks_and_identifies_nothing(open_page, some):
    page = open_page(zp.web_map(*some))
    page.click("#zp-area")
    for x, y in ((700, 300), (800, 300), (800, 400)):
        page.mouse.click(x, y)
    said = page.locator("#zp-measured").inner_text()
    assert "ha" in said
    assert "亩" in said
    assert page.locator(".zp-popup").count() == 0
    page.keyboard.press("Escape")
    assert page.locator("#zp-measured").is_hidden()
    page.click("#zp-length")
    page.mouse.click(700, 300)
    page.mouse.click(800, 300)
    assert "m —" in page.locator("#zp-measured").inner_text()


def test_the_pointer_tells_both_kinds_of_coordinates(open_page, some):
    page = open_page(zp.web_map(*some))
    page.mouse.move(800, 400)
    said = page.locator("#zp-position").inner_text()
    assert "°E" in said
    assert "CM 114°E X 31" in said


def test_figures_of_the_plan_are_views(open_page):
    page = open_page(zp.web_map(zp.compile_plan(zp.load_plan("jiaozuo"))))
    page.select_option("#zp-view", label="图3.1 “两轴”示意图")
    assert "两轴" in page.locator("#zp-figure").inner_text()
    assert page.get_by_label("轴", exact=True).is_checked()
    assert not page.get_by_label("带", exact=True).is_checked()
    page.select_option("#zp-view", label="图3.2 “两带”示意图")
    assert page.get_by_label("带", exact=True).is_checked()
    assert page.get_by_label("功能区", exact=True).is_checked()
    page.locator(
        ".zp-label-district span", has_text="新河商务中心区"
    ).wait_for()  # others may give way to a belt
    page.select_option("#zp-view", "0")
    assert page.get_by_label("轴", exact=True).is_checked()


def test_a_print_is_one_sheet_of_a3_and_the_screen_comes_back(open_page, some):
    page = open_page(zp.web_map(*some))
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert page.locator("#zp-legend").is_visible()
    assert page.locator(".leaflet-control-scale").is_visible()
    assert page.locator(".zp-schematic").is_visible()
    assert page.locator("#zp-find").is_hidden()
    sheet = page.pdf(prefer_css_page_size=True, print_background=True)
    assert sheet.count(b"/Type /Page\n") == 1
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert page.locator("#zp-find").is_visible()


def test_a_phone_folds_the_list(open_page, some):
    page = open_page(zp.web_map(*some), width=390, height=780)
    assert page.locator("#zp-query").is_hidden()
    page.click("#zp-find summary")
    page.locator("#zp-list button", has_text="A-1").click()
    assert page.locator("#zp-query").is_hidden()
    assert page.locator(".zp-popup h3").inner_text() == "A-1"


CONTROLS = {
    "button": {"zp-length", "zp-area", "zp-full", "zp-printer"},
    "select": {"zp-view", "zp-basemap"},
    "input": {"zp-query"},
    "details": {"zp-find"},
}


@pytest.mark.parametrize("size", [(1400, 900), (390, 844)], ids=["desktop", "phone"])
def test_every_control_is_used_and_nothing_is_asked_for(open_page, size):
    made = zp.compile_plan(zp.load_plan("jiaozuo"))
    basemaps = [*zp.tianditu("0" * 32), zp.tile_service("http://10.0.0.1/{z}/{x}/{y}")]
    page = open_page(zp.web_map(made, basemaps=basemaps), width=size[0], height=size[1])
    phone = size[0] < 700
    for tag, known in CONTROLS.items():  # a new control needs a use here
        assert (
            set(page.evaluate("tag => [...document.querySelectorAll(tag + '[id]')].map(one => one.id)", tag))
            == known
        )
    zoom = page.evaluate("zoneplan.maps[0].getZoom()")
    page.click(".leaflet-control-zoom-in")
    page.wait_for_function("zoom => zoneplan.maps[0].getZoom() > zoom", arg=zoom)
    page.wait_for_timeout(500)  # until it has moved
    page.click(".leaflet-control-zoom-out")
    page.wait_for_function("zoom => zoneplan.maps[0].getZoom() === zoom", arg=zoom)
    if phone:
        page.click("#zp-find summary")
        page.click("#zp-legend summary")
    assert page.locator("#zp-legend .zp-note").is_visible()
    page.click("#zp-legend summary")
    assert page.locator("#zp-legend .zp-note").is_hidden()
    assert page.locator("#zp-basemap").input_value() == "0"
    page.fill("#zp-query", "文昌高端")
    page.locator("#zp-list button").click()
    assert "文昌高端" in page.locator(".zp-popup h3").inner_text()
    for words in ("1,932.6677 ha", "亩", "第七章第三节", "±", "角色"):
        assert words in page.locator(".zp-popup").inner_text()
    page.locator(".leaflet-popup-close-button").click()
    page.locator(".zp-popup").wait_for(state="detached")
    if phone:
        assert page.locator("#zp-query").is_hidden()
        page.click("#zp-find summary")
    page.select_option("#zp-view", label="图3.1 “两轴”示意图")
    assert "图3.1" in page.locator("#zp-figure").inner_text()
    if phone:
        page.click("#zp-find summary")
    for name in ("length", "area"):
        page.click(f"#zp-{name}")
        for x, y in ((200, 450), (300, 460), (260, 560)):
            page.mouse.click(x, y)
        assert "m" in page.locator("#zp-measured").inner_text()
        page.click(f"#zp-{name}")
        assert page.locator("#zp-measured").is_hidden()
    page.evaluate("location.hash = '#place=' + encodeURIComponent('大沙河')")
    page.wait_for_function("() => (document.querySelector('.zp-popup h3') || {}).textContent === '大沙河'")
    page.click("#zp-full")
    page.wait_for_function("() => document.fullscreenElement")
    page.click("#zp-full")
    page.wait_for_function("() => !document.fullscreenElement")
    page.evaluate("window.print = () => { window.printed = document.documentElement.className; }")
    page.click("#zp-printer")
    page.wait_for_function("() => window.printed")
    assert page.evaluate("window.printed") == "zp-print"
    assert page.locator("#zp-find").is_visible()
