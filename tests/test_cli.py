"""The command line as a user meets it: exit codes, languages, messages, nothing written on bad input."""

import json
import re
import shutil
import subprocess
import sys
import warnings
from pathlib import Path

import docx
import geopandas as gpd
import pyogrio
import pytest
import shapely

from zoneplan import cli
from zoneplan.commands.bilingual import language
from zoneplan.resources import PLANS, data_dir
from zoneplan.terminal import bar_line

REFERENCE = data_dir() / "boundaries" / "jiaozuo.geojson"


def run(capsys, *args, lang="en"):
    """(exit code, standard output, standard error) of one call."""
    try:
        cli.main([*map(str, args), "--lang", lang])
    except SystemExit as stopped:
        code = stopped.code
    out = capsys.readouterr()
    assert "Traceback" not in out.err + out.out
    return (0 if code is None else code), out.out, out.err


@pytest.fixture
def base():
    return gpd.read_file(REFERENCE)


def gpkg(path: Path, frame, **kwargs) -> Path:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a file without CRS is what one test wants
        pyogrio.write_dataframe(frame, path, driver="GPKG", **kwargs)
    return path


@pytest.mark.parametrize(
    ("argv", "environ", "expected"),
    [
        ([], {"LANG": "zh_CN.UTF-8"}, "zh"),
        ([], {"LC_ALL": "C", "LANG": "zh_CN.UTF-8"}, "en"),
        (["build", "--lang", "en"], {"LANG": "zh_CN.UTF-8"}, "en"),
        (["--lang=zh"], {"LANG": "C"}, "zh"),
    ],
)
def test_language_is_that_of_the_call_else_of_the_locale(argv, environ, expected):
    assert language(argv, environ) == expected


@pytest.mark.parametrize(
    "command", ["", "build", "audit", "areas", "check", "map", "run", "ledger", "rules", "verify", "convert"]
)
@pytest.mark.parametrize(("lang", "word"), [("zh", "语言"), ("en", "Language")])
def test_every_command_has_help_in_both_languages(capsys, command, lang, word):
    code, out, _ = run(capsys, *command.split(), "--help", lang=lang)
    assert code == 0
    assert word in out


def test_build_writes_layers_and_manifest_twice_the_same(tmp_path, capsys):
    for name in ("one", "two"):
        assert run(capsys, "build", "-o", tmp_path / name)[0] == 0
    for name in ("layers.gpkg", "manifest.json"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    manifest = json.loads((tmp_path / "one" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["crs"] == "EPSG:4547"
    assert {row["file"] for row in manifest["inputs"]} == {"jiaozuo.yaml", "jiaozuo.geojson"}
    assert all(re.fullmatch(r"[0-9a-f]{64}", row["sha256"]) for row in manifest["inputs"])


def test_check_says_what_is_not_current(tmp_path, capsys):
    run(capsys, "build", "--format", "geojson", "-o", tmp_path)
    assert run(capsys, "build", "--check", "-o", tmp_path)[0] == 0
    path = tmp_path / "group.geojson"
    path.write_text(path.read_text(encoding="utf-8").replace("李万", "张万"), encoding="utf-8")
    code, _, err = run(capsys, "build", "--check", "-o", tmp_path)
    assert code == 1
    assert "group.geojson: would change" in err


def test_the_committed_layers_are_current(capsys):
    committed = Path(__file__).parents[1] / "layers" / "jiaozuo"
    assert len(list(committed.glob("*.geojson"))) == 9
    assert run(capsys, "build", "--check", "-o", committed)[0] == 0


def test_audit_of_a_copy_without_a_group(tmp_path, capsys):
    text = (PLANS / "jiaozuo.yaml").read_text(encoding="utf-8")
    start, end = text.index("  - id: group_wenchang"), text.index("  - id: group_shanan")
    plan = tmp_path / "copy.yaml"
    plan.write_text(text[:start] + text[end:], encoding="utf-8")
    code, out, _ = run(capsys, "audit", plan, "-o", tmp_path / "out")
    assert code == 1
    assert "三组团: expected 3, found 2" in out
    findings = json.loads((tmp_path / "out" / "findings.json").read_text(encoding="utf-8"))["findings"]
    assert any(row["code"] == "audit.partition_gap" and row["point"] for row in findings)
    assert len(gpd.read_file(tmp_path / "out" / "findings.gpkg")) == len(findings)


def bad_no_crs(folder, base):
    return gpkg(folder / "r.gpkg", base.set_crs(None, allow_override=True))


def bad_zone(folder, base):
    return gpkg(folder / "r.gpkg", base.to_crs(4547).set_crs(4546, allow_override=True))


def bad_far_zone(folder, base):
    return gpkg(folder / "r.gpkg", base.to_crs(4545))


def bad_mercator(folder, base):
    return gpkg(folder / "r.gpkg", base.to_crs(3857))


def bad_ring(folder, base):
    bow = shapely.Polygon([(113.1, 35.1), (113.2, 35.2), (113.2, 35.1), (113.1, 35.2)])
    base.loc[base["name"] == "灵泉湖", "geometry"] = bow
    return gpkg(folder / "r.gpkg", base)


def bad_unclosed(folder, base):
    data = json.loads(REFERENCE.read_text(encoding="utf-8"))
    data["features"][0]["geometry"]["coordinates"][0].pop()
    path = folder / "r.geojson"
    path.write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
    return path


def bad_empty(folder, base):
    path = folder / "r.geojson"
    path.touch()
    return path


def bad_missing(folder, base):
    return folder / "none.gpkg"


def bad_nothing_matches(folder, base):
    return gpkg(folder / "r.gpkg", base.assign(name="无名", aliases=""))


def bad_degrees_in_metres(folder, base):
    return gpkg(folder / "r.gpkg", base.set_crs(4547, allow_override=True))


def bad_pretender(folder, base):
    path = folder / "r.geojson"
    path.write_text(
        f'<OGRVRTDataSource><OGRVRTLayer name="x"><SrcDataSource>{REFERENCE}</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>'
    )
    return path


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (bad_no_crs, "there is no CRS"),
        (bad_zone, r"EPSG:4546.*lies \d+ km from the plan's zone; read as EPSG:4547 it would fit"),
        (bad_far_zone, r"outside the zone of EPSG:4545.*the zone that fits is EPSG:4547"),
        (bad_mercator, "the CRS is Web Mercator"),
        (bad_ring, r"灵泉湖: invalid geometry: Self-intersection\[113"),
        (bad_unclosed, r"r\.geojson: #1 焦作城乡一体化示范区: a ring is not closed"),
        (bad_empty, "the file is empty"),
        (bad_missing, "there is no such file"),
        (bad_nothing_matches, "no name matches those the plan uses"),
        (bad_degrees_in_metres, "the coordinates look like degrees"),
        (bad_pretender, "the content is no GeoJSON"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_bad_reference_is_refused_and_nothing_is_written(tmp_path, capsys, base, make, message):
    path = make(tmp_path, base)
    code, out, err = run(capsys, "build", "--reference", path, "-o", tmp_path / "out" / "deep")
    assert code == 2
    assert out == ""
    assert re.search(message, err), err
    assert not (tmp_path / "out").exists()


def test_a_layer_of_the_wrong_geometry_is_refused(tmp_path, capsys, base):
    lines = gpkg(tmp_path / "lines.gpkg", base[base.geom_type == "LineString"])
    code, _, err = run(
        capsys, "build", "--layer", f"permanent_basic_farmland={lines}", "-o", tmp_path / "out"
    )
    assert code == 2
    assert "the geometry is LineString, expected polygon" in err
    assert not (tmp_path / "out").exists()


def test_a_layer_key_that_no_element_has_is_refused(tmp_path, capsys, base):
    areas = gpkg(tmp_path / "a.gpkg", base[base.geom_type == "Polygon"])
    code, _, err = run(capsys, "build", "--layer", f"farmland={areas}", "-o", tmp_path / "out")
    assert code == 2
    assert "no element has the id or key 'farmland'" in err


@pytest.mark.parametrize("command", [["build"], ["audit"], ["run"]])
def test_an_output_folder_that_cannot_be_written(tmp_path, capsys, command):
    blocker = tmp_path / "file"
    blocker.touch()
    code, _, err = run(capsys, *command, "-o", blocker / "out")
    assert code == 2
    assert "the output folder cannot be written" in err


@pytest.mark.parametrize("text", ["", "a: [1", "schema: zoneplan.plan/1\nid: x\n"])
def test_a_broken_plan_document(tmp_path, capsys, text):
    plan = tmp_path / "plan.yaml"
    plan.write_text(text, encoding="utf-8")
    code, out, err = run(capsys, "build", plan, "-o", tmp_path / "out")
    assert (code, out) == (2, "")
    assert "plan.yaml" in err
    assert not (tmp_path / "out").exists()


def test_a_misspelt_feature_name_is_guessed(tmp_path, capsys):
    plan = tmp_path / "copy.yaml"
    text = (PLANS / "jiaozuo.yaml").read_text(encoding="utf-8")
    plan.write_text(text.replace("along: 迎宾路,", "along: 迎滨路,", 1), encoding="utf-8")
    shutil.copy(REFERENCE, tmp_path / "jiaozuo.geojson")
    code, _, err = run(capsys, "build", plan, "-o", tmp_path / "out")
    assert code == 2
    assert re.search(
        r"copy\.yaml:\d+: axes\[0\]\.extent\.along: no reference feature is named '迎滨路'; did you mean '迎宾路'\?",
        err,
    )
    assert re.search("是否想写“迎宾路”", run(capsys, "build", plan, "-o", tmp_path / "out", lang="zh")[2])


def test_help_loads_nothing_heavy():
    program = "import sys; from zoneplan import cli\ntry: cli.main(['--help'])\nexcept SystemExit: pass\nheavy = {'geopandas', 'pandas', 'numpy', 'shapely', 'folium', 'pydantic', 'pyproj'} & set(sys.modules)\nsys.exit(str(heavy) if heavy else 0)"
    subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)


def test_check_against_lines_alone_writes_every_paper(tmp_path, capsys):
    run(capsys, "build", "-o", tmp_path / "built")
    parcels = data_dir() / "samples" / "parcels.geojson"
    line = f"permanent_basic_farmland={tmp_path / 'built' / 'layers.gpkg'}:control_line"
    code, out, _ = run(
        capsys,
        "check",
        parcels,
        "--line",
        line,
        "--use",
        "U10",
        "--fail-on",
        "prohibited",
        "-o",
        tmp_path / "out",
    )
    assert code == 1
    assert "permanent_basic_farmland" in out
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {
        "conflicts.csv", "conflicts.json", "conflicts.xlsx", "conflicts.docx", "conflicts.gpkg", "conflicts.qgz", "map.html",
    }  # fmt: skip
    receipt = json.loads((tmp_path / "out" / "conflicts.json").read_text(encoding="utf-8"))["receipt"]
    assert [row["role"] for row in receipt["inputs"]] == ["parcels", "line permanent_basic_farmland"]


def test_run_does_it_all(tmp_path, capsys):
    parcels = data_dir() / "samples" / "parcels.geojson"
    code, out, _ = run(capsys, "run", "--parcels", parcels, "-o", tmp_path)
    assert code == 0
    assert {path.name for path in tmp_path.iterdir()} == {
        "layers.gpkg", "project.qgz", "manifest.json", "findings.json", "findings.gpkg", "areas.xlsx", "areas.csv",
        "conflicts.csv", "conflicts.json", "conflicts.xlsx", "conflicts.docx", "conflicts.gpkg", "conflicts.qgz", "map.html",
    }  # fmt: skip
    assert "57 parcels: prohibited" in out


def test_check_fills_a_template_and_takes_declared_crossings(tmp_path, capsys):
    parcels = gpd.read_file(data_dir() / "samples" / "parcels.geojson").assign(穿越="是", use="U17")
    source = gpkg(tmp_path / "p.gpkg", parcels)
    template = tmp_path / "局模板.docx"
    document = docx.Document()
    document.add_paragraph("{{project}}:{{parcels}}")
    document.save(str(template))
    code, out, _ = run(
        capsys, "check", source, "--crossing-field", "穿越", "--project", "环城路", "--word-template", template,
        "--formats", "docx,json", "-o", tmp_path / "out",
    )  # fmt: skip
    assert code == 0
    assert "word.missing" in out
    assert docx.Document(str(tmp_path / "out" / "conflicts.docx")).paragraphs[3].text == "环城路:57"
    text = (tmp_path / "out" / "conflicts.json").read_text(encoding="utf-8")
    assert '"id": "crossing"' in text
    assert '"crossing_field": "穿越"' in text
    code, _, err = run(capsys, "check", source, "--crossing-field", "no", "-o", tmp_path / "out2")
    assert (code, (tmp_path / "out2").exists()) == (2, False)
    assert "there is no field 'no'" in err


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["build", "--layer", "x"], "write KEY=PATH"),
        (["check", "x.gpkg", "--formats", "pdf"], "unknown pdf"),
        (["check", "none.gpkg"], "there is no such file"),
        (["check", "x.gpkg", "--plan", "a", "--layers", "b"], "not both"),
        (["areas", "none"], "no such plan document"),
        (["nonsense"], "No such command"),
    ],
)
def test_calls_that_make_no_sense(capsys, args, message):
    code, _, err = run(capsys, *args)
    assert code == 2
    assert message in err


def test_a_fault_of_its_own_is_one_line(capsys, monkeypatch):
    def broken(*_args, **_options):
        raise RuntimeError("some\nthing")

    monkeypatch.setattr("zoneplan.jobs.loading.build", broken)
    monkeypatch.delenv("ZONEPLAN_TRACEBACK", raising=False)
    code, _, err = run(capsys, "build")
    assert code == 2
    assert err.startswith("internal error of zoneplan, please report it: RuntimeError: some thing")


def test_a_bar_says_what_is_done_and_what_remains():
    assert bar_line("核查", 0, 0, 0.0, "约剩") == "核查 …"
    assert bar_line("核查", 5_000, 0, 2.0, "约剩") == "核查 5,000 2.0 s"
    assert bar_line("核查", 1, 4, 10.0, "约剩") == "核查 [######------------------]  25% 10.0 s, 约剩 30 s"
    assert bar_line("核查", 4, 4, 10.0, "约剩") == f"核查 [{'#' * 24}] 100% 10.0 s"
