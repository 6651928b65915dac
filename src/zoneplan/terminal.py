"""Text for a terminal: tables that line up with Chinese in them, and progress of long steps."""

from __future__ import annotations

import sys
import time
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

_BAR = 24


def width(text: str) -> int:
    """Columns that a text takes on a terminal."""
    return sum(
        2 if unicodedata.east_asian_width(char) in "WF" else 0 if unicodedata.combining(char) else 1
        for char in text
    )


def plain(text: str) -> str:
    """Text without control characters, so that a name in a file cannot steer the terminal."""
    return "".join(char if char.isprintable() else "�" for char in text)


def plain_lines(text: str) -> str:
    """Several lines of `plain` text."""
    return "\n".join(map(plain, text.split("\n")))


def table(headers: Sequence[str], rows: Sequence[Sequence[str]], *, right: Sequence[int] = ()) -> str:
    """Rows under headers, columns lined up; columns in `right` are flushed right."""
    cells = [[plain(cell) for cell in row] for row in (headers, *rows)]
    widths = [max(map(width, column)) for column in zip(*cells, strict=True)]

    def line(row: Sequence[str]) -> str:
        padded = []
        for index, (cell, size) in enumerate(zip(row, widths, strict=True)):
            gap = " " * (size - width(cell))
            padded.append(gap + cell if index in right else cell + gap)
        return "  ".join(padded).rstrip()

    return "\n".join([line(cells[0]), "  ".join("-" * size for size in widths), *map(line, cells[1:])])


@contextmanager
def steps(name: str) -> Iterator[None]:
    """Say on a terminal (and only there) what is being done and how long it took."""
    show = sys.stderr.isatty()
    start = time.perf_counter()
    if show:
        sys.stderr.write(f"{name} …")
        sys.stderr.flush()
    yield
    if show:
        sys.stderr.write(f" {time.perf_counter() - start:.1f} s\n")


@contextmanager
def progress(name: str, *, left: str = "left") -> Iterator[Callable[[float, float], None]]:
    """A bar on a terminal (and only there): how much of long work is done, how long it took, what remains of it.

    The time that remains is what the rest takes if it goes on as before; `left` is the word for it.
    """
    show = sys.stderr.isatty()
    start = time.perf_counter()

    def report(done: float, whole: float) -> None:
        if show:
            sys.stderr.write(f"\r{bar_line(name, done, whole, time.perf_counter() - start, left)}\x1b[K")
            sys.stderr.flush()

    report(0, 0)
    yield report
    if show:
        sys.stderr.write("\n")


def bar_line(name: str, done: float, whole: float, seconds: float, left: str) -> str:
    """One line of a progress bar; without a known whole, what is done."""
    if whole <= 0:
        return f"{name} {done:,.0f} {seconds:.1f} s" if done else f"{name} …"
    share = min(done / whole, 1.0)
    filled = round(_BAR * share)
    rest = f", {left} {seconds / share - seconds:.0f} s" if 0 < share < 1 else ""
    return f"{name} [{'#' * filled}{'-' * (_BAR - filled)}] {share:4.0%} {seconds:.1f} s{rest}"
