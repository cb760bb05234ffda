"""Results are compared with the project's labeling configuration before they are sent.

The server takes a prediction that does not fit, and shows it to nobody; a bulk import leaves it out without a word.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from ..core.operation import Do, Flow
from ..core.pager import gathered
from ..errors import InvalidInput
from .projects import Project, Projects
from .tasks import Task, Tasks

if TYPE_CHECKING:
    from ..label_config import LabelConfig

AT_ONCE = 200
"""Ids in one question: more make the URL too long for some proxies."""

SHOWN = 20
"""Reasons that one message holds."""

Result: TypeAlias = tuple[str, int, Any]
"""What a message calls it, its task, and the regions."""


def check_results(project: int, results: Sequence[Result]) -> Flow[None]:
    """Refuse what does not fit; one request for the project, and one for every 200 texts that spans point into.

    Raises:
        InvalidInput: with the reasons, each with its place.
    """
    config = yield from configuration(project)
    found = yield from misfits(config, project, results)
    reasons = [f"  {results[index][0]}: {problem}" for index, problems in found.items() for problem in problems]
    if reasons:
        raise unfit(project, reasons)


def unfit(project: int, reasons: Sequence[str]) -> InvalidInput:
    """The error for results that do not fit, a line each."""
    more = f"\n  and {len(reasons) - SHOWN} more" if len(reasons) > SHOWN else ""
    shown = "\n".join(reasons[:SHOWN])
    return InvalidInput(
        f"Not sent, since it does not fit the labeling configuration of project {project}:\n{shown}{more}\n"
        "check=False sends it all the same."
    )


def configuration(project: int) -> Flow[LabelConfig]:
    """The project's labeling configuration; one request."""
    return configured((yield from Projects.get(None, project)))


def configured(project: Project) -> LabelConfig:
    """The labeling configuration of a project that was asked for."""
    from ..label_config import LabelConfig  # here, since few calls need it

    return LabelConfig.parse(project.label_config or "<View/>")


def misfits(config: LabelConfig, project: int, results: Sequence[Result]) -> Flow[dict[int, list[str]]]:
    """What is wrong with which of the results, by their index."""
    if not config.controls:
        return {}
    wanted = {task for _, task, result in results if _has_spans(result)}
    texts = {task.id: task.data for task in (yield from selected(project, wanted, ["id", "data"]))}

    def compare() -> dict[int, list[str]]:
        found = {
            index: [str(problem) for problem in config.problems(list(result), texts.get(task))]
            for index, (_, task, result) in enumerate(results)
            if isinstance(result, (list, tuple))
        }
        return {index: problems for index, problems in found.items() if problems}

    return (yield from Do(compare))


def check_result(name: str, task: int, result: Any) -> Flow[None]:
    """Refuse a single result that does not fit; two requests, for the task and for its project."""
    project = (yield from Tasks.get(None, task)).project
    if project is not None:
        yield from check_results(project, [(name, task, result)])


def _has_spans(result: Any) -> bool:
    """Whether a region points into the task's text by its offsets."""
    return isinstance(result, (list, tuple)) and any(
        isinstance(region, Mapping) and isinstance(region.get("value"), Mapping) and "start" in region["value"]
        for region in result
    )


def selected(
    project: int, tasks: Iterable[int], include: Sequence[str], fields: Literal["all"] | None = None
) -> Flow[list[Task]]:
    """Those of the tasks that the project has, by their ids, with these fields; a request for every 200.

    With `fields="all"` annotations and predictions are among those that can be had, at the server's expense.
    """
    wanted = sorted(set(tasks))
    found: list[Task] = []
    for start in range(0, len(wanted), AT_ONCE):
        some = wanted[start : start + AT_ONCE]
        found += yield from gathered(Tasks.list(None, project=project, selected=some, fields=fields, include=include))
    return found
