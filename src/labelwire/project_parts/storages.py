"""Storages: where tasks come from, and where annotations go to."""

from __future__ import annotations

from enum import Enum
from os import PathLike
from pathlib import Path
from typing import Any

from ..errors import InvalidInput
from .part import Part


class ProjectStorage(Enum):
    """Kinds of storage."""

    GOOGLE = "gcs"
    S3 = "s3"
    AZURE = "azure_blob"
    LOCAL = "localfiles"
    REDIS = "redis"
    S3_SECURED = "s3s"


class ProjectStorages(Part):
    """Storages. Every `connect_…` gives the new storage as a dict; `presign_ttl` is minutes."""

    def connect_google_import_storage(
        self,
        bucket: str,
        prefix: str | None = None,
        regex_filter: str | None = None,
        use_blob_urls: bool | None = True,
        google_application_credentials: str | None = None,
        presign: bool | None = True,
        presign_ttl: int | None = 1,
        title: str | None = "",
        description: str | None = "",
    ) -> dict[str, Any]:
        """The new Google Cloud Storage source; the credentials are a service account's JSON, or the path of it."""
        return self.client.storages.gcs.create(
            project=self.id,
            bucket=bucket,
            prefix=prefix,
            regex_filter=regex_filter,
            use_blob_urls=bool(use_blob_urls),
            google_application_credentials=_service_account(google_application_credentials),
            presign=bool(presign),
            presign_ttl=presign_ttl or 1,
            title=title,
            description=description,
        ).raw

    def connect_google_export_storage(
        self,
        bucket: str,
        prefix: str | None = None,
        google_application_credentials: str | None = None,
        title: str | None = "",
        description: str | None = "",
        can_delete_objects: bool = False,
    ) -> dict[str, Any]:
        """The new Google Cloud Storage target; the credentials are a service account's JSON, or the path of it."""
        return self.client.storages.export.gcs.create(
            project=self.id,
            bucket=bucket,
            prefix=prefix,
            google_application_credentials=_service_account(google_application_credentials),
            title=title,
            description=description,
            can_delete_objects=can_delete_objects,
        ).raw

    def connect_s3_import_storage(
        self,
        bucket: str,
        prefix: str | None = None,
        regex_filter: str | None = None,
        use_blob_urls: bool | None = True,
        presign: bool | None = True,
        presign_ttl: int | None = 1,
        title: str | None = "",
        description: str | None = "",
        aws_access_key_id: str | None = None,
        aws_secret_access_key: str | None = None,
        aws_session_token: str | None = None,
        region_name: str | None = None,
        s3_endpoint: str | None = None,
        recursive_scan: bool | None = False,
    ) -> dict[str, Any]:
        """The new S3 source."""
        return self.client.storages.s3.create(
            project=self.id,
            bucket=bucket,
            prefix=prefix,
            regex_filter=regex_filter,
            use_blob_urls=bool(use_blob_urls),
            presign=bool(presign),
            presign_ttl=presign_ttl or 1,
            title=title,
            description=description,
            aws_access_key_id=aws_access_key_id,
            aws_secret_access_key=aws_secret_access_key,
            aws_session_token=aws_session_token,
            region_name=region_name,
            s3_endpoint=s3_endpoint,
            recursive_scan=bool(recursive_scan),
        ).raw

    def connect_s3s_iam_import_storage(
        self,
        role_arn: str,
        external_id: str | None = None,
        bucket: str | None = None,
        prefix: str | None = None,
        regex_filter: str | None = None,
        use_blob_urls: bool | None = True,
        presign: bool | None = True,
        presign_ttl: int | None = 1,
        title: str | None = "",
        description: str | None = "",
        region_name: str | None = None,
        s3_endpoint: str | None = None,
        recursive_scan: bool | None = False,
        aws_sse_kms_key_id: str | None = None,
    ) -> dict[str, Any]:
        """The new S3 source that is reached by an IAM role (Enterprise)."""
        return self.client.storages.s3s.create(
            project=self.id,
            role_arn=role_arn,
            external_id=external_id,
            bucket=bucket,
            prefix=prefix,
            regex_filter=regex_filter,
            use_blob_urls=bool(use_blob_urls),
            presign=bool(presign),
            presign_ttl=presign_ttl or 1,
            title=title,
            description=description,
            region_name=region_name,
            s3_endpoint=s3_endpoint,
            recursive_scan=bool(recursive_scan),
            aws_sse_kms_key_id=aws_sse_kms_key_id,
        ).raw

    def connect_s3_export_storage(
        self,
        bucket: str,
        prefix: str | None = None,
        title: str | None = "",
        description: str | None = "",
        aws_access_key_id: str | None = None,
        aws_secret_access_key: str | None = None,
        aws_session_token: str | None = None,
        region_name: str | None = None,
        s3_endpoint: str | None = None,
        can_delete_objects: bool = False,
    ) -> dict[str, Any]:
        """The new S3 target."""
        return self.client.storages.export.s3.create(
            project=self.id,
            bucket=bucket,
            prefix=prefix,
            title=title,
            description=description,
            aws_access_key_id=aws_access_key_id,
            aws_secret_access_key=aws_secret_access_key,
            aws_session_token=aws_session_token,
            region_name=region_name,
            s3_endpoint=s3_endpoint,
            can_delete_objects=can_delete_objects,
        ).raw

    def connect_azure_import_storage(
        self,
        container: str,
        prefix: str | None = None,
        regex_filter: str | None = None,
        use_blob_urls: bool | None = True,
        presign: bool | None = True,
        presign_ttl: int | None = 1,
        title: str | None = "",
        description: str | None = "",
        account_name: str | None = None,
        account_key: str | None = None,
    ) -> dict[str, Any]:
        """The new Azure Blob Storage source."""
        return self.client.storages.azure.create(
            project=self.id,
            container=container,
            prefix=prefix,
            regex_filter=regex_filter,
            use_blob_urls=bool(use_blob_urls),
            presign=bool(presign),
            presign_ttl=presign_ttl or 1,
            title=title,
            description=description,
            account_name=account_name,
            account_key=account_key,
        ).raw

    def connect_azure_export_storage(
        self,
        container: str,
        prefix: str | None = None,
        title: str | None = "",
        description: str | None = "",
        account_name: str | None = None,
        account_key: str | None = None,
        can_delete_objects: bool = False,
    ) -> dict[str, Any]:
        """The new Azure Blob Storage target."""
        return self.client.storages.export.azure.create(
            project=self.id,
            container=container,
            prefix=prefix,
            title=title,
            description=description,
            account_name=account_name,
            account_key=account_key,
            can_delete_objects=can_delete_objects,
        ).raw

    def connect_local_import_storage(
        self,
        local_store_path: str | PathLike[str],
        regex_filter: str | None = None,
        use_blob_urls: bool | None = True,
        title: str | None = "",
        description: str | None = "",
    ) -> dict[str, Any]:
        """The new source on the server's own disk; the path is absolute and below the server's document root."""
        return self.client.storages.localfiles.create(
            project=self.id,
            path=str(local_store_path),
            regex_filter=regex_filter,
            use_blob_urls=bool(use_blob_urls),
            title=title,
            description=description,
        ).raw

    def sync_import_storage(self, storage_type: str | ProjectStorage, storage_id: int) -> dict[str, Any]:
        """The source after its sync was started."""
        return self._sync("", storage_type, storage_id)

    def sync_export_storage(self, storage_type: str | ProjectStorage, storage_id: int) -> dict[str, Any]:
        """The target after its sync was started."""
        return self._sync("/export", storage_type, storage_id)

    def get_import_storages(self) -> list[dict[str, Any]]:
        """The project's sources, of every kind."""
        return [storage.raw for storage in self.client.storages.list(project=self.id)]

    def get_export_storages(self) -> list[dict[str, Any]]:
        """The project's targets, of every kind."""
        return [storage.raw for storage in self.client.storages.export.list(project=self.id)]

    def _sync(self, side: str, storage_type: str | ProjectStorage, storage_id: int) -> dict[str, Any]:
        kind = storage_type.value if isinstance(storage_type, ProjectStorage) else storage_type
        kind = "azure" if kind == ProjectStorage.AZURE.value else kind  # the server's path has the short name
        synced: dict[str, Any] = self.client.make_request(
            "POST", f"/api/storages{side}/{kind}/{storage_id}/sync"
        ).json()
        return synced


def _service_account(credentials: str | None) -> str | None:
    """A service account's JSON, whether it was given as text or as the path of a file."""
    if credentials is None or credentials.lstrip().startswith("{"):
        return credentials
    try:
        return Path(credentials).expanduser().read_text("utf-8")
    except OSError as error:
        raise InvalidInput(
            f"The service account's file {credentials!r} cannot be read: {error.strerror}. Pass its path or its JSON."
        ) from None
