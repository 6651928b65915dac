"""Every notebook runs from its first to its last cell with the network closed, shows something, and is kept as text."""

import re
import sys
from pathlib import Path

import jupytext
import pytest

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "scripts"))

from make_gallery import CLOSED, Done, executed, index, page, sources  # noqa: E402

NOTEBOOKS = sources()
ASKED_FOR = re.compile(r"""(?:src|href)\s*=\s*["']?(?:https?:)?//|url\(\s*["']?(?:https?:)?//|@import""")
"""What makes a browser ask for something from outside."""


def rich(done: Done) -> list[str]:
    """The HTML and pictures that a notebook shows."""
    outputs = [one for cell in done.notebook.cells for one in cell.get("outputs", ())]
    return [kind for one in outputs for kind in one.get("data", {}) if kind in ("text/html", "image/png")]


def test_there_is_a_course_of_seven():
    assert [path.name[:2] for path in NOTEBOOKS] == [f"{number:02d}" for number in range(1, 8)]


def test_notebooks_are_text_without_outputs():
    assert not list((ROOT / "notebooks").rglob("*.ipynb"))
    for path in NOTEBOOKS:
        assert "image/png" not in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem[:2])
def test_a_notebook_teaches_in_both_languages_and_says_what_is_schematic(path):
    cells = jupytext.read(path).cells
    texts = [cell.source for cell in cells if cell.cell_type == "markdown"]
    assert "示意" in texts[0]
    sections = [text for text in texts if text.startswith(("# ", "## "))]
    assert len(sections) > 4
    for text in sections:
        assert re.search(r"^\*.*[a-z].*\*$", text, re.MULTILINE), f"no English line: {text[:40]}"


@pytest.mark.enable_socket  # the kernel talks to its client over loopback
@pytest.mark.filterwarnings(
    "ignore::DeprecationWarning", "ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"
)
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem[:2])
def test_a_notebook_runs_and_its_page_asks_for_nothing(path, tmp_path):
    done = executed(path, tmp_path)
    assert not list(tmp_path.iterdir()), "a notebook writes into a folder of its own"
    assert len(rich(done)) >= 4
    code = [cell for cell in done.notebook.cells if cell.cell_type == "code"]
    assert all(one.get("name") != "stderr" for cell in code for one in cell.outputs)
    assert CLOSED not in [cell.source for cell in code]
    for html in (page(done, [done]), index([done])):
        assert done.title in html
        assert not ASKED_FOR.search(html)
        assert "示意" in html


@pytest.mark.enable_socket  # the kernel talks to its client over loopback
@pytest.mark.filterwarnings(
    "ignore::DeprecationWarning", "ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"
)
def test_a_notebook_cannot_reach_the_network(tmp_path):
    path = tmp_path / "9.py"
    path.write_text("# %%\nimport urllib.request\nurllib.request.urlopen('http://127.0.0.1:9/')\n")
    with pytest.raises(Exception, match="notebooks run without a network"):
        executed(path, tmp_path)
