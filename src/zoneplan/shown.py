"""Objects that show themselves in a notebook.

What they look like is made by ``zoneplan.render.notebook``, on the top floor, which is looked up by name when a notebook asks.
"""

from __future__ import annotations

from importlib import import_module


class Shown:
    """Something with a table and a small map of its own; works offline, in exported HTML too."""

    __slots__ = ()

    def _repr_html_(self) -> str:
        return str(import_module("zoneplan.render.notebook").html_of(self))
