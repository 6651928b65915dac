"""Layers of standard names become control lines: each once, none in silence."""

import zipfile

import geopandas as gpd
import pyogrio
import pytest
import shapely

from zoneplan.check.request import CheckRequest
from zoneplan.cli import main
from zoneplan.crs.admission import Gate
from zoneplan.errors import InputError
from zoneplan.io.standardfiles import read_standard
from zoneplan.io.vector import DRIVERS
from zoneplan.jobs.checking import check
from zoneplan.jobs.linefiles import add_standard
from zoneplan.standardlayers import recognised, standard_layers, superseded
from zoneplan.topology.separation import line_of

WEST, SOUTH = 421454.0, 3120865.0


def frame(*offsets, **columns):
    shapes = [shapely.box(WEST + x, SOUTH, WEST + x + 100, SOUTH + 100) for x in offsets]
    return gpd.GeoDataFrame(
        {"BSM": [str(n) for n in range(len(shapes))], **columns}, geometry=shapes, crs=4547
    )


def database(path, **layers):
    for name, one in layers.items():
        pyogrio.write_dataframe(one, path, layer=name, append=path.exists(), driver=DRIVERS[path.suffix])
    return path


def taken(named, sources):
    """Lines by key and what was concluded."""
    gate = Gate()
    files = {str(source): read_standard(source) for source in sources}
    return add_standard(named, files, gate, anchor=None), gate.findings


def codes(findings):
    return [finding.code for finding in findings]


def test_every_name_is_of_one_layer_and_is_recognised():
    names = [name for layer in standard_layers() for name in layer.names]
    assert len(names) == len(set(names))
    for layer in standard_layers():
        for name in layer.names:
            for written in (name, name.lower(), f"410811{name}", f"410800_{name}_2023", f"{name}2024"):
                assert recognised(written) == layer
    assert recognised("WHHSTBHHX").key == "ecological_redline"
    assert (recognised("WHQSTBHHX"), superseded("WHQSTBHHX")) == (None, ("变更前", "before a change"))
    for name in ("", "2023", "道路", "DLTBX", "STBHHXX", "WHQ道路"):
        assert (recognised(name), superseded(name)) == (None, None)


@pytest.mark.parametrize(
    ("name", "key"),
    [("line_permanent_basic_farmland", "permanent_basic_farmland"), ("yjjbnttb", "permanent_basic_farmland"), ("DLTB", None), ("自然保护地", None)],
)  # fmt: skip
def test_the_three_lines_among_them(name, key):
    assert line_of(name) == key


def test_a_geodatabase_gives_its_lines_and_says_what_it_took(tmp_path):
    source = database(
        tmp_path / "市级.gdb", STBHHX=frame(0), YJJBNTTB=frame(200), CZKFBJ=frame(400, 600, 800, GHFQDM=["410", "420", "430"]),
        YYSSYBHQ=frame(1000), DLTB=frame(0), WHQSTBHHX=frame(0), DAOLU=frame(0),
    )  # fmt: skip
    made, findings = taken({}, [source])
    assert set(made) == {
        "ecological_redline",
        "permanent_basic_farmland",
        "urban_development_boundary",
        "饮用水水源保护区",
    }
    assert list(made["urban_development_boundary"]["component"]) == [
        "concentrated",
        "flexible",
        "special",
    ]
    assert codes(findings).count("lines.layer") == 4
    said = {finding.code: finding for finding in findings}
    assert "DLTB" in said["lines.landuse"].place
    assert "--landuse" in said["lines.landuse"].en
    assert said["lines.superseded"].severity == "warning"
    assert "DAOLU" in said["lines.unknown"].en
    assert "lines.absent" not in said


def test_a_line_that_is_absent_or_empty_is_a_warning_not_a_clearance(tmp_path):
    source = database(tmp_path / "a.gpkg", STBHHX=frame(0), YJJBNT=frame())
    said = {finding.code: finding for finding in taken({}, [source])[1]}
    assert said["lines.empty"].severity == said["lines.absent"].severity == "warning"
    assert "永久基本农田、城镇开发边界" in said["lines.absent"].zh


def test_layers_of_one_line_are_taken_together_and_a_named_one_outweighs_them(tmp_path):
    source = database(tmp_path / "a.gpkg", STBHHX=frame(0), YJJBNT=frame(0), YJJBNTTB=frame(500).to_crs(4526))
    made, findings = taken({}, [source])
    assert made["permanent_basic_farmland"].total_bounds[2] == pytest.approx(WEST + 600)
    assert codes(findings).count("lines.several") == 1
    named, findings = taken({"permanent_basic_farmland": frame(900)}, [source])
    assert named["permanent_basic_farmland"].total_bounds[0] == WEST + 900
    assert codes(findings).count("lines.named") == 2


def test_archives_and_folders_of_shapefiles(tmp_path):
    folder = tmp_path / "成果"
    folder.mkdir()
    for name, shift in (("STBHHX", 0), ("410811永久基本农田", 200), ("道路", 400)):
        frame(shift).to_file(folder / f"{name}.shp", engine="pyogrio", encoding="GB18030")
    with zipfile.ZipFile(tmp_path / "成果.zip", "w") as archive:
        for file in folder.iterdir():
            archive.write(file, f"内层/{file.name}")
    for source in (folder, tmp_path / "成果.zip"):
        made = read_standard(source)
        assert {layer.key for layer, _, _ in made.lines} == {"ecological_redline", "permanent_basic_farmland"}
        assert all(intake.frame.crs == "EPSG:4547" for _, _, intake in made.lines)


def test_nothing_recognised_or_a_faulty_line_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"no layer is a control line.*there are: a\.gpkg:DAOLU"):
        taken({}, [database(tmp_path / "a.gpkg", DAOLU=frame(0))])
    path = frame(0).set_geometry([shapely.LineString([(0, 0), (1, 1)])])
    with pytest.raises(InputError, match=r"b\.gpkg:STBHHX: #1.*the geometry is LineString, expected polygon"):
        taken({}, [database(tmp_path / "b.gpkg", STBHHX=path, YJJBNT=frame(0))])
    with pytest.raises(InputError, match="there is no such file"):
        taken({}, [tmp_path / "none.gdb"])


def test_check_with_the_lines_of_a_file(tmp_path, capsys):
    source = database(tmp_path / "市级.gdb", STBHHX=frame(0), YJJBNTTB=frame(200), CZKFBJ=frame(400))
    parcels = database(tmp_path / "p.gpkg", p=frame(50, 400, 1000))
    request = CheckRequest(str(parcels), line_files=(str(source),))
    result = check(CheckRequest.read(request.record(), "x")).result
    states = result.table.pivot_table(index="parcel_id", columns="line", values="state", aggfunc="first")
    assert list(states["ecological_redline"]) == ["hit", "clear", "clear"]
    assert list(states["urban_development_boundary"]) == ["clear", "hit", "clear"]
    assert [row["role"] for row in result.receipt["inputs"]] == ["parcels", "lines"]
    with pytest.raises(SystemExit) as ended:
        main(
            [
                "check",
                str(parcels),
                "--lines",
                str(source),
                "--formats",
                "csv",
                "-o",
                str(tmp_path / "out"),
                "--lang",
                "en",
            ]
        )
    assert ended.value.code == 0
    assert "taken by its name as ecological red line" in capsys.readouterr().out
