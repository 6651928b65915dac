"""The rule book as data: every row of the matrix, the law of the day, open questions stay open."""

from datetime import date

import pytest

from zoneplan.check.rulefile import read_rules
from zoneplan.check.rules import STRICTEST_FIRST, strictest
from zoneplan.errors import InputError
from zoneplan.resources import RULES


@pytest.fixture(scope="module")
def book():
    return read_rules()


def test_every_row_of_the_matrix_is_there_and_says_it_is_unverified(book):
    assert len([rule for rule in book.rules if not rule.valid_to]) == 202
    assert {rule.verified for rule in book.rules} == {"no"}
    assert all(
        rule.legal_basis and rule.issuer and rule.confidence and rule.provenance for rule in book.rules
    )


@pytest.mark.parametrize(
    ("line", "component", "use", "verdict", "rule_id"),
    [
        ("permanent_basic_farmland", "", "U10", "prohibited", "PBF-U10"),
        ("permanent_basic_farmland", "", "0701", "prohibited", "PBF-U10"),
        ("permanent_basic_farmland", "", "070102", "prohibited", "PBF-U10"),
        ("permanent_basic_farmland", "", "u01", "permitted", "PBF-U01"),
        ("ecological_redline", "other", "U17", "restricted", "ERL_OTHER-U17"),
        ("ecological_redline", "core", "U17", "prohibited", "ERL_CORE-U17"),
        ("urban_development_boundary", "concentrated", "U10", "permitted", "UGB_CONC-U10"),
        ("urban_development_boundary:outside", "", "U10", "prohibited", "UGB_OUT-U10"),
    ],
)
def test_one_use_on_one_line(book, line, component, use, verdict, rule_id):
    ruling = book.ruling(line, component=component, use=use)
    assert (ruling.verdict, ruling.rule_id, ruling.verified) == (verdict, rule_id, "no")


def test_a_component_that_is_not_stated_matters_only_where_the_answers_differ(book):
    assert book.ruling("ecological_redline", component="", use="U10").verdict == "prohibited"
    open_ = book.ruling("ecological_redline", component="", use="U17")
    assert open_.verdict == "undetermined"
    assert len(open_.branches) == 2


@pytest.mark.parametrize(
    ("line", "component", "use", "reason"),
    [
        ("permanent_basic_farmland", "", None, "use unknown"),
        ("permanent_basic_farmland", "", "U99", "no rule in force for use 'U99'"),
        ("permanent_basic_farmland", "", "99", "code '99' is not in the 2023 list"),
        (
            "permanent_basic_farmland",
            "",
            "1104",
            "code '1104' is not in the 2023 list",
        ),  # of the third survey: ponds
        ("饮用水水源保护区", "", "U10", "no rule for '饮用水水源保护区'"),
        ("urban_development_boundary", "core", "U10", "no rule for component 'core'"),
    ],
)
def test_what_the_book_does_not_know_is_undetermined(book, line, component, use, reason):
    ruling = book.ruling(line, component=component, use=use)
    assert ruling.verdict == "undetermined"
    assert reason in ruling.reason_en


@pytest.mark.parametrize(
    ("line", "component", "code", "named"),
    [
        ("urban_development_boundary", "concentrated", "10", {"UGB_CONC-U09", "UGB_CONC-U16"}),
        ("urban_development_boundary", "concentrated", "1000", {"UGB_CONC-U09", "UGB_CONC-U16"}),
        ("urban_development_boundary:outside", "", "06", {"UGB_OUT-U04", "UGB_OUT-U06"}),
    ],
)
def test_a_coarse_code_is_not_decided_by_one_of_the_uses_under_it(book, line, component, code, named):
    ruling = book.ruling(line, component=component, use=code)
    assert ruling.verdict == "undetermined"
    assert named <= set(ruling.rule_id.split(";"))
    assert len(ruling.branches) == len(ruling.rules)


@pytest.mark.parametrize("line", ["permanent_basic_farmland", "urban_development_boundary:outside"])
def test_padding_says_nothing_and_a_lost_zero_is_not_another_use(book, line):
    plain, padded, lost = (book.ruling(line, component="", use=use) for use in ("0101", "010100", " 0101 "))
    assert plain == padded == lost
    for use in ("101", "10100"):
        ruling = book.ruling(line, component="", use=use)
        assert ruling.verdict == "undetermined"
        assert "leading zero" in ruling.reason_en


def test_a_branch_without_a_rule_in_force_is_not_decided_by_the_others(book):
    ask = {"line": "ecological_redline", "component": "", "use": "U07"}
    early = book.ruling(**ask, day=date(2022, 1, 1))
    assert early.verdict == "undetermined"
    assert early.rule_id == "ERL_CORE-U07@2022-08-15"
    assert "'other'" in early.reason_en
    assert book.ruling(**{**ask, "component": "core"}, day=date(2022, 1, 1)).verdict == "prohibited"


@pytest.mark.parametrize(
    ("dates", "message"),
    [
        ("2022-13-45,", r"rules\.csv:2: valid_from: '2022-13-45' should be a day that exists"),
        (",2021-02-29", r"rules\.csv:2: valid_to: '2021-02-29' should be a day that exists"),
        ("2022-01-01,2021-01-01", r"rules\.csv:2: valid_to: '2021-01-01' is before valid_from"),
    ],
)
def test_dates_are_days_in_order(tmp_path, dates, message):
    path = tmp_path / "rules.csv"
    head, first, *_ = RULES.read_text(encoding="utf-8").splitlines()
    path.write_text(f"{head}\n{first.replace(',2022-08-16,,medium', f',{dates},medium')}\n", encoding="utf-8")
    with pytest.raises(InputError, match=message):
        read_rules(path)


def test_a_national_project_is_never_inferred_from_a_code(book):
    declared_only = {"U14", "U18", "U19", "U24", "U25"}
    assert all(not rule.landuse_codes for rule in book.rules if rule.use_class in declared_only)


def test_the_law_of_the_day(tmp_path, book):
    path = tmp_path / "rules.csv"
    head, first, *_ = RULES.read_text(encoding="utf-8").splitlines()
    old = first.replace(",2022-08-16,,medium", ",2020-01-01,2021-12-31,medium")
    new = (
        first.replace("ERL_CORE-U01", "NEW")
        .replace("restricted", "prohibited")
        .replace(",2022-08-16,,medium", ",2022-01-01,,medium")
    )
    path.write_text("\n".join([head, old, new]) + "\n", encoding="utf-8")
    dated = read_rules(path)
    ask = {"line": "ecological_redline", "component": "core", "use": "U01"}
    assert dated.ruling(**ask, day=date(2021, 6, 1)).verdict == "restricted"
    assert dated.ruling(**ask, day=date(2023, 6, 1)).verdict == "prohibited"
    assert dated.ruling(**ask).verdict == "prohibited", "a row that has ended is not applied today"
    assert dated.ruling(**ask, day=date(2019, 6, 1)).verdict == "undetermined"


def test_strictest_first():
    assert strictest(["permitted", "restricted", "undetermined"]) == "undetermined"
    assert strictest(STRICTEST_FIRST) == "prohibited"
    assert strictest([]) == "permitted"


def test_every_fault_of_a_rule_book_at_once(tmp_path):
    path = tmp_path / "rules.csv"
    head, first, second, *_ = RULES.read_text(encoding="utf-8").splitlines()
    rows = [
        first.replace("restricted", "forbidden"),
        second.replace("ERL_CORE-U02@2022-08-15", "ERL_CORE-U01").replace(",no", ",maybe"),
        "short",
    ]
    path.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"rules\.csv:2: verdict: 'forbidden'") as caught:
        read_rules(path)
    assert [fault.code for fault in caught.value.faults] == [
        "rules.value",
        "rules.id",
        "rules.value",
        "rules.row",
    ]
    path.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(InputError, match="columns should be rule_id,line"):
        read_rules(path)


def test_what_several_rows_name_stands_once(book):
    laws = book.ruling("permanent_basic_farmland", component="", use="0201").joined("legal_basis").split(";")
    assert len(laws) == len(set(laws)) > 2
