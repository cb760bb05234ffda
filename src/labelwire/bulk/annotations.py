"""`client.annotations`: many of them changed or deleted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from ..core.endpoint import D, workflow
from ..core.operation import Flow
from ..resources.annotations import Annotations as Single
from .one_by_one import changed, one_by_one
from .report import OnProgress, OnRefusal, Report


class Annotations(Single[D]):
    """Annotations, any number of them; `client.imports.annotations` makes new ones."""

    @workflow
    def update_many(
        self,
        changes: Iterable[Mapping[str, Any]],
        *,
        on_refusal: OnRefusal = "raise",
        progress: OnProgress | None = None,
    ) -> Flow[Report]:
        """Changes many annotations, several at once.

        Args:
            changes: any iterable of `{"id": 1, "result": […]}`, with the fields of `update`.
            on_refusal: one that is refused ends nothing: the others are done, and then it is an error, or only in the
                report with "skip".
        """
        return (yield from one_by_one(changes, partial(changed, Single.update), "updated", on_refusal, progress))

    @workflow
    def delete_many(
        self, ids: Iterable[int], *, on_refusal: OnRefusal = "raise", progress: OnProgress | None = None
    ) -> Flow[Report]:
        """Deletes many annotations, several at once; `skipped` counts those that were not there."""
        return (yield from one_by_one(ids, partial(Single.delete, None), "deleted", on_refusal, progress))
