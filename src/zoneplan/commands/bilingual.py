"""A command line in two languages: click commands and options whose help is a pair (Chinese, English)."""

from __future__ import annotations

import locale
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


def language(argv: Sequence[str], environ: Mapping[str, str]) -> str:
    """``zh`` or ``en``: what ``--lang`` says, else the locale."""
    for index, word in enumerate(argv):
        value = (
            word.partition("=")[2]
            if word.startswith("--lang=")
            else argv[index + 1 : index + 2]
            if word == "--lang"
            else None
        )
        if value:
            return "zh" if (value if isinstance(value, str) else value[0]) == "zh" else "en"
    named = next((environ[key] for key in ("LC_ALL", "LC_MESSAGES", "LANG") if environ.get(key)), None)
    if named is None:
        named = locale.getlocale()[0] or ""
    return "zh" if named.lower().startswith(("zh", "chinese")) else "en"


def chosen() -> str:
    return str(click.get_current_context().obj or "en")


def say(zh: str, en: str) -> str:
    return zh if chosen() == "zh" else en


class Bilingual:
    """Help written as a pair; shown in the language of the call."""

    words: tuple[str, str]


class Option(click.Option, Bilingual):
    def __init__(self, *args: Any, words: tuple[str, str] = ("", ""), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.words = words

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        self.help = self.words[0 if ctx.obj == "zh" else 1]
        return super().get_help_record(ctx)


class Command(click.Command, Bilingual):
    def __init__(self, *args: Any, words: tuple[str, str] = ("", ""), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.words = words

    def get_short_help_str(self, limit: int = 45) -> str:
        context = click.get_current_context(silent=True)
        return self.words[0 if context and context.obj == "zh" else 1].split("\n", 1)[0]

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        self.help = self.words[0 if ctx.obj == "zh" else 1]
        super().format_help_text(ctx, formatter)


class Group(click.Group, Bilingual):
    words = (
        "把国土空间规划变成可以计算的图层:编译、审查、面积、地块核查、地图。",
        "Turn a Chinese territorial plan into layers one can compute with: build, audit, areas, parcel check, map.",
    )

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        self.help = self.words[0 if ctx.obj == "zh" else 1]
        super().format_help_text(ctx, formatter)


def option(*names: str, zh: str, en: str, **kwargs: Any) -> Callable[[F], F]:
    return click.option(*names, cls=Option, words=(zh, en), **kwargs)


def style_option() -> Callable[[F], F]:
    """``--style`` of every command that draws."""
    return option(
        "--style", metavar="FILE.yaml", type=click.Path(path_type=Path, exists=True, dir_okay=False),
        zh="本单位的样式文件,只写与内置样式不同之处(见 docs/style.md)",
        en="An office's style document: what differs from the built-in one (docs/style.md).",
    )  # fmt: skip


def pairs(values: Iterable[str], option: str, *, form: str = "KEY=PATH[:LAYER]") -> dict[str, str]:
    """``KEY=PATH`` options as a mapping; a malformed or repeated one is a usage error."""
    pairs: dict[str, str] = {}
    for value in values:
        key, equals, path = value.partition("=")
        if not (key and equals and path) or key in pairs:
            raise click.UsageError(
                say(
                    f"{option} {value}:应写作 {form},且每个 {form.partition('=')[0]} 只写一次",
                    f"{option} {value}: write {form}, each {form.partition('=')[0]} once",
                )
            )
        pairs[key] = path
    return pairs
