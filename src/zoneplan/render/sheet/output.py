"""Pages as files: PDF that knows where it lies, SVG, PNG, GeoTIFF. Equal pages, equal bytes."""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO
from pathlib import Path

import numpy as np
import rasterio
from matplotlib.backends.backend_pdf import FigureCanvasPdf, PdfPages
from matplotlib.backends.backend_svg import FigureCanvasSVG
from pypdf import PdfReader, PdfWriter
from pypdf.generic import NameObject, TextStringObject
from pyproj import CRS

from zoneplan.errors import InputError, fault
from zoneplan.render.sheet.georeference import affine_of, viewports
from zoneplan.render.sheet.page import Page
from zoneplan.render.sheet.paper import MM_PER_INCH, Paper

FORMATS = ("pdf", "svg", "png", "tif")
MOST_PIXELS = 250_000_000
_PRODUCER = "zoneplan"


def write_pdf(path: Path, pages: Iterable[Page], *, crs: CRS, title: str, lang: str) -> None:
    """All pages in one PDF, each with a bookmark and the place of its map on the ground."""
    drawn, kept = BytesIO(), []
    with PdfPages(
        drawn, metadata={"CreationDate": None, "Producer": _PRODUCER, "Creator": _PRODUCER}
    ) as book:
        for page in pages:
            FigureCanvasPdf(page.ink.figure)
            book.savefig(page.ink.figure)
            kept.append((page.title, viewports(page.window, crs, page.title)))
    writer = PdfWriter()
    drawn.seek(0)
    writer.append(PdfReader(drawn), import_outline=False)
    for number, (name, viewport) in enumerate(kept):
        writer.pages[number][NameObject("/VP")] = viewport
        writer.add_outline_item(title=name, page_number=number)
    writer.add_metadata({"/Title": title, "/Producer": _PRODUCER, "/Creator": _PRODUCER})
    writer.root_object[NameObject("/Lang")] = TextStringObject("zh-CN" if lang == "zh" else "en")
    writer.write(path)
    writer.close()


def write_svg(path: Path, page: Page) -> None:
    """One page as SVG in millimetres; words are outlines, so that they look the same in every program."""
    figure = page.ink.figure
    FigureCanvasSVG(figure)
    figure.set_dpi(72)
    figure.savefig(path, format="svg", metadata={"Date": None, "Creator": _PRODUCER, "Title": page.title})


def write_png(path: Path, page: Page, *, dpi: int) -> None:
    """One page as PNG."""
    path.write_bytes(page.ink.png(dpi))


def write_tif(path: Path, page: Page, *, crs: CRS, dpi: int) -> None:
    """One page as GeoTIFF: its picture, the CRS and the affine; what lies around the map is on the ground, too."""
    rows = np.moveaxis(page.ink.pixels(dpi), -1, 0)
    how = {
        "driver": "GTiff", "count": 3, "dtype": "uint8", "height": rows.shape[1], "width": rows.shape[2],
        "crs": crs.to_wkt(), "transform": affine_of(page.window, rows.shape[1], dpi),
        "compress": "deflate", "predictor": 2, "tiled": True, "photometric": "rgb",
    }  # fmt: skip
    with rasterio.open(path, "w", **how) as file:
        file.write(rows)
        file.update_tags(
            TIFFTAG_XRESOLUTION=dpi, TIFFTAG_YRESOLUTION=dpi, TIFFTAG_RESOLUTIONUNIT=2,
            TIFFTAG_IMAGEDESCRIPTION=page.title, TIFFTAG_SOFTWARE=_PRODUCER,
        )  # fmt: skip


def check_pixels(papers: Iterable[Paper], dpi: int) -> None:
    """`InputError` where a picture would be too large to make."""
    for paper in papers:
        if paper.width * paper.height * (dpi / MM_PER_INCH) ** 2 > MOST_PIXELS:
            raise InputError(
                fault(
                    "sheet.dpi", f"--dpi {dpi}",
                    f"{paper.name} 以此分辨率会超过 {MOST_PIXELS / 1e6:g} 百万像素;请用较低的 --dpi,或写成 PDF",
                    f"{paper.name} would have more than {MOST_PIXELS / 1e6:g} megapixels; choose a lower --dpi, or PDF",
                )
            )  # fmt: skip
