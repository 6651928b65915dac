"""Many polygons as vector tiles inside the page: nothing is lost or moved, a click tells the same, words are inert."""

import base64
import json
import re
import zlib

import geopandas as gpd
import numpy as np
import pyogrio
import pytest

import zoneplan as zp
from browsing import INJECTIONS
from synthetic import layers, square
from zoneplan.check.conflicts import check_parcels
from zoneplan.io.tiles import DEEPEST, LAYER, tile_archive
from zoneplan.render import vectors

browser = pytest.mark.browser


def parcels(count=30, *, ids=None):
    """Parcels of 100 m with bent edges in a row through the farmland of the synthetic plan."""
    made = layers()
    shapes = [square(2 + 0.1 * i, 4, 2.1 + 0.1 * i, 4.1).buffer(7, quad_segs=3) for i in range(count)]
    names = ids or [f"P{i}" for i in range(count)]
    return gpd.GeoDataFrame({"id": names, "use": ["U10"] * count}, geometry=shapes, crs=made.crs), made


@pytest.fixture
def tiled(monkeypatch):
    """Every drawing of more than three polygons is tiled."""
    monkeypatch.setattr(vectors, "MANY", 3)


def tables(html):
    """What is handed to each tile layer of a page."""
    found = [json.loads(text) for text in re.findall(r"zoneplan\.tiles\((\{.*?\}), \d+, ", html)]
    return [(one, json.loads(zlib.decompress(base64.b64decode(one["table"])))) for one in found]


def settled(page):
    page.wait_for_function(
        "() => { const tiles = [...document.querySelectorAll('canvas.leaflet-tile')];"
        "return tiles.length > 0 && tiles.every(tile => tile.classList.contains('leaflet-tile-loaded')); }"
    )


def spot(page, shape, crs):
    """A point inside a shape as a pixel of the page."""
    at = gpd.GeoSeries([shape.representative_point()], crs=crs).to_crs("EPSG:4490").iloc[0]
    return page.evaluate(
        "([lat, lng]) => { const map = window[Object.keys(window).find(key => key.startsWith('map_'))];"
        "const p = map.latLngToContainerPoint([lat, lng]); return [p.x, p.y]; }",
        [at.y, at.x],
    )


def test_no_edge_moves_by_half_a_metre_and_no_polygon_is_dropped(tmp_path):
    frame, made = parcels()
    speck = square(5, 5, 5.001, 5.001)  # one metre
    shapes = gpd.GeoSeries([*frame.geometry, speck], crs=made.crs)
    content, coarsest = tile_archive(shapes, [0] * len(shapes))
    path = tmp_path / "layer.pmtiles"
    path.write_bytes(content)
    for zoom in range(coarsest, DEEPEST + 1):
        found = pyogrio.read_dataframe(path, layer=LAYER, ZOOM_LEVEL=zoom)
        assert set(found["i"]) == set(range(len(shapes))), f"lost at zoom {zoom}"
    back = found.to_crs(made.crs).dissolve("i").geometry
    for i, drawn in back.items():
        assert drawn.buffer(0.5).covers(shapes[i])
        assert shapes[i].buffer(0.5).covers(drawn)


def test_equal_polygons_give_equal_bytes():
    frame, _ = parcels()
    one, two = (tile_archive(frame.geometry, [0] * len(frame)) for _ in range(2))
    assert one == two


def test_a_page_with_tiles_is_the_same_every_time(tiled):
    frame, made = parcels()
    result = check_parcels(frame, made)
    assert zp.web_map(made, result).html() == zp.web_map(made, result).html()


def test_tile_assets_are_only_where_tiles_are(monkeypatch):
    frame, made = parcels()
    result = check_parcels(frame, made)
    assert "protomapsL" not in zp.web_map(made, result).html()
    monkeypatch.setattr(vectors, "MANY", 3)
    assert "protomapsL" in zp.web_map(made, result).html()


def test_the_table_says_for_every_parcel_what_geojson_says(tiled):
    frame, made = parcels()
    (data, table), *_ = tables(zp.web_map(made, check_parcels(frame, made)).html())
    assert sorted(item[0] for item in table["items"]) == sorted(frame["id"])
    west, south, east, north = np.array([item[3:] for item in table["items"]]).T / 1e5
    bounds = frame.to_crs("EPSG:4490").total_bounds
    assert np.allclose([west.min(), south.min(), east.max(), north.max()], bounds, atol=2e-5)
    assert data["symbols"][0]["line"]


@browser
def test_a_click_on_a_tile_tells_what_a_click_on_a_path_tells(open_page, monkeypatch):
    frame, made = parcels()
    result = check_parcels(frame, made)
    told = []
    for many in (10_000, 3):
        monkeypatch.setattr(vectors, "MANY", many)
        page = open_page(zp.web_map(made, result))
        page.evaluate("L.Popup.prototype.options.autoPan = false")
        if many == 3:
            settled(page)
        page.wait_for_timeout(800)  # until the opening movement of the map has ended
        for name in ("占用范围", None):
            page.mouse.click(*spot(page, frame.geometry[7], frame.crs))
            page.locator(".zp-popup").wait_for()
            told.append(page.locator(".zp-popup").inner_text())
            page.keyboard.press("Escape")
            page.locator(".zp-popup").wait_for(state="detached")
            if name:
                page.get_by_label(name).uncheck()
    assert told[:2] == told[2:]
    assert "P7" in told[0]
    assert "永久基本农田" in told[3] or "permanent_basic_farmland" in told[3]


@browser
def test_tiles_are_painted_with_hatches_and_go_when_switched_off(open_page, tiled):
    frame, made = parcels()
    page = open_page(zp.web_map(made, check_parcels(frame, made)))
    settled(page)
    x, y = spot(page, frame.geometry[7], frame.crs)
    assert len(set(page.screenshot(clip={"x": x - 3, "y": y - 3, "width": 6, "height": 6}))) > 20
    assert page.locator("canvas.leaflet-tile").count() > 0
    page.get_by_label("占用范围").uncheck()
    page.get_by_label("地块(按结论)").uncheck()
    assert page.locator("canvas.leaflet-tile").count() == 0


@browser
def test_words_in_tiles_are_inert(open_page, tiled):
    frame, made = parcels(len(INJECTIONS), ids=INJECTIONS)
    page = open_page(zp.web_map(made, check_parcels(frame, made)))
    settled(page)
    for i, text in enumerate(INJECTIONS):
        page.mouse.click(*spot(page, frame.geometry[i], frame.crs))
        page.wait_for_function(
            "said => (document.querySelector('.zp-popup h3') || {}).textContent === said", arg=text
        )
    assert page.evaluate("window.hit") is None
