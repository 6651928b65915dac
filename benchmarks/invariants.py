"""A million random and a million near-coincident parcels at zone-prefixed eastings: what must hold, holds.

For every parcel P and controls C with the union U: ``max |P∩C| ≤ |P∩U| ≤ min(|P|, Σ|P∩C|)``, no overlap is
negative, and P equal to a control but for a tremble has the overlap that the tremble allows. Prints the
worst violation of each; exits 1 if one is above 1e-6 m².
"""

from __future__ import annotations

import argparse
import sys

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from zoneplan.engine.grid import make_grid
from zoneplan.engine.overlap import overlap_areas

CRS = 4526  # 3-degree zone 38, eastings with the zone's number
CORNER = np.array([38_421_000.0, 3_890_000.0])
LIMIT_M2 = 1e-6
CONTROLS = 6
BATCH = 100_000
Shapes = npt.NDArray[np.object_]


def stars(count: int, random: np.random.Generator, reach: float, spread: float) -> Shapes:
    """Polygons of 12 vertices around random places."""
    angle = np.linspace(0, 2 * np.pi, 12, endpoint=False)
    radius = random.uniform(0.4 * reach, reach, (count, 12))
    xy = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=-1)
    xy += random.uniform(0, spread, (count, 1, 2)) + CORNER
    return np.asarray(shapely.polygons(np.concatenate([xy, xy[:, :1]], axis=1)))


def violations(parcels: Shapes, controls: Shapes) -> dict[str, float]:
    """The worst violation of each law, in m²."""
    layers = {str(n): gpd.GeoSeries([shape], crs=CRS) for n, shape in enumerate(controls)}
    grid = make_grid({**layers, "union": gpd.GeoSeries(controls, crs=CRS)})
    table = overlap_areas(gpd.GeoSeries(parcels, crs=CRS), grid, area="planar").table
    each, whole, own = (part.to_numpy() for part in (table[list(layers)], table["union"], table["area_m2"]))
    return {
        "max |P∩C| ≤ |P∩U|": float((each.max(axis=1) - whole).max()),
        "|P∩U| ≤ |P|": float((whole - own).max()),
        "|P∩U| ≤ Σ|P∩C|": float((whole - each.sum(axis=1)).max()),
        "0 ≤ |P∩C|": float((-each).max()),
        "measured": float(np.isnan(own).sum()),
    }


def main() -> int:
    """Run both sets, print, and say whether all holds."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--count", type=int, default=1_000_000, help="parcels in each of the two sets")
    parser.add_argument("--seed", type=int, default=2026)
    asked = parser.parse_args()
    random = np.random.default_rng(asked.seed)
    broken = False
    for name in ("random", "near-coincident"):
        worst: dict[str, float] = {}
        for start in range(0, asked.count, BATCH):
            size = min(BATCH, asked.count - start)
            if name == "random":
                controls = stars(CONTROLS, random, 400, 1000)
                parcels = stars(size, random, 40, 1000)
            else:
                # every parcel trembles around a piece of ground that a control has too
                controls = stars(CONTROLS, random, 200, 300)
                controls = np.concatenate([controls, _tremble(controls, random)])  # the plan of another year
                cut = shapely.get_parts(shapely.intersection(controls[:3, None], controls[None, 3:]).ravel())
                kept = np.concatenate(
                    [controls, cut[(shapely.get_type_id(cut) == 3) & (shapely.area(cut) > 1)]]
                )
                picked = kept[random.integers(0, len(kept), size)]
                parcels = np.concatenate([_tremble(part, random) for part in np.array_split(picked, 100)])
            for law, value in violations(parcels, controls).items():
                worst[law] = max(worst.get(law, 0.0), value)
            print(f"\r{name}: {start + size:,}", end="", file=sys.stderr)
        print(f"\r{name}: {asked.count:,} parcels, worst violation in m²")
        for law, value in worst.items():
            print(f"  {law:22} {value:.3g}")
            broken |= value > LIMIT_M2
    return 1 if broken else 0


def _tremble(shapes: Shapes, random: np.random.Generator) -> Shapes:
    """Each polygon with its vertices moved by up to 1e-8 to 1e-4 m, closed again."""
    size = 10 ** random.uniform(-8, -4)
    made = []
    for shape in shapes:
        xy = shapely.get_coordinates(shape)[:-1]
        made.append(shapely.Polygon(xy + random.uniform(-size, size, xy.shape)))
    return np.array(made, dtype=object)


if __name__ == "__main__":
    raise SystemExit(main())
