"""Area tables as Excel and CSV: finished columns in, nothing computed here."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd
import xlsxwriter
from pyproj import CRS

from zoneplan.finding import Finding
from zoneplan.landuse.sheetfill import Filled
from zoneplan.layers import LayerSet
from zoneplan.render.paper import LINE_PT, for_paper, style_of_code
from zoneplan.render.plainsheet import PlainSheet
from zoneplan.render.style import Style, read_style
from zoneplan.render.template_paper import write_filled
from zoneplan.terminal import width
from zoneplan.textrows import inert

CREATED = datetime(2000, 1, 1)  # a fixed date: two runs give the same bytes
SCHEMATIC = "示意 Schematic:依据示意性图形,不作为审批依据 made from schematic geometry, not for approval"

HEADERS: Mapping[str, tuple[str, int, str]] = {
    # column: header, width, number format
    "id": ("编号 Id", 30, ""),
    "name": ("名称 Name", 38, ""),
    "name_en": ("英文名称 English name", 58, ""),
    "kind": ("类别 Kind", 18, ""),
    "accuracy": ("精度 Accuracy", 14, ""),
    "row_id": ("行编号 Row id", 32, ""),
    "row_name": ("行 Row", 38, ""),
    "row_parent": ("上级行 Part of row", 24, ""),
    "level": ("层级 Level", 12, "0"),
    "column_id": ("列编号 Column id", 24, ""),
    "column_name": ("列 Column", 38, ""),
    "area_m2": ("面积 Area (m²)", 20, "#,##0.00"),
    "area_ha": ("面积 Area (公顷 ha)", 20, "#,##0.0000"),
    "area_km2": ("面积 Area (km²)", 18, "#,##0.000000"),
    "area_mu": ("面积 Area (亩 mu)", 20, "#,##0.0000"),
    "area_wan_mu": ("面积 Area (万亩 10 000 mu)", 24, "#,##0.000000"),
    "share": ("占比 Share of column", 20, "0.0000%"),
    "share_of_zone": ("占全域比例 Share of zone", 24, "0.0000%"),
    "moved_m2": ("凑整调整 Moved by rounding (m²)", 30, "0.00"),
    "group": ("控制分组 Group", 20, ""),
    "before_m2": ("平差前 Before balancing (m²)", 26, "#,##0.00"),
    "change_m2": ("平差调整 Changed by balancing (m²)", 32, "0.00"),
    "patches": ("图斑数 Patches", 14, "0"),
    "control_m2": ("控制面积 Control area (m²)", 26, "#,##0.00"),
    "residual_m2": ("闭合差 Residual (m²)", 22, "0.00"),
    "largest_m2": ("最大调整 Largest change (m²)", 26, "0.00"),
    "kcxs": ("扣除系数 KCXS", 16, "0.0000"),
    "kcmj_m2": ("扣除面积 KCMJ (m²)", 20, "#,##0.00"),
    "net_m2": ("净面积 TBDLMJ (m²)", 20, "#,##0.00"),
    "registered_m2": ("登记面积 Registered (m²)", 24, "#,##0.00"),
    "planar_m2": ("投影面积 Plane area (m²)", 24, "#,##0.00"),
    "ellipsoidal_m2": ("椭球面积 On the ellipsoid (m²)", 26, "#,##0.00"),
    "difference_m2": ("差值 Difference (m²)", 22, "#,##0.00"),
    "difference_share": ("相差比例 Difference share", 22, "0.0000%"),
    "matches": ("相符的口径 Matches", 20, ""),
    "alert": ("超限 Alert", 12, ""),
    "ground": ("归属 Ground", 40, ""),
    "layers": ("图层数 Layers", 12, "0"),
    "adjusted_m2": ("闭合调整 Closed by (m²)", 22, "0.0000"),
    "share_of_row": ("占本行比例 Share of row", 24, "0.0000%"),
    "code": ("地类 Code", 12, ""),
    "slope_class": ("坡度级 Slope class", 18, ""),
    "slope_min": ("最小坡度 Least slope (°)", 22, "0.00"),
    "slope_mean": ("平均坡度 Mean slope (°)", 22, "0.00"),
    "slope_p50": ("坡度中位数 Median slope (°)", 24, "0.00"),
    "slope_p90": ("坡度九成位 90th percentile (°)", 26, "0.00"),
    "slope_max": ("最大坡度 Greatest slope (°)", 24, "0.00"),
    "slope_no_data": ("坡度无数据 No slope (share)", 24, "0.0000%"),
    "elevation_min": ("最低高程 Lowest (m)", 20, "0.00"),
    "elevation_mean": ("平均高程 Mean height (m)", 22, "0.00"),
    "elevation_p50": ("高程中位数 Median height (m)", 24, "0.00"),
    "elevation_p90": ("高程九成位 90th percentile (m)", 26, "0.00"),
    "elevation_max": ("最高高程 Highest (m)", 20, "0.00"),
    "elevation_no_data": ("高程无数据 No height (share)", 24, "0.0000%"),
    "relief_max": ("最大起伏度 Greatest relief (m)", 24, "0.00"),
    "relief_no_data": ("起伏度无数据 No relief (share)", 24, "0.0000%"),
    "steep_m2": ("过陡面积 Too steep (m²)", 22, "#,##0.00"),
    "steep_share": ("过陡比例 Too steep (share)", 22, "0.0000%"),
    "no_data_share": ("无数据比例 No data (share)", 22, "0.0000%"),
    "slope_class_no_data_m2": ("无坡度数据 No slope (m²)", 22, "#,##0.00"),
    "slope_class_1_m2": ("1级 ≤2° (m²)", 20, "#,##0.00"),
    "slope_class_2_m2": ("2级 2°–6° (m²)", 20, "#,##0.00"),
    "slope_class_3_m2": ("3级 6°–15° (m²)", 20, "#,##0.00"),
    "slope_class_4_m2": ("4级 15°–25° (m²)", 20, "#,##0.00"),
    "slope_class_5_m2": ("5级 >25° (m²)", 20, "#,##0.00"),
    "slope_state": ("结论编码 State", 14, ""),
    "slope_words": ("结论 Conclusion", 30, ""),
    "source": ("来源 Source", 46, ""),
    "unit": ("单位 Unit", 10, ""),
    "note": ("备注 Note", 36, ""),
    "given": ("是否给出 Given", 18, ""),
    "condition": ("条件 Condition", 34, ""),
    "outcome": ("结果 Outcome", 18, ""),
    "applied": ("是否适用 Applied", 30, ""),
    "confidence": ("可信程度 Confidence", 18, ""),
    "verified": ("已核 Verified", 14, ""),
}
SHEETS: Mapping[str, str] = {
    "element": "要素 Elements",
    "space_by_group": "空间×组团 Space×group",
    "control_line_by_group": "控制线×组团 Line×group",
    "landuse": "现状用地 Land use",
    "landuse_three_classes": "现状三大类 Three classes",
    "landuse_by_group": "用地×组团 Use×group",
    "landuse_by_space": "用地×空间 Use×space",
    "landuse_by_control_line": "用地×控制线 Use×line",
    "planned": "规划用地 Planned use",
    "planned_three_classes": "规划三大类 Planned classes",
    "transition": "用地转移 Transition",
    "patches": "图斑面积 Patches",
    "control": "平差 Balancing",
    "registered": "登记面积 Registered",
    "ledger": "面积台账 Ledger",
    "terrain": "地形统计 Terrain",
    "slope_class": "坡度级 Slope class",
    "urban_slope_class": "城镇坡度 Urban slope",
    "aspect_class": "坡向 Aspect",
    "landcover": "土地覆盖 Land cover",
    "parcels": "地块地形 Parcels",
    "farmland": "陡坡耕地 Steep farmland",
    "candidates": "补划核查 Candidates",
    "ecology": "生态重要性 Ecology",
    "agriculture": "农业适宜性 Farming",
    "urban": "城镇适宜性 Urban",
    "factors": "因子 Factors",
    "rules": "规则 Rules",
}

_LANDUSE = ("landuse", "planned", "transition")  # tables whose ids are codes
_CODES = ("row_id", "column_id")


@dataclass(frozen=True)
class Subject:
    """What tables are about: name, CRS, the accuracies of what they were made from, whether any is schematic, and a
    label of invented data."""

    name: str
    crs: CRS
    accuracy: tuple[str, ...] = ()
    schematic: bool = False
    label: str = ""

    @property
    def notice(self) -> str:
        """What stands on every sheet; empty if there is nothing to warn of."""
        return "  ".join(filter(None, (SCHEMATIC if self.schematic else "", self.label)))


def subject_of(layers: LayerSet) -> Subject:
    """Tables about a plan's layers."""
    kinds = sorted({str(value) for frame in layers.frames.values() for value in frame["accuracy"]})
    return Subject(f"{layers.name} {layers.name_en}".strip(), layers.crs, tuple(kinds), layers.schematic)


def write_areas_xlsx(
    path: Path,
    subject: Subject,
    tables: Mapping[str, pd.DataFrame],
    *,
    sheets: Sequence[Filled] = (),
    findings: Sequence[Finding] = (),
    style: Style | None = None,
) -> None:
    """Write area tables as a workbook: a sheet 说明 first, then one sheet per table; a cross table
    also as a matrix in hectares.

    Parameters
    ----------
    path : Path
        Written in place; the same tables give the same bytes.
    subject : Subject
        Schematic ones put a notice on every sheet.
    tables : mapping of str to DataFrame
        As of `zoneplan.areas.tables.all_tables`. Text is written as text: no cell becomes a formula or a link.
    sheets : sequence of Filled
        Sheets of a template, put before the tables.
    findings : sequence of Finding
        What the sheet 说明 lists besides the findings of the tables.
    style : Style, optional
        Colours of land-use codes; default the built-in ones.
    """
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        book.set_properties({"title": f"{subject.name} 面积表", "created": CREATED})
        formats = _formats(book)
        said = [one for table in tables.values() for one in table.attrs.get("findings", ())]
        _write_about(book, subject, [*findings, *said], formats)
        notice = subject.notice
        for filled in sheets:
            write_filled(book, filled, notice=notice)
        for name, table in tables.items():
            title = SHEETS.get(name, name)
            formats["codes"] = _codes(book, table, style or read_style()) if name.startswith(_LANDUSE) else {}
            if "column_id" in table and table["column_id"].nunique() > 1:
                _write_table(book, _free(f"{title} ha", book), _matrix(table), formats, notice=notice)
            _write_table(book, _free(title, book), table, formats, notice=notice)


def write_areas_csv(path: Path, tables: Mapping[str, pd.DataFrame]) -> None:
    """Write area tables as one long CSV (UTF-8 with BOM, CRLF), the first column naming the table.

    A column that a table does not have is empty. Text that a spreadsheet would take for a formula
    gets a leading apostrophe.
    """
    columns = list(dict.fromkeys(name for table in tables.values() for name in table.columns))
    lines = pd.concat(
        [table.astype(object).assign(table=name) for name, table in _plain(tables).items()], ignore_index=True
    ).reindex(columns=["table", *columns])
    text = lines.map(_cell).to_csv(index=False, lineterminator="\r\n")
    path.write_bytes(text.encode("utf-8-sig"))


def _free(title: str, book: Any) -> str:
    """A sheet name that no sheet has yet, not longer than Excel allows."""
    taken = {sheet.get_name().casefold() for sheet in book.worksheets()}
    name, number = title[:31], 2
    while name.casefold() in taken:
        name, number = f"{title[:28]} {number}", number + 1
    return name


def _matrix(table: pd.DataFrame) -> pd.DataFrame:
    """A cross table as a matrix of printed hectares, in the order of its rows and columns."""
    rows = table.drop_duplicates("row_id").set_index("row_id")["row_name"]
    columns = table.drop_duplicates("column_id").set_index("column_id")["column_name"]
    wide = table.pivot(index="row_id", columns="column_id", values="area_ha").reindex(
        index=rows.index, columns=columns.index
    )
    wide.columns = pd.Index(columns)
    wide.insert(0, "row_name", rows, allow_duplicates=True)
    return wide.reset_index(drop=True)


def _plain(tables: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Copies without ``attrs``, which pandas compares when it joins tables."""
    return {name: pd.DataFrame(dict(table.items())) for name, table in tables.items()}


def _cell(value: Any) -> str:
    if isinstance(value, str):
        return inert(value)
    return "" if value is None or math.isnan(value) else f"{value:.6f}".rstrip("0").rstrip(".")


def _formats(book: Any) -> dict[str, Any]:
    made = {code: book.add_format({"num_format": code}) for _, _, code in HEADERS.values() if code}
    made[""] = book.add_format({"num_format": "@"})
    made["head"] = book.add_format(
        {"bold": True, "bottom": 1, "bg_color": "#E7EDF3", "text_wrap": True, "valign": "top"}
    )
    made["notice"] = book.add_format({"bold": True, "font_color": "#B00020"})
    made["wrap"] = book.add_format({"text_wrap": True, "valign": "top"})
    return made


def _codes(book: Any, table: pd.DataFrame, style: Style) -> dict[str, Any]:
    """Formats of the land-use codes in a table's columns of ids."""
    codes = dict.fromkeys(str(code) for name in _CODES if name in table for code in table[name])
    return {code: book.add_format(look) for code in codes if (look := style_of_code(style, code))}


def _write_about(book: Any, subject: Subject, said: Sequence[Finding], formats: Mapping[str, Any]) -> None:
    sheet = book.add_worksheet("说明 About", PlainSheet)
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, 100)
    lines = [
        ("对象 Subject", subject.name),
        ("坐标系 CRS", f"{subject.crs.name} (EPSG:{subject.crs.to_epsg()})"),
        ("椭球 Ellipsoid", "CGCS2000, a = 6378137 m, 1/f = 298.257222101"),
        ("方法 Method", "椭球面积(国土调查办发〔2008〕32号公式,边长大于70米等分) ellipsoidal area, edges split at 70 m"),
        ("单位 Units", "m²;公顷 ha = 10 000 m²;km² = 1 000 000 m²;亩 mu = 10 000/15 m²"),
        ("凑整 Rounding", "分项按最大余数法凑整,分项之和等于合计 parts rounded by largest remainder, they add up to the total"),
        ("精度 Accuracy", ", ".join(subject.accuracy)),
    ]  # fmt: skip
    lines += [("核对 Check", f"{finding.zh} {finding.en}") for finding in dict.fromkeys(said)]
    if subject.notice:
        sheet.write_string(0, 0, subject.notice, formats["notice"])
    for row, (label, text) in enumerate(lines, start=1):
        sheet.set_row(row, LINE_PT * max(1, math.ceil(width(text) / 95)))
        sheet.write_string(row, 0, label, formats["head"])
        sheet.write_string(row, 1, text, formats["wrap"])
    for_paper(sheet, header=0)


def _write_table(
    book: Any, title: str, table: pd.DataFrame, formats: Mapping[str, Any], *, notice: str
) -> None:
    sheet = book.add_worksheet(title, PlainSheet)
    top = 1 if notice else 0
    if notice:
        sheet.write_string(0, 0, notice, formats["notice"])
    for column, (name, values) in enumerate(table.items()):
        header, width, code = HEADERS.get(str(name), (str(name), 36, ""))
        sheet.set_column(column, column, width)
        sheet.write_string(top, column, header, formats["head"])
        for row, value in enumerate(values, start=top + 1):
            if isinstance(value, str):
                look = formats["codes"].get(value) if name in _CODES else None
                sheet.write_string(row, column, value, look or formats[""])
            elif value is not None and not math.isnan(value):
                sheet.write_number(row, column, float(value), formats[code or "#,##0.0000"])
    sheet.freeze_panes(top + 1, 2)
    for_paper(sheet, header=top)
