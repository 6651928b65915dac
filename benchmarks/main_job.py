"""Timings of the main job: build, audit, areas and check, medians of several runs in one process.

The check is also timed against its named peer, `geopandas.overlay` of the same parcels with the same
control lines, in the same run; the ratio is what counts. Writes benchmarks/main_job.json.
"""

import json
import platform
import statistics
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import shapely

import zoneplan as zp
from zoneplan.areas.tables import all_tables
from zoneplan.audit import audit_layers

RUNS = 5
PARCELS = 3_000


def parcels(layers: zp.LayerSet) -> gpd.GeoDataFrame:
    """Small boxes strewn over the zone, always the same."""
    random = np.random.default_rng(2026)
    west, south, east, north = layers.zone.bounds
    x, y = random.uniform(west, east, PARCELS), random.uniform(south, north, PARCELS)
    size = random.uniform(20, 200, PARCELS)
    shapes = shapely.box(x, y, x + size, y + size)
    return gpd.GeoDataFrame({"id": [str(n) for n in range(PARCELS)]}, geometry=shapes, crs=layers.crs)


def median(job: Callable[[], object]) -> float:
    """Median wall seconds of `RUNS` runs after one that does not count."""
    job()
    seconds = []
    for _ in range(RUNS):
        start = time.perf_counter()
        job()
        seconds.append(time.perf_counter() - start)
    return round(statistics.median(seconds), 4)


def main() -> None:
    """Time and write."""
    plan = zp.load_plan("jiaozuo")
    layers = zp.compile_plan(plan)
    strewn = parcels(layers)
    lines = layers["control_line"][["id", "geometry"]]

    def peer() -> object:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return gpd.overlay(strewn, lines, how="intersection", keep_geom_type=True)

    check = median(lambda: zp.check_parcels(strewn, layers, use="U10"))
    overlay = median(peer)
    found = {
        "machine": f"{platform.machine()}, Python {platform.python_version()}",
        "parcels": PARCELS,
        "load_plan_s": median(lambda: zp.load_plan("jiaozuo")),
        "compile_plan_s": median(lambda: zp.compile_plan(plan)),
        "audit_layers_s": median(lambda: audit_layers(layers, plan)),
        "area_tables_s": median(lambda: all_tables(layers)),
        "check_parcels_s": check,
        "geopandas_overlay_s": overlay,
        "check_over_overlay": round(check / overlay, 2),
    }
    Path(__file__).with_suffix(".json").write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
