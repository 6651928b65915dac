"""Title, notice, legend and north arrow of the map as HTML, every word escaped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from zoneplan.layers import LayerSet
from zoneplan.render.mapdata import Drawing
from zoneplan.render.style import Layer, Style, Symbol

_SIZE = 8  # of a hatch's repeat, in pixels
STROKES = {
    "diagonal": f"M0 {_SIZE}L{_SIZE} 0M-2 2L2 -2M{_SIZE - 2} {_SIZE + 2}L{_SIZE + 2} {_SIZE - 2}",
    "back": f"M0 0L{_SIZE} {_SIZE}M-2 {_SIZE - 2}L2 {_SIZE + 2}M{_SIZE - 2} -2L{_SIZE + 2} 2",
    "cross": f"M0 {_SIZE}L{_SIZE} 0M0 0L{_SIZE} {_SIZE}",
    "horizontal": f"M0 2H{_SIZE}M0 6H{_SIZE}",
    "vertical": f"M2 0V{_SIZE}M6 0V{_SIZE}",
    "grid": f"M0 4H{_SIZE}M4 0V{_SIZE}",
}


def head(layers: LayerSet, title: str, lang: str) -> str:
    """The title block, with the notice where geometry is schematic."""
    zh = lang == "zh"
    crs = f"{layers.crs.name} (EPSG:{layers.crs.to_epsg()})"
    notice = ""
    if layers.schematic:
        words = (
            "示意图:图形没有测量依据,不得用于用地审批"
            if zh
            else "示意 Schematic: no survey behind the geometry; not for approvals"
        )
        notice = f'<span class="zp-schematic">{words}</span>'
    note = f"面积为椭球面积;坐标系 {escape(crs)}" if zh else f"Ellipsoidal areas; CRS {escape(crs)}"
    return f'<div class="zp-head"><h1>{escape(title)}</h1><h2 id="zp-figure"></h2><p>{note}</p>{notice}</div>'


def legend(drawings: Sequence[Drawing], style: Style, lang: str) -> str:
    """The legend: the same symbols as on the map, with areas as in the area tables."""
    return _legend(drawings, {drawing.key: _rows(drawing) for drawing in drawings}, style, lang)


@dataclass(frozen=True)
class ComparedRow:
    """A row of a legend for two maps: an amount alone, or that of either side and the difference."""

    words: str
    symbol: Symbol
    symbol_name: str
    amount: str
    other: str = ""
    difference: str = ""


def compared_legend(
    drawings: Sequence[Drawing], rows: Mapping[str, Sequence[ComparedRow]], heads: Sequence[str], style: Style, lang: str
) -> str:  # fmt: skip
    """One legend for two maps; `rows` by the key of the drawing, `heads` over their columns."""
    bodies = {drawing.key: _body(drawing, "".join(map(_compared, rows[drawing.key]))) for drawing in drawings}
    first = "".join(f"<th>{escape(words)}</th>" for words in heads)
    return _legend(drawings, bodies, style, lang, f"<thead><tr><th></th>{first}</tr></thead>", " zp-compared")


def _legend(
    drawings: Sequence[Drawing], bodies: Mapping[str, str], style: Style, lang: str, first: str = "", kind: str = ""
) -> str:  # fmt: skip
    zh = lang == "zh"
    blocks = []
    for group in style.groups:
        shown = "".join(bodies[drawing.key] for drawing in drawings if drawing.group == group.id)
        if shown:
            name = escape(group.zh if zh else group.en)
            blocks.append(f"<section><h2>{name}</h2><table>{first}{shown}</table></section>")
            first = ""
    said = [] if style.standard else [style.note_zh if zh else style.note_en]
    if any(drawing.group == "landuse" for drawing in drawings):
        said.append(style.landuse.note_zh if zh else style.landuse.note_en)
    note = "".join(f'<p class="zp-note">{escape(words)}</p>' for words in said)
    summary = "图例" if zh else "Legend"
    return f'<div id="zp-legend" class="zp-legend{kind}"><details open><summary>{summary}</summary>{"".join(blocks)}{note}</details></div>'


def _compared(row: ComparedRow) -> str:
    cells = [row.amount, row.other, row.difference] if row.other else [row.amount]
    changed = " zp-changed" if row.difference not in ("", "0") else ""
    last = len(cells) - 1
    amounts = "".join(
        f'<td class="zp-ha{changed if at == last else ""}"{"" if row.other else " colspan=3"}>{escape(text)}</td>'
        for at, text in enumerate(cells)
    )
    return f"<tr><td>{swatch(row.symbol, row.symbol_name)}</td><td>{escape(row.words)}</td>{amounts}</tr>"


def _rows(drawing: Drawing) -> str:
    """One layer's rows."""
    lines = "".join(
        f'<tr><td>{swatch(symbol, name)}</td><td>{escape(words)}</td><td class="zp-ha">{escape(amount)}</td></tr>'
        for words, symbol, name, amount in drawing.legend
    )
    return _body(drawing, lines)


def _body(drawing: Drawing, lines: str) -> str:
    """Rows that the page shows while the layer is on."""
    return f'<tbody data-layer="{escape(drawing.element)}">{lines}</tbody>' if lines else ""


def north() -> str:
    """A north arrow; the web map's north is up."""
    return (
        '<div id="zp-north" class="zp-north"><svg viewBox="0 0 40 40" width="40" height="40" role="img" aria-label="N">'
        '<path d="M20 6L27 31L20 26L13 31Z" fill="#333"/><path d="M20 6L20 26L13 31Z" fill="#999"/>'
        '<text x="20" y="38" font-size="8" text-anchor="middle" fill="#333">N</text></svg></div>'
    )


def hatches(drawings: Sequence[Drawing]) -> tuple[str, str]:
    """(definitions of every hatch that is drawn, style sheet that fills with them)."""
    found: dict[str, Symbol] = {
        name: symbol for drawing in drawings for _, symbol, name, _ in drawing.legend if symbol.hatch
    }
    patterns = "".join(_pattern(name, symbol) for name, symbol in sorted(found.items()))
    rules = "".join(f"path.zp-hatch-{name}{{fill:url(#zp-pattern-{name})}}" for name in sorted(found))
    return (
        f'<svg width="0" height="0" style="position:absolute" aria-hidden="true"><defs>{patterns}</defs></svg>',
        rules,
    )


def lettering(style: Style) -> str:
    """Style sheet of the labels of each layer."""

    def rule(name: str, layer: Layer) -> str:
        text = layer.text
        halo = ", ".join([f"0 0 3px {text.halo}"] * 5)
        more = ("font-weight: 600; " if text.bold else "") + ("font-style: italic; " if text.italic else "")
        return f".zp-label-{name} span {{ font-size: {text.size:g}px; color: {text.colour}; {more}text-shadow: {halo}; }}\n"

    return "".join(rule(name, layer) for name, layer in style.layers.items() if layer.label)


def swatch(symbol: Symbol, name: str) -> str:
    """A symbol of the legend."""
    dash = f' stroke-dasharray="{escape(symbol.dash)}"' if symbol.dash else ""
    pen = f'stroke="{symbol.line}" stroke-width="{min(symbol.weight, 3):g}"{dash}'
    if symbol.fill is None:
        return f'<svg width="26" height="14"><path d="M1 7H25" fill="none" {pen}/></svg>'
    paint = (
        f'fill="url(#zp-pattern-{name})"'
        if symbol.hatch
        else f'fill="{symbol.fill}" fill-opacity="{symbol.opacity:g}"'
    )
    return f'<svg width="26" height="14"><rect x="1.5" y="1.5" width="23" height="11" {paint} {pen}/></svg>'


def _pattern(name: str, symbol: Symbol) -> str:
    ground = (
        f'<rect width="{_SIZE}" height="{_SIZE}" fill="{symbol.fill}" fill-opacity="{symbol.opacity:g}"/>'
    )
    if symbol.hatch == "dots":
        marks = f'<circle cx="2" cy="2" r="1" fill="{symbol.line}"/><circle cx="6" cy="6" r="1" fill="{symbol.line}"/>'
    else:
        marks = f'<path d="{STROKES[symbol.hatch or "diagonal"]}" stroke="{symbol.line}" stroke-width="1.1" fill="none"/>'
    return f'<pattern id="zp-pattern-{name}" width="{_SIZE}" height="{_SIZE}" patternUnits="userSpaceOnUse">{ground}{marks}</pattern>'
