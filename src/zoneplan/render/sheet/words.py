"""Words in the language of a sheet."""

from __future__ import annotations


def say(zh: str, en: str, lang: str) -> str:
    """The Chinese or the English words."""
    return zh if lang == "zh" else en
