"""Charts of a scenario: what each edit adds to an indicator; how indicators follow a parameter."""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal
from io import BytesIO
from typing import Any

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties

from zoneplan.render.sheet.ink import settled
from zoneplan.render.sheet.lettering import lettering
from zoneplan.scenario.waterfall import Fall, Judged

MOST = 9
"""Indicators in one picture; the first of those that change."""
UP, DOWN, WHOLE, BROKEN = "#0571b0", "#ca0020", "#8a8a8a", "#ca0020"
SCHEMATIC = ("示意:图形没有测量依据", "Schematic: no survey behind the geometry")
_DPI = 170


def changing(falls: Sequence[Fall]) -> list[Fall]:
    """Indicators that an edit changes, at most `MOST`."""
    return [fall for fall in falls if any(step for _, step in fall.steps)][:MOST]


def waterfall_chart(
    falls: Sequence[Fall], limits: Sequence[Judged], *, schematic: bool, most: int = MOST, lang: str = "zh"
) -> bytes:
    """A waterfall for each of the first indicators that change, as PNG: before, what each edit adds or takes, after.

    Limits are dashed. The axis begins near the values, not at 0, where all are far from it; its labels say so.
    """
    shown = changing(falls)[:most]
    with settled():
        figure, axes = _grid(len(shown), schematic, lang)
        for axis, fall in zip(axes, shown, strict=False):
            _waterfall(axis, fall, _levels(fall, limits), lang)
        return _png(figure)


def sweep_chart(parameter: str, values: Sequence[float], results: Sequence[Sequence[Fall]], limits: Sequence[Judged], *, schematic: bool, lang: str = "zh") -> bytes:  # fmt: skip
    """Indicators by the value of a parameter, as PNG; limits dashed, values beyond them red.

    Parameters
    ----------
    parameter : str
    values : sequence of float
    results : sequence of sequence of Fall
        Of each value, in one order of indicators.
    limits : sequence of Judged
        Of any of the results: only what they demand counts.
    """
    series = [[falls[at].after for falls in results] for at in range(len(results[0]))]
    varied = [at for at, made in enumerate(series) if len(set(made)) > 1][:MOST]
    with settled():
        figure, axes = _grid(len(varied), schematic, lang)
        for axis, at in zip(axes, varied, strict=False):
            fall = results[0][at]
            _line(axis, values, series[at], fall, _levels(fall, limits), parameter, lang)
        return _png(figure)


def _grid(count: int, schematic: bool, lang: str) -> tuple[Figure, list[Any]]:
    columns = max(1, min(3, count))
    rows = max(1, math.ceil(count / columns))
    figure = Figure(figsize=(7.2, 2.15 * rows), layout="constrained")
    axes = list(figure.subplots(rows, columns, squeeze=False).flat)
    for axis in axes:
        axis.spines[["top", "right"]].set_visible(False)
        axis.tick_params(labelsize=6.5)
    for axis in axes[count:]:
        axis.set_axis_off()
    if schematic:
        words = SCHEMATIC[0 if lang == "zh" else 1]
        figure.supxlabel(words, fontproperties=_font(6.5), color=BROKEN, x=0.99, ha="right")
    return figure, axes


def _font(size: float) -> FontProperties:
    font = lettering().properties.copy()
    font.set_size(size)
    return font


def _levels(fall: Fall, limits: Sequence[Judged]) -> list[tuple[float, bool]]:
    """Levels of limits on an indicator, and whether it may not exceed them."""
    found = []
    for one in limits:
        if one.fall.key == fall.key:
            found += [(float(one.limit.most), True)] if one.limit.most is not None else []
            found += [(float(one.limit.least), False)] if one.limit.least is not None else []
    return found


def _title(axis: Any, fall: Fall, lang: str) -> None:
    name = fall.zh if lang == "zh" else fall.en
    name = name.split("(")[0].split("(")[0].strip()
    unit = f" ({fall.unit})" if fall.unit else ""
    lines = lettering().wrap(name + unit, 7.5, 52)
    axis.set_title("\n".join(lines[:2]), fontproperties=_font(7.5), loc="left")


def _waterfall(axis: Any, fall: Fall, levels: list[tuple[float, bool]], lang: str) -> None:
    known = [float(value) for value in fall.values if value is not None]
    low, high = min(known), max(known)
    span = (high - low) or max(abs(high), 1.0)
    floor = 0.0 if low >= 0 and low < 3 * span else low - 0.6 * span
    names = [
        "原" if lang == "zh" else "before",
        *(name for name, _ in fall.steps),
        "现" if lang == "zh" else "after",
    ]
    axis.bar(0, known[0] - floor, bottom=floor, color=WHOLE, width=0.7)
    at = known[0]
    for number, (_, step) in enumerate(fall.steps, 1):
        size = float(step or Decimal(0))
        axis.bar(number, size, bottom=at, color=UP if size >= 0 else DOWN, width=0.7)
        axis.plot([number - 1.35, number + 0.35], [at, at], color="#777777", linewidth=0.5)
        if size:
            axis.annotate(f"{size:+,.4g}", (number, max(at, at + size)), ha="center", va="bottom", fontsize=6)
        at += size
    last = len(fall.steps) + 1
    axis.bar(last, at - floor, bottom=floor, color=WHOLE, width=0.7)
    for where, value in ((0, known[0]), (last, at)):
        axis.annotate(f"{value:,.6g}", (where, value), ha="center", va="bottom", fontsize=6)
    for level, _ in levels:
        if low - 1.5 * span <= level <= high + 1.5 * span:
            axis.axhline(level, color=BROKEN, linewidth=0.8, linestyle="--")
    axis.set_ylim(floor, high + 0.22 * (high - floor))
    font = lettering().properties.copy()
    font.set_size(6.5)
    axis.set_xticks(
        range(last + 1), names, fontproperties=font, rotation=30 if max(map(len, names)) > 4 else 0
    )
    _title(axis, fall, lang)


def _line(
    axis: Any, values: Sequence[float], made: Sequence[Decimal | None], fall: Fall, levels: list[tuple[float, bool]],
    parameter: str, lang: str,
) -> None:  # fmt: skip
    points = [(x, float(y)) for x, y in zip(values, made, strict=True) if y is not None]
    xs, ys = [x for x, _ in points], [y for _, y in points]
    axis.plot(xs, ys, color=UP, linewidth=1.2, marker="o", markersize=3)
    low, high = min(ys), max(ys)
    span = (high - low) or 1.0
    for level, most in levels:
        beyond = [(x, y) for x, y in points if (y > level if most else y < level)]
        if beyond:
            axis.plot([x for x, _ in beyond], [y for _, y in beyond], "o", color=BROKEN, markersize=4)
        if low - 1.5 * span <= level <= high + 1.5 * span:
            axis.axhline(level, color=BROKEN, linewidth=0.8, linestyle="--")
    axis.ticklabel_format(useOffset=False, style="plain")
    axis.set_xlabel(parameter, fontproperties=_font(6.5))
    _title(axis, fall, lang)


def _png(figure: Figure) -> bytes:
    FigureCanvasAgg(figure)
    kept = BytesIO()
    figure.savefig(kept, format="png", dpi=_DPI, metadata={"Software": None})
    return kept.getvalue()
