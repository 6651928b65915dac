"""What stands on and below a map drawn with Pillow: names, scale bar, north arrow, warning, legend; in the package's font."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

from zoneplan.render.assets import asset
from zoneplan.render.canvas import FINE, HEIGHT, WIDTH, Box, Window, fill
from zoneplan.render.style import Symbol
from zoneplan.units import round_below

STRIP = 106
"""Pixels of the strip with the legend below the map."""
DOT_PX = 10
"""A parcel smaller than this gets a dot."""
_FONT = "NotoSansSC-Regular.ttf"


@cache
def font(size: int) -> ImageFont.FreeTypeFont:
    """The font of the package, in pixels."""
    return ImageFont.truetype(BytesIO(_font_file()), size)


@cache
def _font_file() -> bytes:
    return asset(_FONT)


def length_text(metres: float) -> str:
    """A length in metres, or from a thousand on in kilometres."""
    return f"{metres / 1000:g} km" if metres >= 1000 else f"{metres:g} m"


def labels(pen: ImageDraw.ImageDraw, names: Sequence[tuple[str, tuple[float, float]]]) -> None:
    """Names with a halo, each where no earlier one is."""
    taken: list[Box] = []
    face = font(22)
    for text, (x, y) in names:
        at = (x / FINE, y / FINE - DOT_PX)
        west, top, east, bottom = pen.textbbox(at, text, font=face, anchor="mb")
        if any(west < b[2] and east > b[0] and top < b[3] and bottom > b[1] for b in taken):
            continue
        taken.append((west, top, east, bottom))
        pen.text(
            at,
            text,
            font=face,
            anchor="mb",
            fill="#111111",
            stroke_width=3,
            stroke_fill="#ffffff",
        )


def scale_bar(pen: ImageDraw.ImageDraw, window: Window) -> None:
    """A bar of a round length, about a fifth of the map."""
    per_metre = window.scale / FINE
    metres = round_below(WIDTH / 5 / per_metre)
    length, x, y = metres * per_metre, 30.0, HEIGHT - 34.0
    pen.rectangle((x - 10, y - 34, x + length + 16, y + 20), fill="#ffffff")
    pen.rectangle((x, y, x + length / 2, y + 9), fill="#222222", outline="#222222", width=2)
    pen.rectangle((x + length / 2, y, x + length, y + 9), fill="#ffffff", outline="#222222", width=2)
    pen.text((x, y - 6), "0", font=font(20), anchor="ls", fill="#222222")
    pen.text((x + length, y - 6), length_text(metres), font=font(20), anchor="rs", fill="#222222")


def north(pen: ImageDraw.ImageDraw) -> None:
    """Grid north is up."""
    x, y = WIDTH - 56, 26
    pen.rectangle((x - 34, y - 10, x + 34, y + 92), fill="#ffffff")
    pen.polygon([(x, y), (x + 15, y + 54), (x, y + 42)], fill="#222222")
    pen.polygon([(x, y), (x - 15, y + 54), (x, y + 42)], fill="#ffffff", outline="#222222")
    pen.text((x, y + 72), "坐标北", font=font(18), anchor="mm", fill="#222222")


def banner(pen: ImageDraw.ImageDraw, text: str) -> None:
    """A warning in the corner."""
    _, top, east, bottom = pen.textbbox((28, 24), text, font=font(24))
    pen.rectangle((16, top - 8, east + 12, bottom + 8), fill="#fff4d6", outline="#9c5700", width=2)
    pen.text((28, 24), text, font=font(24), fill="#9c5700")


def legend(page: Image.Image, shown: Sequence[tuple[str, Symbol]], note: str) -> None:
    """Swatches in rows below the map, and the CRS."""
    pen, face = ImageDraw.Draw(page), font(22)
    x, y = 16.0, HEIGHT + 18.0
    for text, symbol in shown:
        wide = pen.textlength(text, font=face) + 62 + 30
        if x + wide > WIDTH and x > 16:
            x, y = 16.0, y + 38
        swatch = Image.new("RGB", (50 * FINE, 26 * FINE), "#ffffff")
        fill(swatch, Image.new("L", swatch.size, 255), symbol)
        page.paste(swatch.reduce(FINE), (round(x), round(y)))
        pen.rectangle((x, y, x + 50, y + 26), outline=symbol.line, width=max(round(symbol.weight), 1))
        pen.text((x + 60, y + 13), text, font=face, anchor="lm", fill="#222222")
        x += wide
    pen.text((WIDTH - 8, HEIGHT + STRIP - 8), note, font=font(18), anchor="rs", fill="#555555")
