"""One door for every file: whatever the format, the same ground comes in, and hostile archives do not."""

import socket
import sqlite3
import struct
import zipfile
from contextlib import closing

import geopandas as gpd
import numpy as np
import pytest
import shapely
from pyproj import CRS

from zoneplan.errors import InputError
from zoneplan.io.anyfile import read_any

WEST, SOUTH = 421454.847, 3120865.094
SHAPES = [shapely.box(WEST + 200 * n, SOUTH, WEST + 200 * n + 100, SOUTH + 100) for n in range(3)]
NAMES = ["甲地块", "乙地块", "丙地块"]
FRAME = gpd.GeoDataFrame({"DKMC": NAMES}, geometry=SHAPES, crs=4547)
CRS_GIVEN = CRS.from_epsg(4547)


def same(intake):
    made = intake.frame.to_crs(4547) if intake.frame.crs != "EPSG:4547" else intake.frame
    got = sorted(made.geometry, key=lambda shape: shape.bounds[0])
    for wanted, shape in zip(SHAPES, got, strict=True):
        assert shapely.hausdorff_distance(wanted, shape) < 1e-3
    return intake


@pytest.mark.parametrize("suffix", [".gpkg", ".geojson", ".fgb", ".gdb", ".shp"])
def test_formats_of_gdal(tmp_path, suffix):
    path = tmp_path / f"地块{suffix}"
    FRAME.to_file(path, engine="pyogrio", **({"encoding": "GB18030"} if suffix == ".shp" else {}))
    assert sorted(same(read_any(path)).frame["DKMC"]) == sorted(NAMES)


@pytest.mark.parametrize(
    ("code", "cpg", "severity"),
    [("GB18030", None, "info"), ("UTF-8", "UTF-8", "info"), ("GB18030", "UTF-8", "warning")],
)
def test_what_a_shapefile_is_read_in_is_said(tmp_path, code, cpg, severity):
    path = tmp_path / "地块.shp"
    FRAME.to_file(path, engine="pyogrio", encoding=code)
    (tmp_path / "地块.cpg").unlink()
    if cpg:
        (tmp_path / "地块.cpg").write_text(cpg)
    made = read_any(path)
    assert list(made.frame["DKMC"]) == NAMES
    said = next(finding for finding in made.findings if finding.code == "file.encoding")
    assert code in said.zh
    assert said.severity == severity
    assert list(read_any(path, encoding=code).frame["DKMC"]) == NAMES


def points(separator=",", columns=("地块编号", "点号", "圈号", "X", "Y")):
    lines = [separator.join(columns)]
    for name, shape in zip(NAMES, SHAPES, strict=True):
        for n, (x, y) in enumerate(shapely.get_coordinates(shape), 1):
            lines.append(separator.join([name, f"J{n}", "1", f"{y:.3f}", f"{x:.3f}"]))
    return "\n".join(lines)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
@pytest.mark.parametrize("separator", [",", "\t", ";"])
def test_tables_of_points(tmp_path, encoding, separator):
    path = tmp_path / "点.csv"
    path.write_bytes(points(separator).encode(encoding))
    assert list(same(read_any(path, assume_crs=CRS_GIVEN)).frame["DKBH"]) == NAMES
    with pytest.raises(InputError, match=r"states no datum|no zone is stated"):
        read_any(path)


def test_workbooks_and_wkt(tmp_path):
    import openpyxl

    book = openpyxl.Workbook()
    for line in points().split("\n"):
        book.active.append(
            [
                float(word) if word.replace(".", "").isdigit() and "." in word else word
                for word in line.split(",")
            ]
        )
    book.save(tmp_path / "点.xlsx")
    same(read_any(tmp_path / "点.xlsx", assume_crs=CRS_GIVEN))
    rows = "\n".join(f'{name},0101,"{shape.wkt}"' for name, shape in zip(NAMES, SHAPES, strict=True))
    (tmp_path / "面.csv").write_text("名称,DLBM,WKT\n" + rows + "\n坏,0101,POLYGON((1\n", encoding="utf-8")
    made = read_any(tmp_path / "面.csv", assume_crs=CRS_GIVEN)
    assert list(made.frame["DLBM"]) == ["0101"] * 4
    assert made.frame.geometry.iloc[3] is None
    assert [finding.code for finding in made.findings if finding.severity == "error"] == ["table.wkt"]


def test_a_number_that_is_none_is_named_by_its_row(tmp_path):
    (tmp_path / "点.csv").write_text(points().replace("3120865.094", "312O865.094", 1), encoding="utf-8")
    made = read_any(tmp_path / "点.csv", assume_crs=CRS_GIVEN)
    fault = next(finding for finding in made.findings if finding.severity == "error")
    assert "312O865.094" in fault.en
    assert fault.feature == ("甲地块",)
    assert list(made.frame.geometry.isna()) == [True, False, False]
    (tmp_path / "无.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(InputError, match="no column of coordinates is known; there are a、b"):
        read_any(tmp_path / "无.csv")


def dxf(code_page="ANSI_936", version="AC1015", layer="红线", closed=1, encoding="gb18030"):
    body = [
        "0",
        "SECTION",
        "2",
        "HEADER",
        "9",
        "$ACADVER",
        "1",
        version,
        "9",
        "$DWGCODEPAGE",
        "3",
        code_page,
        "0",
        "ENDSEC",
        "0",
        "SECTION",
        "2",
        "ENTITIES",
    ]
    for shape in SHAPES:
        xy = shapely.get_coordinates(shape)[:-1]
        body += [
            "0",
            "LWPOLYLINE",
            "8",
            layer,
            "100",
            "AcDbEntity",
            "100",
            "AcDbPolyline",
            "90",
            str(len(xy)),
            "70",
            str(closed),
        ]
        for x, y in xy:
            body += ["10", f"{x:.3f}", "20", f"{y:.3f}"]
    return "\n".join([*body, "0", "ENDSEC", "0", "EOF", ""]).encode(encoding)


@pytest.mark.parametrize(("version", "encoding"), [("AC1015", "gb18030"), ("AC1032", "utf-8")])
def test_drawings_with_chinese_layers(tmp_path, version, encoding):
    path = tmp_path / "图.dxf"
    path.write_bytes(dxf(version=version, encoding=encoding))
    made = same(read_any(path, assume_crs=CRS_GIVEN))
    assert set(made.frame["Layer"]) == {"红线"}
    assert len(read_any(path, layer="红线", assume_crs=CRS_GIVEN).frame) == 3
    with pytest.raises(InputError, match="there is no layer '别的'; there are: 红线"):
        read_any(path, layer="别的")
    path.write_bytes(dxf(closed=0))
    with pytest.raises(InputError, match="there is no closed polyline; the layers are: 红线"):
        read_any(path)


def archive(path, members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            file.writestr(name, content)
    return path


def test_archives_of_shapefiles_geodatabases_and_kmz(tmp_path):
    FRAME.to_file(tmp_path / "a.shp", engine="pyogrio", encoding="UTF-8")
    parts = {f"目录/{path.name}": path.read_bytes() for path in tmp_path.glob("a.*")}
    same(read_any(archive(tmp_path / "一.zip", parts)))
    FRAME.to_file(tmp_path / "b.gdb", engine="pyogrio")
    parts = {f"b.gdb/{path.name}": path.read_bytes() for path in (tmp_path / "b.gdb").iterdir()}
    same(read_any(archive(tmp_path / "二.zip", parts)))
    FRAME.to_crs(4326).to_file(tmp_path / "doc.kml", engine="pyogrio", driver="LIBKML")
    same(read_any(archive(tmp_path / "三.kmz", {"doc.kml": (tmp_path / "doc.kml").read_bytes()})))
    with pytest.raises(
        InputError,
        match=r"the archive holds 2 data sets: 1\.geojson, 2\.geojson; write ARCHIVE:NAME to name one",
    ):
        read_any(archive(tmp_path / "四.zip", {"1.geojson": b"{", "2.geojson": b"{"}))
    with pytest.raises(InputError, match="the archive holds no data that are read"):
        read_any(archive(tmp_path / "五.zip", {"读我.md": b"x"}))


@pytest.mark.parametrize("name", ["../x.geojson", "/etc/x.geojson", "a/../../x.geojson", "C:/x.geojson"])
def test_members_that_point_outside_are_refused(tmp_path, name):
    with pytest.raises(InputError, match="points outside or is a link; refused"):
        read_any(archive(tmp_path / "坏.zip", {name: b"{}"}))
    assert not (tmp_path.parent / "x.geojson").exists()


def test_links_bombs_and_damage_are_refused(tmp_path):
    link = zipfile.ZipInfo("a.geojson")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "链.zip", "w") as file:
        file.writestr(link, "/etc/passwd")
    with pytest.raises(InputError, match="points outside or is a link"):
        read_any(tmp_path / "链.zip")
    with pytest.raises(InputError, match="inflate to 200 MB, which is more than is unpacked"):
        read_any(archive(tmp_path / "弹.zip", {"a.geojson": b"0" * (200 * 2**20)}))
    whole = archive(tmp_path / "断.zip", {"a.geojson": bytes(range(256)) * 400}).read_bytes()
    (tmp_path / "断.zip").write_bytes(whole[:40] + b"\xff" * 60 + whole[100:])
    with pytest.raises(InputError, match="damaged"):
        read_any(tmp_path / "断.zip")
    nameless = archive(tmp_path / "空.zip", {"a": b"{}"}).read_bytes()
    at = nameless.index(b"PK\x01\x02")
    (tmp_path / "空.zip").write_bytes(
        nameless[: at + 28] + b"\0\0" + nameless[at + 30 : at + 46] + nameless[at + 47 :]
    )
    with pytest.raises(InputError, match=r"a file without a name|damaged"):
        read_any(tmp_path / "空.zip")
    (tmp_path / "假.zip").write_bytes(b"PK\x03\x04 nothing")
    with pytest.raises(InputError, match="no zip archive, or damaged"):
        read_any(tmp_path / "假.zip")


def test_a_file_of_another_kind_says_what_is_read(tmp_path):
    (tmp_path / "a.doc").write_bytes(b"x")
    with pytest.raises(InputError, match=r"unknown format '\.doc'; what is read: .*\.txt .*\.dxf"):
        read_any(tmp_path / "a.doc")


def test_tables_keep_their_columns_and_may_state_their_crs(tmp_path):
    lines = points().split("\n")
    rows = [lines[0] + ",坐标系,权属"] + [f"{line},EPSG:4547,国有{line[0]}" for line in lines[1:]]
    (tmp_path / "点.csv").write_text("\n".join(rows), encoding="utf-8")
    made = same(read_any(tmp_path / "点.csv")).frame
    assert list(made["权属"]) == ["国有甲", "国有乙", "国有丙"]
    assert list(made.columns) == ["DKBH", "权属", "geometry"]
    rows[3] = rows[3].replace("EPSG:4547", "EPSG:4526")
    (tmp_path / "点.csv").write_text("\n".join(rows), encoding="utf-8")
    with pytest.raises(InputError, match="the column '坐标系' states several CRS: EPSG:4526, EPSG:4547"):
        read_any(tmp_path / "点.csv")


def test_merged_cells_belong_to_the_parcel_above_and_rows_may_be_mixed(tmp_path):
    lines = points().split("\n")
    merged = [line if n % 5 == 0 else line[line.index(",") :] for n, line in enumerate(lines[1:])]
    (tmp_path / "点.csv").write_text("\n".join([lines[0], *merged]), encoding="utf-8")
    made = same(read_any(tmp_path / "点.csv", assume_crs=CRS_GIVEN))
    assert list(made.frame["DKBH"]) == NAMES
    assert "12 rows have no parcel's number" in next(f for f in made.findings if f.code == "table.filled").en
    mixed = [line for n in range(5) for line in lines[1 + n :: 5]]
    (tmp_path / "点.csv").write_text("\n".join([lines[0], *mixed]), encoding="utf-8")
    assert list(same(read_any(tmp_path / "点.csv", assume_crs=CRS_GIVEN)).frame["DKBH"]) == NAMES


@pytest.mark.parametrize("kind", ["link", "LINK", "url", "\\u006cink"])
@pytest.mark.parametrize("type_first", [True, False])
@pytest.mark.usefixtures("socket_enabled")
def test_a_crs_that_is_an_address_is_never_fetched(tmp_path, kind, type_first):
    with socket.socket() as server:  # a listener that nobody must reach
        server.bind(("127.0.0.1", 0))
        server.listen()
        server.settimeout(0.05)
        address = f"http://127.0.0.1:{server.getsockname()[1]}/crs"
        words = [f'"type":"{kind}"', f'"properties":{{"href":"{address}","url":"{address}"}}']
        crs = ",".join(words if type_first else words[::-1])
        body = FRAME.to_json().split("{", 1)[1]
        (tmp_path / "a.geojson").write_text(f'{{"crs":{{{crs}}},{body}', encoding="utf-8")
        if kind.startswith("\\"):
            assert len(read_any(tmp_path / "a.geojson").frame) == 3
        else:
            with pytest.raises(InputError, match="its CRS is an address on a network, which is not read"):
                read_any(tmp_path / "a.geojson")
        with pytest.raises(TimeoutError):
            server.accept()


@pytest.mark.parametrize(
    ("name", "words"), [("a.xls", "save it as .xlsx or .csv"), ("a.dwg", "save it as .dxf"), ("a.rar", "unpack it, or use .zip"), ("a.dbf", "give the .shp of the same name")]
)  # fmt: skip
def test_what_cannot_be_read_says_what_to_give_instead(tmp_path, name, words):
    (tmp_path / name).write_bytes(b"x")
    with pytest.raises(InputError, match=f"cannot be read; {words}"):
        read_any(tmp_path / name)


def test_arcs_become_fine_lines(tmp_path):
    path = tmp_path / "弧.gpkg"
    FRAME.iloc[:1].to_file(path, layer="a", engine="pyogrio")
    corners = [
        (WEST, SOUTH),
        (WEST + 50, SOUTH + 50),
        (WEST + 100, SOUTH),
        (WEST + 50, SOUTH - 50),
        (WEST, SOUTH),
    ]
    arc = (
        struct.pack("<BII", 1, 10, 1)
        + struct.pack("<BII", 1, 8, 5)
        + b"".join(struct.pack("<dd", *xy) for xy in corners)
    )
    with closing(sqlite3.connect(path)) as base:
        for (name,) in base.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            base.execute(f'DROP TRIGGER "{name}"')
        (old,) = base.execute("SELECT geom FROM a").fetchone()
        base.execute("UPDATE a SET geom = ?", (old[: 8 + 32] + arc,))
        base.commit()
    area = read_any(path).frame.geometry.iloc[0].area
    assert area == pytest.approx(np.pi * 50**2, rel=1e-5)


@pytest.mark.parametrize("encoding", ["UTF-8", "GB18030"])
def test_a_text_cut_in_the_middle_of_a_character_loses_its_half_and_is_named(tmp_path, encoding):
    frame = FRAME.assign(DKMC=["地块编号示例", "乙地块", "丙"])
    frame.to_file(tmp_path / "a.shp", engine="pyogrio", encoding=encoding)
    (tmp_path / "a.cpg").unlink()
    whole = "地块编号示例".encode(encoding)
    table = (tmp_path / "a.dbf").read_bytes()
    (tmp_path / "a.dbf").write_bytes(table.replace(whole, whole[:-1] + b" "))
    made = read_any(tmp_path / "a.shp")
    assert list(made.frame["DKMC"]) == ["地块编号示", "乙地块", "丙"]
    said = {finding.code: finding for finding in made.findings}
    assert encoding in said["file.encoding"].en
    assert said["file.cut"].en.endswith("#1 DKMC")


def test_a_table_in_another_encoding_than_the_one_given_is_refused_by_feature_and_field(tmp_path):
    FRAME.to_file(tmp_path / "a.shp", engine="pyogrio", encoding="GB18030")
    with pytest.raises(InputError, match="#1 DKMC: the text is not UTF-8: name the encoding with --encoding"):
        read_any(tmp_path / "a.shp", encoding="UTF-8")
