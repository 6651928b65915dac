"""From any format to any other and back: the same ground, the same words, nothing lost in silence."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from zoneplan.cli import main
from zoneplan.commands.converting import converted
from zoneplan.errors import InputError
from zoneplan.io.anyfile import read_any
from zoneplan.io.fieldnotes import FieldNote
from zoneplan.io.writer import NAME_BYTES, short_names, write_any
from zoneplan.resources import data_dir

WEST, SOUTH = 421454.847, 3120865.094
HOLED = shapely.Polygon(
    shapely.box(WEST, SOUTH, WEST + 300, SOUTH + 300).exterior,
    [shapely.box(WEST + 100, SOUTH + 100, WEST + 200, SOUTH + 200).exterior],
)
SHAPES = [HOLED, shapely.box(WEST + 400, SOUTH, WEST + 500, SOUTH + 100)]
FRAME = gpd.GeoDataFrame(
    {"DKBH": ["1", "2"], "DKMC": ["甲 & <乙>", "丙"], "DLBM": ["0101", "0702"]}, geometry=SHAPES, crs=4547
)


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "原.gpkg"
    FRAME.to_file(path, engine="pyogrio")
    return path


def same_ground(frame, within):
    for wanted, got in zip(SHAPES, frame.to_crs(4547).geometry, strict=True):
        assert shapely.hausdorff_distance(wanted, got) < within
        assert wanted.area == pytest.approx(got.area, rel=1e-4)


@pytest.mark.parametrize(
    "suffix", [".txt", ".shp", ".gpkg", ".geojson", ".fgb", ".gdb", ".kml", ".csv", ".dxf"]
)
def test_there_and_back(tmp_path, source, suffix):
    files, count, _ = converted(str(source), tmp_path / f"出{suffix}")
    assert count == 2
    assert all(file.exists() for file in files)
    made = read_any(tmp_path / f"出{suffix}").frame
    made = made.sort_values("DKBH")  # a FlatGeobuf sorts by place
    same_ground(made, 0.002)
    assert list(made["DKMC"]) == list(FRAME["DKMC"])
    assert list(made["DLBM"]) == list(FRAME["DLBM"])


def test_the_same_input_gives_the_same_bytes(tmp_path, source):
    for suffix in (".gpkg", ".geojson", ".txt", ".csv", ".dxf"):
        one, two = tmp_path / "a" / f"x{suffix}", tmp_path / "b" / f"x{suffix}"
        converted(str(source), one)
        converted(str(source), two)
        assert one.read_bytes() == two.read_bytes()


def test_another_crs(tmp_path, source):
    converted(str(source), tmp_path / "度.geojson", to_crs="EPSG:4490")
    made = read_any(tmp_path / "度.geojson").frame
    assert made.crs.is_geographic
    same_ground(made, 1e-3)
    with pytest.raises(InputError, match="unknown CRS 'EPSG:1'; write EPSG:4547"):
        converted(str(source), tmp_path / "x.gpkg", to_crs="EPSG:1")


@given(
    st.lists(
        st.text(
            st.characters(codec="gb18030", exclude_categories=["Cc", "Cs", "Zs"]), min_size=1, max_size=12
        ),
        min_size=1,
        max_size=30,
        unique=True,
    )
)
def test_short_names_fit_and_stay_apart(names):
    for encoding in ("utf-8", "gb18030"):
        made = short_names(names, encoding)
        assert list(made) == names
        assert len({short.casefold() for short in made.values()}) == len(names)
        assert all(0 < len(short.encode(encoding)) <= NAME_BYTES for short in made.values())


def test_a_shapefile_keeps_every_column_under_a_name_that_it_can_hold(tmp_path):
    frame = FRAME.assign(地块编号_长字段名="a", 地块编号_长字段名二="b", 很大的数=np.array([2**40, 1]))
    frame.to_file(tmp_path / "原.gpkg", engine="pyogrio")
    files, _, said = converted(str(tmp_path / "原.gpkg"), tmp_path / "出" / "出.shp")
    assert "out.names" in {finding.code for finding in said}
    names = pd.read_csv(tmp_path / "出" / "出_fields.csv", encoding="utf-8-sig")
    made = read_any(tmp_path / "出" / "出.shp").frame
    assert set(names["shapefile"]) == set(made.columns) - {"geometry"}
    assert set(names["字段 field"]) == set(frame.columns) - {"geometry"}
    short = dict(zip(names["字段 field"], names["shapefile"], strict=True))
    assert list(made[short["很大的数"]].astype(int)) == [2**40, 1]
    assert list(made[short["地块编号_长字段名二"]]) == ["b", "b"]
    assert {file.suffix for file in files} >= {".shp", ".shx", ".dbf", ".cpg", ".prj"}


def test_what_a_shapefile_cannot_hold_is_refused_with_all_of_it(tmp_path):
    FRAME.assign(备注=["长" * 100, "x"], 说明=["𠀀", "y"]).to_file(tmp_path / "原.gpkg", engine="pyogrio")
    with pytest.raises(InputError, match="1 values longer than the 254 bytes"):
        converted(str(tmp_path / "原.gpkg"), tmp_path / "出.shp")
    assert not (tmp_path / "出.shp").exists()
    with pytest.raises(InputError, match="1 values with signs that gbk does not have"):
        converted(str(tmp_path / "原.gpkg"), tmp_path / "出.shp", to_encoding="gbk")


def test_input_is_never_replaced_and_a_geodatabase_not_overwritten(tmp_path, source):
    with pytest.raises(InputError, match="the output would replace the input"):
        converted(str(source), source)
    converted(str(source), tmp_path / "出.gdb")
    with pytest.raises(InputError, match="the folder is there already"):
        converted(str(source), tmp_path / "出.gdb")
    with pytest.raises(InputError, match=r"'\.dwg' is not written; what is: .*\.txt"):
        converted(str(source), tmp_path / "出.dwg")


def test_the_command_says_what_it_concluded(tmp_path, source, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["--lang", "en", "convert", str(source), str(tmp_path / "出.txt"), "--lang", "en"])
    assert ended.value.code == 0
    assert "2 features" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        main(["convert", str(tmp_path / "出.txt"), str(tmp_path / "回.gpkg"), "--lang", "zh"])
    assert "EPSG:4526" in "".join(capsys.readouterr())


@pytest.mark.parametrize("suffix", [".gpkg", ".gdb"])
def test_aliases_and_widths_of_fields_go_from_database_to_database(tmp_path, suffix):
    notes = {"DKMC": FieldNote("地块名称", 60), "DLBM": FieldNote("地类编码", 2)}
    frame = FRAME.copy()
    frame.attrs["fields"] = notes
    write_any(tmp_path / f"一{suffix}", frame)
    converted(f"{tmp_path / f'一{suffix}'}", tmp_path / "二.gdb", rename={"DKMC": "名称"})
    made = read_any(tmp_path / "二.gdb").frame
    assert made.attrs["fields"] == {
        "名称": notes["DKMC"],
        "DLBM": FieldNote("地类编码", 4),
    }  # as long as its texts
    _, _, said = converted(str(tmp_path / "二.gdb"), tmp_path / "三.geojson")
    assert next(f for f in said if f.code == "out.alias").en.startswith("GeoJSON cannot keep the aliases")


def test_columns_are_fitted_and_each_change_is_said(tmp_path):
    frame = FRAME.assign(
        大=np.array([2**40, 1]), 更大=np.array([2**60, 1]), 小=[1, 2], 真=[True, False], 杂=[1, "x"], 空=[None, None],
        日=pd.to_datetime(["2024-01-02", None]), 时=pd.to_datetime(["2024-01-02 03:04:05", None]),
    )  # fmt: skip
    _, said = write_any(tmp_path / "a.gdb", frame)
    assert {finding.en.split()[1] for finding in said if finding.code == "out.type"} == {"大", "更大", "杂"}
    made = read_any(tmp_path / "a.gdb").frame
    assert (made["大"].iloc[0], made["更大"].iloc[0], made["小"].dtype.kind) == (2**40, str(2**60), "i")
    _, said = write_any(tmp_path / "a.shp", frame)
    assert {finding.en.split()[1] for finding in said if finding.code == "out.type"} == {"杂", "时"}
    assert read_any(tmp_path / "a.shp").frame["时"].iloc[0] == "2024-01-02 03:04:05"
    assert not [finding for finding in said if finding.code == "out.note"]


def test_a_text_says_which_columns_it_has_no_place_for(tmp_path):
    _, said = write_any(tmp_path / "a.txt", FRAME.assign(权属="国有", 空=None, BSM=["7", "8"]))
    assert next(f for f in said if f.code == "txt.columns").en.endswith("2 fields: 权属、BSM")


def test_forms_of_the_text_and_names_of_fields(tmp_path, source):
    form = {"decimals": 4, "prefix": False, "count": "points", "area": "planar"}
    converted(str(source), tmp_path / "a.txt", text_form=form, rename={"DKMC": "用途"})
    lines = (tmp_path / "a.txt").read_text(encoding="gbk").split("\n")
    assert lines[12].startswith("8,8.0000,1,,面,,甲 & <乙>,0101,@")
    assert lines[13].startswith("J1,1,3121165.0940,421454.8470")
    with pytest.raises(InputError, match="there is no field '没有'"):
        converted(str(source), tmp_path / "b.txt", rename={"没有": "x"})
    with pytest.raises(InputError, match="two fields would be named 'DKMC'"):
        converted(str(source), tmp_path / "b.gpkg", rename={"DKBH": "DKMC"})


def test_a_shapefile_with_old_indexes_is_not_replaced(tmp_path, source):
    converted(str(source), tmp_path / "a.shp")
    (tmp_path / "a.sbn").write_bytes(b"x")
    with pytest.raises(InputError, match=r"old spatial indexes \(\.sbn\) lie beside it"):
        converted(str(source), tmp_path / "a.shp")


def test_formulas_in_a_table_of_points_are_inert_and_come_back_as_they_were(tmp_path):
    words = ["=cmd|' /C calc'!A0", "@SUM(A1)"]
    write_any(tmp_path / "a.csv", FRAME.assign(DKMC=words))
    cells = (tmp_path / "a.csv").read_text(encoding="utf-8-sig")
    assert not [
        cell for line in cells.split("\n") for cell in line.split(",") if cell.startswith(("=", "@", "+"))
    ]
    made = read_any(tmp_path / "a.csv")
    assert list(made.frame["DKMC"]) == words
    assert [finding.code for finding in made.findings] == ["txt.encoding", "txt.rings", "table.crs"]


def test_a_table_of_points_keeps_fields_named_like_its_columns(tmp_path):
    _, said = write_any(tmp_path / "a.csv", FRAME.assign(X=["a", "b"]))
    assert [finding.code for finding in said] == ["out.names"]
    assert list(read_any(tmp_path / "a.csv").frame["X_"]) == ["a", "b"]


def test_the_committed_sample_is_what_is_written(tmp_path):
    samples = data_dir() / "samples"
    converted(str(samples / "parcels.geojson"), tmp_path / "parcels.txt", rename={"note": "DKMC"})
    assert (tmp_path / "parcels.txt").read_bytes() == (samples / "parcels.txt").read_bytes()
