"""Land-use tables: parts add up as printed on every level, no ground twice, order irrelevant, cases by hand."""

from decimal import Decimal
from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import Polygon, box

import synthetic
from zoneplan.errors import InputError
from zoneplan.landuse.codes import code_list
from zoneplan.landuse.ground import make_ground
from zoneplan.landuse.landtables import VALUES, land_table, transition
from zoneplan.landuse.matrix import matrix, overlapping
from zoneplan.landuse.spread import spread
from zoneplan.landuse.tabledef import read_table
from zoneplan.landuse.tablerows import level_rows
from zoneplan.landuse.tally import lay_out

LAYERS = synthetic.layers()
EAST_M, NORTH_M = synthetic.EAST, synthetic.NORTH
square = synthetic.square
PRESENT = [
    ("0101", square(0, 0, 5, 5)),
    ("0301", square(5, 0, 10, 5)),
    ("070102", square(0, 5, 5, 10)),
    ("06", square(5, 5, 10, 9)),
    ("1704", square(5, 9, 7, 10)),
]
PLANNED = [
    ("0101", square(0, 0, 5, 4)),
    ("0301", square(5, 0, 10, 5)),
    ("0701", square(0, 4, 5, 10)),
    ("1001", square(5, 5, 9, 10)),
]


def patches(rows, field="YDYHFLDM", crs=synthetic.CRS_CODE):
    return gpd.GeoDataFrame({field: [row[0] for row in rows]}, geometry=[row[1] for row in rows], crs=crs)


def ground(rows, **options):
    return make_ground(patches(rows), crs=LAYERS.crs, **{"list_id": "2023", **options})


def whole():
    return gpd.GeoDataFrame({"id": ["zone"], "name": ["示范区"]}, geometry=[LAYERS.zone], crs=LAYERS.crs)


def exact(values):
    return sum((Decimal(repr(float(value))) for value in values), Decimal(0))


def assert_closes(table):
    """Every line is the sum of the lines under it, every total of its parts, in every unit."""
    for _, block in table.groupby("column_id"):
        for unit in (name for name in VALUES if name.startswith("area")):
            value = dict(zip(block["row_id"], block[unit], strict=True))
            tops = block[(block["row_parent"] == "") & (block["row_id"] != "total")]
            assert exact(tops[unit]) == exact([value["total"]])
            for parent, below in block[block["row_parent"] != ""].groupby("row_parent"):
                assert exact(below[unit]) == exact([value[parent]])


def cell(table, row, column="zone", unit="area_m2"):
    return float(table.set_index(["row_id", "column_id"])[unit][row, column])


@pytest.mark.parametrize("kind", ["group", "space", "control_line"])
@pytest.mark.parametrize("level", [1, 2, 3])
def test_parts_add_up_as_printed(kind, level):
    made = spread(ground(PRESENT), LAYERS[kind])
    for rows, full in ((level_rows(code_list(), level), False), (read_table("three_classes").rows(), True)):
        table = land_table(made, rows, all_rows=full)
        assert_closes(table)
        across = table[table["column_id"] != "total"].groupby("row_id")["area_mu"].agg(exact)
        total = table[table["column_id"] == "total"].set_index("row_id")["area_mu"]
        assert all(across[row] == exact([total[row]]) for row in total.index)


def test_the_golden_square_in_every_unit():
    # 1 km square by the standard's own method: 999 849.73 m²
    east, north = 421454.847, 3120865.094
    shape = box(east, north, east + 1e3, north + 1e3)
    element = gpd.GeoDataFrame({"id": ["e"], "name": ["e"]}, geometry=[shape], crs=LAYERS.crs)
    table = land_table(spread(ground([("0101", shape)]), element), level_rows(code_list(), 1), all_rows=False)
    line = table.set_index("row_id").loc["01"]
    printed = [line[f"area_{unit}"] for unit in ("m2", "ha", "km2", "mu", "wan_mu")]
    assert printed == [999849.73, 99.985, 0.99985, 1499.7746, 0.149977]
    assert line["share"] == 1
    assert table["row_id"].tolist() == ["01", "bare", "total"]
    assert cell(table, "bare", "e") == 0


def test_ground_without_patches_and_coarse_codes_stand_by_themselves():
    table = land_table(spread(ground(PRESENT), whole()), level_rows(code_list(), 2), all_rows=False)
    assert cell(table, "bare", unit="area_ha") == pytest.approx(300, rel=2e-4)  # 3 km × 1 km in the corner
    assert cell(table, "06_unclear") == cell(table, "06")
    assert cell(table, "0701") == cell(table, "07")
    classes = land_table(
        spread(ground([*PRESENT, ("04", square(7, 9, 8, 10))]), whole()), read_table("three_classes").rows()
    )
    assert cell(classes, "unclear", unit="area_ha") == pytest.approx(100, rel=2e-4)  # 04 lies in two classes
    assert cell(classes, "bare", unit="area_ha") == pytest.approx(200, rel=2e-4)


def test_the_switch_moves_class_06_and_nothing_else():
    made = spread(ground(PRESENT), whole())
    legal, other = (
        land_table(made, read_table("three_classes").rows(facilities=f))
        for f in ("agricultural", "construction")
    )
    moved = cell(legal, "facilities")
    assert moved == cell(other, "farm_facilities") > 0
    assert exact([cell(legal, "agricultural"), -moved]) == exact([cell(other, "agricultural")])
    assert exact([cell(legal, "construction"), moved]) == exact([cell(other, "construction")])


def test_codes_in_no_list_and_outside_a_table_have_rows():
    frame = patches([("0101", square(0, 0, 5, 10)), ("99", square(5, 0, 6, 10)), (None, square(6, 0, 7, 10))])
    made = make_ground(frame, crs=LAYERS.crs)
    assert {one.code for one in made.findings} >= {"landuse.unlisted"}
    table = land_table(spread(made, whole()), level_rows(code_list(), 1), all_rows=False)
    assert cell(table, "unrecognised", unit="area_ha") == pytest.approx(2000, rel=2e-4)
    only = [row for row in level_rows(code_list(), 1) if row.id == "02"]
    assert [line.id for line in lay_out(only, ["0101", "0201"], code_list()).lines] == ["02", "beyond"]


def test_overlapping_patches_count_once_and_are_named():
    rows = [("0101", square(0, 0, 10, 10)), ("0701", square(2, 2, 4, 4)), ("0702", square(3, 2, 5, 4))]
    made = ground(rows)
    said = [one for one in made.findings if one.code == "landuse.overlap"]
    assert [set(one.feature) for one in said] == [{"#1", "#2"}, {"#1", "#3"}, {"#2", "#3"}]
    assert all(one.point is not None for one in said)
    table = land_table(spread(made, whole()), level_rows(code_list(), 2), all_rows=False)
    assert_closes(table)
    # of the two equal squares the lower code keeps the strip that they share
    assert cell(table, "0701", unit="area_ha") == pytest.approx(400, rel=2e-4)
    assert cell(table, "0702", unit="area_ha") == pytest.approx(200, rel=2e-4)
    assert cell(table, "01", unit="area_ha") == pytest.approx(9400, rel=2e-4)


def test_a_patch_given_twice_counts_once():
    once, twice = (land_table(spread(ground(rows), whole()), level_rows(code_list(), 1), all_rows=False)
                   for rows in (PRESENT, [*PRESENT, PRESENT[0]]))  # fmt: skip
    pd.testing.assert_frame_equal(once, twice)


def test_elements_that_overlap_are_said():
    both = pd.concat([LAYERS["group"], LAYERS["group"].iloc[[0]].assign(id="again")], ignore_index=True)
    made = spread(ground(PRESENT), both)
    assert [one.feature for one in made.findings] == [("group_west", "again")]
    assert_closes(land_table(made, level_rows(code_list(), 1)))


def cut(xs, ys):
    """A rectangle of patches between cuts, in kilometres."""
    return [square(a, b, c, d) for a, c in pairwise(xs) for b, d in pairwise(ys)]


CUTS = st.lists(st.integers(1, 99), min_size=1, max_size=3, unique=True).map(
    lambda v: [0, *(x / 10 for x in sorted(v)), 10]
)


@settings(max_examples=15)
@given(CUTS, CUTS, st.data())
def test_tables_close_whatever_the_patches_and_their_order(xs, ys, data):
    shapes = cut(xs, ys)
    codes = [data.draw(st.sampled_from(["0101", "0102", "04", "0403", "0701", "23"])) for _ in shapes]
    rows = list(zip(codes, shapes, strict=True))
    mixed = data.draw(st.permutations(rows))
    levels = level_rows(code_list(), 2)
    tables = [
        land_table(spread(ground(given_rows), LAYERS["group"]), levels, all_rows=False)
        for given_rows in (rows, mixed)
    ]
    assert_closes(tables[0])
    pd.testing.assert_frame_equal(*tables)
    assert (tables[0].loc[tables[0]["row_id"] == "bare", "area_m2"] == 0).all()
    changes = [
        transition(ground(rows), ground(PLANNED), whole()),
        transition(ground(mixed), ground(PLANNED[::-1]), whole()),
    ]
    pd.testing.assert_frame_equal(*changes)


def test_nothing_changes_where_present_is_planned():
    made = ground(PRESENT)
    for level in (1, 2, 3):
        table = transition(made, made, whole(), level=level)
        wide = table.pivot(index="row_id", columns="column_id", values="area_m2").rename(
            columns={"bare_planned": "bare"}
        )
        wide = wide.loc[wide.columns, wide.columns].drop(index="total", columns="total")
        off = wide.to_numpy().copy()
        np.fill_diagonal(off, 0)
        assert not off.any()


def test_transition_by_hand_and_closed():
    table = transition(ground(PRESENT), ground(PLANNED), whole())
    ha = table.pivot(index="row_id", columns="column_id", values="area_ha")
    expected = {
        ("01", "01"): 2000, ("01", "07"): 500, ("03", "03"): 2500, ("07", "07"): 2500, ("06", "10"): 1600,
        ("06", "bare_planned"): 400, ("17", "10"): 200, ("bare", "10"): 200, ("bare", "bare_planned"): 100,
    }  # fmt: skip
    inner = ha.drop(index="total", columns="total")
    for (row, column), value in inner.stack().items():
        assert value == pytest.approx(expected.get((row, column), 0), rel=2e-4)
    for unit in ("area_m2", "area_ha", "area_km2", "area_mu", "area_wan_mu"):
        wide = table.pivot(index="row_id", columns="column_id", values=unit)
        for line in wide.index:
            assert exact(wide.loc[line].drop("total")) == exact([wide.loc[line, "total"]])
        for line in wide.columns:
            assert exact(wide[line].drop("total")) == exact([wide.loc["total", line]])
    base = land_table(spread(ground(PRESENT), whole()), level_rows(code_list(), 1), all_rows=False)
    totals = table[table["column_id"] == "total"].set_index("row_id")["area_m2"]
    assert all(cell(base, row) == totals[row] for row in ("01", "03", "06", "07", "17", "bare", "total"))


def test_disjoint_present_and_planned_stand_in_the_margins():
    table = transition(
        ground([("0101", square(0, 0, 5, 10))]), ground([("0701", square(5, 0, 10, 10))]), whole()
    )
    ha = table.set_index(["row_id", "column_id"])["area_ha"]
    assert ha["01", "bare_planned"] == ha["01", "total"] == pytest.approx(5000, rel=2e-4)
    assert ha["bare", "07"] == ha["bare", "total"]
    assert ha["01", "07"] == ha["bare", "bare_planned"] == 0


def test_codes_of_other_lists_are_brought_over_with_what_is_uncertain():
    frame = patches(
        [("0404", square(0, 0, 5, 5)), ("0204", square(5, 0, 10, 5)), ("08H2", square(0, 5, 10, 10))],
        field="DLBM",
    )
    made = make_ground(frame, crs=LAYERS.crs)
    assert made.frame["code"].tolist() == ["0403", "02", "08"]
    said = [one.en for one in made.findings if one.code == "landuse.crosswalk"]
    assert "1 patches of 0204 其他园地 may be 0205/0204; counted as 02" in said
    old = make_ground(patches([("1313", square(0, 0, 5, 5)), ("2302", square(5, 0, 10, 5))]), crs=LAYERS.crs)
    assert old.frame["code"].tolist() == ["1312", "2303"]
    assert "landuse.collision" in {one.code for one in old.findings}


def test_matrix_and_overlaps_of_one_layer():
    one = gpd.GeoSeries([square(0, 0, 2, 2), square(5, 5, 6, 6)], crs=LAYERS.crs)
    other = gpd.GeoSeries([square(1, 0, 3, 2), square(2, 0, 4, 2)], crs=LAYERS.crs)
    made = matrix(one, other)
    assert (made.row.tolist(), made.column.tolist()) == ([0], [0])
    assert made.plane_m2 == pytest.approx([2e6])
    assert overlapping(other).plane_m2 == pytest.approx([2e6])
    assert len(overlapping(gpd.GeoSeries(cut([0, 3, 7, 10], [0, 5, 10]), crs=LAYERS.crs)).row) == 0


@pytest.mark.parametrize(
    ("frame", "options", "match"),
    [
        (
            patches([("0101", square(0, 0, 1, 1))], field="code"),
            {},
            "no field YDYHFLDM, DLBM .* the fields are code",
        ),
        (patches([("0101", square(0, 0, 1, 1))]), {"field": "X"}, "there is no field X"),
        (patches([("0204", square(0, 0, 1, 1))]), {}, "mean different things in 2023, 2020"),
        (patches([("nonsense", square(0, 0, 1, 1))]), {}, "no list holds all codes"),
        (patches([("0101", Polygon())]), {}, "1 patches have no valid polygon: #1"),
        (patches([("0101", Polygon([(0, 0), (1, 1), (1, 0), (0, 1)]))]), {}, "no valid polygon"),
        (patches([("0101", square(0, 0, 1, 1))]).set_crs(3857, allow_override=True), {}, "landuse"),
        (patches([("0101", square(0, 0, 1, 1))]), {"list_id": "1990"}, "no code list '1990'"),
    ],
)
def test_bad_inputs(frame, options, match):
    with pytest.raises(InputError, match=match):
        make_ground(frame, crs=LAYERS.crs, **options)


def test_row_totals_of_the_transition_are_those_of_the_land_use_table():
    # a zone across the patches at a slant, so that all along its edge they are cut
    corners = [
        (EAST_M + x, NORTH_M + y)
        for x, y in ((777.7, 333.3), (9111.1, 1222.2), (8333.3, 9444.4), (555.5, 8777.7))
    ]
    zone = gpd.GeoDataFrame({"id": ["zone"], "name": ["z"]}, geometry=[Polygon(corners)], crs=LAYERS.crs)
    table = (
        transition(ground(PRESENT), ground(PLANNED), zone).query("column_id == 'total'").set_index("row_id")
    )
    base = land_table(spread(ground(PRESENT), zone), level_rows(code_list(), 2), all_rows=False)
    tops = base[base["level"] == 1].set_index("row_id")
    for unit in ("area_m2", "area_ha", "area_mu", "area_km2", "area_wan_mu"):
        assert table[unit].to_dict() == tops[unit].to_dict()
