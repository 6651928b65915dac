"""Loops over numbers: compiled by numba where there is much to do, interpreted where there is little.

Both ways run the same code in the same order and give the same bits. What numba compiled it keeps on
disk beside the module, and looks only at that module to see whether it changed: after an edit of what
a compiled function calls elsewhere, remove the cache (``__pycache__/*.nb?``).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache, cached_property
from itertools import pairwise
from typing import Any, TypeVar

T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., Any])

FEW = 30_000
"""Up to so many steps a job is interpreted rather than made to wait for the compiler."""
_WORTH_SPREADING = 256  # things

_inner: list[Callable[..., Any]] = []
_making: list[Callable[..., Any]] = []


def inner(function: F) -> F:
    """Mark a function that compiled ones call; called from Python it is interpreted.

    Compiled it becomes part of its callers and counts no references to arrays, which took a quarter of
    the time: so it must not make any.
    """
    _inner.append(function)
    return function


def making(function: F) -> F:
    """As `inner`, for a function that makes arrays, or calls one that does."""
    _making.append(function)
    return function


@cache
def _compiler() -> Callable[..., Any] | None:
    """numba's, which takes half a second to load; None on a machine that it does not support."""
    try:
        import numba
    except ImportError:
        return None
    for function in _inner:
        numba.extending.register_jitable(_nrt=False, forceinline=True)(function)
    for function in _making:
        numba.extending.register_jitable(function)
    return numba.njit(cache=True, nogil=True, error_model="numpy")


class Compiled:
    """A function that can be called compiled, or interpreted as it is written."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.plain = function

    @cached_property
    def fast(self) -> Callable[..., Any] | None:
        """The compiled function; None where there is no compiler."""
        compiler = _compiler()
        return None if compiler is None else compiler(self.plain)

    @property
    def loaded(self) -> bool:
        """Whether it was called compiled before, so that nobody waits for the compiler."""
        return "fast" in self.__dict__

    def __call__(self, *args: Any, interpret: bool = False) -> Any:
        """Call it; `interpret` keeps a small job from waiting until compiled code is loaded."""
        if (interpret and not self.loaded) or self.fast is None:
            return self.plain(*args)
        return self.fast(*args)


def available() -> bool:
    """Whether there is a compiler."""
    return _compiler() is not None


def few(steps: int) -> bool:
    """Whether a job of so many steps is done sooner by interpreting than by loading the compiler."""
    return steps < FEW and "numba" not in sys.modules


def spread(work: Callable[[int, int], T], n: int, threads: int | None = None) -> list[T]:
    """Do `work` on stretches of n things, on several threads (default one per core); results in order."""
    threads = 1 if n < _WORTH_SPREADING else threads or os.cpu_count() or 1
    if threads == 1:
        return [work(0, n)] if n else []
    pieces = 4 * threads
    marks = [n * piece // pieces for piece in range(pieces + 1)]
    stretches = list(pairwise(marks))
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(lambda stretch: work(*stretch), stretches))
