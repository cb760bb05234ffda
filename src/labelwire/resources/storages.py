"""`/api/storages/`: where tasks come from, and where annotations go to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cached_property
from typing import Any, ClassVar, Self, TypedDict, Unpack

from ..core.endpoint import D, Resource, endpoint, listing, workflow
from ..core.json import decode
from ..core.model import Model
from ..core.operation import Flow, Operation, Page, Request, Sleep
from ..core.pager import bare
from ..errors import UnexpectedReply
from ._common import nothing
from ._enterprise import enterprise

POLL = 1.0
"""Seconds between two looks at a sync that is under way."""

IMPORT = "/api/storages"
EXPORT = "/api/storages/export"


class Storage(Model):
    """A connection to a storage. `status` is initialized, queued, in_progress, completed, completed_with_errors or
    failed; `last_sync_count` is the number of objects that the last sync went through; `presign_ttl` is minutes.
    """

    shown = ("id", "type", "title", "status")

    id: int
    type: str | None
    title: str | None
    description: str | None
    project: int | None
    status: str | None
    traceback: str | None
    meta: dict[str, Any] | None
    synchronizable: bool | None
    last_sync: datetime | None
    last_sync_count: int | None
    last_sync_job: str | None
    created_at: datetime | None
    path: str | None
    bucket: str | None
    container: str | None
    prefix: str | None
    regex_filter: str | None
    use_blob_urls: bool | None
    presign: bool | None
    presign_ttl: int | None
    recursive_scan: bool | None
    can_delete_objects: bool | None


class StorageSettings(TypedDict, total=False):
    """What every kind of storage is told. `regex_filter`, `use_blob_urls`, `presign`, `presign_ttl` (minutes) and
    `recursive_scan` are for import, `can_delete_objects` for export.
    """

    title: str | None
    description: str | None
    regex_filter: str | None
    use_blob_urls: bool
    can_delete_objects: bool | None


class CloudSettings(StorageSettings, total=False):
    """What a cloud's storage is told besides."""

    prefix: str | None
    presign: bool
    presign_ttl: int
    recursive_scan: bool


class AzureSettings(CloudSettings, total=False):
    """An Azure Blob container."""

    container: str
    account_name: str | None
    account_key: str | None


class GcsSettings(CloudSettings, total=False):
    """A Google Cloud Storage bucket; the credentials are the JSON of a service account, as text."""

    bucket: str
    google_application_credentials: str | None
    google_project_id: str | None


class S3Settings(CloudSettings, total=False):
    """An S3 bucket, at Amazon or at `s3_endpoint`."""

    bucket: str | None
    aws_access_key_id: str | None
    aws_secret_access_key: str | None
    aws_session_token: str | None
    aws_sse_kms_key_id: str | None
    region_name: str | None
    s3_endpoint: str | None


class RedisSettings(StorageSettings, total=False):
    """A Redis database; `path` is the prefix of its keys."""

    path: str | None
    host: str
    port: str
    password: str | None
    db: int


class LocalFilesSettings(StorageSettings, total=False):
    """A folder on the server's own disk, below its LABEL_STUDIO_LOCAL_FILES_DOCUMENT_ROOT."""

    path: str


def _namespace(path: str) -> str:
    return path.removeprefix("/api/").replace("/", ".")


class Kind(Resource[D]):
    """The storages of one kind on one side, import or export."""

    kind: ClassVar[str]

    _side = IMPORT

    def on(self, side: str) -> Self:
        """The same kind, on this side."""
        self._side = side
        return self

    @property
    def _path(self) -> str:
        return f"{self._side}/{self.kind}"

    @property
    def namespace(self) -> str:
        """What a client calls it, such as "storages.export.s3"."""
        return _namespace(self._path)

    @listing
    def list(self, *, project: int) -> Operation[Page[Storage]]:
        """The project's storages of this kind."""
        return bare(Request("GET", self._path, {"project": project}), Storage)

    @endpoint
    def get(self, id: int) -> Operation[Storage]:
        """The storage, and how its last sync went."""
        return Operation(Request("GET", f"{self._path}/{id}"), Storage.decode)

    @endpoint
    def delete(self, id: int) -> Operation[None]:
        """Deletes the connection; tasks and objects stay."""
        return Operation(Request("DELETE", f"{self._path}/{id}"), nothing)

    @workflow
    def sync(self, id: int, *, wait: bool = False) -> Flow[Storage]:
        """The storage after its sync was started, or, with `wait`, once it has ended.

        Raises:
            UnexpectedReply: with `wait`, when the sync failed; says why.
        """
        storage = yield from Operation(Request("POST", f"{self._path}/{id}/sync"), Storage.decode)
        while wait and storage.status not in ("completed", "completed_with_errors"):
            if storage.status == "failed":
                reason = storage.traceback or "the server's log says why"
                raise UnexpectedReply(f"The sync of {self.kind} storage {id} failed: {reason}")
            yield from Sleep(POLL)
            storage = yield from Operation(Request("GET", f"{self._path}/{id}"), Storage.decode)
        return storage

    def _create(self, project: int, settings: Any) -> Operation[Storage]:
        return Operation(Request("POST", self._path, json={"project": project, **settings}), Storage.decode)

    def _update(self, id: int, changes: Any) -> Operation[Storage]:
        return Operation(Request("PATCH", f"{self._path}/{id}", json=changes), Storage.decode)

    def _validate(self, project: int, settings: Any) -> Operation[None]:
        body = {"project": project, **settings}
        return Operation(Request("POST", f"{self._path}/validate", json=body, repeatable=True), nothing)


class Azure(Kind[D]):
    """Azure Blob Storage."""

    kind = "azure"

    @endpoint
    def create(self, *, project: int, **settings: Unpack[AzureSettings]) -> Operation[Storage]:
        """A new connection, after the server has tried it."""
        return self._create(project, settings)

    @endpoint
    def update(self, id: int, **changes: Unpack[AzureSettings]) -> Operation[Storage]:
        """The connection after the changes."""
        return self._update(id, changes)

    @endpoint
    def validate(self, *, project: int, **settings: Unpack[AzureSettings]) -> Operation[None]:
        """Lets the server try the connection; raises InvalidRequest when it cannot."""
        return self._validate(project, settings)


class Gcs(Kind[D]):
    """Google Cloud Storage."""

    kind = "gcs"

    @endpoint
    def create(self, *, project: int, **settings: Unpack[GcsSettings]) -> Operation[Storage]:
        """A new connection, after the server has tried it."""
        return self._create(project, settings)

    @endpoint
    def update(self, id: int, **changes: Unpack[GcsSettings]) -> Operation[Storage]:
        """The connection after the changes."""
        return self._update(id, changes)

    @endpoint
    def validate(self, *, project: int, **settings: Unpack[GcsSettings]) -> Operation[None]:
        """Lets the server try the connection; raises InvalidRequest when it cannot."""
        return self._validate(project, settings)


class S3(Kind[D]):
    """Amazon S3, and what speaks its language."""

    kind = "s3"

    @endpoint
    def create(self, *, project: int, **settings: Unpack[S3Settings]) -> Operation[Storage]:
        """A new connection, after the server has tried it."""
        return self._create(project, settings)

    @endpoint
    def update(self, id: int, **changes: Unpack[S3Settings]) -> Operation[Storage]:
        """The connection after the changes."""
        return self._update(id, changes)

    @endpoint
    def validate(self, *, project: int, **settings: Unpack[S3Settings]) -> Operation[None]:
        """Lets the server try the connection; raises InvalidRequest when it cannot."""
        return self._validate(project, settings)


class S3sSettings(S3Settings, total=False):
    """An S3 bucket that is reached by an IAM role."""

    role_arn: str
    external_id: str | None


class S3s(Kind[D]):
    """Amazon S3 by an IAM role. Enterprise only."""

    kind = "s3s"

    @workflow
    def create(self, *, project: int, **settings: Unpack[S3sSettings]) -> Flow[Storage]:
        """A new connection, after the server has tried it; EnterpriseOnly on a Community server."""
        return (yield from enterprise("S3 by an IAM role", self._create(project, settings)))


class Redis(Kind[D]):
    """Redis."""

    kind = "redis"

    @endpoint
    def create(self, *, project: int, **settings: Unpack[RedisSettings]) -> Operation[Storage]:
        """A new connection, after the server has tried it."""
        return self._create(project, settings)

    @endpoint
    def update(self, id: int, **changes: Unpack[RedisSettings]) -> Operation[Storage]:
        """The connection after the changes."""
        return self._update(id, changes)

    @endpoint
    def validate(self, *, project: int, **settings: Unpack[RedisSettings]) -> Operation[None]:
        """Lets the server try the connection; raises InvalidRequest when it cannot."""
        return self._validate(project, settings)


class LocalFiles(Kind[D]):
    """Folders on the server's own disk."""

    kind = "localfiles"

    @endpoint
    def create(self, *, project: int, **settings: Unpack[LocalFilesSettings]) -> Operation[Storage]:
        """A new connection, after the server has tried it."""
        return self._create(project, settings)

    @workflow
    def update(self, id: int, **changes: Unpack[LocalFilesSettings]) -> Flow[Storage]:
        """The connection after the changes."""
        if "path" not in changes:  # the server wants it said again, whatever is changed
            current = yield from Operation(Request("GET", f"{self._path}/{id}"), Storage.decode)
            changes["path"] = current["path"]
        return (yield from self._update(id, changes))

    @endpoint
    def validate(self, *, project: int, **settings: Unpack[LocalFilesSettings]) -> Operation[None]:
        """Lets the server try the connection; raises InvalidRequest when it cannot."""
        return self._validate(project, settings)


class Side(Resource[D]):
    """All kinds of storage on one side."""

    _side: ClassVar[str]

    @property
    def namespace(self) -> str:
        """What a client calls it: "storages" or "storages.export"."""
        return _namespace(self._side)

    @listing
    def list(self, *, project: int | None = None) -> Operation[Page[Storage]]:
        """The storages of every kind. The server's document leaves `project` out; the server heeds it."""
        return bare(Request("GET", self._side, {"project": project}), Storage)

    @endpoint
    def types(self) -> Operation[Sequence[dict[str, str]]]:
        """The kinds that the server has, each with its `name` and `title`."""
        return Operation(Request("GET", f"{self._side}/types"), decode)

    @cached_property
    def azure(self) -> Azure[D]:
        """Azure Blob Storage."""
        return Azure(self._driver).on(self._side)

    @cached_property
    def gcs(self) -> Gcs[D]:
        """Google Cloud Storage."""
        return Gcs(self._driver).on(self._side)

    @cached_property
    def s3(self) -> S3[D]:
        """Amazon S3, and what speaks its language."""
        return S3(self._driver).on(self._side)

    @cached_property
    def s3s(self) -> S3s[D]:
        """Amazon S3 by an IAM role (Enterprise)."""
        return S3s(self._driver).on(self._side)

    @cached_property
    def redis(self) -> Redis[D]:
        """Redis."""
        return Redis(self._driver).on(self._side)

    @cached_property
    def localfiles(self) -> LocalFiles[D]:
        """Folders on the server's own disk."""
        return LocalFiles(self._driver).on(self._side)


class ExportSide(Side[D]):
    """The storages that annotations go to."""

    _side = EXPORT


class Storages(Side[D]):
    """Storages: `client.storages.s3` is for import, `client.storages.export.s3` for export."""

    _side = IMPORT

    @cached_property
    def export(self) -> ExportSide[D]:
        """The storages that annotations go to."""
        return ExportSide(self._driver)
