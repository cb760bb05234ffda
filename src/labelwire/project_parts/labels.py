"""Predictions and annotations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..data_manager import Filters
from .part import Part

if TYPE_CHECKING:
    from ..bulk.report import Report


class ProjectLabels(Part):
    """Predictions and annotations."""

    def create_prediction(
        self,
        task_id: int,
        result: Sequence[Mapping[str, Any]] | Mapping[str, Any] | str | None = None,
        score: float | None = 0,
        model_version: str | None = None,
        *,
        check: bool = True,
    ) -> dict[str, Any]:
        """The new prediction.

        Args:
            result: a list of regions; or a value such as `{"choices": ["good"]}`, or one word, that the server makes a
                region of.
            score: the model's own, mostly 0 to 1.
            check: refuse regions that do not fit the labeling configuration: the server takes them, and shows them to
                nobody.
        """
        more: dict[str, Any] = {} if model_version is None else {"model_version": model_version}
        return self.client.predictions.create(task=task_id, check=check, result=result or [], score=score, **more).raw

    def create_predictions(self, predictions: Iterable[Mapping[str, Any]], *, check: bool = True) -> dict[str, int]:
        """`{"created": number}` after importing any number of predictions `{"task": id, "result": […], …}`."""
        return {"created": self.client.imports.predictions(self.id, predictions, check=check).created}

    def create_annotations(self, annotations: Iterable[Mapping[str, Any]], *, check: bool = True) -> Report:
        """What became of any number of annotations `{"task": id, "result": […], …}` for existing tasks."""
        return self.client.imports.annotations(self.id, annotations, check=check)

    def create_annotations_from_predictions(self, model_versions: Sequence[str] | None = None) -> dict[str, Any]:
        """The server's report after it made an annotation of every prediction, or of those of these versions."""
        report: dict[str, Any] = self.client.actions.run(
            "predictions_to_annotations",
            project=self.id,
            excluded=(),
            ordering=[],
            filters=Filters.create(Filters.AND, []),
            model_version=list(model_versions) if model_versions is not None else None,
        )
        return report

    def list_annotations(self, task_id: int) -> list[dict[str, Any]]:
        """The annotations of the task."""
        return [annotation.raw for annotation in self.client.annotations.list(task=task_id)]

    def create_annotation(self, task_id: int, **kwargs: Any) -> dict[str, Any]:
        """The new annotation: `result=[…]`, and `completed_by`, `ground_truth`, `lead_time` and others."""
        return self.client.annotations.create(task=task_id, **kwargs).raw

    def get_annotation(self, annotation_id: int) -> dict[str, Any]:
        """The annotation."""
        return self.client.annotations.get(annotation_id).raw

    def update_annotation(self, annotation_id: int, **kwargs: Any) -> dict[str, Any]:
        """The annotation after the changes."""
        return self.client.annotations.update(annotation_id, **kwargs).raw

    def delete_annotation(self, annotation_id: int) -> int:
        """The status of the deletion: 204."""
        return self.client.make_request("DELETE", f"/api/annotations/{annotation_id}/").status_code

    def get_predictions_coverage(self) -> dict[str, float]:
        """For each model version, its predictions per task of the project."""
        versions = self.client.projects.model_versions(self.id)
        tasks = self.client.projects.get(self.id).task_number
        return {version: count / tasks for version, count in versions.items()} if tasks else {}

    def get_predictions_conflict(self) -> None:
        """Never offered by any server; raises NotImplementedError, as it always did."""
        raise NotImplementedError

    def get_predictions_precision(self) -> None:
        """Never offered by any server; raises NotImplementedError, as it always did."""
        raise NotImplementedError
