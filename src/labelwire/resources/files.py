"""`/api/projects/{id}/file-uploads` and `/api/import/file-upload/{id}`"""

from __future__ import annotations

import re
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from ..core.endpoint import D, Resource, endpoint, listing, workflow
from ..core.model import Model
from ..core.operation import Flow, Operation, Page, Request, Upload
from ..core.pager import bare
from ..errors import InvalidInput
from ._common import json_or_nothing, nothing
from ._download import save


class FileUpload(Model):
    """An uploaded file. `file` is its path on the server, with a random prefix to its name; `size` is bytes."""

    shown = ("id", "file", "size")

    id: int
    file: str | None
    size: int | None

    @property
    def name(self) -> str:
        """The file's own name, without the folder and the prefix that the server has put before it."""
        return (self.file or "").rpartition("/")[2].partition("-")[2]


PLACES = ("/data/", "/tasks/", "http://", "https://")
"""How the address of a file in task data begins: uploads, local files, files of cloud storages, and URLs."""


BELOW = re.compile(r"/(data/upload|data/local-files|storage-data|tasks/\d+/(resolve|presign))/")
"""Where the address of an upload or a local file begins, behind a sub-path."""


class Files(Resource[D]):
    """Files: what was uploaded into a project."""

    @listing
    def list(self, project: int, *, ids: Sequence[int] | None = None) -> Operation[Page[FileUpload]]:
        """The uploads of the project, or those with these ids."""
        # No ids are the id 0, which nothing has.
        params = {"all": True} if ids is None else {"ids": f"[{','.join(str(one) for one in ids or [0])}]"}
        return bare(Request("GET", f"/api/projects/{project}/file-uploads", params), FileUpload)

    @endpoint
    def get(self, id: int) -> Operation[FileUpload]:
        """The uploaded file's name and size."""
        return Operation(Request("GET", f"/api/import/file-upload/{id}"), FileUpload.decode)

    @endpoint
    def update(self, id: int, *, file: Upload) -> Operation[FileUpload]:
        """The upload with new content."""
        return Operation(Request("PATCH", f"/api/import/file-upload/{id}", uploads=[file]), FileUpload.decode)

    @endpoint
    def delete(self, id: int) -> Operation[None]:
        """Deletes one upload. Tasks made from it stay, and lose their media."""
        return Operation(Request("DELETE", f"/api/import/file-upload/{id}"), nothing)

    @endpoint
    def delete_many(self, project: int, *, ids: Sequence[int]) -> Operation[Any]:
        """Deletes these uploads of the project."""
        body = {"file_upload_ids": [int(one) for one in ids]}
        return Operation(Request("DELETE", f"/api/projects/{project}/file-uploads", json=body), json_or_nothing)

    @endpoint
    def delete_all(self, project: int) -> Operation[Any]:
        """Deletes all uploads of the project. Tasks made from them stay, and lose their media."""
        return Operation(Request("DELETE", f"/api/projects/{project}/file-uploads", json={}), json_or_nothing)

    @workflow
    def download(self, file: str, *, path: str | PathLike[str] = ".") -> Flow[Path]:
        """The path to which a file was written; a directory takes it under its own name.

        Args:
            file: an upload's path on the server, as in `FileUpload.file`; any path as task data has it, such as
                "/data/local-files/?d=a.jpg"; or a URL. The credential goes to the server alone.
        """
        place = place_of(file)
        name = unquote(place.rpartition("=" if "?d=" in place else "/")[2].partition("?")[0].rpartition("/")[2])
        # For a range the server says how long the answer is; without one it only closes the connection at the end.
        request = Request("GET", place, headers={"Range": "bytes=0-", "Accept-Encoding": "identity"})
        return (yield from save(request, path, name or "file", pages=True))


_SENDABLE = "!#$%&'()*+,/:;=?@[]~"
"""What an address may hold besides letters and digits. A % is there already where something was encoded."""


def place_of(file: str) -> str:
    """Where a file is: a path on the server, or a whole URL; written as they are sent, spaces as %20."""
    file = quote(file, safe=_SENDABLE, errors="replace")
    # A server under a sub-path writes that into the data of tasks; the client's own URL has it already.
    below = BELOW.search(file) if file.startswith("/") else None
    if below is not None:
        return file[below.start() :]
    return file if file.startswith(PLACES) else f"/data/{file.removeprefix('/')}"


CLOUD = re.compile(r"(?!https?:)[a-z][a-z0-9+.-]*://", re.IGNORECASE)
"""How the address of a file in a cloud storage begins."""


def places_of(url: str, task: int | None) -> tuple[str, ...]:
    """Where the file of a task's data is asked for, and where else where a server is too old for that.

    Raises:
        InvalidInput: for what is no address of a file.
    """
    if CLOUD.match(url):
        if task is None:
            raise InvalidInput("the server opens files of a cloud storage for tasks that have an id")
        uri = urlsafe_b64encode(url.encode("utf-8", "replace")).decode()
        return f"/tasks/{task}/resolve/?fileuri={uri}", f"/tasks/{task}/presign/?fileuri={uri}"
    if url.startswith("data:") or "\n" in url:
        raise InvalidInput("what the task has is no address of a file")
    return (place_of(url),)


def stored_name(name: str) -> str:
    """What the server makes of a file's name, when it is not too long: as Django stores it, without the prefix."""
    return re.sub(r"[^-\w.]", "", name.strip().replace(" ", "_"))
