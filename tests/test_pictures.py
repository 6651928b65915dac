"""The map as it looks, against stored pictures, small and blurred, so that another Chromium makes no difference.

Each page is compared twice: as it is seen, loosely, since letters differ from font to font; and without words and panels,
closely. `make pictures` takes the pictures anew; look at them before they are committed.
"""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import zoneplan as zp

pytestmark = pytest.mark.browser
STORED = Path(__file__).parent / "data" / "pictures"
STORED_AT, COMPARED_AT = 4, 8  # so many times smaller than the screen
APART = 36  # of 255: pixels that differ by more differ clearly
LIMITS = {"seen": (5.5, 0.05), "drawn": (0.5, 0.003)}
"""Most mean difference, of 255, and most share of pixels that differ clearly."""
WORDLESS = ".zp-side, .leaflet-control-container, .zp-label, .zp-bar { visibility: hidden !important; }"
DESK, PHONE = (1600, 1000), (390, 844)
VIEWS = {
    "structure": "空间结构图(两轴两带三区三城)",
    "figure_3_1": "图3.1 “两轴”示意图",
    "figure_3_2": "图3.2 “两带”示意图",
}
PAGES = (*VIEWS, "check", "compare_swipe", "compare_side")


@pytest.fixture(scope="module")
def jiaozuo():
    return zp.compile_plan(zp.load_plan("jiaozuo"))


@pytest.fixture(scope="module")
def plain(jiaozuo):
    return zp.web_map(jiaozuo)


@pytest.fixture(scope="module")
def checked(jiaozuo):
    from zoneplan.check.request import CheckRequest
    from zoneplan.jobs.checking import check
    from zoneplan.resources import data_dir

    sample = str(data_dir() / "samples" / "parcels.geojson")
    result = check(CheckRequest(sample, "jiaozuo"), compiled=(jiaozuo, ())).result
    return zp.web_map(jiaozuo, result, first="check")


@pytest.fixture(scope="module")
def compared(jiaozuo):
    return zp.compare_map(
        jiaozuo, zp.run_scenario(zp.Scenario("jiaozuo").widen("ecological_redline", id="river", line="大沙河", width_m=1500, author="a", reason="b", date="2026-01-01")).layers
    )  # fmt: skip


@pytest.fixture(scope="module")
def structure(chromium, plain, tmp_path_factory):
    """The map without words, and its picture."""
    path = tmp_path_factory.mktemp("structure") / "map.html"
    plain.save(path)
    context = chromium.new_context(viewport={"width": DESK[0], "height": DESK[1]}, offline=True)
    page = context.new_page()
    page.goto(path.as_uri())
    page.add_style_tag(content=WORDLESS.replace(".leaflet-control-container,", ".leaflet-bottom,"))
    page.add_style_tag(content=".leaflet-control-layers { opacity: 0; }")
    yield page, coarse(shot(page))
    context.close()


def shot(page):
    page.evaluate("document.fonts.ready")
    page.wait_for_timeout(400)
    return Image.open(io.BytesIO(page.screenshot())).convert("RGB")


def small(picture, times):
    return picture.resize((picture.width // times, picture.height // times), Image.Resampling.BOX)


def distance(one, other):
    """Mean difference of two pictures of one size, and the share of pixels that differ clearly."""
    apart = np.abs(np.asarray(one, dtype=float) - np.asarray(other, dtype=float))
    return apart.mean(), (apart.max(axis=2) > APART).mean()


def alike(one, other, how):
    return all(found <= most for found, most in zip(distance(one, other), LIMITS[how], strict=True))


def stored(name, how):
    """A stored picture as coarse as what is compared."""
    with Image.open(path_of(name, how)) as picture:
        return small(picture.convert("RGB"), COMPARED_AT // STORED_AT)


def coarse(taken):
    """A picture of the screen as coarse as what is compared."""
    return small(small(taken, STORED_AT), COMPARED_AT // STORED_AT)


def path_of(name, how):
    return STORED / f"{name}_{how}.webp"


@pytest.fixture
def holds(request, tmp_path):
    """Whether a page looks as stored; with --renew-pictures it is stored."""

    def compare(page, name):
        faults = []
        for how in LIMITS:
            if how == "drawn":
                page.add_style_tag(content=WORDLESS)
            taken = shot(page)
            if request.config.getoption("--renew-pictures"):
                STORED.mkdir(parents=True, exist_ok=True)
                small(taken, STORED_AT).save(path_of(name, how), "WEBP", lossless=how == "drawn", quality=80)
                continue
            new = tmp_path / f"{name}_{how}.png"
            taken.save(new)
            then = stored(name, how)
            now = coarse(taken)
            if not alike(now, then, how):
                mean, share = distance(now, then)
                faults.append(
                    f"{name} as {how}: mean {mean:.2f}, {share:.2%} of pixels (at most {LIMITS[how]}): "
                    f"compare {new} with {path_of(name, how)}"
                )
        assert not faults, "\n".join([*faults, "if the new ones are right, run `make pictures`"])

    return compare


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("view", VIEWS)
def test_a_figure_of_the_plan_looks_as_stored(open_page, holds, plain, view, size):
    page = open_page(plain, width=size[0], height=size[1])
    page.evaluate(
        "name => { const list = document.getElementById('zp-view');"
        "list.value = [...list.options].find(one => one.textContent === name).value; list.dispatchEvent(new Event('change')); }",
        VIEWS[view],
    )
    holds(page, f"{view}_{'phone' if size == PHONE else 'desktop'}")


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desktop", "phone"])
def test_a_check_looks_as_stored(open_page, holds, checked, size):
    page = open_page(checked, width=size[0], height=size[1])
    holds(page, f"check_{'phone' if size == PHONE else 'desktop'}")


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("mode", ["swipe", "side"])
def test_a_comparison_looks_as_stored(open_page, holds, compared, mode, size):
    page = open_page(compared, width=size[0], height=size[1])
    if mode == "side":
        page.click("#zp-mode")
    holds(page, f"compare_{mode}_{'phone' if size == PHONE else 'desktop'}")


def test_the_measure_tells_pages_from_one_another(request):
    if request.config.getoption("--renew-pictures"):
        pytest.skip("the pictures are being taken")
    for size in ("desktop", "phone"):
        for how in LIMITS:
            all_of_a_size = [
                stored(f"{name}_{size}", how) for name in PAGES if name != "check"
            ]  # whose parcels are small
            for i, one in enumerate(all_of_a_size):
                assert alike(one, one, how)
                if how == "drawn":
                    assert not any(alike(one, other, how) for other in all_of_a_size[:i])


@pytest.mark.parametrize("layer", ["轴", "带", "组团", "功能区", "新城", "道路", "水系", "规划范围"])
def test_a_layer_that_is_missing_is_seen(structure, layer):
    page, whole = structure
    page.get_by_label(layer, exact=True).uncheck(force=True)
    assert not alike(coarse(shot(page)), whole, "drawn")
    page.get_by_label(layer, exact=True).check(force=True)


def test_stored_pictures_are_small():
    sizes = {path.name: path.stat().st_size for path in STORED.iterdir()}
    assert len(sizes) == len(PAGES) * len(LIMITS) * 2
    assert max(sizes.values()) < 60_000
