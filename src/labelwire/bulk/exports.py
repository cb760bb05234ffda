"""`client.exports`: a project's tasks as files, and as training data in any format."""

from __future__ import annotations

from os import PathLike
from typing import TYPE_CHECKING, Any

from ..core.endpoint import D, workflow
from ..core.operation import Flow
from ..data_manager import FilterSet
from ..resources.exports import Exports as Single
from ..where.condition import Condition, filters_from
from .report import OnProgress

if TYPE_CHECKING:
    from ..formats import Report
    from ..label_config import LabelConfig


class Exports(Single[D]):
    """Exports: a project's tasks and annotations as files."""

    @workflow
    def dataset(
        self,
        /,
        project: int,
        *,
        format: str,
        path: str | PathLike[str],
        with_media: bool = False,
        config: LabelConfig | str | PathLike[str] | None = None,
        filters: FilterSet | None = None,
        where: Condition | None = None,
        view: int | None = None,
        overwrite: bool = False,
        cache: str | PathLike[str] | None = None,
        at_once: int = 4,
        workers: int | None = None,
        progress: OnProgress | None = None,
        **choice: Any,
    ) -> Flow[Report]:
        """Writes the project in a format of training data, and reports what was written and what was left out.

        The tasks are read as `tasks.save` does, and converted here.

        Args:
            format: one of `labelwire.formats.FORMATS`, or a name that the official exporter has for it.
            path: a folder, or a .zip, .tar or .tar.gz; for formats of one file, that file; here or at an fsspec URL.
            with_media: whether images, audio or videos come along: uploads, local files, files of cloud storages (as
                the server opens them) and URLs. Those that cannot be had are in the report.
            config: a labeling configuration, in place of the project's.
            filters: from `Filters.create(…)`.
            where: the same as a condition, `F.total_annotations == 0`.
            view: the id of a view, whose filters apply.
            overwrite: whether what is at `path` already may be replaced.
            cache: the folder where media are kept for the next time; by default the user's own for caches.
            at_once: how many media files are fetched at a time.
            workers: processes that convert beside this one; by default one for each other processor, up to 3.
            progress: called after each media file, and after each batch of tasks.
            **choice: `labelwire.formats.Choice`, and the format's own options.

        Raises:
            InvalidInput: for a format that does not fit, an option that it does not have, or a place where something
                is already; nothing was asked of the server's data then.
        """
        from .datasets import export_dataset

        return (
            yield from export_dataset(
                project,
                format=format,
                path=path,
                with_media=with_media,
                config=config,
                filters=filters_from(filters, where),
                view=view,
                overwrite=overwrite,
                cache=cache,
                at_once=at_once,
                workers=workers,
                progress=progress,
                choice=choice,
            )
        )
