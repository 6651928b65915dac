"""Outcomes: every state and verdict has its branch, numbers are those of the table, no data is never no conflict."""

import re
from dataclasses import replace

import geopandas as gpd
import pandas as pd
import pytest

from synthetic import CRS_CODE, layers, square
from zoneplan.check.conflicts import check_parcels
from zoneplan.check.lines import BOUNDARY, OUTSIDE
from zoneplan.check.outcomebook import STATES, VERDICTS, read_outcomes
from zoneplan.check.outcomes import declared_crossing, parcel_outcomes, project_outcomes
from zoneplan.errors import InputError
from zoneplan.resources import OUTCOMES
from zoneplan.units import round_half_up

RED, FARM = "ecological_redline", "permanent_basic_farmland"
IN_RED, IN_FARM, IN_TOWN = square(2, 8, 2.1, 8.1), square(2, 4, 2.1, 4.1), square(5, 1, 5.1, 1.1)
HALF_TOWN = square(1.95, 1, 2.05, 1.1)


def plan(components=("other", "", "concentrated"), accuracy="surveyed"):
    made = layers(accuracy=accuracy)
    made["control_line"]["component"] = list(components)
    return made


def outcome(
    shape, use, line, *, components=("other", "", "concentrated"), crossing=False, accuracy="surveyed"
):
    frame = gpd.GeoDataFrame({"use": [use]}, geometry=[shape], crs=CRS_CODE)
    result = replace(check_parcels(frame, plan(components, accuracy)), crossing=(crossing,))
    at = list(result.table["line"]).index(line)
    return parcel_outcomes(result)[at], result.table.iloc[at]


@pytest.mark.parametrize(
    ("shape", "use", "line", "expected", "words"),
    [
        (IN_RED, "U10", RED, "prohibited", "应当避让"),
        (IN_RED, None, RED, "undetermined", "不可避让论证"),
        (IN_RED, "U17", RED, "limited", "有限人为活动"),
        (IN_RED, "U18", RED, "unavoidable", "不可避让论证"),
        (IN_RED, "U24", RED, "temporary", "临时使用"),
        (IN_RED, "U25", RED, "permitted", "允许的有限人为活动"),
        (square(0.9, 8, 1, 8.1), "U10", RED, "touch", "不位于生态保护红线内,与红线边界相接"),
        (square(0.9, 8, 1.000005, 8.1), "U10", RED, "sliver", "不得按不位于处理"),
        (IN_TOWN, "U10", RED, "clear", "不位于生态保护红线内。"),
        (square(11, 1, 11.1, 1.1), "U10", RED, "no_data", "不得视为不位于"),
        (IN_FARM, "U10", FARM, "prohibited", "应当避让"),
        (IN_FARM, "U17", FARM, "occupied", "补划永久基本农田不少于"),
        (IN_FARM, "U24", FARM, "temporary", "复垦"),
        (IN_FARM, "U04", FARM, "conditional", "县级备案"),
        (IN_FARM, "U01", FARM, "permitted", "不补划"),
        (IN_FARM, None, FARM, "undetermined", "结论待定"),
        (IN_TOWN, "U10", FARM, "clear", "不涉及永久基本农田。"),
        (square(11, 1, 11.1, 1.1), "U10", FARM, "no_data", "不得视为不涉及"),
        (IN_TOWN, "U10", BOUNDARY, "inside", "边界内"),
        (HALF_TOWN, "U10", BOUNDARY, "part", "部分位于"),
        (IN_RED, "U10", BOUNDARY, "outside", "边界外"),
        (square(1.9, 1, 2, 1.1), "U10", OUTSIDE, "outside", "与边界相接"),
        (square(1.9, 1, 2.000005, 1.1), "U10", BOUNDARY, "outside_sliver", "伸入边界"),
        (square(2.1, 1, 8.999, 1.1).union(square(8.999, 1, 9.000005, 1.1)), "U10", BOUNDARY, "inside_sliver", "超出边界"),
        (square(11, 1, 11.1, 1.1), "U10", BOUNDARY, "no_data", "未能核查"),
        (square(9.95, 1, 10.05, 1.1), "U10", BOUNDARY, "partly_unknown", "其余部分没有城镇开发边界数据"),
    ],
)  # fmt: skip
def test_each_branch_is_phrased_as_reports_phrase_it(shape, use, line, expected, words):
    made, _ = outcome(shape, use, line)
    assert made.id == expected
    assert words in made.zh
    assert "{" not in made.zh + made.en


def test_the_numbers_of_a_sentence_are_those_of_the_table():
    made, row = outcome(IN_FARM, "U17", FARM)
    ha = f"{round_half_up(row['overlap_area_m2'] / 1e4, 4):.4f}"
    assert f"占用永久基本农田 {ha} 公顷" in made.zh
    assert f"不少于 {ha} 公顷" in made.zh
    assert made.en.count(ha) == 2
    part, _ = outcome(HALF_TOWN, "U10", BOUNDARY)
    assert part == outcome(HALF_TOWN, "U10", OUTSIDE)[0]


def towns(*components):
    """Growth boundary of strips 1 km wide from x = 4 km, one of each component."""
    strips = [square(4 + n, 0, 5 + n, 10) for n in range(len(components))]
    return {BOUNDARY: gpd.GeoDataFrame({"component": list(components)}, geometry=strips, crs=CRS_CODE)}


def test_overlaps_are_told_by_component_and_add_up():
    frame = gpd.GeoDataFrame(
        {"use": ["U10"] * 3},
        geometry=[square(4.9, 1, 5.2, 1.1), square(4.2, 1, 4.3, 1.1), square(6.5, 1, 7.5, 1.1)],
        crs=CRS_CODE,
    )
    result = check_parcels(frame, lines=towns("concentrated", "flexible", "园区"))
    made = parcel_outcomes(result)[::2]
    printed = [[float(word) for word in re.findall(r"[0-9]+\.[0-9]{4}(?= 公顷)", one.zh)] for one in made]
    assert [one.id for one in made] == ["inside", "inside", "part"]
    assert re.search(r"公顷,其中集中建设区 [0-9.]+ 公顷、弹性发展区 [0-9.]+ 公顷\(拟用途", made[0].zh)
    assert re.search(r"ha \(of which concentrated construction area [0-9.]+ ha, flexible", made[0].en)
    assert printed[0][0] == round(printed[0][1] + printed[0][2], 4)
    assert "公顷,均为集中建设区(" in made[1].zh
    assert "弹性" not in made[1].zh  # what is not met is not named
    assert "公顷,均为园区(" in made[2].zh
    whole = project_outcomes(result, parcel_outcomes(result))[BOUNDARY]
    inside, *parts = (float(word) for word in re.findall(r"[0-9]+\.[0-9]{4}(?= 公顷)", whole.zh)[:4])
    assert inside == pytest.approx(sum(parts), abs=1e-9)
    plain = check_parcels(frame, lines=towns("", "", ""))
    assert not any("其中" in one.zh for one in parcel_outcomes(plain))


def test_a_crossing_is_declared_never_guessed_and_never_lifts_a_prohibition():
    assert outcome(IN_RED, "U17", RED, crossing=True)[0].id == "crossing"
    assert "不申请用地" in outcome(IN_RED, "U17", RED, crossing=True)[0].zh
    assert outcome(IN_RED, "U10", RED, crossing=True)[0].id == "prohibited"
    assert outcome(IN_TOWN, "U17", RED, crossing=True)[0].id == "clear"
    assert declared_crossing(pd.Series(["是", "穿越", "否", None, 1, 1.0, "", "Yes"])) == (
        True, True, False, False, True, True, False, True,
    )  # fmt: skip


def test_uses_that_several_rules_fit_are_in_no_special_branch():
    assert outcome(IN_RED, "U17", RED, components=("", "", ""))[0].id == "undetermined"


@pytest.mark.parametrize(("shape", "line"), [(IN_RED, RED), (IN_TOWN, RED), (IN_TOWN, BOUNDARY)])
def test_schematic_lines_say_so_and_name_what_is_needed(shape, line):
    made, _ = outcome(shape, "U17", line, accuracy="schematic")
    assert "不得用于用地审批" in made.zh
    assert {"STBHHX", "CZKFBJ"} & set(made.zh.replace("。", " ").split())
    assert "不得用于用地审批" not in outcome(shape, "U17", line)[0].zh


def test_no_data_never_reads_as_no_conflict():
    book = read_outcomes()
    for key, line in [*book.lines.items(), ("其他", book.further)]:
        unknown = {case.label.zh for case in line.cases if "no_data" in case.id}
        assert unknown, key
        for case in line.cases:
            assert ("未能核查" in case.text.zh) == (case.id in ("no_data", "partly_unknown")), case.id
            assert ("无数据" in case.label.zh) == (case.id in ("no_data", "partly_unknown")), case.id


def test_a_further_constraint_is_named_and_its_name_is_text():
    evil = "{ha.__class__}{0}%s"
    frame = gpd.GeoDataFrame({"use": ["U10"]}, geometry=[IN_TOWN], crs=CRS_CODE)
    given = gpd.GeoDataFrame(geometry=[square(5, 1, 5.05, 1.1)], crs=CRS_CODE)
    result = check_parcels(frame, lines={evil: given})
    (made,) = parcel_outcomes(result)
    assert f"涉及“{evil}”0.4" in made.zh
    assert made.id == "undetermined"


def test_a_project_counts_its_branches_and_sums_its_areas():
    frame = gpd.GeoDataFrame(
        {"use": ["U10", "U17", "U17", "U10"]},
        geometry=[IN_RED, square(2.2, 8, 2.3, 8.1), IN_TOWN, square(11, 1, 11.1, 1.1)],
        crs=CRS_CODE,
    )
    result = check_parcels(frame, plan())
    made = project_outcomes(result, parcel_outcomes(result))
    assert set(made) == {RED, FARM, BOUNDARY}
    red = result.table[result.table["line"] == RED]["overlap_area_m2"].sum()
    assert made[RED].id == "prohibited"
    assert "无数据,未核查 1 个" in made[RED].zh
    assert "有限人为活动,须认定意见 1 个" in made[RED].zh
    assert f"{round_half_up(red / 1e4, 4):.4f} 公顷" in made[RED].zh
    alone = check_parcels(frame.iloc[:1], plan())
    assert project_outcomes(alone, parcel_outcomes(alone))[RED] == parcel_outcomes(alone)[0]


def test_every_combination_has_a_case():
    for line in [*read_outcomes().lines.values(), read_outcomes().further]:
        for state in STATES:
            for verdict in VERDICTS:
                for outside in STATES:
                    assert line.case(state, outside, verdict, frozenset(), False).text.zh


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("与生态保护红线重叠 {m2} 平方米", "与生态保护红线重叠 {m3} 平方米", r"outcomes\.yaml:\d+: .*unknown placeholder \{m3\}"),
        ("与生态保护红线重叠 {m2} 平方米", "{ha.__class__} {m2}", r"unknown placeholder \{ha.__class__\}"),
        ("与生态保护红线重叠 {m2} 平方米", "{ha:>99999999}", r"unknown placeholder \{ha\}"),
        ("与生态保护红线重叠 {m2} 平方米", "{", r"unknown placeholder \{"),
        ("states: [sliver]\n        label", "states: [touch]\n        label", r"no case covers sliver/prohibited"),
        ("states: [sliver]", "states: [silver]", r"outcomes\.yaml:\d+"),
    ],
)  # fmt: skip
def test_faults_of_the_document_are_named_with_their_line(tmp_path, old, new, message):
    path = tmp_path / "outcomes.yaml"
    text = OUTCOMES.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InputError, match=message):
        read_outcomes(path)
