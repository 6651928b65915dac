"""What zoneplan raises."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from zoneplan.finding import Finding


class ZoneplanError(Exception):
    """Base of everything raised on purpose."""


class InputError(ZoneplanError):
    """The call or the input is unusable; carries every fault found, not only the first."""

    def __init__(self, faults: Finding | Sequence[Finding]) -> None:
        self.faults: tuple[Finding, ...] = (faults,) if isinstance(faults, Finding) else tuple(faults)
        super().__init__(self.text("en"))

    def text(self, lang: str = "zh") -> str:
        """All faults, one a line."""
        return "\n".join(fault.line(lang) for fault in self.faults)


class Gathered:
    """Faults of several steps, so that a caller hears of all of them at once."""

    def __init__(self) -> None:
        self.faults: list[Finding] = []

    @contextmanager
    def step(self) -> Iterator[None]:
        """A step whose `InputError` waits until all steps are through."""
        try:
            yield
        except InputError as error:
            self.faults += error.faults

    def check(self) -> None:
        """Raise what was gathered, if anything was."""
        if self.faults:
            raise InputError(self.faults)


def fault(code: str, place: object, zh: str, en: str) -> Finding:
    """A finding of severity error, the usual content of an `InputError`."""
    return Finding(code=code, severity="error", zh=zh, en=en, place=str(place))
