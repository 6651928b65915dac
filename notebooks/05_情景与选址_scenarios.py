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
# # 05 情景与选址
#
# “开发边界东移 200 米会怎样?河道再宽一点呢?能不能找到 250 公顷新增用地?600 公顷呢?”——每一步调整花多少、破了哪条限、为什么做不到。
#
# *What if: an ordered ledger of edits with its waterfall, reordered, compared, swept; and siting: a target that can be met, and one that cannot, with the reasons.*
#
# > 全部是练习:编辑、署名、现状面积都是虚构的,几何是**示意**。 An exercise on schematic geometry; figures and edits are invented.

# %% [markdown]
# ## 1 情景是一份有顺序的编辑清单
#
# 每条编辑有编号、提出人、理由、日期。情景从不改动基础规划;同一份清单重放,逐字节相同。
#
# `shift` 移一侧边界,`include` 划入一块地,`widen` 加宽河道管控带。
#
# *A scenario is a base and an ordered ledger of signed edits; it never changes the base.*

# %%
import zoneplan as zp

layers = zp.compile_plan(zp.load_plan("jiaozuo"))
boundary = layers.element("line_urban_development_boundary").geometry
east = boundary.bounds[2]
# 边界最东一点附近的一块地 ground at the boundary's easternmost vertex
_, north = max(
    (point for part in boundary.geoms for point in part.exterior.coords), key=lambda point: point[0]
)
corner = [
    (east - 400, north - 400),
    (east + 300, north - 400),
    (east + 300, north + 400),
    (east - 400, north + 400),
]

made = (
    zp.Scenario(
        "jiaozuo",
        id="what_if",
        name="东移与加宽(练习)",
        figures={"current_urban_land_ha": {"value": 8000, "source": "练习用假设值 assumed for the exercise"}},
    )
    .shift(
        "urban_development_boundary",
        id="east", metres=200, direction="east", side="east",
        author="规划一组", reason="东侧边界外移 200 米", date="2026-11-20",
    )
    .include(
        "urban_development_boundary",
        id="corner", area={"coordinates": corner, "crs": "EPSG:4547"},
        author="规划二组", reason="划入东端一块地", date="2026-11-21",
    )
    .widen(
        "ecological_redline",
        id="river", line="大沙河", width_m=400,
        author="生态组", reason="河道两侧各加宽 50 米", date="2026-11-22",
    )
)  # fmt: skip
made

# %% [markdown]
# ## 2 跑一遍:变了什么,破了什么
#
# *Run it: what changes, and which limit breaks.*

# %%
result = zp.run_scenario(made)
result

# %% [markdown]
# ## 3 瀑布:每一步各花多少
#
# 数值是打印出来的十进制数:基础值加各步的贡献,**正好**等于最后的值,一分不差。
#
# *The waterfall: the base's value and every edit's contribution add up to the last value, exactly.*

# %%
import pandas as pd


def waterfall(outcome):
    """Changed indicators, a column an edit."""
    return pd.DataFrame(
        {
            fall.zh: {
                "单位 unit": fall.unit,
                "原 before": fall.before,
                **dict(fall.steps),
                "现 after": fall.after,
            }
            for fall in outcome.falls
            if fall.change
        }
    ).T


waterfall(result)

# %%
all(fall.before + sum(step for _, step in fall.steps) == fall.after for fall in result.falls if fall.change)

# %% [markdown]
# 限值也是数据,带出处;没有与正式文本核对过的写“未核”。破了的说清:超多少、从哪一步起。
#
# *Limits are data with sources. What is broken says by how much and since which edit; what lacks a figure is not called kept.*

# %%
words = {"kept": "满足 kept", "broken": "突破 broken", "not_computed": "未计算 not computed"}
pd.DataFrame(
    [(one.fall.zh, words[one.state], one.over, one.since, one.limit.source) for one in result.limits],
    columns=["指标 indicator", "状态 state", "超出 over", "自 since", "来源 source"],
)

# %% [markdown]
# ## 4 换个先后
#
# `east` 与 `corner` 动的是同一处:先后对调,账就记在不同的人头上。而且 `east` 移的是“当时的”东侧边,`corner` 先划入时那块地的东边也跟着移,
# 合计因此也差一点——这正是清单要有顺序的原因。互不相干的 `river` 放在哪里都一样。
#
# *Reordered: the bill falls to another edit, and since a shift moves the boundary as it is by then, the total differs a little too. What touches nothing else stays the same.*

# %%
swapped = zp.run_scenario(made.reordered(["corner", "east", "river"]))
key = "area.line_urban_development_boundary"
pd.DataFrame(
    {
        name: dict(next(fall.steps for fall in one.falls if fall.key == key))
        | {"合计 change": next(fall.change for fall in one.falls if fall.key == key)}
        for name, one in (("原顺序 as written", result), ("对调后 reordered", swapped))
    }
)

# %% [markdown]
# ## 5 关掉一条,两个情景互比
#
# `without` 关掉一条编辑。两个情景可以**互相**比较,不只与基础比:地块级的差异就是图层。
#
# *Switch an edit off and compare two scenarios with each other.*

# %%
from zoneplan.scenario.changed import changed_ground

alone = zp.run_scenario(made.without("river"))
difference = changed_ground(alone.layers, result.layers)
difference[["name", "side", "area_m2"]].assign(area_ha=(difference["area_m2"] / 1e4).round(4)).drop(
    columns="area_m2"
)

# %% [markdown]
# ## 6 参数扫描
#
# 河道带宽取 350、600 米,各跑一遍:从哪里起碰到农田和开发边界,一目了然。
#
# *A parameter sweep: the width of the river's band.*

# %%
from zoneplan.jobs.scenarios import sweep

swept = sweep(made.without("east", "corner"), edit="river", parameter="width_m", values=[350, 600])
moving = {fall.key for _, one in swept for fall in one.falls if fall.change}
pd.DataFrame(
    [
        {"width_m": value} | {fall.zh: fall.after for fall in one.falls if fall.key in moving}
        for value, one in swept
    ]
)

# %% [markdown]
# ## 7 选址:250 公顷,放得下吗
#
# 一份选址文件写明目标与约束:一公里格网里选,不占红线、不占永久基本农田,扩展倍数不超过 1.3,与现有边界相连。求解器(HiGHS)给出最省的组合,并证明与最优相差多少。
#
# *Siting: the cheapest choice of grid cells that keeps every constraint, proven to within a gap.*

# %%
from pathlib import Path
from tempfile import mkdtemp

folder = Path(mkdtemp(prefix="siting-"))
TASK = """\
schema: zoneplan.siting/1
id: exercise
name: 选址练习(虚构)
base: jiaozuo
figures:
  current_urban_land_ha: {value: 8000, source: 练习用假设值}
target_ha: 250
units: {grid_m: 1000}
takes:
  - {of: ecological_redline, most_ha: 0}
  - {of: permanent_basic_farmland, most_ha: 0}
contiguity: attached
author: 练习
reason: 新增 250 公顷
date: 2026-11-26
"""
document = folder / "siting.yaml"
document.write_text(TASK, encoding="utf-8")
siting = zp.solve_siting(document)
siting

# %% [markdown]
# 选中的单元就是一个情景,和别的情景一样量:
#
# *The choice is a scenario like any other.*

# %%
from zoneplan.jobs.sitingfiles import write_siting

write_siting(siting, folder / "选址", home=folder)
waterfall(zp.run_scenario(folder / "选址" / "scenario.yaml"))

# %% [markdown]
# ## 8 600 公顷:做不到,为什么
#
# 逐条放开约束再算:放开它,最多能有多少?够不够?至少要突破多少?
#
# *A target that cannot be met: each constraint is lifted in turn — how much could be had, is it enough, and by how much must it be broken.*

# %%
document.write_text(TASK.replace("target_ha: 250", "target_ha: 600"), encoding="utf-8")
stopped = zp.solve_siting(document)
stopped

# %% [markdown]
# 命令行(on the command line):`zoneplan scenario S.yaml -o out`、`zoneplan scenario diff A.yaml B.yaml`、`zoneplan scenario sweep …`、`zoneplan siting T.yaml`。
# 除表格外还有对比地图、两页 Word 简报和 QGIS 工程。
