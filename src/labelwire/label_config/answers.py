"""Results on texts, sounds and series, and answers about a task or a region."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any, Unpack

from labelwire.errors import InvalidInput

from .making import Around, Maker, Result, closest, plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


def units(text: str) -> int:
    """The length of a text as the editor counts: in UTF-16 units, two for an emoji."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def offset_in(text: str, position: int) -> int:
    """Label Studio's offset (UTF-16 units) of a position in a Python string (code points)."""
    if not 0 <= position <= len(text):
        raise InvalidInput(f"{position} is not within the text of {len(text)} characters")
    return units(text[:position])


def position_in(text: str, offset: int) -> int:
    """The position in a Python string (code points) of one of Label Studio's offsets (UTF-16 units)."""
    found = len(text.encode("utf-16-le", "surrogatepass")[: 2 * offset].decode("utf-16-le", "surrogatepass"))
    if not 0 <= offset <= units(text):
        raise InvalidInput(f"offset {offset} is not within the text of {units(text)} UTF-16 units")
    return found


class Answers(Maker):
    """The methods of a control for texts, sounds and series, and for questions.

    `region` is another result, whose region the answer is about: for controls that are `perRegion`.
    """

    def span(
        self, text: str, start: int, end: int, label: str | Sequence[str] | None = None, **around: Unpack[Around]
    ) -> Result:
        """The part `text[start:end]` of a `<Text>`, by Python's offsets; the editor's own count UTF-16 units."""
        self._only("span", "Labels", "HyperTextLabels")
        if not 0 <= start <= end <= len(text):
            raise InvalidInput(f"{start} to {end} is no part of a text of {len(text)} characters")
        value = {"start": offset_in(text, start), "end": offset_in(text, end), "text": text[start:end]}
        return self._result({**value, **self._labelled(label)}, around)

    def utterance(
        self,
        paragraphs: Sequence[Mapping[str, Any]],
        index: int,
        start: int = 0,
        end: int | None = None,
        label: str | Sequence[str] | None = None,
        *,
        text_key: str = "text",
        **around: Unpack[Around],
    ) -> Result:
        """A part of one paragraph, all of it if no offsets are given; Python's offsets within its text."""
        self._only("utterance", "ParagraphLabels")
        if not 0 <= index < len(paragraphs):
            raise InvalidInput(f"there is no paragraph {index}: there are {len(paragraphs)}, counted from 0")
        text = str(paragraphs[index][text_key])
        end = len(text) if end is None else end
        if not 0 <= start <= end <= len(text):
            raise InvalidInput(f"{start} to {end} is no part of a paragraph of {len(text)} characters")
        value = {
            "start": str(index),
            "end": str(index),
            "startOffset": offset_in(text, start),
            "endOffset": offset_in(text, end),
            "text": text[start:end],
        }
        return self._result({**value, **self._labelled(label)}, around)

    def segment(
        self,
        start: float,
        end: float,
        label: str | Sequence[str] | None = None,
        *,
        duration: float | None = None,
        **around: Unpack[Around],
    ) -> Result:
        """A stretch of a sound, in seconds, or of a time series, in its time column's units.

        `duration` is the whole sound's length in seconds.
        """
        self._only("segment", "Labels", "TimeSeriesLabels")
        start, end = plain(start, "start"), plain(end, "end")
        if start > end:
            raise InvalidInput(f"{start} to {end} is no stretch of time: the start comes first")
        value: dict[str, Any] = {"start": start, "end": end}
        if self.type == "timeserieslabels":
            value["instant"] = start == end
        else:
            value["channel"] = 0
        made = self._result({**value, **self._labelled(label)}, around)
        return made if duration is None else {**made, "original_length": float(duration)}

    def frames(self, start: int, end: int, label: str | Sequence[str], **around: Unpack[Around]) -> Result:
        """A stretch of a video's timeline, from frame to frame, counted from 1."""
        self._only("frames", "TimelineLabels")
        if not 1 <= start <= end:
            raise InvalidInput(
                f"frames {start} to {end} are no stretch: they are counted from 1, the first comes first"
            )
        return self._result({"ranges": [{"start": int(start), "end": int(end)}], **self._labelled(label)}, around)

    def label(self, region: Mapping[str, Any], label: str | Sequence[str], **around: Unpack[Around]) -> Result:
        """The label of a region that another control has drawn: `<Labels>` beside a `<Rectangle>` without labels."""
        return self._result(self._labelled(label), around, region)

    def choose(
        self, *choices: str | Sequence[str], region: Mapping[str, Any] | None = None, **around: Unpack[Around]
    ) -> Result:
        """The choices made; in a taxonomy each is a path, from the topmost down: `("Animal", "Cat")`."""
        self._only("choose", "Choices", "Taxonomy")
        if not choices:
            raise InvalidInput(f"{self.name!r} needs a choice{closest('', self.label_names)}")
        if self.tag == "Taxonomy":
            paths = [[self._known(step) for step in ([path] if isinstance(path, str) else path)] for path in choices]
            return self._result({"taxonomy": paths}, around, region)
        chosen = [self._known(one) if isinstance(one, str) else [self._known(step) for step in one] for one in choices]
        return self._result({"choices": chosen}, around, region)

    def write(self, *texts: str, region: Mapping[str, Any] | None = None, **around: Unpack[Around]) -> Result:
        """The texts typed into a `<TextArea>`."""
        self._only("write", "TextArea")
        if not texts or not all(isinstance(text, str) for text in texts):
            raise InvalidInput(f"write() takes one text at least, not {texts!r}")
        return self._result({"text": list(texts)}, around, region)

    def rate(self, stars: int, *, region: Mapping[str, Any] | None = None, **around: Unpack[Around]) -> Result:
        """The stars given, from 1 to the control's `maxRating`."""
        self._only("rate", "Rating")
        return self._result({"rating": int(plain(stars, "stars"))}, around, region)

    def number(self, number: float, *, region: Mapping[str, Any] | None = None, **around: Unpack[Around]) -> Result:
        """The number entered."""
        self._only("number", "Number")
        return self._result({"number": plain(number, "number")}, around, region)

    def date(
        self,
        moment: str | dt.date | dt.datetime,
        *,
        region: Mapping[str, Any] | None = None,
        **around: Unpack[Around],
    ) -> Result:
        """The date or the date and time, as ISO 8601 writes it."""
        self._only("date", "DateTime")
        if isinstance(moment, dt.datetime):
            moment = moment.isoformat(timespec="minutes")
        return self._result({"datetime": str(moment)}, around, region)

    def prefer(self, side: str, **around: Unpack[Around]) -> Result:
        """The preferred one of a `<Pairwise>`: "left" or "right".

        The editor ties it to the control itself. Servers that check imported predictions leave such out without a word:
        for those, pass `to=` the name of the left object.
        """
        self._only("prefer", "Pairwise")
        if side not in ("left", "right"):
            raise InvalidInput(f"prefer() takes 'left' or 'right', not {side!r}")
        return {**self._result({"selected": side}, around), "to_name": around.get("to") or self.name}

    def rank(self, buckets: Mapping[str, Iterable[str | int]], **around: Unpack[Around]) -> Result:
        """The ids of a `<List>`'s items by bucket, each in its order."""
        self._only("rank", "Ranker")
        return self._result({"ranker": {name: [str(one) for one in ids] for name, ids in buckets.items()}}, around)


def relation(
    source: Mapping[str, Any], target: Mapping[str, Any], *labels: str, direction: str = "right"
) -> dict[str, Any]:
    """An arrow from one region to another; `direction` is "right", "left" or "bi"."""
    if direction not in ("right", "left", "bi"):
        raise InvalidInput(f"a relation's direction is 'right', 'left' or 'bi', not {direction!r}")
    ends = {"from_id": source["id"], "to_id": target["id"]}
    return {**ends, "type": "relation", "direction": direction, "labels": list(labels)}
