"""Local parameters: what PROJ computes another way, signs that are stated, files that are faulty."""

import re
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pyproj import CRS, Transformer

from zoneplan.crs.gate import AS_IS, Treatment, admit
from zoneplan.crs.parameterfile import read_parameters
from zoneplan.errors import InputError

SEVEN = """\
method: bursa_wolf
from_crs: EPSG:{old}
to_crs: EPSG:4547
source: 某市测绘院 2018 年控制网成果
accuracy_m: 0.05
area: [112.0, 34.0, 115.0, 36.0]
convention: {convention}
translation_m: [{x}, {y}, {z}]
rotation_arcsec: [{rx}, {ry}, {rz}]
scale_ppm: {s}
"""
FOUR = """\
method: similarity
from_crs: EPSG:2383
to_crs: EPSG:4547
source: 某县自然资源局
accuracy_m: 0.1
area: [112.0, 34.0, 115.0, 36.0]
rotation: {rotation}
shift_m: [{e}, {n}]
rotation_arcsec: {r}
scale_ppm: {s}
"""
NUMBERS = {"x": 24.5, "y": -123.1, "z": -94.2, "rx": 0.02, "ry": 0.25, "rz": -0.13, "s": 1.1}
OLD = {2383: "IAU76", 2435: "krass", 4795: "krass"}  # 3-degree CM 114 of Xian 1980, Beijing 1954, New Beijing
SQUARE = gpd.GeoDataFrame({"id": [1]}, geometry=[shapely.box(113.2, 35.1, 113.21, 35.11)], crs=4490)
small = st.floats(-5, 5)


def ellipsoid(name):
    return "+a=6378140 +rf=298.257" if name == "IAU76" else "+ellps=krass"


def old_layer(code, numbers, frame=SQUARE):
    """A layer in an old datum, made by the way that PROJ treats ``+towgs84`` (position vector)."""
    shift = ",".join(repr(float(numbers[key])) for key in ("x", "y", "z", "rx", "ry", "rz", "s"))
    definition = (
        f"+proj=tmerc +lon_0=114 +x_0=500000 {ellipsoid(OLD[code])} +towgs84={shift} +units=m +type=crs"
    )
    step = Transformer.from_crs(
        "+proj=longlat +ellps=GRS80 +towgs84=0,0,0 +type=crs", definition, always_xy=True
    )
    moved = shapely.transform(frame.geometry.to_numpy(), lambda xy: np.column_stack(step.transform(*xy.T)))
    return frame.set_geometry(gpd.GeoSeries(moved, crs=code), crs=code)


def written(folder, text, name="p.yaml"):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def seven(folder, code=2383, more="", **numbers):
    numbers = NUMBERS | numbers
    convention = numbers.pop("convention", "position_vector")
    return written(folder, SEVEN.format(old=code, convention=convention, **numbers) + more)


def off_m(made, truth=SQUARE):
    one, other = (shapely.get_coordinates(f.to_crs(4547).geometry.to_numpy()) for f in (made, truth))
    return np.abs(one - other).max()


@pytest.mark.parametrize("code", OLD)
@given(x=small, y=small, z=small, rx=small, ry=small, rz=small, s=st.floats(-20, 20))
@settings(max_examples=10)
def test_seven_parameters_are_what_proj_computes(tmp_path_factory, code, x, y, z, rx, ry, rz, s):
    numbers = {"x": 20 * x, "y": 20 * y, "z": 20 * z, "rx": rx, "ry": ry, "rz": rz, "s": s}
    given_ = read_parameters(seven(tmp_path_factory.mktemp("p"), code, **numbers))
    made, (told,) = admit(old_layer(code, numbers), place="x", treatment=Treatment(parameters=given_))
    assert made.crs == 4547
    assert off_m(made) < 0.01  # heights are taken as 0 on both ellipsoids
    assert told.severity == "warning"
    assert "控制网成果" in told.zh
    assert "stated accuracy 0.05 m; no control points: not checked" in told.en


def test_the_two_sign_conventions_are_opposite_in_rotation(tmp_path):
    turned = {key: -NUMBERS[key] for key in ("rx", "ry", "rz")}
    one = read_parameters(seven(tmp_path))
    other = read_parameters(seven(tmp_path, convention="coordinate_frame", **turned))
    layer = old_layer(2383, NUMBERS)
    made = [admit(layer, place="x", treatment=Treatment(parameters=way))[0] for way in (one, other)]
    assert off_m(*made) < 1e-4
    assert off_m(made[1]) < 0.01


@given(
    e=small, n=small, r=small, s=st.floats(-20, 20), way=st.sampled_from(["clockwise", "counter_clockwise"])
)
@settings(max_examples=20)
def test_four_parameters_turn_stretch_and_shift_the_plane(tmp_path_factory, e, n, r, s, way):
    path = written(tmp_path_factory.mktemp("p"), FOUR.format(rotation=way, e=e, n=n, r=r, s=s))
    truth = SQUARE.to_crs(4547)
    turn = np.exp(1j * np.radians(r / 3600) * (1 if way == "counter_clockwise" else -1)) * (1 + s * 1e-6)

    def back(xy):
        plane = ((xy[:, 0] + 1j * xy[:, 1]) - (e + 1j * n)) / turn
        return np.column_stack([plane.real, plane.imag])

    old = truth.set_geometry(
        gpd.GeoSeries(shapely.transform(truth.geometry.to_numpy(), back), crs=2383), crs=2383
    )
    made, (told,) = admit(old, place="x", treatment=Treatment(parameters=read_parameters(path)))
    assert off_m(made) < 1e-6
    assert f"″ {way}, s=" in told.en


def control(code, numbers, at=(113.2, 35.1)):
    """A control point as the file states it, true to the millimetre."""
    point = gpd.GeoDataFrame(geometry=[shapely.Point(at)], crs=4490)
    old, new = old_layer(code, numbers, point).geometry[0], point.to_crs(4547).geometry[0]
    return f"controls:\n  - {{name: A01, from: [{old.x!r}, {old.y!r}], to: [{new.x!r}, {new.y!r}]}}\n"


def test_control_points_are_checked_and_the_wrong_sign_is_seen(tmp_path):
    more = control(2383, NUMBERS)
    good = read_parameters(seven(tmp_path, more=more))
    assert max(good.residuals_m) < 0.01
    _, (told,) = admit(old_layer(2383, NUMBERS), place="x", treatment=Treatment(parameters=good))
    assert "1 control points, largest residual 0.00" in told.en
    with pytest.raises(InputError, match=r"p.yaml:\d+: controls\[0\]: control point A01 is missed by \d.*more than 3 times.*with convention: position_vector it would be met"):  # fmt: skip
        read_parameters(seven(tmp_path, more=more, convention="coordinate_frame"))


def test_a_csv_says_the_same(tmp_path):
    rows = [
        "method,bursa_wolf", "from_crs,EPSG:2383", "to_crs,EPSG:4547", "source,某市测绘院", "# 备注,x", "",
        "accuracy_m,0.05", "area,112,34,115,36", "convention,position_vector", "translation_m,24.5,-123.1,-94.2",
        "rotation_arcsec,0.02,0.25,-0.13", "scale_ppm,1.1,,",
    ]  # fmt: skip
    one = read_parameters(written(tmp_path, "\ufeff" + "\n".join(rows), "p.csv"))
    other = read_parameters(seven(tmp_path))
    layer = old_layer(2383, NUMBERS)
    made = [admit(layer, place="x", treatment=Treatment(parameters=way))[0] for way in (one, other)]
    assert made[0].geometry.to_wkb().tolist() == made[1].geometry.to_wkb().tolist()
    with pytest.raises(
        InputError, match=r"(?s)p.csv:13: scale_ppm: the key 'scale_ppm' is repeated.*p.csv:14"
    ):
        read_parameters(written(tmp_path, "\n".join([*rows, "scale_ppm,2", "control,A,1,2,3"]), "p.csv"))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("scale_ppm", "scale_pmm"), r"(?s)unknown key 'scale_pmm'; did you mean 'scale_ppm'.*|'scale_ppm' is missing"),
        (("method: bursa_wolf", "method: molodensky"), "method should be bursa_wolf"),
        (("position_vector", "pv"), "expected 'position_vector' or 'coordinate_frame'"),
        (("EPSG:2383", "EPSG:4547"), "the datum of EPSG:4547 should be Xian 1980"),
        (("to_crs: EPSG:4547", "to_crs: EPSG:2383"), "should be CGCS2000"),
        (("EPSG:2383", "EPSG:1"), "there is no CRS EPSG:1"),
        (("[112.0, 34.0, 115.0, 36.0]", "[115.0, 34.0, 112.0, 36.0]"), "area should be"),
        (("24.5", "nan"), "finite"),
        (("accuracy_m: 0.05\n", ""), "the key 'accuracy_m' is missing"),
        (("source: 某市测绘院 2018 年控制网成果", "source:"), "expected text"),
    ],
)  # fmt: skip
def test_a_faulty_file_is_refused_with_its_line(tmp_path, change, message):
    path = seven(tmp_path)
    path.write_text(path.read_text("utf-8").replace(*change), "utf-8")
    with pytest.raises(InputError, match=message) as caught:
        read_parameters(path)
    assert all(fault.place.startswith("p.yaml:") for fault in caught.value.faults)


def test_all_faults_at_once(tmp_path):
    path = seven(tmp_path)
    path.write_text(path.read_text("utf-8").replace("scale_ppm", "scale").replace("0.05", "-1"), "utf-8")
    with pytest.raises(InputError, match=r"(?s)accuracy_m.*scale") as caught:
        read_parameters(path)
    assert len(caught.value.faults) == 3


def test_parameters_serve_their_datum_and_area_only(tmp_path):
    given_ = Treatment(parameters=read_parameters(seven(tmp_path)))
    with pytest.raises(InputError, match=r"needs local parameters .the parameters given are for Xian 1980"):
        admit(old_layer(2435, NUMBERS), place="x", treatment=given_)
    far = SQUARE.set_geometry([shapely.box(114.9, 35.1, 115.1, 35.2)], crs=4490)
    with pytest.raises(InputError, match=r"reach beyond the area of the parameters p\.yaml"):
        admit(old_layer(2383, NUMBERS, far), place="x", treatment=given_)
    with pytest.raises(InputError, match="needs local parameters"):
        admit(old_layer(2383, NUMBERS), place="x", treatment=AS_IS)


def test_swapped_axes_in_an_old_datum_need_both(tmp_path):
    layer = old_layer(2383, NUMBERS)
    bad = layer.set_geometry(
        gpd.GeoSeries(shapely.transform(layer.geometry.to_numpy(), lambda xy: xy[:, ::-1]), crs=2383)
    )
    given_ = read_parameters(seven(tmp_path))
    with pytest.raises(InputError, match="X and Y look swapped"):
        admit(bad, place="x", treatment=Treatment(parameters=given_))
    made, told = admit(bad, place="x", treatment=Treatment(parameters=given_, correct=True))
    assert [finding.code for finding in told] == ["crs.legacy", "crs.swapped"]
    assert off_m(made.set_geometry(made.normalize()), SQUARE.set_geometry(SQUARE.normalize())) < 0.01


def test_geographic_data_of_an_old_datum_are_taken_too(tmp_path):
    plane = old_layer(2383, NUMBERS)
    step = Transformer.from_crs(CRS.from_epsg(2383), CRS.from_epsg(4610), always_xy=True)
    moved = shapely.transform(plane.geometry.to_numpy(), lambda xy: np.column_stack(step.transform(*xy.T)))
    layer = plane.set_geometry(gpd.GeoSeries(moved, crs=4610), crs=4610)
    made, _ = admit(layer, place="x", treatment=Treatment(parameters=read_parameters(seven(tmp_path))))
    assert off_m(made) < 0.01


def test_the_examples_of_the_documentation_are_read(tmp_path):
    text = (Path(__file__).parents[1] / "docs" / "crs.md").read_text("utf-8")
    examples = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    assert [read_parameters(written(tmp_path, one)).stated.method for one in examples] == [
        "bursa_wolf",
        "similarity",
    ]
