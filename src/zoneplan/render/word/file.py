"""Word files as files: the office's template or a plain one, fonts, page, fixed dates; written the same every time."""

from __future__ import annotations

import re
import zipfile
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import docx
from docx.document import Document
from docx.enum.section import WD_ORIENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.opc.exceptions import PackageNotFoundError
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt
from lxml.etree import XMLSyntaxError

from zoneplan.errors import InputError, fault
from zoneplan.render.word.parts import HEAD_FONT, TEXT_FONT, look

CREATED = datetime(2000, 1, 1)  # fixed: equal input, equal bytes
_ZIP_DATE = (1980, 1, 1, 0, 0, 0)
_MOST_BYTES = 200 * 1024 * 1024
_FALLBACKS = {
    "宋体": "SimSun, Noto Serif CJK SC, Source Han Serif SC",
    "黑体": "SimHei, Noto Sans CJK SC, Source Han Sans SC",
}


def plain_document(header: str) -> Document:
    """A4 with Chinese fonts, a header, and page numbers below."""
    document = docx.Document()
    section = document.sections[0]
    section.orientation = WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = Cm(21.0), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.2)
    section.top_margin, section.bottom_margin = Cm(2.6), Cm(2.2)
    _fonts(document)
    words = section.header.paragraphs[0]
    words.alignment = WD_ALIGN_PARAGRAPH.CENTER
    words.add_run(header).font.size = Pt(9)
    below = section.footer.paragraphs[0]
    below.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for part in ("第 ", "PAGE", " 页 共 ", "NUMPAGES", " 页"):
        if part.isalpha() and part.isascii():
            _field(below, part)
        else:
            below.add_run(part)
    return document


def open_template(path: Path) -> Document:
    """The office's own document.

    Raises
    ------
    InputError
        If it is no Word document (.docx), is a document with macros, or would be too large unpacked.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            size = sum(info.file_size for info in archive.infolist())
        if size > _MOST_BYTES:
            raise _unfit(path, f"解压后有 {size} 字节,过大", f"{size} bytes unpacked are too many")
        if any(name.endswith("vbaProject.bin") for name in names):
            raise _unfit(path, "含宏;请另存为不带宏的 .docx", "it has macros; save it as a .docx without")
        return docx.Document(str(path))
    except OSError as error:
        raise _unfit(path, f"无法读取:{error.strerror}", f"cannot be read: {error.strerror}") from error
    except (zipfile.BadZipFile, PackageNotFoundError, ValueError, KeyError, XMLSyntaxError) as error:
        words = " ".join(str(error).split())
        raise _unfit(
            path,
            f"不是 Word 文档(.docx):{words};.doc 请另存为 .docx",
            f"no Word document (.docx): {words}; save a .doc as .docx",
        ) from error


def save(document: Document, path: Path, *, title: str) -> None:
    """Write a document: fixed dates inside and out."""
    about = document.core_properties
    about.title = title
    about.author = about.last_modified_by = "zoneplan"
    about.created = about.modified = CREATED
    about.last_printed = CREATED
    about.revision = 1
    about.comments = ""
    buffer = BytesIO()
    document.save(buffer)
    with zipfile.ZipFile(buffer) as source, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for info in source.infolist():
            entry = zipfile.ZipInfo(info.filename, _ZIP_DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o600 << 16
            target.writestr(entry, source.read(info))


def _unfit(path: Path, zh: str, en: str) -> InputError:
    return InputError(fault("word.template", path.name, zh, en))


def _fonts(document: Document) -> None:
    """Fonts by style, what stands in for them, and the language of the text."""
    styles = document.styles
    look(styles["Normal"], TEXT_FONT, 10.5)
    styles["Normal"].paragraph_format.space_after = Pt(4)
    styles["Normal"].paragraph_format.line_spacing = 1.35
    look(styles["Title"], HEAD_FONT, 22, bold=True)
    _no_rule(styles["Title"])
    styles["Title"].paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for level, size in ((1, 15), (2, 12.5), (3, 11)):
        style = styles[f"Heading {level}"]
        look(style, HEAD_FONT, size, bold=True)
        style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(12), Pt(5)
    defaults = document.styles.element.find(qn("w:docDefaults"))
    names = next(defaults.iter(qn("w:rFonts")))
    names.attrib.clear()
    for key, name in zip(("ascii", "hAnsi", "eastAsia"), (*TEXT_FONT[:1] * 2, TEXT_FONT[1]), strict=True):
        names.set(qn(f"w:{key}"), name)
    next(defaults.iter(qn("w:lang"))).set(qn("w:eastAsia"), "zh-CN")
    theme = document.settings.element.find(qn("w:themeFontLang"))
    if theme is not None:
        theme.set(qn("w:eastAsia"), "zh-CN")
    _font_table(document)


def _no_rule(style: Any) -> None:
    """The plain document's titles have a coloured line below: away with it."""
    about = style.element.pPr
    rule = about.find(qn("w:pBdr")) if about is not None else None
    if rule is not None:
        about.remove(rule)


def _font_table(document: Document) -> None:
    """What programs without these fonts are to take in their place."""
    part = next(one for one in document.part.package.iter_parts() if one.partname.endswith("/fontTable.xml"))
    rows = "".join(
        f'<w:font w:name="{name}"><w:altName w:val="{others}"/><w:charset w:val="86"/><w:pitch w:val="variable"/></w:font>'
        for name, others in _FALLBACKS.items()
    )
    text = part.blob.decode("utf-8")
    part._blob = re.sub(r"</w:fonts>\s*$", f"{rows}</w:fonts>", text).encode("utf-8")


def _field(paragraph: Any, code: str) -> None:
    """A field of our own: the number of the page or of pages."""
    for kind, text in (("begin", ""), ("", code), ("separate", ""), ("text", "1"), ("end", "")):
        run = paragraph.add_run()
        if kind == "text":
            run.text = text
            continue
        made = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            made.set(qn("w:fldCharType"), kind)
        else:
            made.set(qn("xml:space"), "preserve")
            made.text = f" {text} "
        run._r.append(made)
