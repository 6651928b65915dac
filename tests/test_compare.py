"""Two sets of layers on one page: both show the same ground, the bar parts them, what changed is marked and adds up."""

import itertools
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import zoneplan as zp
from browsing import INJECTIONS
from synthetic import layers, square
from zoneplan.engine import ellipsoid
from zoneplan.render import vectors
from zoneplan.scenario.changed import changed_ground

browser = pytest.mark.browser
BASE = layers()
GROWTH = "line_urban_development_boundary"


def edited(base=BASE, kind="control_line", element=GROWTH, shape=None, **columns):
    """Layers in which one element has other ground: 1 km more at the west, 1 km less at the east."""
    frame = base[kind].copy()
    at = frame.index[frame["id"] == element][0]
    frame["geometry"] = frame.geometry.where(frame.index != at, shape or square(1, 0.5, 8, 2.5))
    frame["area_m2"] = ellipsoid.area(frame.geometry, base.crs)
    for name, value in columns.items():
        frame.loc[at, name] = value
    return replace(base, frames={**base.frames, kind: frame})


OTHER = edited()


@pytest.fixture(scope="module")
def compared():
    return zp.compare_map(BASE, OTHER, names=("现行", "方案一"))


def without(layers, kind, element):
    frame = layers[kind]
    return replace(layers, frames={**layers.frames, kind: frame[frame["id"] != element]})


# What changed.


def test_ground_gained_less_ground_lost_is_the_difference_of_the_areas():
    ground = changed_ground(BASE, OTHER)
    assert set(ground["element"]) == {GROWTH}
    sums = ground.groupby("side")["area_m2"].sum()
    apart = OTHER.element(GROWTH)["area_m2"] - BASE.element(GROWTH)["area_m2"]
    assert sums["gained"] - sums["lost"] == pytest.approx(apart, abs=0.01)
    assert sums["gained"] > 1e6


def test_seen_from_the_other_side_gained_is_lost():
    there, back = changed_ground(BASE, OTHER), changed_ground(OTHER, BASE)
    for one, other in (("gained", "lost"), ("lost", "gained")):
        assert there.loc[there["side"] == one, "area_m2"].sum() == pytest.approx(
            back.loc[back["side"] == other, "area_m2"].sum()
        )


def test_layers_do_not_differ_from_themselves():
    assert len(changed_ground(BASE, BASE)) == 0


def test_an_element_that_only_one_side_has_is_gained_or_lost_whole():
    fewer = without(BASE, "group", "group_west")
    for one, other, side in ((BASE, fewer, "lost"), (fewer, BASE, "gained")):
        (row,) = changed_ground(one, other).to_dict("records")
        assert (row["element"], row["side"]) == ("group_west", side)
        assert row["area_m2"] == pytest.approx(BASE.element("group_west")["area_m2"])


def test_two_crs_are_refused():
    with pytest.raises(zp.InputError, match="in two CRSs"):
        zp.compare_map(BASE, replace(BASE, crs=BASE.crs.from_epsg(4546)))


# The page.


def test_the_page_is_the_same_every_time_and_small(compared):
    assert compared.html() == zp.compare_map(BASE, OTHER, names=("现行", "方案一")).html()
    assert len(compared.html().encode()) < 500_000


AGREE = (  # how far the same place lies apart on both maps, pixels of the map
    "() => { const [a, b] = zoneplan.maps, size = a.getSize(); let most = 0;"
    "for (const at of [[0, 0], [size.x, 0], [size.x / 2, size.y / 2], [0, size.y], [size.x, size.y]]) {"
    "const p = b.latLngToContainerPoint(a.containerPointToLatLng(at));"
    "most = Math.max(most, Math.abs(p.x - at[0]), Math.abs(p.y - at[1])); }"
    "return [most, size.x === b.getSize().x && size.y === b.getSize().y, a.getZoom() === b.getZoom()]; }"
)


def agree(page, by=0.51):
    page.wait_for_timeout(60)
    apart, sizes, zooms = page.evaluate(AGREE)
    assert apart <= by
    assert sizes
    assert zooms


def topmost(page, x, y):
    """Whose map the thing at a pixel belongs to."""
    return page.evaluate(
        "([x, y]) => { const node = document.elementFromPoint(x, y), box = node.closest('.leaflet-container');"
        "return box.classList.contains('zp-other') ? 'other' : box.classList.contains('zp-base') ? 'base' : node.className; }",
        [x, y],
    )


def parted(page):
    """Where the bar stands, pixels."""
    box = page.locator("#zp-bar").bounding_box()
    return box["x"] + box["width"] / 2


def inside(page, x_km, y_km, number=0):
    """A place of the plan as a pixel of the page."""
    from pyproj import Transformer

    from synthetic import EAST, NORTH

    lon, lat = Transformer.from_crs(4547, 4490, always_xy=True).transform(
        EAST + x_km * 1e3, NORTH + y_km * 1e3
    )
    return page.evaluate(
        "([n, lat, lng]) => { const map = zoneplan.maps[n], p = map.latLngToContainerPoint([lat, lng]), box = map.getContainer().getBoundingClientRect();"
        "return [p.x + box.left, p.y + box.top]; }",
        [number, lat, lon],
    )


@browser
def test_both_maps_show_the_same_ground_however_one_moves(open_page, compared):
    page = open_page(compared)
    agree(page)
    for press in ("swipe", "side"):
        if press == "side":
            page.click("#zp-mode")
        agree(page)
        for x in (560, 1100):
            page.mouse.move(x, 600)
            page.mouse.down()
            page.mouse.move(x + 37, 571, steps=4)
            agree(page)
            page.mouse.up()
            page.wait_for_timeout(300)
            agree(page)
            page.mouse.wheel(0, -240)
            page.wait_for_timeout(300)
            agree(page)
        page.click(".leaflet-control-zoom-out")
        agree(page)
        page.set_viewport_size({"width": 1301, "height": 777})
        page.wait_for_timeout(300)
        agree(page)


@browser
def test_the_bar_parts_the_maps_by_mouse_and_keys(open_page, compared):
    page = open_page(compared)
    at = parted(page)
    assert at == pytest.approx(700, abs=1)
    x, y = inside(page, 5, 1.5)  # in the growth boundary on both sides
    page.mouse.move(at, 450)
    page.mouse.down()
    page.mouse.move(x - 60, 450, steps=5)
    page.mouse.up()
    assert parted(page) == pytest.approx(x - 60, abs=1.5)
    assert topmost(page, x, y) == "other"
    page.mouse.move(x - 60, 450)
    page.mouse.down()
    page.mouse.move(x + 60, 450, steps=5)
    page.mouse.up()
    assert topmost(page, x, y) == "base"
    before = parted(page)
    page.keyboard.press("ArrowLeft")
    assert parted(page) < before
    page.keyboard.press("PageUp")
    assert parted(page) > before
    page.keyboard.press("Home")
    assert parted(page) == pytest.approx(0, abs=1)
    page.keyboard.press("End")
    assert parted(page) == pytest.approx(1400, abs=1)
    assert page.locator("#zp-bar").get_attribute("aria-valuenow") == "100"


@browser
def test_the_bar_parts_the_maps_by_touch(open_page, compared):
    page = open_page(compared, width=390, height=844, touch=True)
    hand = page.context.new_cdp_session(page)
    at = parted(page)

    def touch(kind, *points):
        hand.send(
            "Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in points]}
        )

    touch("touchStart", (at, 500))
    for step in range(1, 6):
        touch("touchMove", (at + step * 20, 500))
    touch("touchEnd")
    assert parted(page) == pytest.approx(at + 100, abs=2)
    agree(page)


@browser
def test_what_lies_left_and_right_of_the_bar_is_the_base_and_the_scenario(open_page, compared):
    page = open_page(compared)
    gained, lost = (1.5, 1.5), (8.5, 1.5)  # kilometres
    page.get_by_label("变化范围").uncheck()
    for share, seen in (("Home", "other"), ("End", "base")):
        page.locator("#zp-bar").press(share)
        for spot in (gained, lost):
            page.mouse.click(*inside(page, *spot))
            drawn = (spot == gained) == (seen == "other")
            assert page.locator(".zp-popup h3").all_inner_texts() == (["城镇开发边界"] if drawn else [])
            page.keyboard.press("Escape")
            page.wait_for_timeout(300)


@browser
@pytest.mark.parametrize("mode", ["swipe", "side"])
def test_every_switch_acts_on_both_sides(open_page, mode):
    page = open_page(zp.compare_map(BASE, OTHER, mode=mode))

    def drawn():
        return [page.locator(f".zp-{side} .zp-pane path").count() for side in ("base", "other")]

    boxes = page.locator(".leaflet-control-layers-overlays input[type=checkbox]")
    for index in range(boxes.count()):
        before = drawn()
        boxes.nth(index).click()
        after = drawn()
        assert all(one != other for one, other in zip(before, after, strict=True)), index
        boxes.nth(index).click()
        assert drawn() == before


@browser
def test_the_legend_has_both_areas_and_the_difference_as_in_the_tables(open_page, compared):
    page = open_page(compared)
    for box in page.locator(".leaflet-control-layers-overlays input").all():
        box.check()
    rows = page.locator("#zp-legend tbody tr").evaluate_all(
        "all => all.map(row => [...row.cells].map(cell => cell.textContent))"
    )
    found = {
        row[1]: [float(re.sub(r"[^0-9.+-]", "", cell) or 0) for cell in row[2:]]
        for row in rows
        if len(row) == 5
    }
    tables = [zp.area_table(one).set_index("name")["area_ha"] for one in (BASE, OTHER)]
    assert set(found) == set(tables[0].index)
    for name, (before, after, apart) in found.items():
        assert before == pytest.approx(float(tables[0][name]), abs=1e-9)
        assert after == pytest.approx(float(tables[1][name]), abs=1e-9)
        assert apart == pytest.approx(after - before, abs=1e-6)
    assert found["城镇开发边界"][2] != 0
    heads = page.locator("#zp-legend thead th").all_inner_texts()
    assert heads[-3:] == ["现行", "方案一", "差"]


@browser
@pytest.mark.parametrize("size", [(1400, 900), (390, 844)], ids=["desktop", "phone"])
def test_the_sides_are_named_and_the_mode_turns(open_page, compared, size):
    page = open_page(compared, width=size[0], height=size[1])
    for _ in range(2):
        one, other = (page.locator(f"#zp-side-{n}") for n in (0, 1))
        assert (one.inner_text(), other.inner_text()) == ("现行", "方案一")
        assert one.is_visible()
        assert other.is_visible()
        agree(page)
        page.click("#zp-mode")
    page.click("#zp-mode")
    boxes = [page.locator(f".zp-{side}").bounding_box() for side in ("base", "other")]
    along, length = ("x", "width") if size[0] > 700 else ("y", "height")
    assert boxes[1][along] == pytest.approx(boxes[0][along] + boxes[0][length], abs=1)
    assert boxes[0][length] == pytest.approx(size[0 if size[0] > 700 else 1] / 2, abs=1)
    for number in (0, 1):
        page.evaluate("zoneplan.fit()")  # a popup moves the map
        page.mouse.click(*inside(page, 4, 2.1, number))
        assert page.locator(".zp-popup").count() == 1
        page.keyboard.press("Escape")
        page.locator(".zp-popup").wait_for(state="detached")


@browser
def test_what_changed_is_listed_and_a_click_or_a_link_goes_there(open_page, compared):
    page = open_page(compared)
    listed = page.locator("#zp-list li").all_inner_texts()
    assert len(listed) == 2
    ground = changed_ground(BASE, OTHER)
    for side, word in (("gained", "增加"), ("lost", "减少")):
        area = ground.loc[ground["side"] == side, "area_m2"].sum() / 1e4
        assert any(f"{word} {area:,.4f} ha" in text.replace("\n", " ") for text in listed)
    page.locator("#zp-list button", has_text="减少").click()
    popup = page.locator(".zp-popup").inner_text()
    assert "减少" in popup
    assert "亩" in popup
    assert page.url.endswith("#change=" + page.evaluate("encodeURIComponent('城镇开发边界')"))
    agree(page)
    page.evaluate("location.hash = '#place=' + encodeURIComponent('南河')")
    page.wait_for_function("() => document.querySelector('.zp-popup h3').textContent === '南河'")


@browser
def test_measuring_and_coordinates_work_on_both_sides_of_the_bar(open_page, compared):
    page = open_page(compared)
    page.click("#zp-length")
    for x, y in ((500, 600), (560, 620), (780, 600), (900, 420)):
        page.mouse.click(x, y)
        page.mouse.move(x + 1, y)
        assert "CM 114°E" in page.locator("#zp-position").inner_text()
    assert page.evaluate("zoneplan.measuring") == "length"
    assert page.locator(".zp-other .leaflet-overlay-pane path").count() == 5  # the line and four corners
    assert page.locator(".zp-popup").count() == 0
    page.keyboard.press("Escape")
    assert page.locator(".zp-other .leaflet-overlay-pane path").count() == 0


@browser
def test_a_popup_near_the_bar_is_whole(open_page, compared):
    page = open_page(compared)
    x, y = inside(page, 5, 1.5)
    page.mouse.move(parted(page), 450)
    page.mouse.down()
    page.mouse.move(x + 10, 450, steps=3)
    page.mouse.up()
    page.mouse.click(x - 12, y)
    page.wait_for_timeout(300)
    box = page.locator(".leaflet-popup-content-wrapper").bounding_box()
    for along in (0.1, 0.5, 0.9):
        inner = page.evaluate(
            "([x, y]) => Boolean(document.elementFromPoint(x, y).closest('.leaflet-popup, .zp-bar'))",
            [box["x"] + box["width"] * along, box["y"] + 12],
        )
        assert inner


@browser
def test_a_click_on_tiles_tells_of_the_side_that_is_seen(open_page, monkeypatch):
    monkeypatch.setattr(vectors, "MANY", 2)
    narrower = edited(kind="group", element="group_west", shape=square(0, 0, 3, 10))
    page = open_page(zp.compare_map(BASE, narrower))
    page.get_by_label("变化范围").uncheck()
    for press, said in (("End", ["西组团"]), ("Home", [])):
        page.locator("#zp-bar").press(press)
        page.wait_for_timeout(400)
        page.mouse.click(*inside(page, 3.5, 4))
        page.wait_for_timeout(100)
        assert page.locator(".zp-popup h3").all_inner_texts() == said
        page.keyboard.press("Escape")
        page.wait_for_timeout(300)


@browser
@pytest.mark.parametrize("mode", ["swipe", "side"])
def test_a_print_of_both_is_one_sheet(open_page, mode):
    page = open_page(zp.compare_map(BASE, OTHER, mode=mode))
    page.locator("#zp-bar").press("PageUp")
    view = "() => { const map = zoneplan.maps[0]; return [map.getZoom(), map.getCenter().lat, map.getCenter().lng]; }"
    ground = "x => zoneplan.maps[0].containerPointToLatLng([x, 100]).lng"
    before, bar = page.evaluate(view), page.evaluate(ground, parted(page))
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    page.wait_for_timeout(200)
    agree(page)
    if mode == "swipe":
        assert page.evaluate(ground, parted(page)) == pytest.approx(bar, abs=1e-4)
    for name in (
        "#zp-side-0",
        "#zp-side-1",
        "#zp-legend .zp-note",
        ".zp-schematic",
        ".leaflet-control-scale",
    ):
        assert page.locator(name).is_visible(), name
    assert page.locator("#zp-mode").is_hidden()
    assert page.pdf(prefer_css_page_size=True, print_background=True).count(b"/Type /Page\n") == 1
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert page.locator("#zp-mode").is_visible()
    assert page.evaluate(view) == pytest.approx(before, abs=2e-4)  # a pixel
    agree(page)


@browser
def test_words_are_inert_on_both_sides(open_page):
    words = itertools.cycle(INJECTIONS)
    evil = []
    for one in (BASE, OTHER):
        frames = {}
        for kind, frame in one.frames.items():
            columns = ("name", "name_en", "role", "citation", "summary", "source")
            frames[kind] = frame.assign(
                **{name: [next(words) for _ in range(len(frame))] for name in columns}
            )
        evil.append(replace(one, frames=frames, name=INJECTIONS[1], name_en=INJECTIONS[1]))
    for names in zip(INJECTIONS[::4], INJECTIONS[2::4], strict=True):
        page = open_page(zp.compare_map(*evil, names=names, title=names[0]))
        shown = [page.locator(f"#zp-side-{n}").evaluate("node => node.textContent") for n in (0, 1)]
        assert shown == list(names)
        assert page.locator("#zp-legend thead th").evaluate_all(
            "all => all.slice(2, 4).map(one => one.textContent)"
        ) == list(names)
        assert page.evaluate("window.hit") is None
    for box in page.locator(".leaflet-control-layers-overlays input[type=checkbox]").all():
        box.check()
    for side in ("base", "other"):
        for path in page.locator(f".zp-{side} path.leaflet-interactive").all():
            path.dispatch_event("click")
    for button in page.locator("#zp-list button").all():
        button.click()
    page.click("#zp-mode")
    assert page.evaluate("window.hit") is None


def test_an_element_of_one_side_has_a_dash_and_its_layer_a_switch_on_both():
    only = without(BASE, "control_line", "line_ecological_redline")
    html = zp.compare_map(only, BASE).html()
    assert re.search(r"<td>生态保护红线</td><td[^>]*>—</td>", html)
    assert pd.Series(re.findall(r"zoneplan\.vector\(", html)).size % 2 == 0
    assert np.isfinite(BASE.element("line_ecological_redline")["area_m2"])
