"""`/api/projects/{id}/export` and `/api/projects/{id}/exports/`"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from os import PathLike
from pathlib import Path
from typing import Any, Literal, TypedDict
from uuid import uuid4

from ..core.endpoint import D, Resource, endpoint, listing, workflow
from ..core.json import decode
from ..core.model import Model
from ..core.operation import Flow, Operation, Page, Request, Sleep
from ..core.pager import bare
from ..errors import ConnectionLost, InvalidInput, LabelwireError, ServerError, UnexpectedReply, certainly_not_applied
from ._common import nothing
from ._download import save
from .projects import UserReference

logger = logging.getLogger(__name__)

POLL = 1.0
"""Seconds between two looks at a snapshot that is not finished."""


class ConvertedFormat(Model):
    """One more format that a snapshot was converted to."""

    shown = ("id", "export_type", "status")

    id: int
    export_type: str | None
    status: str | None
    traceback: str | None


class Export(Model):
    """An export snapshot: what a project held at one moment. `status` is created, in_progress, failed or completed."""

    id: int
    title: str | None
    status: str | None
    created_by: UserReference | None
    created_at: datetime | None
    finished_at: datetime | None
    md5: str | None
    counters: dict[str, Any] | None
    converted_formats: Sequence[ConvertedFormat] | None


class TaskFilterOptions(TypedDict, total=False):
    """Which tasks a snapshot takes; `view` is the id of a Data Manager view."""

    view: int
    skipped: Literal["only", "exclude"] | None
    finished: Literal["only", "exclude"] | None
    annotated: Literal["only", "exclude"] | None
    only_with_annotations: bool


class AnnotationFilterOptions(TypedDict, total=False):
    """Which annotations a snapshot takes."""

    usual: bool
    ground_truth: bool
    skipped: bool


class SerializationOptions(TypedDict, total=False):
    """What a snapshot writes whole and what as `{"only_id": True}`."""

    drafts: Mapping[str, bool]
    predictions: Mapping[str, bool]
    annotations__completed_by: Mapping[str, bool]
    include_annotation_history: bool
    interpolate_key_frames: bool


class Exports(Resource[D]):
    """Exports: a project's tasks and annotations as files."""

    @listing
    def list(self, project: int) -> Operation[Page[Export]]:
        """The snapshots of the project, the newest first."""
        return bare(Request("GET", f"/api/projects/{project}/exports/"), Export)

    @endpoint
    def get(self, project: int, id: int) -> Operation[Export]:
        """The snapshot and its status."""
        return Operation(Request("GET", f"/api/projects/{project}/exports/{id}"), Export.decode)

    @endpoint
    def create(
        self,
        project: int,
        *,
        title: str | None = None,
        task_filter_options: TaskFilterOptions | None = None,
        annotation_filter_options: AnnotationFilterOptions | None = None,
        serialization_options: SerializationOptions | None = None,
    ) -> Operation[Export]:
        """A new snapshot. Community builds it before it answers, Enterprise afterwards."""
        given = {
            "title": title,
            "task_filter_options": task_filter_options,
            "annotation_filter_options": annotation_filter_options,
            "serialization_options": serialization_options,
        }
        body = {name: value for name, value in given.items() if value is not None}
        return Operation(Request("POST", f"/api/projects/{project}/exports/", json=body), Export.decode)

    @endpoint
    def delete(self, project: int, id: int) -> Operation[None]:
        """Deletes the snapshot and its files."""
        return Operation(Request("DELETE", f"/api/projects/{project}/exports/{id}"), nothing)

    @endpoint
    def convert(
        self, project: int, id: int, *, export_type: str, download_resources: bool | None = None
    ) -> Operation[dict[str, Any]]:
        """Begins to convert a finished snapshot; the snapshot's `converted_formats` tell how far that is."""
        body: dict[str, Any] = {"export_type": export_type}
        if download_resources is not None:
            body["download_resources"] = download_resources
        return Operation(Request("POST", f"/api/projects/{project}/exports/{id}/convert", json=body), decode)

    @endpoint
    def formats(self, project: int) -> Operation[Sequence[dict[str, Any]]]:
        """The formats that the server can export this project in."""
        return Operation(Request("GET", f"/api/projects/{project}/export/formats"), decode)

    @workflow
    def download(
        self, project: int, id: int, *, path: str | PathLike[str] = ".", export_type: str = "JSON"
    ) -> Flow[Path]:
        """The path to which a finished snapshot was written; a directory takes it under the server's name."""
        md5 = (yield from Exports.get(None, project, id)).md5 if export_type == "JSON" else None
        return (yield from Exports._fetched(project, id, path, export_type, md5))

    @workflow
    def direct(
        self,
        project: int,
        *,
        path: str | PathLike[str] = ".",
        export_type: str = "JSON",
        download_all_tasks: bool = False,
        download_resources: bool = False,
        ids: Sequence[int] | None = None,
    ) -> Flow[Path]:
        """The path to which an export made on the spot was written.

        Large projects may run into a proxy's time limit here; `snapshot` does not.

        Args:
            path: a file, or a directory that takes it under the server's name.
            export_type: one of `formats`.
            download_all_tasks: also those without an annotation.
            download_resources: also the media, where the format has a place for them.
            ids: of the tasks to export, instead of all. The server takes fewer than 1,000.
        """
        yield from Exports._known_format(project, export_type)
        if ids is not None and not ids:
            raise InvalidInput("No ids of tasks to export; the server would take that for all of them.")
        request = _direct(project, export_type, download_all_tasks, download_resources, ids)
        return (yield from save(request, path, f"project-{project}.{export_type.lower()}"))

    @workflow
    def inline(
        self,
        project: int,
        *,
        export_type: str = "JSON",
        download_all_tasks: bool = False,
        ids: Sequence[int] | None = None,
    ) -> Flow[Sequence[dict[str, Any]]]:
        """The export itself, as Python values: the annotated tasks, or all of them, in memory.

        Args:
            export_type: "JSON" or "JSON_MIN"; the others are files, see `direct`.
        """
        if ids is not None and not ids:
            return []  # the server would take none for all
        request = _direct(project, export_type, download_all_tasks, False, ids)
        return (yield from Operation[Sequence[dict[str, Any]]](request, decode))

    @workflow
    def snapshot(
        self,
        project: int,
        *,
        path: str | PathLike[str] = ".",
        export_type: str = "JSON",
        title: str | None = None,
        task_filter_options: TaskFilterOptions | None = None,
        annotation_filter_options: AnnotationFilterOptions | None = None,
        serialization_options: SerializationOptions | None = None,
        keep: bool = False,
    ) -> Flow[Path]:
        """The path to which a fresh snapshot was written: created, awaited, converted and downloaded.

        Args:
            path: a file, or a directory that takes it under the server's name.
            keep: whether the snapshot stays on the server.
        """
        if export_type != "JSON":
            yield from Exports._known_format(project, export_type)
        create = Exports.create(
            None,
            project,
            title=title or f"labelwire {uuid4().hex[:12]}",
            task_filter_options=task_filter_options,
            annotation_filter_options=annotation_filter_options,
            serialization_options=serialization_options,
        )
        export = yield from Exports._made(project, create, title)
        try:
            if export.status != "completed":
                export = yield from Exports.wait(None, project, export.id)
            if export_type != "JSON":
                yield from Exports.convert(None, project, export.id, export_type=export_type)
                yield from Exports._converted(project, export.id, export_type)
            md5 = export.md5 if export_type == "JSON" else None
            written = yield from Exports._fetched(project, export.id, path, export_type, md5)
        except Exception:
            if not keep:
                yield from Exports._forget(project, export.id)
            raise
        if not keep:
            yield from Exports._forget(project, export.id)
        return written

    @workflow
    def wait(self, project: int, id: int) -> Flow[Export]:
        """The snapshot once it is completed.

        Raises:
            UnexpectedReply: when it has failed.
        """
        while True:
            export = yield from Exports.get(None, project, id)
            if export.status == "completed":
                return export
            if export.status == "failed":
                raise UnexpectedReply(f"Snapshot {id} of project {project} failed on the server; its log says why.")
            yield from Sleep(POLL)

    @staticmethod
    def _fetched(project: int, id: int, path: str | PathLike[str], export_type: str, md5: str | None) -> Flow[Path]:
        request = Request("GET", f"/api/projects/{project}/exports/{id}/download", {"exportType": export_type})
        name = f"project-{project}-export-{id}.{export_type.lower()}"
        return (yield from save(request, path, name, md5=md5))

    @staticmethod
    def _made(project: int, create: Operation[Export], title: str | None) -> Flow[Export]:
        """The new snapshot, also where the answer to its creation was lost: it is found by its title."""
        before = {one.id for one in (yield from Exports.list(None, project))} if title else ()  # ours is nobody else's
        for last in (False, False, True):
            try:
                return (yield from create)
            except (ConnectionLost, ServerError) as error:
                if last or certainly_not_applied(error):
                    raise
                logger.warning("Whether it was applied is looked up: %s", error)
            found = [
                export
                for export in (yield from Exports.list(None, project))
                if export.id not in before and export.title == create.request.json["title"]
            ]
            if found:
                return found[0]
        raise AssertionError("unreachable")

    @staticmethod
    def _forget(project: int, id: int) -> Flow[None]:
        # The file, or the error at hand, is what matters; a snapshot left behind does no harm.
        with suppress(LabelwireError):
            yield from Exports.delete(None, project, id)

    @staticmethod
    def _converted(project: int, id: int, export_type: str) -> Flow[None]:
        while True:
            export = yield from Exports.get(None, project, id)
            found = [made for made in export.converted_formats or () if made.export_type == export_type]
            if any(made.status == "completed" for made in found):
                return
            if found and found[-1].status == "failed":
                raise UnexpectedReply(f"Snapshot {id} cannot be converted to {export_type}: {found[-1].traceback}")
            yield from Sleep(POLL)

    @staticmethod
    def _known_format(project: int, export_type: str) -> Flow[None]:
        """Ask before: an unknown format is a bare 500 on one route and an empty file on another."""
        formats = yield from Exports.formats(None, project)
        names = [str(known.get("name")) for known in formats]
        if export_type not in names:
            raise InvalidInput(f"The server has no export format {export_type!r}. It has: {', '.join(names)}.")


def _direct(project: int, export_type: str, all_tasks: bool, resources: bool, ids: Sequence[int] | None) -> Request:
    params = {
        "exportType": export_type,  # the document says export_type; this is the name that all versions read
        "download_all_tasks": all_tasks,
        "download_resources": resources,
        "ids[]": None if ids is None else [int(one) for one in ids],  # as "ids" the server ignores them
    }
    return Request("GET", f"/api/projects/{project}/export", params)
