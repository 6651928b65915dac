"""An office's own Word template: ``{{name}}`` becomes a text, a paragraph that is only ``{{name}}`` a part of the report.

Placeholders may stand in the body, in tables and text boxes, in headers and footers, and may be split into runs
(Word does that while one types). What is filled in is never searched for placeholders again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from docx.document import Document
from docx.oxml.ns import qn

from zoneplan.finding import Finding
from zoneplan.render.plaintext import plain, short

NOTICES = "notices"
REPORT = "report"
_PLACE = re.compile(r"\{\{\s*([^{}\s]{1,40})\s*\}\}")
_STORY = re.compile(r"/word/(header|footer)\d*\.xml$")


def fill(
    document: Document, texts: Mapping[str, str], blocks: Mapping[str, Sequence[Any]], *, name: str
) -> tuple[Finding, ...]:
    """Fill a template.

    Parameters
    ----------
    document : Document
        Changed in place.
    texts : mapping of str to str
        What stands for a placeholder inside a line.
    blocks : mapping of str to sequence of XML elements
        Parts of the report in their order. ``report`` stands for all that have no place of their own; what is
        left without one follows at the end, and notices always come first: a template can move parts, not lose them.
    name : str
        Of the template, for the findings.

    Returns
    -------
    tuple of Finding
        Placeholders that are not known or not alone in their paragraph, parts that had no place.
    """
    left = {key: elements for key, elements in blocks.items() if elements}
    places: list[tuple[str, Any]] = []
    unknown: list[str] = []
    for paragraph, in_body in _paragraphs(document):
        words = _words(paragraph)
        whole = "".join(one.text or "" for one in words)
        alone = _PLACE.fullmatch(whole.strip())
        taken = [key for key, _ in places]
        if alone and in_body and alone[1] in (*blocks, REPORT) and alone[1] not in taken:
            places.append((alone[1], paragraph))
            continue
        unknown += _replace(words, whole, texts)
    for key, paragraph in places:
        if key != REPORT:
            _put(paragraph, left.pop(key, ()))
    body = document.element.body
    findings = [*_unknown(unknown, name)]
    if NOTICES in left:
        for number, element in enumerate(left.pop(NOTICES)):
            body.insert(number, element)
        findings.append(_missing([NOTICES], "top", name))
    rest = [element for elements in left.values() for element in elements]
    for key, paragraph in places:
        if key == REPORT:
            _put(paragraph, rest)
            return tuple(findings)
    if left:
        findings.append(_missing(list(left), "end", name))
        end = len(body) - (1 if len(body) and body[-1].tag == qn("w:sectPr") else 0)
        for number, element in enumerate(rest):
            body.insert(end + number, element)
    return tuple(findings)


def _paragraphs(document: Document) -> Iterator[tuple[Any, bool]]:
    """All paragraphs, and whether they are in the body, in a list of its own since paragraphs are replaced."""
    stories = [(document.element.body, True)]
    for part in document.part.package.iter_parts():
        if _STORY.search(str(part.partname)):
            stories.append((part.element, False))
    for story, in_body in stories:
        for paragraph in list(story.iter(qn("w:p"))):
            yield paragraph, in_body


def _words(paragraph: Any) -> list[Any]:
    """The text elements of a paragraph itself, without those of text boxes in it."""
    return [text for text in paragraph.iter(qn("w:t")) if next(text.iterancestors(qn("w:p"))) is paragraph]


def _replace(words: Sequence[Any], whole: str, texts: Mapping[str, str]) -> list[str]:
    """Fill the placeholders of a paragraph, the last first; returns the names that are not known."""
    unknown = []
    for found in reversed(list(_PLACE.finditer(whole))):
        if found[1] not in texts:
            unknown.append(found[1])
            continue
        start, end = found.span()
        at, new = 0, short(texts[found[1]], 2000)
        for one in words:
            text = one.text or ""
            first, last = max(start - at, 0), min(end - at, len(text))
            if first < last:
                one.text = text[:first] + new + text[last:]
                one.set(qn("xml:space"), "preserve")
                new = ""
            at += len(text)
    return unknown[::-1]


def _put(paragraph: Any, elements: Sequence[Any]) -> None:
    """Elements in place of a paragraph; one that ends a section or is a cell's last stays, emptied."""
    for element in elements:
        paragraph.addprevious(element)
    parent = paragraph.getparent()
    keep = paragraph.find(f"{qn('w:pPr')}/{qn('w:sectPr')}") is not None or (
        parent.tag == qn("w:tc") and parent[-1] is paragraph
    )
    if keep:
        for word in _words(paragraph):
            word.text = ""
    else:
        parent.remove(paragraph)


def _unknown(names: Sequence[str], template: str) -> Iterator[Finding]:
    for name in dict.fromkeys(plain(name) for name in names):
        yield Finding(
            "word.placeholder",
            "warning",
            f"模板中的占位符 {{{{{name}}}}} 不认识,或应单独成段;已原样保留,可用的见 docs/word-report.md",
            f"the template's placeholder {{{{{name}}}}} is not known, or must stand in a paragraph of its own; it was left as it is, see docs/word-report.md",
            template,
        )


def _missing(names: Sequence[str], where: str, template: str) -> Finding:
    keys = ", ".join(f"{{{{{name}}}}}" for name in names)
    zh, en = ("开头", "the top") if where == "top" else ("末尾", "the end")
    return Finding(
        "word.missing",
        "info",
        f"模板没有占位符 {keys},相应内容放在{zh}",
        f"the template has no placeholder {keys}: these parts were put at {en}",
        template,
    )
