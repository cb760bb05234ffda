"""Media files become tasks: one each, in order, with the bytes and the name that they had."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from labelwire import Client, ConnectionLost, InvalidInput, InvalidRequest, LocalServer, Retry, ServerError
from labelwire.bulk import doubt, uploads
from labelwire.bulk.doubt import TRIES
from labelwire.bulk.downloads import download_files
from labelwire.bulk.report import Report
from labelwire.core.operation import Upload

from ..conftest import IMAGE_CONFIG, TEXT_CONFIG, Both
from ..faults.faults import (
    BAD_GATEWAY,
    JSON_500,
    Answer,
    Break,
    Fault,
    Late,
    Match,
    Once,
    Phase,
    Plan,
    Sequence,
    Several,
)
from ..faults.proxy import Proxy
from ..scenario.colours import reaching
from ..scenario.web import behind, serving

BOX = {
    "from_name": "box",
    "to_name": "img",
    "type": "rectanglelabels",
    "value": {"x": 1, "y": 2, "width": 30, "height": 40, "rectanglelabels": ["Cat"]},
}
NONE: dict[str, Any] = dict.fromkeys(("annotations", "predictions", "data_key", "ledger", "progress"))
POST = Match("POST", "commit_to_project=false")
ONE_A_REQUEST = patch("labelwire.bulk.media.Run", partial(uploads.Run, most_files=1))
QUICK = Retry(pause=0.005, patience=20)


def bring(calls: Both, project: int, paths: Any, **options: Any) -> Report:
    """What `client.imports.files` gives."""
    report: Report = calls("imports.files", project, paths, **options)
    return report


@pytest.fixture
def target(client: Client) -> Iterator[int]:
    """An empty image project, gone afterwards."""
    made = client.projects.create(title="Media", label_config=IMAGE_CONFIG).id
    yield made
    client.projects.delete(made)


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """Seven files; two have one name, and some are hard to name."""
    names = ["a.jpg", "b/a.jpg", "ü ü.JPG", "x'\"%;,&.png", "n" * 200 + ".png", "😀.webp", ".-_.gif"]
    for number, name in enumerate(names):
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(f"content {number}".encode() * (number + 1))
    return [tmp_path / "in" / name for name in names]


def held(client: Client, project: int) -> list[tuple[int, str, bytes]]:
    """The project's tasks: id, original name, and the bytes of their media."""
    tasks = client.tasks.list(project=project, include=["id", "data", "meta"], ordering=["tasks:id"])
    return [
        (task.id, (task.meta or {})["file_name"], client.make_request("GET", task.data["image"]).content)
        for task in tasks
    ]


def wished(report: Report, files: list[Path]) -> list[tuple[int, str, bytes]]:
    return [(task, path.name, path.read_bytes()) for task, path in zip(report.task_ids, files, strict=True)]


def stored(client: Client, project: int) -> int:
    return len(client.files.list(project).to_list())


def test_one_task_for_each_file_in_order(both: Both, client: Client, target: int, files: list[Path]) -> None:
    told: list[Any] = []
    report = bring(both, target, files, progress=told.append)
    assert held(client, target) == wished(report, files)
    assert stored(client, target) == len(files) == report.created
    assert told[-1].done == told[-1].total == len(files)


def test_more_than_a_request_holds_and_bytes_in_memory(both: Both, client: Client, target: int) -> None:
    contents = {f"{number}.jpg": f"{number}".encode() for number in range(205)}
    report = bring(both, target, (Upload(name, content) for name, content in contents.items()))
    assert held(client, target) == [(task, *item) for task, item in zip(report.task_ids, contents.items(), strict=True)]
    assert stored(client, target) == 205


def test_annotations_and_predictions_come_along(both: Both, client: Client, target: int, files: list[Path]) -> None:
    def guess(path: Path) -> Any:
        return [{"result": [BOX], "score": 0.5, "model_version": "m"}] if path.suffix == ".png" else None

    annotations = {"😀.webp": [BOX], files[1]: [{"result": [BOX], "was_cancelled": True}, {"result": []}], files[0]: []}
    report = bring(both, target, files, annotations=annotations, predictions=guess)
    tasks = {task.id: task for task in client.tasks.list(project=target, fields="all")}
    given = [tasks[task] for task in report.task_ids]
    assert [len(task.annotations or ()) for task in given] == [1, 2, 0, 0, 0, 1, 0]
    assert [[one.model_version for one in task.predictions or ()] for task in given] == [
        [],
        [],
        [],
        ["m"],
        ["m"],
        [],
        [],
    ]
    assert (report.annotation_count, report.prediction_count) == (4, 2)
    assert [one.result for one in given[0].annotations or ()] == [[]]


def test_what_belongs_to_no_file(both: Both, client: Client, target: int, files: list[Path]) -> None:
    with pytest.raises(InvalidInput, match=r"annotations\['c.jpg'\] belongs to none"):
        bring(both, target, files, annotations={"c.jpg": [BOX]})
    with pytest.raises(InvalidInput, match=r"'a.jpg'\] could be that of .* write the path"):
        bring(both, target, files, annotations={"a.jpg": [BOX]})
    assert stored(client, target) == 0
    report = bring(both, target, iter(files), predictions={"c.jpg": [BOX], "😀.webp": [BOX]})
    assert [one.reason for one in report.refused] == ["predictions['c.jpg'] belongs to none of the files."]
    assert report.prediction_count == 1


@pytest.mark.parametrize(
    ("results", "said"),
    [
        ([{**BOX, "from_name": "bax"}], "no control is named 'bax'"),
        ([{**BOX, "value": {**BOX["value"], "x": float("nan")}}], "which JSON does not have"),  # type: ignore[dict-item]
        ([{"result": [BOX]}, BOX], "cannot be read"),
        ("cat", "cannot be read"),
        (BOX, "cannot be read"),
    ],
)
@pytest.mark.parametrize("asked", [False, True], ids=["a dict", "a function"])
def test_results_that_do_not_fit(
    results: Any, said: str, asked: bool, client: Client, target: int, files: list[Path]
) -> None:
    given = (lambda path: results if path == files[-1] else None) if asked else {files[-1]: results}
    with ONE_A_REQUEST, pytest.raises(InvalidInput, match=said):
        bring(Both(client, None), target, files, annotations=given)
    assert stored(client, target) == 0


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda path: path.unlink(), "no file .*a.jpg"),
        (lambda path: path.write_bytes(b""), "is empty"),
        (lambda path: (path.unlink(), path.mkdir()), "is a folder"),
    ],
    ids=["missing", "empty", "a folder"],
)
@pytest.mark.parametrize("listed", [True, False], ids=["a list", "an iterator"])
def test_a_file_that_cannot_be_sent(
    spoil: Any, said: str, listed: bool, both: Both, client: Client, target: int, files: list[Path]
) -> None:
    spoil(files[1])
    with (
        ONE_A_REQUEST,
        pytest.raises(InvalidInput, match=said),
    ):
        bring(both, target, files if listed else iter(files))
    assert stored(client, target) == 0


@pytest.mark.parametrize("paths", ["a.jpg", Path("a.jpg"), b"a.jpg", [], iter([]), [1], {"a.jpg": 1}, None])
def test_what_are_no_files(paths: Any, client: Client, target: int) -> None:
    with pytest.raises(InvalidInput):
        bring(Both(client, None), target, paths)


def test_an_extension_that_the_server_refuses(both: Both, client: Client, target: int) -> None:
    files = [*(Upload(f"{number}.jpg", b"x") for number in range(150)), Upload("run.exe", b"x"), Upload("none", b"x")]
    with pytest.raises(InvalidRequest, match=r"\.exe extension is not supported\nIt is about 'run.exe'.") as caught:
        bring(both, target, files)
    assert "98 files" in str(caught.value)
    assert isinstance(caught.value.report, Report)
    assert stored(client, target) == 0
    assert client.tasks.list(project=target).count() == 0


def test_files_that_the_server_would_read_as_tasks(both: Both, client: Client, target: int) -> None:
    """The server stores a table beside pictures, and then refuses to make tasks of the two."""
    files = [Upload("a.csv", b"u,v\n1,2\n3,4\n"), Upload("b.json", b"[]"), Upload("c.jpg", b"c")]
    report = bring(both, target, files)
    assert [content for _, _, content in held(client, target)] == [file.content for file in files]
    assert report.created == 3


def test_the_data_key(both: Both, client: Client, server: LocalServer) -> None:
    two = '<View><Image name="a" value="$left"/><Image name="b" value="$right"/></View>'
    many = '<View><Image name="a" valueList="$pages"/></View>'
    configs = {"two": two, "many": many, "text": TEXT_CONFIG, "none": "<View/>"}
    made = {title: client.projects.create(title=f"Keys {title}", label_config=xml).id for title, xml in configs.items()}
    try:
        with pytest.raises(InvalidInput, match=r"'left', 'right'.*data_key="):
            bring(both, made["two"], [Upload("a.jpg", b"a")])
        with pytest.raises(InvalidInput, match="wants 'right' too"):
            bring(both, made["two"], [Upload("a.jpg", b"a")], data_key="left")
        with pytest.raises(InvalidInput, match="shows text"):
            bring(both, made["text"], [Upload("a.txt", b"a")])
        with pytest.raises(InvalidInput, match="data_key="):
            bring(both, made["none"], [Upload("a.txt", b"a")])
        bring(both, made["none"], [Upload("a.txt", b"a")], data_key="file")
        bring(both, made["many"], [Upload("a.jpg", b"a")])
        assert client.tasks.list(project=made["none"]).to_list()[0].data["file"].endswith("-a.txt")
        assert client.tasks.list(project=made["many"]).to_list()[0].data["pages"][0].endswith("-a.jpg")
        assert [stored(client, made[title]) for title in configs] == [0, 1, 0, 1]
    finally:
        for project in made.values():
            client.projects.delete(project)


def test_below_a_sub_path(colour: str, server: LocalServer, client: Client, target: int, tmp_path: Path) -> None:
    with (
        serving(behind("/labels", server.url)) as web,
        reaching(colour, f"{web.url}/labels", server.api_key) as calls,
    ):
        bring(calls, target, [Upload("a b.jpg", b"a")])
        address = client.tasks.list(project=target).to_list()[0].data["image"]
        assert address.startswith("/labels/data/upload/"), "browsers find it there"
        flow = download_files([address], path=tmp_path, at_once=1, progress=None)
        (path,) = calls.wait(calls._client._driver.flow(flow)).paths
    assert path.read_bytes() == b"a"


# Faults.


@pytest.fixture
def brisk(monkeypatch: pytest.MonkeyPatch) -> None:
    """No long waits for what may come late."""
    monkeypatch.setattr(doubt, "LATE", 1.0)
    monkeypatch.setattr(doubt, "LOOK", 0.05)


def under(colour: str, server: LocalServer, plan: Plan, *args: Any, **options: Any) -> tuple[Report, int]:
    """The report of an import behind a proxy with this plan, and how often files went up."""
    with Proxy(server.url, plan) as proxy:
        with reaching(colour, proxy.url, server.api_key, timeout=(5.0, 30.0), retry=QUICK) as calls:
            report = bring(calls, *args, **options)
        proxy.settle()
        return report, len(proxy.of("POST", "commit_to_project=false"))


@pytest.mark.usefixtures("brisk")
@pytest.mark.parametrize(
    ("fault", "sent"),
    [
        (Fault(Break("closed"), Phase.ANSWERED), 1),
        (Fault(Break("reset"), Phase.REPLY_BODY), 1),
        (Fault(BAD_GATEWAY, Phase.ANSWERED), 1),
        (Fault(JSON_500, Phase.ANSWERED), 1),
        (Fault(BAD_GATEWAY, Phase.FORWARD), 2),
        (Fault(Break("reset"), Phase.BODY), 2),
        (Fault(Late(0.3)), 1),
        (Fault(Late(0.8)), 2),
    ],
    ids=lambda value: value.words if isinstance(value, Fault) else f"sent {value} times",
)
def test_a_lost_answer_doubles_nothing(
    fault: Fault, sent: int, colour: str, server: LocalServer, client: Client, target: int, files: list[Path]
) -> None:
    report, times = under(colour, server, Once(POST, fault), target, files)
    assert held(client, target) == wished(report, files)
    assert report.doubts == 1
    assert times == sent or isinstance(fault.act, Late)
    assert stored(client, target) == len(files), "neither markers nor strays are left"


@pytest.mark.usefixtures("brisk")
def test_what_others_upload_meanwhile_stays(
    colour: str, server: LocalServer, client: Client, target: int, files: list[Path]
) -> None:
    """The same user, the same name, the same size: not ours all the same."""
    answered = False

    class Meanwhile:
        def choose(self, asked: Any) -> Fault | None:
            nonlocal answered
            if not POST(asked) or answered:
                return None
            answered = True
            others = [Upload(files[0].name, b"X" * files[0].stat().st_size)]
            client.imports.upload(target, others, commit_to_project=False)
            return Fault(BAD_GATEWAY, Phase.FORWARD)

    report, _ = under(colour, server, Meanwhile(), target, files)
    assert held(client, target) == wished(report, files)
    assert stored(client, target) == len(files) + 1


@pytest.mark.usefixtures("brisk")
@pytest.mark.parametrize(
    "act",
    [
        Answer(413, b"<h1>413 Request Entity Too Large</h1>", words="413"),
        Answer(
            500,
            b'{"detail": "The number of files exceeded settings.DATA_UPLOAD_MAX_NUMBER_FILES."}',
            "application/json",
            words="too many",
        ),
    ],
    ids=lambda act: act.words,
)
def test_a_request_that_is_too_large_is_halved(
    act: Answer, colour: str, server: LocalServer, client: Client, target: int, files: list[Path]
) -> None:
    report, times = under(colour, server, Sequence(POST, [Fault(act), Fault(act)]), target, files)
    assert held(client, target) == wished(report, files)
    assert times == 2 + 3, "7 are halved to 3 and 4, and the 3 to 1 and 2"
    assert stored(client, target) == len(files)


@pytest.mark.usefixtures("brisk")
def test_an_interrupted_run_goes_on_with_its_ledger(
    colour: str, server: LocalServer, client: Client, target: int, tmp_path: Path
) -> None:
    files = [tmp_path / f"{number}.jpg" for number in range(200)]
    for number, path in enumerate(files):
        path.write_bytes(f"{number}".encode())
    ledger = tmp_path / "media.ledger"
    asked: list[Any] = []

    def guess(path: Path) -> Any:
        asked.append(path)
        return [BOX]

    options: dict[str, Any] = {"ledger": ledger, "predictions": guess}
    broken = Sequence(POST, [None, Fault(Break("closed"), Phase.ANSWERED)])
    dead = Sequence(Match("GET", r"file-uploads\?all"), [Fault(JSON_500)] * TRIES)
    with (
        Proxy(server.url, Several(broken, dead)) as proxy,
        reaching(colour, proxy.url, server.api_key, timeout=(5.0, 30.0), retry=QUICK) as calls,
    ):
        with pytest.raises(ConnectionLost, match="98 of its files are on the server: call again with the same ledger"):
            bring(calls, target, iter(files), **options)
        assert (len(proxy.of("POST", "/import")), stored(client, target)) == (2, 200)
        report = bring(calls, target, files, **options)
        assert len(proxy.of("POST", "commit_to_project=false")) == 3, (
            "the request whose answer was lost had brought the second 98"
        )
        assert held(client, target) == wished(report, files)
        assert sorted(asked) == sorted(files), "nothing is asked twice"
        assert report.prediction_count == 200
        again = bring(calls, target, files, **options)
        assert list(again.task_ids) == list(report.task_ids)
        assert (len(proxy.of("POST", "/import")), stored(client, target)) == (4, 200)
        with pytest.raises(InvalidInput, match="not that of the ledger"):
            bring(calls, target, files[::-1], **options)


@pytest.mark.usefixtures("brisk")
def test_a_server_that_fails_is_an_error_and_leaves_nothing(
    colour: str, server: LocalServer, client: Client, target: int, files: list[Path]
) -> None:
    plan = Sequence(POST, [None, Fault(JSON_500), Fault(JSON_500)])
    with ONE_A_REQUEST, pytest.raises(ServerError):
        under(colour, server, plan, target, files)
    assert stored(client, target) == 0
