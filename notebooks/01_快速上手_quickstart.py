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
# # 01 快速上手
#
# 把一部规划变成可以计算的图层:读规划 → 编译 → 审查 → 面积 → 核查地块 → 地图。全程不需要网络。
#
# *Quickstart: read the built-in plan, compile it, audit it, measure it, check parcels and draw a map. No network is needed.*
#
# > 内置规划的参考几何是**示意**(按文字绘制,位置误差约 1.5 公里),结论不得用于用地审批。 The built-in geometry is schematic: not for approvals.

# %% [markdown]
# ## 1 规划是数据
#
# 每个要素都带章节出处。范围是规则(沿某路、某河以北……),不是画出来的图形。
#
# *A plan is data: every element cites its chapter, and its extent is a rule.*

# %%
import zoneplan as zp

plan = zp.load_plan("jiaozuo")
plan

# %% [markdown]
# ## 2 编译成图层
#
# 规则加上参考几何(边界、道路、河流、湖泊)得到图层。`layers["group"]` 就是一个普通的 GeoDataFrame,坐标系是 CGCS2000 的 3° 带,
# 面积是椭球面积。
#
# *Rules and reference features give layers: plain GeoDataFrames with ellipsoidal areas.*

# %%
layers = zp.compile_plan(plan)
layers

# %%
layers["group"][["id", "name", "citation", "accuracy", "area_m2"]].round(2)

# %% [markdown]
# ## 3 审查
#
# 规划说“两轴”“三组团”,图层里是否真有两条轴、三个组团?三线是否互斥?三组团是否铺满全域?审查一次全部回答,
# 每条都有稳定的编码。只看不通过和需要注意的:
#
# *The audit counts what the plan's words promise, and checks that the lines exclude each other and the groups cover the zone.*

# %%
findings = zp.Findings([*zp.audit_plan(plan), *zp.audit_layers(layers, plan)])
zp.Findings(one for one in findings if one.code == "audit.count" or one.severity != "info")

# %% [markdown]
# ## 4 面积:分项之和等于合计
#
# 打印出来的数字加起来,正好是打印出来的合计;为此挪动了多少,写在 `moved_m2` 里。
#
# *Printed parts add up to the printed total; what rounding moved is shown.*

# %%
zp.area_table(layers, by="group")[["name", "area_ha", "area_mu", "share_of_zone", "moved_m2"]]

# %%
cross = zp.cross_table(layers, rows="space", columns="group")
cross.pivot_table(index="row_name", columns="column_name", values="area_ha", sort=False)

# %% [markdown]
# ## 5 核查一个地块
#
# 有没有冲突、占多少、依据哪一条、要补什么材料。没有数据的线回答“无数据”,绝不是“不涉及”。规则库尚未逐条与正式文本核对,一律标“未核”(`verified` 为 no)。
#
# *A parcel against the control lines: state, area, verdict, article. Rules print as unverified until somebody compares them with the official text.*

# %%
import geopandas as gpd
from shapely import box

x, y = layers.element("line_permanent_basic_farmland").geometry.representative_point().coords[0]
parcels = gpd.GeoDataFrame(
    {"DKBH": ["地块1", "地块2"]},
    geometry=[box(x, y, x + 200, y + 150), box(x + 3000, y, x + 3200, y + 150)],
    crs=layers.crs,
)
result = zp.check_parcels(parcels, layers, use="070102")
result

# %% [markdown]
# ## 6 地图
#
# 一个 HTML 文件,断网也能打开;图层开关、查找、量测、打印都在里面。`web.save("map.html")` 存成文件。
#
# *One self-contained HTML file: `web.save("map.html")`.*

# %%
web = zp.web_map(layers, result)
web

# %% [markdown]
# 接下来:[02 编你自己的规划](02_自己的规划_your_plan.py)。
