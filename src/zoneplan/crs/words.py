"""What is said of a CRS that does not fit: found, expected, what to do; Chinese and English."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pyproj import CRS

from zoneplan.crs.kinds import SWAPS, Kind
from zoneplan.crs.zones import Bounds, code, excess_m2_per_km2, horizontal, shown


@dataclass(frozen=True)
class Words:
    """A message; `done` says what a correction does."""

    zh: str
    en: str
    done_zh: str = ""
    done_en: str = ""


def missing(guess: str | None) -> Words:
    zh, en = (
        (f";坐标像是 {guess}(若为 CGCS2000)", f"; the coordinates look like {guess} (if they are CGCS2000)")
        if guess
        else ("", "")
    )
    return Words(
        f"没有坐标系;请补上 .prj、在文件中写明,或用 --assume-crs 说明,例如 CGCS2000 3°带 EPSG:4547{zh}",
        f"there is no CRS; add a .prj, state it in the file or by --assume-crs, e.g. CGCS2000 3-degree EPSG:4547{en}",
    )


def contradiction(stated: CRS, assumed: CRS) -> Words:
    return Words(
        f"文件写明 {shown(stated)},与 --assume-crs {code(assumed)} 不符;确要改按后者解读,请加 --correct",
        f"the file states {shown(stated)}, not {code(assumed)} as --assume-crs says; to read it as the latter add --correct",
    )


def several(datums: Sequence[str]) -> Words:
    return Words(f"同时写明了几种基准:{'、'.join(datums)}", f"several datums are stated: {', '.join(datums)}")


def kind(crs: CRS) -> Words:
    return Words(f"{shown(crs)} 不是平面或地理坐标系", f"{shown(crs)} is neither projected nor geographic")


def web_mercator(crs: CRS, middle: tuple[float, float] | None) -> Words:
    zh, en = "", ""
    if middle is not None:
        cost = excess_m2_per_km2(crs, *middle)
        zh = f";在此处每平方千米多算 {cost:.0f} 平方米"
        en = f"; here plane areas are off by {cost:.0f} m² per km²"
    return Words(
        f"坐标系是 Web 墨卡托({shown(crs)}),面积会严重失真{zh};请先转为 CGCS2000 3°带(如 EPSG:4547)",
        f"the CRS is Web Mercator ({shown(crs)}), in which areas are badly wrong{en}; convert to CGCS2000 3-degree (e.g. EPSG:4547) first",
        f"从 Web 墨卡托重投影{zh}",
        f"reprojected from Web Mercator{en}",
    )


def unit(crs: CRS) -> Words:
    unit = horizontal(crs).axis_info[0].unit_name
    return Words(
        f"坐标系单位是 {unit}({shown(crs)}),应为米",
        f"the CRS is in {unit} ({shown(crs)}); expected metres",
        f"从单位 {unit} 重投影为米",
        f"reprojected from {unit} to metres",
    )


def datum(crs: CRS) -> Words:
    inner = horizontal(crs)
    name = inner.datum.name if inner.datum is not None else ""
    zh, en = (
        (",并带有到 WGS 84 的平移参数", ", with a shift to WGS 84 of its own") if crs.is_bound else ("", "")
    )
    return Words(
        f"坐标系 {shown(crs)} 的基准是 {name or '未知'}{zh};应为 CGCS2000(如 EPSG:4490、EPSG:4547)",
        f"the datum of {shown(crs)} is {name or 'unknown'}{en}; expected CGCS2000 (e.g. EPSG:4490, EPSG:4547)",
    )


def web(datum: str, where: str) -> Words:
    zh, en = ("", "") if where == "--datum" else (";若坐标其实是 CGCS2000,请用 --datum cgcs2000 写明", "; if they are CGCS2000 after all, say --datum cgcs2000")  # fmt: skip
    return Words(
        f"坐标写明为 {datum}({where}),是网络地图的加偏坐标,与实地相差数百米,不能量算或叠加{zh}",
        f"the coordinates are declared {datum} ({where}), shifted for web maps by some hundred metres: no areas, no overlays{en}",
        "已移回 CGCS2000",
        "moved back to CGCS2000",
    )


def baidu_plane(where: str) -> Words:
    return Words(
        f"坐标写明为百度墨卡托({where}),不能还原;请导出为 BD-09 经纬度或 CGCS2000",
        f"the coordinates are declared Baidu Mercator ({where}), which cannot be undone; export BD-09 degrees or CGCS2000",
    )


def legacy(crs: CRS, datum: str, where: str, other: str | None, *, by_crs: bool, fits: bool) -> Words:
    if fits:
        done = f"已从 {datum} 转到 CGCS2000", f"taken from {datum} to CGCS2000"
        return Words(f"坐标系是 {shown(crs)},不是 CGCS2000", f"the CRS is {shown(crs)}, not CGCS2000", *done)
    if not by_crs:
        return Words(
            f"“{where}”写明基准为 {datum},而坐标系是 {shown(crs)};若确为 {datum},请用 --assume-crs 与 --correct 写明其坐标系并给出 --datum-parameters,若已是 CGCS2000,请用 --datum cgcs2000",
            f"'{where}' says {datum}, but the CRS is {shown(crs)}; if it is {datum}, state its CRS by --assume-crs with --correct and give --datum-parameters; if it is CGCS2000, say --datum cgcs2000",
        )
    zh, en = (f"(给出的参数用于 {other})", f" (the parameters given are for {other})") if other else ("", "")
    return Words(
        f"坐标系是 {shown(crs)};转到 CGCS2000 需要当地参数,不能直接套用{zh};请用 --datum-parameters 给出参数,或转换后再给出",
        f"the CRS is {shown(crs)}; going to CGCS2000 needs local parameters{en}; give them by --datum-parameters, or convert it first",
    )


def wild() -> Words:
    return Words("坐标不是有效数值", "coordinates that are no numbers of use")


def unfit(problem: str, crs: CRS, look: Kind, at: tuple[float, float], fits: CRS | None) -> Words:
    """Numbers that are not of the CRS stated."""
    here = code(crs)
    metres, degs = f"({at[0]:.3f}, {at[1]:.3f})", f"({at[0]:.5f}, {at[1]:.5f})"
    becomes = code(fits) if fits is not None else ""
    done = f"改按 {becomes} 解读", f"read as {becomes}"
    order = (";且纵横坐标颠倒", "; and east and north are swapped") if look in SWAPS else ("", "")
    if problem == "crs.swapped" and look == Kind.DEGREES_SWAPPED:
        return Words(
            f"经纬度似乎颠倒:{degs};应为(经度, 纬度)",
            f"longitude and latitude look swapped: {degs}; expected (lon, lat)",
            "已对调经纬度", "longitude and latitude exchanged",
        )  # fmt: skip
    if problem == "crs.swapped":
        return Words(
            f"X、Y 似乎颠倒:{metres};{here} 应为(东坐标, 北坐标)",
            f"X and Y look swapped: {metres}; {here} expects (east, north)",
            "已对调 X、Y", "X and Y exchanged",
        )  # fmt: skip
    if problem == "crs.degrees":
        return Words(
            f"坐标系 {here} 以米为单位,坐标却像度:{degs}{order[0]};请写明 {becomes}",
            f"{here} is in metres but the coordinates look like degrees: {degs}{order[1]}; state {becomes}",
            *done,
        )
    if problem == "crs.metres":
        state = becomes or "EPSG:4547"
        guess = (f"投影坐标系,如 {state}", f"the projected CRS, e.g. {state}")
        return Words(
            f"坐标系 {here} 以度为单位,坐标却像米:{metres}{order[0]};请写明{guess[0]}",
            f"{here} is in degrees but the coordinates look like metres: {metres}{order[1]}; state {guess[1]}",
            *done,
        )
    if problem == "crs.feet":
        return Words(
            f"坐标系 {here} 以米为单位,坐标却像英尺:{metres};国际英尺与美制英尺无法区分,请写明以英尺为单位的坐标系",
            f"{here} is in metres but the coordinates look like feet: {metres}; international and US survey feet cannot be told apart: state the CRS in feet",
        )
    if problem in ("crs.prefix", "crs.label"):
        return _prefix(here, at[1] if look in SWAPS else at[0], becomes, order, label=problem == "crs.label")
    return Words(
        f"坐标 {metres} 不像 {here} 的坐标(也不像度、带号、颠倒或英尺);请核对",
        f"coordinates {metres} are not those of {here} (nor degrees, prefixed, swapped or feet): check them",
    )


def _prefix(here: str, east: float, fits: str, order: tuple[str, str], *, label: bool) -> Words:
    number = int(east // 1e6)
    zh, en = (f"带有带号 {number}", f"the zone prefix {number}") if number else ("不带带号", "no zone prefix")
    more = (",带号也不同", ", nor does the zone") if label else ("", "")
    return Words(
        f"东坐标{zh}({east:.3f}),与坐标系 {here} 不符{more[0]}{order[0]};是否应为 {fits}?",
        f"eastings have {en} ({east:.3f}), which does not fit {here}{more[1]}{order[1]}; is it {fits}?",
        f"改按 {fits} 解读{order[0]}",
        f"read as {fits}{order[1]}",
    )


def outside(crs: CRS, box: Bounds, at: tuple[float, float]) -> Words:
    where = f"{box[0]:.3f}–{box[2]:.3f} E, {box[1]:.3f}–{box[3]:.3f} N"
    return Words(
        f"按坐标系 {code(crs)},坐标 ({at[0]:.3f}, {at[1]:.3f}) 不在中国范围内({where});请核对坐标系与坐标",
        f"in {code(crs)} the coordinates ({at[0]:.3f}, {at[1]:.3f}) do not lie in China ({where}): check CRS and coordinates",
    )


def label(crs: CRS, found: Sequence[CRS], far: float, box: Bounds) -> Words:
    codes = [code(one) for one in found]
    one = len(codes) == 1
    return Words(
        f"按其坐标系 {code(crs)}(东经 {box[0]:.3f}°–{box[2]:.3f}°),与本次的其他图层相距 {far / 1000:.0f} 公里;"
        f"若按 {' 或 '.join(codes)} 解读则相符,两者中有一个 3°带写错了",
        f"in its CRS {code(crs)} ({box[0]:.3f}–{box[2]:.3f} E) it lies {far / 1000:.0f} km from the other layers of this call; "
        f"read as {' or '.join(codes)} it would fit: one of the 3-degree zones stated is wrong",
        f"改按 {codes[0]} 解读" if one else "",
        f"read as {codes[0]}" if one else "",
    )


def zone(crs: CRS, meridian: float, box: Bounds, fits: CRS) -> Words:
    middle = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    cost = excess_m2_per_km2(crs, *middle)
    return Words(
        f"数据位于东经 {box[0]:.3f}°–{box[2]:.3f}°,不在 {code(crs)} 的带内(中央经线 {meridian:g}°);合适的 3°带是 {code(fits)};"
        f"在此带量算,每平方千米的投影面积偏差 {cost:.0f} 平方米",
        f"the data lie at {box[0]:.3f}–{box[2]:.3f} E, outside the zone of {code(crs)} (central meridian {meridian:g}); the zone that fits is {code(fits)}; "
        f"measured in this one, plane areas are off by {cost:.0f} m² per km²",
        f"重投影到 {code(fits)}",
        f"reprojected to {code(fits)}",
    )


def beyond(box: Bounds, area: Bounds, file: str) -> Words:
    found, valid = (", ".join(f"{value:.4f}" for value in one) for one in (box, area))
    return Words(
        f"数据范围({found})超出参数 {file} 的适用范围({valid})",
        f"the data ({found}) reach beyond the area of the parameters {file} ({valid})",
    )
