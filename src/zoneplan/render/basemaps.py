"""What a map can lie on, if its reader turns it on: 天地图 with the user's key, a tile service of the office, a raster file.

Nothing is asked for until then, and the page may ask only the hosts given here. Web Mercator tiles only.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from zoneplan.errors import InputError, fault
from zoneplan.finding import Finding
from zoneplan.layers import LayerSet

Datum = Literal["wgs84", "gcj02"]
POLICY = "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:{hosts}; font-src data:"
TIANDITU = "https://t{{0-7}}.tianditu.gov.cn/{layer}_w/wmts?SERVICE=WMTS&REQUEST=GetTile&VERSION=1.0.0&LAYER={layer}&STYLE=default&TILEMATRIXSET=w&FORMAT=tiles&TILEMATRIX={{z}}&TILEROW={{y}}&TILECOL={{x}}&tk={key}"
_TIANDITU_MAPS = ((("天地图 矢量", "Tianditu map"), ("vec", "cva")), (("天地图 影像", "Tianditu imagery"), ("img", "cia")))  # fmt: skip
_KEY = re.compile(r"[0-9A-Za-z]{8,64}")
_HOST = re.compile(r"[0-9A-Za-z](?:[0-9A-Za-z.-]*[0-9A-Za-z])?(?::\d{1,5})?")
_SIGNS = re.compile(r"[!-~]+")
_RANGE = re.compile(r"\{([0-9])-([0-9])\}|\{([a-z])-([a-z])\}")
_WMTS = {"tilematrix": "{z}", "tilerow": "{y}", "tilecol": "{x}"}
_DEGREES = re.compile(r"tilematrixset=(?:c|epsg(?::|%3a)+(?:4490|4326))(?:&|$)|_c/wmts", re.IGNORECASE)
DEEPEST = 18


@dataclass(frozen=True)
class Basemap:
    """One choice of the page's basemap switch.

    Parameters
    ----------
    name, note : tuple of str
        Chinese and English; the note stands below the switch.
    urls : tuple of str
        Tile addresses with ``{z} {x} {y}`` and ``{s}``, drawn one over the other.
    subdomains : tuple of str
        What ``{s}`` stands for.
    hosts : tuple of str
        Origins that the page may then fetch pictures from.
    datum : {"wgs84", "gcj02"}
        Of the tiles. Tiles in GCJ-02 are drawn where their ground is; the data never move.
    coarsest, deepest : int
        Zooms of the tiles.
    tiles : mapping of str to str
        Tiles inside the page: data URI by ``z/x/y``.
    findings : tuple of Finding
    """

    name: tuple[str, str]
    note: tuple[str, str] = ("", "")
    urls: tuple[str, ...] = ()
    subdomains: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
    datum: Datum = "wgs84"
    coarsest: int = 0
    deepest: int = DEEPEST
    tiles: Mapping[str, str] | None = None
    findings: tuple[Finding, ...] = ()

    def record(self, lang: str) -> dict[str, Any]:
        """What the script of the page is told."""
        pick = 0 if lang == "zh" else 1
        return {
            "name": self.name[pick], "urls": self.urls, "subdomains": self.subdomains, "datum": self.datum,
            "coarsest": self.coarsest, "deepest": self.deepest, "tiles": self.tiles,
        }  # fmt: skip


def policy(basemaps: Sequence[Basemap] = ()) -> str:
    """The page's content security policy: it may fetch pictures from the hosts of the basemaps, and nothing else."""
    hosts = dict.fromkeys(host for basemap in basemaps for host in basemap.hosts)
    return POLICY.format(hosts="".join(f" {host}" for host in hosts))


def tianditu(key: str) -> tuple[Basemap, ...]:
    """天地图's map and imagery with labels, in Web Mercator (CGCS2000), with the user's own key.

    The key stands in the page as plain text; the page says so.

    Raises
    ------
    InputError
        If the key is not of letters and digits (``basemap.key``).
    """
    if not _KEY.fullmatch(key):
        zh = "天地图密钥应为 8 至 64 位字母或数字"
        raise InputError(
            fault("basemap.key", "--tianditu", zh, "a Tianditu key is 8 to 64 letters or digits")
        )
    note = (
        "天地图密钥以明文写在本文件中,转交文件即转交密钥",
        "your Tianditu key stands in this file as plain text: who gets the file gets the key",
    )
    made = []
    for name, layers in _TIANDITU_MAPS:
        urls, subdomains, hosts = _addresses([TIANDITU.format(layer=layer, key=key) for layer in layers])
        made.append(Basemap(name, note, urls, subdomains, hosts))
    return tuple(made)


def tile_service(
    url: str, *, name: str = "内网底图", datum: Datum = "wgs84", deepest: int = DEEPEST
) -> Basemap:
    """A tile service by its address: XYZ (``{z}/{x}/{y}``, ``{-y}`` counts from the south) or WMTS (``{TileMatrix}/{TileRow}/{TileCol}``).

    Parameters
    ----------
    url : str
        ``http`` or ``https``; ``{0-7}`` or ``{a-c}`` stand for several hosts.
    name : str
        What the switch calls it.
    datum : {"wgs84", "gcj02"}
        Of the tiles; CGCS2000 is ``wgs84`` here.
    deepest : int
        Zoom of its finest tiles; beyond it they are enlarged.

    Raises
    ------
    InputError
        ``basemap.url``, with every fault of the address.
    """
    for key, sign in _WMTS.items():
        url = re.sub(rf"\{{{key}\}}", sign, url, flags=re.IGNORECASE)
    if faults := _url_faults(url):
        raise InputError(faults)
    urls, subdomains, hosts = _addresses([url])
    shifted = ("GCJ-02 瓦片已按当地偏移就位(约 10 米以内)", "GCJ-02 tiles are drawn where their ground is (within some 10 m)")  # fmt: skip
    note = shifted if datum == "gcj02" else ("", "")
    return Basemap((name, name), note, urls, subdomains, hosts, datum, 0, deepest)


def raster_basemap(path: Path | str, layers: LayerSet, *, name: str | None = None, megabytes: float = 8.0) -> Basemap:  # fmt: skip
    """A raster file as tiles inside the page, cut to the plan's surroundings.

    Parameters
    ----------
    path : path
        GeoTIFF in any CRS.
    layers : LayerSet
        The plan whose surroundings are taken.
    name : str, optional
        Default the file's name.
    megabytes : float
        Size that the tiles may have; a finer raster is made coarser, with a finding.

    Raises
    ------
    InputError
        As `zoneplan.io.rastertiles.raster_tiles`.
    """
    from zoneplan.io.rastertiles import FORMAT, raster_tiles

    path = Path(path)
    made = raster_tiles(path, layers.zone.bounds, layers.crs, most_bytes=round(megabytes * 1e6 * 3 / 4))
    tiles = {
        place: f"data:{FORMAT};base64,{base64.b64encode(content).decode()}"
        for place, content in made.tiles.items()
    }
    called = name or path.stem
    return Basemap((called, called), ("", ""), (), (), (), "wgs84", made.coarsest, made.deepest, tiles, made.findings)  # fmt: skip


def _addresses(urls: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Addresses with ``{s}`` for a range of hosts, what it stands for, and the origins."""
    subdomains: tuple[str, ...] = ()
    if found := _RANGE.search(urls[0]):
        low, high = filter(None, found.groups())
        subdomains = tuple(map(chr, range(ord(low), ord(high) + 1)))
    made = tuple(_RANGE.sub("{s}", url) for url in urls)
    split = urlsplit(made[0])
    hosts = [f"{split.scheme}://{split.netloc.replace('{s}', one)}" for one in subdomains or ("",)]
    return made, subdomains, tuple(dict.fromkeys(hosts))


def _url_faults(url: str) -> list[Finding]:
    """Everything that is wrong with a tile address."""

    def wrong(zh: str, en: str) -> Finding:
        return fault("basemap.url", "--tiles", zh, en)

    if not _SIGNS.fullmatch(url) or set(url) & set("\"'<>\\^`|"):
        return [wrong("地址含空格、引号等字符", "the address has blanks, quotes or the like")]
    found = []
    split = urlsplit(url)
    if split.scheme not in ("http", "https"):
        found.append(
            wrong("地址应以 http:// 或 https:// 开头", "the address should begin with http:// or https://")
        )
    if "@" in split.netloc:
        found.append(wrong("地址含用户名或口令,会写进文件", "the address has a user name or password, which would stand in the file"))  # fmt: skip
    elif not _HOST.fullmatch(_RANGE.sub("0", split.netloc)):
        found.append(wrong(f"主机名“{split.netloc}”无效", f"'{split.netloc}' is no host"))
    signs = set(re.findall(r"\{([^{}]*)\}", _RANGE.sub("", url)))
    if not ({"z", "x"} <= signs and signs & {"y", "-y"}):
        found.append(wrong("缺少 {z}、{x}、{y}(或 {TileMatrix}、{TileCol}、{TileRow})", "{z}, {x}, {y} (or {TileMatrix}, {TileCol}, {TileRow}) are missing"))  # fmt: skip
    if unknown := sorted(signs - {"z", "x", "y", "-y"}):
        said = "、".join(f"{{{one}}}" for one in unknown)
        found.append(wrong(f"不认识 {said};多个主机写作 {{0-7}} 或 {{a-c}}", f"{said} is not known; write {{0-7}} or {{a-c}} for several hosts"))  # fmt: skip
    if _DEGREES.search(url):
        found.append(wrong("这是经纬度瓦片(_c、EPSG:4490);请用 Web 墨卡托瓦片(_w、EPSG:3857)", "these tiles are in degrees (_c, EPSG:4490): use the Web Mercator ones (_w, EPSG:3857)"))  # fmt: skip
    return found
