"""The Word report of a check (合规性审查报告). Numbers come finished from `zoneplan.check.dossier`; here they are laid out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from zoneplan.check.dossier import Dossier, make_dossier
from zoneplan.check.outcomes import Outcome
from zoneplan.check.result import CheckResult
from zoneplan.finding import Finding
from zoneplan.render.plaintext import short
from zoneplan.render.style import Style, read_style
from zoneplan.render.word import pages, tables
from zoneplan.render.word.file import open_template, plain_document, save
from zoneplan.render.word.parts import Writer
from zoneplan.render.word.report import Report, texts
from zoneplan.render.word.template import NOTICES, fill

TITLE = "合规性审查报告"


@dataclass(frozen=True)
class Part:
    """One part of the report: its placeholder, and what writes it; one that writes nothing is left out."""

    key: str
    write: Callable[[Writer, Report], None]


PARTS = (
    Part("cover_table", pages.cover_table),
    Part(NOTICES, pages.notices),
    Part("conclusion", pages.conclusion),
    Part("lines", tables.lines),
    Part("parcels_table", tables.parcels_table),
    Part("landuse", tables.landuse),
    Part("maps", pages.maps),
    Part("laws", pages.laws),
    Part("evidence", pages.evidence),
    Part("overrides_table", pages.overrides),
    Part("data", pages.data),
    Part("findings", pages.findings),
    Part("signature", pages.signature),
)


def write_conflicts_docx(
    path: Path,
    result: CheckResult,
    outcomes: Sequence[Outcome] | None = None,
    *,
    template: Path | None = None,
    project: str = "",
    style: Style | None = None,
) -> tuple[Finding, ...]:
    """Write ``conflicts.docx``.

    Parameters
    ----------
    path : Path
        Written in place; the same result and template give the same bytes.
    result : CheckResult
    outcomes : sequence of Outcome, optional
        As of `parcel_outcomes`, worked out if not given.
    template : Path, optional
        The office's own document with placeholders; default a plain A4 report.
    project : str
        Name of the project; default the name of the file of parcels.
    style : Style, optional
        Colours of the maps; default the built-in ones.

    Returns
    -------
    tuple of Finding
        What there is to say of the template.

    Raises
    ------
    InputError
        If the template is no Word document.
    """
    dossier = make_dossier(result, outcomes)
    report = Report(dossier, short(project, 80) or _file_stem(dossier), style or read_style())
    document = plain_document(f"{TITLE} {report.project}") if template is None else open_template(template)
    writer = Writer(document)
    if template is None:
        pages.title(writer, TITLE, report)
        for part in PARTS:
            part.write(writer, report)
        findings: tuple[Finding, ...] = ()
    else:
        start, blocks = writer.size, dict[str, Sequence[Any]]()
        for part in PARTS:
            part.write(writer, report)
            blocks[part.key] = writer.take(start)
        findings = fill(document, texts(report), blocks, name=template.name)
    save(document, path, title=f"{TITLE} {report.project}")
    return findings


def _file_stem(dossier: Dossier) -> str:
    files = [row["file"] for row in dossier.result.receipt.get("inputs", []) if row["role"] == "parcels"]
    return short(Path(files[0]).stem, 80) if files else "—"
