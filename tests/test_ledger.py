"""The ledger closes, whatever divides it."""

from decimal import Decimal

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from zoneplan.areas.ledger import area_ledger
from zoneplan.engine import ellipsoid, overlay
from zoneplan.errors import InputError

CRS = 4547
CORNER = np.array([421_000.0, 3_890_000.0])


def series(*shapes):
    return gpd.GeoSeries(list(shapes), crs=CRS)


def square(west, south, east, north):
    return shapely.box(*(np.add(CORNER, (west, south))), *(np.add(CORNER, (east, north))))


def blob(random, radius, spread=900):
    angle = np.linspace(0, 2 * np.pi, random.integers(5, 40), endpoint=False)
    reach = random.uniform(0.3 * radius, radius, len(angle))
    xy = np.stack([reach * np.cos(angle), reach * np.sin(angle)], axis=1)
    return shapely.Polygon(xy + CORNER + random.uniform(0, spread, 2))


def printed_sum(table):
    parts = table[table["ground"] != "total"]["area_m2"]
    return sum((Decimal(repr(float(value))) for value in parts), Decimal(0))


@given(seed=st.integers(0, 10_000), ordered=st.booleans(), n=st.integers(0, 5))
@settings(max_examples=40, deadline=None)
def test_a_random_container_closes(seed, ordered, n):
    random = np.random.default_rng(seed)
    container = series(blob(random, 700), blob(random, 500))
    layers = {f"l{k}": series(*(blob(random, 300) for _ in range(4))) for k in range(n)}
    made = area_ledger(container, layers, precedence=sorted(layers, reverse=True) if ordered else None)
    total = made.table.set_index("ground").loc["total", "area_m2"]
    whole = ellipsoid.area([overlay.union(list(container), grid_m=overlay.GRIDS_M[0])], container.crs)[0]
    assert total == pytest.approx(whole, abs=0.005 + 1e-9)
    assert float(printed_sum(made.table)) == total
    assert made.pieces["area_m2"].sum() == pytest.approx(whole, abs=1e-6)
    edges = shapely.length(made.pieces.geometry.to_numpy()).sum()
    assert made.table["adjusted_m2"].abs().max() < 2.2e-5 * edges  # angles are rounded to 3e-5 m
    assert not made.findings
    joined = shapely.union_all(made.pieces.geometry.to_numpy(), grid_size=1e-6)
    assert joined.area == pytest.approx(shapely.area(made.pieces.geometry.to_numpy()).sum(), abs=1e-3)
    if ordered:
        assert made.table["layers"].max() <= 1


def test_overlaps_are_kept_or_go_to_the_first():
    container = series(square(0, 0, 100, 100))
    layers = {
        "red": series(square(0, 0, 60, 100)),
        "farm": series(square(40, 0, 80, 100), square(50, 0, 70, 50)),
    }
    kept = area_ledger(container, layers).table.set_index("ground")
    assert list(kept.index) == ["red", "farm", "red + farm", "gap", "total"]
    assert kept["layers"].tolist() == [1, 1, 2, 0, 0]
    scale = kept.loc["total", "area_m2"] / 10_000
    assert (kept["area_m2"] / scale).round(1).tolist() == [4000, 2000, 2000, 2000, 10_000]
    first = area_ledger(container, layers, precedence=["farm", "red"]).table.set_index("ground")
    assert (first["area_m2"] / scale).round(1).to_dict() == {
        "farm": 4000, "red": 4000, "gap": 2000, "total": 10_000,
    }  # fmt: skip


def test_near_coincident_layers_close():
    random = np.random.default_rng(1)
    side = np.c_[random.uniform(-3, 3, 80), np.linspace(0, 500, 80)] + CORNER
    tremble = side + random.uniform(-1e-6, 1e-6, side.shape)
    west = shapely.Polygon([*side, np.add(CORNER, (-200, 500)), np.add(CORNER, (-200, 0))])
    east = shapely.Polygon([*tremble, np.add(CORNER, (200, 500)), np.add(CORNER, (200, 0))])
    made = area_ledger(series(square(-150, 100, 150, 400)), {"west": series(west), "east": series(east)})
    assert not made.findings
    assert float(printed_sum(made.table)) == made.table["area_m2"].iloc[-1]


def test_a_precedence_that_misses_a_layer_is_refused():
    one = series(square(0, 0, 1, 1))
    with pytest.raises(InputError, match="expected each layer once: a, b; found: a"):
        area_ledger(one, {"a": one, "b": one}, precedence=["a"])
