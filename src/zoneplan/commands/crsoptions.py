"""Options of the command line about the CRS of inputs: what may be assumed, corrected, moved from another datum."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar, cast

from zoneplan.commands.bilingual import option

if TYPE_CHECKING:
    from zoneplan.crs.admission import Gate

F = TypeVar("F", bound=Callable[..., Any])

_CRS = (
    option(
        "--assume-crs", "assume", multiple=True, metavar="[INPUT=]EPSG:CODE",
        zh="没有坐标系的输入按此解读;写明 INPUT(parcels、控制线的 KEY 等)并加 --correct 可改变已写明的坐标系",
        en="CRS of inputs that have none; naming an INPUT (parcels, a line's KEY …) with --correct overrides the one stated.",
    ),
    option(
        "--correct", multiple=True, metavar="INPUT|all",
        zh="改正该输入的坐标系问题(带号、纵横颠倒、度与米、Web 墨卡托、英尺、错误的带、GCJ-02/BD-09),每项都列入报告",
        en="Correct the CRS of an input (zone prefix, swapped axes, degrees, Web Mercator, feet, wrong zone, GCJ-02/BD-09); each correction is a finding.",
    ),
    option(
        "--datum", multiple=True, metavar="[INPUT=]gcj02|bd09|cgcs2000",
        zh="写明输入的坐标是火星坐标、百度坐标或 CGCS2000", en="State that an input is GCJ-02, BD-09, or CGCS2000 after all.",
    ),
    option(
        "--datum-parameters", "parameters", multiple=True, metavar="[INPUT=]FILE",
        zh="西安80、北京54 转 CGCS2000 的当地参数(YAML 或 CSV,见 docs/crs.md)",
        en="Local parameters from Xian 1980 or Beijing 1954 to CGCS2000 (YAML or CSV, docs/crs.md).",
    ),
)  # fmt: skip


@dataclass(frozen=True)
class CrsAsked:
    """What the options say, before the inputs of the call are known."""

    assume: tuple[str, ...] = ()
    correct: tuple[str, ...] = ()
    datum: tuple[str, ...] = ()
    parameters: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.assume or self.correct or self.datum or self.parameters)

    def record(self) -> dict[str, tuple[str, ...]]:
        """What is asked, as `zoneplan.crs.admission.open_gate` takes it."""
        return {name: value for name, value in vars(self).items() if value}

    def gate(self, roles: Sequence[str]) -> Gate:
        """The gate of a call with these inputs."""
        from zoneplan.crs.admission import open_gate

        return open_gate(
            roles, assume=self.assume, correct=self.correct, datum=self.datum, parameters=self.parameters
        )


def crs_options(command: F) -> F:
    """The options about CRS, handed to the command together as ``crs``."""

    @functools.wraps(command)
    def taken(*args: Any, **given: Any) -> Any:
        names = ("assume", "correct", "datum", "parameters")
        asked = CrsAsked(**{name: given.pop(name) for name in names})
        return command(*args, crs=asked, **given)

    made: Callable[..., Any] = taken
    for one in reversed(_CRS):
        made = one(made)
    return cast(F, made)
