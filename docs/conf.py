"""The documentation site: the pages beside this file, and what is generated from schemas, rules and docstrings."""

import sys
from importlib import metadata
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

from generated import write_pages  # noqa: E402

project, author, copyright = "zoneplan", "zoneplan", "zoneplan, BSD-3-Clause"
release = metadata.version("zoneplan")
language = "zh_CN"
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["reference/README.md"]
myst_heading_anchors = 4
myst_enable_extensions = ["colon_fence"]
suppress_warnings = ["myst.header"]
napoleon_google_docstring = False
napoleon_use_rtype = False
autodoc_typehints = "none"  # types stand in the signature; meaning in the docstring
autodoc_member_order = "bysource"
html_theme = "furo"
html_title = "zoneplan 国土空间规划计算工具"
html_static_path: list[str] = []
html_copy_source = False
html_show_sphinx = False
smartquotes = False

write_pages(HERE / "reference")
