"""What shows itself in a notebook: HTML that asks for nothing, with its name, every word of data escaped, 示意 where it is so."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
from shapely.geometry import box

import zoneplan as zp
from browsing import INJECTIONS
from zoneplan.render.notebook import ROWS, SCHEMATIC, html_of

TOWN = Path(__file__).parent / "towns" / "linxi.yaml"
HOSTILE = "<script>window.hit=1</script>"
SAID: dict[str, Any] = {"author": HOSTILE, "reason": HOSTILE, "date": "2026-11-26"}
TASK = """\
schema: zoneplan.siting/1
name: "<script>window.hit=1</script>"
base: jiaozuo
target_ha: {target}
units: {{grid_m: 2000}}
takes: [{{of: permanent_basic_farmland, most_ha: 0}}]
author: a
reason: r
date: 2026-11-26
"""
TAGS = {"div", "p", "b", "span", "table", "thead", "tbody", "tr", "th", "td", "img"}


@dataclass(frozen=True)
class Case:
    """Something to show, the words that its HTML must have, and whether its geometry is schematic."""

    thing: Any
    words: tuple[str, ...]
    schematic: bool


class Read(HTMLParser):
    """The tags, addresses and text of some HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.pictures: list[str] = []
        self.handlers: list[str] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.pictures += [value or "" for name, value in attrs if name == "src"]
        self.handlers += [name for name, _ in attrs if name.startswith("on")]

    def handle_data(self, data: str) -> None:
        self.text += data


def parcels(layers: zp.LayerSet, ids: list[str]) -> gpd.GeoDataFrame:
    x, y = layers.zone.representative_point().coords[0]
    shapes = [box(x + 300 * n, y, x + 300 * n + 200, y + 100) for n in range(len(ids))]
    return gpd.GeoDataFrame({"DKBH": ids}, geometry=shapes, crs=layers.crs)


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Case]:
    folder = tmp_path_factory.mktemp("shown")
    for path in TOWN.parent.iterdir():
        text = path.read_text(encoding="utf-8").replace("name: 西北片区", f'name: "{HOSTILE}"')
        (folder / path.name).write_text(text, encoding="utf-8")
    plan = zp.load_plan(folder / "linxi.yaml")
    town = zp.compile_plan(plan)
    base = zp.compile_plan(zp.load_plan("jiaozuo"))
    scenario = zp.Scenario("jiaozuo", name=HOSTILE).shift(
        "urban_development_boundary", id="east", metres=200, direction="east", side="east", **SAID
    )
    solved = {}
    for name, target in (("met", 100), ("not met", 9000)):
        document = folder / f"{target}.yaml"
        document.write_text(TASK.format(target=target), encoding="utf-8")
        solved[name] = zp.solve_siting(document)
    finding = zp.Finding("a.code", "warning", HOSTILE, HOSTILE, place=HOSTILE)
    return {
        "plan": Case(plan, ("临溪镇", "三", "north_west", "第三章", "功能区 district"), False),
        "layers of known accuracy": Case(replace(town, name=HOSTILE), ("EPSG:4544", "推得"), False),
        "schematic layers": Case(replace(base, name=HOSTILE), ("EPSG:4547", "示意"), True),
        "check": Case(
            zp.check_parcels(parcels(town, [HOSTILE, "乙"]), town, id_field="DKBH", use="U10"),
            ("2 个地块", "生态保护红线", "乙"), False,
        ),
        "schematic check": Case(
            zp.check_parcels(parcels(base, [HOSTILE]), base, id_field="DKBH", use="U10"),
            ("1 个地块", "永久基本农田", "未核", "城镇开发边界(内)"), True,
        ),
        "finding": Case(finding, ("a.code", "注意 warning"), False),
        "findings": Case(zp.Findings([finding] * 30), ("注意 warning 30", "共 30 行"), False),
        "scenario": Case(scenario, ("基础 base: jiaozuo", "shift", "2026-11-26"), False),
        "scenario measured": Case(zp.run_scenario(scenario), ("城镇开发边界面积", "变化 change"), True),
        "siting met": Case(solved["met"], ("选中单元 Units chosen", "siting.choice"), True),
        "siting not met": Case(solved["not met"], ("去掉的约束 Without", "siting.target"), True),
    }  # fmt: skip


NAMES = (
    "plan", "layers of known accuracy", "schematic layers", "check", "schematic check", "finding", "findings", "scenario",
    "scenario measured", "siting met", "siting not met",
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_what_is_shown(cases: dict[str, Case], name: str) -> None:
    case = cases[name]
    html = case.thing._repr_html_()
    read = Read(html)
    assert set(read.tags) <= TAGS
    assert read.handlers == []
    assert all(one.startswith("data:image/png;base64,") for one in read.pictures)
    assert "http" not in re.sub(r"base64,[^\"]+", "", html)
    for word in (*case.words, HOSTILE):
        assert word in read.text
    assert (SCHEMATIC in read.text) is case.schematic
    assert html == case.thing._repr_html_()


@pytest.mark.parametrize("words", INJECTIONS)
def test_no_word_of_data_becomes_markup(words: str) -> None:
    read = Read(html_of(zp.Finding("a.code", "error", words, words, place=words)))
    assert set(read.tags) <= TAGS
    assert read.text.count(words) == 3


def test_a_long_table_says_how_long_it_is(cases: dict[str, Case]) -> None:
    read = Read(html_of(cases["findings"].thing))
    assert read.tags.count("tr") == ROWS + 1


def test_nothing_to_say_is_said() -> None:
    assert "没有发现 no findings" in html_of(zp.Findings())


def test_other_things_have_no_picture() -> None:
    with pytest.raises(TypeError, match="int has no picture"):
        html_of(1)
