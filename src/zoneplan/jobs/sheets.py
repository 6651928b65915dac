"""Print sheets, from layers and a saved check to files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from zoneplan.errors import InputError, fault
from zoneplan.finding import Finding
from zoneplan.io import store
from zoneplan.layers import LayerSet

if TYPE_CHECKING:
    from zoneplan.check.result import CheckResult
    from zoneplan.render.sheet.atlas import Atlas, SheetOptions
    from zoneplan.render.sheet.page import Page

FORMATS = ("pdf", "svg", "png", "tif")
SUFFIXES = {f".{form}": form for form in FORMATS} | {".tiff": "tif"}
BOOK = "sheets.pdf"


@dataclass(frozen=True)
class Written:
    """Files written, and what there is to say of them."""

    files: list[Path]
    findings: tuple[Finding, ...]


def write_sheets(
    layers: LayerSet, out: str | Path, options: SheetOptions | None = None, *, result: CheckResult | None = None, form: str | None = None,
    dpi: int = 200, progress: Callable[[int, int], object] = lambda done, whole: None,
) -> Written:  # fmt: skip
    """Make sheets and write them.

    Parameters
    ----------
    out : path
        A file, whose suffix says the format, or a folder. All pages go into one PDF; pictures are one file a page.
    options : SheetOptions, optional
        Default every sheet of the catalogue on A3.
    result : CheckResult, optional
        A parcel check; see also `zoneplan.jobs.savedcheck.open_check`.
    form : {"pdf", "svg", "png", "tif"}, optional
        Default by the suffix, else PDF.
    progress : callable
        Told how many pages are done, of how many.

    Raises
    ------
    InputError
        Sheets, paper or scale that are not possible; several pages for one picture file.
    """
    from zoneplan.render.sheet.atlas import Atlas, SheetOptions
    from zoneplan.render.sheet.ink import settled
    from zoneplan.render.sheet.output import check_pixels

    path = Path(out)
    form, single = _form(path, form)
    atlas = Atlas(layers, result, options or SheetOptions())
    if form in ("png", "tif"):
        check_pixels(atlas.call.papers, dpi)
    folder, names = (path.parent if single else path), _file_names(atlas, path, form, single)
    said: list[Finding] = []
    with store.staged(folder) as stage, settled():
        pages = _told(atlas, said, progress)
        if form == "pdf":
            _write_book(stage / names[0], pages, atlas)
        else:
            for name, page in zip(names, pages, strict=True):
                _write_picture(stage / name, page, form, atlas, dpi)
    return Written([folder / name for name in names], tuple(said))


def _file_names(atlas: Atlas, path: Path, form: str, single: bool) -> list[str]:
    """One name for a PDF; for pictures one a page."""
    from zoneplan.render.sheet.atlas import page_names

    count = len(atlas.plates)
    if form == "pdf" or (single and count == 1):
        return [path.name if single else BOOK]
    if single:
        raise InputError(
            fault(
                "sheet.pages", path,
                f"共 {count} 页,每页一个 {form} 文件:-o 请给文件夹并加 --format {form};或只选一幅(--sheet),或写成 PDF",
                f"{count} pages, a {form} file each: give a folder with -o and --format {form}; or one sheet (--sheet), or PDF",
            )
        )  # fmt: skip
    return [f"{name}.{form}" for name in page_names(atlas.plates)]


def list_sheets(
    layers: LayerSet, options: SheetOptions, *, result: CheckResult | None = None
) -> list[tuple[str, str, int]]:
    """Id, title and number of pages of every sheet that can be made, those that must be asked for included."""
    from zoneplan.render.sheet.atlas import contents_of
    from zoneplan.render.sheet.catalogue import overview, read_catalogue
    from zoneplan.render.style import read_style

    style = read_style()
    drawn = contents_of(layers, result, style, options.lang)
    return overview(read_catalogue(options.catalogue, style), style, drawn, layers.plan_id, options.lang)


def _told(atlas: Atlas, said: list[Finding], progress: Callable[[int, int], object]) -> Iterator[Page]:
    """Pages as they are drawn; names without room become findings."""
    for done, page in enumerate(atlas.pages(), 1):
        if page.unnamed:
            words = page.unnamed
            said.append(
                Finding(
                    "sheet.names", "info",
                    f"{len(words)} 个名称在图上没有位置:{'、'.join(words[:8])}{' 等' if len(words) > 8 else ''};可用更大的纸或比例尺",
                    f"no room for {len(words)} names: {', '.join(words[:8])}{' …' if len(words) > 8 else ''}; larger paper or scale helps",
                    page.title,
                )
            )  # fmt: skip
        yield page
        progress(done, len(atlas.plates))


def _write_book(path: Path, pages: Iterator[Page], atlas: Atlas) -> None:
    from zoneplan.render.sheet.output import write_pdf

    layers, call = atlas.call.layers, atlas.call
    name = layers.name if call.lang == "zh" else layers.name_en or layers.name
    title = f"{name} · {atlas.plates[0].title}" if len(atlas.plates) == 1 else name
    write_pdf(path, pages, crs=layers.crs, title=title, lang=call.lang)


def _write_picture(path: Path, page: Page, form: str, atlas: Atlas, dpi: int) -> None:
    from zoneplan.render.sheet import output

    if form == "svg":
        output.write_svg(path, page)
    elif form == "png":
        output.write_png(path, page, dpi=dpi)
    else:
        output.write_tif(path, page, crs=atlas.call.layers.crs, dpi=dpi)


def _form(out: Path, form: str | None) -> tuple[str, bool]:
    """The format, and whether `out` is one file (not a folder)."""
    suffix = SUFFIXES.get(out.suffix.lower())
    if form and suffix and form != suffix:
        raise InputError(
            fault(
                "sheet.format", out,
                f"文件后缀是 {out.suffix},--format 是 {form};请写成一致",
                f"the file ends in {out.suffix}, --format is {form}; make them agree",
            )
        )  # fmt: skip
    single = suffix is not None and not out.is_dir()
    return form or suffix or "pdf", single
