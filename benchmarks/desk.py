"""The officer's desk: one parcel against lines loaded once, and a hundred thousand from file to papers.

Writes desk.json. The parts of the large check are timed in one run: reading the input, the check itself, each paper.
"""

from __future__ import annotations

import json
import platform
import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd

import workload
from zoneplan.check.conflicts import Desk
from zoneplan.check.outcomes import parcel_outcomes
from zoneplan.io.anyfile import read_any
from zoneplan.render.conflict_book import write_conflicts_xlsx
from zoneplan.render.conflict_papers import write_conflicts_csv, write_conflicts_json

PARCELS, VERTICES, SINGLE = 100_000, 1_000_000, 300


def seconds(job: Callable[[], object]) -> float:
    """Wall time of one run."""
    start = time.perf_counter()
    job()
    return round(time.perf_counter() - start, 3)


def main() -> None:
    """Time and write."""
    frame = gpd.GeoDataFrame(geometry=workload.parcels(PARCELS).to_numpy(), crs=workload.CRS)
    frame["BSM"] = [f"D{number}" for number in range(len(frame))]
    lines = {key: gpd.GeoDataFrame(geometry=part) for key, part in workload.lines(VERTICES).items()}
    found: dict[str, object] = {
        "machine": f"{platform.machine()}, Python {platform.python_version()}",
        "parcels": len(frame),
        "line_vertices": VERTICES,
    }
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "parcels.gpkg"
        frame.to_file(path, engine="pyogrio")
        found["read_s"] = seconds(lambda: read_any(path))
        desks: list[Desk] = []
        found["load_lines_s"] = seconds(lambda: desks.append(Desk(lines=lines)))
        desk = desks[0]
        made = []
        found["check_s"] = seconds(lambda: made.append(desk.check(frame, use="U10")))
        result = made[0]
        found["csv_s"] = seconds(lambda: write_conflicts_csv(Path(folder) / "c.csv", result))
        found["pieces_s"] = seconds(lambda: result.shapes.cuts)
        found["flip_distances_s"] = seconds(lambda: result.flip_distance_m)
        outcomes = parcel_outcomes(result)
        found["json_s"] = seconds(lambda: write_conflicts_json(Path(folder) / "c.json", result, outcomes))
        found["xlsx_s"] = seconds(lambda: write_conflicts_xlsx(Path(folder) / "c.xlsx", result, outcomes))
    single = [frame.iloc[[number]] for number in range(0, len(frame), len(frame) // SINGLE)]
    desk.check(single[0], use="U10")
    times = []
    for one in single:
        start = time.perf_counter()
        desk.check(one, use="U10")
        times.append(time.perf_counter() - start)
    found["one_parcel_ms"] = round(1e3 * statistics.median(times), 2)
    found["peak_mb"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3)
    Path(__file__).with_suffix(".json").write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
