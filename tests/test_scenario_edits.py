"""Edits of scenarios, one kind at a time, on a square where everything can be worked out by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
import shapely
from pyproj import CRS
from shapely.geometry import LineString, box

from zoneplan.errors import InputError
from zoneplan.layers import LayerSet
from zoneplan.scenario.edits import Edit, Shape
from zoneplan.scenario.replay import Replayed, replay
from zoneplan.scenario.scenario import Scenario
from zoneplan.scenario.state import Base

SAID: dict[str, Any] = {"author": "a", "reason": "r", "date": "2026-11-26"}
CRS_4547 = CRS.from_epsg(4547)
X, Y = 430_000.0, 3_890_000.0
GROWTH, FARM = "urban_development_boundary", "permanent_basic_farmland"


def ground(west: float, south: float, east: float, north: float) -> Any:
    """A rectangle in metres from the corner of the zone."""
    return box(X + west, Y + south, X + east, Y + north)


def frame(rows: list[tuple[str, str, Any]]) -> gpd.GeoDataFrame:
    """A layer with the columns of a `LayerSet`."""
    table = {
        "id": [row[0] for row in rows], "name": [row[0] for row in rows], "name_en": [row[0] for row in rows], "kind": [row[1] for row in rows],
        "role": "", "citation": "", "summary": "", "accuracy": "derived", "accuracy_m": 1.0, "source": "",
        "area_m2": [row[2].area or float("nan") for row in rows], "component": "",
    }  # fmt: skip
    return gpd.GeoDataFrame(table, geometry=[row[2] for row in rows], crs=CRS_4547)


@pytest.fixture
def base() -> Base:
    """A zone of 10 × 10 km: a city in its west half, farmland east of it, a road from west to east."""
    lines = [
        (f"line_{GROWTH}", "control_line", ground(0, 0, 5000, 10000)),
        (f"line_{FARM}", "control_line", ground(5000, 0, 9000, 10000)),
    ]
    road = LineString([(X, Y + 5000), (X + 10000, Y + 5000)])
    spaces = [
        ("urban", "space", ground(0, 0, 5000, 10000)),
        ("rural", "space", ground(5000, 0, 10000, 10000)),
    ]
    frames = {
        "space": frame(spaces), "control_line": frame(lines),
        "reference": frame([("zone", "zone", ground(0, 0, 10000, 10000)), ("大路", "road", road)]),
    }  # fmt: skip
    return Base(LayerSet(frames, CRS_4547, "t", "t"))


def run(base: Base, made: Scenario) -> Replayed:
    """Replayed; its files lie where their paths say."""

    def read(_: Edit, __: str, shape: Shape) -> gpd.GeoDataFrame:
        return gpd.read_file(str(shape.file))

    return replay(made, base, read=read)


def after(made: Replayed, name: str) -> Any:
    """The ground of an element in the end."""
    return made.layers.element(name)["geometry"]


def same(one: Any, other: Any) -> bool:
    """Equal but for a square centimetre."""
    return bool(one.symmetric_difference(other).area < 1e-4)


def test_only_edges_near_the_line_move(base: Base) -> None:
    corners = [(0, 0), (5000, 0), (5000, 4000), (5000, 6000), (5000, 10000), (0, 10000)]
    city = shapely.Polygon([(X + x, Y + y) for x, y in corners])
    lines = base.layers["control_line"].copy()
    lines.loc[0, "geometry"] = city
    base = Base(LayerSet({**base.layers.frames, "control_line": lines}, CRS_4547, "t", "t"))
    for edit, wanted in (
        ("expand", city.union(ground(5000, 4000, 5100, 6000))),
        ("shrink", city.difference(ground(4900, 4000, 5000, 6000)).difference(ground(0, 0, 100, 10000))),
    ):
        made = run(
            base, Scenario("x").add(edit, target=GROWTH, id="a", metres=100, along="大路", near_m=50, **SAID)
        )
        assert same(after(made, f"line_{GROWTH}"), wanted), edit  # the west edge lies on the road too
    moved = Scenario("x").shift(
        GROWTH, id="a", metres=70, direction="east", along="大路", side="east", **SAID
    )
    assert same(after(run(base, moved), f"line_{GROWTH}"), city.union(ground(5000, 4000, 5070, 6000)))


def test_reclassified_parcels_leave_every_other_element_of_the_kind(base: Base, tmp_path: Path) -> None:
    parcels = gpd.GeoDataFrame(
        {"BH": ["1", "2"]}, geometry=[ground(4000, 0, 6000, 1000), ground(8000, 0, 9000, 500)], crs=CRS_4547
    )
    parcels.to_file(tmp_path / "p.gpkg")
    shape = {"file": str(tmp_path / "p.gpkg"), "field": "BH", "values": ["1"]}
    made = run(base, Scenario("x").reclassify("urban", id="a", parcels=shape, **SAID))
    assert same(after(made, "urban"), shapely.union(ground(0, 0, 5000, 10000), ground(4000, 0, 6000, 1000)))
    assert same(after(made, "rural"), ground(5000, 0, 10000, 10000).difference(ground(5000, 0, 6000, 1000)))
    both = after(made, "urban").intersection(after(made, "rural")).area
    assert both == pytest.approx(0, abs=1e-4)
    assert {change.element for change in made.changes} == {"urban", "rural"}
    assert same(after(made, f"line_{GROWTH}"), ground(0, 0, 5000, 10000))  # another kind stays
    with pytest.raises(InputError, match=r"field 'BH' has no 9"):
        run(base, Scenario("x").reclassify("urban", id="a", parcels=shape | {"values": ["9"]}, **SAID))


def test_a_replaced_element_has_the_files_ground_and_no_better_accuracy(base: Base, tmp_path: Path) -> None:
    official = gpd.GeoDataFrame(
        {"accuracy": ["schematic"]}, geometry=[ground(0, 0, 2000, 2000)], crs=CRS_4547
    )
    official.to_file(tmp_path / "o.gpkg")
    made = run(base, Scenario("x").replace(GROWTH, id="a", layer={"file": str(tmp_path / "o.gpkg")}, **SAID))
    row = made.layers.element(f"line_{GROWTH}")
    assert same(row["geometry"], ground(0, 0, 2000, 2000))
    assert row["accuracy"] == "schematic"
    assert "scenario:a" in row["source"]
    (change,) = made.changes
    assert change.lost_m2 - change.gained_m2 == pytest.approx(46e6, rel=1e-3)


def test_a_road_takes_from_each_and_gives_to_one(base: Base) -> None:
    centre = {"coordinates": [[X, Y + 2000], [X + 10000, Y + 2000]], "crs": "EPSG:4547"}
    made = run(
        base, Scenario("x").road(id="r", centre=centre, width_m=40, take_from=[FARM], add_to=GROWTH, **SAID)
    )
    band = ground(0, 1980, 10000, 2020)
    assert same(after(made, f"line_{FARM}"), ground(5000, 0, 9000, 10000).difference(band))
    assert same(after(made, f"line_{GROWTH}"), shapely.union(ground(0, 0, 5000, 10000), band))
    assert any(one.code == "scenario.land_take" for one in made.findings)


def test_what_falls_outside_the_zone_is_cut_off_and_said(base: Base) -> None:
    made = run(base, Scenario("x").shift(GROWTH, id="s", metres=500, direction="west", **SAID))
    assert same(after(made, f"line_{GROWTH}"), ground(0, 0, 4500, 10000))
    assert "scenario.outside" in {one.code for one in made.findings}
