"""What goes onto existing tasks: predictions and annotations, checked one by one and cut into batches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from time import monotonic
from typing import Any

from msgspec import Struct, field

from ..core.json import encode
from ..core.model import Model
from ..core.operation import Do, Flow
from ..errors import InvalidInput, LabelwireError
from ..label_config import LabelConfig
from ..resources._fitting import configured, misfits, selected, unfit
from ..resources.projects import Project, Projects
from .batches import MOST_BYTES
from .report import OnProgress, OnRefusal, Refused, Report, interrupted

AT_ONCE = 5_000
"""Items of a batch. The server looks at all tasks of a project for each, so that larger ones are faster."""


class Item(Struct, frozen=True):
    """One prediction or annotation: its position in the input, its task, and all that was said of it."""

    position: int
    task: int
    fields: dict[str, Any]
    content: bytes


class Loading(Struct):
    """A bulk of predictions or annotations under way.

    `noun` is what messages call one of them, `about` the project where it was asked for.
    """

    project: int
    noun: str
    report: Report
    on_refusal: OnRefusal
    progress: OnProgress | None
    total: int | None
    about: Project | None = None
    config: LabelConfig | None = None
    begun: float = field(default_factory=monotonic)

    def told(self) -> None:
        """Say how far it is."""
        self.report.seconds = monotonic() - self.begun
        if self.progress is not None:
            self.progress(self.report.progress(self.total))

    def refuse(self, item: Item, reason: str) -> None:
        """Note that an item is not taken."""
        self.report.refused.append(Refused(item.position, reason))

    def items(self, given: Iterable[Any]) -> Iterator[Item]:
        """What was given, each checked for its form."""
        for position, fields in enumerate(given):
            try:
                yield item_of(self.noun, position, fields)
            except InvalidInput as error:
                if self.on_refusal == "raise":
                    raise
                self.report.refused.append(Refused(position, str(error)))


def item_of(noun: str, position: int, fields: Any) -> Item:
    """One item.

    Raises:
        InvalidInput: for what is none, or cannot be written as JSON.
    """
    plain = fields.raw if isinstance(fields, Model) else fields
    if not isinstance(plain, Mapping) or not hasattr(plain.get("task"), "__index__"):
        raise InvalidInput(f'{noun.capitalize()} {position} names no task: {{"task": id, "result": […]}} is the form.')
    return Item(position, int(plain["task"]), {**plain}, encode(plain, f"{noun.capitalize()} {position}"))


def prepared(
    project: int,
    noun: str,
    given: Iterable[Any],
    check: bool,
    on_refusal: OnRefusal,
    progress: OnProgress | None,
) -> Flow[tuple[Loading, Iterator[Item]]]:
    """What there is to do. Of a list all is looked at before anything is sent.

    Raises:
        InvalidInput: for an empty input; and, unless refusals are skipped, for what does not fit.
    """
    if isinstance(given, (str, bytes, Mapping)) or not isinstance(given, Iterable):
        raise InvalidInput(f"{noun.capitalize()}s come as a list of dicts, and not as {type(given).__name__}.")
    total = len(given) if isinstance(given, Sequence) else None
    if total == 0:
        raise InvalidInput(f"There are no {noun}s to import.")
    work = Loading(project, noun, Report(), on_refusal, progress, total)
    items = work.items(given)
    ready = (yield from Do(lambda: list(items))) if total is not None and on_refusal == "raise" else None
    if check:
        work.about = yield from Projects.get(None, project)
        work.config = configured(work.about)
    if ready is None:
        return work, items
    for start in range(0, len(ready), AT_ONCE):
        yield from fitting(work, ready[start : start + AT_ONCE])
    work.config = None  # looked through already
    return work, iter(ready)


def next_batch(work: Loading, items: Iterator[Item]) -> Flow[list[Item]]:
    """The next items, those that fit; an empty list after the last."""

    def take() -> list[Item]:
        room, taken = MOST_BYTES, []
        for item in islice(items, AT_ONCE):
            taken.append(item)
            room -= len(item.content)
            if room <= 0:
                break
        return taken

    while batch := (yield from Do(take)):
        fit = yield from fitting(work, batch)
        if fit:
            return fit
    return []


def fitting(work: Loading, batch: list[Item]) -> Flow[list[Item]]:
    """Those of the items that fit the labeling configuration.

    Raises:
        InvalidInput: unless refusals are skipped.
    """
    if work.config is None:
        return batch
    named = [(f"{work.noun} {one.position} of task {one.task}", one.task, one.fields.get("result")) for one in batch]
    found = yield from misfits(work.config, work.project, named)
    if found and work.on_refusal == "raise":
        raise unfit(work.project, [f"  {named[index][0]}: {one}" for index, some in found.items() for one in some])
    for index, problems in found.items():
        work.refuse(batch[index], "; ".join(problems))
    return [item for index, item in enumerate(batch) if index not in found]


def known(project: int, tasks: Iterable[int]) -> Flow[set[int]]:
    """Those of the tasks that the project has."""
    return {task.id for task in (yield from selected(project, tasks, ["id"]))}


def broken_off(work: Loading, error: LabelwireError) -> LabelwireError:
    """The error, with what was done before it."""
    made = work.report.created
    said = f"{made:,} {work.noun}s before it are on the server; error.report tells." if made else ""
    return interrupted(error, work.report, said)
