"""Rules of an office on top of the book, and the law of a day: order, round trips, nothing silent."""

import csv
import io
from dataclasses import astuple, replace
from datetime import date, timedelta

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from zoneplan.check.rulefile import COLUMNS, amend, read_rules
from zoneplan.check.rules import RuleBook
from zoneplan.errors import InputError
from zoneplan.io.rowfiles import read_rows
from zoneplan.textrows import csv_rows

BOOK = read_rules()
BY_ID = {rule.rule_id: rule for rule in BOOK.rules}
ORDER_17 = date(2025, 10, 1)


def office(*rules, name="office.csv", encoding="utf-8"):
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    writer.writerows(rule if isinstance(rule, tuple) else astuple(rule) for rule in rules)
    return csv_rows(out.getvalue().encode(encoding), name, code="rules")


def removal(rule_id):
    return (rule_id, *[""] * (len(COLUMNS) - 1))


def own(rule_id="LOCAL-1", **more):
    return replace(BY_ID["PBF-U10"], rule_id=rule_id, **more)


def test_an_empty_file_and_no_file_change_nothing():
    assert amend(BOOK, []).book == BOOK
    made = amend(BOOK, [office()])
    assert made.book == BOOK
    assert made.findings == ()
    assert made.changes[0]["added"] == []


@given(st.permutations(range(3)))
def test_files_that_touch_different_rows_come_in_any_order(order):
    files = [
        office(own("A-1", line="饮用水水源保护区", component="一级")),
        office(removal("PBF-U01"), name="b.csv"),
        office(own("PBF-U10", verdict="restricted"), name="c.csv"),
    ]
    assert amend(BOOK, [files[at] for at in order]).book.version == amend(BOOK, files).book.version


def test_writing_the_book_and_reading_it_as_office_rows_gives_the_book():
    made = amend(BOOK, [office(*BOOK.rules)])
    assert made.book.version == BOOK.version
    assert {finding.code for finding in made.findings} == {"rules.replaced"}
    assert "fields that differ: none" in made.findings[0].en


def test_replaced_added_and_removed_rows_are_each_said_and_counted():
    file = office(own("PBF-U10", verdict="restricted"), own(line="湿地"), removal("PBF-U11"))
    made = amend(BOOK, [file])
    assert [finding.code for finding in made.findings] == ["rules.replaced", "rules.added", "rules.removed"]
    assert {finding.severity for finding in made.findings} == {"info"}
    assert "verdict prohibited → restricted" in made.findings[0].en
    assert made.findings[0].place == "office.csv:2"
    assert made.changes == (
        {"file": "office.csv", "sha256": file.sha256, "replaced": ["PBF-U10"], "added": ["LOCAL-1"], "removed": ["PBF-U11"]},
    )  # fmt: skip
    assert made.book.version != BOOK.version
    ask = {"line": "permanent_basic_farmland", "component": ""}
    assert made.book.ruling(**ask, use="U10").verdict == "restricted"
    assert made.book.ruling(**ask, use="U11").verdict == "undetermined", "a removed rule permits nothing"
    assert made.book.ruling("湿地", component="", use="U10").rule_id == "LOCAL-1"


def test_the_later_file_counts_where_two_touch_a_row_and_a_warning_says_so():
    files = [
        office(own("PBF-U10", verdict="restricted")),
        office(own("PBF-U10", verdict="permitted"), name="b.csv"),
    ]
    for order, verdict in ((files, "permitted"), (files[::-1], "restricted")):
        made = amend(BOOK, order)
        assert {rule.rule_id: rule for rule in made.book.rules}["PBF-U10"].verdict == verdict
        warning = next(finding for finding in made.findings if finding.severity == "warning")
        assert f"was changed by {order[0].name} already" in warning.en


def test_every_fault_of_every_office_file_at_once():
    bad = office(
        own(verdict="maybe"), own("X 1"), own("X-2", landuse_codes="101", use_class=""), own("X-3", line=""),
        own("X-4", use_class="", landuse_codes=""), removal("NIX"), own("X-5", line="ecological_redline", component="inner"), ("short",),
    )  # fmt: skip
    with pytest.raises(InputError, match=r"office\.csv:2: verdict: 'maybe' should be one of") as caught:
        amend(BOOK, [bad, office(own(valid_from="2025-13"), name="b.csv")])
    assert [fault.code for fault in caught.value.faults] == [
        "rules.value", "rules.id", "rules.codes", "rules.empty", "rules.use", "rules.remove", "rules.value", "rules.row", "rules.date",
    ]  # fmt: skip
    assert caught.value.faults[-1].place == "b.csv:2: valid_from"


def test_a_file_from_a_chinese_spreadsheet_is_read_as_what_it_is(tmp_path):
    assert office(own(use_name="城镇居住"), encoding="gb18030").encoding == "GB18030"
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(list(COLUMNS))
    row = dict(zip(COLUMNS, astuple(own()), strict=True)) | {
        "valid_from": date(2025, 1, 2),
        "landuse_codes": 701,
    }
    sheet.append(list(row.values()))
    book.save(tmp_path / "office.xlsx")
    rows = read_rows(tmp_path / "office.xlsx", code="rules")
    assert rows.rows[0][1]["valid_from"] == "2025-01-02"
    with pytest.raises(InputError, match=r"office\.xlsx:2: landuse_codes: '701' should be a land-use code"):
        amend(BOOK, [rows])


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("r.txt", b"x", r"expected a file \.csv, \.xlsx"),
        ("r.csv", b"", r"the file is empty \(0 bytes\)"),
        ("r.csv", b'a,"b\n', "no sound CSV"),
        ("r.csv", b"\xff\xff\xff", "neither UTF-8 nor GBK"),
        ("r.xlsx", b"PK\x03\x04rest", r"no readable \.xlsx"),
    ],
)
def test_files_that_are_no_tables_say_so(tmp_path, name, content, message):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=message):
        read_rows(tmp_path / name, code="rules")


def test_a_file_that_is_not_there_says_so(tmp_path):
    with pytest.raises(InputError, match=r"none\.csv: cannot be read"):
        read_rows(tmp_path / "none.csv", code="rules")


@given(st.dates(date(2019, 1, 1), date(2030, 1, 1)))
def test_on_no_day_two_texts_of_one_row_are_in_force(day):
    ids = [rule.rule_id.partition("@")[0] for rule in BOOK.rules if rule.in_force(day)]
    assert len(ids) == len(set(ids))


def test_a_text_that_ended_is_followed_by_its_successor_on_the_next_day():
    ended = [rule for rule in BOOK.rules if rule.valid_to]
    assert ended
    for old in ended:
        name, _, last = old.rule_id.partition("@")
        assert old.valid_to == last
        new = BY_ID[name]
        assert date.fromisoformat(new.valid_from) - date.fromisoformat(last) == timedelta(days=1)
        assert (new.verdict, new.use_class, new.component) == (old.verdict, old.use_class, old.component)
        assert set(old.legal_basis.split(";")) < set(new.legal_basis.split(";"))


@pytest.mark.parametrize("use", ["U01", "U06", "U07", "U10", "U16", "U17", "U18", "U22"])
def test_the_farmland_order_applies_from_its_day_and_not_before(use):
    ask = {"line": "permanent_basic_farmland", "component": "", "use": use}
    before, after, now = (
        BOOK.ruling(**ask, day=day) for day in (ORDER_17 - timedelta(days=1), ORDER_17, None)
    )
    assert "令第17号" not in before.joined("legal_basis")
    assert "令第17号" in after.joined("legal_basis")
    assert (before.rule_id, after.rule_id, now.rule_id) == (
        f"PBF-{use}@2025-09-30",
        f"PBF-{use}",
        f"PBF-{use}",
    )
    assert [rule.rule_id for rule in before.out_of_force] == [f"PBF-{use}"]
    assert [rule.rule_id for rule in after.out_of_force] == [f"PBF-{use}@2025-09-30"]


def test_a_month_counts_once_it_is_over():
    rule = BY_ID["PBF-U24"]
    assert rule.valid_from == "2021-11"
    assert [rule.in_force(date(2021, month, day)) for month, day in ((10, 31), (11, 30), (12, 1))] == [
        False,
        False,
        True,
    ]
    early = BOOK.ruling("permanent_basic_farmland", component="", use="U24", day=date(2021, 11, 20))
    assert early.verdict == "undetermined"
    assert "out of force on that day: PBF-U24 [2021-11, …]" in early.reason_en


def test_a_national_major_project_is_one_only_when_declared():
    ask = {"line": "ecological_redline", "component": "core", "use": "1201"}
    plain, declared = BOOK.ruling(**ask), BOOK.ruling(**ask, national_major="发改基础〔2025〕1号")
    assert (plain.verdict, plain.rule_id, plain.declared) == ("prohibited", "ERL_CORE-U17", "")
    assert (declared.verdict, declared.rule_id) == ("restricted", "ERL_CORE-U18")
    assert declared.declared == "国家重大项目:发改基础〔2025〕1号"
    unnamed = BOOK.ruling(**ask, national_major="")
    assert "document not stated" in unnamed.declared
    other = RuleBook.of([own(line="湿地")])
    assert other.ruling("湿地", component="", use="U10", national_major="x").declared == ""
    assert other.ruling("湿地", component="", use="U10", national_major="x").verdict == "prohibited"


def test_selecting_rows():
    farmland = BOOK.select(line="permanent_basic_farmland", use="0701", day=ORDER_17)
    assert [rule.rule_id for rule in farmland] == ["PBF-U10"]
    assert {rule.line for rule in BOOK.select(use="U18")} == {rule.line for rule in BOOK.rules}
    assert BOOK.select() == BOOK.rules
