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
# # 03 像审查员一样核查地块
#
# 一份坐标 TXT、一个 GBK 编码的 shapefile、一批地块;状态、结论、按某日的法规、人工认定,最后出报告。
#
# *Check parcels like an officer: one coordinate TXT, one GBK shapefile, a batch; states, verdicts, rules as of a day, overrides, papers.*
#
# > 地块是虚构的,内置规划的几何是**示意**:这里的结论都不得用于审批。 Invented parcels on schematic geometry: not for approvals.

# %% [markdown]
# ## 1 收到一份坐标 TXT
#
# 勘测定界的坐标 TXT:头里写坐标系、带号,每个地块一段界址点。先造一份(两个地块,GBK),再原样读回来。
#
# *A coordinate TXT as surveyors deliver it: we write one, then read it back.*

# %%
from pathlib import Path
from tempfile import mkdtemp

import geopandas as gpd
from shapely import box

import zoneplan as zp

folder = Path(mkdtemp(prefix="desk-"))
layers = zp.compile_plan(zp.load_plan("jiaozuo"))
farmland = layers.element("line_permanent_basic_farmland").geometry
redline = layers.element("line_ecological_redline").geometry
x, y = farmland.representative_point().coords[0]
a, b = redline.representative_point().coords[0]
two = gpd.GeoDataFrame(
    {"DKBH": ["甲-01", "甲-02"], "DKMC": ["养殖场", "通村路"], "DKYT": ["0703", "0601"]},
    geometry=[box(x, y, x + 120, y + 90), box(a, b, a + 300, b + 12)],
    crs=layers.crs,
)
zp.write_any(folder / "勘测定界.txt", two)
print((folder / "勘测定界.txt").read_text(encoding="gbk")[:420])

# %% [markdown]
# 读文件的每一步都有说法:编码怎么认出来的、坐标系是头里写的还是推断的。看不懂就拒绝,绝不猜。
#
# *What was read, and on what grounds, is listed. What cannot be trusted is refused, never guessed.*

# %%
read = zp.read_any(folder / "勘测定界.txt")
zp.Findings(read.findings)

# %%
read.frame.drop(columns="geometry").T.dropna().astype(str)

# %% [markdown]
# ## 2 核查:五种状态,四种结论
#
# **状态**是量出来的:占用 `hit`、图形误差待核 `sliver`、相接 `touch`、不涉及 `clear`、无数据 `no_data`。
# **结论**由规则库给出:禁止、限制、允许、待定,取各线最严。没有数据永远不写成“不涉及”;用途不明则为待定。
#
# *States are measured; verdicts come from the rule book. No data is never "clear"; an unknown use is undetermined.*

# %%
result = zp.check_parcels(read.frame, layers, id_field="DKBH", use_field="DKYT")
result

# %%
result.findings

# %% [markdown]
# ## 3 一个 GBK shapefile
#
# 老系统导出的 shapefile 常是 GBK,而且没有 `.cpg`。写一个这样的,删掉 `.cpg`,照样认得出。
#
# *A shapefile in GBK without `.cpg` is recognised from its bytes.*

# %%
one = gpd.GeoDataFrame(
    {"DKBH": ["乙-01"], "备注": ["物流园一期,用途未定"]},
    geometry=[box(x + 800, y, x + 1100, y + 200)],
    crs=layers.crs,
)
zp.write_any(folder / "物流园.shp", one, encoding="GBK")
(folder / "物流园.cpg").unlink(missing_ok=True)
parcel = zp.read_any(folder / "物流园.shp")
parcel.frame["备注"].item(), [finding.zh for finding in parcel.findings]

# %% [markdown]
# 用途未知时,结论是“待定”,而不是“允许”。换几种用途试算,就知道哪种行得通:
#
# *With no use given the answer is undetermined; try uses to see what each would mean.*

# %%
import pandas as pd

tried = {use: zp.check_parcels(parcel.frame, layers, use=use) for use in (None, "1001", "1101", "0601")}
pd.DataFrame(
    {str(use or "不明 unknown"): one.table.set_index("line")["verdict"] for use, one in tried.items()}
)

# %% [markdown]
# ## 4 一批地块
#
# `data/samples/parcels.txt` 里有 57 个虚构地块,每种状态、每种结论至少一个。同一套线要反复用时,`Desk` 只装载一次。
#
# *A batch of 57 invented parcels; a `Desk` loads the lines once and checks again and again.*

# %%
from zoneplan.resources import data_dir

desk = zp.Desk(layers)
batch = zp.read_any(data_dir() / "samples" / "parcels.txt").frame
many = desk.check(batch, use_field="DKYT")
many

# %%
pd.crosstab(many.table["line"], many.table["state"])

# %% [markdown]
# ## 5 按某日的法规
#
# 规则是带时效的数据。同一个地块,2025 年 9 月 30 日与 10 月 1 日依据的可能是不同的条文(永久基本农田的新办法自 2025-10-01 起施行)。
# 不写日期时,按没有终止日期的规则判;从不看电脑的时钟。
#
# *Rules have dates: the same parcel before and after a regulation came into force. The clock is never asked.*

# %%
from datetime import date

rows = []
for day in (date(2025, 9, 30), date(2025, 10, 1)):
    dated = desk.check(read.frame, id_field="DKBH", use="U10", as_of=day).table
    hits = dated[(dated["line"] == "permanent_basic_farmland") & (dated["state"] == "hit")]
    rows.append(hits[["parcel_id", "verdict", "rule_id", "legal_basis"]].assign(as_of=day))
pd.concat(rows, ignore_index=True)

# %% [markdown]
# ## 6 人工认定“不适用”
#
# 审查员可以认定某一处不适用,但要写明谁、何时、为什么。原来的状态、结论、规则都保留,报告首页写明有几处。
#
# 从这里起用文件:一份“审查请求”写下全部输入与参数,以后 `zoneplan verify` 能照样重算。
#
# *An override needs a name, a day and a reason; the finding itself stays. From here on everything is files, so that a check can be verified later.*

# %%
from zoneplan.check.overrides import overall_with_overrides
from zoneplan.check.request import CheckRequest
from zoneplan.jobs.checking import check

(folder / "认定.yaml").write_text(
    """\
- parcel_id: 甲-01
  line: permanent_basic_farmland
  name: 张三
  reason: 该处永久基本农田已于本年度核减(练习)
  date: 2026-11-01
""",
    encoding="utf-8",
)
request = CheckRequest(
    parcels=str(folder / "勘测定界.txt"),
    source="jiaozuo",
    id_field="DKBH",
    use_field="DKYT",
    as_of=date(2026, 11, 1),
    overrides=str(folder / "认定.yaml"),
)
checked = check(request)
pd.DataFrame(
    {
        "parcel": checked.result.ids,
        "原结论 as found": checked.result.parcels["overall"],
        "认定后 with overrides": overall_with_overrides(checked.result),
    }
)

# %% [markdown]
# ## 7 出报告
#
# Word 审查报告、Excel、GeoPackage(附 QGIS 工程)、网页地图、JSON 与 CSV,一次写全;要么都写,要么都不写。
#
# *Papers: Word, Excel, GeoPackage with a QGIS project, a web map, JSON and CSV; all or nothing.*

# %%
from zoneplan.jobs.app import write_check

out = folder / "审查"
write_check(checked.result, checked.layers, out, style=checked.style)
pd.DataFrame(
    [(path.name, round(path.stat().st_size / 1024)) for path in sorted(out.iterdir())],
    columns=["文件 file", "KB"],
)

# %% [markdown]
# 命令行里同样的事(the same on the command line):
#
# ```sh
# zoneplan check 勘测定界.txt --use-field DKYT --as-of 2026-11-01 --overrides 认定.yaml -o 审查
# zoneplan verify 审查/conflicts.json        # 以后重算:哪条线、哪条规则变了
# ```
