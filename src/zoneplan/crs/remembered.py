"""What is asked of a CRS again and again, remembered.

A CRS is hashed by writing out all of its text, which takes longer than most answers: what is met again as the same
object is not hashed again.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, wraps
from typing import TypeVar, TypeVarTuple

from pyproj import CRS

Ts = TypeVarTuple("Ts")
T = TypeVar("T")

_MOST = 256


class _Named:
    """A CRS with its text, as part of a key."""

    __slots__ = ("crs", "text")

    def __init__(self, crs: CRS) -> None:
        self.crs, self.text = crs, crs.to_wkt()

    def __hash__(self) -> int:
        return hash(self.text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Named) and self.text == other.text


_met: dict[int, _Named] = {}  # by the object's address, which is no other's while it is held here


def _named(crs: CRS) -> _Named:
    found = _met.get(id(crs))
    if found is None:
        if len(_met) >= _MOST:
            _met.clear()
        found = _met[id(crs)] = _Named(crs)
    return found


def remembered(maxsize: int) -> Callable[[Callable[[*Ts], T]], Callable[[*Ts], T]]:
    """As `functools.lru_cache`, for functions of a CRS, or of several, and of other things that are hashed quickly."""

    def keeping(function: Callable[[*Ts], T]) -> Callable[[*Ts], T]:
        @lru_cache(maxsize=maxsize)
        def kept(*key: object) -> T:
            return function(*(one.crs if isinstance(one, _Named) else one for one in key))  # type: ignore[arg-type]  # Ts with each CRS back in its place

        @wraps(function)
        def asked(*args: *Ts) -> T:
            return kept(*(_named(one) if isinstance(one, CRS) else one for one in args))

        return asked

    return keeping
