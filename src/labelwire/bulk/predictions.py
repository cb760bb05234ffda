"""`client.predictions`: many of them deleted."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..core.endpoint import D, workflow
from ..core.operation import Flow
from ..resources.predictions import Predictions as Single
from .one_by_one import one_by_one
from .report import OnProgress, OnRefusal, Report


class Predictions(Single[D]):
    """Predictions, any number of them; `client.imports.predictions` makes new ones."""

    @workflow
    def delete_many(
        self, ids: Iterable[int], *, on_refusal: OnRefusal = "raise", progress: OnProgress | None = None
    ) -> Flow[Report]:
        """Deletes many predictions, several at once; `skipped` counts those that were not there.

        All of one model version go in one request: `client.projects.delete_predictions`.
        """

        def delete(id: Any) -> Any:
            return Single.delete(None, id)

        return (yield from one_by_one(ids, delete, "deleted", on_refusal, progress))
