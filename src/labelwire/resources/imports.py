"""`/api/projects/{id}/import` and what belongs to it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from os import PathLike
from pathlib import Path
from typing import Any, TypeVar

from ..core.endpoint import D, Resource, endpoint, workflow
from ..core.json import decode, encode
from ..core.model import Model
from ..core.operation import Flow, Operation, Request, Sleep, Upload
from ..errors import InvalidInput, InvalidRequest, LabelwireError, NotFound, UnexpectedReply
from .files import Files, FileUpload, stored_name
from .projects import Projects

T = TypeVar("T")

MOST_FILES = 100
"""Files the server takes in one request; it answers 500 to one more."""

POLL = 1.0
"""Seconds between two looks at an import that the server works off in the background (Enterprise)."""


class Import(Model):
    """What an import has done. `task_ids` is in the order of the input; `duration` is seconds."""

    shown = ("id", "status", "task_count", "annotation_count", "prediction_count")

    id: int | None
    project: int | None
    status: str | None
    error: str | None
    task_count: int | None
    annotation_count: int | None
    prediction_count: int | None
    duration: float | None
    task_ids: list[int] | None
    file_upload_ids: list[int] | None
    could_be_tasks_list: bool | None
    found_formats: Any
    data_columns: Any
    created_at: datetime | None
    finished_at: datetime | None


class Imports(Resource[D]):
    """Imports: files that the server reads, one request a call. `labelwire.bulk.imports` builds upon it."""

    @workflow
    def upload(
        self,
        project: int,
        files: Sequence[str | PathLike[str] | Upload],
        *,
        preannotated_from_fields: Sequence[str] = (),
        commit_to_project: bool = True,
    ) -> Flow[Import]:
        """Uploads files for the server to read: JSON, CSV, TSV and TXT hold tasks, any other is a task's media.

        One request for all. `tasks` and `files` take any number, and bring each to the server exactly once.

        Args:
            files: paths, or an `Upload` that has its bytes in memory; 100 at the most.
            commit_to_project: False only stores the files; their ids come back as `file_upload_ids`.

        Raises:
            InvalidInput: for no file, too many, or one that cannot be read; nothing was sent.
        """
        if not files:
            raise InvalidInput("There are no files to import.")
        if len(files) > MOST_FILES:
            raise InvalidInput(f"{len(files)} files: the server takes {MOST_FILES} at a time.")
        uploads = [file if isinstance(file, Upload) else Upload(Path(file).name, Path(file)) for file in files]
        params = params_of(preannotated_from_fields, commit_to_project)
        # Whether a file of this name is new can be told by nothing that the server says of it afterwards.
        before = {file.id for file in (yield from Files.list(None, project))}
        try:
            result = yield from finished(Request("POST", _path(project), params, uploads=uploads))
        except InvalidRequest:
            # The server keeps the files of an import that it refuses.
            with suppress(LabelwireError):  # the refusal is what matters
                kept = [file for file in (yield from Files.list(None, project)) if file.id not in before]
                yield from Files.delete_many(None, project, ids=_ours(kept, uploads))
            raise
        if result.file_upload_ids is not None and len(result.file_upload_ids) < len(uploads):
            raise UnexpectedReply(f"Of {len(uploads)} files the server has taken {len(result.file_upload_ids)}.")
        return result

    @endpoint
    def send_predictions(self, project: int, predictions: Sequence[Mapping[str, Any]] | bytes) -> Operation[int]:
        """Sends predictions onto existing tasks as they are, in one request, and gives how many the server has taken.

        It leaves out what does not fit the labeling configuration, and says nothing. `predictions` looks before, and
        takes any number.

        Args:
            predictions: the list, or its JSON.
        """
        path = f"/api/projects/{project}/import/predictions"
        content = predictions if isinstance(predictions, bytes) else encode(predictions)
        request = Request("POST", path, content=content)
        return Operation(request, lambda reply: int(decode(reply).get("created", 0)))

    @workflow
    def reimport(
        self, project: int, file_upload_ids: Sequence[int], *, files_as_tasks_list: bool = True
    ) -> Flow[Import]:
        """Makes the tasks of uploaded files anew, in the place of those that these files gave before.

        Annotations of the replaced tasks are lost. Sent twice it doubles nothing, so it is repeated after a fault.

        Args:
            files_as_tasks_list: whether a JSON or CSV file is a list of tasks, and not the data of one task.
        """
        body = {"file_upload_ids": [int(one) for one in file_upload_ids], "files_as_tasks_list": files_as_tasks_list}
        request = Request("POST", f"/api/projects/{project}/reimport", json=body, repeatable=True)
        return (yield from finished(request))

    @endpoint
    def get_reimport(self, project: int, id: int) -> Operation[Import]:
        """The state of a re-import that the server works off in the background."""
        return Operation(Request("GET", f"/api/projects/{project}/reimports/{id}/"), Import.decode)

    @endpoint
    def get(self, project: int, id: int) -> Operation[Import]:
        """The state of an import that the server works off in the background."""
        return Operation(Request("GET", f"/api/projects/{project}/imports/{id}/"), Import.decode)


def finished(request: Request) -> Flow[Import]:
    """The result of an import. Send, and where the server only promises (Enterprise), wait until it is done."""
    project = int(request.path.split("/")[3])
    result = yield from into(project, Operation(request, Import.decode))
    kind = "reimport" if "reimport" in result else "import"
    number = result.get(kind)
    if number is None:
        return result
    look = Imports.get_reimport if kind == "reimport" else Imports.get
    while True:
        result = yield from look(None, project, number)
        if result.status == "completed":
            return result
        if result.status == "failed":
            raise InvalidRequest(f"Import {number} into project {project} failed: {result.error}", status=400)
        if result.status is None:
            raise UnexpectedReply(f"Import {number} into project {project} has no status.")
        yield from Sleep(POLL)


def _ours(kept: Iterable[FileUpload], uploads: Sequence[Upload]) -> list[int]:
    """The ids of those of the new uploads that bear our names; somebody else may be uploading too."""
    names = Counter(stored_name(upload.name) for upload in uploads)
    ours = [file for file in kept if file.name in names]
    # More of them than were sent: somebody else's are among them, and none can be told apart.
    return [file.id for file in ours] if Counter(file.name for file in ours) <= names else []


def into(project: int, operation: Operation[T] | Flow[T]) -> Flow[T]:
    """What is done to a project that, when there is no such project, says so: the server sends a web page."""
    try:
        return (yield from operation)
    except NotFound as error:
        if not error.detail:
            yield from Projects.get(None, project)
        raise


def _path(project: int) -> str:
    return f"/api/projects/{project}/import"


def params_of(preannotated_from_fields: Sequence[str], commit_to_project: bool = True) -> dict[str, Any]:
    """The query of an import."""
    fields = ",".join(preannotated_from_fields)
    return {"return_task_ids": True, "preannotated_from_fields": fields or None, "commit_to_project": commit_to_project}
