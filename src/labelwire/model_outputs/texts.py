"""Findings in texts and sounds: spaCy's `Doc`, and transformers' pipelines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..errors import InvalidInput
from .findings import Finding, Form, Output


def from_spacy(doc: Any) -> Output:
    """What a `Doc` has: entities, the spans of all groups, and categories."""
    spans: dict[tuple[int, int, str], float | None] = {}
    for one in doc.ents:
        spans.setdefault((one.start_char, one.end_char, one.label_), None)
    for group in doc.spans.values():
        scores = group.attrs.get("scores")
        for place, one in enumerate(group):
            spans[one.start_char, one.end_char, one.label_] = None if scores is None else float(scores[place])
    found = [Finding("spans", label, score, {"span": (start, end)}) for (start, end, label), score in spans.items()]
    found += [Finding("choices", label, float(score), {"choices": None}) for label, score in doc.cats.items()]
    return Output(found, text=doc.text)


def from_classification(items: Sequence[Mapping[str, Any]]) -> Output:
    """What text- and image-classification give: `{"label", "score"}` for one class or for each."""
    return Output([_choice(item["label"], item["score"]) for item in items])


def from_zero_shot(item: Mapping[str, Any]) -> Output:
    """What zero-shot-classification gives: `{"sequence", "labels", "scores"}`."""
    pairs = zip(item["labels"], item["scores"], strict=True)
    return Output([_choice(label, score) for label, score in pairs], text=item["sequence"])


def from_tokens(items: Sequence[Mapping[str, Any]]) -> Output:
    """What token-classification gives, its tokens put together where it has not done so (`aggregation_strategy`)."""
    return Output([_span(group) for group in _grouped(items)])


def from_answer(item: Mapping[str, Any]) -> Output:
    """What question-answering gives: `{"answer", "score", "start", "end"}`."""
    forms: dict[Form, Any] = {"span": (item["start"], item["end"]), "text": item["answer"]}
    return Output([Finding("spans", None, item["score"], forms)])


def from_speech(item: Mapping[str, Any]) -> Output:
    """What automatic-speech-recognition gives: `{"text"}`, with `chunks` of `{"timestamp": (start, end), "text"}`."""
    found = [Finding("texts", None, None, {"text": item["text"].strip()})]
    for chunk in item.get("chunks", ()):
        start, end = chunk["timestamp"]
        if end is None:
            raise InvalidInput(f"the chunk {chunk['text']!r} has no end: the sound breaks off in it; leave it out")
        found.append(Finding("spans", None, None, {"segment": (start, end)}, chunk["text"].strip()))
    return Output(found)


def _choice(label: str, score: float) -> Finding:
    return Finding("choices", label, float(score), {"choices": None})


def _grouped(items: Sequence[Mapping[str, Any]]) -> Iterator[list[Mapping[str, Any]]]:
    """The items of one entity each: a token goes on with the one before it, unless a B- says that it begins anew."""
    group: list[Mapping[str, Any]] = []
    for item in items:
        if group and not (_label(item) == _label(group[-1]) and _goes_on(group[-1], item)):
            yield group
            group = []
        group.append(item)
    if group:
        yield group


def _goes_on(last: Mapping[str, Any], item: Mapping[str, Any]) -> bool:
    follows = "index" in item and item["index"] == last["index"] + 1
    return follows and not item["entity"].startswith("B-")


def _label(item: Mapping[str, Any]) -> str:
    label = str(item["entity_group"] if "entity_group" in item else item["entity"])
    return label[2:] if label.startswith(("B-", "I-")) else label


def _span(group: Sequence[Mapping[str, Any]]) -> Finding:
    start, end = group[0].get("start"), group[-1].get("end")
    if start is None or end is None:
        raise InvalidInput(f"the entity {group[0].get('word')!r} has no offsets: the pipeline needs a fast tokenizer")
    score = sum(float(item["score"]) for item in group) / len(group)
    return Finding("spans", _label(group[0]), score, {"span": (start, end)})
