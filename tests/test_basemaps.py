"""Basemaps: nothing is asked for until one is turned on, then only of the hosts given; tiles move, the data never."""

import io
import re

import numpy as np
import pytest
import rasterio
from PIL import Image
from pyproj import Transformer
from rasterio.transform import from_origin

import zoneplan as zp
from browsing import INJECTIONS
from synthetic import EAST, NORTH, layers
from zoneplan.crs.gcj02 import from_gcj02, to_gcj02
from zoneplan.io.rastertiles import raster_tiles
from zoneplan.render.basemaps import policy

browser = pytest.mark.browser
KEY = "0123456789abcdef0123456789abcdef"
XYZ = "http://10.1.2.3:8080/tiles/{z}/{x}/{y}.png"
MADE = layers()


def picture(colour, size=256):
    out = io.BytesIO()
    Image.new("RGB", (size, size), colour).save(out, "PNG")
    return out.getvalue()


@pytest.fixture
def served(chromium, tmp_path):
    """Open a page whose tiles are answered by a function of their address; gives the page and the addresses asked for."""
    contexts, said = [], []

    def opened(page_map, answer=lambda url: picture("#fff")):
        path = tmp_path / "map.html"
        page_map.save(path)
        context = chromium.new_context(viewport={"width": 1200, "height": 800})
        contexts.append(context)
        asked = []

        def reply(route):
            asked.append(route.request.url)
            route.fulfill(status=200, content_type="image/png", body=answer(route.request.url))

        context.route(re.compile("^(?!file:|data:)"), reply)
        page = context.new_page()
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        page.goto(path.as_uri())
        page.wait_for_selector(".zp-pane path")
        return page, asked

    yield opened
    for context in contexts:
        context.close()
    assert said == []


def tiles_loaded(page):
    page.wait_for_function(
        "() => { const all = [...document.querySelectorAll('.leaflet-zpbasemap-pane img')];"
        "return all.length > 0 && all.every(one => one.complete); }"
    )


def pixel(page, lon, lat):
    """A place as a pixel of the page."""
    return page.evaluate(
        "([x, y]) => { const p = zoneplan.maps[0].latLngToContainerPoint([y, x]); return [p.x, p.y]; }",
        [lon, lat],
    )


def colour_at(page, x, y):
    shot = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    return shot.getpixel((round(x), round(y)))


def bare(page):
    """Switch every layer off."""
    for box in page.locator(".leaflet-control-layers-overlays input").all():
        box.uncheck()


# Off, nothing; on, only what was given.


def test_a_map_without_basemaps_has_no_switch_and_may_fetch_nothing():
    html = zp.web_map(MADE).html()
    assert "zp-basemap" not in re.sub(r"<style>.*?</style>", "", html, flags=re.S)
    assert f'content="{policy()}"' in html
    assert "img-src data:;" in policy()
    assert "tianditu" not in html


def test_the_policy_names_the_hosts_given_and_no_other():
    both = [*zp.tianditu(KEY), zp.tile_service(XYZ)]
    hosts = re.search(r"img-src data:([^;]*);", policy(both))[1].split()
    assert hosts == [*(f"https://t{n}.tianditu.gov.cn" for n in range(8)), "http://10.1.2.3:8080"]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_key_is_in_the_page_only_if_given_and_the_page_says_so(lang):
    html = zp.web_map(MADE, basemaps=zp.tianditu(KEY), lang=lang).html()
    assert html.count(KEY) == 4  # two maps of two layers
    assert ("转交密钥" if lang == "zh" else "gets the key") in html
    assert KEY not in zp.web_map(MADE, basemaps=[zp.tile_service(XYZ)], lang=lang).html()


@browser
def test_nothing_is_asked_for_until_a_basemap_is_turned_on_and_nothing_after_it_is_off(served):
    maps = [*zp.tianditu(KEY), zp.tile_service(XYZ, name="内网")]
    page, asked = served(zp.web_map(MADE, basemaps=maps))
    page.get_by_label("组团").uncheck()
    page.mouse.wheel(0, -200)
    page.wait_for_timeout(400)
    assert asked == []
    assert page.locator("#zp-basemap").input_value() == "0"
    page.select_option("#zp-basemap", label="内网")
    tiles_loaded(page)
    assert asked
    assert all(re.fullmatch(r"http://10\.1\.2\.3:8080/tiles/\d+/\d+/\d+\.png", url) for url in asked)
    page.select_option("#zp-basemap", label="天地图 影像")
    tiles_loaded(page)
    last = [url for url in asked if "tianditu" in url]
    assert {re.search(r"LAYER=(\w+)", url)[1] for url in last} == {"img", "cia"}
    assert all(
        f"tk={KEY}" in url and re.match(r"https://t[0-7]\.tianditu\.gov\.cn/(img|cia)_w/wmts\?", url)
        for url in last
    )
    page.select_option("#zp-basemap", "0")
    count = len(asked)
    page.mouse.wheel(0, -300)
    page.wait_for_timeout(400)
    assert len(asked) == count
    assert page.locator(".leaflet-zpbasemap-pane img").count() == 0


@browser
def test_a_host_that_was_not_given_is_blocked_by_the_page_itself(chromium, tmp_path):
    path = tmp_path / "map.html"
    zp.web_map(MADE, basemaps=[zp.tile_service(XYZ)]).save(path)
    context = chromium.new_context()
    asked = []
    context.route(re.compile("^http"), lambda route: (asked.append(route.request.url), route.abort()))
    page = context.new_page()
    page.goto(path.as_uri())
    page.evaluate(
        "() => { for (const a of ['http://10.1.2.4:8080/x.png', 'http://10.1.2.3:8080/x.png']) { new Image().src = a; } fetch('http://10.1.2.3:8080/x').catch(() => 0); }"
    )
    page.wait_for_timeout(300)
    assert asked == ["http://10.1.2.3:8080/x.png"]
    context.close()


# Addresses.


@pytest.mark.parametrize(
    ("url", "word"),
    [
        ("ftp://a.b/{z}/{x}/{y}", "http"),
        ("http://a.b/{z}/{x}", "missing"),
        ("http://a.b/{z}/{x}/{y}?k={key}", "not known"),
        ("http://{s}.a.b/{z}/{x}/{y}", "not known"),
        ("http://me:secret@a.b/{z}/{x}/{y}", "password"),
        ("http://a.b; img-src *;/{z}/{x}/{y}", "blanks"),
        ("http://a.b;script-src:*/{z}/{x}/{y}", "no host"),
        ("http://a.b/wmts?TILEMATRIXSET=c&Z={z}&X={x}&Y={y}", "degrees"),
        ("https://t0.tianditu.gov.cn/vec_c/wmts?a={z}{x}{y}", "degrees"),
        *((f"http://a.b/{{z}}/{{x}}/{{y}}{text}", ".") for text in INJECTIONS if re.search(r"[\"'<>`\s{]", text)),
    ],
)  # fmt: skip
def test_an_address_that_cannot_serve_is_refused_with_its_faults(url, word):
    with pytest.raises(zp.InputError, match=word) as caught:
        zp.tile_service(url)
    assert {one.code for one in caught.value.faults} == {"basemap.url"}


def test_all_faults_of_an_address_come_at_once():
    with pytest.raises(zp.InputError) as caught:
        zp.tile_service("ftp://me@a.b/{s}")
    assert len(caught.value.faults) == 4


def test_wmts_signs_and_ranges_of_hosts_are_understood():
    made = zp.tile_service("https://m{a-c}.gov.cn/wmts/{TileMatrix}/{TileRow}/{TileCol}.jpg")
    assert made.urls == ("https://m{s}.gov.cn/wmts/{z}/{y}/{x}.jpg",)
    assert made.subdomains == ("a", "b", "c")
    assert made.hosts == ("https://ma.gov.cn", "https://mb.gov.cn", "https://mc.gov.cn")


@pytest.mark.parametrize("key", ["", "short", "with blank in it", "x" * 65, "a&tk=b<script>"])
def test_what_is_no_key_is_refused(key):
    with pytest.raises(zp.InputError, match="letters or digits"):
        zp.tianditu(key)


@browser
def test_names_of_basemaps_are_inert(served):
    maps = [zp.tile_service(XYZ, name=text) for text in INJECTIONS]
    page, _ = served(zp.web_map(MADE, basemaps=maps))
    shown = page.locator("#zp-basemap option").evaluate_all("all => all.map(one => one.textContent)")
    assert [" ".join(text.split()) for text in shown[1:]] == [" ".join(text.split()) for text in INJECTIONS]
    for number in range(len(INJECTIONS)):
        page.select_option("#zp-basemap", str(number + 1))
    assert page.evaluate("window.hit") is None


# GCJ-02: the tiles move.


@browser
def test_the_shift_of_the_page_is_that_of_the_package(served):
    page, _ = served(zp.web_map(MADE, basemaps=[zp.tile_service(XYZ, datum="gcj02")]))
    rng = np.random.default_rng(3)
    at = np.c_[rng.uniform(74, 134, 300), rng.uniform(4, 53, 300)]
    for name, want in (("forth", to_gcj02(at)), ("back", from_gcj02(at))):
        found = page.evaluate(
            "([name, all]) => all.map(([x, y]) => { const p = zoneplan.gcj02[name](L.latLng(y, x)); return [p.lng, p.lat]; })",
            [name, at.tolist()],
        )
        assert np.abs(np.array(found) - want).max() < 1e-9


def marked(url, lon, lat):
    """A tile, white but for a black dot of 5 pixels where a longitude and latitude of the tiles' own frame lies."""
    zoom, x, y = map(int, re.search(r"/(\d+)/(\d+)/(\d+)\.png", url).groups())
    scale = 256 * 2**zoom
    px = (lon + 180) / 360 * scale - 256 * x
    py = (1 - np.arcsinh(np.tan(np.radians(lat))) / np.pi) / 2 * scale - 256 * y
    tile = Image.new("RGB", (256, 256), "#fff")
    for dx in range(-2, 3):
        for dy in range(-2, 3):
            at = (int(np.floor(px)) + dx, int(np.floor(py)) + dy)
            if 0 <= at[0] < 256 and 0 <= at[1] < 256:
                tile.putpixel(at, (0, 0, 0))
    out = io.BytesIO()
    tile.save(out, "PNG")
    return out.getvalue()


@browser
@pytest.mark.parametrize("datum", ["wgs84", "gcj02"])
def test_a_known_point_of_the_tiles_lies_where_its_ground_is(served, datum):
    lon, lat = 113.2287, 35.2226
    there = to_gcj02([[lon, lat]])[0] if datum == "gcj02" else (lon, lat)
    assert abs(to_gcj02([[lon, lat]])[0][0] - lon) > 0.004  # some 500 m: unmoved, the dot would be far off
    page, _ = served(
        zp.web_map(MADE, basemaps=[zp.tile_service(XYZ, datum=datum)]), lambda url: marked(url, *there)
    )
    for zoom in (13, 15.5, 18):
        page.evaluate(
            "([z, x, y]) => zoneplan.maps[0].setMaxZoom(20).setView([y + 0.00003, x - 0.00004], z, {animate: false})",
            [zoom, lon, lat],
        )
        page.select_option("#zp-basemap", "0")
        page.select_option("#zp-basemap", "1")
        tiles_loaded(page)
        page.wait_for_timeout(400)
        shot = np.asarray(Image.open(io.BytesIO(page.screenshot())).convert("L"), dtype=float)
        x, y = pixel(page, lon, lat)
        dark = shot[round(y) - 60 : round(y) + 60, round(x) - 60 : round(x) + 60] < 90
        rows, columns = np.nonzero(dark)
        assert len(rows), "the dot is not where it should be"
        assert abs(columns.mean() + round(x) - 60 - x) < 2
        assert abs(rows.mean() + round(y) - 60 - y) < 2


@browser
def test_shifted_tiles_leave_no_gap(served):
    page, _ = served(
        zp.web_map(MADE, basemaps=[zp.tile_service(XYZ, datum="gcj02")]), lambda url: picture("#123456")
    )
    bare(page)
    page.select_option("#zp-basemap", "1")
    tiles_loaded(page)
    page.wait_for_timeout(500)
    shot = np.asarray(Image.open(io.BytesIO(page.screenshot())).convert("RGB")).astype(int)[60:480, 420:980]
    elsewhere = np.abs(shot - [0x12, 0x34, 0x56]).max(axis=2) > 3
    assert elsewhere.sum() <= 8  # single pixels where four tiles meet


# A raster file.


def raster(
    path,
    *,
    crs="EPSG:4547",
    pixel=20.0,
    size=(500, 500),
    west=EAST,
    north=NORTH + 10_000,
    bands=3,
    dtype="uint8",
    **more,
):
    """A grey field of 10 km with a red square of 1 km whose lower left corner is 4 km east and 4 km north of the zone's."""
    height, width = size
    data = np.full((bands, height, width), 128, dtype=dtype)
    low, high = round(4000 / pixel), round(5000 / pixel)
    square = (slice(height - high, height - low), slice(low, high))
    data[0][square] = 255 if dtype == "uint8" else 4000
    for band in data[1:3]:
        band[square] = 0
    with rasterio.open(
        path, "w", driver="GTiff", width=width, height=height, count=bands, dtype=dtype, crs=crs,
        transform=from_origin(west, north, pixel, pixel), **more,
    ) as file:  # fmt: skip
        file.write(data)
    return path


def near(colour, want, by=24):
    return all(abs(a - b) <= by for a, b in zip(colour, want, strict=True))


def place(x_km, y_km):
    return Transformer.from_crs(4547, 4490, always_xy=True).transform(EAST + x_km * 1e3, NORTH + y_km * 1e3)


@browser
@pytest.mark.parametrize("crs", ["EPSG:4547", "EPSG:4490", "EPSG:32649"])
def test_a_raster_in_any_crs_lies_on_its_ground_without_a_request(open_page, tmp_path, crs):
    source = raster(tmp_path / "a.tif")
    if crs != "EPSG:4547":
        from rasterio.warp import calculate_default_transform, reproject

        with rasterio.open(source) as file:
            transform, width, height = calculate_default_transform(
                file.crs, crs, file.width, file.height, *file.bounds
            )
            data = np.zeros((3, height, width), dtype="uint8")
            reproject(rasterio.band(file, [1, 2, 3]), data, dst_transform=transform, dst_crs=crs)
        source = tmp_path / "b.tif"
        with rasterio.open(
            source,
            "w",
            driver="GTiff",
            width=width,
            height=height,
            count=3,
            dtype="uint8",
            crs=crs,
            transform=transform,
            nodata=0,
        ) as file:
            file.write(data)
    page = open_page(zp.web_map(MADE, basemaps=[zp.raster_basemap(source, MADE, name="影像")]))
    bare(page)
    page.select_option("#zp-basemap", label="影像")
    tiles_loaded(page)
    page.wait_for_timeout(400)
    for inside in ((4.1, 4.1), (4.9, 4.1), (4.1, 4.9), (4.9, 4.9)):
        assert near(colour_at(page, *pixel(page, *place(*inside))), (255, 0, 0), 60), inside
    for outside in ((3.9, 4.5), (5.1, 4.5), (4.5, 3.9), (4.5, 5.1)):
        assert near(colour_at(page, *pixel(page, *place(*outside))), (128, 128, 128), 40), outside


def test_a_raster_gives_the_same_bytes_and_no_more_than_allowed(tmp_path):
    rng = np.random.default_rng(1)
    path = raster(tmp_path / "a.tif", pixel=10, size=(1000, 1000))
    with rasterio.open(path, "r+") as file:
        file.write(rng.integers(0, 255, (3, 1000, 1000), dtype="uint8"))
    fine = raster_tiles(path, MADE.zone.bounds, MADE.crs, most_bytes=10**9)
    again = raster_tiles(path, MADE.zone.bounds, MADE.crs, most_bytes=10**9)
    assert fine == again
    assert fine.findings == ()
    small = raster_tiles(path, MADE.zone.bounds, MADE.crs, most_bytes=200_000)
    assert sum(map(len, small.tiles.values())) <= 200_000
    assert small.deepest < fine.deepest
    assert [one.code for one in small.findings] == ["basemap.coarser"]
    assert "10 m became" in small.findings[0].en


def test_heights_are_stretched_and_pixels_without_data_are_clear(tmp_path):
    path = raster(tmp_path / "a.tif", bands=1, dtype="int16", nodata=128)
    made = raster_tiles(path, MADE.zone.bounds, MADE.crs, most_bytes=10**7)
    opened = [np.asarray(Image.open(io.BytesIO(content)).convert("RGBA")) for content in made.tiles.values()]
    alpha = np.concatenate([one[..., 3].ravel() for one in opened])
    assert set(np.unique(alpha)) <= {0, 255}
    assert 0.001 < (alpha == 255).mean() < 0.3


def test_a_palette_keeps_its_colours(tmp_path):
    path = raster(tmp_path / "a.tif", bands=1)
    with rasterio.open(path, "r+") as file:
        file.write_colormap(1, {128: (0, 90, 200, 255), 255: (250, 240, 10, 255)})
    made = raster_tiles(path, MADE.zone.bounds, MADE.crs, most_bytes=10**7)
    finest = np.concatenate(
        [
            np.asarray(Image.open(io.BytesIO(content)).convert("RGBA")).reshape(-1, 4)
            for name, content in made.tiles.items()
            if name.startswith(f"{made.deepest}/")
        ]
    )
    middle = np.median(finest[finest[:, 3] == 255][:, :3], axis=0)
    assert near(middle, (0, 90, 200))


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"crs": None}, "crs.missing"),
        ({"west": EAST + 900_000}, "basemap.elsewhere"),
        ({"crs": "EPSG:2383"}, "crs.datum"),
    ],
)
def test_a_raster_that_would_lie_wrong_is_refused(tmp_path, more, code):
    with pytest.raises(zp.InputError) as caught:
        zp.raster_basemap(raster(tmp_path / "a.tif", **more), MADE)
    assert code in {one.code for one in caught.value.faults}


def test_what_is_no_raster_is_refused(tmp_path):
    (tmp_path / "a.tif").write_bytes(b"II*\x00 and nothing else")
    (tmp_path / "b.tif").write_bytes(b"hello")
    (tmp_path / "c.jpg").write_bytes(b"hello")
    for name, code in (
        ("a.tif", "file.unreadable"),
        ("b.tif", "file.content"),
        ("c.jpg", "raster.format"),
        ("d.tif", "file.missing"),
    ):
        with pytest.raises(zp.InputError) as caught:
            zp.raster_basemap(tmp_path / name, MADE)
        assert {one.code for one in caught.value.faults} == {code}
