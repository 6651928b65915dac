# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 07 从 zoneplan 到 QGIS、Word 与 PDF
#
# 成果怎么交出去:QGIS 工程、GeoPackage、审查报告、Excel、按比例尺的图集、手机上的 KMZ。全部离线,同样的输入给出同样的字节。
#
# *From zoneplan to QGIS, Word and PDF: projects, reports, sheets at a stated scale, KMZ for phones. Equal input, equal bytes.*
#
# > 内置几何是**示意**:每张图、每份报告上都写着。 Schematic geometry, and every paper says so.

# %% [markdown]
# ## 1 QGIS
#
# `layers.gpkg` 旁边是 `project.qgz`:打开就有图层组、符号、标注、规划插图的主题和打印版式。路径是相对的,两个文件一起移动即可。
#
# *A GeoPackage with a styled QGIS project beside it.*

# %%
from pathlib import Path
from tempfile import mkdtemp

import pandas as pd

import zoneplan as zp
from zoneplan.jobs.app import write_areas, write_build, write_check, write_map
from zoneplan.jobs.loading import build
from zoneplan.resources import data_dir

folder = Path(mkdtemp(prefix="papers-"))


def listed(out):
    """Files of a folder with their sizes."""
    rows = [(path.name, round(path.stat().st_size / 1024)) for path in sorted(out.iterdir())]
    return pd.DataFrame(rows, columns=["文件 file", "KB"])


built = build("jiaozuo")
layers = built.layers
write_build(built, folder / "图层")
listed(folder / "图层")

# %% [markdown]
# `manifest.json` 记下每个输入文件的 SHA-256 与版本,别人能核对你的成果是不是由这些输入得来。只要图层、不要工程时,`zp.write_layers("layers.gpkg", layers)`。
#
# *The manifest names every input with its hash.*

# %%
import json

manifest = json.loads((folder / "图层" / "manifest.json").read_text(encoding="utf-8"))
pd.DataFrame(manifest["inputs"])

# %% [markdown]
# ## 2 面积表:Excel
#
# *Area tables in Excel.*

# %%
tables, _ = write_areas(layers, folder / "面积", by="group")
print("工作表 sheets:", "、".join(tables))
listed(folder / "面积")

# %% [markdown]
# ## 3 审查报告:Word、Excel、GeoPackage
#
# 报告是普通的 A4 Word 文档,真正的标题与表格,可以接着改;也可以套用本单位的模板(`template=`)。
#
# *The report is a plain Word document; an office's own template can be filled instead.*

# %%
parcels = zp.read_any(data_dir() / "samples" / "parcels.geojson").frame.head(3)
result = zp.check_parcels(parcels, layers, id_field="DKBH", use_field="use")
write_check(result, layers, folder / "审查", formats=("docx", "xlsx", "gpkg"), project="示例项目(虚构)")
listed(folder / "审查")

# %%
from docx import Document

report = Document(folder / "审查" / "conflicts.docx")
[(paragraph.style.name, paragraph.text[:60]) for paragraph in report.paragraphs if paragraph.text][:14]

# %%
import openpyxl

book = openpyxl.load_workbook(folder / "审查" / "conflicts.xlsx")
pd.DataFrame(
    [(sheet.title, sheet.max_row, sheet.max_column) for sheet in book],
    columns=["工作表 sheet", "行 rows", "列 columns"],
)

# %% [markdown]
# ## 4 图集:PDF、SVG、PNG
#
# 纸上 1 毫米就是比例尺所说的那么多米。PDF 的文字可以搜索,页面带坐标(GeoPDF)。先出一张控制线图看看:
#
# *Print sheets at a stated scale; the PDF is searchable and georeferenced.*

# %%
from IPython.display import Image

options = zp.SheetOptions(sheets=("control-lines",), paper="A4")
zp.write_sheets(layers, folder / "控制线.png", options, dpi=110)
Image(folder / "控制线.png", width=820)

# %%
atlas = zp.write_sheets(layers, folder / "图集.pdf", zp.SheetOptions(sheets=("groups",), paper="A3"))
from pypdf import PdfReader

pdf = PdfReader(folder / "图集.pdf")
[
    (number, page.mediabox.width, page.extract_text()[:40].replace("\n", " "))
    for number, page in enumerate(pdf.pages, 1)
]

# %% [markdown]
# ## 5 手机与浏览器
#
# KMZ 给外业人员;网页地图是一个文件,断网可看。
#
# *KMZ for the field, one HTML file for everybody.*

# %%
for name in ("plan.kmz", "map.html"):
    write_map(layers, folder / name, result)
listed(folder)

# %% [markdown]
# 命令行一次做完(all of it on the command line):
#
# ```sh
# zoneplan run jiaozuo --parcels 地块.txt -o out
# zoneplan sheet jiaozuo -o 图集.pdf
# zoneplan map jiaozuo -o plan.kmz
# ```
