"""Siting: the solver's answers against trying every choice; what stops a target; the scenario that comes of it."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Any

import geopandas as gpd
import networkx as nx
import numpy as np
import openpyxl
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import box

from zoneplan import run_scenario
from zoneplan.cli import main
from zoneplan.engine import ellipsoid
from zoneplan.engine.overlay import difference, intersection
from zoneplan.errors import InputError
from zoneplan.io.layers import read_layers
from zoneplan.jobs.loading import compile_plan, load_plan
from zoneplan.jobs.siting import SitingResult, solve_siting
from zoneplan.jobs.sitingfiles import write_siting
from zoneplan.resources import PACKAGE, data_dir
from zoneplan.siting.problem import Cap, Problem, cheapest, cost_terms, largest, least_broken
from zoneplan.siting.task import Siting, json_schema
from zoneplan.siting.units import Candidates, candidates, grid

SAID: dict[str, Any] = {"author": "a", "reason": "r", "date": "2026-11-26"}
TASK: dict[str, Any] = {"base": "x", "units": {"grid_m": 1}, **SAID}
CLOSE_GAP = {"gap": 0.0}


def invented(draw: st.DataObject, n: int) -> Problem:
    """A few units in a row and some cross edges, with whole numbers of hectares."""
    whole = st.integers(0, 9)

    def many(low: int = 0) -> np.ndarray:
        return np.array(draw.draw(st.lists(st.integers(low, 9), min_size=n, max_size=n)), dtype=float)

    frame = gpd.GeoDataFrame(
        {"id": [str(k) for k in range(n)], "area_m2": many(1) * 1e4, "farm": many() * 1e4},
        geometry=[box(k, 0, k + 1, 1) for k in range(n)],
    )
    pairs = [(a, a + 1) for a in range(n - 1)] + ([(0, n - 1)] if n > 2 else [])
    units = Candidates(frame, many(2) * 1000, many() * 100, np.array(pairs), many()[: len(pairs)] * 50)
    ids = frame["id"].tolist()
    locked = draw.draw(st.lists(st.sampled_from(ids), unique=True, max_size=2))
    task = Siting.model_validate(
        TASK | CLOSE_GAP | {
            "target_ha": draw.draw(st.integers(1, 6 * n)), "per_km": draw.draw(st.sampled_from([0.0, 1.0])),
            "contiguity": draw.draw(st.sampled_from(["none", "attached", "together"])),
            "takes": [{"of": "farm", "per_ha": draw.draw(whole)}], "locked_in": locked[:1], "locked_out": locked[1:],
        }
    )  # fmt: skip
    farm = Cap("farm", "", "", float(draw.draw(st.integers(0, 4 * n))))
    growth = Cap("net_growth", "", "", float(draw.draw(st.integers(3, 8 * n))))
    return Problem(task, units, None, (farm,), (growth,), np.full(n, np.nan))


def connected(problem: Problem, chosen: np.ndarray) -> bool:
    """Whether a choice keeps the contiguity asked for."""
    kind, units = problem.task.contiguity, problem.new
    if kind == "none" or not chosen.any():
        return True
    graph = nx.Graph()
    graph.add_nodes_from(np.flatnonzero(chosen))
    graph.add_edges_from((a, b) for a, b in units.pairs if chosen[a] and chosen[b])
    parts = list(nx.connected_components(graph))
    return (
        len(parts) == 1
        if kind == "together"
        else all(any(units.joined_m[n] > 0 for n in part) for part in parts)
    )


def price(problem: Problem, chosen: np.ndarray) -> float:
    """What a choice costs, by its definition."""
    units, task = problem.new, problem.task
    both = np.array([chosen[a] and chosen[b] for a, b in units.pairs], dtype=bool)
    edge = (units.edge_m - 2 * units.joined_m)[chosen].sum() - 2 * units.shared_m[both].sum()
    terms = sum(problem.costs().values(), np.zeros(len(units)))
    return float(terms[chosen].sum() + task.per_km / 1000 * edge)


def every(
    problem: Problem, *, farm: bool = True, growth: bool = True, target: bool = True
) -> list[np.ndarray]:
    """Every choice that keeps what is asked to be kept."""
    units, task = problem.new, problem.task
    locked_in, locked_out = problem.locked(task.locked_in), problem.locked(task.locked_out)
    found = []
    for bits in product([False, True], repeat=len(units)):
        chosen = np.array(bits)
        area, taken = units.area_ha[chosen].sum(), units.taken_ha("farm")[chosen].sum()
        if (
            (not target or area >= task.target_ha)
            and (not farm or taken <= problem.takes[0].most_ha)
            and (not growth or area <= problem.growth[0].most_ha)
            and not (locked_out & chosen).any() and not (locked_in & ~chosen).any()
            and connected(problem, chosen)
        ):  # fmt: skip
            found.append(chosen)
    return found


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_the_solver_agrees_with_trying_every_choice(draw: st.DataObject) -> None:
    problem = invented(draw, draw.draw(st.integers(2, 7)))
    made, able = cheapest(problem), every(problem)
    assert made.found == bool(able)
    if able:
        assert made.cost == pytest.approx(min(price(problem, chosen) for chosen in able), abs=1e-6)
        assert made.cost == pytest.approx(price(problem, made.chosen), abs=1e-6)
        assert sum(cost_terms(problem, made).values()) == pytest.approx(made.cost, abs=1e-6)
        assert any((made.chosen == chosen).all() for chosen in able)
    most = largest(problem)
    free = every(problem, target=False)
    assert most.found == bool(free)
    if free:
        assert -most.cost == pytest.approx(
            max(problem.new.area_ha[chosen].sum() for chosen in free), abs=1e-6
        )


@settings(deadline=None, max_examples=40)
@given(st.data())
def test_what_a_target_breaks_at_least_is_the_least(draw: st.DataObject) -> None:
    problem = invented(draw, draw.draw(st.integers(2, 7)))
    over = {
        "farm": [problem.new.taken_ha("farm")[c].sum() - problem.takes[0].most_ha for c in every(problem, farm=False)],
        "net_growth": [problem.new.area_ha[c].sum() - problem.growth[0].most_ha for c in every(problem, growth=False)],
    }  # fmt: skip
    for key, amounts in over.items():
        made = least_broken(problem, (key,))
        assert made.found == bool(amounts)
        if amounts:
            assert made.slack[key] == pytest.approx(max(0.0, min(amounts)), abs=1e-5)


@settings(deadline=None, max_examples=10)
@given(st.integers(9, 50), st.integers(0, 3))
def test_cells_divide_the_ground(side: int, cut: int) -> None:
    crs = compile_plan(load_plan("jiaozuo")).crs
    ground = difference(
        box(430000, 3890000, 430100, 3890070), box(430010, 3890000, 430010 + 9 * cut, 3890030)
    )
    cells = grid(ground, float(side), crs)
    assert cells["id"].is_unique
    assert shapely.area(shapely.intersection(cells.geometry.to_numpy(), ground)).sum() == pytest.approx(
        ground.area
    )


def test_units_are_measured_where_they_may_lie() -> None:
    layers = compile_plan(load_plan("jiaozuo"))
    to = layers.element("line_urban_development_boundary")["geometry"]
    red = layers.element("line_ecological_redline")["geometry"]
    ground = difference(layers.zone, to)
    made = candidates(grid(layers.zone, 1000, layers.crs), ground, to, {"red": red}, layers)
    whole = ellipsoid.area([ground, intersection(ground, red)], layers.crs)
    assert made.frame["area_m2"].sum() == pytest.approx(whole[0], abs=1)
    assert made.frame["red"].sum() == pytest.approx(whole[1], abs=1)
    joined, alone = made.joined_m > 0, made.joined_m == 0
    near = shapely.distance(made.frame.geometry.to_numpy(), to)
    assert (near[joined] <= 0.01).all()
    assert joined.any()
    assert alone.any()
    assert (made.pairs[:, 0] < made.pairs[:, 1]).all()


def document(folder: Path, **more: Any) -> Path:
    """A siting document in a folder."""
    data = {"schema": "zoneplan.siting/1", "base": "jiaozuo", "target_ha": 100, "units": {"grid_m": 1000}, "takes": [
        {"of": "ecological_redline", "most_ha": 0}, {"of": "permanent_basic_farmland", "most_ha": 0}], **SAID, **more}  # fmt: skip
    path = folder / "siting.yaml"
    path.write_text(pd.Series(data).to_json(force_ascii=False), encoding="utf-8")  # JSON is YAML
    return path


def test_a_choice_is_a_scenario_like_any_other(tmp_path: Path) -> None:
    path = document(tmp_path, contiguity="attached", per_km=2)
    result = solve_siting(path)
    assert result.choice.found
    write_siting(result, tmp_path / "out", home=tmp_path)
    made = run_scenario(tmp_path / "out" / "scenario.yaml")
    area = float(result.units.loc[result.units["state"] == "chosen", "area_m2"].sum())
    assert area >= 100e4 - 1
    (change,) = made.replayed.changes
    assert change.element == "line_urban_development_boundary"
    assert change.gained_m2 == pytest.approx(area, abs=0.05)
    assert change.lost_m2 == pytest.approx(0, abs=0.01)
    for line in ("ecological_redline", "permanent_basic_farmland"):
        (fall,) = [
            f for f in made.falls if f.key.startswith("overlap.") and line in f.key and "urban" in f.key
        ]
        assert fall.change == 0
    ground = made.layers.element("line_urban_development_boundary")["geometry"]
    before = made.base.element("line_urban_development_boundary")["geometry"]
    assert len(shapely.get_parts(ground)) <= len(shapely.get_parts(before))  # attached: no new patch


def test_equal_documents_give_equal_bytes(tmp_path: Path) -> None:
    path = document(tmp_path)
    files = write_siting(solve_siting(path), tmp_path / "a", home=tmp_path)
    write_siting(solve_siting(path), tmp_path / "b", home=tmp_path)
    assert {file.name for file in files} >= {"siting.gpkg", "siting.xlsx", "siting.json", "scenario.yaml"}
    for file in files:
        assert file.read_bytes() == (tmp_path / "b" / file.name).read_bytes(), file.name


def stop(result: SitingResult, key: str) -> Any:
    assert result.reasons is not None
    return next(one for one in result.reasons.stops if one.key == key)


def test_what_stops_a_target_is_told_and_true(tmp_path: Path) -> None:
    result = solve_siting(document(tmp_path, target_ha=1500))
    assert result.choice.status == "infeasible"
    assert result.reasons is not None
    assert result.reasons.most_ha < 1500
    codes = [one.code for one in result.findings]
    assert codes[0] == "siting.target"
    farm = stop(result, "permanent_basic_farmland")
    assert farm.enough
    takes = [
        {"of": "ecological_redline", "most_ha": 0},
        {"of": "permanent_basic_farmland", "most_ha": farm.over_ha + 2e-5},
    ]
    assert solve_siting(document(tmp_path, target_ha=1500, takes=takes)).choice.found
    takes[1]["most_ha"] = farm.over_ha - 1e-3
    assert not solve_siting(document(tmp_path, target_ha=1500, takes=takes)).choice.found
    reach = solve_siting(document(tmp_path, target_ha=result.reasons.most_ha - 1e-3))
    assert reach.choice.found


def test_locks_that_are_in_the_way_are_named(tmp_path: Path) -> None:
    free = solve_siting(document(tmp_path))
    largest_one = largest(free.problem)
    ids = free.problem.new.frame["id"][largest_one.chosen].tolist()
    result = solve_siting(document(tmp_path, target_ha=-largest_one.cost - 1e-3, locked_out=ids[:3]))
    out = stop(result, "locked_out")
    assert out.enough
    assert set(out.units) == set(ids[:3])
    area = free.problem.new.frame.set_index("id")["area_m2"]
    assert out.over_ha == pytest.approx(area[ids[:3]].sum() / 1e4)
    assert (result.units.loc[result.units["id"].isin(ids[:3]), "state"] == "locked_out").all()


def test_contradictory_locks_are_told_before_solving(tmp_path: Path) -> None:
    free = solve_siting(document(tmp_path))
    frame = free.problem.new.frame
    red = frame.loc[frame["ecological_redline"] > 0, "id"].iloc[0]
    path = document(tmp_path, locked_in=[red, "nowhere"], locked_out=[red], net_growth_most_ha=0.5)
    with pytest.raises(InputError) as caught:
        solve_siting(path)
    text = caught.value.text("en")
    for words in (
        f"unit {red} is locked in and out",
        "no unit 'nowhere'",
        "ha of 'most of",
        "over 'most net growth'",
    ):
        assert words in text
    assert "siting.yaml:" in text


def test_the_cheapest_ground_is_given_back(tmp_path: Path) -> None:
    layers = compile_plan(load_plan("jiaozuo"))
    to = layers.element("line_urban_development_boundary")["geometry"]
    x, y = to.representative_point().coords[0]
    cells = [box(x + 100 * n, y, x + 100 * n + 90, y + 90) for n in range(-3, 3)]
    cells = [cell for cell in cells if to.contains(cell)]
    price_of = [5.0, 1.0, 3.0, 2.0, 4.0, 6.0][: len(cells)]
    assert len(cells) >= 3
    back = gpd.GeoDataFrame({"price": price_of}, geometry=cells, crs=layers.crs)
    back.to_file(tmp_path / "back.gpkg")
    give = {"units": {"file": "back.gpkg"}, "per_ha_field": "price"}
    small = {"file": "new.gpkg"}
    cut = difference(layers.zone, to)
    spot = grid(cut, 500, layers.crs)
    spot = spot[shapely.contains(cut, spot.geometry.to_numpy())].iloc[:1]
    piece = spot.geometry.iloc[0]
    west, south, *_ = piece.bounds
    gpd.GeoDataFrame(geometry=[box(west, south, west + 100, south + 100)], crs=layers.crs).to_file(
        tmp_path / "new.gpkg"
    )
    result = solve_siting(
        document(tmp_path, target_ha=0.99, units=small, takes=[], net_growth_most_ha=0, give_back=give)
    )
    assert result.choice.found
    assert result.given_back is not None
    given = result.given_back.loc[result.given_back["state"] == "given", "price"].tolist()
    assert sorted(given) == sorted(price_of)[:2]  # 0.81 ha each, 0.99 ha wanted
    write_siting(result, tmp_path / "out", home=tmp_path)
    made = run_scenario(tmp_path / "out" / "scenario.yaml")
    lost = sum(change.lost_m2 for change in made.replayed.changes)
    assert lost == pytest.approx(2 * 8100, rel=1e-3)


def test_steep_units_and_unknown_slopes_are_not_chosen(tmp_path: Path) -> None:
    layers = compile_plan(load_plan("jiaozuo"))
    to = layers.element("line_urban_development_boundary")["geometry"]
    cells = grid(difference(layers.zone, to), 1000, layers.crs).iloc[:30].copy()
    cells["deg"] = [30.0 if n % 3 == 0 else None if n % 3 == 1 else 2.0 for n in range(len(cells))]
    cells.to_file(tmp_path / "units.gpkg")
    units = {"file": "units.gpkg", "id_field": "id"}
    made = solve_siting(
        document(
            tmp_path,
            target_ha=50,
            units=units,
            takes=[],
            slope={"field": "deg", "most": 25, "per_ha_degree": 1},
        )
    )
    assert made.choice.found
    assert (made.units.loc[made.units["state"] == "chosen", "slope"] == 2.0).all()
    assert "siting.slope_unknown" in {one.code for one in made.findings}


def test_slopes_are_measured_on_the_ground_of_units(tmp_path: Path) -> None:
    dem = data_dir() / "samples" / "dem.tif"
    (tmp_path / "dem.tif").write_bytes(dem.read_bytes())
    free = solve_siting(document(tmp_path, takes=[], slope={"dem": ["dem.tif"], "per_ha_degree": 0.1}))
    known = free.problem.slope[np.isfinite(free.problem.slope)]
    assert len(known) == len(free.problem.new)
    limit = float(np.quantile(known, 0.2))
    made = solve_siting(document(tmp_path, takes=[], slope={"dem": ["dem.tif"], "most": limit}))
    assert made.choice.found
    assert (made.units.loc[made.units["state"] == "chosen", "slope"] <= limit).all()
    assert (made.units["state"] == "too_steep").sum() == (known > limit).sum()


def test_every_fault_of_a_document_at_once(tmp_path: Path) -> None:
    path = document(
        tmp_path,
        to="urban_developmnt_boundary",
        takes=[{"of": "red", "most_ha": 0}],
        units={"file": "none.shp"},
    )
    with pytest.raises(InputError) as caught:
        solve_siting(path)
    text = caught.value.text("en")
    assert "did you mean 'urban_development_boundary'" in text
    assert "there is no 'red'" in text
    assert "none.shp" in text
    with pytest.raises(InputError) as caught:
        solve_siting(document(tmp_path, target_ha=-1, units={"file": "a.shp", "grid_m": 5}))
    assert "exactly one of `file`, `grid_m`" in caught.value.text("en")
    assert "target_ha" in caught.value.text("en")


def test_the_command_says_by_its_exit_code(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for more, code in (({}, 0), ({"target_ha": 5000}, 1), ({"target_ha": "x"}, 2)):
        with pytest.raises(SystemExit) as stopped:
            main(["siting", str(document(tmp_path, **more)), "-o", str(tmp_path / "out")])
        assert stopped.value.code == code
    out = capsys.readouterr()
    assert "Traceback" not in out.err
    book = openpyxl.load_workbook(tmp_path / "out" / "siting.xlsx")
    assert "原因 Reasons" in book.sheetnames
    assert "示意" in str(book["结果 Result"]["A1"].value)


def test_the_sample_and_the_schema_are_current(tmp_path: Path) -> None:
    import json

    shipped = json.loads((PACKAGE / "siting" / "siting.schema.json").read_text(encoding="utf-8"))
    assert shipped == json_schema()
    sample = data_dir() / "samples" / "siting.yaml"
    assert solve_siting(sample).choice.found


def test_finished_layers_are_a_base_too(tmp_path: Path) -> None:
    from zoneplan.io.layers import write_layers

    write_layers(tmp_path / "layers.gpkg", compile_plan(load_plan("jiaozuo")))
    result = solve_siting(document(tmp_path, base="layers.gpkg"))
    write_siting(result, tmp_path / "deep" / "out", home=tmp_path)
    made = run_scenario(tmp_path / "deep" / "out" / "scenario.yaml")
    assert made.base.crs == read_layers(tmp_path / "layers.gpkg").crs
    assert made.replayed.changes
