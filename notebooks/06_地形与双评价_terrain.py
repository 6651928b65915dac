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
# # 06 地形与双评价初评
#
# 高程、土地覆盖栅格 → 坡度分级、起伏度、按要素统计、25° 以上耕地;再到生态保护重要性、农业与城镇适宜性的**初评**。
#
# *Terrain and a first estimate of suitability from rasters.*
#
# > 示例栅格是**合成**的(虚构),规划几何是**示意**:这里的坡度、面积、评价都不反映实地。缺水资源、灾害等因子,**不是双评价**。
# > The sample rasters are synthetic, the geometry schematic; several factors are missing: this is no full assessment.

# %% [markdown]
# ## 1 坡度从哪来
#
# 任何坐标系的高程(SRTM、GLO-30、自有 DEM)都行,先转到规划坐标系、以米计,再按 Horn 算子求坡度。整市的大文件按窗口处理,不必装进内存。
#
# *Heights in any CRS are taken to the plan's CRS, in metres; slopes by Horn's weights, window by window.*

# %%
from pathlib import Path
from tempfile import mkdtemp

from IPython.display import Image

import zoneplan as zp
from zoneplan.resources import data_dir

folder, samples = Path(mkdtemp(prefix="terrain-")), data_dir() / "samples"
layers = zp.compile_plan(zp.load_plan("jiaozuo"))
terrain = zp.run_terrain(
    layers,
    zp.TerrainCall(
        [samples / "dem.tif"],
        parcels=str(samples / "parcels.geojson"),
    ),
    folder / "地形",
)
sorted(path.name for path in terrain.files)

# %%
Image(folder / "地形" / "slope_class.png", width=640)

# %%
zp.Findings(terrain.findings)

# %% [markdown]
# ## 2 按要素统计
#
# 每个像元按它被多边形覆盖的**份额**计,不是看中心点在不在里面。`p50` 是中位数,`p90` 是“九成面积不陡于此”。
#
# *Statistics by element; every cell counts by the share that is covered.*

# %%
table = terrain.tables["terrain"]
table[table["kind"].isin(["space", "control_line"])][
    ["name", "slope_mean", "slope_p90", "slope_max", "elevation_mean", "relief_max"]
]

# %% [markdown]
# ## 3 坡度级的面积,加得起来
#
# 份额乘以要素的**椭球面积**;各级相加正好等于要素自己的面积,无数据单列一栏。
#
# *Areas by class add up to the element's own ellipsoidal area; no data stands in a column of its own.*

# %%
slopes = terrain.tables["slope_class"]
wide = slopes[slopes["row_parent"] == "space"].pivot_table(
    index="row_name", columns="column_name", values="area_ha", aggfunc="sum", sort=False
)
wide.round(4)

# %% [markdown]
# ## 4 25° 以上的耕地
#
# 法律上的坡度是田块的坡度;梯田是例外,而任何 DEM 都看不见梯田。这张表只说**该去哪里看**。
#
# *Farmland above 25°: where to look. No DEM shows terraces.*

# %%
terrain.tables["farmland"].set_index("id")[
    ["area_m2", "steep_m2", "steep_share", "slope_p90", "slope_max", "slope_words"]
]

# %% [markdown]
# 任何图层都可以直接量坡度,比如补划地块:
#
# *Slopes of any features, for instance of ground to be given.*

# %%
parcels = zp.read_any(samples / "parcels.geojson").frame
slope = zp.slope_by_feature(parcels, [samples / "dem.tif"])
slope.assign(DKBH=parcels["DKBH"]).nlargest(3, "slope_max")[
    ["DKBH", "slope_min", "slope_mean", "slope_max", "steep_m2", "slope_state"]
]

# %% [markdown]
# ## 5 双评价初评
#
# 三个结果:生态保护重要性、农业生产适宜性、城镇建设适宜性。方法是一份数据文件,每条规则有来源、可信程度和“未核”。缺的因子写在每个标题、标签和结果里。
#
# *Three results by rules that are data; the factors that are missing stand in every title.*

# %%
estimate = zp.run_suitability(
    layers, zp.SuitabilityCall([samples / "dem.tif"], landcover=[samples / "landcover.tif"]), folder / "初评"
)
zp.Findings(estimate.findings)

# %%
estimate.tables["factors"][["name", "name_en", "given", "source"]]

# %%
Image(folder / "初评" / "urban.png", width=640)

# %%
Image(folder / "初评" / "ecology.png", width=640)

# %% [markdown]
# 面积表,和依据的规则(每条都有来源):
#
# *Areas, and the rules behind them.*

# %%
urban = estimate.tables["urban"]
urban[urban["row_parent"] == "zone"][["column_name", "area_ha", "share_of_row"]]

# %%
estimate.tables["rules"].head(8)

# %% [markdown]
# 换成真实数据只差一个路径:`zp.run_terrain(layers, ["N35E113.tif", "N34E113.tif"], "out")`;有灾害、水资源等栅格时,用 `SuitabilityCall(factors={"hazard": "haz.tif"})` 给出。
#
# *Real data is one path away.*
