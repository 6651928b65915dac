"""A first estimate: rules in order, what is missing named, what is unknown left unknown, areas that add up."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import rasterio
from hypothesis import given
from hypothesis import strategies as st
from rasterio import Affine

import synthetic
import zoneplan as zp
from test_zonal import assert_rows_close
from zoneplan.errors import InputError
from zoneplan.jobs.suitability import SuitabilityCall, run_suitability
from zoneplan.terrain.classes import NO_DATA
from zoneplan.terrain.estimate import estimate
from zoneplan.terrain.legends import cover_legend
from zoneplan.terrain.method import read_method
from zoneplan.terrain.patches import merged
from zoneplan.terrain.tables import zones_of

METHOD = read_method()
ECOLOGY, FARMING, URBAN = METHOD.results
COVER = cover_legend("landuse", place="test")
LAYERS = synthetic.layers()


def block(**factors):
    return {name: np.atleast_2d(np.asarray(value)) for name, value in factors.items()}


def urban(**factors):
    plain = {"slope": np.float32(1), "elevation": np.float32(100), "relief": np.float32(10)}
    found = block(**(plain | factors))
    return estimate(
        URBAN, found, {"ecology": (ECOLOGY, np.full_like(found["slope"], 3, np.uint8))}, cover=COVER
    )[0, 0]


@pytest.mark.parametrize(
    ("factors", "name"),
    [
        ({}, "suitable"),
        ({"slope": np.float32(8)}, "suitable"),
        ({"slope": np.float32(8.01)}, "fair"),
        ({"slope": np.float32(25)}, "fair"),
        ({"slope": np.float32(25.01)}, "unsuitable"),
        ({"elevation": np.float32(3499)}, "suitable"),
        ({"elevation": np.float32(5000)}, "unsuitable"),
        ({"slope": np.float32(8), "elevation": np.float32(3500)}, "fair"),
        ({"relief": np.float32(200)}, "suitable"),
        ({"relief": np.float32(201)}, "fair"),
        ({"slope": np.float32(16), "relief": np.float32(201)}, "unsuitable"),
        ({"hazard": np.float32(5)}, "unsuitable"),
        ({"farmland": True}, "unsuitable"),
        ({"landcover": np.uint8(17)}, "unsuitable"),
        ({"landcover": np.uint8(7)}, "suitable"),
    ],
)  # fmt: skip
def test_levels_and_bounds(factors, name):
    assert urban(**factors) == URBAN.value(name)


def test_inside_the_red_line_nothing_else_is_suitable():
    factors = block(
        slope=np.float32(1),
        elevation=np.float32(9),
        relief=np.float32(1),
        redline=True,
        landcover=np.uint8(1),
    )
    first = estimate(ECOLOGY, factors, {}, cover=COVER)
    assert first[0, 0] == ECOLOGY.value("extreme")
    for result in (FARMING, URBAN):
        assert estimate(result, factors, {"ecology": (ECOLOGY, first)}, cover=COVER)[0, 0] == result.value(
            "unsuitable"
        )


def test_built_land_and_water_are_not_assessed_for_farming():
    factors = block(
        slope=np.float32([1, 40]),
        elevation=np.float32([9, 9]),
        relief=np.float32([1, 1]),
        landcover=np.uint8([7, 17]),
    )
    first = estimate(ECOLOGY, factors, {}, cover=COVER)
    made = estimate(FARMING, factors, {"ecology": (ECOLOGY, first)}, cover=COVER)
    assert (made == FARMING.value("excluded")).all()


@given(st.lists(st.floats(0, 80, width=32), min_size=1, max_size=20), st.floats(0, 100, width=32))
def test_worse_factors_never_make_better_ground(slopes, silt):
    slope = np.sort(np.float32(slopes))
    done = {"ecology": (ECOLOGY, np.full((1, len(slope)), 3, np.uint8))}
    made = estimate(FARMING, block(slope=slope), done, cover=COVER)
    assert (np.diff(made[0].astype(int)) >= 0).all()
    with_silt = estimate(
        FARMING, block(slope=slope, silt=np.full(len(slope), silt, np.float32)), done, cover=COVER
    )
    assert (with_silt >= made).all()


def test_what_is_unknown_stays_unknown_unless_it_cannot_matter():
    nan = np.float32("nan")
    factors = block(
        slope=np.float32([nan, 1, 30, 1]), elevation=np.float32([9, 9, 9, 9]), relief=np.float32([1, nan, nan, 1]),
        landcover=np.uint8([1, 1, 1, NO_DATA]),
    )  # fmt: skip
    done = {"ecology": (ECOLOGY, np.full((1, 4), 3, np.uint8))}
    made = estimate(URBAN, factors, done, cover=COVER)
    assert made[0].tolist() == [NO_DATA, NO_DATA, URBAN.value("unsuitable"), NO_DATA]


def test_missing_factors_are_named():
    given_ = {"slope", "elevation", "relief", "landcover", "redline", "farmland"}
    assert URBAN.missing(given_) == ("hazard", "water")
    assert METHOD.names(URBAN.missing(given_)) == ("灾害、水资源", "hazard, water resources")
    assert set(FARMING.missing(given_ | {"silt", "rain", "heat", "pollution"})) == {"water"}


def test_every_rule_has_a_source_and_none_claims_to_be_verified():
    for result in METHOD.results:
        for rule in result.rules:
            assert rule.source
            assert rule.verified == "no"


def test_small_patches_join_and_hard_ones_stay():
    values = np.full((10, 10), 1, np.uint8)
    values[2, 2], values[7, 7:9], values[5, 5] = 2, 3, 0
    made = merged(values, 4, soft=[1, 2])
    assert made[2, 2] == 1
    assert made[7, 7] == 3
    assert made[5, 5] == 0


def test_a_value_means_nothing_without_its_legend():
    with pytest.raises(
        InputError, match=r"no legend is stated.*10 is forest in one product, cropland in another"
    ):
        cover_legend(None, place="lc.tif")
    forest, crop = (
        cover_legend(name, place="x").values_of(("forest",)) for name in ("worldcover", "globeland30")
    )
    assert (forest, crop) == ((10,), (20,))


def test_a_method_of_ones_own_is_read_with_every_fault(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(
        "format: zoneplan.suitability/1\nid: mine\nname: 本局\nname_en: Ours\nsource: 本局\nverified: no\nconfidence: low\n"
        "factors:\n  - {id: slope, name: 坡度, name_en: slope, from: dem}\n"
        "results:\n  - id: one\n    name: 一\n    name_en: One\n"
        "    classes:\n      - {value: 1, id: good, name: 好, name_en: good, colour: '#00ff00'}\n"
        "      - {value: 2, id: bad, name: 差, name_en: bad, colour: '#ff0000'}\n"
        "    levels: [{id: l1, class: good}, {id: l2, class: worst}]\n"
        "    lacks: [rain]\n"
        "    rules:\n      - {factor: slop, above: 3, at_least: l2, source: x, verified: no, confidence: low}\n"
        "      - {factor: slope, above: 3, at_least: l3, source: x, verified: no, confidence: low}\n",
        encoding="utf-8",
    )
    with pytest.raises(InputError, match=r"(?s)'worst'.*'rain'.*mine\.yaml:20.*'slop'.*mine\.yaml:21.*'l3'"):
        read_method(path)


def dem_over(layers, path, *, cell=90.0, hole=True):
    """Flat ground with a hill in the north-west, without data in the south-east."""
    west, south, east, north = layers.zone.bounds
    rows, columns = int((north - south) / cell) + 40, int((east - west) / cell) + 40
    y, x = np.mgrid[:rows, :columns]
    z = 100 + 600 * np.exp(-(((x - 40) / 14) ** 2 + ((y - 45) / 14) ** 2))
    z = z.astype(np.float32)
    if hole:
        z[-35:, -35:] = -9999
    with rasterio.open(
        path, "w", driver="GTiff", width=columns, height=rows, count=1, dtype="float32", crs="EPSG:4547", nodata=-9999,
        transform=Affine(cell, 0, west - 20 * cell, 0, -cell, north + 20 * cell),
    ) as file:  # fmt: skip
        file.write(z, 1)
    return path


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("suitability")
    silt = folder / "silt.tif"
    west, _, _, north = LAYERS.zone.bounds
    with rasterio.open(
        silt,
        "w",
        driver="GTiff",
        width=20,
        height=20,
        count=1,
        dtype="uint8",
        crs="EPSG:4547",
        transform=Affine(1000, 0, west - 3000, 0, -1000, north + 3000),
    ) as file:
        file.write(np.full((20, 20), 85, np.uint8), 1)
    call = SuitabilityCall([dem_over(LAYERS, folder / "dem.tif")], factors={"silt": silt})
    return run_suitability(LAYERS, call, folder / "out"), folder / "out"


def test_areas_add_up_and_no_data_has_its_own_row(made):
    result, _ = made
    zones = zones_of(LAYERS)
    own = dict(zip(zones["id"], zones["area_m2"], strict=True))
    for name in ("ecology", "agriculture", "urban"):
        assert_rows_close(result.tables[name], own)
    rows = result.tables["urban"].set_index(["row_id", "column_id"])["area_m2"]
    assert rows["zone", "no_data"] > 1e5
    red = rows["line_ecological_redline", "unsuitable"] / rows["line_ecological_redline", "total"]
    assert 0.98 < red <= 1  # but for cells on its edge, which go by their middle
    farming = result.tables["agriculture"].set_index(["row_id", "column_id"])["area_m2"]
    assert farming["zone", "suitable"] == 0  # silt of 85 % all over


def test_polygons_cover_the_same_ground_as_the_table(made):
    result, _ = made
    for name in ("ecology", "agriculture", "urban"):
        rows = result.tables[name]
        rows = rows[(rows["row_id"] == "zone")].set_index("column_id")["area_m2"]
        sums = result.frames[name].groupby("class")["area_m2"].sum()
        for column, area in sums.items():
            assert area == pytest.approx(rows[column], rel=2e-5, abs=20)


def test_every_output_says_what_it_lacks(made):
    result, out = made
    with rasterio.open(out / "urban.tif") as file:
        tags = file.tags()
        assert file.colormap(1)[1] == (0xD6, 0x60, 0x4D, 255)
    assert "初评,缺灾害、土地覆盖、水资源因子" in tags["TITLE"]
    assert "示意" in tags["ZONEPLAN_SCHEMATIC"]
    assert tags["ZONEPLAN_MISSING"] == "hazard,landcover,water"
    codes = {(one.code, one.place): one.feature for one in result.findings}
    assert codes["suitability.missing", "urban"] == ("hazard", "landcover", "water")
    assert "silt" not in codes["suitability.missing", "agriculture"]
    assert (result.frames["urban"]["about"].str.contains("first estimate, without hazard")).all()
    factors = result.tables["factors"].set_index("id")["given"]
    assert factors["silt"].startswith("给出")
    assert factors["water"].startswith("缺")


def test_a_factor_that_no_file_can_give_is_refused(tmp_path):
    call = SuitabilityCall([tmp_path / "none.tif"], factors={"water": tmp_path / "w.tif"})
    with pytest.raises(InputError, match=r"(?s)no factor 'water'.*none\.tif: there is no such file"):
        run_suitability(LAYERS, call, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_another_town_needs_no_code(tmp_path):
    layers = zp.compile_plan(zp.load_plan(Path(__file__).parent / "towns" / "linxi.yaml"))
    west, south, east, north = layers.zone.bounds
    cell = max(east - west, north - south) / 120
    z = np.add.outer(np.linspace(2000, 1500, 160), np.zeros(160)).astype(np.float32)
    with rasterio.open(
        tmp_path / "dem.tif",
        "w",
        driver="GTiff",
        width=160,
        height=160,
        count=1,
        dtype="float32",
        crs=layers.crs.to_wkt(),
        transform=Affine(cell, 0, west - 20 * cell, 0, -cell, north + 20 * cell),
    ) as file:
        file.write(z, 1)
    made = zp.run_terrain(layers, tmp_path / "dem.tif", tmp_path / "out")
    steep = np.degrees(np.arctan((500 / 159) / cell))
    whole = made.tables["terrain"].set_index("id").loc["zone"]
    assert whole["slope_mean"] == pytest.approx(steep, abs=0.02)
    assert not any(one.code == "terrain.synthetic" for one in made.findings)
    assert {path.name for path in made.files} >= {
        "slope.tif",
        "slope_class.tif",
        "terrain.xlsx",
        "terrain.csv",
    }
