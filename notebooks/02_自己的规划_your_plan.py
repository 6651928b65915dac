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
# # 02 编你自己的规划
#
# 从一个空白 YAML 开始,到一张地图结束:为一座虚构的“望川新区”编写规划文件。不写程序,只写数据;照着做,就能编你自己的城市。
#
# 需要两样东西:
#
# 1. **参考几何**:规划文字里提到的边界、道路、河流、湖泊、车站,每样一个名称;
# 2. **规划文件**:一个 YAML,每个要素写明出处和范围规则。
#
# *Encode a plan of your own: from a blank YAML to a map, for an invented city. You need named reference features and a YAML document; no code.*
#
# > 望川新区纯属虚构,几何是随手画的**示意**。 Everything here is invented and schematic.

# %% [markdown]
# ## 1 参考几何
#
# 规划文字说“望川河以北、迎宾大道以西”,那么文件里就要有名叫“望川河”“迎宾大道”的线。真实项目里它们来自测绘成果或 OpenStreetMap;
# 这里用米画几笔(CGCS2000 3° 带,中央经线 108°,即 EPSG:4545)。
#
# 字段:`name` 名称、`kind` 类别(`road`、`river`、`lake`、`station`……);可选 `aliases` 别名、`accuracy`(`surveyed` 实测、`derived` 推得、`schematic` 示意)、
# `accuracy_m`、`source`、`basis`。精度取最差者向下传:示意的路推出示意的轴。
#
# *Named features with a CRS: here drawn in metres, in a project from a survey or OpenStreetMap. Their accuracy is inherited by all that is derived.*

# %%
from pathlib import Path
from tempfile import mkdtemp

import geopandas as gpd
from shapely import LineString, Point, Polygon

import zoneplan as zp

folder = Path(mkdtemp(prefix="wangchuan-"))  # 换成你自己的文件夹 your own folder


def at(*points):
    """Points in metres from the south-west corner of the city."""
    return [(503_000 + x, 3_390_000 + y) for x, y in points]


# fmt: off
outline = Polygon(at((0, 400), (5200, 0), (11800, 700), (12600, 5200), (11900, 9300), (6100, 9900), (300, 9200), (-400, 4700)))
features = {
    "望川新区": ("area", outline),
    "望川河": ("river", LineString(at((-1500, 5600), (2200, 5200), (5800, 5500), (9000, 4900), (14000, 5300)))),
    "青龙渠": ("river", LineString(at((-1500, 2500), (4000, 2300), (8000, 2700), (14000, 2400)))),
    "迎宾大道": ("road", LineString(at((6200, -1500), (6000, 4000), (6300, 8000), (6100, 11500)))),
    "科创路": ("road", LineString(at((-1500, 7400), (5000, 7600), (14000, 7300)))),
    "镜湖": ("lake", Polygon(at((8600, 5700), (9700, 5600), (10100, 6300), (9300, 6800), (8500, 6400)))),
    "望川东站": ("station", Point(at((9600, 3700))[0])),
}
# fmt: on
reference = gpd.GeoDataFrame(
    {"name": list(features), "kind": [kind for kind, _ in features.values()]},
    geometry=[shape for _, shape in features.values()],
    crs="EPSG:4545",
)
reference["accuracy"], reference["accuracy_m"], reference["source"] = (
    "schematic",
    500.0,
    "随手绘制 drawn by hand",
)
reference.to_file(folder / "wangchuan.gpkg", layer="reference")
reference[["name", "kind", "accuracy"]]

# %% [markdown]
# 画出来看一眼。错的参考几何,后面怎么写都是错的。
#
# *Look at it before going on.*

# %%
import matplotlib.pyplot as plt

plt.rcParams["font.sans-serif"] = ["Noto Sans CJK SC", "Noto Sans CJK JP", "SimHei", "DejaVu Sans"]
colour = {"area": "#dddddd", "river": "#3b82c4", "road": "#b35c00", "lake": "#8ec5ee", "station": "#aa0000"}
figure, axes = plt.subplots(figsize=(7, 5.6))
reference.plot(ax=axes, color=reference["kind"].map(colour))
axes.set_axis_off()

# %% [markdown]
# ## 2 空白的规划文件
#
# 开头只有四行是必需的。`zone` 是参考几何中规划范围的名称。先编译它:没有要素,但已能知道坐标系和面积。
#
# *A blank document: identity, source, and the name of the zone.*

# %%
HEAD = """\
# yaml-language-server: $schema=plan.schema.json
schema: zoneplan.plan/1
id: wangchuan
name: 望川新区
name_en: Wangchuan New Area (invented)
source: {title: 《望川新区总体规划(虚构)》}
zone: 望川新区
reference: wangchuan.gpkg
"""
document = folder / "wangchuan.yaml"


def compiled(*parts):
    """Write the document and compile it."""
    document.write_text(HEAD + "".join(parts), encoding="utf-8")
    return zp.compile_plan(zp.load_plan(document))


blank = compiled()
blank.crs.name, round(blank.zone.area / 1e6, 2)

# %% [markdown]
# ## 3 沿线 `along`:轴与带
#
# 规划说“依托迎宾大道形成城市发展轴”。轴是沿一条线的带,`width_m` 是**总宽**。规划没写宽度时,自己取的读法写在 `interpretation` 里——审查会把它列出来。
#
# 每个要素都要有:`id`(小写字母、数字、下划线)、`name`、`name_en`、`role`、`citation`(章节)、`summary`(用自己的话)、`extent`(范围规则)。
#
# *`along` makes a band of a total width. What the plan leaves open is written down as an interpretation.*

# %%
AXES = """
axes:
  - id: axis_yingbin
    name: 迎宾大道城市发展轴
    name_en: Yingbin Avenue axis
    role: 城市发展
    citation: {chapter: 第二章}
    summary: 依托迎宾大道,南北向。
    extent: {along: 迎宾大道, width_m: 400}
    interpretation: 规划未写宽度,取总宽 400 米示意。
belts:
  - id: belt_river
    name: 望川河生态带
    name_en: Wangchuan River belt
    role: 生态
    citation: {chapter: 第二章}
    summary: 沿望川河与青龙渠。
    extent: {along: [望川河, 青龙渠], width_m: 300}
    interpretation: 规划未写宽度,取总宽 300 米示意。
"""
compiled(AXES)

# %% [markdown]
# ## 4 写错了会怎样
#
# 故意写错三处:名称错一字、键拼错、缺出处。所有错误一次列全,带文件、行号、路径和建议;什么也不会写出一半。
#
# *Every fault at once, with file, line, path and a suggestion.*

# %%
wrong = (
    AXES.replace("along: 迎宾大道", "along: 迎宾大街")
    .replace("width_m: 300", "widht_m: 300")
    .replace("    citation: {chapter: 第二章}\n    summary: 沿", "    summary: 沿")
)
try:
    compiled(wrong)
except zp.InputError as error:
    faults = zp.Findings(error.faults)
faults

# %% [markdown]
# ## 5 四至 `bounded_by` 与余地 `remainder`:组团
#
# “望川河以北、迎宾大道以西”:`south: 望川河, east: 迎宾大道`——即组团的**南**界是河、**东**界是路。没写的一侧就是规划范围自己的边。
# 剩下的归谁,用 `remainder`,这样三个组团必定铺满全域、互不重叠。
#
# *`bounded_by` names the line on each side; `remainder` takes what is left, so that the groups cover the zone exactly.*

# %%
GROUPS = """
groups:
  - id: group_northwest
    name: 科创组团
    name_en: Science group
    role: 科技创新
    citation: {chapter: 第三章, section: 第一节}
    summary: 望川河以北,迎宾大道以西。
    extent: {bounded_by: {south: 望川河, east: 迎宾大道}}
  - id: group_northeast
    name: 镜湖组团
    name_en: Jinghu group
    role: 居住与文旅
    citation: {chapter: 第三章, section: 第二节}
    summary: 望川河以北,迎宾大道以东。
    extent: {bounded_by: {south: 望川河, west: 迎宾大道}}
  - id: group_south
    name: 河南组团
    name_en: South group
    role: 农业与枢纽
    citation: {chapter: 第三章, section: 第三节}
    summary: 其余部分。
    extent: {remainder: zone, after: [group_northwest, group_northeast]}
"""
compiled(AXES, GROUPS)

# %% [markdown]
# ## 6 周边 `around` 与合并 `union`:片区
#
# “望川东站周边一公里”是 `around`;“两湖两岸”这类由几部分组成的是 `union`。规则可以套规则:凡能写名称的地方,都能写另一条规则。
#
# *`around` a station, `union` of parts; rules nest wherever a name may stand.*

# %%
DISTRICTS = """
districts:
  - id: district_station
    form: 片区
    name: 东站枢纽片区
    name_en: Station district
    role: 交通枢纽
    citation: {chapter: 第四章}
    summary: 望川东站周边一公里。
    extent: {around: 望川东站, distance_m: 1000}
  - id: district_lake
    form: 片区
    name: 镜湖文旅片区
    name_en: Lake district
    role: 文旅
    citation: {chapter: 第四章}
    summary: 镜湖及其周边 400 米,连同科创路沿线镜湖组团一侧。
    extent:
      intersection:
        - group_northeast
        - union:
            - {around: 镜湖, distance_m: 400}
            - {along: 科创路, width_m: 300}
"""
compiled(AXES, GROUPS, DISTRICTS)

# %% [markdown]
# ## 7 三区三线
#
# 三类空间用 `remainder` 收尾;三线互斥靠 `from … minus …`。标准键名(`line_` 之后)是 `ecological_redline`、`permanent_basic_farmland`、`urban_development_boundary`,
# 规则库按它们判定;`component` 写明是线的哪一部分(`core` 核心、`other` 一般;`concentrated` 集中、`flexible` 弹性、`special` 特别用途)。
#
# *Spaces and control lines. The standard keys are what the rule book knows.*

# %%
LINES = """
spaces:
  - {id: space_ecological, name: 生态空间, name_en: Ecological space, role: 生态, citation: {chapter: 第五章}, summary: 河湖及两岸。, extent: {union: [belt_river, {around: 镜湖, distance_m: 200}]}}
  - {id: space_urban, name: 城镇空间, name_en: Urban space, role: 城镇, citation: {chapter: 第五章}, summary: 北部两组团与东站片区。, extent: {from: {union: [group_northwest, group_northeast, district_station]}, minus: [space_ecological]}}
  - {id: space_agricultural, name: 农业空间, name_en: Agricultural space, role: 农业, citation: {chapter: 第五章}, summary: 其余。, extent: {remainder: zone, after: [space_ecological, space_urban]}}
control_lines:
  - {id: line_ecological_redline, name: 生态保护红线, name_en: Red line, role: 保护, component: other, citation: {chapter: 第五章}, summary: 镜湖及周边 200 米。, extent: {around: 镜湖, distance_m: 200}}
  - {id: line_permanent_basic_farmland, name: 永久基本农田, name_en: Farmland, role: 耕地保护, citation: {chapter: 第五章}, summary: 青龙渠以南的农业空间。, extent: {bounded_by: {inside: space_agricultural, north: 青龙渠}}}
  - {id: line_urban_development_boundary, name: 城镇开发边界, name_en: Growth boundary, role: 管控, component: concentrated, citation: {chapter: 第五章}, summary: 科创路以南的城镇空间。, extent: {bounded_by: {inside: space_urban, north: 科创路}}}
"""

# %% [markdown]
# ## 8 规划的话,能不能对上
#
# “一轴、三组团、两片区”“三组团覆盖全域”写成 `counts` 和 `partitions`,审查时逐条核对。
#
# *What the plan's words assert is checked by the audit.*

# %%
WORDS = """
counts:
  - {phrase: 一轴, kind: axis, expected: 1, citation: {chapter: 第二章}}
  - {phrase: 三组团, kind: group, expected: 3, citation: {chapter: 第三章}}
  - {phrase: 两片区, kind: district, form: 片区, expected: 2, citation: {chapter: 第四章}}
partitions:
  - {phrase: 三组团, kind: group, citation: {chapter: 第三章}}
  - {phrase: 三类空间, kind: space, citation: {chapter: 第五章}}
"""
layers = compiled(WORDS, AXES, GROUPS, DISTRICTS, LINES)
plan = zp.load_plan(document)
zp.Findings([*zp.audit_plan(plan), *zp.audit_layers(layers, plan)])

# %%
zp.area_table(layers, by="space")[["name", "area_ha", "share_of_zone", "accuracy"]]

# %% [markdown]
# ## 9 地图,和写出的文件
#
# 到此规划已经可用:出图、核查地块、做情景都和内置规划一样。`layers.gpkg` 用 QGIS 打开。
#
# *The plan is usable now: maps, parcel checks and scenarios work as with the built-in one.*

# %%
zp.write_layers(folder / "layers.gpkg", layers)
sorted(path.name for path in folder.iterdir())

# %%
zp.web_map(layers)

# %% [markdown]
# ## 10 换上真实的几何
#
# 有了测绘的道路或河流,不改规划文件,按名称换上,所有要素重新推得,精度随之提高。这里用一条“实测”的望川河示范:
#
# *Put surveyed features in place by name; everything is derived again.*

# %%
river = gpd.GeoDataFrame(
    {
        "name": ["望川河"],
        "accuracy": ["surveyed"],
        "accuracy_m": [1.0],
        "source": ["示范用 for the exercise"],
    },
    geometry=[LineString(at((-1500, 5900), (2200, 5350), (5800, 5450), (9000, 4950), (14000, 5250)))],
    crs="EPSG:4545",
)
river.to_file(folder / "river.gpkg")
better = zp.compile_plan(plan, reference=[folder / "river.gpkg"])
before, after = layers["group"], better["group"]
before[["name", "area_m2"]].assign(
    after_m2=after["area_m2"], change_m2=after["area_m2"] - before["area_m2"]
).round(2)

# %% [markdown]
# ## 编你自己的城市:清单
#
# 1. 规划文字里提到的每一个地名,在参考几何里各有一个同名要素(或别名);
# 2. 抄 `HEAD`,换掉 `id`、`name`、`source`、`zone`、`reference`;
# 3. 从最骨架的要素写起(轴、带、组团),一节一节编译、看图;
# 4. 数目和“全覆盖”的话写成 `counts`、`partitions`,审查到没有错误;
# 5. 规划没写死的读法,写进 `interpretation`。
#
# 全部规则见文档“规划文件”(`docs/plan-document.md`)。官方图层用 `from_layer` 或编译时的 `layers={"permanent_basic_farmland": "文件.gpkg"}` 换上。
#
# *Checklist: a named feature for every place; copy the head; compile section by section; audit until clean; write interpretations down.*
