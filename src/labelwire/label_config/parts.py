"""The tags that a labeling configuration is about: the objects that are shown, and the controls that label them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from labelwire.errors import InvalidInput

from .answers import Answers
from .labels import Label, as_labels, paths_of
from .shapes import Shapes
from .tags import Attribute, Comment, Tag

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

_KEY = re.compile(r"\$(\w+)")


class ObjectTag(Tag):
    """A tag that shows a part of the task's data: `ObjectTag("Image", name="img", value="$image")`."""

    def __init__(self, tag: str, /, *children: Tag | Comment | str, name: str, **attributes: Attribute) -> None:
        super().__init__(tag, *children, name=_named(name), **attributes)

    @property
    def name(self) -> str:
        """What a result calls `to_name`."""
        return self.attributes["name"]

    @property
    def type(self) -> str:
        """The tag's name in lower case, as the editor sees it."""
        return self.tag.lower()

    @property
    def value(self) -> str:
        """`$key`, or what is shown in every task."""
        return self.get("value") or self.get("valueList")

    @property
    def data_key(self) -> str | None:
        """The key of the task's data whose value is shown, if it is one: `images` for `$images[0].url`."""
        found = _KEY.match(self.value)
        return found[1] if found else None

    def shown(self, data: Mapping[str, object] | None) -> object:
        """What this tag shows of a task with this data, or None where that cannot be told."""
        if data is None or not self.value.startswith("$"):
            return None
        if self.value[1:] in data:
            return data[self.value[1:]]
        found: object = data
        for step in self.value[1:].split("."):
            found = found.get(step) if isinstance(found, dict) else None
        return found


class Control(Shapes, Answers):
    """A tag that makes results: `Control("Choices", "sun", "rain", name="weather", to_name="img", required=True)`.

    Strings and labels become its `<Label>`s or `<Choice>`s; attributes have Label Studio's names. Its methods make
    results that are ready to send, from pixels, seconds and Python's own offsets.
    """

    def __init__(
        self,
        tag: str,
        /,
        *children: str | Tag | Comment,
        name: str,
        to_name: str | Sequence[str] = "",
        **attributes: Attribute,
    ) -> None:
        kind = "Choice" if tag in ("Choices", "Taxonomy") else "Label"
        made: list[Tag | Comment] = []
        for child in children:
            made.extend(as_labels([child], kind) if isinstance(child, (str, Label)) else [child])
        target = to_name if isinstance(to_name, str) else ",".join(to_name)
        super().__init__(tag, *made, name=_named(name), toName=target, **attributes)

    @property
    def per_region(self) -> bool:
        """Whether it is answered for each region, and not once for the task."""
        return self.is_true("perRegion")

    @property
    def required(self) -> bool:
        """Whether the editor asks for an answer."""
        return self.is_true("required")

    @property
    def conditions(self) -> dict[str, str]:
        """When it is shown: its `visibleWhen`, `whenTagName`, `whenLabelValue`, `whenChoiceValue`."""
        names = ("visibleWhen", "whenTagName", "whenLabelValue", "whenChoiceValue", "whenRole")
        return {name: self.get(name) for name in names if self.get(name)}

    def paths(self) -> Iterator[tuple[tuple[str, ...], ...]]:
        """The choices as paths from the topmost one down; each step as all the names that it goes by."""
        yield from paths_of(self.labels)


def _named(name: str) -> str:
    if not isinstance(name, str) or not name or "," in name:
        raise InvalidInput(f"a tag's name is a string that is not empty, without a comma, not {name!r}")
    return name
