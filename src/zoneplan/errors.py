"""What zoneplan raises."""

from __future__ import annotations

from collections.abc import Sequence

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


def fault(code: str, place: object, zh: str, en: str) -> Finding:
    """A finding of severity error, the usual content of an `InputError`."""
    return Finding(code=code, severity="error", zh=zh, en=en, place=str(place))
