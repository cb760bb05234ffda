"""What a conversion has to know of a labeling configuration: which tags show what, and which labels there are."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

from msgspec import Struct

from ..label_config import LabelConfig

_STEPS = re.compile(r"\w+|\[(\d+)\]")
_FLAG = re.compile(r"\{\{.*?\}\}")


class Shown(Struct, frozen=True):
    """A tag that shows a part of a task. `type` is the tag in lower case, `path` leads to the value in the data."""

    name: str
    type: str
    path: tuple[str | int, ...]
    value_type: str = ""

    @property
    def key(self) -> str:
        """The key of the task's data."""
        return str(self.path[0]) if self.path else ""

    def of(self, data: Mapping[str, Any]) -> Any:
        """What it shows of a task with this data, or None."""
        if len(self.path) == 1:
            return data.get(self.path[0])  # type: ignore[arg-type]
        found: Any = data
        for step in self.path:
            if isinstance(found, dict):
                found = found.get(step)
            elif isinstance(found, list) and isinstance(step, int) and step < len(found):
                found = found[step]
            else:
                return None
        return found


class Asked(Struct, frozen=True):
    """A control. `type` is the tag in lower case, `labels` are what results may say, in the config's order."""

    name: str
    type: str
    objects: tuple[str, ...]
    labels: tuple[str, ...]
    per_region: bool = False


class Schema:
    """The objects and the controls of a configuration; what a `<Repeater>` makes of them too. It can be pickled."""

    def __init__(self, config: LabelConfig | str | bytes | None = None) -> None:
        parsed = config if isinstance(config, LabelConfig) else LabelConfig.parse(config or "<View/>")
        self.config = parsed
        self.xml = parsed.to_xml()
        self.objects: dict[str, Shown] = {
            name: _shown(name, tag.type, tag.value, tag.get("valueType")) for name, tag in parsed.objects.items()
        }
        self.controls: dict[str, Asked] = {
            name: Asked(
                name,
                tag.type,
                tuple(tag.to_name),
                tuple(dict.fromkeys(path[-1][0] for path in tag.paths())),
                tag.per_region,
            )
            for name, tag in parsed.controls.items()
        }
        self._found: dict[str, Shown | None] = dict(self.objects)
        self._asked: dict[str, Asked | None] = dict(self.controls)

    def __reduce__(self) -> tuple[type[Schema], tuple[str]]:
        return Schema, (self.xml,)

    def __bool__(self) -> bool:
        """Whether anything is known."""
        return bool(self.objects or self.controls)

    def object(self, name: str) -> Shown | None:
        """The object that a result calls `to_name`."""
        if name not in self._found:
            tag = self.config.find_object(name)
            shown = None
            if tag is not None:
                number = next((n for n in re.findall(r"\d+", name) if tag.name != name), "")
                value = _FLAG.sub(number, tag.value)
                shown = _shown(name, tag.type, value, tag.get("valueType"))
            self._found[name] = shown
        return self._found[name]

    def repeated(self, shown: Shown, number: int) -> Shown | None:
        """The object that a `<Repeater>` makes of this one for that item of its list; None where all show the same."""
        value = self.config.objects[shown.name].value
        if "{{" not in value:
            return shown if number == 0 else None
        name, value = (_FLAG.sub(str(number), one) for one in (shown.name, value))
        return _shown(name, shown.type, value, shown.value_type)

    def control(self, name: str) -> Asked | None:
        """The control that a result calls `from_name`."""
        if name not in self._asked:
            tag = self.config.find_control(name)
            self._asked[name] = self.controls.get(tag.name) if tag is not None else None
        return self._asked[name]

    def classes(self, kinds: Collection[str] | None = None) -> tuple[str, ...]:
        """The labels of the controls of these types (tags in lower case), in the config's order, each once."""
        found = (one.labels for one in self.controls.values() if kinds is None or one.type in kinds)
        return tuple(dict.fromkeys(label for labels in found for label in labels))

    def shows(self, kinds: Collection[str]) -> tuple[Shown, ...]:
        """The objects of these types (tags in lower case)."""
        return tuple(one for one in self.objects.values() if one.type in kinds)


def _shown(name: str, kind: str, value: str, value_type: str) -> Shown:
    steps = _STEPS.finditer(value) if value.startswith("$") else ()
    path = tuple(int(step[1]) if step[1] else step[0] for step in steps)
    return Shown(name, kind, path, value_type)
