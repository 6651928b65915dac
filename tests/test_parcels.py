"""Parcels made ready: as many come out as went in, what is odd is named, what a use is is never guessed."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from synthetic import CRS_CODE, layers, square
from zoneplan.check.conflicts import check_parcels
from zoneplan.check.parcels import without_strays
from zoneplan.check.request import CheckRequest
from zoneplan.check.uses import parcel_uses
from zoneplan.errors import InputError
from zoneplan.jobs.checking import check
from zoneplan.landuse.codes import code_list

WEST, SOUTH = 421454.847, 3120865.094
GOOD = shapely.box(WEST, SOUTH, WEST + 100, SOUTH + 100)


def nan():
    """A parcel with a vertex that is no number."""
    corners = shapely.get_coordinates(GOOD)
    corners[1] = float("nan")
    with np.errstate(invalid="ignore"):
        return shapely.Polygon(corners)


@pytest.mark.filterwarnings("ignore:invalid value encountered in from_wkb:RuntimeWarning")
@pytest.mark.parametrize(
    "stray", [shapely.box(0, 0, 1, 1), shapely.box(5e7, 5e7, 5e7 + 9, 5e7 + 9), shapely.box(-100, 200, -90, 210), shapely.box(-5e11, 0, 5, 5), nan()]
)  # fmt: skip
def test_a_parcel_that_lies_nowhere_is_named_and_the_others_are_checked(tmp_path, stray):
    frame = gpd.GeoDataFrame({"BSM": ["a", "b", "c"]}, geometry=[GOOD, stray, None], crs=4547)
    frame.to_file(tmp_path / "a.gpkg", engine="pyogrio")
    line = gpd.GeoDataFrame(geometry=[GOOD.buffer(500)], crs=4547)
    line.to_file(tmp_path / "l.gpkg", engine="pyogrio")
    made = check(CheckRequest(str(tmp_path / "a.gpkg"), None, lines={"x": str(tmp_path / "l.gpkg")})).result
    assert made.ids == ["a", "b", "c"]
    assert list(made.table["state"]) == ["hit", "no_data", "no_data"]
    (found,) = [one for one in made.findings if one.code == "parcels.coordinates"]
    assert found.severity == "error"
    assert "#2 (" in found.zh


def test_where_most_lie_nowhere_the_file_is_at_fault():
    frame = gpd.GeoDataFrame(geometry=[GOOD, shapely.box(0, 0, 1, 1), shapely.box(2, 0, 3, 1)], crs=4547)
    assert without_strays(frame, "x") == (frame, [])


@pytest.mark.parametrize("move", [(38_000_000, 0), (0, 0)])
def test_what_can_be_read_in_some_way_is_no_stray(move):
    moved = shapely.transform(GOOD, lambda xy: xy + list(move))
    swapped = shapely.transform(GOOD, lambda xy: xy[:, ::-1])
    degrees = shapely.box(113.2, 28.2, 113.3, 28.3)
    frame = gpd.GeoDataFrame(geometry=[GOOD, moved, swapped, degrees], crs=4547)
    assert without_strays(frame, "x")[1] == []


def test_a_usual_field_of_ids_that_cannot_be_one_is_said():
    frame = gpd.GeoDataFrame(
        {"BSM": ["7", "7", None]}, geometry=[square(n, 8, n + 0.1, 8.1) for n in (2, 3, 4)], crs=CRS_CODE
    )
    result = check_parcels(frame, layers())
    assert result.ids == ["1", "2", "3"]
    (found,) = [one for one in result.findings if one.code == "parcels.id_field"]
    assert "BSM has 1 blank and 1 repeated values (7)" in found.en
    assert not check_parcels(frame, layers(), id_field="BSM").receipt["parameters"]["use_field"]


@given(st.sampled_from(sorted(code_list())))
def test_the_name_of_every_class_stands_for_its_code(code):
    name = code_list().name_of(code)
    for field in ("DKYT", "YDYHFLMC", "use"):
        uses, taken, found = parcel_uses({field: [name, None]}, use_field=None, use=None, n=2)
        assert (uses, taken) == ([code, None], field)
        assert [one.code for one in found] == ["parcels.use", "parcels.use_missing"]
    assert parcel_uses({}, use_field=None, use=name, n=2)[0] == [code, code]


def uses(**texts):
    made, field, found = parcel_uses(texts, use_field=None, use=None, n=len(next(iter(texts.values()))))
    return made, field, [one.code for one in found]


def test_a_code_beside_a_name_counts_where_both_say_the_same():
    assert uses(DKYT=["城镇住宅用地"], DLBM=["070102"]) == (["070102"], "DKYT", ["parcels.use"])
    assert uses(DKYT=["城镇住宅用地"], DLBM=["0101"]) == (["0701"], "DKYT", ["parcels.use"])


def test_a_code_whose_list_is_not_stated_is_no_use_unless_asked_for():
    assert uses(DLBM=["0101"]) == ([None], "", ["parcels.use_code", "parcels.use_missing"])
    made = parcel_uses({"DLBM": ["0101"]}, use_field="DLBM", use=None, n=1)
    assert made == (["0101"], "DLBM", [])


def test_fields_of_codes_outweigh_names_and_words_that_are_no_use_stay_open():
    assert uses(use=["U10"], DKYT=["水田"]) == (["U10"], "use", [])
    assert uses(DKYT=["综合楼"]) == (["综合楼"], "DKYT", ["parcels.use_unknown"])
    assert uses(DKYT=[None]) == ([None], "", ["parcels.use_missing"])
    assert uses(use=["０７０１", "070100", "u10"]) == (["0701", "070100", "u10"], "use", [])


def test_use_classes_of_an_office_are_uses():
    texts = {"use": ["光伏", "工业用地", "X9"]}
    own = frozenset(("光伏", "工业用地"))
    made, _, found = parcel_uses(texts, use_field=None, use=None, n=3, known=own)
    assert made == ["光伏", "工业用地", "X9"]
    assert "“X9”" in next(one for one in found if one.code == "parcels.use_unknown").zh
    assert "光伏" not in found[-1].zh


def test_a_txt_says_its_use_by_name(tmp_path):
    points = "".join(f"J{n},1,{y},38{x}\n" for n, (x, y) in enumerate(shapely.get_coordinates(GOOD), 1))
    head = "[属性描述]\n坐标系=2000国家大地坐标系\n带号=38\n[地块坐标]\n"
    (tmp_path / "a.txt").write_text(f"{head}5,1.0,1,甲,面,,工业用地,,\n{points}", encoding="gbk")
    gpd.GeoDataFrame(geometry=[GOOD], crs=4547).to_file(tmp_path / "l.gpkg", engine="pyogrio")
    asked = CheckRequest(
        str(tmp_path / "a.txt"), None, lines={"ecological_redline": str(tmp_path / "l.gpkg")}
    )
    made = check(asked).result
    assert made.uses == ("1001",)
    assert list(made.table["verdict"]) == ["prohibited"]
    assert {"parcels.use", "txt.header"} <= {one.code for one in made.findings}


def test_an_overflowing_number_names_its_feature(tmp_path):
    (tmp_path / "a.geojson").write_text(
        '{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"name":"甲"},"geometry":{"type":"Polygon","coordinates":[[[1,2],[1e309,2],[2,3],[1,2]]]}}]}',
        encoding="utf-8",
    )
    with pytest.raises(InputError, match="#1 甲: the coordinate inf is no number of use"):
        check(CheckRequest(str(tmp_path / "a.geojson"), None, lines={"x": str(tmp_path / "a.geojson")}))
