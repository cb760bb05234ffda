"""What the value of a result may be: its labels and its answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .item import is_number
from .labels import every
from .making import closest

if TYPE_CHECKING:
    from collections.abc import Callable

    from .item import Item
    from .parts import Control


def check_labels(item: Item) -> None:
    """Look at the labels of a region: a list of what the config, or the task, has."""
    control = item.control
    if control.type.endswith("labels"):
        keys = {control.type, str(item.item.get("type", "")).lower()} & set(item.value)
        if control.tag == "Labels" and "labels" in item.value:
            keys.add("labels")
        if control.tag == "HyperTextLabels" and "htmllabels" in item.value:
            keys.add("htmllabels")  # its name in old versions
        other = [key for key in item.value if key.endswith("labels") and key not in keys]
        if not keys and other and control.labels:
            item.wrong(f".{other[0]}", f"the labels of a {control.type!r} result are its value's {control.type!r}")
        for key in keys - {control.type.removesuffix("labels")}:
            _label_list(item, key, [control])
    elif control.type in ("videorectangle", "videovector") and "labels" in item.value:
        beside = [other for other in item.config.controls.values() if other.tag == "Labels"]
        _label_list(item, "labels", [other for other in beside if set(other.to_name) & set(control.to_name)])


def _label_list(item: Item, key: str, controls: list[Control]) -> None:
    labels = item.value[key]
    if not isinstance(labels, list):
        if labels is not None:
            item.wrong(f".{key}", f"is a list of labels, not {labels!r}: write [{labels!r}]")
        return
    known = _known(item, controls)
    for index, label in enumerate(labels):
        if not isinstance(label, str):
            item.wrong(f".{key}[{index}]", f"a label is a string, not {label!r}")
        elif known and label not in known and label.strip() not in known:
            names = " or ".join(repr(control.name) for control in controls)
            item.wrong(f".{key}[{index}]", f"{names} has no label {label!r}{closest(label, sorted(known))}")


def _known(item: Item, controls: list[Control]) -> frozenset[str]:
    """All the labels of these controls; none where they cannot be known."""
    known: frozenset[str] = frozenset()
    for control in controls:
        known |= control.spellings
        if control.dynamic:
            brought = _brought(item, control)
            if brought is None:
                return frozenset()
            known |= frozenset(brought)
    return known


def _brought(item: Item, control: Control) -> list[str] | None:
    """The labels that a task brings under `value="$key"`; None where that cannot be told."""
    key = control.get("value")
    fixed = not any("$" in label.value for label in every(control.labels))
    if item.data is None or control.get("apiUrl") or not key.startswith("$") or not fixed:
        return None
    found: list[str] = []
    pending = [item.data.get(key[1:])]
    while pending:
        one = pending.pop(0)
        if isinstance(one, list):
            pending.extend(one)
        elif isinstance(one, dict) and isinstance(one.get("value"), str):
            found.extend(name for name in (one["value"], one.get("alias")) if isinstance(name, str))
            pending.append(one.get("children") or [])
        elif isinstance(one, str):
            found.append(one)
        else:
            return None
    return found or None


def _choices(item: Item) -> None:
    choices = item.get("choices", "a list of what was chosen")
    if choices is None:
        return
    if not isinstance(choices, list):
        item.wrong(".choices", f"is a list of what was chosen, not {choices!r}: write [{choices!r}]")
        return
    known = _known(item, [item.control])
    for index, choice in enumerate(choices):
        for step in choice if isinstance(choice, list) else [choice]:
            if not isinstance(step, str):
                item.wrong(f".choices[{index}]", f"a choice is a string, not {choice!r}")
            elif known and step not in known:
                said = f"{item.control.name!r} has no choice {step!r}{closest(step, sorted(known))}"
                item.wrong(f".choices[{index}]", said)
    if len(choices) > 1 and item.control.get("choice", "single") in ("single", "single-radio"):
        said = f'{item.control.name!r} takes one choice, not {len(choices)}: its config needs choice="multiple"'
        item.wrong(".choices", said)


def _taxonomy(item: Item) -> None:
    paths = item.get("taxonomy", "a list of paths, each a list of choices from the topmost down")
    if paths is None:
        return
    if not isinstance(paths, list) or not all(isinstance(path, list) for path in paths):
        item.wrong(".taxonomy", f"is a list of paths, each a list of strings from the topmost down, not {paths!r}")
        return
    control = item.control
    # Annotators may add their own items to a taxonomy of the older kind.
    fixed = bool(control.labels) and not control.dynamic and not control.is_true("legacy")
    known = list(control.paths()) if fixed else []
    for index, path in enumerate(paths):
        if not all(isinstance(step, str) for step in path):
            item.wrong(f".taxonomy[{index}]", f"a path is a list of strings, not {path!r}")
        elif known and not any(_is_path(path, one) for one in known):
            names = [" > ".join(step[0] for step in one) for one in known]
            item.wrong(f".taxonomy[{index}]", f"there is no {path!r}{closest(' > '.join(path), names)}")


def _is_path(path: list[str], known: tuple[tuple[str, ...], ...]) -> bool:
    return len(path) == len(known) and all(step in names for step, names in zip(path, known, strict=True))


def _bound(item: Item, name: str) -> float | None:
    try:
        return float(item.control.get(name))
    except ValueError:
        return None


def _rating(item: Item) -> None:
    rating = item.get("rating", "the stars given")
    most = _bound(item, "maxRating") or 5
    if rating is not None and not (is_number(rating) and 0 <= rating <= most):
        item.wrong(".rating", f"is {rating!r}; {item.control.name!r} takes 1 to {most:g} stars")


def _number(item: Item) -> None:
    number = item.get("number", "the number entered")
    if number is None:
        return
    if not is_number(number):
        item.wrong(".number", f"is a number, not {number!r}")
        return
    low, high = _bound(item, "min"), _bound(item, "max")
    if low is not None and number < low:
        item.wrong(".number", f"is {number}; {item.control.name!r} takes {low:g} at least")
    if high is not None and number > high:
        item.wrong(".number", f"is {number}; {item.control.name!r} takes {high:g} at most")


def _datetime(item: Item) -> None:
    moment = item.get("datetime", "a date, as a string")
    if moment is not None and (not isinstance(moment, (str, int)) or isinstance(moment, bool)):
        item.wrong(".datetime", f"is a date as a string, such as '2024-02-29', not {moment!r}")


def _textarea(item: Item) -> None:
    texts = item.get("text", "a list of the texts written")
    if texts is not None and not (isinstance(texts, list) and all(isinstance(text, str) for text in texts)):
        hint = f": write [{texts!r}]" if isinstance(texts, str) else ""
        item.wrong(".text", f"is a list of the texts written, not {texts!r}{hint}")


def _pairwise(item: Item) -> None:
    selected = item.get("selected", "'left' or 'right'")
    if selected is not None and selected not in ("left", "right"):
        item.wrong(".selected", f"is 'left' or 'right', not {selected!r}")


def _ranker(item: Item) -> None:
    ranked = item.value.get("ranker", item.value.get(item.control.name))
    buckets = ranked if isinstance(ranked, dict) else {"": ranked}
    shown = item.object.shown(item.data) if item.object else None
    ids = (
        {str(one["id"]) for one in shown if isinstance(one, dict) and "id" in one} if isinstance(shown, list) else None
    )
    for name, inside in buckets.items():
        where = f".ranker.{name}" if name else ".ranker"
        if not isinstance(inside, list) or not all(isinstance(one, (str, int)) for one in inside):
            item.wrong(where, f"is a list of the ids of the list's items, not {inside!r}")
            continue
        for one in inside:
            if ids and str(one) not in ids:
                item.wrong(where, f"no item of the task's list has the id {one!r}{closest(one, sorted(ids))}")


ANSWERS: dict[str, Callable[[Item], None]] = {
    "choices": _choices,
    "taxonomy": _taxonomy,
    "rating": _rating,
    "number": _number,
    "datetime": _datetime,
    "textarea": _textarea,
    "pairwise": _pairwise,
    "ranker": _ranker,
}
"""The rule for each type of answer."""
