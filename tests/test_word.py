"""The Word report: its numbers are those of the table, its tables close, hostile text is text, templates fill."""

import re
import zipfile
from dataclasses import replace

import docx
import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml.ns import qn
from PIL import Image

from synthetic import CRS_CODE, layers, square
from zoneplan.check.conflicts import check_parcels
from zoneplan.check.dossier import make_dossier, strictest_first, sums
from zoneplan.check.lines import BOUNDARY, OUTSIDE
from zoneplan.check.outcomes import parcel_outcomes
from zoneplan.errors import InputError
from zoneplan.landuse.composition import COLUMNS as LANDUSE
from zoneplan.render.picture import Maps
from zoneplan.render.plaintext import full_width, plain, short
from zoneplan.render.word import pages as wordpages
from zoneplan.render.word.paper import PARTS, write_conflicts_docx

NS = {"w": "http://schemas.openxmlformats.org/wordprocessingml/2006/main"}
EVIL = [
    "=cmd|' /C calc'!A0", "<w:p>&amp;]]></w:t>", "\x00\x07控制\x1b[31m", "a\u202egnp.exe", "名" * 100_000,
    '{ HYPERLINK "http://x" }', "{{project}}", "{0.__class__}%s",
]  # fmt: skip


def checked(shapes, *, accuracy="schematic", **columns):
    return check_parcels(gpd.GeoDataFrame(columns, geometry=shapes, crs=CRS_CODE), layers(accuracy=accuracy))


@pytest.fixture(scope="module")
def result():
    shapes = [
        square(2, 8, 2.1, 8.1), square(2, 4, 2.1337, 4.1), square(1.95, 1, 2.0513, 1.1), square(5, 1, 5.1, 1.1),
        square(0.9, 8, 1, 8.1), square(0.9, 8, 1.000005, 8.1), square(11, 1, 11.1, 1.1), square(6.95, 4, 7.0521, 4.1),
    ]  # fmt: skip
    uses = ["U10", "U17", "U10", None, "U10", "U10", "U10", "0901"]
    return checked(shapes, DKBH=[f"地块{n}" for n in range(8)], use=uses)


@pytest.fixture(scope="module", autouse=True)
def few_maps():
    with pytest.MonkeyPatch.context() as patch:  # a map takes longer than all the rest
        patch.setattr(wordpages, "MOST_MAPS", 1)
        yield


@pytest.fixture(scope="module")
def written(tmp_path_factory, result):
    return write(tmp_path_factory.mktemp("word"), result)[0]


def write(tmp_path, result, name="c.docx", **options):
    path = tmp_path / name
    findings = write_conflicts_docx(path, result, **options)
    return docx.Document(str(path)), findings


def cells(table):
    return [[cell.text for cell in row.cells] for row in table.rows]


def table_of(document, head):
    return next(
        cells(table) for table in document.tables if head in [cell.text for cell in table.rows[0].cells]
    )


def words(document):
    inside = [cell for table in document.tables for row in cells(table) for cell in row]
    return "\n".join([*(one.text for one in document.paragraphs), *inside])


def number(text):
    return float(text.replace(",", ""))


def test_equal_results_give_equal_bytes(tmp_path, result):
    write(tmp_path, result, "a.docx")
    write(tmp_path, result, "b.docx")
    assert (tmp_path / "a.docx").read_bytes() == (tmp_path / "b.docx").read_bytes()
    with zipfile.ZipFile(tmp_path / "a.docx") as archive:
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert b"2000-01-01T00:00:00Z" in archive.read("docProps/core.xml")


def test_the_area_table_is_the_table_and_closes(written, result):
    rows = table_of(written, "总结论")
    assert rows[0][:2] == ["总结论", "地块数"]
    document = written
    rows = table_of(document, "用途")
    assert rows[0][1:7] == ["地块", "用途", "平方米", "公顷", "亩", "总结论"]
    order = strictest_first(result)
    assert [row[1].removesuffix(" *") for row in rows[1:-1]] == [result.ids[at] for at in order]
    assert [row[2] for row in rows[1:-1]] == [result.uses[at] or "未知" for at in order]
    for column, step, factor in ((3, 0.01, 1), (4, 1e-4, 1e4), (5, 1e-4, 1e4 / 15)):
        parts, total = [number(row[column]) for row in rows[1:-1]], number(rows[-1][column])
        assert sum(parts) == pytest.approx(total, abs=step / 100)
        exact = np.array([result.area_m2[at] for at in order]) / factor
        assert np.abs(np.array(parts) - exact).max() <= step
        assert total == pytest.approx(exact.sum(), abs=step / 1.9)
        unmarked = [row[1].endswith(" *") for row in rows[1:-1]].count(False)
        assert unmarked >= len(order) / 2


@pytest.mark.parametrize(("line", "head", "column"), [("permanent_basic_farmland", "重叠 平方米", 3)])
def test_each_line_lists_every_parcel_and_closes(written, result, line, head, column):
    document = written
    found = [cells(table) for table in document.tables if head in [cell.text for cell in table.rows[0].cells]]
    assert len(found) == 2
    rows = found[1]
    table = result.table[result.table["line"] == line].set_index("parcel_id")
    for row in rows[1:-1]:
        mine = table.loc[row[1].removesuffix(" *")]
        known = not np.isnan(mine["overlap_area_m2"])
        assert (row[column] == "—") == (not known)
        assert not known or number(row[column]) == pytest.approx(mine["overlap_area_m2"], abs=0.011)
    told = sum(number(row[column]) for row in rows[1:-1] if row[column] != "—")
    assert told == pytest.approx(number(rows[-1][column]), abs=1e-6)


def test_inside_and_outside_stand_side_by_side(written, result):
    rows = table_of(written, "边界内 平方米")
    table = result.table.set_index(["parcel_id", "line"])["overlap_area_m2"]
    for row in rows[1:-1]:
        for column, line in ((3, BOUNDARY), (5, OUTSIDE)):
            if row[column] != "—":
                assert number(row[column]) == pytest.approx(table[row[1].removesuffix(" *"), line], abs=0.011)
    for column in (3, 4, 5, 6):
        parts = sum(number(row[column]) for row in rows[1:-1] if row[column] != "—")
        assert parts == pytest.approx(number(rows[-1][column]), abs=1e-6)


def test_page_one_says_what_must_be_known_first(tmp_path, result):
    override = {"parcel_id": "地块0", "line": "ecological_redline", "name": "张三", "reason": "已避让", "date": "2026-01-02"}  # fmt: skip
    marked = replace(result, receipt={**result.receipt, "overrides": [override]})
    document, _ = write(tmp_path, marked, project="某某公路工程")
    texts = [one.text for one in document.paragraphs]
    first = texts[: next(at for at, text in enumerate(texts) if text.startswith("一、"))]
    assert any("不得用于用地审批" in text for text in first)
    assert any("无数据不等于不涉及" in text for text in first)
    assert any("1 处占用经人工标注" in text for text in first)
    assert any("未核" in text for text in first)
    assert cells(document.tables[0])[0][:2] == ["项目名称", "某某公路工程"]
    assert ["地块0", "ecological_redline", "张三", "已避让", "2026-01-02"] in table_of(document, "认定人")
    sound = checked([square(5, 1, 5.1, 1.1)], accuracy="surveyed", use=["U13"])
    assert "审批;" not in words(write(tmp_path, sound)[0])


def test_every_outcome_of_a_hit_is_in_the_report(written, result):
    document = written
    text = words(document)
    for one, state in zip(parcel_outcomes(result), result.table["state"], strict=True):
        if state in ("hit", "sliver", "no_data"):
            assert full_width(one.zh) in text
    rows = table_of(document, "核对")
    assert {row[4] for row in rows[1:]} == {"未核"}
    assert len(rows) - 1 == len(make_dossier(result).laws)


def test_it_is_a_word_document_with_headings_fonts_and_tables_as_word_has_them(written, result):
    document = written
    assert [one.text[:2] for one in document.paragraphs if one.style.name == "Heading 1"] == [
        "一、", "二、", "三、", "四、", "五、", "六、", "七、", "八、", "九、",
    ]  # fmt: skip
    fonts = {
        name: document.styles[name].element.rPr.rFonts.get(qn("w:eastAsia"))
        for name in ("Normal", "Heading 1")
    }
    assert fonts == {"Normal": "宋体", "Heading 1": "黑体"}
    section = document.sections[0]
    assert (round(section.page_width.cm, 1), round(section.page_height.cm, 1)) == (21.0, 29.7)
    assert "PAGE" in section.footer._element.xml
    for table in document.tables:
        rows = table._tbl.tr_lst
        assert all(row.trPr.find(qn("w:cantSplit")) is not None for row in rows)
        if table.rows[0].cells[0].text in ("序号", "总结论", "编号", "级别"):
            assert rows[0].trPr.find(qn("w:tblHeader")) is not None


def test_hostile_text_is_text(tmp_path):
    shapes = [square(2 + n / 5, 4, 2.1 + n / 5, 4.1) for n in range(len(EVIL))]
    result = checked(shapes, id=EVIL, use=EVIL)
    hostile = replace(
        result, receipt={**result.receipt, "overrides": [dict.fromkeys(("parcel_id", "line", "name", "reason", "date"), "\x0b<b>")]}
    )  # fmt: skip
    document, _ = write(tmp_path, hostile, project="{{lines}}\x00</w:t>")
    text = words(document)
    assert "=cmd|' /C calc'!A0" in text
    assert "<w:p>&amp;]]></w:t>" in text
    assert "控制 [31m" in text
    assert "agnp.exe" in text
    assert "…(共 100000 字)" in text
    assert not re.search("[\x00-\x08\x0b-\x1f\u202e\ud800]", text)
    with zipfile.ZipFile(tmp_path / "c.docx") as archive:
        body = archive.read("word/document.xml").decode("utf-8")
        assert len(body) < 2_000_000
        for tag in ("fldChar", "instrText", "fldSimple", "hyperlink", "altChunk", "object"):
            assert f"<w:{tag}" not in body
        relations = archive.read("word/_rels/document.xml.rels").decode("utf-8")
    assert 'TargetMode="External"' not in relations


@pytest.mark.parametrize("lines", [{}, {"水源\x00<保护区>{ha}": square(5, 1, 5.05, 1.1)}])
def test_one_parcel_and_further_constraints(tmp_path, lines):
    given = {name: gpd.GeoDataFrame(geometry=[shape], crs=CRS_CODE) for name, shape in lines.items()}
    frame = gpd.GeoDataFrame({"use": ["U10"]}, geometry=[square(5, 1, 5.1, 1.1)], crs=CRS_CODE)
    document, _ = write(tmp_path, check_parcels(frame, layers(), lines=given))
    assert ("水源 <保护区>{ha}" in words(document)) == bool(lines)


def test_many_parcels_list_what_matters_and_still_close(tmp_path):
    shapes = [square(0.2 + n % 9, 0.6 + n // 9, 0.3 + n % 9, 0.7 + n // 9) for n in range(81)]
    result = checked(shapes, use=["U19"] * 81)
    document, _ = write(tmp_path, result)
    text = words(document)
    assert "地块超过 30 个" in text
    rows = table_of(document, "用途")
    assert 10 < len(rows) < 81
    rest = next(row for row in rows if row[1].startswith("其余"))
    assert sum(number(row[3]) for row in rows[1:-1]) == pytest.approx(number(rows[-1][3]), abs=1e-6)
    assert number(rest[3]) > 0
    rows = table_of(document, "边界内 平方米")
    inside = result.table[result.table["line"] == BOUNDARY]["overlap_area_m2"].sum()
    assert number(rows[-1][3]) == pytest.approx(inside, abs=0.006)


def test_without_geometry_there_is_no_map_and_no_failure(tmp_path):
    frame = gpd.GeoDataFrame({"use": ["U10", "U10"]}, geometry=[square(5, 1, 5.1, 1.1), None], crs=CRS_CODE)
    assert "1 个地块没有可量算的几何" in words(write(tmp_path, check_parcels(frame, layers()))[0])


def test_land_use_of_the_project_is_summed(tmp_path, result):
    rows = [("地块0", "0101", "水田", "农用地", 100.005, 90.0), ("地块1", "0101", "水田", "农用地", 50.0, 45.0), ("地块1", "", "无图斑", "", 1.0, 1.0)]  # fmt: skip
    document, _ = write(tmp_path, replace(result, landuse=pd.DataFrame(rows, columns=list(LANDUSE))))
    found = table_of(document, "三大类")
    assert ["农用地", "0101", "水田", "150.01"] in [row[:4] for row in found]
    assert found[-1][3] == "151.01"


def test_sums_close_and_say_what_they_moved():
    made = sums([0.005, 0.005, 0.005, np.nan])
    assert made.totals["m2"] == 0.02
    assert sum(made.parts["m2"]) == pytest.approx(0.02)
    assert any(made.moved)
    assert not any(sums([1.0, 2.0]).moved)


# --- templates


def template(path, *paragraphs, header="", table=""):
    document = docx.Document()
    for text in paragraphs:
        document.add_paragraph(text)
    document.sections[0].header.paragraphs[0].text = header
    if table:
        document.add_table(1, 1).cell(0, 0).text = table
    document.save(str(path))
    return path


def test_a_template_is_filled_and_keeps_what_is_its_own(tmp_path, result):
    path = tmp_path / "t.docx"
    document = docx.Document(str(template(path, "某市自然资源局", "{{notices}}", "{{report}}", "文末", header="项目:{{ project }}", table="{{conclusion}}")))  # fmt: skip
    split = document.add_paragraph()
    for part in ("共 {", "{par", "cels}", "} 个,", "{{area_ha}} 公顷"):
        split.add_run(part)
    document.styles.add_style("局样式", WD_STYLE_TYPE.PARAGRAPH)
    document.save(str(path))
    made, findings = write(tmp_path, result, template=path, project="{{parcels}}号工程")
    assert findings == ()
    texts = [one.text for one in made.paragraphs]
    assert texts[0] == "某市自然资源局"
    assert "不得用于用地审批" in texts[1]
    total = sums([float(np.nansum(result.area_m2))]).totals["ha"]
    assert f"共 8 个,{total:.4f} 公顷" in texts
    assert made.sections[0].header.paragraphs[0].text == "项目:{{parcels}}号工程"
    assert "局样式" in [style.name for style in made.styles]
    assert texts.index("二、分项审查") < texts.index("文末")
    cell = made.tables[-1].cell(0, 0)
    assert any(one.text == "一、审查结论" for one in cell.paragraphs)
    assert cell.tables
    assert sum(text == "二、分项审查" for text in texts) == 1


def test_what_a_template_leaves_out_is_put_in_and_said(tmp_path, result):
    path = template(tmp_path / "t.docx", "封面", "{{laws}}", "{{nonsense}} 与 {{lines}}")
    made, findings = write(tmp_path, result, template=path)
    assert [(one.code, one.severity) for one in findings] == [
        ("word.placeholder", "warning"), ("word.placeholder", "warning"), ("word.missing", "info"), ("word.missing", "info"),
    ]  # fmt: skip
    assert "{{notices}}" in findings[2].en
    assert "{{signature}}" in findings[3].en
    assert "{{landuse}}" not in findings[3].en
    texts = [one.text for one in made.paragraphs]
    assert "不得用于用地审批" in texts[0]
    assert texts.index("封面") < texts.index("五、法律政策依据") < texts.index("二、分项审查")
    assert "{{nonsense}} 与 {{lines}}" in texts
    assert made.element.body[-1].tag == qn("w:sectPr")


def test_every_part_has_a_place_of_its_own_in_a_template(tmp_path, result):
    path = template(tmp_path / "t.docx", *(f"{{{{{part.key}}}}}" for part in PARTS))
    made, findings = write(tmp_path, result, template=path)
    assert findings == ()
    assert "{{" not in words(made)


def test_a_template_of_another_office_program_gets_the_styles_it_lacks(tmp_path, result):
    path = tmp_path / "t.docx"
    document = docx.Document()
    for name in ("Heading 1", "Heading 2"):
        document.styles[name].delete()
    document.add_paragraph("{{report}}")
    document.save(str(path))
    made, _ = write(tmp_path, result, template=path)
    style = next(one.style for one in made.paragraphs if one.text == "一、审查结论")
    assert style.element.pPr.find(qn("w:outlineLvl")).get(qn("w:val")) == "0"


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda path: path.write_bytes(b"\xd0\xcf\x11\xe0 old word"), r"t\.docx: no Word document"),
        (lambda path: path.write_bytes(b""), "no Word document"),
        (lambda path: zipfile.ZipFile(path, "w").writestr("word/vbaProject.bin", b"x"), "it has macros"),
        (lambda path: zipfile.ZipFile(path, "w").writestr("x.xml", b"x"), "no Word document"),
    ],
)
def test_what_is_no_template_is_refused(tmp_path, result, make, message):
    path = tmp_path / "t.docx"
    make(path)
    with pytest.raises(InputError, match=message):
        write_conflicts_docx(tmp_path / "c.docx", result, template=path)


# --- words and maps


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("占用 1.2 公顷(占 3%),须补划;见 a(b), c:d。", "占用 1.2 公顷（占 3%），须补划；见 a(b), c:d。"),
        ("无数据:2 个", "无数据：2 个"),
        ("1,234.5", "1,234.5"),
    ],
)
def test_chinese_points_between_chinese_words(given, expected):
    assert full_width(given) == expected


def test_plain_text_is_one_line_that_xml_takes():
    assert plain("a\r\nb\tc\x00\ufffe\ud800\U0010ffff") == "a b c \U0010ffff"
    assert short("abcdef", 6) == "abcdef"
    assert short("abcdefg", 6) == "abcde…(共 7 字)"


def test_maps_are_the_same_each_time_and_show_what_is_there(tmp_path, result):
    maps = Maps(result)
    png = maps.project([0, 1])
    assert png == Maps(result).project([0, 1])
    (tmp_path / "m.png").write_bytes(png)
    colours = Image.open(tmp_path / "m.png").convert("RGB").getcolors(1 << 20)
    assert len(colours) > 20
    assert not maps.has(6) or maps.parcel(6) != maps.parcel(0)
