"""The brief of a scenario and the pictures of a sweep: the same bytes, what changed is drawn, 示意 on all of them."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import docx
import numpy as np
import pytest
from PIL import Image

from zoneplan import run_scenario
from zoneplan.jobs.scenarios import ScenarioResult
from zoneplan.render.brief import charts, paper
from zoneplan.render.brief.charts import changing, sweep_chart, waterfall_chart
from zoneplan.render.brief.panels import Panel, draw_panels
from zoneplan.render.brief.paper import write_brief
from zoneplan.render.style import read_style
from zoneplan.resources import data_dir


@pytest.fixture(scope="module")
def result() -> ScenarioResult:
    return run_scenario(data_dir() / "samples" / "scenario.yaml")


def brief(result: ScenarioResult, path: Path) -> Path:
    """The brief of a result."""
    write_brief(path, result.replayed, result.falls, result.limits, result.findings, style=read_style())
    return path


def pixels(png: bytes) -> np.ndarray:
    """A picture as (rows, columns, 3)."""
    return np.asarray(Image.open(BytesIO(png)).convert("RGB")).astype(int)


def test_the_brief_says_what_is_proposed_what_it_costs_and_what_breaks(
    result: ScenarioResult, tmp_path: Path
) -> None:
    one, other = brief(result, tmp_path / "a.docx"), brief(result, tmp_path / "b.docx")
    assert one.read_bytes() == other.read_bytes()
    document = docx.Document(str(one))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    words = "\n".join([*(paragraph.text for paragraph in document.paragraphs), *cells])
    for edit in result.scenario.active:
        assert edit.id in words
        assert edit.reason in words
    for fall in changing(result.falls)[: paper.MOST_ROWS]:
        assert f"{fall.change:+,}" in cells
    for judged in result.limits:
        assert judged.fall.zh in cells
    assert "示意" in words
    assert "限值未与官方文本核对" in words
    assert len(document.inline_shapes) == 2


def test_what_a_step_changes_is_drawn_and_nothing_else(result: ScenarioResult) -> None:
    style = read_style()
    base = result.base
    nothing = pixels(draw_panels(base, [Panel("a", "", base)], style=style))
    again = pixels(draw_panels(base, [Panel("a", "", base)], style=style))
    assert (nothing == again).all()
    name, first = result.replayed.stages[0]
    both = pixels(draw_panels(base, [Panel("a", "", base), Panel(name, "", first)], style=style, columns=1))
    half = (both.shape[0] - 40) // 2
    gained = np.array([int(style.symbol("gained").line[at : at + 2], 16) for at in (1, 3, 5)])

    def marks(part: np.ndarray) -> int:
        return int((np.abs(part - gained).sum(axis=2) < 40).sum())

    assert marks(both[half : 2 * half - 20]) > 4 * marks(both[:half]) + 100


def test_charts_show_limits_and_are_stable(result: ScenarioResult) -> None:
    made = waterfall_chart(result.falls, result.limits, schematic=True)
    assert made == waterfall_chart(result.falls, result.limits, schematic=True)
    assert made != waterfall_chart(result.falls, (), schematic=True)
    assert made != waterfall_chart(result.falls, result.limits, schematic=False)
    few = waterfall_chart(result.falls, result.limits, schematic=True, most=3)
    assert pixels(few).shape[0] < pixels(made).shape[0]


def test_a_sweep_draws_only_what_varies(result: ScenarioResult, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[str] = []
    line = charts._line

    def noted(axis: Any, values: Any, made: Any, fall: Any, *more: Any) -> None:
        drawn.append(fall.key)
        line(axis, values, made, fall, *more)

    monkeypatch.setattr(charts, "_line", noted)
    other = [replace(fall, values=(*fall.values[:-1], fall.after + 1)) if fall.key == "compactness" and fall.after else fall for fall in result.falls]  # fmt: skip
    sweep_chart("x", [1, 2], [result.falls, other], result.limits, schematic=True)
    assert drawn == ["compactness"]
