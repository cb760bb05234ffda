"""Exports and export snapshots."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any

from ..data_manager import FilterSet
from ..errors import InvalidInput
from ..resources.exports import TaskFilterOptions
from .part import Part


class ExportSnapshotStatus:
    """How far an export snapshot is."""

    CREATED = "created"
    IN_PROGRESS = "in_progress"
    FAILED = "failed"
    COMPLETED = "completed"

    def __init__(self, response: Mapping[str, Any]) -> None:
        self.response = response
        self._status = str(response["status"])

    def is_created(self) -> bool:
        """Whether it waits for its turn."""
        return self._status == self.CREATED

    def is_in_progress(self) -> bool:
        """Whether it is being built."""
        return self._status == self.IN_PROGRESS

    def is_failed(self) -> bool:
        """Whether it has failed."""
        return self._status == self.FAILED

    def is_completed(self) -> bool:
        """Whether it can be downloaded."""
        return self._status == self.COMPLETED


class ProjectExports(Part):
    """Exports and export snapshots."""

    def export_tasks(
        self,
        export_type: str = "JSON",
        download_all_tasks: bool = False,
        download_resources: bool = False,
        ids: Sequence[int] | None = None,
        export_location: str | PathLike[str] | None = None,
    ) -> list[dict[str, Any]] | Path:
        """The annotated tasks, or all of them; or the path of the file they were written to.

        Args:
            export_type: "JSON", "CSV", "COCO" or another of the server's formats.
            export_location: a file; needed for every format but JSON and JSON_MIN.
        """
        if export_location is not None:
            return self.client.exports.direct(
                self.id,
                path=export_location,
                export_type=export_type,
                download_all_tasks=download_all_tasks,
                download_resources=download_resources,
                ids=ids,
            )
        if export_type not in ("JSON", "JSON_MIN"):
            raise InvalidInput(f"A {export_type} export is a file: pass export_location.")
        return list(
            self.client.exports.inline(self.id, export_type=export_type, download_all_tasks=download_all_tasks, ids=ids)
        )

    def export_snapshot_list(self) -> list[dict[str, Any]]:
        """The project's export snapshots."""
        return [snapshot.raw for snapshot in self.client.exports.list(self.id)]

    def export_snapshot_create(
        self,
        title: str,
        task_filter_options: TaskFilterOptions | None = None,
        serialization_options_drafts: bool = True,
        serialization_options_predictions: bool = True,
        serialization_options_annotations__completed_by: bool = True,
        annotation_filter_options_usual: bool = True,
        annotation_filter_options_ground_truth: bool = True,
        annotation_filter_options_skipped: bool = True,
        interpolate_key_frames: bool = False,
    ) -> dict[str, Any]:
        """The new snapshot. The `serialization_options_…` are whether only ids are written."""
        return self.client.exports.create(
            self.id,
            title=title,
            task_filter_options=task_filter_options or {},
            serialization_options={
                "drafts": {"only_id": serialization_options_drafts},
                "predictions": {"only_id": serialization_options_predictions},
                "annotations__completed_by": {"only_id": serialization_options_annotations__completed_by},
                "interpolate_key_frames": interpolate_key_frames,
            },
            annotation_filter_options={
                "usual": annotation_filter_options_usual,
                "ground_truth": annotation_filter_options_ground_truth,
                "skipped": annotation_filter_options_skipped,
            },
        ).raw

    def export_snapshot_status(self, export_id: int) -> ExportSnapshotStatus:
        """How far the snapshot is."""
        return ExportSnapshotStatus(self.client.exports.get(self.id, export_id).raw)

    def export_snapshot_download(self, export_id: int, export_type: str = "JSON", path: str = ".") -> tuple[int, str]:
        """The status, 200, and the name of the file that was written into the folder `path`."""
        folder = Path(path)
        folder.mkdir(parents=True, exist_ok=True)
        written = self.client.exports.download(self.id, export_id, path=folder, export_type=export_type)
        return 200, written.name

    def export_snapshot_delete(self, export_id: int) -> int:
        """The status of the deletion: 204."""
        self.client.exports.delete(self.id, export_id)
        return 204

    def export(
        self,
        filters: FilterSet | None = None,
        title: str = "SDK Export",
        export_type: str = "JSON",
        output_dir: str | PathLike[str] = ".",
        **kwargs: Any,
    ) -> dict[str, Any]:
        """`{"status": 200, "filename": …, "export_id": …}` after a snapshot was made, awaited and downloaded.

        Args:
            filters: which tasks; a view for them is made and removed again.
            output_dir: the folder that takes the file.
            kwargs: further arguments of `export_snapshot_create`.
        """
        view = self.client.views.create(project=self.id, title="Temp SDK export", filters=filters) if filters else None
        try:
            if view is not None:
                kwargs["task_filter_options"] = {**(kwargs.get("task_filter_options") or {}), "view": view.id}
            export_id = self.export_snapshot_create(title=title, **kwargs)["id"]
            self.client.exports.wait(self.id, export_id)
            status, filename = self.export_snapshot_download(export_id, export_type, str(output_dir))
        finally:
            if view is not None:
                self.client.views.delete(view.id)
        return {"status": status, "filename": filename, "export_id": export_id}
