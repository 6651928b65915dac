"""Whether the signs of a style document can be told apart: by colour-blind eyes, in black and white, as text."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations

from zoneplan.check.names import VERDICT_WORDS
from zoneplan.check.rules import STRICTEST_FIRST
from zoneplan.finding import Finding
from zoneplan.render.colours import EYES, apart, contrast, over
from zoneplan.render.style import Style, Symbol

LEAST_APART = 8.0
"""CIEDE2000 that two signs of a kind should be apart, for all eyes."""
LEAST_CONTRAST = 4.5
"""Of the colour of a verdict's line on white: workbooks write the verdict in it."""
LINES = ("ecological_redline", "permanent_basic_farmland", "urban_development_boundary")


def style_findings(style: Style, place: str) -> tuple[Finding, ...]:
    """What is hard to tell apart, as warnings (``style.colours``, ``style.hatches``, ``style.contrast``)."""
    return (*_colours(style, place), *_hatches(style, place), *_contrast(style, place))


def _colours(style: Style, place: str) -> Iterator[Finding]:
    """Pairs of verdicts, control lines and spaces that look alike, with the eyes that see them so."""

    def ground(symbol: Symbol) -> str:
        return over(symbol.fill, symbol.opacity) if symbol.fill else "#ffffff"

    spaces = tuple(name for name in style.symbols if name.startswith("space_"))
    for names in (STRICTEST_FIRST, LINES, spaces):
        yield from _alike(style, names, ground, "填色", "fills", place)
    for names in (STRICTEST_FIRST, LINES):
        yield from _alike(style, names, lambda symbol: symbol.line, "线色", "lines", place)


def _alike(
    style: Style, names: Sequence[str], colour: Callable[[Symbol], str], zh: str, en: str, place: str
) -> Iterator[Finding]:
    for first, second in combinations(names, 2):
        pair = colour(style.symbol(first)), colour(style.symbol(second))
        seen = {eyes: apart(*pair, eyes) for eyes in EYES}
        if close := {eyes: far for eyes, far in seen.items() if far < LEAST_APART}:
            shown = [[f"{EYES[eyes][pick]} {far:.1f}" for eyes, far in close.items()] for pick in (0, 1)]
            yield Finding(
                "style.colours", "warning",
                f"{first} 与 {second} 的{zh}相近(色差 ΔE₀₀ {'、'.join(shown[0])};应不小于 {LEAST_APART:g}),请改其一的明度或色相",
                f"the {en} of {first} and {second} look alike (ΔE00 {', '.join(shown[1])}; expected {LEAST_APART:g} or more): "
                "change the lightness or hue of one",
                place,
            )  # fmt: skip


def _hatches(style: Style, place: str) -> Iterator[Finding]:
    """Hatches that verdicts or control lines share: in black and white nothing else tells them apart."""
    for first, second in combinations((*STRICTEST_FIRST, *LINES), 2):
        one, other = style.symbol(first).hatch, style.symbol(second).hatch
        together = (first in LINES) == (second in LINES)
        if one == other and (one or together):
            yield Finding(
                "style.hatches", "warning",
                f"{first} 与 {second} 的填充线同为 {one or '无'},黑白打印时分不清;请改其一的 hatch",
                f"{first} and {second} have the same hatch ({one or 'none'}) and look alike in black and white: change one",
                place,
            )  # fmt: skip


def _contrast(style: Style, place: str) -> Iterator[Finding]:
    for verdict in STRICTEST_FIRST:
        found = contrast(style.symbol(verdict).line, "#ffffff")
        if found < LEAST_CONTRAST:
            yield Finding(
                "style.contrast", "warning",
                f"{verdict}({VERDICT_WORDS[verdict][0]})的线色在白底上太淡(对比度 {found:.1f};应不小于 {LEAST_CONTRAST}),表格以此色写结论",
                f"the line colour of {verdict} is too pale on white (contrast {found:.1f}, expected {LEAST_CONTRAST} or more): workbooks write the verdict in it",
                place,
            )  # fmt: skip
