"""A finding: one thing to know about a document, a layer or a parcel.

The same class serves a fault in a YAML file, a reference layer without CRS and an overlap
between two control lines, so that all of them can be listed, printed and written alike.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from zoneplan.shown import Shown

Severity = Literal["error", "warning", "info"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")


@dataclass(frozen=True)
class Finding(Shown):
    """One finding with a stable code.

    Parameters
    ----------
    code : str
        Stable identifier, for instance ``"audit.count"``.
    severity : {"error", "warning", "info"}
    zh, en : str
        The message: value found, rule, what to do.
    place : str
        File, line and path (``plan.yaml:47: groups[0].extent.north``), or layer and feature.
    citation : str
        Chapter and section of the plan, or the clause of law, where one applies.
    feature : tuple of str
        Ids of the elements, features or parcels concerned.
    point : tuple of float, optional
        (longitude, latitude) in CGCS2000 degrees, where a place on the map can be named.
    """

    code: str
    severity: Severity
    zh: str
    en: str
    place: str = ""
    citation: str = ""
    feature: tuple[str, ...] = ()
    point: tuple[float, float] | None = None

    def message(self, lang: str = "zh") -> str:
        """The message in one language (``"zh"`` or ``"en"``)."""
        return self.zh if lang == "zh" else self.en

    def line(self, lang: str = "zh") -> str:
        """Place and message as one printable line."""
        text = self.message(lang)
        return f"{self.place}: {text}" if self.place else text

    def record(self) -> dict[str, Any]:
        """A plain dictionary for JSON: ``message`` holds both languages."""
        return {
            "code": self.code,
            "severity": self.severity,
            "place": self.place,
            "citation": self.citation,
            "feature": list(self.feature),
            "point": list(self.point) if self.point else None,
            "message": {"zh": self.zh, "en": self.en},
        }

    @classmethod
    def read(cls, record: dict[str, Any]) -> Finding:
        """The finding that `record` wrote."""
        row = dict(record)
        message, point = row.pop("message"), row.pop("point")
        row |= {"feature": tuple(row["feature"]), "point": tuple(point) if point else None}
        return cls(**row, zh=message["zh"], en=message["en"])


class Findings(tuple[Finding, ...], Shown):
    """Findings that a notebook shows as a table."""

    __slots__ = ()


def has_errors(findings: Iterable[Finding]) -> bool:
    """Whether any finding is an error."""
    return any(finding.severity == "error" for finding in findings)
