"""The grammar of the officers' coordinate TXT (勘测定界/报部坐标): lines → sections, plots and points.

Liberal in what it reads: GBK or UTF-8, any line ends, full-width punctuation, headers of four to thirteen fields,
points with the ring second or fifth, bare ``x,y`` lines. What it concludes and what it cannot read are findings
with line numbers; a plot with a fault stays in the list.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from zoneplan.errors import InputError, fault
from zoneplan.finding import Finding

ATTRIBUTES = "属性描述"
PLOTS = "地块坐标"
HEADER = ("JZDS", "DKMJ", "DKBH", "DKMC", "JLTXSX", "TFH", "DKYT", "DLBM")
"""Fields of a plot: declared points, hectares, number, name, kind of figure, map sheet, use, land-use code."""
EXTRA = ("TBLX", "DL", "DBQ", "DBH", "BZ")
"""Further fields of 补充耕地 files: patch kind, land class, grade before and after, remark."""
_FIGURES = ("面", "线", "点")
_NUMBERED = ("DKBH", "DKMC", "JLTXSX", "TFH")  # headers of four fields: with a number,
_COUNTED = ("JZDS", "DKMC", "JLTXSX", "DKYT")  # or with the count of points
_WIDE = str.maketrans(
    "，＝［］【】〔〕＠：．－０１２３４５６７８９Ｊｊ\u3000", "," + "=" + "[][][]" + "@:.-0123456789Jj "
)
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\Z")
_RING = re.compile(r"\d{1,4}\Z")
_SECTION = re.compile(r"\[(.+)\]\Z")
_PAIR = re.compile(r"([^,=:]+)[=:](.*)")
_BARE_PAIR = re.compile(r"([^\d,=:][^,=:]*)=(.*)")
_COMMAS = 4
"""Of the shortest header."""
_SHOWN = 10


@dataclass(frozen=True)
class Point:
    """A boundary point as written: line number, id, ring, and the two numbers in their order."""

    line: int
    id: str
    ring: str
    first: float
    second: float


@dataclass
class Plot:
    """A plot: the line of its header (of its first point if it has none), header fields by name, points."""

    line: int
    fields: dict[str, str] = field(default_factory=dict)
    points: list[Point] = field(default_factory=list)
    broken: bool = False
    short: bool = False

    @property
    def name(self) -> str:
        """How messages call it."""
        number, name = self.fields.get("DKBH", ""), self.fields.get("DKMC", "")
        return " ".join(word for word in (number, name) if word) or "(无名)"


@dataclass
class PlotFile:
    """What a file says: encoding, sections of ``key=value`` in order, plots, findings."""

    encoding: str
    sections: dict[str, dict[str, str]] = field(default_factory=dict)
    plots: list[Plot] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def parse(raw: bytes, *, place: str, encoding: str | None = None) -> PlotFile:
    """Read the bytes of a coordinate file.

    Parameters
    ----------
    raw : bytes
    place : str
        How messages name the file.
    encoding : str, optional
        Default what the bytes are: a byte order mark, else strict UTF-8, else GB18030.

    Raises
    ------
    InputError
        Text in no known encoding, binary content.
    """
    text, found = decoded(raw, place=place, encoding=encoding)
    file = PlotFile(found)
    section = ""
    wide: list[int] = []
    for number, line in enumerate(re.split(r"\r\n|\n|\r", text), start=1):
        section, taken = _take_line(file, number, line.strip(), section, place)
        if taken != line.strip():
            wide.append(number)
    file.findings = _few_points(file.findings, place)
    if wide:
        file.findings.insert(0, _wide(place, wide))
    _settle_short_headers(file.plots)
    return file


def _take_line(file: PlotFile, number: int, line: str, section: str, place: str) -> tuple[str, str]:
    """Take a line in; the section that the next one is in, and the line as it was understood."""
    plain = line.translate(_WIDE).strip()
    if not plain:
        return _after_blank(file, section), plain
    if match := _SECTION.match(plain):
        section = match.group(1).strip()
        if section != PLOTS:
            file.sections.setdefault(section, {})
        return section, plain
    if section != PLOTS and not plain.endswith("@") and (pair := _pair(section, plain)):
        key, value = (
            pair.group(1),
            line[len(line) - len(pair.group(2)) :],
        )  # signs of a value stay as they are
        file.sections.setdefault(section or ATTRIBUTES, {})[key.strip()] = value.strip()
        return section or ATTRIBUTES, plain[: len(plain) - len(value)] + value
    if section == PLOTS and _lacks_mark(plain):
        zh, en = f"第 {number} 行:地块标题末尾没有 @,仍按标题读取", f"line {number}: a plot header without @ at its end, read as one"  # fmt: skip
        file.findings.append(Finding("txt.header", "warning", zh, en, place))
        file.plots.append(_header(number, f"{plain.removesuffix(',')},@", file.findings, place))
        return PLOTS, plain
    if "@" in plain:
        if line.count(",") >= _COMMAS and line.endswith("@"):
            plain = line  # full-width signs are then part of the name
        file.plots.append(_header(number, plain, file.findings, place))
        return PLOTS, plain
    _take_point(file, number, plain, place)
    return section, plain


def _lacks_mark(plain: str) -> bool:
    """Whether a line is a plot's header without its ``@``: no point says what kind of figure follows."""
    words = [word.strip() for word in plain.split(",")]
    return "@" not in plain and len(words) >= _COMMAS and any(figure in words for figure in _FIGURES)


def _pair(section: str, plain: str) -> re.Match[str] | None:
    """``key=value`` of a section; before any section only a line that cannot be a point."""
    return (_PAIR if section else _BARE_PAIR).match(plain)


def decoded(raw: bytes, *, place: str, encoding: str | None = None) -> tuple[str, str]:
    """Text of bytes, and the encoding that they are in."""
    if b"\x00" in raw[:4096] and not raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InputError(
            fault("txt.binary", place, "内容是二进制,不是文本", "the content is binary, not text")
        )
    marks = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
    marked = next((name for mark, name in marks if raw.startswith(mark)), None)
    for name in [encoding] if encoding else [marked] if marked else ["utf-8", "gb18030"]:
        try:
            return raw.decode(name), {"utf-8-sig": "UTF-8"}.get(name, name.upper())
        except UnicodeDecodeError as error:
            at = error.start
        except LookupError as error:
            zh, en = f"没有编码“{name}”;如 UTF-8、GBK", f"there is no encoding '{name}'; e.g. UTF-8, GBK"
            raise InputError(fault("txt.encoding", place, zh, en)) from error
    line = raw[:at].count(b"\n") + 1
    zh = f"第 {line} 行起不是{f' {encoding}' if encoding else ' UTF-8,也不是 GBK/GB18030'};请用 --encoding 指明或另存"
    en = f"from line {line} on it is not {encoding or 'UTF-8, nor GBK/GB18030'}; name it with --encoding or save it again"
    raise InputError(fault("txt.encoding", place, zh, en))


def _after_blank(file: PlotFile, section: str) -> str:
    """A blank line ends a plot that has no header."""
    if file.plots and not file.plots[-1].fields and file.plots[-1].points:
        file.plots.append(Plot(0))
    return section


def _header(number: int, plain: str, findings: list[Finding], place: str) -> Plot:
    """A plot's header line: which of the known forms it is."""
    words = [word.strip() for word in plain[: plain.rindex("@")].rstrip().removesuffix(",").split(",")]
    if len(words) == 4 and words[2] in _FIGURES:  # 点数,名称,面,用途 or 编号,名称,面,图幅号
        return Plot(number, dict(zip(_NUMBERED, words, strict=True)), short=True)
    at = next((k for k in range(4, len(words)) if words[k] in _FIGURES), 4)
    if at > 4:  # a name with commas in it
        words = [*words[:3], ",".join(words[3:at]), *words[at:]]
        zh, en = (
            f"第 {number} 行:地块名称中有逗号,已按“{words[3]}”读取",
            f"line {number}: the plot's name has commas; read as '{words[3]}'",
        )
        findings.append(Finding("txt.comma", "warning", zh, en, place))
    fields = dict(zip((*HEADER, *EXTRA), words, strict=False))
    if len(words) > len(HEADER) + len(EXTRA) or len(words) < 4:
        zh = f"第 {number} 行:地块标题有 {len(words)} 个字段,应为 8 个(或 4、12、13 个)加 @"
        findings.append(Finding("txt.header", "warning", zh, f"line {number}: a plot header of {len(words)} fields, expected 8 (or 4, 12, 13) and @", place))  # fmt: skip
    return Plot(number, fields)


def _settle_short_headers(plots: Sequence[Plot]) -> None:
    """Headers of four fields start with a number or, where it fits every plot of the file, with the count of points."""
    short = [plot for plot in plots if plot.short]
    if not all(plot.fields["DKBH"] in counts(plot) for plot in short):
        return
    for plot in short:
        plot.fields = dict(zip(_COUNTED, plot.fields.values(), strict=True))


def counts(plot: Plot) -> set[str]:
    """What a header may say of the number of points: the lines, one less, or without every closing one."""
    closing = sum(1 for ring in rings(plot.points) if is_closed(ring))
    return {str(len(plot.points) - less) for less in (0, 1, closing)}


def is_closed(ring: Sequence[Point]) -> bool:
    """Whether a ring returns to its first point."""
    return len(ring) > 3 and same_place(ring[0], ring[-1])


def same_place(one: Point, other: Point) -> bool:
    """Whether two points have the same coordinates."""
    return (one.first, one.second) == (other.first, other.second)


def _take_point(file: PlotFile, number: int, plain: str, place: str) -> None:
    """A line that must be a boundary point."""
    words = [word.strip() for word in (plain.split(",") if "," in plain else plain.split())]
    words = words[:-1] if words and not words[-1] and len(words) > 2 else words
    if not file.plots:
        file.plots.append(Plot(number))
    plot = file.plots[-1]
    plot.line = plot.line or number
    point = _point(number, words)
    if point is None:
        plot.broken = True
        shown = plain[:60]
        zh = f"第 {number} 行“{shown}”不是界址点;应为 点号,圈号,X,Y,X、Y 为数字;该地块 {plot.name} 未取得图形"
        en = f"line {number} '{shown}' is no boundary point; expected id,ring,X,Y with numbers; plot {plot.name} has no geometry"
        file.findings.append(Finding("txt.point", "error", zh, en, place, feature=(plot.name,)))
    else:
        plot.points.append(point)


def _few_points(findings: list[Finding], place: str) -> list[Finding]:
    """Findings with those of lines that are no points cut to a few."""
    lines = [found for found in findings if found.code == "txt.point"]
    if len(lines) <= _SHOWN:
        return findings
    more = lines[_SHOWN:]
    names = tuple(dict.fromkeys(name for found in more for name in found.feature))
    zh, en = (
        f"另有 {len(more)} 行不是界址点,涉及 {len(names)} 个地块,均未取得图形",
        f"{len(more)} more lines are no boundary points; the {len(names)} plots that they are in have no geometry",
    )
    kept = [found for found in findings if found.code != "txt.point"]
    return [*kept, *lines[:_SHOWN], Finding("txt.point", "error", zh, en, place, feature=names)]


def _point(number: int, words: Sequence[str]) -> Point | None:
    """``id,ring,X,Y…``, ``id,X,Y,length,ring``, ``id,X,Y`` or ``X,Y``."""
    if len(words) >= 4 and _RING.match(words[1]) and _numbers(words[2:4]):
        return Point(number, words[0], words[1], float(words[2]), float(words[3]))
    if len(words) >= 3 and _numbers(words[1:3]):
        ring = words[4] if len(words) > 4 and _RING.match(words[4]) else "1"
        return Point(number, words[0], ring, float(words[1]), float(words[2]))
    if len(words) == 2 and _numbers(words):
        return Point(number, "", "1", float(words[0]), float(words[1]))
    return None


def _numbers(words: Sequence[str]) -> bool:
    return all(_NUMBER.match(word) for word in words)


def _wide(place: str, lines: Sequence[int]) -> Finding:
    shown = "、".join(map(str, lines[:_SHOWN])) + (" …" if len(lines) > _SHOWN else "")
    return Finding(
        "txt.full_width", "warning",
        f"{len(lines)} 行有全角标点或数字,已按半角读取(第 {shown} 行)",
        f"{len(lines)} lines have full-width punctuation or digits, read as half-width (lines {shown})", place,
    )  # fmt: skip


def rings(points: Sequence[Point]) -> Iterator[list[Point]]:
    """Points as rings: one ends where it closes, where the ring number changes, or where the ids begin again."""
    current: list[Point] = []
    for number, point in enumerate(points):
        if current and (point.ring != current[-1].ring or _begins_again(current, points, number)):
            yield current
            current = []
        current.append(point)
        if is_closed(current):
            yield current
            current = []
    if current:
        yield current


def _begins_again(current: Sequence[Point], points: Sequence[Point], number: int) -> bool:
    """Whether a point has the first id of the ring so far, elsewhere, and the next one the second id."""
    point = points[number]
    return (
        len(current) > 2
        and point.id != ""
        and point.id == current[0].id
        and not same_place(point, current[0])
        and number + 1 < len(points)
        and points[number + 1].id == current[1].id
    )
