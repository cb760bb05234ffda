"""Storages on real ones: the server's own disk, Redis, and S3 as moto's server speaks it."""

from __future__ import annotations

import json
import logging
import shutil
import socket
import subprocess
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from labelwire import Client, InvalidRequest, LocalServer, StatusError, UnexpectedReply

from ..conftest import TEXT_CONFIG, choice

pytestmark = pytest.mark.server

KEYS: dict[str, Any] = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}


@pytest.fixture(scope="module")
def client(reader: LocalServer) -> Iterator[Client]:
    """A client of the server that reads them."""
    with reader.client() as made:
        yield made


@pytest.fixture
def project(client: Client) -> Iterator[int]:
    made = client.projects.create(title="From storages", label_config=TEXT_CONFIG)
    yield made.id
    client.projects.delete(made.id)


def texts(client: Client, project: int) -> list[str]:
    return sorted(task.data["text"] for task in client.tasks.list(project=project))


def annotated(client: Client, project: int) -> int:
    """Annotates one task and gives the annotation's id, under which export storages keep it."""
    task = client.tasks.list(project=project).first()
    assert task is not None
    return client.annotations.create(task=task.id, result=choice("good")).id


class TestLocalFiles:
    """Folders below the server's document root."""

    def test_tasks_come_from_a_folder(self, client: Client, project: int, media: Path) -> None:
        folder = media / f"in-{project}"
        folder.mkdir()
        for word in ("one", "two"):
            (folder / f"{word}.json").write_text(json.dumps({"text": word}))
        made = client.storages.localfiles.create(
            project=project, path=str(folder), regex_filter=r".*\.json", use_blob_urls=False, title="Folder"
        )
        assert (made.type, made.project) == ("localfiles", project)
        synced = client.storages.localfiles.sync(made.id, wait=True)
        assert (synced.status, synced.last_sync_count) == ("completed", 2)
        assert synced.last_sync is not None
        assert texts(client, project) == ["one", "two"]
        again = client.storages.localfiles.sync(made.id, wait=True)
        assert again.status == "completed"
        assert texts(client, project) == ["one", "two"], "a second sync doubles nothing"
        assert [one.id for one in client.storages.list(project=project)] == [made.id]

    def test_annotations_go_to_a_folder(self, client: Client, project: int, media: Path) -> None:
        folder = media / f"out-{project}"
        folder.mkdir()
        client.imports.tasks(project, [{"text": "one"}])
        annotation = annotated(client, project)
        made = client.storages.export.localfiles.create(project=project, path=str(folder))
        assert client.storages.export.localfiles.sync(made.id, wait=True).status == "completed"
        (written,) = folder.iterdir()
        assert json.loads(written.read_text())["id"] == annotation
        assert [one.id for one in client.storages.export.list(project=project)] == [made.id]

    def test_old_names(self, client: Client, project: int, media: Path) -> None:
        folder = media / f"old-{project}"
        folder.mkdir()
        (folder / "a.json").write_text(json.dumps({"text": "old"}))
        old = client.get_project(project)
        made = old.connect_local_import_storage(str(folder), regex_filter=".*", use_blob_urls=False, title="Old")
        synced = old.sync_import_storage("localfiles", made["id"])
        assert (synced["id"], synced["type"], synced["last_sync_count"]) == (made["id"], "localfiles", 1)
        assert [storage["title"] for storage in old.get_import_storages()] == ["Old"]
        assert texts(client, project) == ["old"]

    def test_a_folder_that_is_not_there_is_refused(self, client: Client, project: int, media: Path) -> None:
        for call in (client.storages.localfiles.create, client.storages.localfiles.validate):
            with pytest.raises(InvalidRequest):
                call(project=project, path=str(media / "nowhere"))
        assert client.storages.list(project=project).to_list() == []

    def test_files_of_tasks_are_fetched(self, client: Client, project: int, media: Path) -> None:
        folder = media / f"files-{project}"
        folder.mkdir()
        (folder / "note.txt").write_text("words")
        made = client.storages.localfiles.create(project=project, path=str(folder), use_blob_urls=True)
        client.storages.localfiles.sync(made.id, wait=True)
        (copy,) = client.get_project(project).get_files_from_tasks([], get_tasks=True)
        assert Path(copy).name == "note.txt"
        assert Path(copy).read_text() == "words"


@pytest.fixture
def bucket(s3: str, project: int) -> Any:
    """A fresh bucket."""
    resource = boto3.resource("s3", endpoint_url=s3, region_name="us-east-1", **KEYS)
    return resource.create_bucket(Bucket=f"bucket-{project}")


class TestS3:
    """An S3 bucket."""

    def test_tasks_come_from_a_bucket(self, client: Client, project: int, s3: str, bucket: Any) -> None:
        for number in range(3):
            bucket.put_object(Key=f"in/{number}.json", Body=json.dumps({"text": f"s3 {number}"}).encode())
        bucket.put_object(Key="elsewhere.json", Body=b'{"text": "no"}')
        settings: dict[str, Any] = {"bucket": bucket.name, "s3_endpoint": s3, "region_name": "us-east-1", **KEYS}
        client.storages.s3.validate(project=project, prefix="in/", **settings)
        made = client.storages.s3.create(
            project=project, prefix="in/", regex_filter=r".*\.json", use_blob_urls=False, **settings
        )
        synced = client.storages.s3.sync(made.id, wait=True)
        assert (synced.status, synced.last_sync_count) == ("completed", 3)
        assert texts(client, project) == ["s3 0", "s3 1", "s3 2"]
        assert client.storages.s3.update(made.id, title="Renamed").title == "Renamed"
        assert [one.title for one in client.storages.s3.list(project=project)] == ["Renamed"]
        client.storages.s3.delete(made.id)
        assert texts(client, project) == ["s3 0", "s3 1", "s3 2"], "tasks outlive the connection"

    def test_annotations_go_to_a_bucket(self, client: Client, project: int, s3: str, bucket: Any) -> None:
        client.imports.tasks(project, [{"text": "one"}])
        annotation = annotated(client, project)
        old = client.get_project(project)
        made = old.connect_s3_export_storage(bucket.name, prefix="out", s3_endpoint=s3, region_name="us-east-1", **KEYS)
        old.sync_export_storage("s3", made["id"])
        (written,) = bucket.objects.all()
        assert json.loads(written.get()["Body"].read())["id"] == annotation

    def test_the_log_shows_links_without_their_signature(
        self,
        client: Client,
        project: int,
        s3: str,
        bucket: Any,
        tmp_path: Path,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        bucket.put_object(Key="one.txt", Body=b"some text")
        settings: dict[str, Any] = {"bucket": bucket.name, "s3_endpoint": s3, "region_name": "us-east-1", **KEYS}
        made = client.storages.s3.create(project=project, use_blob_urls=True, presign=True, **settings)
        client.storages.s3.sync(made.id, wait=True)
        (task,) = client.tasks.list(project=project, resolve_uri=False).to_list()
        encoded = urlsafe_b64encode(task.data["text"].encode()).decode()
        with caplog.at_level(logging.DEBUG, "labelwire"):
            client.files.download(f"/tasks/{task.id}/resolve/?fileuri={encoded}", path=tmp_path)
        lines = [record.getMessage() for record in caplog.records if record.name.startswith("labelwire")]
        assert any(line.startswith(f"GET {s3}/{bucket.name}/one.txt: 20") for line in lines), lines
        assert not any(secret in "".join(lines) for secret in ("Signature", "fileuri", encoded, "?"))

    def test_a_bucket_that_is_not_there_is_refused(self, client: Client, project: int, s3: str) -> None:
        settings: dict[str, Any] = {"bucket": "no-such-bucket", "s3_endpoint": s3, **KEYS}
        with pytest.raises(StatusError, match="s3 endpoints"):  # the server calls it a 500
            client.storages.s3.create(project=project, **settings)
        assert client.storages.s3.list(project=project).to_list() == []

    def test_a_sync_that_fails_says_why(self, client: Client, project: int, s3: str, bucket: Any) -> None:
        bucket.put_object(Key="bad.json", Body=b'{"text": ')
        settings: dict[str, Any] = {"bucket": bucket.name, "s3_endpoint": s3, "region_name": "us-east-1", **KEYS}
        made = client.storages.s3.create(project=project, use_blob_urls=False, **settings)
        with pytest.raises(UnexpectedReply, match="failed"):
            client.storages.s3.sync(made.id, wait=True)
        assert client.storages.s3.get(made.id).status == "failed"


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of a Redis server."""
    binary = shutil.which("redis-server")
    if binary is None:
        pytest.skip("redis-server is not installed, and no Python package brings it: apt-get install redis-server")
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    command = [
        binary,
        "--port",
        str(port),
        "--bind",
        "127.0.0.1",
        "--save",
        "",
        "--dir",
        str(tmp_path_factory.mktemp("r")),
    ]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            try:
                tell(port, "PING")
                break
            except ConnectionRefusedError:
                time.sleep(0.05)
        yield port
        process.terminate()


def tell(port: int, *words: str) -> bytes:
    """Redis' answer to a command, as it comes."""
    command = f"*{len(words)}\r\n" + "".join(f"${len(word.encode())}\r\n{word}\r\n" for word in words)
    with socket.create_connection(("127.0.0.1", port)) as line:
        line.sendall(command.encode())
        return line.recv(1 << 16)


class TestRedis:
    """A Redis database."""

    def test_tasks_come_from_redis_and_annotations_go_there(self, client: Client, project: int, redis: int) -> None:
        # The server reads tasks from the database 1, and writes to the one that it is told.
        for number in range(2):
            tell_in(redis, 1, "SET", f"in/{number}", json.dumps({"text": f"redis {number}"}))
        source = client.storages.redis.create(
            project=project, path="in/", host="127.0.0.1", port=str(redis), use_blob_urls=False
        )
        synced = client.storages.redis.sync(source.id, wait=True)
        assert (synced.status, synced.last_sync_count) == ("completed", 2)
        assert texts(client, project) == ["redis 0", "redis 1"]
        assert [one.id for one in client.storages.redis.list(project=project)] == [source.id]
        annotation = annotated(client, project)
        target = client.storages.export.redis.create(
            project=project, path="out", host="127.0.0.1", port=str(redis), db=2
        )
        client.storages.export.redis.sync(target.id, wait=True)
        # The server keeps an annotation under its id alone, whatever the path.
        assert tell_in(redis, 2, "KEYS", "*").endswith(f"\r\n{annotation}\r\n".encode())


def tell_in(port: int, database: int, *words: str) -> bytes:
    """Redis' answer to a command on one of its databases."""
    select = f"*2\r\n$6\r\nSELECT\r\n$1\r\n{database}\r\n"
    command = f"*{len(words)}\r\n" + "".join(f"${len(word.encode())}\r\n{word}\r\n" for word in words)
    with socket.create_connection(("127.0.0.1", port)) as line:
        line.sendall((select + command).encode())
        time.sleep(0.1)
        return line.recv(1 << 16)
