"""`Scenario`: a base plan and an ordered ledger of edits; immutable, every method gives a new one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from zoneplan.errors import InputError, fault
from zoneplan.extent import Model, Name
from zoneplan.scenario.edits import AnyEdit, Edit
from zoneplan.schema import as_model
from zoneplan.shown import Shown
from zoneplan.source import Source

SCHEMA = "zoneplan.scenario/1"


class Figure(Model):
    """A number that a limit or an indicator needs, with where it comes from."""

    value: Annotated[float, Field(gt=0, allow_inf_nan=False)]
    source: Name
    verified: bool = False


class Figures(Model):
    """The plan's own figures; without them what needs them is listed as not computed."""

    current_urban_land_ha: Figure | None = None
    expansion_factor_max: Figure | None = None
    farmland_target_ha: Figure | None = None


class Scenario(Shown, Model):
    """A base and its ledger.

    Parameters
    ----------
    base : str
        Id of a built-in plan, a plan document, a ``layers.gpkg``, or another scenario (YAML).
    until : str, optional
        Of a base that is a scenario: the last of its edits that is taken over.
    """

    schema_: Literal["zoneplan.scenario/1"] = Field("zoneplan.scenario/1", alias="schema")
    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")] = "scenario"
    name: Name = "情景"
    name_en: Name = "Scenario"
    note: str | None = None
    base: Name
    until: str | None = None
    figures: Figures = Figures()
    edits: tuple[AnyEdit, ...] = ()

    def __init__(self, base: str | Path | None = None, /, **fields: Any) -> None:
        super().__init__(**({"base": str(base)} if base is not None else {}), **fields)

    @model_validator(mode="after")
    def _ids_once(self) -> Scenario:
        ids = [edit.id for edit in self.edits]
        if twice := sorted({one for one in ids if ids.count(one) > 1}):
            raise PydanticCustomError(
                "duplicate_id", "edit ids occur twice: {ids}",
                {"ids": ", ".join(twice), "zh": f"编辑编号重复:{'、'.join(twice)}"},
            )  # fmt: skip
        return self

    def add(self, kind: str, **fields: Any) -> Scenario:
        """With one more edit at the end; `InputError` with every fault of it."""
        rows = [edit.model_dump(mode="python") for edit in self.edits]
        return self._with([*rows, {"kind": kind, **fields}])

    def shift(self, target: str, **fields: Any) -> Scenario:
        """See `zoneplan.scenario.edits.Shift`; so for the methods that follow."""
        return self.add("shift", target=target, **fields)

    def expand(self, target: str, **fields: Any) -> Scenario:
        """Grow a boundary."""
        return self.add("expand", target=target, **fields)

    def shrink(self, target: str, **fields: Any) -> Scenario:
        """Draw a boundary in."""
        return self.add("shrink", target=target, **fields)

    def include(self, target: str, **fields: Any) -> Scenario:
        """Add ground."""
        return self.add("include", target=target, **fields)

    def exclude(self, target: str, **fields: Any) -> Scenario:
        """Take ground out."""
        return self.add("exclude", target=target, **fields)

    def reclassify(self, to: str, **fields: Any) -> Scenario:
        """Give parcels to an element."""
        return self.add("reclassify", to=to, **fields)

    def swap_farmland(self, **fields: Any) -> Scenario:
        """占补 in one edit."""
        return self.add("swap_farmland", **fields)

    def widen(self, target: str, **fields: Any) -> Scenario:
        """Widen a band."""
        return self.add("widen", target=target, **fields)

    def road(self, **fields: Any) -> Scenario:
        """Build a road."""
        return self.add("road", **fields)

    def replace(self, target: str, **fields: Any) -> Scenario:
        """Put a file in place of an element."""
        return self.add("replace", target=target, **fields)

    def rule(self, target: str, **fields: Any) -> Scenario:
        """Change a number of an extent rule."""
        return self.add("rule", target=target, **fields)

    def without(self, *ids: str) -> Scenario:
        """With these edits switched off."""
        self._known(ids)
        rows = tuple(
            edit.model_copy(update={"enabled": False}) if edit.id in ids else edit for edit in self.edits
        )
        return self.model_copy(update={"edits": rows})

    def reordered(self, ids: Sequence[str]) -> Scenario:
        """With the edits in this order; every id must be named once."""
        self._known(ids)
        if sorted(ids) != sorted(edit.id for edit in self.edits):
            raise InputError(
                fault(
                    "scenario.order",
                    self.id,
                    "新的顺序须恰好列出每个编辑一次",
                    "the new order should name every edit once",
                )
            )
        by_id = {edit.id: edit for edit in self.edits}
        return self.model_copy(update={"edits": tuple(by_id[one] for one in ids)})

    def upto(self, edit_id: str) -> Scenario:
        """A branch: the edits up to and with this one."""
        self._known([edit_id])
        at = [edit.id for edit in self.edits].index(edit_id)
        return self.model_copy(update={"edits": self.edits[: at + 1]})

    def changed(self, edit_id: str, parameter: str, value: Any) -> Scenario:
        """With one parameter of one edit changed; checked as if it were written so."""
        self._known([edit_id])
        rows = [edit.model_dump(mode="python") for edit in self.edits]
        row = next(row for row in rows if row["id"] == edit_id)
        row[parameter] = value
        return self._with(rows)

    @property
    def active(self) -> tuple[Edit, ...]:
        """The edits that are switched on, in order."""
        return tuple(edit for edit in self.edits if edit.enabled)

    def _with(self, rows: list[dict[str, Any]]) -> Scenario:
        data = self.model_dump(mode="python", by_alias=True) | {"edits": rows}
        return as_model(Scenario, Source(Path(self.id), "", data), code="scenario.edit")

    def _known(self, ids: Sequence[str]) -> None:
        have = [edit.id for edit in self.edits]
        if missing := [one for one in ids if one not in have]:
            raise InputError(
                [
                    fault(
                        "scenario.no_edit", self.id,
                        f"没有编号为“{one}”的编辑;现有:{'、'.join(have)}",
                        f"no edit has the id '{one}'; there are: {', '.join(have)}",
                    )
                    for one in missing
                ]
            )  # fmt: skip


def json_schema() -> dict[str, Any]:
    """The JSON Schema of a scenario document."""
    schema = Scenario.model_json_schema(by_alias=True, mode="validation")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": "zoneplan scenario"}
