"""The old SDK's two helpers: the controls of a labeling configuration, and pieces of a list."""

from __future__ import annotations

import logging
import re
import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING, Literal, NotRequired, Protocol, TypedDict, TypeVar
from xml.parsers import expat

from labelwire.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Conditionals", "ControlInfo", "InputInfo", "chunk", "parse_config"]

logger = logging.getLogger(__name__)

T_co = TypeVar("T_co", covariant=True)


class InputInfo(TypedDict):
    """What a control labels: the object tag's name in the XML, and the key of the task's data (no `$`)."""

    type: str
    value: str


class Conditionals(TypedDict):
    """The regions that a per-region control is shown for: those of a tag, with a label, or with a choice."""

    type: Literal["tag", "label", "choice"]
    name: str


class ControlInfo(TypedDict):
    """A control tag. `labels` holds each label once, in the config's order, by its alias where it has one."""

    type: str
    to_name: list[str]
    conditionals: NotRequired[Conditionals]
    inputs: list[InputInfo]
    labels: list[str]
    labels_attrs: dict[str, dict[str, str]]


def parse_config(config_string: str | bytes | None) -> dict[str, ControlInfo]:
    """The controls of a labeling configuration by name; of an empty one, none.

    Raises InvalidInput for what is not XML, and for a DOCTYPE, which no labeling configuration needs.
    """
    if not config_string:
        return {}
    reader = _Reader()
    read_xml(config_string, reader)
    return reader.result()


class XMLTarget(Protocol):
    """What `read_xml` tells what it meets; a method `comment` or `data` is called where there is one."""

    def start(self, tag: str, attributes: dict[str, str], /) -> object:
        """A tag begins."""

    def end(self, tag: str, /) -> object:
        """A tag ends."""

    def close(self) -> object:
        """The text is over."""


def read_xml(config: str | bytes, target: XMLTarget) -> None:
    """Read a labeling configuration, telling `target` of every tag: no entities, no DOCTYPE, nothing fetched.

    Raises InvalidInput for what is not XML, and for a DOCTYPE, which no labeling configuration needs.
    """
    text = _text(config)
    if _DOCTYPE.match(text):
        raise InvalidInput("a labeling configuration may not have a DOCTYPE: it can define entities without end")
    # Without a DOCTYPE there is no entity to define, to expand or to fetch.
    parser = ET.XMLParser(target=target)  # noqa: S314
    try:
        parser.feed(text)
        parser.close()
    except ET.ParseError as error:
        line, column = error.position
        raise InvalidInput(
            f"the labeling configuration is not XML: {expat.ErrorString(error.code)}, line {line}, column {column + 1}"
        ) from None
    except UnicodeEncodeError as error:
        raise InvalidInput(
            f"the labeling configuration is not XML: character {error.start} is half of a surrogate pair"
        ) from None


# What may stand before a DOCTYPE: a byte order mark, white space, the declaration, comments.
_DOCTYPE = re.compile(r"\ufeff?(?:\s|<\?.*?\?>|<!--.*?-->)*+<!DOCTYPE", re.DOTALL)
_DECLARED = re.compile(rb"""<\?xml[^>]*?\bencoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")


def _text(config: str | bytes) -> str:
    if isinstance(config, str):
        return config
    if not isinstance(config, (bytes, bytearray, memoryview)):
        raise InvalidInput(f"a labeling configuration is a string, not {type(config).__name__}")
    data = bytes(config)
    declared = _DECLARED.match(data.removeprefix(b"\xef\xbb\xbf"))
    encoding = "utf-8"
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"
    elif declared:
        encoding = declared[1].decode("ascii")
    try:
        return data.decode(encoding)
    except (LookupError, UnicodeError) as error:
        raise InvalidInput(f"the labeling configuration is not text in {encoding}: {error}") from None


_CONDITIONS: tuple[tuple[Literal["tag", "label", "choice"], str], ...] = (
    ("tag", "whenTagName"),
    ("label", "whenLabelValue"),
    ("choice", "whenChoiceValue"),
)


class _Reader:
    """Takes the tags as the parser meets them."""

    def __init__(self) -> None:
        self.controls: dict[str, ControlInfo] = {}
        self.inputs: dict[str, InputInfo] = {}
        self.around: list[str | None] = []  # the names of the open tags

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = attributes.get("name")
        # A Filter has name and toName, and labels nothing.
        if name and attributes.get("toName") and tag != "Filter":
            self._control(name, tag, attributes)
        elif name and attributes.get("value"):
            self.inputs[name] = {"type": tag, "value": attributes["value"].lstrip("$")}
        if tag in ("Choice", "Label"):
            self._label(attributes)
        self.around.append(name)

    def end(self, tag: str) -> None:  # noqa: ARG002 - the parser passes it
        self.around.pop()

    def close(self) -> None:
        """Asked for by the parser."""

    def _control(self, name: str, tag: str, attributes: dict[str, str]) -> None:
        control: ControlInfo = {
            "type": tag,
            "to_name": attributes["toName"].split(","),
            "inputs": [],
            "labels": [],
            "labels_attrs": {},
        }
        if attributes.get("perRegion") == "true":
            for kind, attribute in _CONDITIONS:
                if attributes.get(attribute):
                    control["conditionals"] = {"type": kind, "name": attributes[attribute]}
                    break
        earlier = self.controls.get(name)
        if earlier:  # two controls of one name share their labels
            control["labels"], control["labels_attrs"] = earlier["labels"], earlier["labels_attrs"]
        self.controls[name] = control

    def _label(self, attributes: dict[str, str]) -> None:
        label = attributes.get("alias") or attributes.get("value")
        owner = next((self.controls[name] for name in reversed(self.around) if name in self.controls), None)
        if label and owner:
            if label not in owner["labels_attrs"]:
                owner["labels"].append(label)
            owner["labels_attrs"][label] = dict(attributes)

    def result(self) -> dict[str, ControlInfo]:
        """The controls with their inputs, which may stand behind them in the config."""
        for name, control in self.controls.items():
            # A space in "a, b" belongs to no name, unless a tag really bears it.
            targets = [part if part in self.inputs else part.strip() for part in control["to_name"]]
            control["to_name"] = [target for target in targets if target]
            for target in control["to_name"]:
                if target in self.inputs:
                    control["inputs"].append(self.inputs[target].copy())
                else:
                    logger.warning("no object tag is named %r, which is a toName of %r", target, name)
        return self.controls


class _Sliceable(Protocol[T_co]):
    def __len__(self) -> int: ...
    def __getitem__(self, key: slice, /) -> T_co: ...


def chunk(lst: _Sliceable[T_co], n: int) -> Iterator[T_co]:
    """Slices of `n` items, the last one shorter; of a list lists, of a string strings."""
    if n < 1:
        raise InvalidInput(f"a chunk has one item at least, not {n}")
    return (lst[start : start + n] for start in range(0, len(lst), n))
