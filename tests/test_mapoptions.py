"""`zoneplan map` from the command line: what is offered, what is refused, what is written."""

import numpy as np
import pytest
import rasterio

from synthetic import layers
from test_basemaps import KEY, XYZ, raster
from test_cli import run
from test_compare import OTHER
from zoneplan.commands.mapoptions import KEY as VARIABLE
from zoneplan.io.layers import write_layers
from zoneplan.render.basemaps import policy


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("files")
    write_layers(folder / "a.gpkg", layers())
    write_layers(folder / "b.gpkg", OTHER)
    raster(folder / "photo.tif")
    return folder


def call(capsys, files, tmp_path, *more, lang="en"):
    out = tmp_path / "out" / "map.html"
    code, said, err = run(capsys, "map", files / "a.gpkg", *more, "-o", out, lang=lang)
    return code, said + err, out


def test_a_plain_map_may_fetch_nothing(capsys, files, tmp_path):
    code, _, out = call(capsys, files, tmp_path)
    assert code == 0
    assert f'content="{policy()}"' in out.read_text()


@pytest.mark.parametrize("mode", ["swipe", "side"])
def test_two_sets_of_layers_become_one_page_with_the_names_given(capsys, files, tmp_path, mode):
    code, _, out = call(
        capsys, files, tmp_path, "--against", files / "b.gpkg", "--mode", mode, "--names", "甲,乙"
    )
    html = out.read_text()
    assert code == 0
    assert '<b id="zp-side-0">甲</b><b id="zp-side-1">乙</b>' in html
    assert f'"mode":"{mode}"' in html


def test_a_key_is_taken_from_the_call_or_on_request_from_the_environment(
    capsys, files, tmp_path, monkeypatch
):
    monkeypatch.setenv(VARIABLE, KEY)
    _, _, out = call(capsys, files, tmp_path)
    assert KEY not in out.read_text()
    for given in (KEY, "env"):
        code, said, out = call(capsys, files, tmp_path, "--tianditu", given)
        assert code == 0
        assert KEY in out.read_text()
        assert "basemap.key_in_file" in said
        assert KEY not in said
    monkeypatch.delenv(VARIABLE)
    code, said, _ = call(capsys, files, tmp_path, "--tianditu", "env")
    assert code == 2
    assert VARIABLE in said


def test_a_raster_and_a_service_are_offered(capsys, files, tmp_path):
    code, said, out = call(
        capsys, files, tmp_path,
        "--raster", files / "photo.tif", "--tiles", XYZ, "--tiles-name", "局内", "--tiles-datum", "gcj02",
    )  # fmt: skip
    html = out.read_text()
    assert (code, "warning" in said) == (0, False)
    assert "img-src data: http://10.1.2.3:8080;" in html
    assert '<option value="1">局内</option><option value="2">photo</option>' in html
    assert '"datum":"gcj02"' in html


def test_a_raster_that_is_too_large_is_made_coarser_and_that_is_said(capsys, files, tmp_path):
    fine = raster(tmp_path / "fine.tif", pixel=10, size=(1000, 1000))
    with rasterio.open(fine, "r+") as file:
        file.write(np.random.default_rng(1).integers(0, 255, (3, 1000, 1000), dtype="uint8"))
    code, said, _ = call(capsys, files, tmp_path, "--raster", fine, "--raster-mb", "0.2")
    assert code == 0
    assert "basemap.coarser" in said


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_all_faults_come_at_once_and_nothing_is_written(capsys, files, tmp_path, lang):
    code, said, out = call(
        capsys, files, tmp_path,
        "--tianditu", "no key", "--tiles", "ftp://x/{q}", "--raster", files / "none.tif", lang=lang,
    )  # fmt: skip
    assert code == 2
    for word in ("--tianditu", "--tiles", "none.tif"):
        assert word in said
    assert not out.parent.exists()


@pytest.mark.parametrize(
    ("more", "word"),
    [
        (["--mode", "side"], "--against"),
        (["--names", "A,B"], "--against"),
        (["--tiles-datum", "gcj02"], "--tiles"),
        (["--raster-mb", "3"], "--raster"),
    ],
)
def test_an_option_without_its_ground_is_a_usage_error(capsys, files, tmp_path, more, word):
    code, said, out = call(capsys, files, tmp_path, *more)
    assert code == 2
    assert f"needs {word}" in said
    assert not out.exists()


@pytest.mark.parametrize("names", ["A", "A,", ",B", "A,B,C"])
def test_names_are_two(capsys, files, tmp_path, names):
    code, said, _ = call(capsys, files, tmp_path, "--against", files / "b.gpkg", "--names", names)
    assert code == 2
    assert "A,B" in said
