"""Whether a result fits a labeling configuration, before it is sent."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .item import Item, is_number
from .making import closest
from .places import PLACES
from .problem import Problem
from .spans import SPANS
from .values import ANSWERS, check_labels

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .config import LabelConfig
    from .parts import Control

__all__ = ["Problem", "find_problems"]

RULES = {**ANSWERS, **PLACES, **SPANS}
"""The rule for each type of result; other types are not looked into."""

_DIRECTIONS = ("right", "left", "bi", None)


def find_problems(
    config: LabelConfig, result: Any, data: Mapping[str, Any] | None = None, *, complete: bool = False
) -> list[Problem]:
    """What is wrong with a result, or with the annotation or prediction that holds one."""
    if isinstance(result, Mapping) and "result" in result:
        result = result["result"]
    if not isinstance(result, (list, tuple)):
        return [Problem("result", f"a result is a list of regions and answers, not {type(result).__name__}")]
    found: list[Problem] = []
    for index, item in enumerate(result):
        place = f"result[{index}]"
        if not isinstance(item, Mapping):
            found.append(Problem(place, f"a region or an answer is an object, not {type(item).__name__}"))
        elif item.get("type") == "relation":
            found.extend(_relation(config, item, result, place))
        else:
            found.extend(_region(config, item, data, place))
    items = [(index, item) for index, item in enumerate(result) if isinstance(item, Mapping)]
    found.extend(_ids(config, items))
    if complete:
        found.extend(_missing(config, [item for _, item in items]))
    return found


def _region(
    config: LabelConfig, item: Mapping[str, Any], data: Mapping[str, Any] | None, place: str
) -> Iterator[Problem]:
    from_name, to_name = item.get("from_name"), item.get("to_name")
    control = config.find_control(from_name) if isinstance(from_name, str) else None
    if control is None:
        if isinstance(from_name, str) and config.find_object(from_name) and from_name == to_name:
            return  # a tag such as <Chat> that is object and control in one
        said = (
            "from_name, the control's name, is missing" if from_name is None else f"no control is named {from_name!r}"
        )
        yield Problem(f"{place}.from_name", said + closest(from_name, config.controls))
        return
    yield from _target(config, control, to_name, place)
    yield from _type(config, control, item.get("type"), place)
    for key in ("original_width", "original_height"):
        size = item.get(key)
        if size is not None and not (is_number(size) and size > 0 and size == int(size)):
            yield Problem(f"{place}.{key}", f"is {size!r}; it is the image's size in whole pixels, more than 0")
    value = item.get("value")
    if not isinstance(value, Mapping):
        said = "is missing" if "value" not in item else f"is {type(value).__name__}, not an object"
        yield Problem(f"{place}.value", f"{said}: it holds the region's place and its labels")
        return
    known = config.find_object(to_name) if isinstance(to_name, str) else None
    about = Item(config, control, known, item, value, data, f"{place}.value")
    check_labels(about)
    rule = RULES.get(control.type)
    if rule:
        rule(about)
    yield from about.problems


def _target(config: LabelConfig, control: Control, to_name: Any, place: str) -> Iterator[Problem]:
    itself = control.tag in ("Pairwise", "Chat", "ChatMessage", "ReactCode") and to_name == control.name
    # An answer about several objects is stored under all their names.
    together = isinstance(to_name, str) and all(
        any(config.is_repeated(target, part.strip()) for target in control.to_name) for part in to_name.split(",")
    )
    if not itself and not together:
        said = (
            "to_name, the object's name, is missing"
            if to_name is None
            else f"{control.name!r} does not label {to_name!r}"
        )
        yield Problem(f"{place}.to_name", said + closest(to_name, control.to_name))


def _type(config: LabelConfig, control: Control, given: Any, place: str) -> Iterator[Problem]:
    fitting = {control.type}
    if control.type.endswith("labels"):
        fitting.add(control.type.removesuffix("labels"))  # a region without a label
    if control.tag == "MagicWand":
        fitting |= {"brush", "brushlabels"}
    if control.tag == "Labels":  # with a tool beside it, the editor may store one region of both
        tools = [tool for tool in config.controls.values() if set(tool.to_name) & set(control.to_name)]
        fitting |= {f"{tool.type}labels" for tool in tools if not tool.type.endswith("labels")}
    if not isinstance(given, str) or given.lower() not in fitting - {""}:
        yield Problem(
            f"{place}.type", f"is {given!r}; a result of <{control.tag}> {control.name!r} has {control.type!r}"
        )


def _relation(config: LabelConfig, item: Mapping[str, Any], result: Sequence[Any], place: str) -> Iterator[Problem]:
    ids = {other.get("id") for other in result if isinstance(other, Mapping)} - {None}
    for key in ("from_id", "to_id"):
        if item.get(key) not in ids:
            yield Problem(f"{place}.{key}", f"no region of this result has the id {item.get(key)!r}")
    if item.get("direction") not in _DIRECTIONS:
        yield Problem(f"{place}.direction", f"is {item.get('direction')!r}; it is 'right', 'left' or 'bi'")
    labels = item.get("labels")
    if labels is None:
        return
    if not isinstance(labels, list):
        yield Problem(f"{place}.labels", f"is a list of what the relation is called, not {labels!r}")
    elif config.relation_labels:
        for at, label in enumerate(labels):
            if label not in config.relation_labels:
                said = f"no relation is called {label!r}{closest(label, config.relation_labels)}"
                yield Problem(f"{place}.labels[{at}]", said)


def _ids(config: LabelConfig, items: list[tuple[int, Mapping[str, Any]]]) -> Iterator[Problem]:
    """Items that share an id are of one region: one item of each control, and a region for what is per region."""
    shared: dict[Any, list[tuple[int, Mapping[str, Any]]]] = defaultdict(list)
    for index, item in items:
        if item.get("type") == "relation":
            continue
        own = item.get("id")
        if own is not None and not isinstance(own, (str, int)):
            yield Problem(f"result[{index}].id", f"an id is a string, not {own!r}")
            continue
        control = config.find_control(str(item.get("from_name")))
        if own is not None:
            shared[own].append((index, item))
        elif control and control.per_region:
            said = f"{control.name!r} is per region: it needs the id of the region that it is about"
            yield Problem(f"result[{index}].id", said)
    for own, group in shared.items():
        seen: set[str] = set()
        for index, item in group:
            value = item.get("value")
            page = value.get("item_index") if isinstance(value, Mapping) else None
            key = repr((item.get("from_name"), item.get("to_name"), item.get("item_index"), page))
            if key in seen:
                said = f"{own!r} is the id of another region of {item.get('from_name')!r}: give each one of its own"
                yield Problem(f"result[{index}].id", said)
            seen.add(key)
        controls = [config.find_control(str(item.get("from_name"))) for _, item in group]
        if all(control and control.per_region for control in controls):
            index = group[0][0]
            said = f"{group[0][1].get('from_name')!r} is per region, and no region of this result has the id {own!r}"
            yield Problem(f"result[{index}].id", said)


def _missing(config: LabelConfig, items: list[Mapping[str, Any]]) -> Iterator[Problem]:
    answered = {str(item.get("from_name")) for item in items}
    for name, control in config.controls.items():
        conditional = control.per_region or control.conditions or config.is_conditional(control)
        if control.required and not conditional and not any(config.is_repeated(name, given) for given in answered):
            yield Problem("result", f"{name!r} is required and has no answer")
