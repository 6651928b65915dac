"""Corrections: never unasked; what was damaged comes back; what was right is not touched."""

import json
import warnings

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from click.testing import CliRunner
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pyproj import CRS, Geod

from zoneplan.cli import cli
from zoneplan.crs.admission import Gate, finite
from zoneplan.crs.gate import AS_IS, Treatment, admit, extent, refused, to_working, zone_crs
from zoneplan.crs.gcj02 import to_bd09, to_gcj02
from zoneplan.crs.zones import zone_named
from zoneplan.engine import ellipsoid
from zoneplan.errors import InputError
from zoneplan.jobs.inspection import inspect
from zoneplan.jobs.stream import overlap_file

CORRECT = Treatment(correct=True)
LON, LAT = st.floats(74, 135.9), st.floats(10, 53.5)
GEOD = Geod(ellps="GRS80")
FEET = CRS.from_proj4("+proj=tmerc +lon_0=114 +x_0=500000 +datum=WGS84 +units=us-ft +no_defs")


def town(lon, lat, n=3):
    """Some parcels about a place, in degrees."""
    shapes = [shapely.box(lon + 0.002 * i, lat, lon + 0.002 * i + 0.001, lat + 0.001) for i in range(n)]
    return gpd.GeoDataFrame({"id": range(n)}, geometry=shapes, crs=4490)


def flipped(frame):
    return frame.set_geometry(
        gpd.GeoSeries(shapely.transform(frame.geometry.to_numpy(), lambda xy: xy[:, ::-1]), crs=frame.crs)
    )


def labelled(frame, crs):
    return frame.set_crs(crs, allow_override=True)


def narrow(lon):
    return zone_crs(lon)


def meridian(lon):
    return 3 * np.floor((lon + 1.5) / 3)


def prefixed(lon):
    return zone_named("CGCS2000", float(meridian(lon)), prefix=True)


def shifted(how):
    def damage(frame, lon):
        moved = shapely.transform(frame.geometry.to_numpy(), how)
        return labelled(frame.set_geometry(gpd.GeoSeries(moved, crs=4490)), "EPSG:4490")

    return damage


DAMAGE = {
    "swapped": lambda f, lon: flipped(f.to_crs(narrow(lon))),
    "swapped with prefix": lambda f, lon: flipped(f.to_crs(prefixed(lon))),
    "swapped, prefix not stated": lambda f, lon: labelled(flipped(f.to_crs(prefixed(lon))), narrow(lon)),
    "swapped degrees": lambda f, lon: flipped(f),
    "prefix not stated": lambda f, lon: labelled(f.to_crs(prefixed(lon)), narrow(lon)),
    "prefix stated": lambda f, lon: labelled(f.to_crs(narrow(lon)), prefixed(lon)),
    "another zone stated": lambda f, lon: labelled(f.to_crs(prefixed(lon)), prefixed(lon + 3 if lon < 105 else lon - 3)),
    "degrees in metres": lambda f, lon: labelled(f, narrow(lon)),
    "metres in degrees": lambda f, lon: labelled(f.to_crs(prefixed(lon)), 4490),
    "Web Mercator": lambda f, lon: f.to_crs(3857),
    "the wrong zone": lambda f, lon: f.to_crs(narrow(lon + 6 if lon < 105 else lon - 6)),
    "6-degree zone, 3-degree stated": lambda f, lon: labelled(
        f.to_crs(zone_named("CGCS2000", float(6 * np.floor(lon / 6) + 3), width=6, prefix=True)), narrow(lon)
    ),
}  # fmt: skip
CODES = {
    "swapped": "crs.swapped", "swapped with prefix": "crs.swapped", "swapped, prefix not stated": "crs.prefix",
    "swapped degrees": "crs.swapped", "prefix not stated": "crs.prefix", "prefix stated": "crs.prefix",
    "another zone stated": "crs.label", "degrees in metres": "crs.degrees", "metres in degrees": "crs.metres",
    "Web Mercator": "crs.web_mercator", "the wrong zone": "crs.zone",
}  # fmt: skip


def apart(made, truth):
    """Metres between two layers, vertex by vertex."""
    one, other = (shapely.get_coordinates(f.to_crs(4490).geometry.to_numpy()) for f in (made, truth))
    order = np.lexsort(one.round(7).T), np.lexsort(other.round(7).T)
    return np.max(GEOD.inv(*one[order[0]].T, *other[order[1]].T)[2])


@pytest.mark.parametrize("kind", DAMAGE)
@given(lon=LON, lat=LAT)
@settings(max_examples=15)
def test_what_was_damaged_is_refused_and_comes_back_when_asked(kind, lon, lat):
    truth = town(lon, lat)
    bad = DAMAGE[kind](truth, lon)
    before = bad.geometry.to_wkb().tolist()
    with pytest.raises(InputError, match="--correct corrects it"):
        admit(bad, place="x")
    faults = refused(bad, "x")
    assert CODES.get(kind) in {*(fault.code for fault in faults), None}
    made, told = admit(bad, place="x", treatment=CORRECT)
    assert apart(made, truth) < 1e-4
    assert {finding.severity for finding in told} == {"warning"}
    assert [finding.code for finding in told] == [fault.code for fault in faults]
    assert all("→" in finding.zh and finding.place == "x" for finding in told)
    assert refused(made, "x") == []
    assert bad.geometry.to_wkb().tolist() == before
    assert made["id"].tolist() == [0, 1, 2]


@given(lon=LON, lat=LAT, way=st.sampled_from(["degrees", "zone", "prefix", "utm", "six"]))
def test_what_is_right_is_not_touched(lon, lat, way):
    six = zone_named("CGCS2000", float(6 * np.floor(lon / 6) + 3), width=6)
    crs = {
        "degrees": 4490,
        "zone": narrow(lon),
        "prefix": prefixed(lon),
        "utm": 32601 + int((lon + 180) // 6),
        "six": six,
    }
    right = town(lon, lat).to_crs(crs[way])
    for treatment in (AS_IS, CORRECT):
        made, told = admit(right, place="x", treatment=treatment)
        assert made is right
        assert told == ()


@pytest.mark.parametrize(("datum", "forward"), [("GCJ-02", to_gcj02), ("BD-09", to_bd09)])
@given(lon=LON, lat=LAT)
@settings(max_examples=20)
def test_web_map_coordinates_come_back(datum, forward, lon, lat):
    truth = town(lon, lat)
    bad = shifted(forward)(truth, lon)
    assert refused(bad, "x") == []  # nobody can see it
    said = Treatment(datum=datum)
    with pytest.raises(InputError, match=f"declared {datum}.*no areas, no overlays.*--correct corrects it"):
        admit(bad, place="x", treatment=said)
    made, (told,) = admit(bad, place="x", treatment=Treatment(datum=datum, correct=True))
    assert apart(made, truth) < 2e-4
    assert "may be off by some 9 m" in told.en
    assert "moved" in told.en


@pytest.mark.parametrize(
    ("names", "column", "code"),
    [
        (("小区_gcj02",), None, "crs.gcj02"),
        (("poi", "火星坐标"), None, "crs.gcj02"),
        (("宗地BD09",), None, "crs.bd09"),
        (("poi_bd09mc",), None, "crs.bd09"),
        ((), ("坐标系", "GCJ-02"), "crs.gcj02"),
        ((), ("crs", "bd-09"), "crs.bd09"),
        (("宗地_西安80",), None, "crs.legacy"),
        ((), ("坐标系", "1980西安坐标系"), "crs.legacy"),
        ((), ("坐标系", "80国家大地坐标系"), "crs.legacy"),
        (("北京54宗地",), None, "crs.legacy"),
    ],
)
def test_a_datum_is_recognised_where_it_is_declared(names, column, code):
    frame = town(113.2, 35.1).to_crs(4547)
    frame = frame.assign(**{column[0]: column[1]}) if column else frame
    with pytest.raises(InputError, match=r"declared|says") as caught:
        admit(frame, place="x", names=names)
    assert [fault.code for fault in caught.value.faults] == [code]
    kept, _ = admit(frame, place="x", names=names, treatment=Treatment(datum="CGCS2000"))
    assert kept is frame


def test_names_of_converted_files_and_other_words_declare_nothing():
    frame = town(113.2, 35.1).to_crs(4547)
    for name in (
        "gcj02转CGCS2000",
        "gcj02_to_wgs84",
        "西安80转2000国家大地坐标系",
        "xian_2080",
        "西安街道",
        "DLTB2000",
    ):
        made, told = admit(frame, place="x", names=(name,))
        assert made is frame
        assert told == ()
    _, (told,) = admit(frame, place="x", names=("高德POI",))
    assert (told.code, told.severity) == ("crs.web_source", "warning")


def test_a_crs_that_is_called_gcj02_is_refused_and_corrected():
    wkt = CRS.from_epsg(4490).to_wkt().replace("China Geodetic Coordinate System 2000", "GCJ02")
    bad = labelled(shifted(to_gcj02)(town(113.2, 35.1), 113.2), CRS.from_wkt(wkt))
    with pytest.raises(InputError, match=r"declared GCJ-02 \(GCJ02\)"):
        admit(bad, place="x")
    made, _ = admit(bad, place="x", treatment=CORRECT)
    assert apart(made, town(113.2, 35.1)) < 1e-4


def test_only_the_features_whose_field_says_so_are_moved():
    truth = town(113.2, 35.1)
    moved = shifted(to_gcj02)(truth, 113.2)
    shapes = [*moved.geometry[:1], *truth.geometry[1:]]
    mixed = truth.set_geometry(shapes, crs=4490).assign(坐标系=["GCJ-02", "CGCS2000", "CGCS2000"])
    with pytest.raises(InputError, match="features 1: the coordinates are declared GCJ-02"):
        admit(mixed, place="x")
    made, (told,) = admit(mixed, place="x", treatment=CORRECT)
    assert told.feature == ("#1",)
    assert apart(made, truth) < 1e-4
    assert made.geometry.iloc[1] == truth.geometry.iloc[1]


def test_a_mixture_names_its_features_and_comes_back():
    truth = town(113.2, 35.1, n=6)
    plain, prefix = truth.to_crs(4547), truth.to_crs(4526)
    turned = flipped(plain)
    shapes = [
        plain.geometry[0],
        turned.geometry[1],
        prefix.geometry[2],
        truth.geometry[3],
        None,
        flipped(prefix).geometry[5],
    ]
    mixed = plain.set_geometry(gpd.GeoSeries(shapes, crs=4547))
    with pytest.raises(InputError) as caught:
        admit(mixed, place="x")
    said = {fault.code: fault.en for fault in caught.value.faults if fault.code != "crs.prefix"}
    assert said["crs.swapped"].startswith("features 2: X and Y look swapped")
    assert said["crs.degrees"].startswith("features 4:")
    assert sorted(f.en[:11] for f in caught.value.faults if f.code == "crs.prefix") == [
        "features 3:",
        "features 6:",
    ]
    made, told = admit(mixed, place="x", treatment=CORRECT)
    assert made.crs == 4547
    assert made.geometry[0] == plain.geometry[0]
    assert made.geometry[4] is None
    assert apart(made.drop(index=4), truth.drop(index=4)) < 1e-4
    assert {finding.feature for finding in told} == {("#2",), ("#3",), ("#4",), ("#6",)}


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (labelled(town(113.2, 35.1).to_crs(4547), 4490), "in degrees but the coordinates look like metres"),
        (labelled(town(113.2, 35.1).to_crs(FEET), 4547), "look like feet.*cannot be told apart"),
        (town(2.3, 48.8), "do not lie in China"),
        (town(113.2, 35.1).to_crs(2382), "needs local parameters"),
        (town(113.2, 35.1).to_crs(2434), "needs local parameters"),
        (town(113.2, 35.1).to_crs(4795), "needs local parameters"),
        (town(113.2, 35.1).to_crs(2333), "needs local parameters"),
        (town(113.2, 35.1).to_crs(27700), "the datum of"),
        (town(113.2, 35.1).to_crs("+proj=tmerc +lon_0=114 +x_0=500000 +ellps=GRS80 +units=m"), "the datum of"),
        (
            town(113.2, 35.1).to_crs(4547).set_geometry(gpd.GeoSeries([shapely.box(421e3, 3.8e6, 2e7, 3.9e6)] * 3, crs=4547)),
            "are not those of EPSG:4547",
        ),
        (gpd.GeoDataFrame(geometry=town(113.2, 35.1).geometry.to_numpy()), "there is no CRS.*look like EPSG:4490"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_in_one_way_is_refused_whatever_is_asked(bad, message):
    for treatment in (AS_IS, CORRECT):
        with pytest.raises(InputError, match=f"(?s){message}"):
            admit(bad, place="x", treatment=treatment)


def test_feet_that_are_stated_are_brought_to_metres():
    truth = town(113.2, 35.1)
    with pytest.raises(InputError, match=r"is in US survey foot.*--correct corrects it"):
        admit(truth.to_crs(FEET), place="x")
    made, (told,) = admit(truth.to_crs(FEET), place="x", treatment=CORRECT)
    assert made.crs == 4547
    assert told.code == "crs.unit"
    assert apart(made, truth) < 1e-4


@pytest.mark.parametrize(
    "name",
    [
        "Xian_1980_3_Degree_GK_Zone_38",
        "Beijing_1954_3_Degree_GK_Zone_38",
        "New_Beijing_3_Degree_GK_Zone_38",
        "local",
    ],
)
def test_esri_names_of_old_datums_are_known(name):
    old = {"Xian": ("Xian_1980", 6378140.0, 298.257), "Beij": ("Beijing_1954", 6378245.0, 298.3), "New_": ("New_Beijing", 6378245.0, 298.3), "loca": ("unknown", 6378140.0, 298.257)}  # fmt: skip
    datum, axis, flat = old[name[:4]]
    wkt = (
        f'PROJCS["{name}",GEOGCS["GCS_{datum}",DATUM["D_{datum}",SPHEROID["s",{axis},{flat}]],PRIMEM["Greenwich",0.0],'
        'UNIT["Degree",0.0174532925199433]],PROJECTION["Gauss_Kruger"],PARAMETER["False_Easting",38500000.0],'
        'PARAMETER["False_Northing",0.0],PARAMETER["Central_Meridian",114.0],PARAMETER["Scale_Factor",1.0],'
        'PARAMETER["Latitude_Of_Origin",0.0],UNIT["Meter",1.0]]'
    )
    (found,) = refused(labelled(town(113.2, 35.1).to_crs(4526), CRS.from_wkt(wkt)), "x")
    assert found.code == "crs.legacy"
    assert "needs local parameters" in found.en


def test_heights_and_a_compound_crs_are_kept():
    flat = town(113.2, 35.1).to_crs(4547)
    high = flat.set_geometry(gpd.GeoSeries(shapely.force_3d(flat.geometry.to_numpy(), 88.0), crs=4547))
    assert admit(labelled(high, "EPSG:4547+5737"), place="x")[1] == ()
    made, _ = admit(flipped_3d(high), place="x", treatment=CORRECT)
    assert set(shapely.get_coordinates(made.geometry.to_numpy(), include_z=True)[:, 2]) == {88.0}
    assert apart(made, flat) < 1e-4


def flipped_3d(frame):
    turned = shapely.transform(frame.geometry.to_numpy(), lambda xyz: xyz[:, [1, 0, 2]], include_z=True)
    return frame.set_geometry(gpd.GeoSeries(turned, crs=frame.crs))


def test_a_shift_hidden_in_the_crs_is_refused():
    hidden = "+proj=tmerc +lon_0=114 +x_0=500000 +ellps=IAU76 +towgs84=24,-123,-94,0,0,0,0 +units=m"
    (found,) = refused(labelled(town(113.2, 35.1).to_crs(4547), CRS.from_proj4(hidden)), "x")
    assert found.code == "crs.legacy"


def test_an_assumed_crs_is_set_once_and_never_against_the_file_unasked():
    truth = town(113.2, 35.1).to_crs(4547)
    bare = gpd.GeoDataFrame(truth[["id"]], geometry=truth.geometry.to_numpy())
    said = Treatment(assume=CRS.from_epsg(4547))
    made, (told,) = admit(bare, place="x", treatment=said)
    assert made.crs == 4547
    assert told.code == "crs.assumed"
    assert told.point == pytest.approx((113.201, 35.1), abs=1e-6)
    assert admit(truth, place="x", treatment=said)[0] is truth
    wrong = labelled(truth, 4550)
    with pytest.raises(InputError, match=r"the file states EPSG:4550.*not EPSG:4547"):
        admit(wrong, place="x", treatment=said)
    made, (told,) = admit(wrong, place="x", treatment=Treatment(assume=CRS.from_epsg(4547), correct=True))
    assert made.crs == 4547
    with pytest.raises(InputError, match="is it EPSG:4526"):
        admit(gpd.GeoDataFrame(geometry=truth.to_crs(4526).geometry.to_numpy()), place="x", treatment=said)


@given(lon=st.floats(79, 131), lat=LAT, off=st.sampled_from([-3, 3]))
@settings(max_examples=20)
def test_a_zone_label_is_judged_by_the_other_layers(lon, lat, off):
    assume(abs(lon - meridian(lon)) < 1.4)
    truth = town(lon, lat).to_crs(narrow(lon))
    bad = labelled(truth, narrow(lon + off))
    anchor = extent(truth)
    code = narrow(lon).to_epsg()
    assert refused(bad, "x") == []
    with pytest.raises(InputError, match=f"read as EPSG:{code} it would fit"):
        admit(bad, place="x", anchor=anchor)
    made, (told,) = admit(bad, place="x", anchor=anchor, treatment=CORRECT)
    assert made.crs == code
    assert told.code == "crs.label"
    assert made.geometry.to_wkb().tolist() == truth.geometry.to_wkb().tolist()
    assert admit(truth, place="x", anchor=anchor)[0] is truth


def test_metres_without_a_zone_are_read_where_the_other_layers_lie():
    truth = town(113.2, 35.1)
    bad = labelled(truth.to_crs(4547), 4490)
    made, _ = admit(bad, place="x", anchor=extent(truth), treatment=CORRECT)
    assert made.crs == 4547
    far = town(120.2, 35.1)
    assert admit(far, place="x", anchor=extent(truth))[0] is far  # elsewhere is no fault by itself


def test_corrected_data_reach_the_working_crs():
    truth = town(113.2, 35.1)
    made, _ = admit(flipped(truth.to_crs(4526)), place="x", treatment=CORRECT)
    assert apart(to_working(made, CRS.from_epsg(4547), place="x"), truth) < 1e-4


def test_one_stray_feature_is_named():
    truth = town(113.2, 35.1).to_crs(4547)
    shapes = [*truth.geometry[:2], shapely.box(500_000, 50, 500_100, 150)]
    with pytest.raises(InputError, match=r"features 3: in EPSG:4547 the coordinates .* do not lie in China"):
        admit(truth.set_geometry(gpd.GeoSeries(shapes, crs=4547)), place="x", treatment=CORRECT)


# --- through the commands


@pytest.fixture
def files(tmp_path):
    """Parcels with swapped axes, a line stated a zone off, and both as they should be."""
    truth = town(113.2, 35.1).to_crs(4547)
    line = gpd.GeoDataFrame(geometry=[shapely.box(*truth.total_bounds).buffer(20)], crs=4547)
    flipped(truth).to_file(tmp_path / "swapped.gpkg")
    truth.to_file(tmp_path / "right.gpkg")
    line.to_file(tmp_path / "line.gpkg")
    labelled(line, 4546).to_file(tmp_path / "label.gpkg")
    return tmp_path


def call(*args):
    return CliRunner().invoke(cli, [str(arg) for arg in args], obj="en")


def refused_call(*args):
    """The message of a call that is refused."""
    error = call(*args).exception
    assert isinstance(error, InputError)
    return str(error)


@pytest.mark.parametrize("out", ["o.csv", "o.parquet"])
def test_overlap_corrects_what_it_is_asked_to(files, out):
    base = ["overlap", files / "swapped.gpkg", "--line", f"line={files / 'line.gpkg'}", "-o", files / out]
    assert "X and Y look swapped" in refused_call(*base)
    assert not (files / out).exists()
    made = call(*base, "--correct", "parcels")
    assert made.exit_code == 0
    assert "Corrected as asked: X and Y exchanged" in " ".join(made.output.split())
    truth = [
        "overlap",
        files / "right.gpkg",
        "--line",
        f"line={files / 'line.gpkg'}",
        "-o",
        files / f"t{out}",
    ]
    assert call(*truth).exit_code == 0
    read = pd.read_csv if out.endswith("csv") else pd.read_parquet
    np.testing.assert_allclose(read(files / out)["line"], read(files / f"t{out}")["line"], rtol=1e-9)
    assert (read(files / out)["line"] > 9000).all()


def test_overlap_sees_a_line_in_the_wrong_zone_and_a_kept_index_remembers(files):
    base = ["overlap", files / "right.gpkg", "--line", f"line={files / 'label.gpkg'}", "-o", files / "o.csv"]
    assert "read as EPSG:4547 it would fit" in refused_call(*base, "--keep-index")
    for _ in range(2):
        made = call(*base, "--keep-index", "--correct", "line")
        assert made.exit_code == 0
        assert "read as EPSG:4547" in " ".join(made.output.split())
        assert (pd.read_csv(files / "o.csv")["line"] > 9000).all()
    assert "read as EPSG:4547 it would fit" in refused_call(*base, "--keep-index")


def test_a_later_batch_of_another_kind_is_refused(files):
    truth = town(113.2, 35.1, n=9).to_crs(4547)
    shapes = [*truth.geometry[:7], flipped(truth).geometry[7], truth.geometry[8]]
    mixed = truth.set_geometry(gpd.GeoSeries(shapes, crs=4547))
    mixed.to_file(files / "mixed.gpkg")
    lines = {"line": str(files / "line.gpkg")}
    for treatment in (AS_IS, CORRECT):
        with pytest.raises(InputError, match=r"features 8\b.*(look swapped|of another kind)"):
            overlap_file(
                files / "mixed.gpkg", lines, files / "o.csv", batch=3, gate=Gate({"parcels": treatment})
            )
    assert not (files / "o.csv").exists()


def test_check_corrects_and_its_papers_say_so(files):
    base = [
        "check",
        files / "swapped.gpkg",
        "--line",
        f"a={files / 'label.gpkg'}",
        "--formats",
        "json",
        "-o",
        files / "o",
    ]
    assert "--correct parcels corrects it" in refused_call(*base)
    assert "read as EPSG:4547 it would fit" in refused_call(*base, "--correct", "parcels")
    made = call(*base, "--correct", "all")
    assert made.exit_code == 0
    paper = json.loads((files / "o" / "conflicts.json").read_text("utf-8"))
    assert {"crs.swapped", "crs.label"} <= {finding["code"] for finding in paper["findings"]}
    assert paper["receipt"]["crs_asked"] == {"parcels": {"correct": True}, "a": {"correct": True}}
    assert [line["state"] for parcel in paper["parcels"] for line in parcel["lines"]] == ["hit"] * 3


def test_audit_corrects_a_file_and_repairs_it_as_corrected(files):
    base = ["audit", files / "swapped.gpkg", "-o", files / "o"]
    assert call(*base).exit_code == 1
    found = json.loads((files / "o" / "findings.json").read_text("utf-8"))["findings"]
    assert "crs.swapped" in {finding["code"] for finding in found}
    made = call(*base, "--correct", "file", "--boundary", files / "line.gpkg", "--repair", "structure")
    assert made.exit_code == 0
    repaired = gpd.read_file(files / "o" / "repaired.gpkg")
    assert apart(repaired, town(113.2, 35.1)) < 1e-4


def test_a_prj_cut_short_is_named(files):
    gpd.read_file(files / "right.gpkg").to_file(files / "half.shp")
    prj = files / "half.prj"
    prj.write_text(prj.read_text()[:90])
    tail = ["--line", f"line={files / 'line.gpkg'}", "-o", files / "o.csv"]
    for command in (["overlap", files / "half.shp"], ["check", files / "half.shp"]):
        assert "the CRS in half.prj is damaged and no CRS" in refused_call(*command, *tail)
    assert "the CRS in half.prj" in refused_call(
        "overlap", files / "right.gpkg", "--line", f"line={files / 'half.shp'}", "-o", files / "o.csv"
    )


def test_a_missing_crs_is_assumed_for_all_that_have_none(files):
    truth = gpd.read_file(files / "right.gpkg")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        gpd.GeoDataFrame(geometry=truth.geometry.to_numpy()).to_file(files / "bare.gpkg")
    base = ["overlap", files / "bare.gpkg", "--line", f"line={files / 'line.gpkg'}", "-o", files / "o.csv"]
    assert "there is no CRS" in refused_call(*base)
    made = call(*base, "--assume-crs", "EPSG:4547")
    assert made.exit_code == 0
    assert "it had no CRS and is read as EPSG:4547" in " ".join(made.output.split())
    wrong = ["overlap", files / "right.gpkg", *base[2:], "--assume-crs"]
    assert "every input states a CRS and EPSG:4548 was not used" in refused_call(*wrong, "EPSG:4548")
    assert "the file states EPSG:4547" in refused_call(*wrong, "parcels=EPSG:4548")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--correct", "parcel"], "no input 'parcel'; write one of parcels, line, all"),
        (["--assume-crs", "x=EPSG:4547"], "no input 'x'"),
        (["--assume-crs", "EPSG:1"], "no CRS EPSG:1"),
        (["--datum", "gcj02"], "several inputs, write INPUT=gcj02"),
        (["--datum", "parcels=gcj"], "unknown gcj; write one of gcj02, bd09, cgcs2000"),
        (["--datum-parameters", "nothing.yaml"], "nothing.yaml"),
    ],
)
def test_options_that_say_nothing_usable_are_refused_at_once(files, options, message):
    base = ["overlap", files / "right.gpkg", "--line", f"line={files / 'line.gpkg'}", "-o", files / "o.csv"]
    said = refused_call(*base, *options, "--datum", "parcels=mars")
    assert message in said
    assert "unknown mars" in said


def test_declared_web_coordinates_through_the_command(files):
    truth = town(113.2, 35.1)
    shifted(to_gcj02)(truth, 113.2).to_file(files / "poi_gcj02.gpkg")
    base = [
        "overlap",
        files / "poi_gcj02.gpkg",
        "--line",
        f"line={files / 'line.gpkg'}",
        "-o",
        files / "o.csv",
    ]
    assert "declared GCJ-02 (poi_gcj02)" in refused_call(*base)
    assert call(*base, "--correct", "parcels").exit_code == 0
    np.testing.assert_allclose(pd.read_csv(files / "o.csv")["line"], ellipsoid_m2(truth), rtol=1e-4)


def ellipsoid_m2(frame):
    return ellipsoid.area(frame.to_crs(4547).geometry, CRS.from_epsg(4547))


def test_one_vertex_that_is_no_number_does_not_keep_the_others_out(tmp_path):
    """The box of such a polygon is finite all the same."""
    corners = [(421_000, 3_899_000), (np.nan, 3_899_010), (421_020, 3_899_000), (421_000, 3_899_010)]
    with np.errstate(invalid="ignore"):
        broken = shapely.Polygon(corners)
    assert np.isfinite(broken.bounds).all()
    whole = shapely.box(421_100, 3_899_000, 421_200, 3_899_100)
    frame = gpd.GeoDataFrame({"BSM": ["a", "b", "c"]}, geometry=[broken, whole, None], crs=4547)
    assert finite(frame).tolist() == [False, True, False]
    frame.iloc[:2].to_file(tmp_path / "a.gpkg", engine="pyogrio")
    codes = {found.code: found.feature for found in inspect(tmp_path / "a.gpkg").findings}
    assert "crs.coordinates" not in codes
    assert codes["topology.invalid"] == ("a",)
