"""Scenarios: a replay gives the same bytes, waterfalls close, the base stays, faults come all at once."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import geopandas as gpd
import openpyxl
import pytest
import shapely
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import box

from zoneplan import Scenario, compile_plan, load_plan, run_scenario
from zoneplan.cli import cli, main
from zoneplan.errors import InputError
from zoneplan.io.layers import write_layers
from zoneplan.jobs.scenariofiles import write_diff, write_scenario
from zoneplan.jobs.scenarios import open_scenario, sweep
from zoneplan.resources import PACKAGE, data_dir
from zoneplan.scenario.boundary import moved
from zoneplan.scenario.edits import Expand, Shift, Shrink
from zoneplan.scenario.indicators import Indicator
from zoneplan.scenario.scenario import Figures, json_schema
from zoneplan.scenario.waterfall import judge, read_limits, waterfall

SAMPLE = data_dir() / "samples" / "scenario.yaml"
SAID: dict[str, Any] = {"author": "a", "reason": "r", "date": "2026-11-24"}
GROWTH = "urban_development_boundary"


def square(kind: type, **fields: Any) -> Any:
    return kind(id="e", target="t", **SAID, **fields)


@pytest.fixture(scope="module")
def result() -> Any:
    return run_scenario(SAMPLE)


def test_replay_gives_the_same_bytes(result: Any, tmp_path: Path) -> None:
    once = write_scenario(result, tmp_path / "a")
    write_scenario(run_scenario(SAMPLE), tmp_path / "b")
    assert {path.name for path in once} >= {
        "layers.gpkg",
        "changed.gpkg",
        "compare.html",
        "scenario.xlsx",
        "scenario.json",
    }
    for path in once:
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes(), path.name


def test_contributions_add_up_as_printed(result: Any) -> None:
    for fall in result.falls:
        if fall.change is not None:
            assert fall.before + sum(step for _, step in fall.steps) == fall.after
            assert sum((step for _, step in fall.steps), Decimal(0)) == fall.change
    assert any(fall.change for fall in result.falls)


def test_the_base_stays_and_only_touched_elements_change(result: Any) -> None:
    again = compile_plan(load_plan("jiaozuo"))
    touched = {change.element for change in result.replayed.changes}
    for kind, frame in again.elements.items():
        assert shapely.equals_exact(frame.geometry.to_numpy(), result.base[kind].geometry.to_numpy()).all()
        for before, after in zip(frame.itertuples(), result.layers[kind].itertuples(), strict=True):
            same = shapely.equals_exact(before.geometry, after.geometry)
            assert same == (before.id not in touched), before.id


def test_edits_of_one_element_in_either_order_give_the_same_ground() -> None:
    parts = [box(113.2, 35.15, 113.21, 35.16), box(113.3, 35.15, 113.31, 35.16)]
    made = Scenario("jiaozuo")
    for name, part in zip("ab", parts, strict=True):
        made = made.exclude(GROWTH, id=name, area={"wkt": part.wkt}, **SAID)
    one, other = run_scenario(made), run_scenario(made.reordered(["b", "a"]))
    shapes = [r.layers.element(f"line_{GROWTH}").geometry for r in (one, other)]
    assert shapes[0].symmetric_difference(shapes[1]).area < 1e-3
    assert [f.after for f in one.falls] == [f.after for f in other.falls]
    assert [name for name, _ in other.falls[0].steps] == ["b", "a"]


def test_all_edits_off_is_the_base(tmp_path: Path) -> None:
    opened = open_scenario(SAMPLE).scenario
    off = run_scenario(opened.without(*(edit.id for edit in opened.edits)))
    for name, layers in (("a.gpkg", off.layers), ("b.gpkg", off.base)):
        write_layers(tmp_path / name, layers)
    assert (tmp_path / "a.gpkg").read_bytes() == (tmp_path / "b.gpkg").read_bytes()
    assert all(fall.before == fall.after for fall in off.falls)


def test_scenarios_are_immutable() -> None:
    empty = Scenario("jiaozuo")
    assert len(empty.shift(GROWTH, id="x", metres=1, direction="east", **SAID).edits) == 1
    assert empty.edits == ()


@given(st.floats(0, 359.9), st.floats(0.5, 500))
def test_a_shift_keeps_the_area_and_moves_by_metres(azimuth: float, metres: float) -> None:
    shape = box(0, 0, 1000, 800)
    after = moved(shape, square(Shift, metres=metres, direction=azimuth), None)
    assert after.area == pytest.approx(shape.area)
    assert after.centroid.distance(shape.centroid) == pytest.approx(metres)


@settings(deadline=None, max_examples=25)
@given(st.integers(1, 300))
def test_one_side_of_a_square_moves_alone(metres: int) -> None:
    shape = box(0, 0, 1000, 800)
    for side, direction, bounds in (
        ("east", "east", (0, 0, 1000 + metres, 800)),
        ("east", "west", (0, 0, 1000 - metres, 800)),
        ("north", "north", (0, 0, 1000, 800 + metres)),
    ):
        after = moved(shape, square(Shift, metres=metres, direction=direction, side=side), None)
        assert after.symmetric_difference(box(*bounds)).area < 1e-2
    grown = moved(shape, square(Expand, metres=metres, side="west"), None)
    shrunk = moved(shape, square(Shrink, metres=metres, side="south"), None)
    assert grown.symmetric_difference(box(-metres, 0, 1000, 800)).area < 1e-2
    assert shrunk.symmetric_difference(box(0, metres, 1000, 800)).area < 1e-2


@given(st.lists(st.decimals(-1000, 1000, places=4), min_size=1, max_size=8))
def test_waterfalls_close_and_limits_name_the_first_edit(values: list[Decimal]) -> None:
    stages = [{"expansion_factor": Indicator("expansion_factor", "", "", "", value)} for value in values]
    ids = [f"e{n}" for n in range(1, len(values))]
    (fall,) = waterfall(ids, stages)
    assert values[0] + sum((step for _, step in fall.steps if step is not None), Decimal(0)) == values[-1]
    (judged,) = judge([fall], read_limits(Figures()))
    broken = [n for n, value in enumerate(values) if value > Decimal("1.3")]
    assert judged.state == ("broken" if values[-1] > Decimal("1.3") else "kept")
    assert judged.first == (["base", *ids][broken[0]] if broken else "")
    if judged.state == "broken":
        assert judged.over == values[-1] - Decimal("1.3")


def test_a_limit_without_a_value_is_never_kept() -> None:
    stages = [{"expansion_factor": Indicator("expansion_factor", "", "", "", None, "why")}]
    assert judge(waterfall([], stages), read_limits(Figures()))[0].state == "not_computed"


def test_a_boundary_emptied_is_an_error_with_the_edits_id() -> None:
    made = run_scenario(Scenario("jiaozuo").shrink(GROWTH, id="gone", metres=90000, **SAID))
    found = [one for one in made.findings if one.code == "scenario.empty"]
    assert found[0].severity == "error"
    assert "gone" in found[0].feature
    assert made.layers.element(f"line_{GROWTH}")["area_m2"] == 0


def test_a_swap_says_what_is_short_steep_and_apart(tmp_path: Path) -> None:
    give = gpd.GeoDataFrame({"slope": ["30"]}, geometry=[box(113.123, 35.1365, 113.1235, 35.1368)], crs=4490)
    give.to_file(tmp_path / "give.geojson")
    take = box(113.08899, 35.12508, 113.0912, 35.1269)
    made = Scenario("jiaozuo").swap_farmland(
        id="swap", take={"wkt": take.wkt}, give={"file": str(tmp_path / "give.geojson")}, slope_field="slope", **SAID
    )  # fmt: skip
    codes = {one.code: one.severity for one in run_scenario(made).findings}
    assert codes["scenario.swap_short"] == codes["scenario.swap_steep"] == "error"
    assert codes["scenario.swap_contiguity"] == "warning"


def test_every_fault_is_named_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "s.yaml"
    said = "author: a, reason: r, date: 2026-11-24"
    path.write_text(
        "schema: zoneplan.scenario/1\nbase: jiaozuo\nedits:\n"
        f"  - {{id: a, kind: shfit, {said}}}\n"
        f"  - {{id: b, kind: shift, target: x, metres: -3, direction: east, {said}}}\n"
        f"  - {{id: c, kind: widen, target: x, line: y, {said}}}\n",
        encoding="utf-8",
    )
    with pytest.raises(InputError, match=r"(?s)s\.yaml:4.*s\.yaml:5.*s\.yaml:6"):
        open_scenario(path)


def test_misspelt_names_are_all_refused() -> None:
    made = Scenario("jiaozuo").shrink("urban_developmnt_boundary", id="a", metres=1, **SAID)
    made = made.widen("ecological_redline", id="b", line="大沙江", width_m=9, **SAID)
    with pytest.raises(InputError, match=r"(?s)a: target.*urban_development_boundary.*b: line.*大沙河"):
        run_scenario(made)


def test_a_branch_takes_the_edits_up_to_one(tmp_path: Path) -> None:
    (tmp_path / "stem.yaml").write_text(SAMPLE.read_text(encoding="utf-8"), encoding="utf-8")
    (tmp_path / "branch.yaml").write_text(
        "schema: zoneplan.scenario/1\nid: branch\nbase: stem.yaml\nuntil: swap\n", encoding="utf-8"
    )
    opened = open_scenario(tmp_path / "branch.yaml").scenario
    assert [edit.id for edit in opened.edits] == ["grow-east", "swap"]
    assert opened.base == "jiaozuo"
    assert opened.figures.current_urban_land_ha is not None


def test_a_rule_needs_a_number_that_is_there() -> None:
    made = Scenario("jiaozuo").rule("eco_belt_canal", id="a", parameter="width", value=3, **SAID)
    with pytest.raises(InputError, match=r"there are: width_m = 400"):
        run_scenario(made)


def test_diff_and_sweep(result: Any, tmp_path: Path) -> None:
    opened = open_scenario(SAMPLE).scenario
    write_diff(result, run_scenario(opened.without("river")), tmp_path)
    data = json.loads((tmp_path / "diff.json").read_text(encoding="utf-8"))
    word = {row["id"]: row["comparison"] for row in data["edits"]}
    assert word["river"].startswith("不同")
    assert word["swap"].startswith("相同")
    red = next(row for row in data["indicators"] if row["key"] == "area.line_ecological_redline")
    assert Decimal(red["difference"]) == Decimal(red["b"]) - Decimal(red["a"]) < 0
    grown = [
        made.falls[3].after for _, made in sweep(opened, edit="river", parameter="width_m", values=[350, 450])
    ]
    assert grown[0] < grown[1]


def test_the_command(tmp_path: Path) -> None:
    made = CliRunner().invoke(
        cli, ["scenario", str(SAMPLE), "--without", "river", "-o", str(tmp_path)], obj="zh"
    )
    assert made.exit_code == 1, made.output  # limits are broken
    assert "扩展倍数" in made.output
    assert (tmp_path / "scenario.xlsx").is_file()
    with pytest.raises(SystemExit, match=r"2"):
        main(
            [
                "scenario",
                "sweep",
                str(SAMPLE),
                "--edit",
                "river",
                "--parameter",
                "width_m",
                "--values",
                "9:1:1",
            ]
        )


def test_the_shipped_schema_is_current() -> None:
    shipped = json.loads((PACKAGE / "scenario" / "scenario.schema.json").read_text(encoding="utf-8"))
    assert shipped == json_schema()


def test_parcels_are_counted_after_every_edit() -> None:
    parcels = data_dir() / "samples" / "parcels.geojson"
    made = run_scenario(SAMPLE, parcels=parcels, id_field="DKBH", use_field="use")
    counts = [fall for fall in made.falls if fall.key.startswith("parcels.")]
    for stage in zip(*(fall.values for fall in counts), strict=True):
        assert sum(stage) == 57
    assert any(fall.change for fall in counts)


def test_roads_take_land_and_rules_keep_earlier_edits() -> None:
    bit = box(113.08899, 35.12508, 113.0912, 35.1269)
    made = (
        Scenario("jiaozuo")
        .exclude("permanent_basic_farmland", id="out", area={"wkt": bit.wkt}, **SAID)
        .road(id="road", centre={"coordinates": [(113.09, 35.13), (113.11, 35.13)]}, width_m=40,
              take_from="permanent_basic_farmland", **SAID)
        .rule("eco_belt_canal", id="belt", parameter="width_m", value=500, **SAID)
    )  # fmt: skip
    result = run_scenario(made)
    ground = result.layers.element("line_permanent_basic_farmland").geometry
    again = gpd.GeoSeries([bit], crs=4490).to_crs(result.layers.crs).iloc[0]
    assert ground.intersection(again).area < 1e-3
    assert {change.edit for change in result.replayed.changes} >= {"out", "belt"}


def test_finished_layers_are_a_base_without_rules(result: Any, tmp_path: Path) -> None:
    write_layers(tmp_path / "layers.gpkg", result.base)
    empty = Scenario(tmp_path / "layers.gpkg").shrink(GROWTH, id="gone", metres=90000, **SAID)
    made = run_scenario(empty, parcels=data_dir() / "samples" / "parcels.geojson", id_field="DKBH")
    assert tmp_path / "out" / "layers.gpkg" in write_scenario(made, tmp_path / "out")
    counts = [fall for fall in made.falls if fall.key.startswith("parcels.")]
    assert len(counts) == 4
    for fall in counts:  # conflicts with a line that lost its ground are not counted as gone
        assert fall.before is not None
        assert fall.after is None
    with pytest.raises(InputError, match=r"a: parameter: the base is finished layers"):
        run_scenario(
            Scenario(tmp_path / "layers.gpkg").rule(
                "eco_belt_canal", id="a", parameter="width_m", value=3, **SAID
            )
        )


def test_the_sheet_adds_up(result: Any, tmp_path: Path) -> None:
    write_scenario(result, tmp_path)
    sheet = openpyxl.load_workbook(tmp_path / "scenario.xlsx").worksheets[0]
    rows = [row for row in sheet.iter_rows(min_row=3, values_only=True) if row[2] is not None]
    edits = len(result.replayed.stages)
    assert len(rows) > 10
    for row in rows:
        whole = sum((Decimal(repr(value)) for value in row[2 : 3 + edits]), Decimal(0))
        assert whole == Decimal(repr(row[3 + edits])), row[0]
