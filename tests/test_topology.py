"""Topology: planted faults are found, each under its code and by its features, and nothing else is."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pyproj import CRS, Transformer
from shapely.affinity import translate
from shapely.geometry import MultiPolygon, Polygon, box

from zoneplan.errors import InputError
from zoneplan.topology.faults import COLUMNS, faults_frame
from zoneplan.topology.layer import Options, check_layer

SIZE = 3000.0
NORTH = 3_120_865.0
PLACES = {"plain": (421_454.0, 4547), "zone prefix": (38_421_454.0, 4526)}
seeds = st.integers(0, 10_000)


@pytest.fixture(params=PLACES, scope="module")
def at(request):
    return PLACES[request.param]


def coverage(seed, at, n=60):
    """A clean random coverage of a square, and the square."""
    easting, epsg = at
    area = box(easting, NORTH, easting + SIZE, NORTH + SIZE)
    points = np.random.default_rng(seed).uniform(0, SIZE, (n, 2)) + np.array([easting, NORTH])
    cells = shapely.get_parts(shapely.voronoi_polygons(shapely.multipoints(points), extend_to=area))
    cells = shapely.intersection(cells, area)
    ids = [f"p{number:02d}" for number in range(n)]
    return gpd.GeoDataFrame({"id": ids}, geometry=cells, crs=epsg), area


def inner(frame, area):
    """Positions of cells away from the square's edge, the roundest first."""
    cells = frame.geometry.to_numpy()
    inside = np.nonzero(shapely.disjoint(cells, area.boundary))[0]
    round_ = shapely.area(cells) / shapely.length(cells) ** 2
    return inside[np.argsort(-round_[inside])]


def corners(cell):
    return shapely.get_coordinates(cell.exterior)[:-1]


def replaced(frame, number, shape):
    made = frame.copy()
    shapes = list(made.geometry)
    shapes[number] = shape
    return made.set_geometry(gpd.GeoSeries(shapes, index=made.index, crs=made.crs))


def added(frame, shape, name="new"):
    return gpd.GeoDataFrame({"id": [*frame["id"], name]}, geometry=[*frame.geometry, shape], crs=frame.crs)


def found(frame, **options):
    """(code, features) of all errors and warnings."""
    container = options.pop("container", None)
    faults = check_layer(frame, options=Options(**options), container=container)
    return sorted(
        (f.finding.code.removeprefix("topology."), tuple(sorted(f.finding.feature)))
        for f in faults
        if f.finding.severity != "info"
    )


def sharing(frame, point, but=()):
    """Ids of the cells with a vertex at a point."""
    return [
        name
        for name, cell in zip(frame["id"], frame.geometry, strict=True)
        if name not in but and np.hypot(*(corners(cell) - point).T).min() < 1e-6
    ]


def along(frame, cell, k):
    """The middle of a cell's k-th edge, and the id of the neighbour across."""
    ring = corners(frame.geometry.iloc[cell])
    one, other = ring[k], ring[(k + 1) % len(ring)]
    mine = frame["id"].iloc[cell]
    neighbour = next(name for name in sharing(frame, one, (mine,)) if name in sharing(frame, other, (mine,)))
    return one, other, neighbour


def longest(ring):
    return int(np.argmax(np.hypot(*(np.roll(ring, -1, axis=0) - ring).T)))


@settings(deadline=None, max_examples=25)
@given(seeds, st.sampled_from(sorted(PLACES)), st.booleans())
def test_a_clean_coverage_has_no_fault(seed, place, contained):
    frame, area = coverage(seed, PLACES[place])
    assert found(frame, container=area if contained else None) == []


@settings(deadline=None, max_examples=25)
@given(seeds, st.sampled_from(sorted(PLACES)), st.floats(0.004, 5), st.booleans())
def test_a_moved_corner_is_a_gap_or_overlaps(seed, place, metres, outward):
    frame, area = coverage(seed, PLACES[place])
    cell = inner(frame, area)[0]
    shape, name = frame.geometry.iloc[cell], frame["id"].iloc[cell]
    ring = corners(shape)
    k = int(
        np.argmax(
            np.minimum(
                np.hypot(*(np.roll(ring, 1, axis=0) - ring).T),
                np.hypot(*(np.roll(ring, -1, axis=0) - ring).T),
            )
        )
    )
    towards = np.asarray(shape.centroid.coords[0]) - ring[k]
    towards /= np.hypot(*towards)
    others = sharing(frame, ring[k], (name,))
    ring[k] += towards * (-metres if outward else metres)
    said = found(replaced(frame, cell, Polygon(ring)), container=area)
    if outward:
        # a neighbour's neighbour may be met as well, behind a short edge
        met = {
            tuple(sorted((name, other)))
            for other, cell_ in zip(frame["id"], frame.geometry, strict=True)
            if other != name and cell_.intersection(Polygon(ring)).area > 1e-6
        }
        assert {code for code, _ in said} == {"overlap"}
        assert {tuple(sorted((name, other))) for other in others} <= {pair for _, pair in said} <= met
    else:
        assert said == [("gap", tuple(sorted((name, *others))))]


@settings(deadline=None, max_examples=25)
@given(seeds, st.sampled_from(sorted(PLACES)), st.floats(0.2, 0.8), st.floats(-9e-4, 9e-4))
def test_a_vertex_on_a_neighbours_edge_is_no_gap(seed, place, share, off):
    frame, area = coverage(seed, PLACES[place])
    assume(not found(frame, container=area))  # random cells may have vertices within the tolerance
    cell = inner(frame, area)[0]
    ring = corners(frame.geometry.iloc[cell])
    k = longest(ring)
    one, other, neighbour = along(frame, cell, k)
    run = other - one
    left = np.array([-run[1], run[0]]) / np.hypot(*run)
    for metres in (0.0, off):
        moved = np.insert(ring, k + 1, one + share * run + metres * left, axis=0)
        said = found(replaced(frame, cell, Polygon(moved)), container=area)
        assert said == [("unmatched_vertex", tuple(sorted((frame["id"].iloc[cell], neighbour))))]


def test_a_common_corner_half_a_millimetre_apart(at):
    frame, area = coverage(3, at)
    cell = inner(frame, area)[0]
    ring = corners(frame.geometry.iloc[cell])
    others = sharing(frame, ring[0], (frame["id"].iloc[cell],))
    ring[0] += [4e-4, 3e-4]
    said = found(replaced(frame, cell, Polygon(ring)), container=area)
    assert said == [("unmatched_vertex", tuple(sorted((frame["id"].iloc[cell], *others))))]


def test_noise_of_a_tenth_of_a_micrometre_is_nothing(at):
    frame, area = coverage(5, at)
    noise = np.random.default_rng(5)
    shapes = [
        Polygon(corners(cell) + noise.uniform(-1e-7, 1e-7, corners(cell).shape)) for cell in frame.geometry
    ]
    assert found(frame.set_geometry(gpd.GeoSeries(shapes, crs=frame.crs)), container=area) == []


def test_a_missing_cell_is_a_gap(at):
    frame, area = coverage(7, at)
    cell = inner(frame, area)[0]
    hole = frame.geometry.iloc[cell]
    around = frame["id"][frame.geometry.apply(lambda c: c.intersection(hole).length > 0.01)].tolist()
    around.remove(frame["id"].iloc[cell])
    rest = frame.drop(index=frame.index[cell])
    assert found(rest) == [("gap", tuple(sorted(around)))]
    [fault] = [f for f in check_layer(rest) if f.finding.code == "topology.gap"]
    assert fault.geometry.area == pytest.approx(hole.area, abs=1e-3)
    assert fault.size == pytest.approx(hole.area, rel=1e-3)


def test_a_missing_cell_at_the_rim_is_a_gap_against_the_container_only(at):
    frame, area = coverage(7, at)
    cell = int(np.nonzero(shapely.intersects(frame.geometry.to_numpy(), area.boundary))[0][0])
    rest = frame.drop(index=frame.index[cell])
    assert found(rest) == []
    assert [code for code, _ in found(rest, container=area)] == ["gap"]


def test_a_cell_beyond_the_container(at):
    frame, area = coverage(7, at)
    outside = translate(box(-20, 100, 0, 160), area.bounds[0], area.bounds[1])
    rim = next(n for n, c in enumerate(frame.geometry) if c.intersection(outside).length > 30)
    said = found(replaced(frame, rim, shapely.union(frame.geometry.iloc[rim], outside)), container=area)
    assert ("outside", (frame["id"].iloc[rim],)) in said
    assert {code for code, _ in said} <= {"outside", "unmatched_vertex"}


def test_the_same_polygon_twice(at):
    frame, area = coverage(7, at)
    cell = inner(frame, area)[0]
    twice = added(frame, shapely.reverse(frame.geometry.iloc[cell]))
    assert found(twice, container=area) == [("duplicate", tuple(sorted(("new", frame["id"].iloc[cell]))))]


def test_a_polygon_inside_another(at):
    frame, area = coverage(7, at)
    cell = inner(frame, area)[0]
    centre = frame.geometry.iloc[cell].centroid
    said = found(added(frame, centre.buffer(9, quad_segs=2)), container=area)
    assert said == [("overlap", tuple(sorted(("new", frame["id"].iloc[cell]))))]


def chord_pair(at, to, length, steps=6):
    """Two cells on either side of a line that is straight in another CRS: one with 2 vertices, one with more."""
    easting, epsg = at
    there = Transformer.from_crs(epsg, to, always_xy=True)
    ends = np.array(there.transform([easting, easting + length], [NORTH, NORTH + 1.0])).T
    line = ends[0] + np.linspace(0, 1, steps + 1)[:, None] * (ends[1] - ends[0])
    back = Transformer.from_crs(to, epsg, always_xy=True)
    points = np.array(back.transform(*line.T)).T
    low, high = [0, -300], [0, 300]
    below = Polygon([points[0] + low, points[-1] + low, points[-1], points[0]])
    above = Polygon([*points, points[-1] + high, points[0] + high])
    return gpd.GeoDataFrame({"id": ["below", "above"]}, geometry=[below, above], crs=epsg)


@pytest.mark.parametrize("to", [4490, 3857])
@pytest.mark.parametrize("length", [200, 1000, 2500])
def test_a_chord_is_told_apart(at, to, length):
    pair = chord_pair(at, to, length)
    codes = {(f.finding.code, f.finding.feature) for f in check_layer(pair)}
    assert {code for code, _ in codes} == {"topology.chord", "topology.checked"}
    assert {tuple(sorted(ids)) for code, ids in codes if code == "topology.chord"} == {("above", "below")}


def test_a_bend_that_no_projection_makes_is_real(at):
    pair = chord_pair(at, 4490, 1000)
    ring = corners(pair.geometry.iloc[1])
    ring[3, 1] += 0.03
    codes = [code for code, _ in found(replaced(pair, 1, Polygon(ring)))]
    assert codes
    assert set(codes) <= {"gap", "overlap"}


@pytest.mark.parametrize(
    ("shape", "reason"),
    [
        (Polygon([(0, 0), (20, 20), (20, 0), (0, 20)]), "Self-intersection"),
        (Polygon(box(0, 0, 9, 9).exterior, [box(20, 20, 22, 22).exterior]), "Hole lies outside shell"),
        (MultiPolygon([box(0, 0, 9, 9), box(2, 2, 4, 4)]), "Nested shells"),
        (Polygon([(0, 0), (0, 0), (0, 0), (0, 0)]), "Too few points"),
        (Polygon(box(0, 0, 9, 9).exterior, [box(2, 2, 8, 8).exterior, box(3, 3, 4, 4).exterior]), "Holes are nested"),
    ],
)  # fmt: skip
def test_invalid_geometry_with_reason_and_place(at, shape, reason):
    easting, epsg = at
    moved = translate(shape, easting + 5000, NORTH)
    frame, _ = coverage(2, at)
    faults = check_layer(added(frame, moved))
    errors = [f for f in faults if f.finding.code == "topology.invalid"]
    assert [f.finding.feature for f in errors] == [("new",)]
    assert reason in errors[0].finding.en
    lon, lat = Transformer.from_crs(epsg, 4490, always_xy=True).transform(easting + 5010, NORTH + 10)
    assert errors[0].finding.point == pytest.approx((lon, lat), abs=2e-4)


def test_what_follows_from_an_invalid_cell_is_not_a_fault_of_its_own(at):
    frame, area = coverage(11, at)
    cell = inner(frame, area)[0]
    ring = corners(frame.geometry.iloc[cell])
    ring[[1, 2]] = ring[[2, 1]]
    said = found(replaced(frame, cell, Polygon(ring)), container=area)
    assert said == [("invalid", (frame["id"].iloc[cell],))]


def test_missing_empty_and_unusable_geometry(at):
    frame, _ = coverage(2, at)
    names = ["none", "empty", "line", "nan"]
    line = shapely.LineString([(at[0] - 9, NORTH), (at[0] - 8, NORTH)])
    with np.errstate(invalid="ignore"):
        shapes = [None, Polygon(), line, Polygon([(0, 0), (np.nan, 1), (1, 1), (0, 0)])]
    for name, shape in zip(names, shapes, strict=True):
        frame = added(frame, shape, name)
    assert found(frame) == [("empty", ("empty",)), ("empty", ("none",)), ("invalid", ("nan",)), ("type", ("line",))]  # fmt: skip


@pytest.mark.parametrize(("metres", "code"), [(0.0, "duplicate_vertex"), (5e-4, "near_vertex")])
def test_repeated_vertices(at, metres, code):
    frame, area = coverage(13, at)
    cell = inner(frame, area)[0]
    ring = corners(frame.geometry.iloc[cell])
    run = ring[1] - ring[0]
    moved = np.insert(ring, 1, ring[0] + metres * run / np.hypot(*run), axis=0)
    said = found(replaced(frame, cell, Polygon(moved)), container=area)
    assert said == [(code, (frame["id"].iloc[cell],))]


@pytest.mark.parametrize("outward", [True, False])
@pytest.mark.parametrize("width", [0.0, 0.02])
def test_spikes(at, outward, width):
    frame, area = coverage(17, at)
    cell = inner(frame, area)[0]
    shape, name = frame.geometry.iloc[cell], frame["id"].iloc[cell]
    ring = shapely.get_coordinates(shapely.orient_polygons(shape).exterior)[:-1]
    k = longest(ring)
    run = (ring[k + 1] if k + 1 < len(ring) else ring[0]) - ring[k]
    run /= np.hypot(*run)
    right = np.array([run[1], -run[0]]) * (6 if outward else -6)
    foot = ring[k] + 40 * run
    spike = [foot, foot + right + run * width / 2, foot + run * width]
    said = found(replaced(frame, cell, Polygon(np.insert(ring, k + 1, spike, axis=0))), container=area)
    assert ("spike", (name,)) in said
    assert {code for code, _ in said} <= {"spike", "invalid"}
    assert all(features == (name,) for _, features in said)
    if width:
        assert said == [("spike", (name,))]


def test_a_sliver_between_sound_neighbours(at):
    frame, area = coverage(19, at)
    cell = inner(frame, area)[0]
    shape, name = frame.geometry.iloc[cell], frame["id"].iloc[cell]
    x = shape.centroid.x
    west, strip, east = (
        shapely.intersection(shape, box(a, NORTH - 9, b, NORTH + SIZE + 9))
        for a, b in ((x - SIZE, x), (x, x + 0.3), (x + 0.3, x + SIZE))
    )
    made = added(added(replaced(frame, cell, west), strip, "strip"), east, "east")
    said = found(made, container=area)
    assert ("sliver", ("strip",)) in said
    assert {code for code, _ in said} == {"sliver", "unmatched_vertex"}  # the neighbours lack the cut's ends
    assert name


def test_a_hole_without_points_is_no_hole(at):
    easting, epsg = at
    west, east = box(0, 0, 10, 10), box(9, 2, 19, 8)
    hollow = shapely.from_wkt("POLYGON((0 0,10 0,10 10,0 10,0 0),EMPTY)")
    parts = MultiPolygon([translate(hollow, 40), box(30, 0, 35, 10)])
    ids = ["w", "e", "m"]

    def said(*shapes):
        moved = shapely.transform(list(shapes), lambda xy: xy + np.array([easting, NORTH]))
        return found(gpd.GeoDataFrame({"id": ids}, geometry=moved, crs=epsg))

    plain = MultiPolygon([box(40, 0, 50, 10), box(30, 0, 35, 10)])
    assert said(hollow, east, parts) == said(west, east, plain) == [("overlap", ("e", "w"))]


def test_validity_is_that_of_the_geometry_as_given():
    thin = Polygon([(0, 0), (1, 0), (1, 2.0**-60), (2.0**-70, 2.0**-61), (1, 1), (0, 1)])
    frame = gpd.GeoDataFrame({"id": ["near", "far"]}, geometry=[thin, box(-5e5, -5e5, -4e5, -4e5)])
    assert thin.is_valid
    assert found(frame) == [("duplicate_vertex", ("near",)), ("spike", ("near",))]  # and not invalid


def test_multiparts_and_acute_angles_are_information(at):
    easting, epsg = at
    parts = MultiPolygon([box(easting, NORTH, easting + 50, NORTH + 50), box(easting + 90, NORTH, easting + 140, NORTH + 50)])  # fmt: skip
    wedge = Polygon([(easting, NORTH + 90), (easting + 100, NORTH + 90), (easting + 100, NORTH + 105)])
    frame = gpd.GeoDataFrame({"id": ["m", "w"]}, geometry=[parts, wedge], crs=epsg)
    said = {(f.finding.code, f.finding.severity, f.finding.feature) for f in check_layer(frame)}
    assert ("topology.multipart", "info", ("m",)) in said
    assert ("topology.acute_angle", "info", ("w",)) in said
    assert found(frame) == []


def test_an_id_twice(at):
    frame, area = coverage(2, at)
    frame.loc[4, "id"] = "p09"
    assert found(frame, container=area) == [("duplicate_id", ("p09",))]


@pytest.mark.parametrize(
    ("field", "code", "side", "small"),
    [
        ("YDYHFLDM", "0701", 14, True), ("YDYHFLDM", "0701", 15, False), ("YDYHFLDM", "0602", 14, True),
        ("YDYHFLDM", "0101", 19, True), ("YDYHFLDM", "0101", 21, False), ("YDYHFLDM", "1701", 24, True),
        ("YDYHFLDM", "2305", 38, True), ("YDYHFLDM", "2305", 39, False), ("YDYHFLDM", "", 2, False),
        ("DLBM", "0701", 14, True), ("DLBM", "1202", 14, True), ("DLBM", "1202", 15, False), ("DLBM", "1205", 38, True),
    ],
)  # fmt: skip
def test_minimum_mapped_area(at, field, code, side, small):
    easting, epsg = at
    frame = gpd.GeoDataFrame({"id": ["a"], field: [code]}, geometry=[box(easting, NORTH, easting + side, NORTH + side)], crs=epsg)  # fmt: skip
    assert found(frame, code_field=field) == ([("small_patch", ("a",))] if small else [])
    assert found(frame) == []


def test_codes_that_are_numbers_are_not_judged(at):
    frame = gpd.GeoDataFrame({"id": ["a"], "DLBM": [101]}, geometry=[box(at[0], NORTH, at[0] + 2, NORTH + 2)], crs=at[1])  # fmt: skip
    assert found(frame, code_field="DLBM") == [("code_field", ())]


def test_separate_patches_have_no_gaps(at):
    easting, epsg = at
    ring = box(easting, NORTH, easting + 500, NORTH + 500).difference(box(easting + 100, NORTH + 100, easting + 400, NORTH + 400))  # fmt: skip
    far = box(easting + 600, NORTH, easting + 700, NORTH + 100)
    frame = gpd.GeoDataFrame({"id": ["ring", "far"]}, geometry=[ring, far], crs=epsg)
    assert found(frame) == []
    assert found(frame, coverage=True) == [("gap", ("ring",))]


def test_all_faults_in_one_run_in_an_order_that_rows_do_not_change(at):
    frame, area = coverage(23, at)
    cells = inner(frame, area)
    frame = added(frame, frame.geometry.iloc[cells[0]], "twice")
    frame = added(frame, None, "none")
    frame = added(frame, translate(Polygon([(0, 0), (20, 20), (20, 0), (0, 20)]), at[0] + 5000, NORTH), "bow")
    once = check_layer(frame, place="x")
    again = check_layer(frame.sample(frac=1, random_state=1), place="x")
    assert {f.finding.code for f in once} >= {"topology.duplicate", "topology.empty", "topology.invalid"}
    assert [f.finding.code for f in once] == [f.finding.code for f in again]
    assert [sorted(f.finding.feature) for f in once] == [sorted(f.finding.feature) for f in again]


def test_the_frame_of_faults_and_messages_in_two_languages(at):
    frame, area = coverage(7, at)
    rest = frame.drop(index=frame.index[inner(frame, area)[0]])
    faults = check_layer(rest, place="cells")
    table = faults_frame(faults, rest.crs)
    assert list(table.columns) == [*COLUMNS, "geometry"]
    assert table.crs == CRS(rest.crs)
    gap = faults[0].finding
    assert gap.code == "topology.gap"
    assert gap.place.startswith("cells: ")
    assert "空隙" in gap.zh
    assert "m²" in gap.en
    assert gap.point is not None


def test_degrees_and_unknown_fields_are_refused():
    frame = gpd.GeoDataFrame({"id": ["a"]}, geometry=[box(113, 28, 113.1, 28.1)], crs=4490)
    with pytest.raises(InputError, match="projected CRS in metres"):
        check_layer(frame)
    with pytest.raises(InputError, match="no field 'NO'"):
        check_layer(frame.to_crs(4547), options=Options(code_field="NO"))


def test_a_layer_without_features_or_geometry():
    nothing = gpd.GeoDataFrame({"id": []}, geometry=[], crs=4547)
    assert [f.finding.code for f in check_layer(nothing)] == ["topology.checked"]
    empty = gpd.GeoDataFrame({"id": ["a"]}, geometry=[None], crs=4547)
    assert found(empty) == [("empty", ("a",))]


def test_a_chord_along_two_neighbours(at):
    pair = chord_pair(at, 4490, 1600)
    above = pair.geometry.iloc[1]
    ring = corners(above)
    x = ring[3, 0]
    left = Polygon([*ring[:4], (x, ring[-1][1]), ring[-1]])
    right = Polygon([*ring[3:8], (x, ring[-1][1])])
    frame = gpd.GeoDataFrame({"id": ["below", "left", "right"]}, geometry=[pair.geometry.iloc[0], left, right], crs=pair.crs)  # fmt: skip
    said = {f.finding.code: f.finding.feature for f in check_layer(frame, options=Options(coverage=True))}
    assert set(said) == {"topology.chord", "topology.checked"}
    assert set(said["topology.chord"]) == {"below", "left", "right"}


@pytest.mark.parametrize("metres", [0.02, 0.4])
def test_a_cut_into_the_outline(at, metres):
    frame, area = coverage(29, at)
    cells = frame.geometry.to_numpy()
    for cell in np.nonzero(shapely.intersects(cells, area.boundary))[0]:
        ring = corners(shapely.orient_polygons(cells[cell]))
        on_rim = shapely.distance(area.boundary, shapely.points(ring)) < 1e-6
        k = next((k for k in range(len(ring)) if on_rim[k] and not on_rim[k - 1]), None)
        if k is None or np.hypot(*(ring[k] - ring[k - 1])) < 80:
            continue
        step = ring[(k + 1) % len(ring)] - ring[k]
        moved = ring.copy()
        moved[k] += metres * step / np.hypot(*step)
        said = found(replaced(frame, cell, Polygon(moved)))
        [neighbour] = sharing(frame, ring[k], (frame["id"].iloc[cell],))
        assert said == [("gap", tuple(sorted((frame["id"].iloc[cell], neighbour))))]
