"""What the official clients do wrong under faults, each line of it, done right.

What one request of a kind comes to is in the table; here are the lines that take several, at the sizes of real use.
A server under a sub-path is in tests/scenario/test_sub_path.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import pytest

from labelwire import (
    Client,
    ConnectionLost,
    InvalidInput,
    LabelwireError,
    LocalServer,
    ServerError,
    StatusError,
    Unauthorized,
    UnexpectedReply,
)

from ..conftest import TEXT_CONFIG
from ..scenario.colours import reaching
from . import faults
from .conftest import Proxied
from .faults import Act, Always, Break, Fault, Match, Nothing, Once, Phase, Redirect, Truncated
from .jobs import held
from .proxy import Proxy
from .table import QUICK, hurried

TASKS = [{"text": f"number {number}"} for number in range(500)]
IMPORT = Match("POST", r"/import\?")
CREATE = Match("POST", "/api/projects/$")


@pytest.fixture(scope="module")
def listed(direct: Client) -> Iterator[tuple[int, list[int]]]:
    """A project with 500 tasks, and their ids."""
    project = direct.projects.create(title="Five pages", label_config=TEXT_CONFIG).id
    direct.make_request("POST", f"/api/projects/{project}/import", json=TASKS)
    yield project, [task for task, _ in held(direct, project)]
    direct.projects.delete(project)


PAGE_3 = Match("GET", r"[?&]page=3\b")
REFUSED: list[tuple[Act, type[LabelwireError]]] = [
    (faults.HTML_500, ServerError),
    (faults.JSON_500, ServerError),
    (faults.NOT_FOUND, UnexpectedReply),
    (faults.TOKEN_REFUSED, Unauthorized),
    (faults.LOGIN_PAGE, UnexpectedReply),
    (Truncated("half"), UnexpectedReply),
]


@pytest.mark.parametrize(("act", "error"), REFUSED, ids=lambda given: getattr(given, "words", None))
def test_a_page_that_fails_is_an_error_and_never_part_of_the_data(
    proxied: Proxied, listed: tuple[int, list[int]], act: Act, error: type[LabelwireError]
) -> None:
    project, _ = listed
    calls, proxy = proxied(Always(PAGE_3, Fault(act)))
    with pytest.raises(error):
        calls.all("tasks.list", project=project, page_size=100, include=["id"])
    assert not proxy.of("GET", "page=4")


@pytest.mark.parametrize(("act", "error"), REFUSED[1:3], ids=lambda given: getattr(given, "words", None))
def test_a_loop_over_a_listing_ends_with_the_error(
    server: LocalServer, listed: tuple[int, list[int]], act: Act, error: type[LabelwireError]
) -> None:
    project, ids = listed
    with (
        Proxy(server.url, Always(PAGE_3, Fault(act))) as proxy,
        Client(proxy.url, server.api_key, retry=QUICK) as client,
    ):
        tasks = iter(client.tasks.list(project=project, page_size=100, include=["id"]))
        assert [task.id for task in islice(tasks, 200)] == ids[:200]
        with pytest.raises(error):
            next(tasks)


@pytest.mark.parametrize(
    "fault",
    [
        Fault(faults.TOKEN_REFUSED),
        Fault(Break("reset"), Phase.REPLY_BODY),
        Fault(Truncated("whole")),
    ],
    ids=lambda fault: fault.words,
)
def test_what_passes_leaves_five_whole_pages(proxied: Proxied, listed: tuple[int, list[int]], fault: Fault) -> None:
    project, ids = listed
    calls, _ = proxied(Once(PAGE_3, fault))
    assert [task.id for task in calls.all("tasks.list", project=project, page_size=100, include=["id"])] == ids


@pytest.mark.parametrize(
    "fault",
    [
        Fault(faults.GATEWAY_TIMEOUT, Phase.ANSWERED),
        Fault(faults.BAD_GATEWAY, Phase.ANSWERED),
        Fault(faults.HTML_500, Phase.ANSWERED),
        Fault(Break("closed"), Phase.ANSWERED),
        Fault(faults.SLOW_DOWN[0]),
        Fault(Redirect(301, "proxy")),
    ],
    ids=lambda fault: fault.words,
)
def test_an_import_of_500_is_there_once_with_its_ids(
    proxied: Proxied, direct: Client, target: int, fault: Fault
) -> None:
    calls, proxy = proxied(Once(IMPORT, fault))
    with hurried(0.05):
        report = calls("imports.tasks", target, TASKS)
    proxy.settle()
    assert held(direct, target) == list(zip(report.task_ids, TASKS, strict=True))


def test_a_connection_that_is_reset_while_much_is_still_to_be_sent(
    proxied: Proxied, direct: Client, target: int
) -> None:
    much = [{"text": f"{number} " + "x" * 400_000} for number in range(20)]
    calls, proxy = proxied(Once(IMPORT, Fault(Break("reset"), Phase.BODY)))
    with hurried(0.05):
        report = calls("imports.tasks", target, much)
    proxy.settle()
    assert held(direct, target) == list(zip(report.task_ids, much, strict=True))


@pytest.mark.parametrize(
    ("call", "match"), [("imports.tasks", IMPORT), ("projects.create", Match("POST", "/projects/$"))]
)
def test_a_write_that_is_sent_on_to_https_is_a_clear_error(
    proxied: Proxied, direct: Client, target: int, call: str, match: Match
) -> None:
    """The proxy has no TLS, as a server has none whose gateway redirects to the wrong port."""
    calls, proxy = proxied(Always(match, Fault(Redirect(301, "https"))))
    before = direct.projects.list(include=["id"]).count()
    with pytest.raises(ConnectionLost, match="TLS"):
        calls(call, target, TASKS[:5]) if call == "imports.tasks" else calls(call, title="Moved")
    proxy.settle()
    assert (held(direct, target), direct.projects.list(include=["id"]).count()) == ([], before)


def test_a_write_is_not_sent_to_another_address(proxied: Proxied, direct: Client, target: int) -> None:
    calls, _ = proxied(Always(IMPORT, Fault(Redirect(301, "server"))))
    with hurried(0.05), pytest.raises(UnexpectedReply, match="was not sent there"):
        calls("imports.tasks", target, TASKS[:5])
    assert held(direct, target) == []


def test_half_a_surrogate_pair_is_said_before_anything_is_sent(proxied: Proxied, direct: Client, target: int) -> None:
    calls, proxy = proxied(Nothing())
    with pytest.raises(InvalidInput, match="surrogate"):
        calls("imports.tasks", target, [{"text": "fine"}, {"text": "half \ud83d"}])
    assert not proxy.of("POST", "/import")
    assert held(direct, target) == []


def test_a_url_without_a_scheme_is_said_at_once(colour: str) -> None:
    with pytest.raises(InvalidInput, match="http://"), reaching(colour, "localhost:8080", "k" * 40):
        pass


def test_a_throttled_write_that_stays_throttled_is_an_error_and_not_applied(proxied: Proxied, direct: Client) -> None:
    calls, proxy = proxied(Always(CREATE, Fault(faults.SLOW_DOWN[0])))
    with pytest.raises(StatusError) as caught:
        calls("projects.create", title="Too many")
    assert (caught.value.status, caught.value.retry_after) == (429, 0.0)
    assert len(proxy.of("POST", "/api/projects/")) == 8
    assert direct.projects.list(title="Too many").count() == 0
