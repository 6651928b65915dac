"""A second, invented town compiles from its YAML and reference geometry alone: no code knows a plan."""

from pathlib import Path

import pytest
import shapely

import zoneplan as zp
from zoneplan.errors import InputError
from zoneplan.jobs.auditing import audit
from zoneplan.jobs.loading import build

TOWN = Path(__file__).parent / "towns" / "linxi.yaml"


@pytest.fixture(scope="module")
def layers():
    return zp.compile_plan(zp.load_plan(TOWN))


def test_its_own_structure_and_counts():
    counts = {f.en: f.severity for f in audit(TOWN) if f.code == "audit.count"}
    assert counts == {
        "一核: expected 1, found 1": "info",
        "三轴: expected 3, found 3": "info",
        "四片区: expected 4, found 4": "info",
    }


def test_its_own_three_degree_zone_is_chosen_from_the_data(layers):
    assert layers.crs.to_epsg() == 4544


def test_the_four_quarters_make_up_the_town(layers):
    quarters = layers["district"].query("id != 'core'")
    assert quarters.area.sum() == pytest.approx(layers.zone.area, abs=0.1)
    assert shapely.union_all(quarters.geometry.to_numpy()).area == pytest.approx(layers.zone.area, abs=0.1)


def test_sides_are_where_the_words_say(layers):
    centre = {row.id: row.geometry.centroid for row in layers["district"].itertuples()}
    assert centre["north_west"].x < centre["north_east"].x
    assert centre["south"].y < centre["north_west"].y
    assert centre["hills"].y < centre["south"].y


def test_a_line_that_stops_inside_the_town_is_reported(layers):
    said = [f.en for f in layers.findings if f.code == "plan.drawn_on"]
    assert any("'环山路' does not reach the edge" in text for text in said)


def test_what_is_made_from_derived_features_is_derived(layers):
    assert set(layers["district"]["accuracy"]) == {"derived"}
    assert set(layers["district"]["accuracy_m"]) == {20.0}
    assert set(layers["district"]["source"]) == {"invented"}
    assert not layers.schematic


def test_its_manifest_names_its_inputs():
    manifest = build(TOWN).manifest()
    assert manifest["plan"]["id"] == "linxi"
    assert [(row["role"], row["file"]) for row in manifest["inputs"]] == [
        ("plan", "linxi.yaml"),
        ("reference", "linxi.geojson"),
    ]


@pytest.mark.parametrize("path", sorted((Path(zp.__file__).parent).rglob("*.py")), ids=lambda p: p.name)
def test_no_module_names_the_built_in_plan(path):
    text = (
        path.read_text(encoding="utf-8")
        .replace('DEFAULT_PLAN = "jiaozuo"', "")
        .replace('(``"jiaozuo"``)', "")
    )
    assert "jiaozuo" not in text.lower()
    assert "焦作" not in text


@pytest.mark.parametrize(
    ("crs", "message"),
    [
        (
            "EPSG:4547",
            r"linxi\.yaml:\d+: crs: the data lie at 104.* outside the zone of EPSG:4547.*fits is EPSG:4544",
        ),
        ("EPSG:3857", r"the CRS 'EPSG:3857' should be a CGCS2000 3-degree CRS"),
        ("EPSG:99999", r"the CRS 'EPSG:99999' should be a CGCS2000 3-degree CRS"),
    ],
)
def test_a_crs_that_does_not_fit_the_town_is_refused(tmp_path, crs, message):
    for name in ("linxi.yaml", "linxi.geojson"):
        text = (TOWN.parent / name).read_text(encoding="utf-8")
        (tmp_path / name).write_text(
            text.replace("zone: 临溪镇", f"zone: 临溪镇\ncrs: {crs}", 1), encoding="utf-8"
        )
    with pytest.raises(InputError, match=message):
        build(tmp_path / "linxi.yaml")


def test_a_plan_with_its_reference_gone_says_all_that_is_wrong(tmp_path):
    text = TOWN.read_text(encoding="utf-8").replace("width_m: 300", "widht_m: 300")
    (tmp_path / "linxi.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(
        InputError,
        match=r"(?s)unknown key 'widht_m'; did you mean 'width_m'.*linxi\.geojson: there is no such file",
    ):
        build(tmp_path / "linxi.yaml")
