"""Words in the language of a sheet."""

from __future__ import annotations

from zoneplan.render.plaintext import full_width


def say(zh: str, en: str, lang: str) -> str:
    """The Chinese or the English words."""
    return zh if lang == "zh" else en


def typeset(words: str, lang: str) -> str:
    """Words as Chinese print has them: full-width points and brackets between Chinese characters."""
    return full_width(words) if lang == "zh" else words
