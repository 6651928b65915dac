"""Control lines by the standard names of layers."""

import geopandas as gpd
import pytest

from synthetic import CRS_CODE, square
from zoneplan.checking import check
from zoneplan.checkrequest import CheckRequest
from zoneplan.errors import InputError
from zoneplan.linefiles import lines_in


def database(path, *names):
    for number, name in enumerate(names):
        frame = gpd.GeoDataFrame({"BSM": ["1"]}, geometry=[square(number, 0, number + 0.5, 1)], crs=CRS_CODE)
        frame.to_file(path, layer=name, engine="pyogrio", mode="a" if number else "w")
    return str(path)


@pytest.mark.parametrize("suffix", [".gdb", ".gpkg"])
def test_layers_of_standard_names_are_the_lines_of_a_check(tmp_path, suffix):
    file = database(tmp_path / f"库{suffix}", "STBHHX", "YJJBNTTB", "CZKFBJ", "自然保护地", "DLTB", "别的")
    gpd.GeoDataFrame({"BSM": ["a"]}, geometry=[square(1, 0, 1.1, 0.1)], crs=CRS_CODE).to_file(
        tmp_path / "p.gpkg", engine="pyogrio"
    )
    made = check(CheckRequest(str(tmp_path / "p.gpkg"), line_files=(file,), use="U10")).result
    states = dict(zip(made.table["line"], made.table["state"], strict=True))
    assert states["permanent_basic_farmland"] == "hit"
    assert states["ecological_redline"] == "clear"
    assert "自然保护地" in states
    said = next(finding for finding in made.findings if finding.code == "lines.recognised")
    assert "DLTB" in said.zh
    assert "别的" in said.zh
    assert {row["role"] for row in made.receipt["inputs"]} >= {"parcels", "lines"}


def test_two_layers_of_one_line_and_none_at_all_are_refused(tmp_path):
    with pytest.raises(InputError, match="permanent_basic_farmland has several layers: YJJBNT, YJJBNTTB"):
        lines_in(database(tmp_path / "a.gpkg", "YJJBNT", "YJJBNTTB"))
    with pytest.raises(InputError, match="no layer has the name of a control line; there are: x"):
        lines_in(database(tmp_path / "b.gpkg", "x"))
