"""Plan documents: every fault at once, with its line; codes stay text; the schema is current."""

import json
import re

import jsonschema
import pytest

from zoneplan.document import find_plan, json_schema, read_document
from zoneplan.errors import InputError
from zoneplan.plan import SECTIONS, Plan
from zoneplan.resources import PLANS

ELEMENT = "name: 甲, name_en: A, role: r, citation: {chapter: 第三章}, summary: s"
HEAD = """\
schema: zoneplan.plan/1
id: town
name: 某城
name_en: Town
source: {title: t, issued: 2021-03}
zone: 某城
"""
FEATURES = {"迎宾路": "line", "大沙河": "line", "某城": "polygon", "车站": "point"}


def load(tmp_path, text, features=FEATURES) -> Plan:
    path = tmp_path / "plan.yaml"
    path.write_text(text, encoding="utf-8")
    return read_document(path).finish(features)


def faults(tmp_path, text, features=FEATURES) -> list[str]:
    with pytest.raises(InputError, match=r"plan\.yaml") as caught:
        load(tmp_path, text, features)
    return caught.value.text("en").splitlines()


def test_a_sound_document_is_a_frozen_plan(tmp_path):
    plan = load(
        tmp_path, HEAD + f"axes:\n  - {{id: a, {ELEMENT}, extent: {{along: 迎宾路, width_m: 300}}}}\n"
    )
    assert plan.axes[0].extent.width_m == 300.0
    assert plan.place("axes[0].extent") == "plan.yaml:8: axes[0].extent"
    with pytest.raises(ValueError, match="frozen"):
        plan.name = "other"


def test_every_fault_at_once_with_its_line(tmp_path):
    found = faults(
        tmp_path,
        HEAD
        + f"""\
nmae: y
axes:
  - {{id: a, {ELEMENT}, extent: {{along: 迎宾陆, width_m: abc}}}}
  - {{id: a, {ELEMENT}, extent: {{alon: 迎宾路}}}}
belts:
  - id: b
    id: c
    {ELEMENT.replace(", ", chr(10) + "    ", 4).replace("citation: {chapter: 第三章}, ", "citation: {chapter: 第三章}" + chr(10) + "    ")}
    extent: {{bounded_by: {{north: 某城, west: [迎宾路, 大沙河]}}}}
""",
    )
    text = "\n".join(found)
    for expected in (
        r"plan\.yaml:7: nmae: unknown key 'nmae'; did you mean 'name'\?",
        r"plan\.yaml:9: axes\[0\]\.extent\.along: no reference feature is named '迎宾陆'; did you mean '迎宾路'\?",
        r"plan\.yaml:9: axes\[0\]\.extent\.width_m: expected a number; found 'abc'",
        r"plan\.yaml:10: axes\[1\]\.extent: expected one rule .* of along, .*\{alon\}",
        r"plan\.yaml:13: belts\[0\]\.id: duplicate key 'id', first on line 12",
        r"belts\[0\]\.extent\.bounded_by\.west: one side names 2 lines",
        r"belts\[0\]\.extent\.bounded_by\.north: '某城' is a polygon feature, a line is needed",
    ):
        assert re.search(expected, text), f"{expected} not in\n{text}"
    lines = [int(row.split(":")[1]) for row in found]
    assert lines == sorted(lines)


def test_codes_and_dates_stay_text(tmp_path):
    plan = load(
        tmp_path,
        HEAD
        + f"control_lines:\n  - {{id: line_x, {ELEMENT}, extent: {{from_layer: x.gpkg, where: {{DLBM: 0101}}}}}}\n",
    )
    assert plan.control_lines[0].extent.where == {"DLBM": "0101"}
    assert plan.source.issued == "2021-03"


def test_two_elements_cannot_share_an_id(tmp_path):
    row = f"{{id: a, {ELEMENT}, extent: {{along: 迎宾路, width_m: 3}}}}"
    assert "the id 'a' is taken already" in "\n".join(
        faults(tmp_path, HEAD + f"axes:\n  - {row}\nbelts:\n  - {row}\n")
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "the file is empty"),
        ("a: [1, 2", "YAML syntax error"),
        ("a: &x [*x]\n", "refer to themselves"),
        ("- 1\n", "found"),
    ],
)
def test_what_is_no_plan_at_all(tmp_path, text, message):
    assert message in "\n".join(faults(tmp_path, text))


def test_a_file_in_another_encoding_is_named(tmp_path):
    path = tmp_path / "plan.yaml"
    path.write_bytes("name: 焦作".encode("gbk"))
    with pytest.raises(InputError, match="not UTF-8 from byte"):
        read_document(path)


def test_a_missing_plan_lists_the_built_in_ones(tmp_path):
    with pytest.raises(InputError, match=r"no such plan document; built-in plans: .*jiaozuo"):
        find_plan(tmp_path / "none.yaml")


@pytest.mark.parametrize("words", ["expected: 1, at_least: 1", "of: elements"])
def test_a_count_states_one_number(tmp_path, words):
    count = f"counts:\n  - {{phrase: 两轴, kind: axis, citation: {{chapter: 第三章}}, {words}}}\n"
    assert "write either `expected` or `at_least`" in "\n".join(faults(tmp_path, HEAD + count))


def test_the_shipped_schema_is_current_and_accepts_the_built_in_plans():
    shipped = json.loads((PLANS / "plan.schema.json").read_text(encoding="utf-8"))
    assert shipped == json.loads(json.dumps(json_schema()))
    jsonschema.Draft202012Validator.check_schema(shipped)
    assert set(SECTIONS) <= set(shipped["properties"])
    validator = jsonschema.Draft202012Validator(shipped)
    for path in PLANS.glob("*.yaml"):
        data = _numbers(read_document(path).source.data)
        assert list(validator.iter_errors(data)) == []
        assert list(validator.iter_errors({**data, "axis": []}))


def _numbers(value):
    """Scalars as an editor reads them: numbers as numbers, true and false as booleans."""
    if isinstance(value, dict):
        return {key: item if key == "issued" else _numbers(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_numbers(item) for item in value]
    if value in ("true", "false"):
        return value == "true"
    return float(value) if isinstance(value, str) and re.fullmatch(r"-?\d+(\.\d+)?", value) else value
