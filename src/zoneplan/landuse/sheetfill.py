"""Sheets of a template filled with areas: finished numbers, closed as printed; rendering computes nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from zoneplan.errors import InputError, fault
from zoneplan.landuse.landtables import BARE, amounts, land_layout
from zoneplan.landuse.spread import Spread
from zoneplan.landuse.tally import Layout, Line, added, close, less
from zoneplan.landuse.template import TEXTS, Column, Sheet, Template
from zoneplan.units import round_half_up, to_unit

Cell = str | float
HUNDRED = 100.0
BARE_EITHER = (BARE[0], "无用地图斑", "No land use")


@dataclass(frozen=True)
class Filled:
    """A sheet ready to be written.

    Parameters
    ----------
    sheet : Sheet
    cells : tuple of tuple
        Rows of text and printed numbers, as many as `sheet.columns`.
    depths : tuple of int
        How deep each row stands under others; -1 for the total.
    """

    sheet: Sheet
    cells: tuple[tuple[Cell, ...], ...]
    depths: tuple[int, ...]


def sheets_for(template: Template, kinds: Sequence[str], *, planned: bool) -> tuple[Sheet, ...]:
    """The sheets that can be filled; `InputError` where one wants what is not there.

    Parameters
    ----------
    template : Template
    kinds : sequence of str
        Kinds of elements with areas.
    planned : bool
        Whether planned land use is given.
    """
    faults = []
    for sheet in template.sheets:
        place = f"{template.id}: {sheet.name}"
        if sheet.elements and sheet.elements not in kinds:
            names = ", ".join(kinds)
            faults.append(
                fault(
                    "landuse.template", place,
                    f"图层中没有“{sheet.elements}”一类有面积的要素;可用:{names}",
                    f"the layers have no elements with areas of kind '{sheet.elements}'; expected one of {names}",
                )
            )  # fmt: skip
        if sheet.needs_planned and not planned:
            faults.append(
                fault(
                    "landuse.template", place,
                    "此表有规划用途的列;请用 --planned 给出规划用地",
                    "this sheet has columns of planned land use: give it with --planned",
                )
            )  # fmt: skip
    if faults:
        raise InputError(faults)
    return template.sheets


def fill_sheet(
    sheet: Sheet, present: Mapping[str, Spread], planned: Mapping[str, Spread] | None = None
) -> Filled:
    """Fill a sheet.

    Parameters
    ----------
    sheet : Sheet
    present, planned : mapping of str to Spread
        By kind of elements; ``zone`` holds the plan's own boundary as one element.

    Returns
    -------
    Filled
        Parts equal their totals as printed, on every level, in the unit and decimals of the column;
        shares are percent of the total and close to 100. ``change`` is the difference of the printed
        numbers.
    """
    return _elements(sheet, present, planned) if sheet.elements else _classes(sheet, present, planned)


def _classes(sheet: Sheet, present: Mapping[str, Spread], planned: Mapping[str, Spread] | None) -> Filled:
    """Rows of land use, of the whole zone."""
    now = present["zone"]
    then = planned["zone"] if planned else None
    codes = (*now.by_code, *(then.by_code if then else ()))
    layout = land_layout(codes, sheet.rows, bare=BARE_EITHER if sheet.needs_planned else BARE)
    whole = float(now.own[0])
    values = {"present": layout.values(amounts(now, 0))}
    if then is not None:
        values["planned"] = layout.values(amounts(then, 0))

    def numbers(side: str, scale: Callable[[float], float], places: int) -> list[float]:
        total = scale(whole)
        parts = close(layout, [scale(value) for value in values[side]], total, places)
        return [*parts, round_half_up(total, places)]

    lines = [*layout.lines, Line("total", sheet.total, "", "", -1, -1)]
    columns = [_column(column, lines, numbers, whole) for column in sheet.columns]
    keep = [
        number for number, line in enumerate(lines)
        if (line.depth >= 0 or sheet.total) and (line.id != BARE[0] or any(part[number] for part in values.values()))
    ]  # fmt: skip
    return Filled(
        sheet,
        tuple(tuple(column[number] for column in columns) for number in keep),
        tuple(lines[number].depth for number in keep),
    )


def _elements(sheet: Sheet, present: Mapping[str, Spread], planned: Mapping[str, Spread] | None) -> Filled:
    """Rows of elements; a column closes down to its own total."""
    sides = {"present": present[sheet.elements]}
    if planned:
        sides["planned"] = planned[sheet.elements]
    now = sides["present"]
    layout = Layout([Line(one, name, "", "", 0, -1) for one, name in zip(now.ids, now.names, strict=True)])
    lines = [*layout.lines, Line("total", sheet.total, "", "", -1, -1)]
    made = []
    for column in sheet.columns:

        def numbers(
            side: str, scale: Callable[[float], float], places: int, column: Column = column
        ) -> list[float]:
            parts = [scale(value) for value in _narrowed(sides[side], column.codes)]
            total = added(parts)
            return [*close(layout, parts, total, places), round_half_up(total, places)]

        made.append(_column(column, lines, numbers, added(float(value) for value in now.own)))
    keep = len(lines) if sheet.total else len(lines) - 1
    return Filled(
        sheet,
        tuple(tuple(column[number] for column in made) for number in range(keep)),
        tuple(line.depth for line in lines[:keep]),
    )


def _narrowed(spread: Spread, codes: frozenset[str] | None) -> list[float]:
    """m² of some land use in each element; without codes the elements' own areas."""
    if codes is None:
        return [float(value) for value in spread.own]
    chosen = [part for code, part in spread.by_code.items() if code in codes]
    return [added(float(part[position]) for part in chosen) for position in range(len(spread.ids))]


def _column(
    column: Column,
    lines: Sequence[Line],
    numbers: Callable[[str, Callable[[float], float], int], list[float]],
    whole: float,
) -> list[Cell]:
    """The cells of one column, the total last."""
    name = column.field
    if name in TEXTS:
        shown = "text" if name == "codes" else name
        return [*(str(getattr(line, shown)) for line in lines[:-1]), lines[-1].name if name == "name" else ""]
    if name.endswith("_share"):
        side = name.removesuffix("_share")
        return list(numbers(side, lambda value: value / whole * HUNDRED if whole else 0.0, column.decimals))

    def scale(value: float) -> float:
        return to_unit(value, column.unit)

    if name == "change":
        before, after = numbers("present", scale, column.decimals), numbers("planned", scale, column.decimals)
        return [less(one, other) for one, other in zip(after, before, strict=True)]
    return list(numbers(name, scale, column.decimals))
