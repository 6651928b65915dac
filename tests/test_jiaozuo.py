"""The built-in plan: every element of the plan's table, with citation, and the laws it must keep."""

import pytest
import shapely
import yaml

import zoneplan as zp
from zoneplan.audit import audit_layers, audit_plan
from zoneplan.errors import InputError
from zoneplan.jobs.auditing import audit
from zoneplan.resources import PLANS

TABLE = {
    "axis": ["axis_yingbin", "axis_zhongyuan"],
    "belt": ["belt_xinhe", "belt_dashahe"],
    "district": ["district_xinhe_cbd", "district_economic", "district_innovation"],
    "new_city": ["city_evergrande", "city_science", "city_hsr"],
    "group": ["group_liwan", "group_wenchang", "group_shanan"],
    "space": ["space_ecological", "space_agricultural", "space_urban"],
    "control_line": [
        "line_ecological_redline",
        "line_permanent_basic_farmland",
        "line_urban_development_boundary",
    ],
    "ecological_pattern": ["eco_belt_dashahe", "eco_belt_canal", "eco_core_lingquan", "eco_corridors"],
}
CHAPTER = {
    "axis": "第三章", "belt": "第三章", "district": "第三章", "new_city": "第三章", "group": "第七章第三节",
    "space": "第七章第一节", "control_line": "第七章第一节", "ecological_pattern": "第十四章第一节",
}  # fmt: skip


@pytest.fixture(scope="module")
def plan():
    return zp.load_plan("jiaozuo")


@pytest.fixture(scope="module")
def layers(plan):
    return zp.compile_plan(plan)


@pytest.mark.parametrize("kind", TABLE)
def test_every_element_is_there_with_its_citation(layers, kind):
    frame = layers[kind]
    assert list(frame["id"]) == TABLE[kind]
    assert frame["citation"].str.contains(CHAPTER[kind]).all()
    for column in ("name", "name_en", "role", "summary", "source"):
        assert (frame[column].str.len() > 0).all()
    assert (frame["area_m2"] > 0).all()
    assert frame.geometry.is_valid.all()
    assert set(frame["accuracy"]) == {"schematic"}
    assert set(frame["accuracy_m"]) == {1500.0}


def test_the_audit_finds_nothing_wrong_and_shows_the_readings(plan, layers):
    findings = [*audit_plan(plan), *audit_layers(layers, plan)]
    assert [f for f in findings if f.severity == "error"] == []
    assert len([f for f in findings if f.code == "audit.count"]) == 10
    readings = " ".join(f.zh for f in findings if f.code == "plan.interpretation")
    for word in ("沙南", "新河商务中心区", "文昌", "科技创新活力区", "永久基本农田", "开天窗"):
        assert word in readings
    assert any(f.code == "audit.schematic" and "示意" in f.zh for f in findings)


@pytest.mark.parametrize("kind", ["group", "space"])
def test_groups_and_spaces_cover_the_zone_once(layers, kind):
    parts = layers[kind].geometry
    assert parts.area.sum() == pytest.approx(layers.zone.area, abs=0.5)
    assert shapely.union_all(parts.to_numpy()).area == pytest.approx(layers.zone.area, abs=0.5)


def test_areas_close_on_the_ellipsoid_too(layers):
    zone = layers["reference"].query("kind == 'zone'")["area_m2"].iloc[0]
    for kind in ("group", "space"):
        assert layers[kind]["area_m2"].sum() == pytest.approx(zone, rel=1e-8)


def test_elements_lie_where_the_words_say(layers):
    base = layers["reference"].set_index("name").geometry
    element = {row.id: row.geometry for frame in layers.elements.values() for row in frame.itertuples()}
    assert element["group_liwan"].contains(base["恒大文旅城"])
    assert element["group_liwan"].contains(base["李万街道"])
    assert element["group_wenchang"].contains(base["文昌街道"])
    assert element["group_shanan"].contains(base["阳庙镇"])
    assert element["group_shanan"].contains(base["苏家作乡"])
    assert element["group_shanan"].contains(base["灵泉湖"].centroid)
    assert element["city_hsr"].contains(base["焦作南站"])
    assert element["line_ecological_redline"].contains(base["灵泉湖"])
    assert element["district_xinhe_cbd"].centroid.y > element["city_hsr"].centroid.y


def edited(tmp_path, change):
    data = yaml.safe_load((PLANS / "jiaozuo.yaml").read_text(encoding="utf-8"))
    change(data)
    path = tmp_path / "copy.yaml"
    path.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    return path


@pytest.mark.parametrize("index", [0, 1, 2])
def test_a_deleted_group_is_missed(tmp_path, index):
    path = edited(tmp_path, lambda data: data["groups"].pop(index))
    errors = [f.en for f in audit(path) if f.severity == "error"]
    assert "三组团: expected 3, found 2" in errors
    assert any("三组团 does not cover the zone" in text for text in errors)


def test_a_deleted_space_is_missed_even_where_others_need_it(tmp_path):
    path = edited(tmp_path, lambda data: data["spaces"].pop(0))
    with pytest.raises(
        InputError,
        match=r"(?s)三区\(空间\): expected 3, found 2.*no reference feature is named 'space_ecological'",
    ):
        audit(path)


def test_extents_that_refer_to_each_other_are_refused(tmp_path):
    def circle(data):
        data["spaces"][0]["extent"] = {"minus": ["space_urban"], "from": "zone"}

    path = edited(tmp_path, circle)
    with pytest.raises(InputError, match="extents refer to each other"):
        zp.compile_plan(zp.load_plan(path))


def test_an_extent_that_encloses_nothing_is_refused(tmp_path):
    def swapped(data):
        data["districts"][1]["extent"] = {"bounded_by": {"east": "凯旋路", "west": "东海大道"}}

    path = edited(tmp_path, swapped)
    with pytest.raises(
        InputError,
        match=r"copy\.yaml:\d+: districts\[1\]\.extent: the extent of 'district_economic' is empty",
    ):
        zp.compile_plan(zp.load_plan(path))
