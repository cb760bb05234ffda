"""Labels, choices and kinds of relations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labelwire.errors import InvalidInput

from .tags import Attribute, Tag

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

LABEL_TAGS = frozenset({"Label", "Choice", "Relation"})


class Label(Tag):
    """A label, a choice or a kind of relation; choices may be nested, for taxonomies.

    In a control it becomes the `<Label>`, `<Choice>` or `<Relation>` that belongs there.
    """

    def __init__(
        self,
        value: str,
        /,
        *children: str | Label,
        alias: str | None = None,
        background: str | None = None,
        hotkey: str | None = None,
        **attributes: Attribute,
    ) -> None:
        if not isinstance(value, str) or not value:
            raise InvalidInput(f"a label is a string that is not empty, not {value!r}")
        given = {"value": value, "alias": alias, "background": background, "hotkey": hotkey, **attributes}
        super().__init__("Label", *as_labels(children, "Choice"), **given)

    @property
    def value(self) -> str:
        """What the annotator sees."""
        return self.get("value")

    @property
    def alias(self) -> str | None:
        """What results say instead of the value, where it is given."""
        return self.get("alias") or None

    @property
    def background(self) -> str | None:
        """The colour, as CSS writes it."""
        return self.get("background") or None

    @property
    def hotkey(self) -> str | None:
        """The key that selects it."""
        return self.get("hotkey") or None

    @property
    def key(self) -> str:
        """What a result says: the alias, or else the value."""
        return self.alias or self.value

    @property
    def labels(self) -> tuple[Label, ...]:
        """The choices nested in this one."""
        return tuple(tag for tag in self.tags if isinstance(tag, Label))


def as_labels(given: Iterable[str | Label], tag: str) -> tuple[Label, ...]:
    """Labels from strings and labels, as tags of this name."""
    if isinstance(given, (str, bytes)):
        raise InvalidInput(f"labels are a list, not the string {given!r}: write [{given!r}]")
    made = (label if isinstance(label, Label) else Label(label) for label in given)
    return tuple(Label.of(tag, label.attributes, label.children) for label in made)


def every(labels: Iterable[Label]) -> Iterator[Label]:
    """The labels and those within."""
    for label in labels:
        yield label
        yield from every(label.labels)


def names_of(label: Label) -> tuple[str, ...]:
    """What a result may call it: by its alias, or by its value, which the editor finds as well."""
    return tuple(dict.fromkeys(name for name in (label.alias, label.value) if name))


def paths_of(labels: Iterable[Label], above: tuple[tuple[str, ...], ...] = ()) -> Iterator[tuple[tuple[str, ...], ...]]:
    """The labels as paths from the topmost one down; each step as all the names that it goes by."""
    for label in labels:
        path = (*above, names_of(label))
        yield path
        yield from paths_of(label.labels, path)
