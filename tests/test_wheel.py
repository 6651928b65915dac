"""The installed wheel does it all outside the repository: plan, reference geometry and assets travel in it."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from zoneplan.render.assets import HERE

ROOT = Path(__file__).parents[1]
pytestmark = pytest.mark.wheel


def run(*command, **kwargs) -> str:
    done = subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, check=False, **kwargs
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    run(
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "--wheel-dir",
        folder,
        ROOT,
    )
    return next(folder.glob("zoneplan-*.whl"))


def test_everything_travels_with_its_licences(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    for name in (
        "plans/jiaozuo.yaml", "plans/plan.schema.json", "rulebook/rules.csv", "data/boundaries/jiaozuo.geojson",
        "data/boundaries/sources.toml", "data/samples/parcels.geojson", "data/samples/dem.tif", "terrain/first_estimate.yaml", "render/style.yaml", "render/templates/map.js", "py.typed",
        "render/vendor/leaflet.js", "render/vendor/LICENSE-leaflet.txt", "render/vendor/LICENSE-leaflet-groupedlayercontrol.txt",
        "render/vendor/NotoSansSC-Regular.ttf", "render/vendor/LICENSE-NotoSansSC.txt",
    ):  # fmt: skip
        assert f"zoneplan/{name}" in names
    assert any(name.endswith("licenses/LICENSE") for name in names)


def test_it_builds_and_draws_in_an_empty_environment(wheel, tmp_path):
    venv = tmp_path / "venv"
    run(sys.executable, "-m", "venv", "--without-pip", venv)
    python = venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    uv = Path(sys.executable).parent / "uv"
    run(
        uv,
        "pip",
        "install",
        "--quiet",
        "--python",
        python,
        "--require-hashes",
        "-r",
        ROOT / "requirements.lock",
    )
    run(uv, "pip", "install", "--quiet", "--python", python, "--no-deps", wheel)
    zoneplan = python.parent / "zoneplan"
    elsewhere = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    out = run(zoneplan, "build", "--lang", "en", "-o", "out", cwd=tmp_path, env=elsewhere)
    assert "EPSG:4547" in out
    run(zoneplan, "map", "out", "-o", "out/map.html", cwd=tmp_path, env=elsewhere)
    assert (tmp_path / "out" / "layers.gpkg").stat().st_size > 100_000
    assert "leaflet" in (tmp_path / "out" / "map.html").read_text(encoding="utf-8").lower()


def test_assets_and_lock_name_no_address():
    for path in (
        HERE / "assets.toml",
        ROOT / "web" / "package.json",
        ROOT / "web" / "package-lock.json",
        *ROOT.glob("requirements*.lock"),
    ):
        assert "http" not in path.read_text(encoding="utf-8"), path.name


def test_the_build_names_an_asset_that_is_not_what_was_declared(tmp_path):
    sys.path.insert(0, str(ROOT))
    try:
        import hatch_build
    finally:
        sys.path.pop(0)
    render = tmp_path / "src" / "zoneplan" / "render"
    render.mkdir(parents=True)
    (tmp_path / "web").mkdir()
    declared = '[[asset]]\nname = "leaflet.js"\nsource = "leaflet/dist/leaflet.js"\nsha256 = "0"\n'
    (render / "assets.toml").write_text(declared, encoding="utf-8")
    fake = tmp_path / "fake" / "leaflet" / "dist"
    fake.mkdir(parents=True)
    (fake / "leaflet.js").write_text("not Leaflet", encoding="utf-8")
    before = hatch_build._npm_ci
    hatch_build._npm_ci = lambda web, folder: tmp_path / "fake"
    try:
        with pytest.raises(
            RuntimeError,
            match=r"browser asset leaflet\.js: leaflet/dist/leaflet\.js is [0-9a-f]{64}, expected 0",
        ):
            hatch_build.provide(tmp_path)
    finally:
        hatch_build._npm_ci = before
