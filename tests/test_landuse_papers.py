"""Templates, workbooks and the command: data decide the layout, text stays text, faults name file and line."""

import geopandas as gpd
import openpyxl
import pandas as pd
import pytest

import synthetic
from test_landuse_tables import LAYERS, PLANNED, PRESENT, assert_closes, exact, patches
from zoneplan.cli import main
from zoneplan.errors import InputError
from zoneplan.io.layers import write_layers
from zoneplan.jobs.app import write_areas
from zoneplan.jobs.inventory import Wanted, take
from zoneplan.landuse.template import read_template

MINE = """\
format: zoneplan.template/1
id: mine
name: 本局表
source: 本局
verified: no
sheets:
  - name: 组团
    title: =1+1
    elements: group
    total: 合计
    columns:
      - {field: name, heading: 组团}
      - {field: present, heading: 面积, unit: ha, decimals: 1}
      - {field: present, heading: 其中耕地, unit: mu, decimals: 0, codes: "01"}
      - {field: present_share, heading: 占比, decimals: 1}
  - name: 建设用地
    title: 建设用地
    covers: "07-16"
    rows:
      - name: 城镇村
        rows:
          - {name: 居住, codes: "07"}
          - {name: "=HYPERLINK(1)", codes: "08-15"}
      - {name: 留白, codes: "16"}
    columns:
      - {field: name, heading: 地类}
      - {field: present, heading: 面积, unit: wan_mu, decimals: 4}
    notes: [说明一, 说明二]
"""


@pytest.fixture
def files(tmp_path):
    write_layers(tmp_path / "layers.gpkg", LAYERS)
    patches(PRESENT).to_file(tmp_path / "now.gpkg")
    patches(PLANNED).to_file(tmp_path / "plan.gpkg")
    (tmp_path / "mine.yaml").write_text(MINE, encoding="utf-8")
    return tmp_path


def wanted(files, **more):
    # no code of the present use tells 2020 from 2023; they mean the same
    return Wanted(present=str(files / "now.gpkg"), **more)


def run(capsys, *args):
    with pytest.raises(SystemExit) as caught:
        main([*map(str, args), "--lang", "en"])
    out, err = capsys.readouterr()
    return caught.value.code, out, err


def test_every_table_closes_and_has_its_place(files):
    made = take(LAYERS, wanted(files, planned=str(files / "plan.gpkg"), template="adjustment"))
    assert list(made.tables) == [
        "landuse", "landuse_three_classes", "planned", "planned_three_classes",
        "landuse_by_group", "landuse_by_space", "landuse_by_control_line", "transition",
    ]  # fmt: skip
    for name, table in made.tables.items():
        if name != "transition":
            assert_closes(table)
    assert {one.code for one in made.findings} >= {"landuse.list", "landuse.bare", "landuse.unverified"}


def test_shipped_templates_close_in_their_own_decimals(files):
    made = take(LAYERS, wanted(files, planned=str(files / "plan.gpkg"), template="adjustment"))
    (sheet,) = made.sheets
    top = [row for row, depth in zip(sheet.cells, sheet.depths, strict=True) if depth == 0]
    total = sheet.cells[-1]
    assert total[0] == "合计"
    for number in range(1, len(total)):
        assert exact(row[number] for row in top) == exact([total[number]])
    assert (total[2], total[4], total[5]) == (100, 100, 0)
    for row in sheet.cells:
        assert exact([row[3], -row[1]]) == exact([row[5]])
    for sheet in take(LAYERS, wanted(files)).sheets:
        under = 0
        for row, depth, after in zip(sheet.cells, sheet.depths, (*sheet.depths[1:], 0), strict=True):
            under = exact([row[2]]) if after > depth == 0 else under
            under -= exact([row[2]]) if depth == 1 else 0
            assert under == 0 or after == 1


def test_a_template_of_ones_own(files):
    made = take(LAYERS, wanted(files, template=str(files / "mine.yaml")))
    groups, land = made.sheets
    assert [row[0] for row in groups.cells] == ["西组团", "中组团", "东组团", "合计"]
    for number in (1, 2, 3):
        assert exact(row[number] for row in groups.cells[:-1]) == exact([groups.cells[-1][number]])
    assert groups.cells[0][1] == pytest.approx(4000, rel=2e-4)
    assert groups.cells[0][2] == pytest.approx(2000 * 15, rel=2e-4)
    assert groups.cells[-1][3] == 100
    assert [row[0] for row in land.cells][-2:] == ["不在本表范围的地类", "无现状地类"]
    assert land.depths[:3] == (0, 1, 1)


def test_the_workbook_follows_the_template_and_holds_no_formula(files):
    layers = synthetic.layers(accuracy="surveyed")
    write_areas(layers, files / "out", landuse=wanted(files, template=str(files / "mine.yaml")))
    book = openpyxl.load_workbook(files / "out" / "areas.xlsx")
    assert book.sheetnames[1:3] == ["组团", "建设用地"]
    sheet = book["组团"]
    assert sheet["A1"].value == "=1+1"
    assert [cell.value for cell in sheet[2]] == ["组团", "面积", "其中耕地", "占比"]
    assert sheet["B3"].number_format == "#,##0.0"
    assert sheet["C3"].number_format == "#,##0"
    assert exact(sheet.cell(row, 2).value for row in (3, 4, 5)) == exact([sheet["B6"].value])
    land = book["建设用地"]
    assert land["A5"].value == "=HYPERLINK(1)"
    assert land["A5"].alignment.indent == 1
    assert land["A3"].font.bold
    notes = [cell.value for cell in land["A"] if isinstance(cell.value, str)]
    assert notes[-2:] == ["注:说明一", "说明二"]
    assert all(cell.data_type != "f" for page in book for row in page for cell in row)


def test_same_bytes_and_csv_with_codes_as_text(files):
    for name in "ab":
        write_areas(synthetic.layers(), files / name, landuse=wanted(files))
    assert (files / "a/areas.xlsx").read_bytes() == (files / "b/areas.xlsx").read_bytes()
    assert (files / "a/areas.csv").read_bytes() == (files / "b/areas.csv").read_bytes()
    read = pd.read_csv(files / "a/areas.csv", encoding="utf-8-sig", dtype=str)
    assert {"01", "0101", "0301"} <= set(read.loc[read["table"] == "landuse", "row_id"])


def test_elements_of_one_name_have_a_matrix(files):
    layers = synthetic.layers()
    layers["group"]["name"] = "组团"
    write_areas(layers, files / "out", landuse=wanted(files))
    sheet = openpyxl.load_workbook(files / "out" / "areas.xlsx")["用地×组团 Use×group ha"]
    assert [cell.value for cell in sheet[2]] == ["行 Row", "组团", "组团", "组团", "合计"]


def change(old, new):
    assert old in MINE
    return MINE.replace(old, new, 1)


@pytest.mark.parametrize(
    ("text", "match"),
    [
        (change("heading: 组团", "headign: 组团"), r"mine\.yaml:12: .*unknown key 'headign'; did you mean 'heading'"),
        (change("unit: ha, ", ""), r"mine\.yaml:13: sheets\[0\]\.columns\[1\]\.unit: present is an area and needs a unit"),
        (change("unit: ha", "unit: acre"), r"mine\.yaml:13: .*expected .*'ha'.*found 'acre'"),
        (change("decimals: 1}", "decimals: one}"), r"mine\.yaml:13: .*expected a whole number; found 'one'"),
        (change('codes: "01"', 'codes: "0199"'), r"mine\.yaml:14: .*found '0199', expected a code of the list 2023"),
        (change('"08-15"', '"08-14"'), r"mine\.yaml:19: sheets\[1\]\.rows: 7 codes are in no row: 15"),
        (change('"08-15"', '"07-15"'), r"mine\.yaml:23: .*codes 07 are both in row '居住' and in row '=HYPERLINK\(1\)'"),
        (change("name: 建设用地", "name: 建设/用地"), r"mine\.yaml:16: sheets\[1\]\.name: '建设/用地' cannot name a sheet"),
        (change("name: 建设用地", "name: 组团"), r"mine\.yaml:16: .*'组团' is repeated"),
        (change("elements: group", "elements: group\n    definition: three_classes"), "one of definition, rows, elements; found definition, elements"),
        (change("elements: group", "definition: nowhere"), r"mine\.yaml:9: sheets\[0\]\.definition: nowhere: no such table definition"),
        (change("field: present_share, ", "field: present_share, unit: ha, "), "present_share is no area and has no unit"),
        (change("total: 合计", "total: 合计\n    total: 总计"), r"mine\.yaml:11: .*duplicate key 'total', first on line 10"),
        (change("sheets:", "sheets: ["), r"mine\.yaml:\d+: YAML syntax error"),
    ],
)  # fmt: skip
def test_faults_of_a_template_name_file_and_line(tmp_path, text, match):
    (tmp_path / "mine.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=match):
        read_template(tmp_path / "mine.yaml")


def test_what_a_template_wants_and_is_not_there(files):
    with pytest.raises(InputError, match="columns of planned land use: give it with --planned"):
        take(LAYERS, wanted(files, template="adjustment"))
    (files / "mine.yaml").write_text(change("elements: group", "elements: belt"), encoding="utf-8")
    with pytest.raises(
        InputError, match="no elements with areas of kind 'belt'; expected one of zone, group"
    ):
        take(LAYERS, wanted(files, template=str(files / "mine.yaml")))
    with pytest.raises(InputError, match="expected one of adjustment, structure, or a YAML file"):
        read_template("none")


def test_patches_elsewhere_are_refused(files):
    far = patches([("0101", synthetic.square(20, 20, 21, 21))])
    far.to_file(files / "now.gpkg")
    with pytest.raises(InputError, match="the patches and the zone share no ground"):
        take(LAYERS, wanted(files))


def test_the_command(files, capsys):
    args = ["areas", files / "layers.gpkg", "--landuse", files / "now.gpkg", "--planned", files / "plan.gpkg"]
    with pytest.raises(SystemExit) as caught:
        main(
            [
                *map(str, args),
                "--facilities-as",
                "construction",
                "--template",
                "adjustment",
                "-o",
                str(files / "out"),
                "--lang",
                "zh",
            ]
        )
    out = capsys.readouterr().out
    assert caught.value.code == 0
    assert "transition" in out
    assert "注意 landuse.bare landuse: 规划范围内有 299.9" in out
    assert sorted(path.name for path in (files / "out").iterdir()) == [
        "areas.csv",
        "areas.xlsx",
        "landuse.gpkg",
        "landuse.qgz",
    ]
    code, out, _ = run(capsys, "areas", files / "layers.gpkg", "-o", files / "plain")
    assert code == 0
    assert "landuse" not in out


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--template", "structure"], "--template needs --landuse"),
        (["--facilities-as", "construction"], "--facilities-as needs --landuse"),
        (["--landuse", "now.gpkg", "--planned-codes", "2023"], "need --planned"),
        (["--landuse", "none.gpkg"], "none.gpkg"),
        (["--landuse", "now.gpkg", "--landuse-field", "DLBM"], "there is no field DLBM"),
        (["--landuse", "now.gpkg", "--landuse-codes", "1984"], "no code list '1984'"),
    ],
)
def test_misused_options(files, capsys, monkeypatch, more, message):
    monkeypatch.chdir(files)
    code, _, err = run(capsys, "areas", "layers.gpkg", *more, "-o", "out")
    assert code == 2
    assert message in err
    assert not (files / "out").exists()


def test_ambiguous_codes_ask_for_the_list(files, capsys):
    frame = patches([("0204", synthetic.square(0, 0, 10, 10))])
    gpd.GeoDataFrame(frame).to_file(files / "now.gpkg")
    code, _, err = run(
        capsys, "areas", files / "layers.gpkg", "--landuse", files / "now.gpkg", "-o", files / "out"
    )
    assert code == 2
    assert "now.gpkg: YDYHFLDM: codes 0204 mean different things in 2023, 2020" in err
    assert "--landuse-codes" in err
    code, out, _ = run(
        capsys,
        "areas",
        files / "layers.gpkg",
        "--landuse",
        files / "now.gpkg",
        "--landuse-codes",
        "2020",
        "-o",
        files / "out",
    )
    assert code == 0
    assert "0205 其他园地" in out
