"""Audits of folders, archives and files that are no vector files."""

import json
import zipfile
from pathlib import Path

import geopandas as gpd
import pytest
import shapely
from click.testing import CliRunner

from zoneplan.cli import cli
from zoneplan.crs.admission import open_gate
from zoneplan.errors import InputError
from zoneplan.jobs.inspection import inspect

WEST, SOUTH = 500_000.0, 3_900_000.0


def square(x: float, side: float = 1000.0) -> shapely.Polygon:
    return shapely.box(WEST + x, SOUTH, WEST + x + side, SOUTH + side)


@pytest.fixture
def lines(tmp_path: Path) -> Path:
    """The three control lines as three shapefiles; red line and farmland overlap by 100 m."""
    folder = tmp_path / "三线"
    folder.mkdir()
    for name, x in (("STBHHX", 0), ("YJJBNTTB", 900), ("CZKFBJ", 3000)):
        frame = gpd.GeoDataFrame({"BSM": [name]}, geometry=[square(x)], crs=4547)
        frame.to_file(folder / f"{name}.shp", engine="pyogrio", encoding="GBK")
    return folder


def codes(source: Path | str) -> list[tuple[str, str]]:
    return [(found.code, found.place.rstrip(": ")) for found in inspect(source).findings]


def zipped(folder: Path) -> Path:
    path = folder.with_suffix(".zip")
    with zipfile.ZipFile(path, "w") as archive:
        for member in sorted(folder.rglob("*")):
            archive.write(member, f"成果/{member.relative_to(folder)}")
    return path


def test_lines_in_files_of_their_own_are_held_against_one_another(lines: Path) -> None:
    found = inspect(lines)
    apart = [
        (each.severity, each.feature) for each in found.findings if each.code == "topology.lines_overlap"
    ]
    assert apart[0] == ("error", ("STBHHX", "YJJBNTTB"))
    assert [severity for severity, _ in apart] == ["error", "info", "info"]
    assert found.faults.set_index("code").loc["topology.lines_overlap", "size"] == pytest.approx(100_000)
    checked = [each.place.rstrip(": ") for each in found.findings if each.code == "topology.checked"]
    assert checked == [f"三线/{name}.shp:{name}" for name in ("CZKFBJ", "STBHHX", "YJJBNTTB")]
    archive = inspect(zipped(lines))
    assert [each.code for each in archive.findings] == [each.code for each in found.findings]
    assert archive.findings[0].place.startswith("三线.zip/成果/CZKFBJ.shp:CZKFBJ")


def test_a_line_in_several_files_is_held_against_the_others_with_all_of_them(lines: Path) -> None:
    """Such as those of two districts; the second in degrees and with another field of ids."""
    farther = gpd.GeoDataFrame({"id": ["second"]}, geometry=[square(3500)], crs=4547).to_crs(4490)
    farther.to_file(lines / "生态保护红线.shp", engine="pyogrio", encoding="GBK")
    found = [each for each in inspect(lines).findings if each.code == "topology.lines_overlap"]
    told = {each.feature for each in found if each.severity == "error"}
    assert ("STBHHX", "YJJBNTTB") in told
    assert any("CZKFBJ" in feature for feature in told), told


def test_one_file_of_several(lines: Path) -> None:
    assert [place for _, place in codes(f"{lines}:STBHHX")] == ["三线/STBHHX.shp:STBHHX"]
    assert [place for _, place in codes(f"{zipped(lines)}:STBHHX.shp")] == ["三线.zip/成果/STBHHX.shp:STBHHX"]
    with pytest.raises(InputError, match="NONE"):
        inspect(f"{lines}:NONE")


def test_a_damaged_file_does_not_keep_the_others_out(lines: Path) -> None:
    (lines / "empty.gpkg").write_bytes(b"SQLite format 3\x00 and no more")
    (lines / "nothing.gpkg").write_bytes(b"")
    (lines / "manifest.json").write_text('{"made": "by hand"}', encoding="utf-8")
    found = codes(lines)
    assert ("file.unreadable", "三线/empty.gpkg") in found
    assert ("file.empty", "三线/nothing.gpkg") in found
    assert [code for code, _ in found].count("topology.checked") == 3
    assert "topology.lines_overlap" in [code for code, _ in found]
    assert not any("manifest" in place for _, place in found)


def test_repaired_layers_of_one_name_are_kept_apart(tmp_path: Path) -> None:
    bow = shapely.Polygon([(WEST, SOUTH), (WEST + 9, SOUTH + 9), (WEST + 9, SOUTH), (WEST, SOUTH + 9)])
    for folder in ("a", "b"):
        (tmp_path / "in" / folder).mkdir(parents=True)
        frame = gpd.GeoDataFrame({"BSM": [folder]}, geometry=[bow], crs=4547)
        frame.to_file(tmp_path / "in" / folder / "p.gpkg", engine="pyogrio")
    made = inspect(tmp_path / "in", method="structure")
    assert [each.name for each in made.repaired] == ["p", "p_2"]
    assert [each.frame["BSM"].tolist() for each in made.repaired] == [["a"], ["b"]]


def test_a_coordinate_txt_and_a_table_are_audited(tmp_path: Path) -> None:
    corners = [(0, 0), (0, 90), (90, 90), (90, 0), (0, 0)]
    other = [(x + 80, y) for x, y in corners]  # overlaps the first by 10 m × 90 m
    rows = ["[属性描述]", "坐标系=2000国家大地坐标系", "几度分带=3", "带号=38", "[地块坐标]"]
    for name, ring in (("1", corners), ("2", other)):
        rows.append(f"{len(ring)},0.81,{name},地块{name},面,,,,@")
        rows += [f"J{n % 4 + 1},1,{SOUTH + y:.3f},{38e6 + WEST + x:.3f}" for n, (x, y) in enumerate(ring)]
    (tmp_path / "a.txt").write_text("\n".join(rows), encoding="gbk")
    found = inspect(tmp_path / "a.txt")
    assert found.faults.set_index("code").loc["topology.overlap", "size"] == pytest.approx(900, abs=1e-3)
    wkt = [f'{n},"{square(x, 90).wkt}"' for n, x in enumerate((0, 80))]
    (tmp_path / "b.csv").write_text("\n".join(["id,wkt", *wkt]), encoding="utf-8")
    gate = open_gate(["file"], assume=["EPSG:4547"])
    made = inspect(tmp_path / "b.csv", gate=gate)
    assert made.faults.set_index("code").loc["topology.overlap", "size"] == pytest.approx(900, abs=1e-3)
    assert [each.code for each in made.findings].count("crs.assumed") == 1


def test_the_command_takes_a_folder(lines: Path, tmp_path: Path) -> None:
    done = CliRunner().invoke(cli, ["audit", str(lines), "-o", str(tmp_path / "out"), "--lang", "en"])
    assert done.exit_code == 1, done.output
    assert "topology.lines_overlap" in done.output
    told = json.loads((tmp_path / "out" / "findings.json").read_text(encoding="utf-8"))
    assert "topology.lines_overlap" in json.dumps(told)
    empty = tmp_path / "empty"
    empty.mkdir()
    nothing = CliRunner().invoke(cli, ["audit", str(empty), "--lang", "en"])
    assert isinstance(nothing.exception, InputError)
