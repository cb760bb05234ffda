"""The tags of a labeling configuration as frozen values, and how they are written as XML."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from labelwire.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

Attribute = str | int | float | bool | None
"""What an attribute may be given as; True is written as "true", None not at all."""

_NAME = re.compile(r"[^\W\d][\w.-]*")
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold, not even escaped."""

_IN_TEXT = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})
# A parser turns a bare line break inside an attribute into a space.
_IN_ATTRIBUTE = _IN_TEXT | str.maketrans({'"': "&quot;", "\n": "&#10;", "\t": "&#9;"})


@dataclass(frozen=True)
class Comment:
    """A comment. The server takes a sample task from one that holds a JSON object."""

    text: str

    def __post_init__(self) -> None:
        if "--" in self.text or self.text.endswith("-"):
            raise InvalidInput(f"an XML comment may not hold '--' nor end with '-': {self.text!r}")
        _allowed(self.text, "a comment")


@dataclass(frozen=True, init=False)
class Tag:
    """A tag with its attributes (as strings, under Label Studio's names) and its children, in order.

    `Tag("View", Tag("Header", value="Look closely"), style="display: flex")`
    """

    tag: str
    attributes: Mapping[str, str]
    children: tuple[Tag | Comment | str, ...]

    def __init__(self, tag: str, /, *children: Tag | Comment | str, **attributes: Attribute) -> None:
        _fill(self, tag, {name: as_text(value) for name, value in attributes.items() if value is not None}, children)

    @classmethod
    def of(cls, tag: str, attributes: Mapping[str, str], children: Iterable[Tag | Comment | str] = ()) -> Self:
        """A tag of exactly these attributes and children, as it is when it is read."""
        made = cls.__new__(cls)
        _fill(made, tag, attributes, children)
        return made

    def __hash__(self) -> int:
        return hash((self.tag, tuple(self.attributes.items()), self.children))

    def get(self, name: str, default: str = "") -> str:
        """The attribute, whatever the case of its name: the editor reads `maxrating` as `maxRating`."""
        if name in self.attributes:
            return self.attributes[name]
        return next((value for key, value in self.attributes.items() if key.lower() == name.lower()), default)

    def is_true(self, name: str) -> bool:
        """Whether the attribute is "true"."""
        return self.get(name).strip().lower() == "true"

    @property
    def tags(self) -> tuple[Tag, ...]:
        """The children that are tags."""
        return tuple(child for child in self.children if isinstance(child, Tag))

    def walk(self) -> Iterator[Tag]:
        """This tag and all the tags within, in the config's order."""
        yield self
        for child in self.tags:
            yield from child.walk()

    def replace(self, **attributes: Attribute) -> Self:
        """The same tag with these attributes; None takes one away."""
        changed = {**self.attributes, **{name: as_text(value) for name, value in attributes.items()}}
        kept = {name: value for name, value in changed.items() if attributes.get(name, "") is not None}
        return self.of(self.tag, kept, self.children)

    def with_children(self, children: Iterable[Tag | Comment | str]) -> Self:
        """The same tag with these children."""
        return self.of(self.tag, self.attributes, children)

    def to_xml(self, indent: int = 0) -> str:
        """The tag as XML, two spaces a level."""
        return "\n".join(lines(self, "  " * indent))

    def __str__(self) -> str:
        return self.to_xml()

    def __repr__(self) -> str:
        inside = [repr(self.tag), *map(repr, self.children), *(f"{k}={v!r}" for k, v in self.attributes.items())]
        return f"{type(self).__name__}({', '.join(inside)})"


def _fill(made: Tag, tag: str, attributes: Mapping[str, str], children: Iterable[Tag | Comment | str]) -> None:
    for name in (tag, *attributes):
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise InvalidInput(f"{name!r} cannot be the name of a tag or of an attribute")
    object.__setattr__(made, "tag", tag)
    object.__setattr__(made, "attributes", dict(attributes))
    object.__setattr__(made, "children", _joined(children))


def as_text(value: Attribute) -> str:
    """How an attribute is written."""
    if isinstance(value, bool):
        return str(value).lower()
    if value is not None and not isinstance(value, (str, int, float)):
        raise InvalidInput(f"an attribute is a string, a number or a bool, not {value!r}")
    return "" if value is None else str(value)


def _allowed(text: str, where: str) -> str:
    found = _FORBIDDEN.search(text)
    if found:
        raise InvalidInput(f"{where} holds {found[0]!r} at {found.start()}, which XML cannot: {text[:40]!r}")
    return text


def _joined(children: Iterable[Tag | Comment | str]) -> tuple[Tag | Comment | str, ...]:
    """Neighbouring texts as one, and the white space between tags gone, where there is nothing else."""
    joined: list[Tag | Comment | str] = []
    for child in children:
        if not isinstance(child, (Tag, Comment, str)):
            raise InvalidInput(f"a child of a tag is a tag, a comment or a text, not {child!r}")
        last = joined[-1] if joined else None
        if isinstance(child, str) and isinstance(last, str):
            joined[-1] = last + child
        elif child != "":
            joined.append(child)
    if any(isinstance(child, str) and child.strip() for child in joined):
        return tuple(joined)
    return tuple(child for child in joined if not isinstance(child, str))


def lines(node: Tag | Comment, margin: str = "") -> Iterator[str]:
    """A tag or a comment as lines of XML; one that holds text stays on one line, for white space counts there."""
    if isinstance(node, Comment) or not node.children or any(isinstance(child, str) for child in node.children):
        yield margin + _inline(node)
        return
    yield f"{margin}{_opening(node)}>"
    for child in node.children:
        if not isinstance(child, str):
            yield from lines(child, margin + "  ")
    yield f"{margin}</{node.tag}>"


def _opening(tag: Tag) -> str:
    parts = [f"<{tag.tag}"]
    for name, value in tag.attributes.items():
        text = _allowed(value, f"the attribute {name!r} of <{tag.tag}>")
        parts.append(f'{name}="{text.translate(_IN_ATTRIBUTE)}"')
    return " ".join(parts)


def _inline(node: Tag | Comment | str) -> str:
    if isinstance(node, str):
        return _allowed(node, "a text").translate(_IN_TEXT)
    if isinstance(node, Comment):
        return f"<!--{node.text}-->"
    if not node.children:
        return _opening(node) + "/>"
    return f"{_opening(node)}>{''.join(map(_inline, node.children))}</{node.tag}>"
