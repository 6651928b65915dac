"""A number of an extent rule changed: the plan again, with what depends on it."""

from __future__ import annotations

from typing import Any

from pydantic import ValidationError

from zoneplan.engine.overlay import difference, union
from zoneplan.errors import InputError, fault
from zoneplan.layers import LayerSet
from zoneplan.plan import SECTIONS, Element, Plan
from zoneplan.scenario.edits import Rule
from zoneplan.scenario.state import Base, State


def changed_plan(plan: Plan, element_id: str, edit: Rule, place: str) -> Plan:
    """The plan with one number of one extent changed; `InputError` lists the numbers that there are."""
    for section in SECTIONS:
        rows = list(getattr(plan, section))
        for at, element in enumerate(rows):
            if element.id == element_id:
                rows[at] = _changed(element, edit, place)
                return plan.model_copy(update={section: tuple(rows)})
    raise KeyError(element_id)


def rederive(state: State, base: Base, edit: Rule, place: str) -> None:
    """Compile the changed plan; elements that an earlier edit touched keep it and get the difference."""
    if state.plan is None or base.derive is None:
        raise InputError(
            fault("scenario.no_plan", place, "基础是成果图层而非规划文件,没有可改的规则", "the base is finished layers, not a plan document: there are no rules to change")
        )  # fmt: skip
    state.plan = changed_plan(state.plan, state.id_of(edit.target), edit, place)
    before, after = state.derived, base.derive(state.plan)
    state.derived = after
    differing = [
        one for one in _ids(after) if not before.element(one).geometry.equals(after.element(one).geometry)
    ]
    if not differing:
        state.say(
            edit, "no_effect", "warning", state.id_of(edit.target), "没有改变任何要素", "changed no element"
        )
    for one in differing:
        old, new = before.element(one).geometry, after.element(one).geometry
        if one in state.touched:
            gained, lost = difference(new, old), difference(old, new)
            new = union([difference(state.shape(one), lost), gained])
            state.say(edit, "rule_on_edited", "info", one, "该要素先前已编辑:保留先前的编辑,只叠加规则引起的差异", "edited before: the earlier edit stays, and gets what the rule changed")  # fmt: skip
        state.set(edit, one, new, accuracy=str(after.element(one)["accuracy"]))


def _ids(layers: LayerSet) -> list[str]:
    return [str(one) for frame in layers.elements.values() for one in frame["id"]]


def _changed(element: Element, edit: Rule, place: str) -> Element:
    data = element.model_dump(mode="python", by_alias=True)
    numbers = dict(_numbers(data["extent"], ""))
    hits = [path for path in numbers if path == edit.parameter or path.rpartition(".")[2] == edit.parameter]
    hits = [edit.parameter] if edit.parameter in numbers else hits
    if len(hits) != 1:
        known = "、".join(f"{path} = {value:g}" for path, value in numbers.items()) or "-"
        raise InputError(
            fault(
                "scenario.parameter", place,
                f"{element.id} 的规则中“{edit.parameter}”出现 {len(hits)} 次,应恰好一次;可改:{known}",
                f"'{edit.parameter}' occurs {len(hits)} times in the rule of {element.id}, expected once; there are: {known}",
            )
        )  # fmt: skip
    _put(data["extent"], hits[0], edit.value)
    try:
        return Element.model_validate(data)
    except ValidationError as error:
        raise InputError(
            fault("scenario.parameter", place, f"{edit.value:g} 不是 {hits[0]} 允许的值", f"{edit.value:g} is no value for {hits[0]}")
        ) from error  # fmt: skip


def _numbers(value: Any, path: str) -> list[tuple[str, float]]:
    if isinstance(value, dict):
        return [
            row for key, item in value.items() for row in _numbers(item, f"{path}.{key}" if path else key)
        ]
    if isinstance(value, list | tuple):
        return [row for n, item in enumerate(value) for row in _numbers(item, f"{path}[{n}]")]
    return [(path, float(value))] if isinstance(value, int | float) and not isinstance(value, bool) else []


def _put(data: Any, path: str, value: float) -> None:
    """Set the number at a path; tuples on the way become lists."""
    keys: list[str | int] = []
    for part in path.replace("]", "").split("."):
        name, *numbers = part.split("[")
        keys += [name, *map(int, numbers)]
    for key in keys[:-1]:
        if isinstance(data[key], tuple):
            data[key] = list(data[key])
        data = data[key]
    data[keys[-1]] = value
