"""Parts of a Word document: headings, paragraphs, tables, pictures. Text goes in as text, never as a field or a link."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from docx.document import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt

from zoneplan.render.plaintext import full_width, plain

TEXT_FONT = ("Times New Roman", "宋体")
HEAD_FONT = ("Arial", "黑体")
CELL_STYLE = "zoneplan 表格"
NOTE_STYLE = "zoneplan 提示"
_GREY, _WARN = "E7EDF3", "FFF4D6"


@dataclass
class Table:
    """A table: headings, widths in cm, rows of text; ``right`` are columns of numbers, ``total`` says the last row is one.

    ``shades`` are fills by column, ``height`` the least height of a row in cm; ``together`` keeps all on one page.
    """

    heads: Sequence[str]
    widths: Sequence[float]
    rows: Sequence[Sequence[str]]
    right: frozenset[int] = frozenset()
    total: bool = False
    shades: dict[int, str] = field(default_factory=dict)
    height: float = 0.0
    together: bool = False


class Writer:
    """Writes parts at the end of a document; `take` hands them over as elements to be put elsewhere."""

    def __init__(self, document: Document) -> None:
        self.document = document
        add_styles(document)
        self._cell = document.styles[CELL_STYLE].style_id
        self._ids: dict[str, str | None] = {}

    def take(self, since: int) -> list[Any]:
        """The elements of the body written since it had so many, taken out of it."""
        body = self.document.element.body
        made = [one for one in list(body)[since:] if one.tag != qn("w:sectPr")]
        for one in made:
            body.remove(one)
        return made

    @property
    def size(self) -> int:
        """How many elements the body has, its section properties left out."""
        return sum(one.tag != qn("w:sectPr") for one in self.document.element.body)

    def _styled(self, style: str) -> Any:
        """A new paragraph of a style, which is looked up once: python-docx searches all styles for every paragraph."""
        if style not in self._ids:
            part: Any = self.document.part
            self._ids[style] = part.get_style_id(style, WD_STYLE_TYPE.PARAGRAPH)
        made: Any = self.document.add_paragraph()
        made._p.style = self._ids[style]
        return made

    def heading(self, text: str, level: int = 1, *, new_page: bool = False) -> None:
        made = self._styled(f"Heading {level}")
        made.add_run(full_width(plain(text)))
        made.paragraph_format.page_break_before = new_page or None

    def paragraph(self, text: str, *, style: str = "Normal", together: bool = False) -> None:
        """A paragraph of the project's own words, in Chinese points; `together` with what follows on one page."""
        made = self._styled(style)
        made.add_run(full_width(plain(text)))
        made.paragraph_format.keep_with_next = together or None

    def notice(self, text: str) -> None:
        """A paragraph in a box, for what must be seen first."""
        self.paragraph(text, style=NOTE_STYLE)

    def pair(self, name: str, text: str) -> None:
        """A name in bold and what is said of it; the name is the user's and stays as it is."""
        paragraph = self._styled("Normal")
        paragraph.add_run(plain(name)).bold = True
        paragraph.add_run(full_width(plain(text)))

    def picture(self, png: bytes, caption: str) -> None:
        paragraph = self._styled("Normal")
        paragraph.paragraph_format.first_line_indent = 0
        paragraph.paragraph_format.keep_with_next = True
        paragraph.add_run().add_picture(BytesIO(png), width=min(self._text_width(), Cm(16.6)))
        below = self._styled(CELL_STYLE)
        below.alignment = WD_ALIGN_PARAGRAPH.CENTER
        below.paragraph_format.space_after = Pt(10)
        below.add_run(plain(caption))

    def _text_width(self) -> int:
        """Width of a line in the document's last section; of A4 where it does not say."""
        section = self.document.sections[-1]
        return (
            (section.page_width or Cm(21)) - (section.left_margin or Cm(2)) - (section.right_margin or Cm(2))
        )

    def table(self, table: Table) -> None:
        """A table whose heading is repeated on every page and whose rows are never split."""
        body = self.document.element.body
        body.insert(self.size, _table(table, self._cell))
        gap = self._styled(CELL_STYLE)
        gap.paragraph_format.space_after = Pt(4)


def add_styles(document: Document) -> None:
    """The styles that the report needs; those that a template has stay as they are."""
    have = {style.name for style in document.styles}
    for level, size in ((1, 15), (2, 12.5), (3, 11)):
        if f"Heading {level}" not in have:
            made = document.styles.add_style(f"Heading {level}", WD_STYLE_TYPE.PARAGRAPH)
            _outline(made, level - 1)
            look(made, HEAD_FONT, size, bold=True)
    if "Normal" not in have:
        document.styles.add_style("Normal", WD_STYLE_TYPE.PARAGRAPH)
    if CELL_STYLE not in have:
        made = document.styles.add_style(CELL_STYLE, WD_STYLE_TYPE.PARAGRAPH)
        look(made, TEXT_FONT, 9)
        made.paragraph_format.space_before = made.paragraph_format.space_after = Pt(0)
        made.paragraph_format.line_spacing = 1.0
        made.paragraph_format.first_line_indent = 0
    if NOTE_STYLE not in have:
        made = document.styles.add_style(NOTE_STYLE, WD_STYLE_TYPE.PARAGRAPH)
        look(made, HEAD_FONT, 10.5, bold=True)
        made.paragraph_format.space_after = Pt(4)
        made.paragraph_format.first_line_indent = 0
        _box(made)


def look(style: Any, fonts: tuple[str, str], size: float, *, bold: bool | None = None) -> None:
    """Fonts of a style for Latin and for Chinese text, black; a theme's fonts no longer rule."""
    latin, chinese = fonts
    style.font.size, style.font.bold = Pt(size), bold
    run = style.element.get_or_add_rPr()
    names = run.find(qn("w:rFonts"))
    if names is None:
        names = OxmlElement("w:rFonts")
        run.insert(0, names)
    names.attrib.clear()
    for key, name in (("ascii", latin), ("hAnsi", latin), ("cs", latin), ("eastAsia", chinese)):
        names.set(qn(f"w:{key}"), name)
    colour = run.find(qn("w:color"))
    if colour is not None:
        run.remove(colour)


def _outline(style: Any, level: int) -> None:
    _put(style.element.get_or_add_pPr(), "outlineLvl", val=str(level))
    style.paragraph_format.keep_with_next = True


def _box(style: Any) -> None:
    """A frame and a tint around a paragraph."""
    made = style.element.get_or_add_pPr()
    borders = _put(made, "pBdr")
    for side in ("top", "left", "bottom", "right"):
        _put(borders, side, val="single", sz="6", space="4", color="9C5700")
    _put(made, "shd", val="clear", color="auto", fill=_WARN)
    # the schema wants them in this order, before spacing and indents
    for one in (made.find(qn("w:shd")), borders):
        made.remove(one)
        made.insert(0, one)


def _put(parent: Any, tag: str, **attributes: str) -> Any:
    made = OxmlElement(f"w:{tag}")
    for name, value in attributes.items():
        made.set(qn(f"w:{name}"), value)
    parent.append(made)
    return made


def _table(table: Table, style: str) -> Any:
    """The table's XML, built directly: a table of some hundred rows takes no time."""
    made = OxmlElement("w:tbl")
    twips = [round(width * 567) for width in table.widths]
    about = _put(made, "tblPr")
    _put(about, "tblW", w=str(sum(twips)), type="dxa")
    _put(about, "jc", val="center")
    borders = _put(about, "tblBorders")
    for side in ("top", "left", "bottom", "right", "insideH", "insideV"):
        _put(borders, side, val="single", sz="4", space="0", color="808080")
    _put(about, "tblLayout", type="fixed")
    margins = _put(about, "tblCellMar")
    for side in ("left", "right"):
        _put(margins, side, w="70", type="dxa")
    grid = _put(made, "tblGrid")
    for width in twips:
        _put(grid, "gridCol", w=str(width))
    if any(table.heads):
        _row(made, style, table.heads, twips, head=True)
    last = len(table.rows) - 1
    for number, cells in enumerate(table.rows):
        bold = table.total and number == last
        _row(made, style, cells, twips, right=table.right, bold=bold, about=table)
    return made


def _row(
    table: Any, style: str, cells: Sequence[str], twips: Sequence[int], *, head: bool = False, right: frozenset[int] = frozenset(),
    bold: bool = False, about: Table | None = None,
) -> None:  # fmt: skip
    row = _put(table, "tr")
    row_about = _put(row, "trPr")
    _put(row_about, "cantSplit")
    if about is not None and about.height:
        _put(row_about, "trHeight", val=str(round(about.height * 567)), hRule="atLeast")
    if head:
        _put(row_about, "tblHeader")
    for at, (text, width) in enumerate(zip(cells, twips, strict=True)):
        cell = _put(row, "tc")
        cell_about = _put(cell, "tcPr")
        _put(cell_about, "tcW", w=str(width), type="dxa")
        fill = _GREY if head else about and about.shades.get(at)
        if fill:
            _put(cell_about, "shd", val="clear", color="auto", fill=fill)
        _put(cell_about, "vAlign", val="center")
        paragraph = _put(cell, "p")
        look_of = _put(paragraph, "pPr")
        _put(look_of, "pStyle", val=style)
        if about is not None and about.together:
            _put(look_of, "keepNext")
        if head or at in right:
            _put(look_of, "jc", val="center" if head else "right")
        run = _put(paragraph, "r")
        if head or bold:
            _put(_put(run, "rPr"), "b")
        words = _put(run, "t")
        words.set(qn("xml:space"), "preserve")
        words.text = plain(text)
