"""Overlap areas against their peers: the figures of benchmarks/README.md, made by one command.

Every figure is the median user CPU of a whole job over several rounds, each in a process of its own after
a small job that loads compiled code; engines take turns. Peers get lines cut into pieces of at most 256
vertices beforehand, and their loading is not counted; what the cutting takes is a row of its own (``cutting``, by
shapely; of PostGIS ``cut_s``). Ours get the layers as they are, and cutting them is counted, but for ``zoneplan_kept``, which
gets them cut. A second ``geopandas.overlay`` gets the layers as they are, on a sample, scaled up.

    make bench-overlap                                   # all jobs; installs sedonadb
    python benchmarks/overlap.py --postgis "host=127.0.0.1 user=postgres"   # PostGIS as well
    python benchmarks/overlap.py --jobs stream_10m       # some jobs; 7 GB of disk for this one
"""

from __future__ import annotations

import argparse
import json
import os
import pickle
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd

HERE = Path(__file__).parent
SAMPLE = 100  # parcels for the layers as they are
JOBS: dict[str, tuple[int, int]] = {
    # parcels, vertices of the three lines
    "areas_100k": (100_000, 480_000),
    "areas_10k": (10_000, 2_500_000),
    "pieces_10k": (10_000, 2_500_000),
    "growth_10k": (10_000, 480_000),
    "growth_1m": (1_000_000, 480_000),
    "growth_5x": (100_000, 2_400_000),  # five times the vertices, of a boundary that is longer
    "growth_dense": (100_000, 480_000),  # five times the vertices along the same boundary
    "matrix": (100_000, 10_000),
}
ENGINES = {
    "areas_100k": (
        "zoneplan",
        "zoneplan_kept",
        "geopandas",
        "geopandas_raw",
        "sedonadb",
        "postgis",
        "cutting",
    ),
    "areas_10k": ("zoneplan", "zoneplan_kept", "geopandas", "sedonadb", "postgis", "cutting"),
    "pieces_10k": ("zoneplan", "geopandas"),
    "growth_10k": ("zoneplan",),
    "growth_1m": ("zoneplan",),
    "growth_5x": ("zoneplan", "zoneplan_kept"),
    "growth_dense": ("zoneplan", "zoneplan_kept"),
    "matrix": ("zoneplan", "geopandas"),
    "stream": ("zoneplan", "pyogrio_table", "pyogrio_frame"),
    "stream_10m": ("zoneplan", "pyogrio_batches"),
}
STREAMED = {"stream": 1, "stream_10m": 10}  # millions of parcels in a file
OVERLAP_SQL = (
    "SELECT p.pid, SUM(ST_Area(ST_Intersection(p.geometry, l.geometry))) AS area FROM p JOIN l "
    "ON ST_Intersects(p.geometry, l.geometry) GROUP BY p.pid"
)


def main() -> None:
    """Run jobs with every engine, print, put them into overlap.json."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--jobs", nargs="*", default=[*JOBS, "stream"], choices=list(ENGINES))
    parser.add_argument("--engines", nargs="*", help="only these, and print only")
    parser.add_argument("--folder", help="where to make what is measured (default: a temporary folder)")
    parser.add_argument("--postgis", metavar="DSN", default=os.environ.get("ZONEPLAN_BENCH_DSN", ""))
    parser.add_argument("--one", nargs=3, metavar=("JOB", "ENGINE", "FOLDER"), help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one:
        print(json.dumps(one(asked.one[0], asked.one[1], asked.one[2], asked.postgis)))
        return
    kept = HERE / "overlap.json"
    found: dict[str, Any] = json.loads(kept.read_text(encoding="utf-8")) if kept.exists() else {}
    found["machine"] = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    with tempfile.TemporaryDirectory(dir=asked.folder) as folder:
        for job in asked.jobs:
            engines = [e for e in ENGINES[job] if e != "postgis" or asked.postgis]
            engines = [e for e in engines if e in (asked.engines or engines)]
            prepare(job, Path(folder))
            runs: dict[str, list[dict[str, float]]] = {engine: [] for engine in engines}
            for _ in range(asked.rounds):
                for engine in engines:
                    runs[engine].append(in_a_process(job, engine, folder, asked.postgis))
            found[job] = {engine: middle(rows) for engine, rows in runs.items()}
            show(job, found[job])
    if not asked.engines:
        kept.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


def in_a_process(job: str, engine: str, folder: str, dsn: str) -> dict[str, float]:
    """One measurement in a process of its own."""
    call = [sys.executable, __file__, "--one", job, engine, folder, "--postgis", dsn]
    done = subprocess.run(call, check=True, capture_output=True, text=True)
    result: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return result


def middle(rows: list[dict[str, float]]) -> dict[str, float]:
    """Medians of the rounds."""
    return {name: round(statistics.median(row[name] for row in rows), 4) for name in rows[0]}


def show(job: str, engines: dict[str, dict[str, float]]) -> None:
    """Print one job: user CPU, wall, memory, and how many times ours."""
    ours = engines["zoneplan"]
    print(f"\n{job}  {JOBS.get(job, '')}")
    for engine, row in engines.items():
        shown = "  ".join(f"{name} {value:,.3f}" for name, value in row.items())
        times = (f"{name} {row[name] / ours[name]:,.2f} x" for name in ("user_s", "wall_s"))
        print(f"  {engine:15} {shown}  ours: {', '.join(times)}")


def prepare(job: str, folder: Path) -> None:
    """Make the workload of a job once, for all processes."""
    import workload

    def keep(name: str, make: Callable[[], Any]) -> None:
        path = folder / f"{name}.pickle"
        if not path.exists():
            path.write_bytes(pickle.dumps(make()))

    if job in STREAMED:
        path = folder / f"{job}.gpkg"
        for million in range(STREAMED[job]):
            shapes = workload.parcels(1_000_000, 1 + million)
            ids = [f"P{million:02d}{number:07d}" for number in range(len(shapes))]
            made = gpd.GeoDataFrame({"BSM": ids}, geometry=shapes, crs=workload.CRS)
            made.to_file(path, mode="a" if million else "w", SPATIAL_INDEX="NO")
        for key, series in workload.lines(480_000).items():
            series.to_file(folder / f"{key}.gpkg")
        return
    parcels, lines = JOBS[job]
    keep(f"parcels_{parcels}", lambda: workload.parcels(parcels))
    if job == "matrix":
        zones = gpd.GeoSeries(workload.patches(lines, 9), crs=workload.CRS)
        keep(f"zones_{lines}", lambda: zones)
        return
    keep(f"lines_{lines}", lambda: workload.lines(lines))
    made = pickle.loads((folder / f"lines_{lines}.pickle").read_bytes())
    keep(f"cut_{lines}", lambda: {key: workload.subdivided(series.iloc[0]) for key, series in made.items()})


def one(job: str, engine: str, folder: str, dsn: str) -> dict[str, float]:
    """Measure one job with one engine in this process."""
    import workload

    warnings.simplefilter("ignore")
    where = Path(folder)

    def load(name: str) -> Any:
        return pickle.loads((where / f"{name}.pickle").read_bytes())

    if job in STREAMED:
        return measured(STREAMS[engine](where, where / f"{job}.gpkg"), engine == "zoneplan")
    count, vertices = JOBS[job]
    parcels = load(f"parcels_{count}")
    if job == "matrix":
        return measured(MATRIX[engine](parcels, load(f"zones_{vertices}")), engine == "zoneplan")
    if job == "growth_dense":
        dense = {key: workload.densified(series) for key, series in load(f"lines_{vertices}").items()}
        return measured(
            {"zoneplan": zoneplan_areas, "zoneplan_kept": zoneplan_kept}[engine](parcels, dense), True
        )
    if engine == "zoneplan":
        work = zoneplan_pieces if job.startswith("pieces") else zoneplan_areas
        return measured(work(parcels, load(f"lines_{vertices}")), True)
    if engine == "zoneplan_kept":
        return measured(zoneplan_kept(parcels, load(f"lines_{vertices}")), True)
    if engine == "cutting":
        return measured(cutting(load(f"lines_{vertices}")), False)
    if engine == "geopandas_raw":
        raw = load(f"lines_{vertices}")
        sample = parcels.iloc[np.random.default_rng(0).choice(len(parcels), SAMPLE, replace=False)]
        made = measured(geopandas_overlay(sample, {k: s.to_numpy() for k, s in raw.items()}), False)
        return {
            name: value * (len(parcels) / SAMPLE if name.endswith("_s") else 1)
            for name, value in made.items()
        }
    if engine == "postgis":
        return postgis(parcels, load(f"lines_{vertices}"), dsn)
    cut = load(f"cut_{vertices}")
    return measured({"geopandas": geopandas_overlay, "sedonadb": sedonadb}[engine](parcels, cut), False)


def measured(job: tuple[Callable[[], Any], Callable[[], Any]], warm: bool) -> dict[str, float]:
    """User CPU and wall seconds of a job after its warm-up, and the peak memory of the process."""
    small, whole = job
    if warm:
        small()
    start, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF)
    extra = whole()
    after = resource.getrusage(resource.RUSAGE_SELF)
    return {
        "user_s": after.ru_utime - before.ru_utime,
        "wall_s": time.perf_counter() - start,
        "peak_mb": peak_mb(),
        **(extra if isinstance(extra, dict) else {}),
    }


def peak_mb() -> float:
    """Most memory that this process held; what the system reports to a parent counts the parent too."""
    line = next(row for row in Path("/proc/self/status").read_text().splitlines() if row.startswith("VmHWM"))
    return int(line.split()[1]) / 1024


def zoneplan_areas(parcels: gpd.GeoSeries, lines: dict[str, gpd.GeoSeries]) -> Any:
    from zoneplan.engine.overlap import overlap_areas

    return (
        lambda: overlap_areas(gpd.GeoSeries(parcels.iloc[:5000]), lines, area="planar"),
        lambda: overlap_areas(parcels, lines, area="planar"),
    )


def zoneplan_kept(parcels: gpd.GeoSeries, lines: dict[str, gpd.GeoSeries]) -> Any:
    """Lines cut beforehand, as with an index that was kept."""
    from zoneplan.engine.grid import make_grid
    from zoneplan.engine.overlap import overlap_areas

    grid = make_grid(lines)
    return (
        lambda: overlap_areas(gpd.GeoSeries(parcels.iloc[:5000]), grid, area="planar"),
        lambda: overlap_areas(parcels, grid, area="planar"),
    )


def cutting(lines: dict[str, gpd.GeoSeries]) -> Any:
    """What is done to the lines for geopandas and sedonadb beforehand."""
    import workload

    def work() -> None:
        for series in lines.values():
            workload.subdivided(series.iloc[0])

    return work, work


def zoneplan_pieces(parcels: gpd.GeoSeries, lines: dict[str, gpd.GeoSeries]) -> Any:
    from zoneplan.engine.pieces import overlap_pieces

    def work(some: gpd.GeoSeries) -> None:
        for series in lines.values():
            overlap_pieces(some, series)

    return lambda: work(gpd.GeoSeries(parcels.iloc[:2000])), lambda: work(parcels)


def geopandas_overlay(parcels: gpd.GeoSeries, lines: dict[str, Any]) -> Any:
    frame = gpd.GeoDataFrame({"pid": np.arange(len(parcels))}, geometry=parcels.to_numpy(), crs=parcels.crs)
    layers = [gpd.GeoDataFrame(geometry=shapes, crs=parcels.crs) for shapes in lines.values()]

    def work() -> None:
        for layer in layers:
            made = gpd.overlay(frame, layer, how="intersection", keep_geom_type=True)
            made.area.groupby(made["pid"]).sum()

    return work, work


def sedonadb(parcels: gpd.GeoSeries, lines: dict[str, Any]) -> Any:
    import sedonadb as engine

    session = engine.connect()
    frame = gpd.GeoDataFrame({"pid": np.arange(len(parcels))}, geometry=parcels.to_numpy(), crs=parcels.crs)
    session.create_data_frame(frame).to_memtable().to_view("p")
    for number, shapes in enumerate(lines.values()):
        layer = gpd.GeoDataFrame(geometry=shapes, crs=parcels.crs)
        session.create_data_frame(layer).to_memtable().to_view(f"l{number}")

    def work() -> None:
        for number in range(len(lines)):
            session.sql(OVERLAP_SQL.replace("JOIN l ", f"JOIN l{number} l ")).to_pandas()

    return work, work


def postgis(parcels: gpd.GeoSeries, lines: dict[str, Any], dsn: str) -> dict[str, float]:
    """Lines cut by ST_Subdivide; CPU of the server process, as the system counts it.

    One process of the server does it all: parallel workers and just-in-time compilation (which costs more
    than it saves here) are switched off.
    """
    import psycopg

    with psycopg.connect(dsn, autocommit=True) as db:
        db.execute("CREATE EXTENSION IF NOT EXISTS postgis")
        db.execute("SET max_parallel_workers_per_gather = 0")
        db.execute("SET jit = off")
        row = db.execute("SELECT pg_backend_pid()").fetchone()
        assert row is not None
        _fill(db, "p", parcels.to_numpy())
        cut_s = 0.0
        for number, shapes in enumerate(lines.values()):
            _fill(db, "whole", shapes.to_numpy())
            before = _process_user_s(row[0])
            db.execute(f"DROP TABLE IF EXISTS l{number}")
            db.execute(
                f"CREATE UNLOGGED TABLE l{number} AS SELECT pid, ST_Subdivide(geometry, 256) AS geometry FROM whole"
            )
            _index(db, f"l{number}")
            cut_s += _process_user_s(row[0]) - before
        _index(db, "p")
        start, before = time.perf_counter(), _process_user_s(row[0])
        for number in range(len(lines)):
            db.execute(OVERLAP_SQL.replace("JOIN l ", f"JOIN l{number} l ")).fetchall()
        return {
            "user_s": _process_user_s(row[0]) - before,
            "wall_s": time.perf_counter() - start,
            "peak_mb": float("nan"),
            "cut_s": cut_s,
        }


def _fill(db: Any, name: str, shapes: Any) -> None:
    import shapely

    db.execute(f"DROP TABLE IF EXISTS {name}")
    db.execute(f"CREATE UNLOGGED TABLE {name} (pid int, geometry geometry)")
    with db.cursor().copy(f"COPY {name} FROM STDIN") as copy:
        for number, blob in enumerate(shapely.to_wkb(shapes, hex=True)):
            copy.write_row((number, blob))


def _index(db: Any, name: str) -> None:
    db.execute(f"CREATE INDEX ON {name} USING gist (geometry)")
    db.execute(f"ANALYZE {name}")


def _process_user_s(pid: int) -> float:
    ticks = int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[11])
    return ticks / os.sysconf("SC_CLK_TCK")


def zoneplan_matrix(rows: gpd.GeoSeries, columns: gpd.GeoSeries) -> Any:
    from zoneplan.engine.overlap import overlap_matrix

    return (
        lambda: overlap_matrix(gpd.GeoSeries(rows.iloc[:5000]), columns, area="planar"),
        lambda: overlap_matrix(rows, columns, area="planar"),
    )


def geopandas_matrix(rows: gpd.GeoSeries, columns: gpd.GeoSeries) -> Any:
    one, other = (
        gpd.GeoDataFrame({name: np.arange(len(side))}, geometry=side.to_numpy(), crs=side.crs)
        for name, side in (("row", rows), ("column", columns))
    )

    def work() -> pd.Series:
        return gpd.overlay(one, other, how="intersection", keep_geom_type=True).area

    return work, work


MATRIX = {"zoneplan": zoneplan_matrix, "geopandas": geopandas_matrix}


def zoneplan_stream(folder: Path, parcels: Path) -> Any:
    """Parcels from GeoPackage to a table of ellipsoidal areas."""
    from zoneplan.jobs.stream import overlap_file

    lines = {
        key: str(folder / f"{key}.gpkg")
        for key in ("permanent_basic_farmland", "ecological_redline", "urban_development_boundary")
    }

    def small() -> None:
        gpd.read_file(parcels, rows=20_000).to_file(folder / "few.gpkg")
        overlap_file(folder / "few.gpkg", lines, folder / "few.parquet", id_field="BSM")

    def work() -> None:
        overlap_file(parcels, lines, folder / "out.parquet", id_field="BSM")

    return small, work


def pyogrio_table(folder: Path, parcels: Path) -> Any:
    """The file read into one Arrow table, geometry as WKB."""
    import pyogrio

    def work() -> None:
        meta, table = pyogrio.read_arrow(parcels)
        assert table[meta["geometry_name"]].null_count == 0

    return work, work


def pyogrio_batches(folder: Path, parcels: Path) -> Any:
    """The file read as Arrow batches, each let go."""
    import pyogrio

    def work() -> None:
        with pyogrio.open_arrow(parcels, batch_size=8192, use_pyarrow=True) as (_, reader):
            assert sum(len(batch) for batch in reader)

    return work, work


def pyogrio_frame(folder: Path, parcels: Path) -> Any:
    """The file read by way of Arrow into a GeoDataFrame."""
    import pyogrio

    def work() -> None:
        assert len(pyogrio.read_dataframe(parcels, use_arrow=True))

    return work, work


STREAMS = {
    "zoneplan": zoneplan_stream,
    "pyogrio_table": pyogrio_table,
    "pyogrio_batches": pyogrio_batches,
    "pyogrio_frame": pyogrio_frame,
}


if __name__ == "__main__":
    main()
