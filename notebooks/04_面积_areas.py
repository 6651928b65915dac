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
# # 04 加得起来的面积
#
# 一个面积从哪来(“护照”)、怎样平差到控制面积、扣田坎、与登记面积对照,以及一本账:每一平方米只算一次。
#
# *Areas that add up: the passport of a number, balancing to control areas, field ridges, registered areas, and a ledger in which every square metre counts once.*
#
# > 内置规划的几何是**示意**;图斑是虚构的。 Schematic geometry, invented patches.

# %% [markdown]
# ## 1 面积的护照
#
# 国土的面积是**椭球面积**:CGCS2000 椭球面上、按国土调查的标准公式。投影面积只是路过。`explain()` 把一个数的来历一步一步写出来。
#
# *Areas are ellipsoidal, by the national survey's formula; `explain()` writes the chain from plane to print.*

# %%
import zoneplan as zp

layers = zp.compile_plan(zp.load_plan("jiaozuo"))
row = layers.element("line_urban_development_boundary")
passport = zp.area_passport(row.geometry, layers.crs, unit="ha")
print(passport.explain())

# %%
print(passport.explain("en"))

# %% [markdown]
# ## 2 图斑平差
#
# 造 12 个图斑:把一个 600 × 400 米的地块切成 4 × 3 格(`DLBM` 0101 是水田,带田坎系数 `KCXS`)。上级下达的**控制面积**比各图斑之和少 0.37 m²:
# 平差把差额按面积比例分摊,以 0.01 m² 为单位,每一步都看得见。
#
# *Twelve patches are balanced to a control area 0.37 m² below their sum, in steps of 0.01 m².*

# %%
import geopandas as gpd
from shapely import box

from zoneplan.areas.patchtable import Wanted

x, y = layers.element("line_permanent_basic_farmland").geometry.representative_point().coords[0]
cells = [
    box(x + 150 * i, y + 133 * j, x + 150 * (i + 1), y + 133 * (j + 1)) for j in range(3) for i in range(4)
]
patches = gpd.GeoDataFrame(
    {
        "TBBH": [f"{number:04d}" for number in range(1, 13)],
        "DLBM": ["0101"] * 8 + ["1006"] * 4,
        "KCXS": [0.08] * 8 + [0.0] * 4,
    },
    geometry=cells,
    crs=layers.crs,
)
measured = zp.patch_areas(patches, Wanted(id_field="TBBH"))
total = measured.tables["patches"]["area_m2"].iloc[-1]
control = round(total - 0.37, 2)
balanced = zp.patch_areas(patches, Wanted(id_field="TBBH", controls={"": control}))
balanced.tables["patches"][["id", "before_m2", "change_m2", "area_m2", "kcxs", "kcmj_m2", "net_m2"]]

# %% [markdown]
# 表上的数加起来,正好是控制面积;净面积加田坎,正好是图斑面积。
#
# *Printed rows add up to the control area; net area and ridges add up to the patch.*

# %%
table = balanced.tables["patches"].iloc[:-1]
{
    "平差后之和 = 控制面积": bool(round(table["area_m2"].sum(), 2) == control),
    "净面积 + 田坎 = 图斑面积": bool(
        ((table["net_m2"] + table["kcmj_m2"]).round(2) == table["area_m2"]).all()
    ),
}

# %%
print(balanced.passports("0005")[0].explain())

# %% [markdown]
# ## 3 与登记面积对照
#
# 登记簿上的面积(常是投影面积或旧坐标系的)与椭球面积差多少、哪一块差得可疑(`!` 超过 1%)。
#
# *Registered areas beside measured ones; `!` marks what differs by more than one percent.*

# %%
register = patches.geometry.area.round(2)
register.iloc[6] *= 1.03  # 一处登记有误 one entry is wrong
named = zp.patch_areas(patches.assign(TBMJ=register), Wanted(id_field="TBBH", registered_field="TBMJ"))
named.tables["registered"].loc[
    4:8, ["id", "registered_m2", "ellipsoidal_m2", "difference_m2", "difference_share", "alert"]
]

# %%
zp.Findings(named.findings)

# %% [markdown]
# ## 4 交叉表:横竖都闭合
#
# 空间 × 组团:每一行、每一列、总计,打印的数都加得起来。
#
# *A cross table that closes along rows and columns.*

# %%
cross = zp.cross_table(layers, rows="space", columns="group")
cross.pivot_table(index="row_name", columns="column_name", values="area_ha", sort=False)

# %% [markdown]
# ## 5 台账:每一平方米一次
#
# 全域减去三线,剩多少?红线与某个功能区重叠多少?台账把容器划成互不重叠的地块:一条线独占的、几条线共有的、谁也不占的(`gap`)。
# 边界近乎重合处不足 0.01 m² 的一丝也列出来,不悄悄丢掉。合计等于容器本身。
#
# *The ledger divides a container: ground of one layer, of several together, of none. The sum is the container.*

# %%
claims = {
    row.name: layers["control_line"].iloc[[n]] for n, row in enumerate(layers["control_line"].itertuples())
}
claims["经济技术开发区"] = layers["district"][layers["district"]["name"] == "经济技术开发区"]
whole = gpd.GeoSeries([layers.zone], crs=layers.crs)
ledger = zp.area_ledger(whole, claims)
ledger.table[["ground", "area_ha", "area_mu", "moved_m2"]]

# %% [markdown]
# 若规定先后(重叠处归先者),就没有共有的行:
#
# *With precedence, ground that several claim goes to the first.*

# %%
zp.area_ledger(whole, claims, precedence=list(claims)).table[["ground", "area_ha", "area_mu"]]

# %%
parts = ledger.table.iloc[:-1]["area_m2"].sum()
f"分项之和 {parts:,.2f} m² = 合计 {ledger.table['area_m2'].iloc[-1]:,.2f} m²"

# %% [markdown]
# 画出来:谁也不占的地(灰)、独占的、共有的。几何是**示意**。
#
# *The pieces on a map; schematic.*

# %%
import matplotlib.pyplot as plt

figure, axes = plt.subplots(figsize=(8, 4.6))
ledger.pieces.plot(ax=axes, column="layers", cmap="YlGn", edgecolor="#777777", linewidth=0.3)
axes.set_axis_off()

# %% [markdown]
# 命令行(on the command line):`zoneplan areas 图斑.shp --adjust-to 控制面积 --explain 0005`、`zoneplan ledger 边界.shp --layer 红线=a.gpkg`。
