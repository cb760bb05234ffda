"""What people get wrong: each is an error that says what to do, shows no secret, and leaves nothing half done."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import requests

from labelwire import (
    NEVER,
    Client,
    ClientCredentials,
    ConnectionLost,
    InvalidInput,
    InvalidRequest,
    LabelwireError,
    LocalServer,
    NotFound,
    Retry,
    ServerError,
    Unauthorized,
    UnexpectedReply,
    Upload,
)

from .conftest import TEXT_CONFIG, Both, choice
from .scenario.colours import failing, reaching
from .scenario.web import Answer, Asked, Rule, behind, data, page, serving

pytestmark = pytest.mark.server

LEGACY = "0123456789abcdef0123456789abcdef01234567"
HALF = "half a pair: \ud83d"


@pytest.fixture
def ours(both: Both) -> Iterator[int]:
    """The id of a text project with one task."""
    made = both("projects.create", title="Unharmed", label_config=TEXT_CONFIG)
    both("imports.tasks", made.id, [{"text": "the only one"}])
    yield made.id
    both("projects.delete", made.id)


def refused(kind: type[LabelwireError], call: Callable[[], Any], *words: str) -> str:
    """The message of the error, which is of this very class and holds these words."""
    with pytest.raises(kind) as caught:
        call()
    assert type(caught.value) is kind
    for word in words:
        assert word in str(caught.value)
    return str(caught.value)


# Where ---------------------------------------------------------------------------------------------------------


def test_a_web_server_that_is_not_label_studio(colour: str, server: LocalServer) -> None:
    with serving(lambda _: page()) as web:
        for key in (LEGACY, server.api_key):
            error = failing(UnexpectedReply, colour, web.url, key)
            assert "web page (“Welcome to nginx!”)" in str(error)
            assert "Check the URL" in str(error)
            assert key not in str(error)
        with reaching(colour, web.url, LEGACY) as calls:
            refused(UnexpectedReply, lambda: calls("check_connection"), "Check the URL")
            refused(UnexpectedReply, lambda: calls.all("tasks.list", project=1), "Check the URL")
            refused(UnexpectedReply, lambda: calls("exports.inline", 1), "Check the URL")


def test_a_web_server_that_knows_no_such_path(colour: str, server: LocalServer) -> None:
    with serving(lambda _: page(404)) as web:
        error = failing(NotFound, colour, web.url, LEGACY)
        assert "no such path" in str(error)
        assert "sub-path" in str(error)
        error = failing(NotFound, colour, web.url, server.api_key)
        assert "correct the URL" in str(error)
        login = ClientCredentials(email=server.email, password=server.password)
        error = failing(NotFound, colour, web.url, credentials=login)
        assert "sub-path" in str(error)
        assert server.password not in str(error)


def test_a_page_that_is_no_login_page(colour: str, server: LocalServer) -> None:
    with serving(lambda _: page()) as web:
        login = ClientCredentials(email=server.email, password=server.password)
        error = failing(UnexpectedReply, colour, web.url, credentials=login)
        assert "not Label Studio's login page" in str(error)
        assert server.password not in str(error)


def test_nothing_there(colour: str) -> None:
    with serving(lambda _: page()) as web:
        gone = web.url
    for url in (gone, "http://no-such-host.invalid"):
        error = failing(ConnectionLost, colour, url, LEGACY)
        assert url in str(error)
        assert "Check the URL" in str(error) or "Is the server up" in str(error)
        assert error.applied is False
        assert LEGACY not in str(error)


def test_a_wrong_sub_path(colour: str, server: LocalServer) -> None:
    for place in ("/labels", "/projects/1/data"):
        error = failing(NotFound, colour, server.url + place, server.api_key)
        assert "sub-path" in str(error)
        assert server.api_key not in str(error)


@pytest.mark.parametrize(
    ("url", "advice"),
    [
        ("localhost:8080", "Did you mean http://localhost:8080?"),
        ("label.example.com", "Did you mean http://label.example.com?"),
        ("ftp://label.example.com", "Write http://host:port or https://host"),
        ("http://", "Write http://host:port"),
        ("http://host:port", "Write http://host:port"),
        ("http://host/?tab=1", "no query"),
        ("  ", "Write http://host:port"),
        ("http://a host/", "Write http://host:port"),
    ],
)
def test_a_url_that_is_none(colour: str, url: str, advice: str) -> None:
    assert advice in str(failing(InvalidInput, colour, url, LEGACY))


def test_a_request_to_another_server_takes_no_credential_along(server: LocalServer) -> None:
    with serving(lambda _: data({})) as web, server.client() as client:
        refused(InvalidInput, lambda: client.make_request("GET", f"{web.url}/api/projects"), "is not on")
        assert web.asked == []


# Who -----------------------------------------------------------------------------------------------------------


def test_a_wrong_password(colour: str, server: LocalServer) -> None:
    wrong = ClientCredentials(email=server.email, password="not-the-password")
    error = failing(Unauthorized, colour, server.url, credentials=wrong)
    assert error.status == 401
    assert "does not take this email and password" in str(error)
    assert "not-the-password" not in str(error)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "an api_key, or an email and a password"),
        ({"email": "me@example.com"}, "its password too"),
        ({"password": "secret-thing"}, "an api_key, or an email"),
        ({"api_key": ""}, "an api_key, or an email"),
    ],
)
def test_credentials_that_are_not_whole(given: dict[str, str], words: str) -> None:
    message = refused(InvalidInput, lambda: ClientCredentials(**given), words)
    assert "secret-thing" not in message


def test_no_credential_at_all(colour: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LABEL_STUDIO_API_KEY", raising=False)
    error = failing(InvalidInput, colour, "http://localhost:8080")
    for way in ("api_key=", "ClientCredentials(", "LABEL_STUDIO_API_KEY"):
        assert way in str(error)


def test_keys_that_can_be_none(colour: str, server: LocalServer) -> None:
    whole = server.api_key
    two_parts = whole.rpartition(".")[0]
    for key, words in [
        ("", "is empty"),
        ("   ", "is empty"),
        (f"Token {LEGACY}", "without “Token” or “Bearer”"),
        (f"Bearer {whole}", "without “Token” or “Bearer”"),
        (f"{whole[:50]} {whole[50:]}", "holds spaces"),
        (two_parts, "is not whole"),
        (f"{two_parts}.", "is not whole"),
        (whole[:40], "is not whole"),
        ("schlüssel", "characters that no key has"),
    ]:
        error = failing(InvalidInput, colour, server.url, key)
        assert words in str(error)
        assert not key.strip() or key not in str(error)
    with reaching(colour, server.url, f"\n {whole} \n") as calls:
        assert calls("users.me").email == server.email, "white space around a key is no harm"


def test_keys_that_the_server_refuses(colour: str, server: LocalServer) -> None:
    whole = server.api_key
    for key in (whole[:-4], whole[:-4] + "AAAA", LEGACY, LEGACY[:-3]):
        error = failing(Unauthorized, colour, server.url, key)
        assert error.status == 401
        assert "Account & Settings" in str(error)
        assert key not in str(error) + repr(error)


# What ----------------------------------------------------------------------------------------------------------


def test_an_unknown_project(both: Both) -> None:
    nowhere = 999_999_999
    for call in ("projects.get", "projects.delete", "exports.inline", "exports.create"):
        refused(NotFound, partial(both, call, nowhere))
    for call in ("tasks.list", "actions.list"):
        refused(NotFound, partial(both.all, call, project=nowhere))
    refused(InvalidRequest, partial(both.all, "views.list", project=nowhere), "project")
    refused(NotFound, partial(both, "projects.update", nowhere, title="Nothing"))


def test_an_import_into_an_unknown_project_blames_the_project_and_not_the_server(both: Both) -> None:
    for call, item in (("imports.tasks", {"text": "a"}), ("imports.predictions", {"task": 1, "result": []})):
        message = refused(NotFound, partial(both, call, 999_999_999, [item]))
        assert "No Project" in message.partition(": 404")[2]


def test_an_invalid_label_config_changes_nothing(both: Both, ours: int) -> None:
    before = both.wait(both("projects.list").count())
    config = both("projects.get", ours).label_config
    for bad, reason in [
        ("<View><Choices", "line 1"),
        ('<View><Choices name="a"/></View>', "'toName' is a required property"),
        (TEXT_CONFIG.replace('toName="txt"', 'toName="nobody"'), "nobody"),
    ]:
        refused(InvalidRequest, partial(both, "projects.create", title="Bad one", label_config=bad), reason)
        refused(InvalidRequest, partial(both, "projects.update", ours, label_config=bad), reason)
    assert both.wait(both("projects.list").count()) == before
    assert both("projects.get", ours).label_config == config


def test_a_title_that_is_too_short(both: Both) -> None:
    with pytest.raises(InvalidRequest) as caught:
        both("projects.create", title="ab")
    assert list(caught.value.fields) == ["title"]
    assert "3 characters" in str(caught.value)


def unharmed(both: Both, project: int) -> None:
    """The project has its one task, and no upload."""
    assert [task.data["text"] for task in both.all("tasks.list", project=project)] == ["the only one"]
    assert both.all("files.list", project) == []


def test_files_that_cannot_be_read(both: Both, ours: int, tmp_path: Path) -> None:
    good = tmp_path / "good.json"
    good.write_text('[{"text": "good"}]')
    for bad in (tmp_path / "missing.json", tmp_path):
        message = refused(InvalidInput, partial(both, "imports.upload", ours, [good, bad]), "cannot be read")
        assert str(bad) in message
    refused(InvalidInput, lambda: both("imports.upload", ours, []), "no files")
    refused(InvalidInput, lambda: both("imports.upload", ours, [good] * 101), "100 at a time")
    unharmed(both, ours)


def test_files_that_hold_nonsense_leave_nothing(both: Both, ours: int) -> None:
    for name, content in [("g.json", b'{"a": '), ("empty.json", b""), ("none.json", b"[]"), ("n.json", b"[1, 2]")]:
        with pytest.raises((InvalidRequest, InvalidInput)) as caught:
            both("imports.upload", ours, [Upload(name, content)])
        assert len(str(caught.value)) > 20
    unharmed(both, ours)


def test_tasks_that_are_none(both: Both, ours: int) -> None:
    good = {"text": "good"}
    for tasks, words in [
        ([], "the list is empty"),
        ([good, "text"], "Task 1 is str and not a dict"),
        ([good, None], "Task 1 is NoneType"),
        ([good, ["text"]], "Task 1 is list"),
        ([good, {}], "Task 1 is empty"),
        (good, "as a list of dicts, and not as dict"),
        ("tasks.json", "There is no file 'tasks.json'"),
        (None, "and not as NoneType"),
    ]:
        refused(InvalidInput, partial(both, "imports.tasks", ours, tasks), words)
    unharmed(both, ours)


def test_one_bad_task_among_good_ones_is_named_and_none_comes_in(both: Both, ours: int) -> None:
    with pytest.raises(InvalidRequest) as caught:
        both("imports.tasks", ours, [{"text": "good"}, {"other": "bad"}, {"text": "good"}])
    assert "text" in str(caught.value)
    unharmed(both, ours)


@pytest.mark.parametrize(
    ("value", "words"),
    [(math.nan, "nan, which JSON does not have"), (-math.inf, "-inf"), (HALF, "half a surrogate pair at position 13")],
)
def test_what_json_cannot_hold_is_named_with_its_place(both: Both, ours: int, value: Any, words: str) -> None:
    (task,) = both.all("tasks.list", project=ours)
    region = choice("good")[0]
    results = [region, {**region, "value": {"choices": ["good", value]}}]
    here = "[1]['value']['choices'][1]"
    nested = {"text": "a", "deep": [{"down": value}]}
    for call, place in [
        (lambda: both("imports.tasks", ours, [{"text": "a"}, nested]), "The data[1]['deep'][0]['down']"),
        (lambda: both("imports.tasks", ours, [{"data": {"text": "a"}, "annotations": [{"result": results}]}]), here),
        (lambda: both("tasks.create", project=ours, data=nested), "['deep'][0]['down']"),
        (lambda: both("tasks.update", task.id, data=nested), "['deep'][0]['down']"),
        (lambda: both("annotations.create", task=task.id, result=results), here),
        (lambda: both("predictions.create", task=task.id, result=results), here),
        (lambda: both("imports.predictions", ours, [{"task": task.id, "result": results}]), here),
    ]:
        refused(InvalidInput, call, words, place)
    refused(InvalidInput, lambda: both("imports.tasks", ours, [{"text": "a", HALF: 1}]), "A key of")
    unharmed(both, ours)
    assert both("tasks.get", task.id).annotations == both("tasks.get", task.id).predictions == []


def test_what_json_has_no_form_for(both: Both, ours: int) -> None:
    loop: dict[str, Any] = {"text": "a"}
    loop["again"] = loop
    for bad, words in [
        ({"text": object()}, "['text'] is a object"),
        ({"text": b"bytes"}, "['text'] is a bytes"),
        ({"text": {1, 2}}, "['text'] is a set"),
        ({"text": "a", (1, 2): "b"}, "key of type tuple"),
        (loop, "holds itself"),
    ]:
        refused(InvalidInput, partial(both, "imports.tasks", ours, [bad]), words)
    unharmed(both, ours)


def test_an_empty_selection_deletes_nothing(both: Both, ours: int) -> None:
    for selected in ([], ["a"], [1.5], "12"):
        with pytest.raises(InvalidInput):
            both("actions.run", "delete_tasks", project=ours, selected=selected)
    unharmed(both, ours)


def test_no_ids_are_not_taken_for_all_of_them(both: Both, ours: int) -> None:
    assert both("exports.inline", ours, download_all_tasks=True, ids=[]) == []
    assert both.all("projects.list", ids=[]) == []
    assert both.all("projects.counts", ids=[]) == []
    assert both.all("files.list", ours, ids=[]) == []
    both("imports.upload", ours, [Upload("kept.json", b'[{"text": "a"}]')], commit_to_project=False)
    both("files.delete_many", ours, ids=[])
    assert len(both.all("files.list", ours)) == 1


def test_any_request_with_nan_is_refused(both: Both) -> None:
    refused(InvalidInput, partial(both, "make_request", "POST", "/api/projects", json={"title": math.nan}))


def test_what_requests_itself_cannot_send_is_no_lost_connection(server: LocalServer) -> None:
    with Client(server.url, server.api_key, retry=Retry(attempts=2, pause=0.01)) as client:
        client.users.me()
        for options in ({"json": {"a": math.nan}}, {"headers": {"X-Two": "a\nb"}}, {"headers": {"X-Number": 1}}):
            with pytest.raises((InvalidInput, requests.exceptions.InvalidJSONError, requests.exceptions.InvalidHeader)):
                client.make_request("POST", "/api/projects", **options)


def test_a_header_that_cannot_be_sent(colour: str, server: LocalServer) -> None:
    odd = {"X-Odd": "two\nlines"}
    error = failing(InvalidInput, colour, server.url, server.api_key, extra_headers=odd, retry=NEVER)
    assert "header" in str(error)
    assert server.api_key not in str(error)


def test_a_header_that_is_not_latin(server: LocalServer) -> None:
    failing(InvalidInput, "sync", server.url, server.api_key, extra_headers={"X-Odd": "鍵"}, retry=NEVER)


# Answers that are none -----------------------------------------------------------------------------------------


def test_a_web_page_in_the_place_of_json(colour: str, server: LocalServer, client: Client) -> None:
    project = client.projects.create(title="Behind a proxy").id
    through = behind("", server.url)

    def login_wall(asked: Asked) -> Answer:
        return page() if asked.path.startswith("/api/projects") else through(asked)

    with serving(login_wall) as web, reaching(colour, web.url, server.api_key) as calls:
        assert calls("users.me").email == server.email
        for call in (
            lambda: calls("projects.get", project),
            lambda: calls.all("projects.list"),
            lambda: calls("projects.create", title="Never made"),
            lambda: calls("imports.tasks", project, [{"text": "a"}]),
        ):
            refused(UnexpectedReply, call, "web page", "Check the URL")
        for silent in (
            lambda: calls("projects.validate", TEXT_CONFIG),
            lambda: calls("tasks.delete_all", project=project),
            lambda: calls("projects.delete", project),
        ):
            refused(UnexpectedReply, silent, "web page", "Check the URL")
    assert client.projects.list(title="Never made").count() == 0
    client.projects.delete(project)


def test_a_web_page_in_the_place_of_a_file(colour: str, tmp_path: Path) -> None:
    def rule(asked: Asked) -> Answer:
        return data([{"name": "JSON"}]) if asked.path.endswith("/formats") else page()

    with serving(rule) as web, reaching(colour, web.url, LEGACY) as calls:
        for call in (
            partial(calls, "exports.direct", 1, path=tmp_path / "all.json"),
            partial(calls, "exports.download", 1, 1, path=tmp_path / "all.json"),
        ):
            refused(UnexpectedReply, call, "web page")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("body", [b'{"id": 1, "title": "ha', b"", b"null", b'"text"', b"[]"])
def test_json_that_is_not_whole_or_not_an_object(colour: str, body: bytes) -> None:
    with serving(lambda _: Answer(200, body, [("Content-Type", "application/json")])) as web:
        error = failing(UnexpectedReply, colour, web.url, LEGACY)
        assert "/api/current-user/whoami" in str(error)
        assert "answered" in str(error)


def test_an_answer_that_breaks_off(colour: str) -> None:
    whole = b'{"id": 1, "email": "me@example.com"}'

    def rule(_: Asked) -> Answer:
        return Answer(200, whole[:12], [("Content-Type", "application/json"), ("Content-Length", str(len(whole)))])

    with serving(rule) as web:
        error = failing(ConnectionLost, colour, web.url, LEGACY, retry=NEVER)
        assert "before the answer was complete" in str(error)


def listing(second: Answer, *, total: int = 4, items: str = "results", count: str = "count") -> Rule:
    """Two items on page 1; page 2 is as given."""
    first = data({items: [{"id": 1}, {"id": 2}], count: total})
    return lambda asked: first if asked.page == 1 else second


ENDS = [
    (data({"detail": "boom"}, 500), ServerError),
    (data({"detail": "Invalid page.", "status_code": 404}, 404), UnexpectedReply),
    (page(404), UnexpectedReply),
    (page(), UnexpectedReply),
    (data({"results": [], "tasks": [], "count": 4, "total": 4}), UnexpectedReply),
    (data({"detail": "no"}, 403), LabelwireError),
    (data({"detail": "no", "id": "x"}, 401), Unauthorized),
    (Answer(200, b'{"results": [{"id": 3}'), UnexpectedReply),
    (data({"results": None, "tasks": None, "count": 4, "total": 4}), UnexpectedReply),
]


@pytest.mark.parametrize(("second", "kind"), ENDS, ids=range(len(ENDS)))
def test_a_listing_that_fails_part_way_is_never_taken_for_whole(
    colour: str, second: Answer, kind: type[LabelwireError]
) -> None:
    with serving(listing(second)) as web, reaching(colour, web.url, LEGACY) as calls, pytest.raises(kind):
        calls.all("projects.list")
    tasks = listing(second, items="tasks", count="total")
    with serving(tasks) as web, reaching(colour, web.url, LEGACY) as calls, pytest.raises(kind):
        calls.all("tasks.list", project=1)


@pytest.mark.parametrize(("second", "kind"), ENDS, ids=range(len(ENDS)))
def test_old_lists_are_never_short_either(second: Answer, kind: type[LabelwireError]) -> None:
    with serving(listing(second)) as web, Client(web.url, LEGACY) as client, pytest.raises(kind):
        client.list_projects()

    def rule(asked: Asked) -> Answer:
        return data({"id": 1}) if asked.path.startswith("/api/projects") else tasks(asked)

    tasks = listing(second, items="tasks", count="total")
    with serving(rule) as web, Client(web.url, LEGACY) as client:
        project = client.get_project(1)
        for read in (project.get_tasks, project.get_tasks_ids, lambda: project.tasks, project.get_labeled_tasks):
            with pytest.raises(kind):
                read()


def test_a_total_that_never_comes_is_an_error_and_no_endless_loop(colour: str) -> None:
    empty = data({"results": [], "count": 7})
    with serving(listing(empty, total=7)) as web, reaching(colour, web.url, LEGACY) as calls:
        refused(UnexpectedReply, lambda: calls.all("projects.list"), "after 2 of 7 items", "Read it again")
        assert len(web.asked) == 2
    with serving(lambda _: data({"results": [], "count": 7})) as web, reaching(colour, web.url, LEGACY) as calls:
        refused(UnexpectedReply, lambda: calls.all("projects.list"), "after 0 of 7 items")


def test_an_error_shows_neither_the_query_nor_the_credential(colour: str) -> None:
    def rule(asked: Asked) -> Answer:
        return data({"detail": f"you sent {asked.headers['Authorization']}", "id": "an-id"}, 400)

    with serving(rule) as web, reaching(colour, web.url, LEGACY) as calls:
        with pytest.raises(InvalidRequest) as caught:
            calls("make_request", "GET", "/api/projects", params={"password": "in-the-query"})
        shown = str(caught.value) + repr(caught.value) + caught.value.detail + caught.value.url
        assert LEGACY not in shown
        assert "in-the-query" not in shown
        assert (caught.value.status, caught.value.method, caught.value.error_id) == (400, "GET", "an-id")
