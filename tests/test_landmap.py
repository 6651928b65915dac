"""Land use on maps: every patch once, in the colour of its code, the legend in the order of the list with areas that add up."""

import geopandas as gpd
import pytest
from pyproj import CRS

from synthetic import CRS_CODE, layers, square
from zoneplan.cli import main
from zoneplan.engine import ellipsoid
from zoneplan.io.layers import write_layers
from zoneplan.jobs.inventory import read_patches
from zoneplan.landuse.codes import code_list
from zoneplan.render.landmap import landuse_drawing, with_landuse
from zoneplan.render.maplayers import drawings
from zoneplan.render.style import read_style
from zoneplan.render.web import web_map

ROWS = [
    ("1402", square(0, 0, 5, 5)),
    ("0804", square(5, 0, 10, 5)),
    ("0101", square(0, 5, 5, 10)),
    ("xyz", square(5, 5, 10, 10)),
]


@pytest.fixture
def patches(tmp_path):
    frame = gpd.GeoDataFrame(
        {"YDYHFLDM": [code for code, _ in ROWS]}, geometry=[shape for _, shape in ROWS], crs=CRS_CODE
    )
    frame.to_file(tmp_path / "lu.gpkg")
    return read_patches(layers(), str(tmp_path / "lu.gpkg"), field=None, codes="2023")[0]


def test_every_patch_is_drawn_in_the_colour_of_its_code(patches):
    style = read_style()
    drawn = landuse_drawing(patches, style, "zh")
    assert [feature.symbol.fill for feature in drawn.features] == [
        style.landuse_symbol(code).fill for code, _ in ROWS
    ]
    assert patches["area_m2"].sum() == pytest.approx(
        float(ellipsoid.area(gpd.GeoSeries([square(0, 0, 10, 10)], crs=CRS_CODE), CRS(CRS_CODE))[0])
    )


def test_the_legend_is_in_the_order_of_the_list_and_what_no_list_has_comes_last(patches):
    words = [row[0] for row in landuse_drawing(patches, read_style(), "zh").legend]
    names = [f"{code} {code_list().name_of(code)}" for code in ("0101", "0804", "1402")]
    assert words == [*names, "地类代码无法识别"]


def test_land_use_lies_where_the_document_has_it(patches, tmp_path):
    made, order = layers(), list(read_style().layers)
    (tmp_path / "o.yaml").write_text(f"order: [{', '.join([*order[1:], order[0]])}]", encoding="utf-8")
    for path, place in ((None, 0), (tmp_path / "o.yaml", -1)):
        style = read_style(path)
        found = with_landuse(drawings(made, None, style, "zh"), patches, style, "zh")
        assert found[place].key == "landuse"


def test_the_map_says_where_the_colours_come_from_when_it_has_them(patches):
    style = read_style()
    page = web_map(layers(), landuse=patches).html()
    assert style.landuse.note_zh in page
    assert style.landuse_symbol("0804").fill in page
    assert style.landuse.note_zh not in web_map(layers()).html()


def test_the_command_draws_a_file_and_refuses_options_that_do_nothing(patches, tmp_path, capsys):
    write_layers(tmp_path / "layers.gpkg", layers())

    def run(*args):
        with pytest.raises(SystemExit) as done:
            main(["map", str(tmp_path / "layers.gpkg"), "-o", str(tmp_path / "m.kmz"), *args, "--lang", "zh"])
        return done.value.code

    assert run("--landuse", str(tmp_path / "lu.gpkg"), "--landuse-codes", "2023") == 0
    assert (tmp_path / "m.kmz").exists()
    assert "xyz" in capsys.readouterr().out
    assert run("--landuse-field", "DLBM") == 2
