"""`check` with office rules, overrides and declarations, `rules` and `verify`, as an officer calls them."""

import csv
import json
from dataclasses import astuple, replace

import geopandas as gpd
import pytest

from synthetic import CRS_CODE, square
from test_cli import run
from zoneplan.check.rulefile import COLUMNS, amend, read_rules
from zoneplan.io.rowfiles import read_rows
from zoneplan.resources import data_dir

FARMLAND = "permanent_basic_farmland"
BOOK = read_rules()
BY_ID = {rule.rule_id: rule for rule in BOOK.rules}


def write_rules(path, *rules):
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([COLUMNS, *map(astuple, rules)])
    return path


@pytest.fixture
def desk(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shapes = [square(0.5, 4, 0.6, 4.1), square(3, 4, 3.1, 4.1)]
    gpd.GeoDataFrame({"id": ["a", "b"]}, geometry=shapes, crs=CRS_CODE).to_file("parcels.gpkg")
    gpd.GeoDataFrame(geometry=[square(2, 3, 9, 5)], crs=CRS_CODE).to_file("farm.gpkg")
    return tmp_path


CHECK = ("check", "parcels.gpkg", "--line", f"{FARMLAND}=farm.gpkg", "--formats", "json", "-o", "out")


def told(folder):
    return json.loads((folder / "out" / "conflicts.json").read_text(encoding="utf-8"))


def rule_of(folder, parcel=1):
    return told(folder)["parcels"][parcel]["lines"][0]["rule"]


def test_the_law_of_the_day_before_and_of_the_day(desk, capsys):
    for day, applied, other in (("2025-09-30", "PBF-U10@2025-09-30", "PBF-U10 [2025-10-01, …]"), ("2025-10-01", "PBF-U10", "PBF-U10@2025-09-30 [2020-01-01, 2025-09-30]")):  # fmt: skip
        assert run(capsys, *CHECK, "--use", "U10", "--as-of", day)[0] == 0
        rule = rule_of(desk)
        assert (rule["id"], rule["out_of_force"], rule["verified"]) == (applied, [other], "no")
        notes = [
            one["message"]["en"] for one in told(desk)["findings"] if one["code"] == "rules.out_of_force"
        ]
        assert notes == [f"1 rules out of force on {day}, not applied: {other}"]


def test_office_rules_are_in_the_verdict_the_findings_and_the_receipt(desk, capsys):
    write_rules(desk / "office.csv", replace(BY_ID["PBF-U10"], verdict="restricted", legal_basis="本市规定"))
    assert run(capsys, *CHECK, "--use", "U10", "--rules", "office.csv", "--fail-on", "undetermined")[0] == 0
    answer = told(desk)
    assert answer["parcels"][1]["overall"] == "restricted"
    assert "rules.replaced" in {one["code"] for one in answer["findings"]}
    (file,) = answer["receipt"]["rule_files"]
    assert (file["file"], file["replaced"], len(file["sha256"])) == ("office.csv", ["PBF-U10"], 64)
    assert answer["receipt"]["rule_book"] != BOOK.version
    assert run(capsys, "verify", "out/conflicts.json")[0] == 0


@pytest.mark.parametrize(
    ("use", "fail_on", "code"),
    [("U10", "prohibited", 1), ("U10", "restricted", 1), ("U18", "prohibited", 0), ("U18", "restricted", 1), ("99", "prohibited", 0), ("99", "undetermined", 1)],
)  # fmt: skip
def test_fail_on_means_this_or_stricter(desk, capsys, use, fail_on, code):
    assert run(capsys, *CHECK, "--use", use, "--fail-on", fail_on)[0] == code


def test_a_national_major_project_is_declared_with_its_document(desk, capsys):
    run(capsys, *CHECK, "--use", "1201")
    assert rule_of(desk)["id"] == "PBF-U17"
    assert rule_of(desk)["declared"] == ""
    _, out, _ = run(capsys, *CHECK, "--use", "1201", "--national-major")
    assert rule_of(desk)["id"] == "PBF-U18"
    assert "the document is not stated; state it" in out
    run(capsys, *CHECK, "--use", "1201", "--national-major", "--national-major-document", "国函〔2025〕1号")
    assert rule_of(desk)["declared"] == "国家重大项目:国函〔2025〕1号"
    assert told(desk)["receipt"]["parameters"]["national_major"] == "国函〔2025〕1号"
    code, _, err = run(capsys, *CHECK, "--national-major-document", "x")
    assert code == 2
    assert "needs --national-major" in err


def test_overrides_are_counted_on_the_terminal_and_leave_the_exit_code(desk, capsys):
    (desk / "marks.csv").write_text(
        f"parcel_id,line,name,reason,date\nb,{FARMLAND},王工,已调出,2026-03-01\n", encoding="utf-8"
    )
    code, out, _ = run(capsys, *CHECK, "--use", "U10", "--overrides", "marks.csv", "--fail-on", "prohibited")
    assert code == 1
    assert "1 overrides; with them: prohibited 0  undetermined 0  restricted 0  permitted 2" in out
    assert "check.overridden" in out
    answer = told(desk)
    assert [answer["parcels"][1][key] for key in ("overall", "overall_with_overrides")] == [
        "prohibited",
        "permitted",
    ]
    assert answer["receipt"]["overrides"][0]["name"] == "王工"


def test_faults_of_every_file_come_together_and_nothing_is_written(desk, capsys):
    (desk / "office.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    code, _, err = run(capsys, *CHECK, "--rules", "office.csv", "--overrides", "none.csv")
    assert code == 2
    assert "columns should be rule_id" in err
    assert "none.csv: cannot be read" in err
    assert not (desk / "out").exists()


def test_a_run_on_the_built_in_plan_is_verified_too(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run(capsys, "run", "--parcels", data_dir() / "samples" / "parcels.geojson", "-o", "out")[0] == 0
    code, out, _ = run(capsys, "verify", "out/conflicts.json", lang="zh")
    assert code == 0
    assert out.startswith("没有变化:57 个地块")


def test_rules_are_listed_filtered_and_printed_as_unverified(capsys):
    code, out, _ = run(
        capsys, "rules", "--line", FARMLAND, "--use", "0701", "--as-of", "2025-10-01", lang="zh"
    )
    assert code == 0
    assert out.splitlines()[2].startswith("PBF-U10 ")
    assert "未核" in out.splitlines()[2]
    assert "1 条规则,其中 1 条未核" in out
    assert "0 rules" in run(capsys, "rules", "--line", "nowhere")[1]


@pytest.mark.parametrize("name", ["book.csv", "book.xlsx"])
def test_what_rules_writes_out_it_reads_again(tmp_path, capsys, name):
    odd = write_rules(
        tmp_path / "odd.csv",
        replace(BY_ID["PBF-U10"], rule_id="X-1", line="湿地", condition="=1+1", valid_from="2024"),
    )
    assert run(capsys, "rules", "--rules", odd, "--export", tmp_path / name)[0] == 0
    made = amend(BOOK, [read_rows(odd, code="rules")]).book
    assert amend(BOOK, [read_rows(tmp_path / name, code="rules")]).book.version == made.version
    first = (tmp_path / name).read_bytes()
    run(capsys, "rules", "--rules", odd, "--export", tmp_path / name)
    assert (tmp_path / name).read_bytes() == first


def test_a_file_of_rules_is_tried_before_it_is_used(tmp_path, capsys):
    good = write_rules(tmp_path / "good.csv", replace(BY_ID["PBF-U10"], rule_id="X-1"))
    code, out, _ = run(capsys, "rules", "--check", good)
    assert code == 0
    assert "no faults; 0 replaced, 1 added, 0 removed" in out
    bad = write_rules(tmp_path / "bad.csv", replace(BY_ID["PBF-U10"], verdict="x", valid_to="2025"))
    code, out, _ = run(capsys, "rules", "--check", bad)
    assert code == 1
    assert "bad.csv: 2 faults" in out.replace(str(tmp_path) + "/", "")
    assert run(capsys, "rules", "--check", tmp_path / "none.csv")[0] == 2
    assert run(capsys, "rules", "--export", tmp_path / "book.pdf")[0] == 2
