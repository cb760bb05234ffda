"""A labeling configuration: what is shown of a task, and the controls that label it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from labelwire.errors import InvalidInput
from labelwire.utils import read_xml

from .checking import Problem, find_problems
from .labels import LABEL_TAGS, Label
from .making import closest
from .parts import Control, ObjectTag
from .samples import sample_of
from .tags import Comment, Tag, lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_T = TypeVar("_T")

_KEYS = re.compile(r"\$(\w+)")
_VALUES = ("value", "data", "valuelist", "on", "apiurl", "hint", "audio", "defaultvalue")


@dataclass(frozen=True, init=False)
class LabelConfig:
    """The tags of a labeling configuration, comments included; `str(config)` is the XML.

    `LabelConfig(ObjectTag(…), Control(…))` puts them into a `<View>`; a control without `to_name` labels the object,
    where there is only one.
    """

    nodes: tuple[Tag | Comment, ...]

    def __init__(self, *nodes: Tag | Comment) -> None:
        tags = [node for node in nodes if isinstance(node, Tag)]
        if len(tags) != 1 or isinstance(tags[0], (Control, ObjectTag)):
            nodes = (Tag("View", *nodes),)
        _distinct(nodes)
        objects = [
            tag.name for node in nodes if isinstance(node, Tag) for tag in node.walk() if isinstance(tag, ObjectTag)
        ]
        aimed = tuple(_aimed(node, objects) if isinstance(node, Tag) else node for node in nodes)
        object.__setattr__(self, "nodes", aimed)

    @classmethod
    def parse(cls, xml: str | bytes) -> LabelConfig:
        """The configuration that this XML is. Tags and attributes that are unknown are kept.

        Raises InvalidInput for what is not XML, and for a DOCTYPE.
        """
        reader = _Reader()
        read_xml(xml, reader)
        made = cls.__new__(cls)
        object.__setattr__(made, "nodes", tuple(reader.done))
        return made

    def to_xml(self) -> str:
        """The configuration as XML, two spaces a level."""
        return "\n".join(line for node in self.nodes for line in lines(node))

    def __str__(self) -> str:
        return self.to_xml()

    @property
    def root(self) -> Tag:
        """The outermost tag, mostly a `<View>`."""
        return next(node for node in self.nodes if isinstance(node, Tag))

    def walk(self) -> Iterator[Tag]:
        """All the tags, in the config's order."""
        return self.root.walk()

    @cached_property
    def controls(self) -> dict[str, Control]:
        """The controls by name, in the config's order."""
        return {tag.name: tag for tag in self.walk() if isinstance(tag, Control)}

    @cached_property
    def objects(self) -> dict[str, ObjectTag]:
        """The objects by name, in the config's order."""
        return {tag.name: tag for tag in self.walk() if isinstance(tag, ObjectTag)}

    @cached_property
    def data_keys(self) -> tuple[str, ...]:
        """The keys of a task's data that the configuration speaks of, in its order."""
        found: dict[str, None] = {}
        for tag in self.walk():
            for name, value in tag.attributes.items():
                if name.lower() in _VALUES:
                    found.update(dict.fromkeys(_KEYS.findall(value)))
        return tuple(found)

    @cached_property
    def relation_labels(self) -> tuple[str, ...]:
        """What relations may be called, if the configuration says."""
        return tuple(tag.key for tag in self.walk() if isinstance(tag, Label) and tag.tag == "Relation" and tag.key)

    def __getitem__(self, name: str) -> Control:
        """The control of this name, or the one that a `<Repeater>` makes it from: `box_0` for `box_{{idx}}`."""
        found = self.find_control(name)
        if found is None:
            raise KeyError(f"no control is named {name!r}{closest(name, self.controls)}")
        if found.name == name:
            return found
        number = re.search(r"\d+", name[_common(found.name, name) :])
        aimed = found.attributes["toName"]
        for flag in self._flags:
            aimed = aimed.replace(flag, number[0] if number else flag)
        return found.replace(name=name, toName=aimed)

    def find_control(self, name: str) -> Control | None:
        """The control that a result calls `from_name`, or None."""
        return self.controls.get(name) or _repeated(name, self.controls, self._flags)

    def find_object(self, name: str) -> ObjectTag | None:
        """The object that a result calls `to_name`, or None."""
        return self.objects.get(name) or _repeated(name, self.objects, self._flags)

    def is_conditional(self, control: Control) -> bool:
        """Whether a tag around the control is shown only at times."""
        return any(tag.get("visibleWhen") and any(one is control for one in tag.walk()) for tag in self.walk())

    @cached_property
    def _flags(self) -> tuple[str, ...]:
        """What stands for the number in the names of what is repeated."""
        return tuple(tag.get("indexFlag", "{{idx}}") for tag in self.walk() if tag.tag == "Repeater")

    def is_repeated(self, pattern: str, name: str) -> bool:
        """Whether a name, as a config has it, is this one or stands for it."""
        return pattern == name or bool(_repeated(name, {pattern: True}, self._flags))

    def problems(self, result: Any, data: Mapping[str, Any] | None = None, *, complete: bool = False) -> list[Problem]:
        """What is wrong with a result, an annotation or a prediction, by this configuration; nothing, if it fits.

        `data` is the task's data: with it, text spans are compared with the text, and labels with those that the task
        brings. `complete` asks for an answer to every required control too. Text offsets count UTF-16 units, as the
        editor does. Percentages may pass their ends by 0.02, as rounded ones do.
        """
        return find_problems(self, result, data, complete=complete)

    def check(self, result: Any, data: Mapping[str, Any] | None = None, *, complete: bool = False) -> None:
        """Raise InvalidInput with every reason, if `problems` finds any; nothing is sent."""
        found = self.problems(result, data, complete=complete)
        if found:
            shown = "\n".join(f"  {problem}" for problem in found[:20])
            more = f"\n  and {len(found) - 20} more" if len(found) > 20 else ""
            raise InvalidInput(f"the result does not fit the labeling configuration:\n{shown}{more}")

    def sample_task(self) -> dict[str, Any]:
        """Data for a task to try the configuration with; its files are the samples that a server brings."""
        sample: dict[str, Any] = {}
        for tag in self.walk():
            for key, value in sample_of(tag):
                if key not in sample or isinstance(tag, ObjectTag):
                    sample.setdefault(key, value)
        return {**sample, **{key: "A sample" for key in self.data_keys if key not in sample}}


def _repeated(name: str, known: Mapping[str, _T], flags: tuple[str, ...]) -> _T | None:
    for pattern, value in known.items():
        if any(flag and flag in pattern for flag in flags):
            expression = re.escape(pattern)
            for flag in flags:
                expression = expression.replace(re.escape(flag), r"\d+")
            if re.fullmatch(expression, name):
                return value
    return None


def _common(pattern: str, name: str) -> int:
    """How many characters they begin with in common."""
    return next((at for at, (one, other) in enumerate(zip(pattern, name, strict=False)) if one != other), 0)


def _distinct(nodes: Iterable[Tag | Comment]) -> None:
    """Refuse a name that two tags have, or that a `toName` has and no tag, as the server does."""
    tags = [tag for node in nodes if isinstance(node, Tag) for tag in node.walk()]
    names = [tag.attributes["name"] for tag in tags if tag.attributes.get("name")]
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise InvalidInput(f"two tags are named {twice[0]!r}: give one of them a name of its own")
    for tag in tags:
        for target in tag.to_name if isinstance(tag, Control) else ():
            if target not in names:
                raise InvalidInput(f"{tag.attributes['name']!r} labels {target!r}, and no tag has that name")


def _aimed(tag: Tag, objects: list[str]) -> Tag:
    """The tag, its controls aimed at the only object where they name none."""
    if isinstance(tag, Control) and not tag.to_name:
        if len(set(objects)) != 1:
            raise InvalidInput(f"say which object {tag.name!r} labels: to_name= one of {', '.join(objects) or 'none'}")
        tag = tag.replace(toName=objects[0])
    children = [_aimed(child, objects) if isinstance(child, Tag) else child for child in tag.children]
    return tag.with_children(children)


_KINDS: dict[str, type[Tag]] = dict.fromkeys(LABEL_TAGS, Label)


def _kind(tag: str, attributes: Mapping[str, str]) -> type[Tag]:
    """What a tag is, by the server's rule: attributes make a control or an object, not the tag's name."""
    if tag in _KINDS:
        return _KINDS[tag]
    if not attributes.get("name"):
        return Tag
    if attributes.get("toName") and tag != "Filter":  # a Filter has name and toName, and labels nothing
        return Control
    return ObjectTag if attributes.get("value") or attributes.get("valueList") else Tag


_DEEPEST = 200


class _Reader:
    """Takes the tags, the texts and the comments as the parser meets them."""

    def __init__(self) -> None:
        self.done: list[Tag | Comment] = []
        self._open: list[tuple[str, dict[str, str], list[Tag | Comment | str]]] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if len(self._open) >= _DEEPEST:
            raise InvalidInput(f"the labeling configuration is nested more than {_DEEPEST} tags deep")
        # A namespace, which no part of Label Studio knows, is put before a name in braces.
        plain = {name.rpartition("}")[2]: value for name, value in attributes.items()}
        self._open.append((tag.rpartition("}")[2], plain, []))

    def data(self, text: str) -> None:
        if self._open:
            self._open[-1][2].append(text)

    def comment(self, text: str) -> None:
        self._put(Comment(text))

    def end(self, _: str) -> None:
        tag, attributes, children = self._open.pop()
        self._put(_kind(tag, attributes).of(tag, attributes, children))

    def close(self) -> None:
        """Asked for by the parser."""

    def _put(self, node: Tag | Comment) -> None:
        if self._open:
            self._open[-1][2].append(node)
        else:
            self.done.append(node)
