"""Whole configurations for the usual kinds of data, and the controls that go into them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypedDict, Unpack

from labelwire.errors import InvalidInput

from .config import LabelConfig
from .labels import Label, as_labels
from .parts import Control, ObjectTag
from .tags import Tag

Labels = Sequence[str | Label] | bool
"""The labels of a tool; True is the tool without labels."""

Named = Mapping[str, Sequence[str | Label]] | Sequence[str | Label]
"""The choices of one question, or of several by their names."""


class Questions(TypedDict, total=False):
    """What can be asked about any kind of data.

    - `choices`: a list of choices, or lists of choices by the name of the question; one of each can be chosen.
    - `several`: the same, any number of which can be chosen.
    - `taxonomy`: nested choices, `Label("Animal", "Cat", "Dog")`; a list, or lists by name.
    - `comment`: a text to be written: True, or the name of the control, or several.
    - `rating`: stars to be given: True, or how many there are at most, or that by name.
    - `number`: a number to be entered: True, or (least, greatest), or that by name.
    - `date`: a date to be entered: True, or the name of the control.
    - `relations`: what arrows between regions are called.
    - `key`: the key of the task's data, if it is not the object's name.
    """

    choices: Named
    several: Named
    taxonomy: Named
    comment: bool | str | Sequence[str]
    rating: bool | int | Mapping[str, int]
    number: bool | tuple[float, float] | Mapping[str, tuple[float, float]]
    date: bool | str
    relations: Sequence[str | Label]
    key: str


def image(
    *more: Tag,
    boxes: Labels = (),
    polygons: Labels = (),
    keypoints: Labels = (),
    ellipses: Labels = (),
    brushes: Labels = (),
    **questions: Unpack[Questions],
) -> LabelConfig:
    """Images: the controls `box`, `polygon`, `keypoint`, `ellipse`, `brush`, each with labels of its own."""
    tools = [
        *_tool("box", "Rectangle", boxes),
        *_tool("polygon", "Polygon", polygons),
        *_tool("keypoint", "KeyPoint", keypoints),
        *_tool("ellipse", "Ellipse", ellipses),
        *_tool("brush", "Brush", brushes),
    ]
    return _config("Image", "image", tools, more, questions)


def text(*more: Tag, spans: Sequence[str | Label] = (), **questions: Unpack[Questions]) -> LabelConfig:
    """Texts: the control `span` for the labels of parts."""
    return _config("Text", "text", _labels("span", "Labels", spans), more, questions)


def html(*more: Tag, spans: Sequence[str | Label] = (), **questions: Unpack[Questions]) -> LabelConfig:
    """HTML: the control `span` for the labels of parts."""
    return _config("HyperText", "html", _labels("span", "HyperTextLabels", spans), more, questions)


def paragraphs(*more: Tag, spans: Sequence[str | Label] = (), **questions: Unpack[Questions]) -> LabelConfig:
    """Dialogues, lists of {"author", "text"}: the control `span` for the labels of parts."""
    tools = _labels("span", "ParagraphLabels", spans)
    attributes = {"layout": "dialogue", "nameKey": "author", "textKey": "text"}
    return _config("Paragraphs", "dialogue", tools, more, questions, attributes)


def audio(
    *more: Tag,
    segments: Sequence[str | Label] = (),
    transcription: bool = False,
    **questions: Unpack[Questions],
) -> LabelConfig:
    """Sounds: the controls `segment` for labels of stretches and `transcription`, for the text of each or of all."""
    tools: list[Tag] = _labels("segment", "Labels", segments)
    if transcription:
        written = Control("TextArea", name="transcription", rows=2, editable=True, perRegion=bool(tools) or None)
        tools.append(written)
    return _config("Audio", "audio", tools, more, questions)


def video(
    *more: Tag,
    boxes: Sequence[str | Label] = (),
    timeline: Sequence[str | Label] = (),
    **questions: Unpack[Questions],
) -> LabelConfig:
    """Videos: the controls `box` for boxes that move, with their labels in `label`, and `timeline` for stretches."""
    tools = _labels("label", "Labels", boxes)
    if tools:
        tools.append(Control("VideoRectangle", name="box"))
    return _config("Video", "video", [*tools, *_labels("timeline", "TimelineLabels", timeline)], more, questions)


def time_series(
    *more: Tag,
    columns: Sequence[str],
    segments: Sequence[str | Label] = (),
    time: str = "time",
    time_format: str | None = None,
    url: bool = False,
    **questions: Unpack[Questions],
) -> LabelConfig:
    """Series with these columns beside that of the time: the control `segment` for the labels of stretches.

    The task holds the columns as lists, or with `url` the address of a CSV file.
    """
    channels = [Tag("Channel", column=column, legend=column) for column in _names("columns", columns)]
    value_type = "url" if url else "json"
    attributes = {"valueType": value_type, "timeColumn": time, "timeFormat": time_format}
    tools = _labels("segment", "TimeSeriesLabels", segments)
    return _config("TimeSeries", "series", tools, more, questions, attributes, channels)


def table(*more: Tag, **questions: Unpack[Questions]) -> LabelConfig:
    """Tables of names and values, to ask questions about."""
    return _config("Table", "table", [], more, questions)


def pairwise(*more: Tag, kind: str = "Text", **questions: Unpack[Questions]) -> LabelConfig:
    """Two objects of one kind, `left` and `right`, of which one is preferred: the control `pairwise`.

    `kind` is the object's tag: "Text", "Image", "Audio", "Video" or "HyperText".
    """
    if "key" in questions:
        raise InvalidInput("pairwise() shows the keys 'left' and 'right' of a task; it takes no key")
    sides = [ObjectTag(kind, name=name, value=f"${name}") for name in ("left", "right")]
    asked = [tag for tag in _asked(questions) if not isinstance(tag, Control)]
    aimed = [tag.replace(toName="left,right") for tag in _asked(questions) if isinstance(tag, Control)]
    columns = Tag("View", *sides, style="display: grid; grid-template-columns: 1fr 1fr; gap: 1em")
    return LabelConfig(
        Tag("View", Control("Pairwise", name="pairwise", to_name="left,right"), columns, *asked, *aimed, *more)
    )


def ranking(
    *more: Tag, buckets: Sequence[str] = (), title: str = "Items", **questions: Unpack[Questions]
) -> LabelConfig:
    """Lists of {"id", "title", "body"} to be put in order, or into buckets: the control `rank`."""
    inside = [Tag("Bucket", name=bucket, title=bucket) for bucket in _names("buckets", buckets)]
    return _config("List", "list", [Control("Ranker", *inside, name="rank")], more, questions, {"title": title})


def _config(
    tag: str,
    name: str,
    tools: Sequence[Tag],
    more: Sequence[Tag],
    questions: Questions,
    attributes: Mapping[str, str | None] | None = None,
    children: Sequence[Tag] = (),
) -> LabelConfig:
    shown = ObjectTag(tag, *children, name=name, value="$" + questions.get("key", name), **attributes or {})
    return LabelConfig(Tag("View", *tools, shown, *_asked(questions), *more))


def _tool(name: str, tag: str, labels: Labels) -> list[Tag]:
    if isinstance(labels, bool):
        return [Control(tag, name=name)] if labels else []
    return _labels(name, f"{tag}Labels", labels)


def _labels(name: str, tag: str, labels: Sequence[str | Label]) -> list[Tag]:
    return [Control(tag, *as_labels(labels, "Label"), name=name)] if labels else []


def _asked(questions: Questions) -> list[Tag]:
    unknown = set(questions) - set(Questions.__annotations__)
    if unknown:
        raise TypeError(f"unknown argument {sorted(unknown)[0]!r}")
    asked: list[Tag] = []
    for name, choices in _by_name("choice", questions.get("choices", ())).items():
        asked += [Tag("Header", value=name), Control("Choices", *choices, name=name, choice="single")]
    for name, choices in _by_name("several", questions.get("several", ())).items():
        asked += [Tag("Header", value=name), Control("Choices", *choices, name=name, choice="multiple")]
    for name, choices in _by_name("taxonomy", questions.get("taxonomy", ())).items():
        asked += [Tag("Header", value=name), Control("Taxonomy", *choices, name=name)]
    comment, date = questions.get("comment", False), questions.get("date", False)
    for name in _names(
        "comment", ["comment"] if comment is True else [comment] if isinstance(comment, str) else comment or []
    ):
        asked += [Tag("Header", value=name), Control("TextArea", name=name, rows=3, editable=True)]
    rating = questions.get("rating", False)
    stars = rating if isinstance(rating, Mapping) else {"rating": 5 if rating is True else rating}
    asked += [Control("Rating", name=name, maxRating=most) for name, most in stars.items() if most]
    number = questions.get("number", False)
    for name, bounds in (number if isinstance(number, Mapping) else {"number": number}).items():
        low, high = (None, None) if isinstance(bounds, bool) else bounds
        if bounds is not False:
            asked += [Tag("Header", value=name), Control("Number", name=name, min=low, max=high)]
    if date:
        asked.append(Control("DateTime", name="date" if date is True else date))
    relations = questions.get("relations", ())
    return [*asked, Tag("Relations", *as_labels(relations, "Relation"))] if relations else asked


def _by_name(name: str, choices: Named) -> dict[str, tuple[Label, ...]]:
    """The choices of each question, under its name."""
    named = choices if isinstance(choices, Mapping) else {name: choices} if choices else {}
    return {key: as_labels(one, "Choice") for key, one in named.items()}


def _names(argument: str, names: Sequence[str]) -> Sequence[str]:
    if isinstance(names, str) or not all(isinstance(name, str) and name for name in names):
        raise InvalidInput(f"{argument} is a list of names, not {names!r}")
    return names
