"""Areas of patches: what is printed adds up, balancing reaches its control area, ridges come after it."""

from decimal import Decimal

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from test_cli import run
from zoneplan.areas.patchtable import SUM, Wanted, patch_areas
from zoneplan.engine import ellipsoid
from zoneplan.errors import InputError

EAST, NORTH = 421_000.0, 3_890_000.0


def frame(n=5, **columns):
    shapes = [shapely.box(EAST + 100 * k, NORTH, EAST + 100 * k + 100, NORTH + 80.5) for k in range(n)]
    return gpd.GeoDataFrame({"BSM": [f"b{k}" for k in range(n)], **columns}, geometry=shapes, crs=4547)


def total(values):
    return sum((Decimal(repr(float(value))) for value in values), Decimal(0))


@settings(max_examples=25, deadline=None)
@given(change=st.integers(-900, 900), n=st.integers(1, 12))
def test_balanced_patches_add_up_and_move_by_a_cent_more_or_less(change, n):
    patches = frame(n)
    exact = ellipsoid.area(patches.geometry, patches.crs)
    control = round(float(exact.sum()) + change / 100, 2)
    made = patch_areas(patches, Wanted(id_field="BSM", controls={"": control}))
    table = made.tables["patches"]
    assert total(table["area_m2"][:-1]) == Decimal(str(control)) == Decimal(str(table["area_m2"].iloc[-1]))
    np.testing.assert_allclose(table["before_m2"] + table["change_m2"], table["area_m2"], atol=1e-9)
    moved = table["change_m2"][:-1]
    assert moved.max() - moved.min() < 0.0101
    for unit in ("ha", "mu", "km2"):
        assert total(table[f"area_{unit}"][:-1]) == Decimal(repr(float(table[f"area_{unit}"].iloc[-1])))


def test_ridges_are_taken_off_what_was_balanced():
    patches = frame(2, DLBM=["0101", "0701"], KCXS=[0.1, 0.1])
    before = patch_areas(patches).tables["patches"]["area_m2"].tolist()
    made = patch_areas(patches, Wanted(id_field="BSM", controls={"": before[-1] + 2}))
    table = made.tables["patches"]
    assert table["change_m2"].tolist() == [1.0, 1.0, 2.0]
    assert table["kcmj_m2"].iloc[0] == round((before[0] + 1) / 10, 2)
    assert table["kcxs"].iloc[1] == 0
    assert table["net_m2"].iloc[-1] == pytest.approx(table["area_m2"].iloc[-1] - table["kcmj_m2"].iloc[-1])
    assert [(f.code, f.feature) for f in made.findings] == [("areas.residual", ()), ("areas.ridge", ("b1",))]
    (passport,) = made.passports("b0")
    assert passport.printed == table["net_m2"].iloc[0]
    assert "+1.00 m²" in passport.explain()


def test_groups_have_control_areas_of_their_own():
    patches = frame(4, ZLDWDM=["v1", "v1", "v2", "v2"])
    one, two = (
        patch_areas(patches.iloc[rows]).tables["patches"]["area_m2"].iloc[-1] for rows in ([0, 1], [2, 3])
    )
    wanted = Wanted(group_field="ZLDWDM", controls={"v1": one + 0.03, "v2": two - 0.02})
    made = patch_areas(patches, wanted)
    assert made.tables["patches"]["change_m2"].tolist() == pytest.approx([0.01, 0.02, -0.01, -0.01, 0.01])
    assert made.tables["control"]["residual_m2"].tolist() == pytest.approx([0.03, -0.02])
    assert made.findings == ()
    with pytest.raises(
        InputError, match=r"no control area for: v2(.|\n)*no patches for the control areas: v3"
    ):
        patch_areas(patches, Wanted(group_field="ZLDWDM", controls={"v1": one, "v3": two}))


def test_what_cannot_be_measured_is_named_and_not_balanced():
    patches = frame(3)
    bow_tie = shapely.Polygon([(EAST, NORTH), (EAST + 9, NORTH + 9), (EAST + 9, NORTH), (EAST, NORTH + 9)])
    patches.geometry = [patches.geometry[0], None, bow_tie]
    made = patch_areas(patches, Wanted(id_field="BSM"))
    assert [(f.code, f.feature) for f in made.findings] == [("areas.unmeasured", ("b1", "b2"))]
    assert made.tables["patches"]["area_m2"].isna().tolist() == [False, True, True, False]
    with pytest.raises(InputError, match="area 1 is nan"):
        patch_areas(patches, Wanted(controls={"": 100.0}))
    with pytest.raises(InputError, match="there is no field 'TBMJ'"):
        patch_areas(patches, Wanted(registered_field="TBMJ"))


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "dltb.gpkg"
    frame(5, TBMJ=[8050.0, 8050, 8049, 8000, 9000], ZLDWDM=["v1", "v1", "v2", "v2", "v2"]).to_file(path)
    return path


def test_registered_areas_on_the_command_line(tmp_path, capsys, file):
    code, out, _ = run(capsys, "areas", file, "--registered-field", "TBMJ", "-o", tmp_path / "out")
    assert code == 0
    assert "-951.22" in out
    assert "more than 1.00%: b4" in out
    text = (tmp_path / "out" / "areas.csv").read_text("utf-8-sig")
    assert "registered,b4," in text
    assert text.count("!") == 1


def test_balancing_to_a_file_by_group_and_explaining_a_patch(tmp_path, capsys, file):
    village = [
        shapely.box(EAST, NORTH, EAST + 200, NORTH + 80.5),
        shapely.box(EAST + 200, NORTH, EAST + 500, NORTH + 80.5),
    ]
    control = tmp_path / "villages.gpkg"
    gpd.GeoDataFrame(
        {"ZLDWDM": ["v1", "v2"], "KZMJ": [16097.6, 24146.3]}, geometry=village, crs=4547
    ).to_file(control)
    options = ("--adjust-to", control, "--group-field", "ZLDWDM", "--control-field", "KZMJ")
    code, out, _ = run(capsys, "areas", file, *options, "-o", tmp_path / "out")
    assert code == 0
    assert (tmp_path / "out" / "areas.xlsx").exists()
    assert "16097.60" in out
    assert SUM in out
    code, out, _ = run(capsys, "areas", file, *options, "--explain", "b1", "-o", tmp_path / "none", lang="zh")
    assert code == 0
    assert "平差调整:+0.04 m²" in out or "平差调整:+0.03 m²" in out
    assert not (tmp_path / "none").exists()


def test_explaining_an_element_and_what_is_not_there(tmp_path, capsys, file):
    code, out, _ = run(
        capsys, "areas", "jiaozuo", "--landuse", file, "--explain", "space_urban", "--explain", "b2"
    )
    assert code == 0
    assert out.count("area on the ellipsoid") == 2
    assert "EPSG:4547" in out
    code, _, err = run(capsys, "areas", "jiaozuo", "--explain", "space_urbn")
    assert code == 2
    assert "near: space_urban" in err


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("areas", "jiaozuo", "--registered-field", "TBMJ"), "give a file of patches, or --landuse"),
        (("areas", "FILE", "--group-field", "ZLDWDM"), "need --adjust-to"),
        (("areas", "FILE", "--by", "group"), "are for a plan's layers"),
        (("ledger", "FILE", "--layer", "a=FILE", "--precedence", "a", "--keep-overlaps"), "not both"),
        (("ledger", "FILE", "--layer", "a=FILE", "--precedence", "b"), "expected each layer once: a; found: b"),
    ],
)  # fmt: skip
def test_calls_that_make_no_sense(capsys, file, args, message):
    code, _, err = run(capsys, *(word.replace("FILE", str(file)) for word in args))
    assert code == 2
    assert message in err


def test_a_ledger_on_the_command_line(tmp_path, capsys, file):
    container = tmp_path / "container.gpkg"
    gpd.GeoDataFrame(
        {"n": [1]}, geometry=[shapely.box(EAST - 50, NORTH, EAST + 300, NORTH + 50)], crs=4547
    ).to_file(container)
    other = tmp_path / "other.geojson"
    gpd.GeoDataFrame(
        {"n": [1]}, geometry=[shapely.box(EAST + 250, NORTH, EAST + 400, NORTH + 50)], crs=4547
    ).to_crs(4490).to_file(other)
    call = ("ledger", container, "--layer", f"a={file}", "--layer", f"b={other}")
    assert run(capsys, *call, "-o", tmp_path / "kept")[0] == 0
    assert run(capsys, *call, "--precedence", "b,a", "-o", tmp_path / "first")[0] == 0
    for name, grounds in (("kept", ["a", "a + b", "gap"]), ("first", ["a", "b", "gap"])):
        pieces = gpd.read_file(tmp_path / name / "ledger.gpkg")
        assert sorted(pieces["ground"]) == grounds
        assert (tmp_path / name / "ledger.xlsx").exists()
        lines = (tmp_path / name / "ledger.csv").read_text("utf-8-sig").splitlines()
        area = [Decimal(line.split(",")[4]) for line in lines[1:]]
        assert sum(area[:-1]) == area[-1]
