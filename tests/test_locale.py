"""Papers do not depend on the locale, the time zone, the seed of hashes or the number of threads of the process that wrote them."""

import os
import subprocess
import sys

import geopandas as gpd
import pytest

from synthetic import CRS_CODE, square

PAPERS = ("csv", "json", "xlsx", "docx", "gpkg", "map")
WORLDS = (
    {"LC_ALL": "C.UTF-8", "TZ": "UTC", "PYTHONHASHSEED": "1"},
    {"LC_ALL": "zh_CN.GBK", "TZ": "Asia/Shanghai", "PYTHONHASHSEED": "77", "OMP_NUM_THREADS": "1", "NUMBA_NUM_THREADS": "1"},
)  # fmt: skip


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("世界")
    parcels = gpd.GeoDataFrame(
        {"BSM": ["乙", "甲"], "use": ["U10", None]}, geometry=[square(0, 0, 1, 1), square(3, 0, 4, 1)], crs=CRS_CODE
    )  # fmt: skip
    parcels.to_file(folder / "地块.gpkg", engine="pyogrio")
    gpd.GeoDataFrame(geometry=[square(0.5, 0, 2, 1)], crs=CRS_CODE).to_file(
        folder / "线.gpkg", engine="pyogrio"
    )
    for number, world in enumerate(WORLDS):
        call = ["check", "地块.gpkg", "--line", "permanent_basic_farmland=线.gpkg", "--lang", "zh", "--formats", ",".join(PAPERS), "-o", str(number)]  # fmt: skip
        done = subprocess.run(
            [sys.executable, "-c", "from zoneplan.cli import main; main()", *call], cwd=folder, env={**os.environ, **world},
            capture_output=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr.decode(errors="replace")
    return folder


@pytest.mark.parametrize("name", [*(f"conflicts.{one}" for one in PAPERS if one != "map"), "map.html"])
def test_the_same_bytes_in_every_world(written, name):
    assert (written / "0" / name).read_bytes() == (written / "1" / name).read_bytes()
