"""Alternatives that are pairs, on servers that know them and on one that does not."""

from __future__ import annotations

import pytest

from labelwire import Client, F, InvalidInput, LocalServer

from ..conftest import TEXT_CONFIG, VERSION, data_dir

PAIRS = ((F.data.text == "a") & (F.total_annotations == 0)) | (F.data.text == "b")


@pytest.mark.server
def test_an_old_server_is_not_asked_what_it_would_misread() -> None:
    with data_dir() as folder, LocalServer(version="1.13.1", data_dir=folder) as server, server.client() as client:
        project = client.projects.create(title="Kept", label_config=TEXT_CONFIG).id
        client.imports.tasks(project, [{"text": "a"}, {"text": "b"}, {"text": "c"}])
        with pytest.raises(InvalidInput, match=r"was not sent.*1\.13\.1"):
            client.actions.run("delete_tasks", project=project, where=PAIRS)
        with pytest.raises(InvalidInput, match="was not sent"):
            client.tasks.list(project=project, where=PAIRS).to_list()
        with pytest.raises(InvalidInput, match="was not sent"):
            client.views.create(project=project, where=PAIRS)
        pairs = PAIRS.to_filters()
        with pytest.raises(InvalidInput, match="was not sent"):
            client.get_project(project).get_tasks(filters=pairs)
        with pytest.raises(InvalidInput, match="was not sent"):
            client.get_project(project).get_paginated_tasks(filters=pairs)
        view = client.views.create(project=project, title="Plain").id
        with pytest.raises(InvalidInput, match="was not sent"):
            client.views.update(view, data={"filters": pairs})
        with pytest.raises(InvalidInput, match="was not sent"):
            client.views.replace(view, data={"filters": pairs}, project=project)
        assert client.views.update(view, data={"title": "Still plain"}).id == view
        assert len(client.tasks.list(project=project).to_list()) == 3
        plain = (F.data.text == "a") | (F.data.text == "b")
        assert len(client.tasks.list(project=project, where=plain).to_list()) == 2


@pytest.mark.server
@pytest.mark.skipif(VERSION.startswith(("1.8", "1.13", "1.20")), reason="the suite's server knows no pairs")
def test_a_newer_server_is_asked(client: Client) -> None:
    project = client.projects.create(title="Gone", label_config=TEXT_CONFIG).id
    client.imports.tasks(project, [{"text": "a"}, {"text": "b"}, {"text": "c"}])
    view = client.views.create(project=project, title="Plain").id
    client.views.update(view, data={"filters": PAIRS.to_filters()})
    assert len(client.tasks.ids(project=project, view=view)) == 2
    client.actions.run("delete_tasks", project=project, where=PAIRS)
    assert [task.data["text"] for task in client.tasks.list(project=project)] == ["c"]
    client.projects.delete(project)
