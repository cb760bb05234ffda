"""A real Label Studio tells the app, which a real uvicorn serves, what happens."""

from __future__ import annotations

import asyncio
import queue
import socket
import threading
from collections.abc import Iterator

import pytest
import uvicorn

from labelwire import LocalServer
from labelwire.webhooks import Event, WebhookApp
from tests.conftest import TEXT_CONFIG, VERSION, choice, data_dir


@pytest.fixture(scope="module")
def teller() -> Iterator[LocalServer]:
    """A server that may call this machine, which by default it does not."""
    settings = {"SSRF_PROTECTION_ENABLED": "false"}
    with data_dir() as folder, LocalServer(version=VERSION, data_dir=folder, settings=settings) as running:
        yield running


@pytest.fixture
def served() -> Iterator[tuple[WebhookApp, str]]:
    """The app and its address."""
    app = WebhookApp(secret="s3cret")
    listening = socket.create_server(("127.0.0.1", 0))
    running = uvicorn.Server(uvicorn.Config(app, log_level="error", ws="none"))
    thread = threading.Thread(target=lambda: asyncio.run(running.serve([listening])))
    thread.start()
    yield app, f"http://127.0.0.1:{listening.getsockname()[1]}/hooks"
    running.should_exit = True
    thread.join()
    listening.close()


def test_what_happens_is_told_from_registration_to_its_end(teller: LocalServer, served: tuple[WebhookApp, str]) -> None:
    app, url = served
    told: queue.Queue[Event] = queue.Queue()
    app.on("ANNOTATION_CREATED", "ANNOTATION_UPDATED", "ANNOTATIONS_DELETED", "TASKS_CREATED")(told.put)
    with teller.client() as client:
        project = client.projects.create(title="Told", label_config=TEXT_CONFIG)
        first = app.register(client, url=url, project=project.id)
        again = app.register(client, url=url, project=project.id)
        assert again.id == first.id
        assert len(client.webhooks.list(project=project.id).to_list()) == 1

        (task,) = client.imports.tasks(project.id, [{"text": "a"}]).task_ids
        assert [one.id for one in told.get(timeout=20).tasks] == [task]

        made = client.annotations.create(task=task, result=choice("good"))
        created = told.get(timeout=20)
        assert created.action == "ANNOTATION_CREATED"
        assert created.annotation is not None
        assert created.annotation.id == made.id
        assert created.annotation.result == made.result
        assert created.task is not None
        assert created.task.data == {"text": "a"}
        assert created.project is not None
        assert created.project.id == project.id

        client.annotations.delete(made.id)
        deleted = told.get(timeout=20)
        assert (deleted.action, [one.id for one in deleted.annotations]) == ("ANNOTATIONS_DELETED", [made.id])

        assert app.unregister(client, url=url, project=project.id) == 1
        assert client.webhooks.list(project=project.id).to_list() == []
        client.projects.delete(project.id)


def test_the_app_registers_itself_through_an_async_client(teller: LocalServer, served: tuple[WebhookApp, str]) -> None:
    app, url = served
    app.on()(lambda event: None)

    async def run() -> None:
        async with teller.async_client() as client:
            project = await client.projects.create(title="Told", label_config=TEXT_CONFIG)
            made = await app.register(client, url=url, project=project.id)
            assert made.send_for_all_actions
            assert await app.unregister(client, url=url, project=project.id) == 1
            await client.projects.delete(project.id)

    asyncio.run(run())
