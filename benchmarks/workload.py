"""Invented layers of real size, the same for the same seed: parcels, farmland, river buffers, growth boundaries."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

CRS = 4547
CORNER = (421_000.0, 3_890_000.0)
SIZE_M = (30_000.0, 20_000.0)
Floats = npt.NDArray[np.float64]


def patches(
    count: int, seed: int, *, pieces: int = 7, size: tuple[float, float] = SIZE_M
) -> npt.NDArray[np.object_]:
    """A coverage of some `count` patches: a jittered lattice whose sides are crooked lines of `pieces` edges.

    Neighbours share every vertex; each patch has 4 × `pieces` vertices.
    """
    random = np.random.default_rng(seed)
    cols = round(np.sqrt(count * size[0] / size[1]))
    rows = round(count / cols)
    step = np.array([size[0] / cols, size[1] / rows])
    node = np.stack(np.meshgrid(np.arange(cols + 1), np.arange(rows + 1)), axis=-1) * step + CORNER
    node[1:-1, 1:-1] += random.uniform(-0.28, 0.28, (rows - 1, cols - 1, 2)) * step
    south = _crooked(node[:, :-1], node[:, 1:], pieces, random)  # (rows + 1, cols, pieces, 2)
    west = _crooked(node[:-1], node[1:], pieces, random)  # (rows, cols + 1, pieces, 2)

    def backwards(side: Floats, start: Floats) -> Floats:
        return np.concatenate([start[:, :, None], side[:, :, :0:-1]], axis=2)

    ring = np.concatenate(
        [
            south[:-1],
            west[:, 1:],
            backwards(south[1:], node[1:, 1:]),
            backwards(west[:, :-1], node[1:, :-1]),
        ],
        axis=2,
    ).reshape(-1, 4 * pieces, 2)
    return np.asarray(shapely.polygons(np.concatenate([ring, ring[:, :1]], axis=1)))


def parcels(count: int, seed: int = 1) -> gpd.GeoSeries:
    """Parcels of 28 vertices that fill 30 × 20 km."""
    return gpd.GeoSeries(patches(count, seed), crs=CRS)


def farmland(vertices: int, seed: int = 2) -> shapely.MultiPolygon:
    """Connected farmland with thousands of holes, some `vertices` of them all."""
    pieces = 12
    made = patches(max(vertices // 8, 60), seed, pieces=pieces)
    spot = shapely.get_coordinates(shapely.centroid(made)) - CORNER
    random = np.random.default_rng(seed + 100)
    field = np.zeros(len(made))
    for wave in random.normal(0, 1 / 1500, (24, 2)):
        field += np.sin(spot @ wave * 2 * np.pi + random.uniform(0, 2 * np.pi))
    keep = field + random.normal(0, 3, len(made)) > -1.2
    whole = shapely.coverage_union_all(made[keep])
    return shapely.MultiPolygon(list(shapely.get_parts(whole)))


def rivers(vertices: int, seed: int = 3) -> shapely.MultiPolygon:
    """Winding rivers, each a band of 60 to 200 m."""
    random = np.random.default_rng(seed)
    banks = []
    for _ in range(4):
        t = np.linspace(0, 1, max(vertices // 10, 20))
        bend = sum(
            random.normal(0, 900 / k) * np.sin(2 * np.pi * k * t + random.uniform(0, 7)) for k in range(1, 40)
        )
        middle = random.uniform(0.15, 0.85) * SIZE_M[1]
        course = np.stack([CORNER[0] + t * SIZE_M[0], CORNER[1] + middle + bend], axis=1)
        banks.append(shapely.LineString(course).buffer(random.uniform(30, 100), quad_segs=4))
    whole = shapely.union_all(banks)
    return shapely.MultiPolygon(list(shapely.get_parts(whole)))


def growth_boundaries(vertices: int, seed: int = 4) -> shapely.MultiPolygon:
    """Concave towns."""
    random = np.random.default_rng(seed)
    towns = []
    for _ in range(8):
        t = np.linspace(0, 2 * np.pi, vertices // 8, endpoint=False)
        radius = 1 + sum(
            random.normal(0, 0.35 / k) * np.cos(k * t + random.uniform(0, 7)) for k in range(2, 30)
        )
        radius = np.clip(radius, 0.15, None) * random.uniform(700, 2200)
        centre = np.array(CORNER) + random.uniform(0.1, 0.9, 2) * SIZE_M
        towns.append(shapely.Polygon(np.stack([radius * np.cos(t), radius * np.sin(t)], axis=1) + centre))
    whole = shapely.union_all(towns)
    return shapely.MultiPolygon(list(shapely.get_parts(whole)))


def lines(vertices: int) -> dict[str, gpd.GeoSeries]:
    """Three control lines with some `vertices` in all, nine tenths of them farmland."""
    made = {
        "permanent_basic_farmland": farmland(vertices * 9 // 10),
        "ecological_redline": rivers(vertices // 15),
        "urban_development_boundary": growth_boundaries(vertices // 30),
    }
    return {key: gpd.GeoSeries([shape], crs=CRS) for key, shape in made.items()}


def subdivided(shape: shapely.Geometry, most: int = 256) -> npt.NDArray[np.object_]:
    """A polygon cut into pieces of at most `most` vertices, halving the longer side of the box: what peers are fed."""
    done, todo = [], list(shapely.get_parts(shape))
    while todo:
        piece = todo.pop()
        if shapely.get_num_coordinates(piece) <= most:
            done.append(piece)
            continue
        west, south, east, north = piece.bounds
        x, y = (west + east) / 2, (south + north) / 2
        halves = (
            [(west, south, x, north), (x, south, east, north)]
            if east - west > north - south
            else [(west, south, east, y), (west, y, east, north)]
        )
        for box in halves:
            cut = shapely.clip_by_rect(piece, *box)
            todo += [part for part in shapely.get_parts(cut) if part.area > 0]
    return np.array(done, dtype=object)


def densified(layer: gpd.GeoSeries, pieces: int = 5, aside_m: float = 1e-3) -> gpd.GeoSeries:
    """The same boundary with so many edges for one, its new vertices a little aside at random."""
    random = np.random.default_rng(5)

    def ring(corners: Floats) -> Floats:
        share = np.arange(pieces)[:, None] / pieces
        run = np.diff(corners, axis=0)[:, None, :]
        made = corners[:-1, None, :] + share * run
        made[:, 1:] += random.uniform(-aside_m, aside_m, made[:, 1:].shape)
        return np.vstack([made.reshape(-1, 2), corners[:1]])

    shapes = [
        shapely.MultiPolygon(
            [
                (
                    ring(np.array(part.exterior.coords)),
                    [ring(np.array(hole.coords)) for hole in part.interiors],
                )
                for part in shapely.get_parts(shape)
            ]
        )
        for shape in layer
    ]
    return gpd.GeoSeries(shapes, crs=layer.crs)


def _crooked(start: Floats, end: Floats, pieces: int, random: np.random.Generator) -> Floats:
    """Points along lines, the end left out, pushed aside at random in between; shape (…, pieces, 2)."""
    share = np.arange(pieces)[:, None] / pieces
    run = (end - start)[:, :, None]
    aside = np.stack([-run[..., 1], run[..., 0]], axis=-1)
    push = random.uniform(-0.3, 0.3, (*start.shape[:2], pieces, 1)) / pieces * (share > 0)
    return np.asarray(start[:, :, None] + share * run + push * aside)
