"""KMZ for field staff: GDAL reads back what was drawn, in degrees; colours are the document's; words are only words."""

import zipfile
from dataclasses import replace
from xml.etree import ElementTree as ET

import geopandas as gpd
import pyogrio
import pytest
import shapely

from browsing import INJECTIONS
from synthetic import CRS_CODE, layers, square
from zoneplan.check.conflicts import check_parcels
from zoneplan.cli import main
from zoneplan.render.kml import NAMESPACE, write_kmz
from zoneplan.render.maplayers import drawings
from zoneplan.render.style import read_style

KML = f"{{{NAMESPACE}}}"


def document(path):
    with zipfile.ZipFile(path) as archive:
        assert archive.namelist() == ["doc.kml"]
        return ET.fromstring(archive.read("doc.kml"))


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    frame = gpd.GeoDataFrame({"BSM": ["地块1"]}, geometry=[square(2, 4, 3, 5)], crs=CRS_CODE)
    result = check_parcels(frame, layers(), use="U10")
    path = tmp_path_factory.mktemp("kml") / "conflicts.kmz"
    write_kmz(path, layers(), result)
    return path, result


def test_gdal_reads_back_every_feature_where_it_lies(made):
    path, result = made
    drawn = {one.name: one for one in drawings(layers(), result, read_style(), "zh")}
    read = {str(name): pyogrio.read_dataframe(path, layer=str(name)) for name, _ in pyogrio.list_layers(path)}
    assert {name for name, frame in read.items() if len(frame)} == {
        name for name, one in drawn.items() if one.features
    }
    for name, one in drawn.items():
        frame = read[name]
        assert frame.crs.to_epsg() == 4326
        assert frame["Name"].tolist() == [feature.title for feature in one.features]
        for shape, feature in zip(frame.geometry, one.features, strict=True):
            assert shapely.hausdorff_distance(shapely.force_2d(shape), feature.shape) < 2e-6


def test_balloons_tell_area_citation_and_that_it_is_schematic(made):
    path, _ = made
    frame = pyogrio.read_dataframe(path, layer="组团")
    for words in ("ha", "亩", "第三章第一节", "示意图:图形没有测量依据,不得用于用地审批"):
        assert words in frame["description"].iloc[0]
    parcels = pyogrio.read_dataframe(path, layer="地块(按结论)")
    assert "禁止" in parcels["description"].iloc[0]


def test_colours_are_those_of_the_style_document(made):
    root = document(made[0])
    styles = {
        one.get("id"): (
            one.findtext(f"{KML}LineStyle/{KML}color"),
            one.findtext(f"{KML}PolyStyle/{KML}color"),
        )
        for one in root.iter(f"{KML}Style")
    }
    symbol = read_style().symbol("ecological_redline")
    mark = next(one for one in root.iter(f"{KML}Placemark") if one.findtext(f"{KML}name") == "生态保护红线")
    line, fill = styles[mark.findtext(f"{KML}styleUrl").removeprefix("#")]
    red, green, blue = (symbol.fill[at : at + 2] for at in (1, 3, 5))
    assert fill == f"{round(symbol.opacity * 255):02x}{blue}{green}{red}"
    assert line == "ff" + symbol.line[5:7] + symbol.line[3:5] + symbol.line[1:3]
    assert {one.findtext(f"{KML}styleUrl") for one in root.iter(f"{KML}Placemark")} == {
        f"#{name}" for name in styles
    }


def test_folders_stand_in_the_order_of_the_groups(made):
    root = document(made[0])
    names = [folder.findtext(f"{KML}name") for folder in root.findall(f"{KML}Document/{KML}Folder")]
    groups = [group.zh for group in read_style().groups]
    found = [name for name in names if name in groups]
    assert found == sorted(found, key=groups.index)


@pytest.mark.parametrize("text", [*INJECTIONS, "$[name]", "a\x00b\x0bc"])
def test_words_of_features_are_inert(tmp_path, text):
    evil = layers()
    frames = {kind: frame.assign(name=text, role=text, citation=text) for kind, frame in evil.frames.items()}
    write_kmz(tmp_path / "a.kmz", replace(evil, frames=frames, name=text))
    root = document(tmp_path / "a.kmz")
    for mark in root.iter(f"{KML}Placemark"):
        balloon = mark.findtext(f"{KML}description")
        assert "$[" not in balloon
        tags = {part.split(">")[0].split(" ")[0].strip("/") for part in balloon.split("<")[1:]}
        assert tags <= {"table", "tr", "th", "td", "p", "b"}


def test_two_runs_give_the_same_bytes_and_the_command_goes_by_the_name(tmp_path, capsys):
    for name in ("a.kmz", "b.kmz"):
        write_kmz(tmp_path / name, layers())
    assert (tmp_path / "a.kmz").read_bytes() == (tmp_path / "b.kmz").read_bytes()
    main_args = ["map", "jiaozuo", "-o", str(tmp_path / "plan.kmz"), "--lang", "zh"]
    with pytest.raises(SystemExit) as done:
        main(main_args)
    assert done.value.code == 0
    assert "三条控制线" in document(tmp_path / "plan.kmz").find(f"{KML}Document/{KML}Folder").findtext(
        f"{KML}name"
    )
    with pytest.raises(SystemExit) as done:
        main([*main_args[:3], str(tmp_path / "plan.pdf"), "--lang", "en"])
    assert done.value.code == 2
    assert "'.pdf' is not written" in capsys.readouterr().err
