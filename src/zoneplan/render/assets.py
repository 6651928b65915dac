"""Browser assets inside the file: no map can ever reach out, by accident or otherwise."""

from __future__ import annotations

import base64
import hashlib
import mimetypes
import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from zoneplan.errors import ZoneplanError

HERE = Path(__file__).parent
VENDOR = HERE / "vendor"

_SCRIPT = re.compile(r'<script\s+src="([^"]*)"\s*>\s*</script>')
_SHEET = re.compile(r'<link\s+rel="stylesheet"\s+href="([^"]*)"\s*/?>')
_CSS_URL = re.compile(r"url\(\s*['\"]?([^)'\"]*)['\"]?\s*\)")
_REACHES_OUT = re.compile(
    r"""<(?:script|link|img|iframe|object|embed|source|use)\b[^>]*?\b(?:src|href|data)\s*=\s*["']?(?!data:|#)([^"'\s>]+)|@import\s+["']?([^"';]+)""",
    re.I,
)

_STYLE_REACHES_OUT = re.compile(r"""url\(\s*["']?(?!data:|#)([^)"']+)""", re.IGNORECASE)


class AssetError(ZoneplanError):
    """An asset is missing, changed or unknown; the message names it and says what to do."""


def asset(name: str) -> bytes:
    """One third-party file by name, checked against its declared hash."""
    declared = _declared()
    if name not in declared:
        raise AssetError(
            f"browser asset {name}: not known; declare it in web/package.json and render/assets.toml"
        )
    path = VENDOR / name
    if not path.is_file():
        raise AssetError(
            f"browser asset {name}: missing from {VENDOR}; install zoneplan again (in a checkout: `make run`)"
        )
    content = path.read_bytes()
    if (found := hashlib.sha256(content).hexdigest()) != declared[name]:
        raise AssetError(
            f"browser asset {name}: changed (sha256 {found}, expected {declared[name]}); install zoneplan again"
        )
    return content


@cache
def _declared() -> Mapping[str, str]:
    """The hashes of the assets, by name."""
    rows = tomllib.loads((HERE / "assets.toml").read_text(encoding="utf-8"))["asset"]
    return {row["name"]: row["sha256"] for row in rows}


def inline(html: str) -> str:
    """A page with every script and style sheet replaced by its text.

    Assets are known by the file name at the end of the address that folium writes.

    Raises
    ------
    AssetError
        For an address that is not known, a missing or changed file, or anything else in the page
        that a browser would fetch.
    """
    html = _SCRIPT.sub(lambda found: f"<script>{_script(found[1])}</script>", html)
    html = _SHEET.sub(lambda found: f"<style>{_sheet(found[1])}</style>", html)
    outside_scripts = re.sub(r"<script>.*?</script>", "", html, flags=re.S)
    found = _REACHES_OUT.search(outside_scripts) or _STYLE_REACHES_OUT.search(outside_scripts)
    if found:
        raise AssetError(
            f"the page would fetch {next(filter(None, found.groups()))}: declare it as an asset or leave it out"
        )
    return html


def _script(address: str) -> str:
    return (
        asset(_name(address))
        .decode("utf-8")
        .replace("</script", "<\\/script")
        .replace("//# sourceMappingURL=", "// ")
    )


def _sheet(address: str) -> str:
    text = asset(_name(address)).decode("utf-8")
    return _CSS_URL.sub(lambda found: f"url({_data_uri(found[1])})", text)


def _data_uri(address: str) -> str:
    if address.startswith(("data:", "#")):
        return address
    name = _name(address)
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return f"data:{kind};base64,{base64.b64encode(asset(name)).decode()}"


def _name(address: str) -> str:
    return address.split("?")[0].split("#")[0].rsplit("/", 1)[-1]
