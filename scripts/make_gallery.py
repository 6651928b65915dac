"""Run every notebook and write what it shows as pages that need nothing else: ``out/gallery/index.html``.

Each notebook runs in an empty folder and with the network closed; its kernel is spoken to over loopback. Beside each page lies the
notebook as ``.ipynb`` without outputs, for a Jupyter that does not open text.
"""

from __future__ import annotations

import re
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

import jupytext
from nbclient import NotebookClient
from nbconvert import HTMLExporter
from nbformat import NotebookNode
from pygments.formatters import HtmlFormatter

ROOT = Path(__file__).parents[1]
NOTEBOOKS = ROOT / "notebooks"
GALLERY = ROOT / "out" / "gallery"
CLOSED = """\
import socket

def closed(self, address, connect=socket.socket.connect):
    if self.family != socket.AF_UNIX:
        raise OSError(f"notebooks run without a network; asked for {address}")
    return connect(self, address)

socket.socket.connect = closed
"""
QUIET = ["--log-level=40"]  # the kernel warns that loopback is not encrypted
TIMEOUT_S = 120
_STYLE = """
body { max-width: 60rem; margin: 1.5rem auto; padding: 0 1rem; color: #222; line-height: 1.6;
  font-family: "Noto Sans SC", "Noto Sans CJK SC", "Source Han Sans SC", "PingFang SC", "Microsoft YaHei", sans-serif; }
nav { font-size: .85rem; border-bottom: 1px solid #ddd; padding-bottom: .5rem; }
nav a { margin-right: .9rem; white-space: nowrap; } a { color: #0b5394; }
h1, h2, h3 { line-height: 1.25; } .anchor-link { display: none; }
em { color: #666; } blockquote { margin: 1rem 0; padding: .1rem 1rem; background: #fff4d6; border-left: 4px solid #9c5700; }
.highlight { background: #f6f7f9; border: 1px solid #e3e5e8; border-radius: 4px; padding: .1rem .8rem; overflow-x: auto; margin: .8rem 0 .4rem; }
pre { font-family: "Noto Sans Mono CJK SC", Consolas, monospace; font-size: .82rem; line-height: 1.45; margin: .4rem 0; white-space: pre-wrap; overflow-wrap: anywhere; }
.output_area { overflow-x: auto; } .output_area pre { color: #333; } img { max-width: 100%; }
table { border-collapse: collapse; font-size: .85rem; } table.dataframe { border: 0; margin: .4rem 0; }
.dataframe th, .dataframe td { border: 0; border-bottom: 1px solid #ddd; padding: 2px 8px; text-align: left; }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(17rem, 1fr)); gap: 1rem; }
.cards a { border: 1px solid #ddd; border-radius: 6px; padding: .8rem; color: inherit; text-decoration: none; }
.cards img { width: 100%; height: 9rem; object-fit: contain; } .cards p { font-size: .85rem; margin: .3rem 0 0; }
"""


@dataclass(frozen=True)
class Done:
    """A notebook that has run."""

    name: str
    notebook: NotebookNode

    @property
    def title(self) -> str:
        """The first heading."""
        return self._first(r"^# (.+)$")

    @property
    def summary(self) -> str:
        """The first English line."""
        return self._first(r"^\*(.+)\*$")

    @property
    def picture(self) -> str:
        """The last picture that the notebook shows, as base64; empty if there is none."""
        shown = [data for cell in self.notebook.cells for data in _pictures(cell)]
        return shown[-1] if shown else ""

    def _first(self, pattern: str) -> str:
        found = re.search(pattern, str(self.notebook.cells[0].source), re.MULTILINE)
        return found[1] if found else self.name


def sources(folder: Path = NOTEBOOKS) -> list[Path]:
    """The notebooks as they are kept: scripts in the percent format, in order."""
    return sorted(folder.glob("[0-9]*.py"))


def executed(path: Path, folder: Path) -> Done:
    """A notebook run from its first to its last cell in a folder, with the network closed."""
    notebook = jupytext.read(path)
    notebook.cells.insert(
        0,
        NotebookNode(  # type: ignore[no-untyped-call]  # nbformat has no types
            cell_type="code", metadata={}, source=CLOSED, outputs=[], execution_count=None, id="closed"
        ),
    )
    client = NotebookClient(
        notebook, timeout=TIMEOUT_S, extra_arguments=QUIET, resources={"metadata": {"path": str(folder)}}
    )
    client.execute()
    del notebook.cells[0]
    return Done(path.stem, notebook)


def page(done: Done, everything: Sequence[Done]) -> str:
    """One notebook as a page of its own."""
    body, _ = HTMLExporter(
        template_name="basic", exclude_input_prompt=True, exclude_output_prompt=True
    ).from_notebook_node(done.notebook)  # type: ignore[no-untyped-call]  # nbconvert has no types
    names = "|".join(re.escape(one.name) for one in everything)
    body = re.sub(rf'href="({names})\.py"', r'href="\1.html"', body)
    links = "".join(f'<a href="{escape(one.name)}.html">{escape(one.title)}</a>' for one in everything)
    return _html(done.title, f'<nav><a href="index.html">目录 index</a>{links}</nav>{body}')


def index(everything: Sequence[Done]) -> str:
    """The page with a card for each notebook."""
    cards = "".join(
        f'<a href="{escape(one.name)}.html">'
        + (f'<img alt="" src="data:image/png;base64,{one.picture}">' if one.picture else "")
        + f"<b>{escape(one.title)}</b><p>{escape(one.summary)}</p></a>"
        for one in everything
    )
    words = "七个笔记本,由浅入深;每页都是实际运行的结果,离线可看。 Seven notebooks, each page as it ran; nothing is fetched."
    note = "<blockquote>内置规划的几何是<b>示意</b>,示例地块与栅格是虚构的:不得用于审批。 Schematic geometry, invented samples: not for approvals.</blockquote>"
    return _html("zoneplan 笔记本 Notebooks", f'<h1>zoneplan 笔记本 Notebooks</h1><p>{words}</p>{note}<div class="cards">{cards}</div>')  # fmt: skip


def write_gallery(everything: Sequence[Done], out: Path) -> None:
    """A page and an ``.ipynb`` for each notebook, and the index."""
    out.mkdir(parents=True, exist_ok=True)
    for done in everything:
        (out / f"{done.name}.html").write_text(page(done, everything), encoding="utf-8")
        clean = jupytext.read(NOTEBOOKS / f"{done.name}.py")
        (out / f"{done.name}.ipynb").write_text(jupytext.writes(clean, fmt="ipynb"), encoding="utf-8")
    (out / "index.html").write_text(index(everything), encoding="utf-8")


def _html(title: str, body: str) -> str:
    style = HtmlFormatter().get_style_defs(".highlight") + _STYLE
    return (
        f'<!doctype html>\n<html lang="zh"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)}</title><style>{style}</style></head><body>{body}</body></html>\n"
    )


def _pictures(cell: NotebookNode) -> list[str]:
    """Pictures among a cell's outputs, as base64."""
    found: list[str] = []
    for output in cell.get("outputs", ()):
        data = output.get("data", {})
        if "image/png" in data:
            found.append(str(data["image/png"]).replace("\n", ""))
        found += re.findall(r'src="data:image/png;base64,([^"]+)"', str(data.get("text/html", "")))
    return found


if __name__ == "__main__":
    everything = []
    for source in sources():
        with tempfile.TemporaryDirectory() as folder:
            everything.append(executed(source, Path(folder)))
        print(source.stem, flush=True)
    write_gallery(everything, GALLERY)
    print(GALLERY / "index.html", file=sys.stderr)
