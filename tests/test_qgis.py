"""What QGIS finds: styles in GeoPackages and projects beside them; then QGIS itself opens them, where it is installed."""

import json
import os
import sqlite3
import subprocess
import zipfile
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
from PIL import Image

from browsing import INJECTIONS
from synthetic import CRS_CODE, layers, square
from zoneplan.check.conflicts import check_parcels
from zoneplan.io.layers import read_layers, write_layers
from zoneplan.jobs.app import write_areas, write_build
from zoneplan.jobs.inventory import Wanted
from zoneplan.jobs.loading import build
from zoneplan.render.colours import channels
from zoneplan.render.conflict_papers import write_conflicts_gpkg
from zoneplan.render.qgis.dress import NOTICE, dress_plan
from zoneplan.render.qgis.layout import fitted
from zoneplan.render.sld import plan_slds
from zoneplan.render.style import read_style
from zoneplan.render.themes import plan_themes

CLIENT = Path(__file__).with_name("qgis_client.py")
PYTHON = "/usr/bin/python3"  # the one that Debian's QGIS is for


def styles_of(path):
    with sqlite3.connect(path) as base:
        return dict(base.execute("SELECT f_table_name, styleQML FROM layer_styles WHERE useAsDefault"))


def document(path):
    with zipfile.ZipFile(path) as archive:
        (name,) = archive.namelist()
        return ET.fromstring(archive.read(name).decode("utf-8").split("\n", 1)[1])


def test_conflicts_open_by_verdict_with_hatches_and_chinese_names(tmp_path):
    frame = gpd.GeoDataFrame({"BSM": ["a"]}, geometry=[square(2, 4, 3, 5)], crs=CRS_CODE)
    result = check_parcels(frame, layers(), use="U10")
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        write_conflicts_gpkg(tmp_path / name / "conflicts.gpkg", result)
    for name in ("conflicts.gpkg", "conflicts.qgz"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    path = tmp_path / "a" / "conflicts.gpkg"
    found = {table: ET.fromstring(text.split("\n", 1)[1]) for table, text in styles_of(path).items()}
    assert set(found) == {"parcels", "overlap"}
    assert found["parcels"].find("renderer-v2").get("attr") == "overall"
    words = {row.get("value"): row.get("label") for row in found["parcels"].iter("category")}
    assert words == {
        "prohibited": "禁止",
        "undetermined": "待定",
        "restricted": "限制",
        "permitted": "允许",
    }
    kinds = {table: {layer.get("class") for layer in root.iter("layer")} for table, root in found.items()}
    assert "LinePatternFill" in kinds["overlap"]
    assert "LinePatternFill" not in kinds["parcels"]
    aliases = {(row.get("field"), row.get("name")) for row in found["parcels"].iter("alias")}
    assert ("overall", "总结论") in aliases
    assert [name for name, shape in pyogrio.list_layers(path) if shape] == ["parcels", "overlap"]


def test_parcels_without_geometry_leave_no_project(tmp_path):
    frame = gpd.GeoDataFrame({"BSM": ["a"]}, geometry=[None], crs=CRS_CODE)
    write_conflicts_gpkg(tmp_path / "conflicts.gpkg", check_parcels(frame, layers(), use="U10"))
    assert [path.name for path in tmp_path.iterdir()] == ["conflicts.gpkg"]


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("built")
    made = build("jiaozuo")
    write_build(made, folder, slds=True)
    return folder, made.layers


def test_a_plans_layers_carry_the_colours_of_the_style_document(built):
    folder, made = built
    found = styles_of(folder / "layers.gpkg")
    assert set(found) == {kind for kind in made.frames if kind != "reference"}
    red = read_style().symbol("ecological_redline")
    assert ",".join(map(str, channels(red.fill))) in found["control_line"]
    assert set(read_layers(folder).frames) == set(made.frames)


def test_tree_layers_and_order_of_a_project_agree_and_paths_are_relative(built):
    folder, made = built
    root = document(folder / "project.qgz")
    tree = root.find("layer-tree-group")
    ids = {
        "tree": [leaf.get("id") for leaf in tree.iter("layer-tree-layer")],
        "layers": [layer.findtext("id") for layer in root.iter("maplayer")],
        "order": [layer.get("id") for layer in root.find("layerorder")],
        "custom": [item.text for item in tree.find("custom-order")],
    }
    assert len(set(ids["layers"])) == len(ids["layers"])
    assert all(sorted(found) == sorted(ids["layers"]) for found in ids.values())
    assert ids["order"] == ids["custom"] == ids["layers"][::-1]
    assert all(len(name) > 10 for name in ids["layers"])
    sources = [layer.findtext("datasource") for layer in root.iter("maplayer")]
    assert all(source.startswith("./layers.gpkg|layername=") for source in sources)
    style = read_style()
    named = [group.get("name") for group in tree.findall("layer-tree-group")]
    assert named == [group.zh for group in style.groups if group.zh in named]
    assert [theme.get("name") for theme in root.iter("visibility-preset")] == [
        view.zh for view in style.views_of(made.plan_id)
    ]
    assert [one.get("name") for one in root.iter("Layout")] == [
        "A3",
        *(view.zh for view in style.views_of(made.plan_id)),
    ]
    for one in root.iter("Layout"):
        texts = " ".join(item.get("labelText", "") for item in one.iter("LayoutItem"))
        assert NOTICE in texts
        assert style.note_zh in texts


def test_every_row_of_every_table_is_drawn_once(built):
    _, made = built
    themes = plan_themes(made, read_style())
    for table, frame in made.frames.items():
        signs = [
            (sign.value, theme.family) for theme in themes if theme.table == table for sign in theme.signs
        ]
        assert len(signs) == len(set(signs))
        field = "kind" if table == "reference" else "id"
        assert {value for value, _ in signs} == set(frame[field])


def test_two_projects_of_one_plan_are_equal_to_the_byte(built, tmp_path):
    folder, made = built
    write_layers(tmp_path / "layers.gpkg", made)
    dress_plan(tmp_path / "layers.gpkg", made, read_style())
    for name in ("layers.gpkg", "project.qgz"):
        assert (tmp_path / name).read_bytes() == (folder / name).read_bytes()


@pytest.mark.parametrize("size", [(100.0, 50.0), (3.0, 80_000.0), (25_000.0, 12_000.0), (0.0, 0.0)])
def test_a_map_shows_all_of_its_box_at_a_round_scale(size):
    west, south = 430_000.0, 3_890_000.0
    scale, shown = fitted((west, south, west + size[0], south + size[1]))
    assert shown["xmin"] <= west
    assert shown["ymin"] <= south
    assert shown["xmax"] >= west + size[0]
    assert shown["ymax"] >= south + size[1]
    assert float(f"{scale:.3g}") == scale
    assert shown["xmax"] - shown["xmin"] == pytest.approx(0.314 * scale)


def test_words_of_features_are_text_and_nothing_that_is_evaluated(tmp_path):
    evil = hostile()
    write_layers(tmp_path / "layers.gpkg", evil)
    dress_plan(tmp_path / "layers.gpkg", evil, read_style())
    with zipfile.ZipFile(tmp_path / "project.qgz") as archive:
        text = archive.read("project.qgs").decode("utf-8")
    assert "[%" not in text
    assert "<script" not in text
    root = ET.fromstring(text.split("\n", 1)[1])
    labels = {row.get("label") for row in root.iter("category")}
    assert "[ % 1 + 1 %]" in labels
    for one in plan_slds(evil, read_style()).values():
        ET.fromstring(one.encode("utf-8"))


def hostile():
    """A plan whose names, kinds and id are meant to do something."""
    made = layers()
    words = [*INJECTIONS, "[% 1 + 1 %]", "a\x00b\x0bc", "' OR 1=1 --"]
    frames = {}
    for kind, frame in made.frames.items():
        frame = frame.copy()
        frame["name"] = [words[(at * 5) % len(words)] for at in range(len(frame))]
        frames[kind] = frame
    frames["group"]["name"] = ["[% 1 + 1 %]", "a\x00b\x0bc", "</qgis><maplayer>"]
    kinds = frames["reference"]["kind"].tolist()
    frames["reference"]["kind"] = [*kinds[:-1], 'it\'s "odd" | kind']
    return replace(made, frames=frames, name="[% layer_property(@layer, 'source') %]", name_en="<b>")


def qgis_python():
    """Whether the system's Python has QGIS."""
    if not Path(PYTHON).exists():
        return False
    return (
        subprocess.run([PYTHON, "-c", "import qgis.core"], capture_output=True, check=False).returncode == 0
    )


@pytest.fixture(scope="session")
def client():
    if not qgis_python():
        pytest.skip(
            "no QGIS on this machine; on Debian or Ubuntu: apt-get install qgis python3-qgis qgis-providers"
        )

    def opened(folder, project, *styles):
        folder.mkdir()
        environment = {
            name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL"))
        }
        done = subprocess.run(
            [PYTHON, str(CLIENT), str(folder), str(project), *map(str, styles)],
            capture_output=True, text=True, check=False, env=environment,
        )  # fmt: skip
        assert (folder / "facts.json").exists(), done.stderr
        return json.loads((folder / "facts.json").read_text(encoding="utf-8"))

    return opened


def painted(path):
    """The share of each colour of a picture."""
    pixels = np.asarray(Image.open(path).convert("RGB")).reshape(-1, 3)
    colours, counts = np.unique(pixels, axis=0, return_counts=True)
    return {
        tuple(colour): count / len(pixels) for colour, count in zip(colours.tolist(), counts, strict=True)
    }


@pytest.mark.qgis
def test_qgis_opens_the_project_with_every_layer_its_classes_and_its_sheets(built, tmp_path, client):
    folder, made = built
    slds = sorted(folder.glob("*.sld"))
    found = client(
        tmp_path / "out",
        folder / "project.qgz",
        folder / "layers.gpkg",
        *(f"{path.stem}={path}" for path in slds),
    )
    assert found["read"]
    assert found["error"] == ""
    assert found["errors"] == []
    assert found["crs"] == f"EPSG:{made.crs.to_epsg()}"
    themes = {f"zoneplan_{theme.key if theme.kinds else theme.table}_{theme.family}": theme for theme in plan_themes(made, read_style())}  # fmt: skip
    assert set(found["layers"]) == set(themes)
    assert found["order"] == list(themes)[::-1]
    drawn = 0
    for name, layer in found["layers"].items():
        theme = themes[name]
        assert layer["valid"]
        assert layer["renderer"] == "QgsCategorizedSymbolRenderer"
        assert layer["values"] == sorted(layer["categories"]) == sorted(sign.value for sign in theme.signs)
        assert layer["labels"] == theme.layer.label
        assert "名称" in layer["aliases"]
        drawn += layer["features"]
    assert drawn == sum(len(frame) for frame in made.frames.values())
    hatched = found["layers"]["zoneplan_control_line_polygon"]["symbols"]
    assert "LinePatternFill" in hatched["line_ecological_redline"]
    assert set(found["themes"]) == {view.zh for view in read_style().views_of(made.plan_id)}
    for sheet in found["layouts"].values():
        assert sheet["code"] == 0
        assert {"map", "legend", "scale", "north", "title", "notice", "notes"} <= set(sheet["items"])
        shares = painted(tmp_path / "out" / sheet["image"])
        assert 0.3 < shares[(255, 255, 255)] < 0.95
        assert len(shares) > 500
    for table, one in found["styles"].items():
        assert one["read"], one["message"]
        assert len(one["rules"]) == sum(len(theme.signs) for theme in themes.values() if theme.table == table)
        assert one["labels"] == any(theme.layer.label for theme in themes.values() if theme.table == table)
        assert one["opened"] == (
            "QgsSingleSymbolRenderer" if table == "reference" else "QgsCategorizedSymbolRenderer"
        )


@pytest.mark.qgis
def test_qgis_draws_conflicts_and_land_use_in_our_colours(tmp_path, client):
    frame = gpd.GeoDataFrame(
        {"BSM": list("ab")}, geometry=[square(2, 4, 3, 5), square(5, 1, 6, 2)], crs=CRS_CODE
    )
    write_conflicts_gpkg(tmp_path / "conflicts.gpkg", check_parcels(frame, layers(), use="U10"))
    found = client(tmp_path / "out", tmp_path / "conflicts.qgz")
    assert all(layer["valid"] for layer in found["layers"].values())
    assert found["layers"]["zoneplan_parcels_polygon"]["features"] == 2
    wanted = np.array(channels(read_style().symbol("prohibited").line))
    shares = painted(tmp_path / "out" / "map.png").items()
    assert sum(share for colour, share in shares if abs(wanted - colour).max() < 4) > 0.005  # its hatch

    ground = gpd.GeoDataFrame(
        {"YDYHFLDM": ["0804", "1402"]}, geometry=[square(0, 0, 5, 10), square(5, 0, 10, 10)], crs=CRS_CODE
    )
    ground.to_file(tmp_path / "lu.gpkg")
    write_areas(layers(), tmp_path / "areas", landuse=Wanted(str(tmp_path / "lu.gpkg"), codes="2023"))
    found = client(tmp_path / "out2", tmp_path / "areas" / "landuse.qgz")
    (layer,) = found["layers"].values()
    assert layer["categories"] == {"0804": "0804 教育用地", "1402": "1402 防护绿地"}
    shares = painted(tmp_path / "out2" / "map.png")
    for code in layer["categories"]:
        assert shares[channels(read_style().landuse_symbol(code).fill)] > 0.3


@pytest.mark.qgis
def test_qgis_takes_hostile_words_for_words(tmp_path, client):
    evil = hostile()
    write_layers(tmp_path / "layers.gpkg", evil)
    dress_plan(tmp_path / "layers.gpkg", evil, read_style())
    found = client(tmp_path / "out", tmp_path / "project.qgz")
    assert found["read"]
    assert all(layer["valid"] and layer["features"] for layer in found["layers"].values())
    assert sum(layer["features"] for layer in found["layers"].values()) == sum(map(len, evil.frames.values()))
