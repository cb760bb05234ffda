"""`client.projects`: how far a project's annotators agree, and its report."""

from __future__ import annotations

import tempfile
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from ..core.endpoint import D, workflow
from ..core.operation import Do, Flow
from ..errors import Forbidden, NotFound
from ..resources.projects import Projects as Single

if TYPE_CHECKING:
    from ..agreement import Agreement
    from ..data_manager import FilterSet


class Projects(Single[D]):
    """Projects: a label configuration and the tasks that are labeled by it."""

    @workflow
    def agreement(self, id: int, *, filters: FilterSet | None = None, view: int | None = None) -> Flow[Agreement]:
        """How far the project's annotators agree, measured here (extra `agreement`); any server will do.

        Which measure is for which control is told in `labelwire.agreement.kinds`. The tasks are read as `tasks.read`
        does; those that one person alone has labeled are counted, and compared with nothing.

        Args:
            filters: from `Filters.create(…)`.
            view: the id of a view, whose filters apply.
        """
        from .reading import saved
        from .wish import Wish

        project = yield from Single.get(None, id)
        with tempfile.TemporaryDirectory(prefix="labelwire-") as folder:
            tasks = yield from saved(
                Wish(id, predictions=False, filters=filters, view=view), Path(folder) / "tasks.json"
            )
            from ..agreement import measure

            names = yield from _names(id)
            return (yield from Do(lambda: measure(tasks, config=project.label_config or "<View/>", names=names)))

    @workflow
    def report(
        self, id: int, path: str | PathLike[str], *, filters: FilterSet | None = None, view: int | None = None
    ) -> Flow[Path]:
        """The path to which the project's report was written: one HTML file that needs nothing else (extra `report`).

        It has counts, progress, labels, annotators, their agreement, and pictures of the tasks on which they agree
        least; images are fetched with the client and put inside.

        Args:
            path: a file that ends in .html.
            filters: from `Filters.create(…)`.
            view: the id of a view, whose filters apply.
        """
        from ..report import Contents
        from ..resources._picture import image_addresses, images_of
        from .reading import saved
        from .wish import Wish

        project = yield from Single.get(None, id)
        config = project.label_config or "<View/>"
        with tempfile.TemporaryDirectory(prefix="labelwire-") as folder:
            wish = Wish(id, filters=filters, view=view)
            tasks = yield from saved(wish, Path(folder) / "tasks.json")
            names = yield from _names(id)
            title = project.title or f"project {id}"
            contents = yield from Do(lambda: Contents(tasks, config=config, title=title, names=names))
        images: dict[str, bytes] = {}
        for task in contents.worst:
            images.update((yield from images_of(task, image_addresses(task, config))))
        return (yield from Do(lambda: contents.write(path, images=images)))


def _names(project: int) -> Flow[dict[int, str]]:
    """What the project's annotators are called; nothing where the server is too old to say it."""
    try:
        people = yield from Single.annotators(None, project)
    except (NotFound, Forbidden):
        return {}
    return {one.id: one.email for one in people if one.email}
