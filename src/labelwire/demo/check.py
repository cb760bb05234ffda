"""Whether what came back from the server is what went in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..errors import LabelwireError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

TOLERANCE = 1e-6
"""By how many percent of the image a side of a box may differ."""

NAMED = 5
"""Differences that the error names; of the others it gives the number."""


class Different(LabelwireError):
    """What came back is not what went in.

    Attributes:
        differences: each in a sentence.
    """

    def __init__(self, where: str, differences: Sequence[str]) -> None:
        self.differences = list(differences)
        more = len(differences) - NAMED
        lines = [*differences[:NAMED], *([f"and {more} more"] if more > 0 else [])]
        super().__init__(f"{where} is not what went in:\n" + "\n".join(f"  - {line}" for line in lines))


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What went into one task: its image's file name, the predicted regions, and whether they became annotations."""

    image: str
    result: Sequence[Mapping[str, Any]]
    annotated: bool = False


def check(sent: Mapping[int, Sent], tasks: Iterable[Mapping[str, Any]], *, where: str) -> None:
    """Compares tasks, as a listing or an export gives them, with what went in; `sent` is by task id.

    Raises:
        Different: and how.
    """
    came = {int(task["id"]): task for task in tasks}
    differences = [f"task {number} is missing" for number in sent if number not in came]
    differences += [f"task {number} was never made" for number in came if number not in sent]
    for number in sorted(sent.keys() & came.keys()):
        differences += (f"task {number}: {difference}" for difference in _task(sent[number], came[number]))
    if differences:
        raise Different(where, differences)


def upload_name(place: str) -> str:
    """An upload's own name: the server puts a random prefix before it, as in `/data/upload/7/1c9f-NAME`."""
    return place.rpartition("/")[2].partition("-")[2]


def _task(sent: Sent, task: Mapping[str, Any]) -> Iterator[str]:
    image = str(task["data"].get("image"))
    if upload_name(image) != sent.image:
        yield f"its image is {image!r} and not {sent.image!r}"
    yield from _results("prediction", 1, sent.result, task.get("predictions") or [])
    yield from _results("annotation", int(sent.annotated), sent.result, task.get("annotations") or [])


def _results(
    kind: str, wanted: int, regions: Sequence[Mapping[str, Any]], found: Sequence[Mapping[str, Any]]
) -> Iterator[str]:
    if len(found) != wanted:
        yield f"{len(found)} {kind}s and not {wanted}"
    for one in found:
        if len(one["result"]) != len(regions):
            yield f"{kind} with {len(one['result'])} of {len(regions)} boxes"
            continue
        for number, (before, after) in enumerate(zip(regions, one["result"], strict=True), start=1):
            yield from (f"box {number} of the {kind} has {what}" for what in _region(before, after))


def _region(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    for field, value in before.items():
        if field != "value" and after.get(field) != value:
            yield f"{field} {after.get(field)!r} and not {value!r}"
    for field, value in before["value"].items():
        came = after["value"].get(field)
        numbers = isinstance(value, (int, float)) and isinstance(came, (int, float))
        if not (abs(value - came) <= TOLERANCE if numbers else value == came):
            yield f"{field} {came!r} and not {value!r}"
