"""Words on the map: along bands and lines, apart from one another, the same ones every time."""

import json
import math
import re

import numpy as np
import pytest
import shapely
from shapely.affinity import rotate

import zoneplan as zp
from synthetic import layers
from zoneplan.render.labels import label_places
from zoneplan.render.rings import ringed

SHOWN = (  # text, middle, size and turn of every label that is seen
    "() => { const found = []; zoneplan.maps[0].eachLayer(one => { if (!one.zpSaid || one.zpSpan.style.visibility === 'hidden' || !one.zpSpan.offsetWidth) { return; }"
    "const p = zoneplan.maps[0].latLngToLayerPoint(one.getLatLng());"
    "found.push([one.zpSpan.textContent, p.x, p.y, one.zpSpan.offsetWidth, one.zpSpan.offsetHeight, one.zpTurn]); }); return found.sort(); }"
)


@pytest.fixture(scope="module")
def page_map():
    return zp.web_map(zp.compile_plan(zp.load_plan("jiaozuo")))


# Places.


@pytest.mark.parametrize("angle", [0, 20, -70, 90])
def test_words_of_a_band_stand_in_it_and_run_along_it(angle):
    band = rotate(
        shapely.box(112.98, -0.002, 113.02, 0.002), angle, origin=(113, 0)
    )  # at the equator, where degrees are square
    for point, turn in label_places(band, "axis"):
        assert band.covers(point)
        assert abs((turn + angle + 90) % 180 - 90) <= 1


def test_words_on_a_bent_line_turn_with_it():
    line = shapely.LineString([(0, 0), (1, 0), (1, 1)])
    turns = {turn for _, turn in label_places(line, "water")}
    assert {0, -90} <= turns


def test_an_area_has_further_places_all_inside():
    ring = shapely.Point(0, 0).buffer(1).difference(shapely.Point(0, 0).buffer(0.5))
    places = label_places(ring, "group")
    assert len(places) == 5
    assert all(ring.covers(point) and turn == 0 for point, turn in places)


# Cores.


def test_a_core_keeps_all_of_itself_and_gets_a_ring_that_does_not_touch_it():
    core = shapely.Point(500_000, 3_900_000).buffer(800)
    found = ringed(core)
    own, ring = shapely.get_parts(found)
    assert own.equals(core)
    assert not ring.intersects(core)
    assert shapely.Polygon(ring.exterior).covers(core)
    assert ring.area < core.area


@pytest.mark.parametrize(
    "shape",
    [
        shapely.box(0, 0, 10_000, 500),
        shapely.MultiPolygon([shapely.box(0, 0, 1, 1), shapely.box(2, 0, 3, 1)]),
        shapely.LineString([(0, 0), (1, 1)]),
    ],
)
def test_what_is_no_core_stays(shape):
    assert ringed(shape).equals(shape)


# On the page.


def box(label):
    _, x, y, width, height, turn = label
    return rotate(shapely.box(x - width / 2, y - height / 2, x + width / 2, y + height / 2), turn)


@pytest.mark.browser
@pytest.mark.parametrize("size", [(1600, 1000), (390, 844)], ids=["desktop", "phone"])
def test_the_same_words_are_seen_every_time_and_none_over_another(open_page, page_map, size):
    page = open_page(page_map, width=size[0], height=size[1])
    page.wait_for_timeout(300)
    first = page.evaluate(SHOWN)
    assert len(first) > (12 if size[0] > 700 else 4)
    page.evaluate("() => zoneplan.maps[0].panBy([40, 30], {animate: false})")
    for step in (1, -1):  # animated
        page.evaluate(
            "step => new Promise(done => { const map = zoneplan.maps[0]; map.once('zoomend', done); map.setZoom(map.getZoom() + step); })",
            step,
        )
        page.wait_for_timeout(100)
    assert np.allclose(
        np.array([one[3:] for one in page.evaluate(SHOWN)]), np.array([one[3:] for one in first]), atol=1
    )
    assert [one[0] for one in page.evaluate(SHOWN)] == [one[0] for one in first]
    names = ["组团", "轴", "带", "水系", "道路"]
    for order in (names, names[::-1]):
        page.evaluate(
            "names => names.forEach(name => [...document.querySelectorAll('.leaflet-control-layers-overlays label')].filter(one => one.textContent.trim() === name).forEach(one => { const box = one.querySelector('input'); box.click(); box.click(); }))",
            order,
        )
        assert [one[0] for one in page.evaluate(SHOWN)] == [one[0] for one in first]
    boxes = [box(one) for one in page.evaluate(SHOWN)]
    for i, one in enumerate(boxes):
        for other in boxes[:i]:
            assert one.intersection(other).area < 2


@pytest.mark.browser
def test_a_figure_gives_features_its_own_names_and_takes_them_back(open_page, page_map):
    page = open_page(page_map, width=1600, height=1000)
    page.select_option("#zp-view", label="图3.1 “两轴”示意图")
    said = {one[0] for one in page.evaluate(SHOWN)}
    assert {"吴泽湖湿地公园", "灵泉湖郊野公园", "迎宾路活力轴", "中原路动力轴"} <= said
    page.select_option("#zp-view", label="图3.2 “两带”示意图")
    said = {one[0] for one in page.evaluate(SHOWN)}
    assert {"科技创新活力区", "新河现代服务业发展示范带", "大沙河文旅康养业发展示范带"} <= said
    assert "吴泽湖湿地公园" not in said


# What is drawn and said.


def test_the_legend_has_a_row_for_every_symbol_that_is_drawn():
    plan = zp.compile_plan(zp.load_plan("jiaozuo"))
    html = zp.web_map(plan).html()
    rows = re.findall(r"<tr><td>(<svg.*?</svg>)</td><td>([^<]*)</td>", html.split('id="zp-legend"')[1])
    words = [row[1] for row in rows]
    for name in ("高速公路", "道路", "河流", "渠道", "湖泊"):
        assert words.count(name) == 1
    drawn = {
        (
            one["properties"]["style"]["color"],
            one["properties"]["style"].get("dashArray"),
            one["properties"]["style"]["fill"],
        )
        for data in collections(html)
        for one in data["features"]
    }
    signs = {
        (
            re.search(r'stroke="([^"]*)"', svg)[1],
            (re.search(r'dasharray="([^"]*)"', svg) or [None, None])[1],
            "<rect" in svg,
        )
        for svg, _ in rows
    }
    assert drawn == signs


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_area_of_the_legend_is_that_of_the_area_table(lang):
    plan = zp.compile_plan(zp.load_plan("jiaozuo"))
    html = zp.web_map(plan, lang=lang).html()
    found = re.findall(r'<td>([^<]*)</td><td class="zp-ha">([^<]+) ha</td>', html)
    table = zp.area_table(plan)
    wanted = dict(zip(table["name" if lang == "zh" else "name_en"], table["area_ha"], strict=True))
    assert {name: float(text.replace(",", "")) for name, text in found} == pytest.approx(wanted, abs=1e-9)


def collections(html):
    """What is handed to the GeoJSON layers of a page."""
    return [json.loads(text) for text in re.findall(r"zoneplan\.vector\((\{.*?\}), \d+, \{\"key\"", html)]


def test_no_edge_of_a_conflict_is_moved_by_half_a_metre_nor_a_corner_left_out():
    import geopandas as gpd

    from zoneplan.check.conflicts import check_parcels

    made = layers()
    rng = np.random.default_rng(5)
    turn = np.linspace(0, 2 * math.pi, 60, endpoint=False)
    shapes = []
    for i in range(40):
        reach = 200 + 40 * rng.random(60)
        x, y = made.zone.centroid.x - 3500 + 170 * i, made.zone.centroid.y - 500
        shapes.append(shapely.Polygon(np.c_[x + reach * np.cos(turn), y + reach * np.sin(turn)]))
    frame = gpd.GeoDataFrame({"id": [str(i) for i in range(40)], "use": "U10"}, geometry=shapes, crs=made.crs)
    result = check_parcels(frame, made)
    drawn = collections(zp.web_map(made, result).html())
    for wanted, name in ((result.parcels, "parcel_id"), (result.pieces, "parcel_id")):
        exact = wanted.to_crs(4490)
        found = [
            one
            for data in drawn
            for one in data["features"]
            if one["properties"]["title"] in set(frame["id"])
        ]
        for _, row in exact.iterrows():
            same = [
                shapely.from_geojson(json.dumps(one["geometry"]))
                for one in found
                if one["properties"]["title"] == row[name]
            ]
            near = [
                one
                for one in same
                if shapely.get_num_coordinates(one) == shapely.get_num_coordinates(row.geometry)
            ]
            back = gpd.GeoSeries(near, crs=4490).to_crs(made.crs)
            there = wanted.loc[row.name, wanted.geometry.name]
            assert min(there.hausdorff_distance(one) for one in back) < 0.1


@pytest.mark.browser
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_only_chinese_words_stand_upright_one_character_above_the_other(open_page, lang):
    page = open_page(zp.web_map(zp.compile_plan(zp.load_plan("jiaozuo")), lang=lang), width=1600, height=1000)
    upright = page.evaluate("() => [...document.querySelectorAll('.zp-upright')].map(one => one.textContent)")
    assert all(re.search(r"[\u4e00-\u9fff]", words) for words in upright)
    axes = page.evaluate(
        "() => [...document.querySelectorAll('.zp-label-axis span')].map(one => one.className.includes('zp-upright'))"
    )
    assert len(axes) == 2
    assert all(one == (lang == "zh") for one in axes)
