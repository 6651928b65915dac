"""Code lists, crosswalks, detection, code sets and the proof that a table holds each code once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zoneplan.errors import InputError
from zoneplan.landuse.codecolumn import collided, detect, spell, spell_column
from zoneplan.landuse.codes import code_list, code_lists
from zoneplan.landuse.codeset import parse_set
from zoneplan.landuse.crosswalk import collisions, crosswalk
from zoneplan.landuse.tabledef import read_table
from zoneplan.landuse.tablerows import Row, brief, leaf_rows, level_rows, prove

CURRENT = code_list()
LEAVES = sorted(CURRENT.leaves())
EIGHT = {"0204", "0602", "060102", "1311", "1312", "2202", "2302", "2303"}


def row(name, codes, *inner):
    return Row(name, name, "", "", frozenset(codes), inner)


@pytest.mark.parametrize("list_id", ["2023", "2020", "survey3"])
def test_lists_are_sound(list_id):
    codes = code_list(list_id)
    assert all(code.parent in codes for code in codes.codes.values() if code.parent)
    assert all(code.name and code.source and code.verified in ("yes", "no") for code in codes.codes.values())
    assert set().union(*(codes.within(top) for top in codes.children())) == set(codes)
    assert all(codes.path(code)[-1] == code for code in codes)


def test_list_sizes_and_names():
    sizes = {
        key: [sum(len(lst.path(c)) == n for c in lst) for n in (1, 2, 3)] for key, lst in code_lists().items()
    }
    assert sizes["2023"] == [24, 111, 40]
    assert sizes["2020"] == [24, 106, 39]
    assert CURRENT.name_of("0204") == "油料园地"
    assert code_list("2020").name_of("0204") == "其他园地"
    with pytest.raises(InputError, match="no code list '2017'"):
        code_list("2017")


@pytest.mark.parametrize("list_id", ["2020", "survey3"])
def test_crosswalks_lead_from_every_code_into_the_current_list(list_id):
    steps, codes = crosswalk(list_id), code_list(list_id)
    assert set(steps) == set(codes)
    for step in steps.values():
        assert step.targets
        assert all(target in CURRENT for target in step.targets)
        assert (len(step.targets) > 1) == (step.relation == "choice")


def test_what_a_parent_covers_goes_where_the_parent_goes_or_the_list_says_so():
    steps, codes = crosswalk("2020"), code_list("2020")
    astray = {
        code for code in codes for child in codes.within(code)
        if not set(steps[child].targets) <= set(CURRENT.within(steps[code].targets[0]))
    }  # fmt: skip
    assert astray == {code for code, step in steps.items() if step.relation == "partly"}


def test_the_eight_collision_codes_are_those_of_the_data():
    assert collisions("2020") == collisions("2023", "2020") == EIGHT


@pytest.mark.parametrize(
    ("value", "code", "changes"),
    [
        ("0101", "0101", ()),
        ("0101 ", "0101", ("blank",)),
        ("\uff10\uff11\uff10\uff11", "0101", ("width",)),
        (101, "0101", ("zero",)),
        (101.0, "0101", ("number", "zero")),
        ("10100", "0101", ("zero", "padding")),
        ("010000", "01", ("padding",)),
        ("0201k", "0201", ("width", "suffix")),
        (None, "", ()),
        (float("nan"), "", ()),
        ("010", "010", ()),  # begins with zero: what is missing is not known
        ("65", "65", ()),  # no list has it, and it is not 0101 in octal
        ("9999", "9999", ()),
    ],
)
def test_spelling(value, code, changes):
    made = spell(value, list(code_lists().values()))
    assert (made.code, made.changes) == (code, changes)


@given(st.sampled_from(list(CURRENT)))
def test_right_codes_are_left_alone_and_numbers_come_back(code):
    assert spell(code, [CURRENT]).code == code
    assert spell(int(code), [CURRENT]).code == code
    assert spell(float(code), [CURRENT]).code == code
    assert spell(code.ljust(6, "0"), [CURRENT]).code == code


def test_every_change_is_a_finding():
    codes, findings = spell_column(["101", "0101", " 0102"], place="a.gpkg")
    assert codes == ["0101", "0101", "0102"]
    assert {one.code for one in findings} == {"landuse.spelling.zero", "landuse.spelling.blank"}
    assert all(one.place == "a.gpkg" for one in findings)


@pytest.mark.parametrize(
    ("codes", "field", "found"),
    [
        (["0101", "0205"], "", "2023"),
        (["0101", "060201"], "", "2023"),
        (["0101", "0603", "0604"], "", "2020"),
        (["0101", "1313"], "", "2020"),
        (["0101", "08H1"], "", "survey3"),
        (["0103", "0603"], "DLBM", "survey3"),
        (["0101", "0701"], "", "2023"),  # the same in every list
        (["0101", "0204"], "YDYHFLDM", None),
        (["0205", "1313"], "", None),
        (["0205", "08H1"], "", None),
        (["9999"], "", None),
    ],
)
def test_detection(codes, field, found):
    assert detect(codes, field=field, place="x").list_id == found


def test_detection_states_its_evidence():
    seen = detect(["0205", "1313", "0101", "77"], place="x")
    assert seen.evidence == {"2023": ("0205",), "2020": ("1313",), "survey3": ()}
    assert seen.unlisted == ("77",)
    assert {one.code: one.severity for one in seen.findings} == {
        "landuse.mixture": "error",
        "landuse.unlisted": "warning",
    }
    clash = detect(["0204", "0101"], field="YDYHFLDM", place="x")
    assert clash.candidates == ("2023", "2020")
    assert "0204" in clash.findings[0].en
    assert [one.code for one in collided(["1311", "0101"], "2023", place="x")] == ["landuse.collision"]
    assert not collided(["0101"], "2023", place="x")


@given(st.lists(st.sampled_from(LEAVES), unique=True, min_size=1))
def test_a_set_written_out_reads_back(leaves):
    text = ",".join(brief(leaves, CURRENT))
    assert parse_set(text, CURRENT, place="").codes & CURRENT.leaves() == set(leaves)


def test_sets_by_hand():
    def codes(text):
        return parse_set(text, CURRENT, place="").codes

    assert codes("0703") == {"0703", "070301", "070302"}
    assert codes("1201-1206\uff0c1311\u30011312") == {
        "1201",
        "1202",
        "1203",
        "1204",
        "1205",
        "1206",
        "1311",
        "1312",
    }
    assert codes("070101 - 070102") == {"070101", "070102"}
    assert codes("18-24") == set().union(*(CURRENT.within(str(top)) for top in range(18, 25)))
    survey = code_list("survey3")
    assert parse_set("1107", survey, place="").codes == {"1107", "1107A"}
    assert "0303" in parse_set("00", survey, place="").codes  # its children do not begin with 00


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("", "at character 1 of the code set: found nothing"),
        ("01,,02", "at character 4 .* found nothing"),
        ("01,9999", "at character 4 .* found '9999', expected a code of the list 2023"),
        ("0101,1206-1201", "at character 6 .* the smaller code first"),
        ("12-1305", "at character 1 .* of equal length"),
        ("01;02", "at character 1 .* found '01;02'"),
        ("1201-1299", "at character 6 .* found '1299'"),
        (" 0199 - 0199", r"at character 2 .* found '0199'.*\n.* at character 9 "),
    ],
)
def test_faults_of_sets(text, match):
    with pytest.raises(InputError, match=match) as caught:
        parse_set(text, CURRENT, place="t.yaml:7: rows[0].codes")
    assert all(one.place == "t.yaml:7: rows[0].codes" for one in caught.value.faults)


@pytest.mark.parametrize("level", [1, 2, 3])
@pytest.mark.parametrize("list_id", ["2023", "2020", "survey3"])
def test_every_code_is_in_exactly_one_row(level, list_id):
    codes = code_list(list_id)
    assert prove(level_rows(codes, level), codes, place="x") == ()


@pytest.mark.parametrize("setting", ["agricultural", "construction"])
def test_three_classes_hold_every_code_once(setting):
    rows = read_table("three_classes").rows(facilities=setting)
    for leaf in CURRENT.leaves():
        assert sum(leaf in one.codes for one in leaf_rows(rows)) == 1
    classes = {one.id: one.codes for one in rows}
    assert ("060101" in classes["agricultural"]) == (setting == "agricultural")
    assert ("060101" in classes["construction"]) == (setting == "construction")
    assert {"0101", "1704", "2303"} <= classes["agricultural"]
    assert {"0701", "1003", "1311", "16", "2301"} <= classes["construction"]
    assert {"0403", "1701", "2304"} <= classes["unused"]
    with pytest.raises(InputError, match="'other' should be one of agricultural, construction"):
        read_table("three_classes").rows(facilities="other")


@given(st.dictionaries(st.sampled_from(LEAVES), st.integers(0, 3), min_size=1))
def test_the_proof_finds_exactly_what_is_missing_and_what_is_double(chosen):
    rows = [row(f"r{n}", [leaf for leaf, at in chosen.items() if at in (n, 3)]) for n in range(3)]
    found = {one.code for one in prove(rows, CURRENT, place="x")}
    assert ("landuse.missing" in found) == (set(chosen) != CURRENT.leaves())
    assert ("landuse.duplicate" in found) == (3 in chosen.values())


def test_the_proof_names_all_codes_at_once():
    rows = [row("a", CURRENT.within("01")), row("b", ["0101", *CURRENT.within("12")])]
    missing, double = prove(
        rows, CURRENT, covers={*CURRENT.within("01"), *CURRENT.within("12"), "0201", "1401"}, place="x"
    )
    assert "2 codes are in no row: 0201、1401" in missing.en
    assert "codes 0101 are both in row 'a' and in row 'b'" in double.en


FAULTY = """\
format: zoneplan.table/1
id: mine
name: 本局表式
list: "2023"
source: 本局
verified: no
switches: {x: [a, b]}
rows:
  - {id: one, name: 一, codes: "01-05, 0199"}
  - {id: one, name: 二, when: {x: c}, codes: "07"}
  - name: 三
  - {name: 四, codes: "08", colour: red}
"""


def test_faults_of_a_definition_name_file_and_line(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(FAULTY, encoding="utf-8")
    with pytest.raises(InputError, match=r"mine\.yaml:12: rows\[3\]\.colour: unknown key 'colour'"):
        read_table(path)
    path.write_text(FAULTY.replace(", colour: red", ""), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_table(path)
    text = caught.value.text("en")
    assert "mine.yaml:9: rows[0].codes: at character 8" in text
    assert "mine.yaml:10: rows[1].when.x: there is no setting x: c; the switches are x: a, b" in text
    assert "mine.yaml:11: rows[2]: row '三' needs either codes or rows" in text


def test_a_definition_that_does_not_hold_is_refused(tmp_path):
    path = tmp_path / "mine.yaml"
    body = FAULTY.split("switches")[0]
    path.write_text(
        body + 'covers: "01-03"\nrows:\n  - {name: 一, codes: "01,02"}\n  - {name: 二, codes: "02,04"}\n',
        encoding="utf-8",
    )
    with pytest.raises(InputError) as caught:
        read_table(path)
    text = caught.value.text("en")
    assert "4 codes are in no row: 03" in text
    assert "mine.yaml:10: rows[1]: codes 02 are both in row '一' and in row '二'" in text
    assert "codes 04 are outside what the table covers" in text
    with pytest.raises(InputError, match="expected one of three_classes, or a YAML file"):
        read_table("nothing")
