"""Ellipsoidal areas of 100,000 polygons of 30 vertices against a loop over pyproj's geodesic areas.

Figures are medians of user CPU over several rounds, each in a process of its own; the two take turns. Ours
starts from projected coordinates and counts everything; pyproj gets longitudes and latitudes made beforehand.

    make bench-ellipsoid
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import CRS, Geod, Transformer

HERE = Path(__file__).parent
EPSG = 4547
COUNT = 100_000
VERTICES = 30
BAR = 30


def polygons(count: int = COUNT) -> npt.NDArray[np.object_]:
    """Star-shaped polygons all over 30 × 20 km, some 80 m wide."""
    random = np.random.default_rng(5)
    angle = np.linspace(0, 2 * np.pi, VERTICES, endpoint=False)
    reach = random.uniform(25, 55, (count, VERTICES))
    ring = np.stack([reach * np.cos(angle), reach * np.sin(angle)], axis=-1)
    ring += random.uniform((421_000, 3_890_000), (451_000, 3_910_000), (count, 2))[:, None]
    return np.asarray(shapely.polygons(np.concatenate([ring, ring[:, :1]], axis=1)))


def zoneplan() -> dict[str, float]:
    """Ours, after a first call that loads what is compiled."""
    from zoneplan.engine import ellipsoid

    shapes, crs = polygons(), CRS(EPSG)
    ellipsoid.area(shapes[:20_000], crs)
    return timed(lambda: ellipsoid.area(shapes, crs))


def geod() -> dict[str, float]:
    """The peer, on a sixth of the polygons, scaled up: its time is that of so many equal calls."""
    shapes = polygons()[::6]
    turn = Transformer.from_crs(EPSG, 4490, always_xy=True)
    degrees = shapely.transform(shapes, lambda xy: np.column_stack(turn.transform(*xy.T)))
    measure = Geod(a=6378137.0, f=1 / 298.257222101)
    made = timed(lambda: np.array([abs(measure.geometry_area_perimeter(shape)[0]) for shape in degrees]))
    return made | {name: made[name] * COUNT / len(shapes) for name in ("user_s", "wall_s")}


ENGINES: dict[str, Callable[[], dict[str, float]]] = {"zoneplan": zoneplan, "geod": geod}


def timed(job: Callable[[], npt.NDArray[np.float64]]) -> dict[str, float]:
    """User CPU and wall seconds of a job, and the mean area as a check."""
    start, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF).ru_utime
    found = job()
    user = resource.getrusage(resource.RUSAGE_SELF).ru_utime - before
    return {"user_s": user, "wall_s": time.perf_counter() - start, "mean_m2": float(found.mean())}


def main() -> None:
    """Run both in turns, print, write ellipsoid.json."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--one", choices=list(ENGINES), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one:
        print(json.dumps(ENGINES[asked.one]()))
        return
    rows: dict[str, list[dict[str, float]]] = {engine: [] for engine in ENGINES}
    for _ in range(asked.rounds):
        for engine in ENGINES:
            call = [sys.executable, __file__, "--one", engine]
            done = subprocess.run(call, check=True, capture_output=True, text=True)
            rows[engine].append(json.loads(done.stdout.splitlines()[-1]))
    middle = {
        engine: {name: round(statistics.median(row[name] for row in each), 4) for name in each[0]}
        for engine, each in rows.items()
    }
    ratio = middle["geod"]["user_s"] / middle["zoneplan"]["user_s"]
    for engine, row in middle.items():
        print(f"{engine:10}", "  ".join(f"{name} {value:,.3f}" for name, value in row.items()))
    print(f"ratio of user CPU {ratio:.1f} (bar {BAR})")
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    made = {"machine": machine, "polygons": COUNT, "vertices": VERTICES, **middle, "ratio": round(ratio, 1)}
    (HERE / "ellipsoid.json").write_text(json.dumps(made, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
