"""Styles that QGIS finds in a GeoPackage."""

import sqlite3
from xml.etree import ElementTree as ET

import geopandas as gpd
import pyogrio

from synthetic import CRS_CODE, layers, square
from zoneplan.check.conflicts import check_parcels
from zoneplan.io.layers import read_layers
from zoneplan.jobs.app import write_build
from zoneplan.jobs.loading import build
from zoneplan.render.conflict_papers import write_conflicts_gpkg
from zoneplan.render.qgis import layer_styles
from zoneplan.render.style import read_style


def styles_of(path):
    with sqlite3.connect(path) as base:
        return dict(base.execute("SELECT f_table_name, styleQML FROM layer_styles WHERE useAsDefault"))


def test_conflicts_open_by_verdict_with_hatches_and_chinese_names(tmp_path):
    frame = gpd.GeoDataFrame({"BSM": ["a"]}, geometry=[square(2, 4, 3, 5)], crs=CRS_CODE)
    result = check_parcels(frame, layers(), use="U10")
    for name in ("a.gpkg", "b.gpkg"):
        write_conflicts_gpkg(tmp_path / name, result)
    assert (tmp_path / "a.gpkg").read_bytes() == (tmp_path / "b.gpkg").read_bytes()
    found = styles_of(tmp_path / "a.gpkg")
    assert set(found) == {"parcels", "overlap"}
    root = ET.fromstring(found["parcels"].split("\n", 1)[1])
    assert root.find("renderer-v2").get("attr") == "overall"
    assert {row.get("value") for row in root.iter("category")} == {
        "prohibited",
        "undetermined",
        "restricted",
        "permitted",
    }
    assert {row.get("label") for row in root.iter("category")} == {"禁止", "待定", "限制", "允许"}
    brushes = {option.get("value") for option in root.iter("Option") if option.get("name") == "style"}
    assert {"solid", "diagonal_x", "b_diagonal", "dense6"} <= brushes
    assert ("overall", "总结论") in {(row.get("field"), row.get("name")) for row in root.iter("alias")}
    assert [name for name, shape in pyogrio.list_layers(tmp_path / "a.gpkg") if shape] == [
        "parcels",
        "overlap",
    ]


def test_a_plans_layers_carry_the_colours_of_the_style_document(tmp_path):
    built = build("jiaozuo")
    write_build(built, tmp_path)
    found = styles_of(tmp_path / "layers.gpkg")
    assert (
        set(found)
        == {kind for kind in built.layers.frames if kind != "reference"}
        == set(layer_styles(built.layers))
    )
    red = read_style().symbol("ecological_redline")
    wanted = ",".join(str(int(red.fill[at : at + 2], 16)) for at in (1, 3, 5))
    assert wanted in found["control_line"]
    assert set(read_layers(tmp_path).frames) == set(built.layers.frames)
