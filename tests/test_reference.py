"""Better geometry by name: OpenStreetMap extracts, surveyed files and authoritative layers."""

import geopandas as gpd
import osmium
import pyogrio
import pytest
import shapely

import zoneplan as zp
from zoneplan.errors import InputError
from zoneplan.io.reference import match_reference, read_reference
from zoneplan.jobs.loading import build
from zoneplan.resources import data_dir

BASE = data_dir() / "boundaries" / "jiaozuo.geojson"


@pytest.fixture(scope="module")
def plan():
    return zp.load_plan("jiaozuo")


@pytest.fixture(scope="module")
def schematic(plan):
    return zp.compile_plan(plan)


@pytest.fixture(scope="module")
def extract(tmp_path_factory):
    """A real .osm.pbf: a river in two ways, a road under another name, a lake as a relation, a station, and noise."""
    path = tmp_path_factory.mktemp("osm") / "jiaozuo.osm.pbf"
    nodes: list[tuple[float, float]] = []

    def add(*points):
        nodes.extend(points)
        return list(range(len(nodes) - len(points) + 1, len(nodes) + 1))

    west = add((113.07, 35.140), (113.15, 35.150), (113.24, 35.155))
    east = [west[-1], *add((113.30, 35.155), (113.41, 35.150))]
    road = add((113.2445, 35.22), (113.247, 35.17), (113.248, 35.14))
    shore = add((113.170, 35.160), (113.180, 35.160), (113.180, 35.168), (113.170, 35.168))
    station = add((113.2500, 35.1450))
    elsewhere = add((114.0, 36.0), (114.1, 36.0))
    ways = {
        1: (west, {"waterway": "river", "name": "大沙河"}),
        2: (east, {"waterway": "river", "name": "大沙河"}),
        3: (road, {"highway": "primary", "name": "民主南路"}),
        4: ([*shore, shore[0]], {}),
        5: (elsewhere, {"highway": "primary", "name": "中原路"}),
        6: (
            add((113.285, 35.22), (113.286, 35.18), (113.287, 35.11)),
            {"highway": "primary", "name": "Zhongyuan Rd", "alt_name": "中原路;老中原路"},
        ),
    }
    with osmium.SimpleWriter(str(path)) as writer:
        for number, (lon, lat) in enumerate(nodes, start=1):
            tags = {"railway": "station", "name": "焦作南站"} if [number] == station else {}
            writer.add_node(osmium.osm.mutable.Node(id=number, location=(lon, lat), tags=tags, version=1))
        for number, (members, tags) in ways.items():
            writer.add_way(osmium.osm.mutable.Way(id=number, nodes=members, tags=tags, version=1))
        lake = {"type": "multipolygon", "natural": "water", "name": "灵泉湖"}
        writer.add_relation(
            osmium.osm.mutable.Relation(id=1, members=[("w", 4, "outer")], tags=lake, version=1)
        )
    return path


def test_an_extract_replaces_features_by_name_and_alias(extract):
    base = read_reference(BASE)
    better, said = match_reference(base, extract)
    row = better.set_index("name")
    assert row.loc["大沙河", "geometry"].geom_type == "LineString"
    assert len(row.loc["大沙河", "geometry"].coords) == 5
    assert row.loc["民主路", "geometry"].coords[1] == pytest.approx((113.247, 35.17))
    assert row.loc["灵泉湖", "geometry"].geom_type in ("Polygon", "MultiPolygon")
    assert row.loc["焦作南站", "geometry"].coords[0] == pytest.approx((113.25, 35.145))
    assert row.loc["中原路", "geometry"].bounds[2] < 113.3, (
        "the road of that name in another county must not count"
    )
    assert row.loc["大沙河", "accuracy"] == "derived"
    assert row.loc["大沙河", "accuracy_m"] == 10
    assert "OpenStreetMap" in row.loc["大沙河", "source"]
    assert row.loc["迎宾路", "accuracy"] == "schematic"
    assert {f.feature[0] for f in said if f.code == "reference.replaced"} == {
        "大沙河",
        "民主路",
        "灵泉湖",
        "焦作南站",
        "中原路",
    }
    assert len(better) == len(base)


def test_zones_re_derive_and_their_accuracy_follows(plan, schematic, extract, tmp_path):
    base = gpd.read_file(BASE)
    zone = base[base["kind"] == "zone"].assign(accuracy="surveyed", accuracy_m=0.5, source="boundary survey")
    survey = tmp_path / "zone.shp"
    zone[["name", "accuracy", "accuracy_m", "source", "geometry"]].to_crs(4547).to_file(
        survey, encoding="utf-8"
    )
    motorway = base[base["name"] == "郑焦晋高速公路"].assign(accuracy="surveyed", accuracy_m=1.0)
    surveyed = tmp_path / "roads.gpkg"
    pyogrio.write_dataframe(motorway, surveyed)
    better = zp.compile_plan(plan, reference=[extract, survey, surveyed])
    group = better.element("group_liwan")
    assert group["accuracy"] == "derived"
    assert group["accuracy_m"] == 10
    assert "OpenStreetMap" in group["source"]
    assert not group.geometry.equals(schematic.element("group_liwan").geometry)
    assert better["group"].area.sum() == pytest.approx(better.zone.area, abs=0.5)
    assert better.element("axis_yingbin")["accuracy"] == "schematic"
    assert better.element("city_hsr")["accuracy"] == "schematic", (
        "an extent that the plan does not state stays 示意"
    )


def test_an_authoritative_layer_takes_the_place_of_the_compiled_one(plan, schematic, tmp_path):
    zone = schematic.zone
    west, south, east, north = zone.bounds
    patch = shapely.box(west, south, (west + east) / 2, north)
    path = tmp_path / "yjjbnt.gpkg"
    for name in ("YJJBNTTB", "other"):
        pyogrio.write_dataframe(
            gpd.GeoDataFrame({"BSM": ["1"]}, geometry=[patch], crs=4547),
            path,
            layer=name,
            append=path.exists(),
        )
    built = build("jiaozuo", layers={"permanent_basic_farmland": f"{path}:YJJBNTTB"})
    farmland = built.layers.element("line_permanent_basic_farmland")
    assert farmland["accuracy"] == "surveyed"
    assert farmland["source"] == "yjjbnt.gpkg"
    assert farmland.geometry.area == pytest.approx(patch.intersection(zone).area, abs=0.1)
    boundary = built.layers.element("line_urban_development_boundary").geometry
    assert boundary.intersection(farmland.geometry).area == pytest.approx(0, abs=0.1), "开天窗"
    assert boundary.area < schematic.element("line_urban_development_boundary").geometry.area - 1e6
    assert ("layer permanent_basic_farmland", path) in built.inputs


def test_a_layer_file_with_several_layers_must_be_told_which(plan, tmp_path):
    path = tmp_path / "two.gpkg"
    frame = gpd.GeoDataFrame({"a": [1]}, geometry=[shapely.box(420000, 3890000, 420100, 3890100)], crs=4547)
    for name in ("one", "two"):
        pyogrio.write_dataframe(frame, path, layer=name, append=path.exists())
    with pytest.raises(InputError, match="there are several layers, write PATH:LAYER; there are: one, two"):
        zp.compile_plan(plan, layers={"permanent_basic_farmland": path})


def test_a_name_with_the_wrong_geometry_is_a_fault(tmp_path):
    path = tmp_path / "r.gpkg"
    frame = gpd.GeoDataFrame({"name": ["大沙河"]}, geometry=[shapely.box(113.2, 35.1, 113.3, 35.2)], crs=4490)
    pyogrio.write_dataframe(frame, path)
    with pytest.raises(InputError, match="'大沙河' should be a LineString; the file has Polygon only"):
        match_reference(read_reference(BASE), path)


def test_a_gbk_shapefile_without_cpg_is_read_right(tmp_path):
    path = tmp_path / "roads.shp"
    line = shapely.LineString([(113.285, 35.22), (113.29, 35.12)])
    gpd.GeoDataFrame({"MC": ["中原路"]}, geometry=[line], crs=4490).to_file(path, encoding="gbk")
    (tmp_path / "roads.cpg").unlink()
    better, _ = match_reference(read_reference(BASE), path)
    assert better.set_index("name").loc["中原路", "geometry"].equals_exact(line, 1e-9)


def test_every_fault_of_a_reference_file_at_once(tmp_path):
    path = tmp_path / "r.gpkg"
    east, north = 12_600_000, 4_180_000
    bow = shapely.Polygon([(east, north), (east + 1, north + 1), (east + 1, north), (east, north + 1)])
    frame = gpd.GeoDataFrame({"name": ["a", "b"]}, geometry=[bow, shapely.Point()], crs=3857)
    pyogrio.write_dataframe(frame, path)
    with pytest.raises(
        InputError, match=r"(?s)a: invalid geometry.*b: the geometry is empty.*Web Mercator|Web Mercator"
    ) as caught:
        read_reference(path)
    assert {fault.code for fault in caught.value.faults} == {
        "geometry.invalid",
        "geometry.empty",
        "crs.web_mercator",
    }
