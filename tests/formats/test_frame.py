"""What all conversions share: where they write, that it is whole, and that it is the same every time."""

from __future__ import annotations

import errno
import json
import os
import resource
import subprocess
import sys
import tarfile
import textwrap
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import fsspec
import pytest

from labelwire import InvalidInput, formats
from labelwire.files.names import OURS
from labelwire.formats import converting, workers
from labelwire.formats.output import Output
from labelwire.formats.records import Split
from labelwire.formats.registry import find
from labelwire.formats.workers import WorkerLost

from .conftest import IMAGE, box, contents, task
from .every_kind import CONFIGS, OWN, WRITTEN, kind_of, tasks_of

TASKS = tasks_of("image")


def coco(path: Any, tasks: Any = TASKS, **choice: Any) -> formats.Report:
    return formats.convert(tasks, "coco", path, config=IMAGE, **choice)


def yolo(path: Any, tasks: Any = TASKS, **choice: Any) -> formats.Report:
    return formats.convert(tasks, "yolo", path, config=IMAGE, **choice)


# None of these tasks holds a DocLang document.
@pytest.mark.parametrize("format", [name for name in WRITTEN if name != "doclang"])
def test_batches_and_processes_leave_no_trace_in_the_output(
    format: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = kind_of(format)
    export = tmp_path / "export.json"
    export.write_text(json.dumps(tasks_of(kind, 20)))
    written = []
    ways = [(500, 0), (1, 0), (7, 0), *([(3, 2)] if format in ("coco", "yolo") else [])]
    for number, (size, count) in enumerate(ways):
        monkeypatch.setattr(converting, "BATCH_TASKS", size)
        for place in (f"out{number}", f"out{number}.zip"):
            own = OWN.get(format, {})
            report = formats.convert(export, format, tmp_path / place, config=CONFIGS[kind], workers=count, **own)
            assert report.tasks_in == 20
        folder, archive = tmp_path / f"out{number}", tmp_path / f"out{number}.zip"
        written.append((contents(folder), archive.read_bytes()))
    assert written[0][0]
    assert all(one == written[0] for one in written)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux's processes are forked")
@pytest.mark.parametrize("fault", ["", "output.write_file = full", "output.write_file = killed"])
def test_a_process_without_threads_is_forked(fault: str, tmp_path: Path) -> None:
    (tmp_path / "export.json").write_text(json.dumps(TASKS * 20))
    script = f"""
        import os, signal
        from labelwire import formats
        from labelwire.formats import batch as output, converting, workers

        def full(*_):
            raise OSError(28, "No space left on device", "labels")

        caller, write_file = os.getpid(), output.write_file

        def killed(*given):
            if os.getpid() != caller:
                os.kill(os.getpid(), signal.SIGKILL)
            write_file(*given)

        def convert(place, count):
            return formats.convert("export.json", "yolo", place, config={IMAGE!r}, workers=count)

        converting.BATCH_TASKS = 7
        print("in the caller's buffer")
        assert workers._alone()
        {fault}
        try:
            convert("forked", 3)
            convert("here", 0)
        except Exception as error:
            print(type(error).__name__)
    """
    run = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)], capture_output=True, cwd=tmp_path, text=True, check=True
    )
    words = run.stdout.splitlines()
    assert words[0] == "in the caller's buffer"
    if not fault:
        assert words[1:] == []
        assert contents(tmp_path / "forked") == contents(tmp_path / "here") != {}
    else:
        assert words[1:] == ["OSError" if "full" in fault else "WorkerLost"]
        assert sorted(path.name for path in tmp_path.iterdir()) == ["export.json"]


def test_a_folder_and_every_archive_hold_the_same(tmp_path: Path) -> None:
    yolo(tmp_path / "folder")
    yolo(tmp_path / "a.zip")
    yolo(tmp_path / "a.tar")
    yolo(tmp_path / "a.tar.gz")
    expected = contents(tmp_path / "folder")
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == expected
    for name in ("a.tar", "a.tar.gz"):
        with tarfile.open(tmp_path / name) as tar:
            found = {member.name: tar.extractfile(member) for member in tar.getmembers()}
            assert {name: file.read() if file else None for name, file in found.items()} == expected
    assert {path.name for path in tmp_path.iterdir()} == {"folder", "a.zip", "a.tar", "a.tar.gz"}


def test_one_file_where_its_name_says_so(tmp_path: Path) -> None:
    coco(tmp_path / "folder")
    coco(tmp_path / "deep" / "er" / "mine.json")
    assert (tmp_path / "deep" / "er" / "mine.json").read_bytes() == (tmp_path / "folder" / "result.json").read_bytes()


@pytest.fixture
def memory() -> Iterator[Any]:
    system = fsspec.filesystem("memory")
    yield system
    system.store.clear()
    system.pseudo_dirs[:] = [""]


def test_a_place_that_fsspec_reaches(memory: Any, tmp_path: Path) -> None:
    yolo(tmp_path / "folder")
    for place in ("memory://bucket/set", "memory://bucket/set.zip"):
        yolo(place)
        with pytest.raises(InvalidInput, match="there already"):
            yolo(place)
        yolo(place, TASKS[:2], overwrite=True)
        yolo(place, overwrite=True)
    expected = contents(tmp_path / "folder")
    found = {name.removeprefix("/bucket/set/"): memory.cat(name) for name in memory.find("/bucket/set")}
    assert found == expected
    assert {str(one["name"]) for one in memory.ls("/bucket", detail=True)} == {"/bucket/set", "/bucket/set.zip"}


def test_what_is_there_is_kept_unless_it_may_go(tmp_path: Path) -> None:
    for place, content in (("folder", None), ("set.zip", b"mine"), ("one.json", b"mine")):
        target = tmp_path / place
        if content is None:
            target.mkdir()
            (target / "mine.txt").write_text("mine")
        else:
            target.write_bytes(content)
        before = contents(tmp_path)
        with pytest.raises(InvalidInput, match="overwrite=True"):
            coco(target)
        assert contents(tmp_path) == before
        coco(target, overwrite=True)
    assert set(contents(tmp_path)) == {"folder/result.json", "set.zip", "one.json"}


def test_an_empty_folder_is_filled(tmp_path: Path) -> None:
    coco(tmp_path)
    assert set(contents(tmp_path)) == {"result.json"}


@pytest.mark.parametrize("place", ["set", "set.zip", "set.json"])
def test_a_source_that_breaks_leaves_what_was_there(place: str, tmp_path: Path) -> None:
    target = tmp_path / place
    coco(target, TASKS[:1])
    before = contents(tmp_path)

    def breaking() -> Iterator[Any]:
        yield from TASKS
        raise RuntimeError("the source is gone")

    with pytest.raises(RuntimeError, match="the source is gone"):
        coco(target, breaking(), overwrite=True)
    assert contents(tmp_path) == before
    with pytest.raises(RuntimeError):
        coco(tmp_path / "new" / "folder" / place, breaking())
    assert contents(tmp_path) == before
    assert not (tmp_path / "new").exists()


def test_a_folder_that_cannot_be_moved_into_place_leaves_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    coco(tmp_path / "set", TASKS[:1])
    before = contents(tmp_path)
    rename = Path.rename

    def refusing(self: Path, target: Any) -> Path:
        if self.name == "made":
            raise PermissionError(errno.EACCES, "Permission denied", str(self))
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", refusing)
    with pytest.raises(PermissionError):
        coco(tmp_path / "set", overwrite=True)
    assert contents(tmp_path) == before


def test_a_killed_conversion_leaves_nothing_that_looks_whole(tmp_path: Path) -> None:
    script = f"""
        import os, signal
        from labelwire import formats
        task = {TASKS[0]!r}

        def tasks():
            for number in range(5_000):
                if number == 3_000:
                    os.kill(os.getpid(), signal.SIGKILL)
                yield task

        formats.convert(tasks(), "yolo", {str(tmp_path / "set")!r}, config={IMAGE!r})
    """
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(script)], check=False)
    assert done.returncode != 0
    assert not (tmp_path / "set").exists()
    assert all(path.name.startswith(OURS) for path in tmp_path.iterdir())
    yolo(tmp_path / "set")


@pytest.mark.parametrize("place", ["set", "set.zip", "set.tar.gz", "set.json"])
def test_a_full_disk_is_told_with_the_place(place: str, tmp_path: Path) -> None:
    """The system's limit of a file's size takes the part of the disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))
    try:
        with pytest.raises(OSError, match=place) as raised:
            coco(tmp_path / place)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert raised.value.errno == errno.EFBIG
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_in_a_process_is_told_with_the_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    call = """
        import os, types
        from labelwire.formats import output, workers

        def full(*_):
            raise OSError(28, "No space left on device")

        output.os = types.SimpleNamespace(**{**vars(os), "write": full})
        workers.serve()
    """
    monkeypatch.setattr(workers, "_alone", lambda: False)
    monkeypatch.setattr(workers, "_CALL", textwrap.dedent(call))
    with pytest.raises(OSError, match="labels") as raised:
        yolo(tmp_path / "set", workers=1)
    assert raised.value.errno == errno.ENOSPC
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("a file")
    for place in (tmp_path / "file" / "set", "\0", tmp_path / ("n" * 300)):
        with pytest.raises((InvalidInput, OSError)):
            coco(place)
    with pytest.raises(InvalidInput, match="cannot be written"):
        coco("nonsense://bucket/set")


def test_folders_that_hold_more_than_a_dataset_are_not_overwritten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "work").mkdir()
    export = tmp_path / "work" / "export.json"
    export.write_text(json.dumps(TASKS))
    with pytest.raises(InvalidInput, match="name another place"):
        coco(tmp_path / "work", export, overwrite=True)
    monkeypatch.chdir(tmp_path / "work")
    for place in (".", tmp_path):
        with pytest.raises(InvalidInput, match="a folder of its own"):
            coco(place, overwrite=True)
    assert export.exists()


def test_a_member_leads_nowhere_else(tmp_path: Path) -> None:
    for name in ("../a", "a/../../b", "/etc/a", "a/..", "..", "\\a", "a\0"):
        with pytest.raises(InvalidInput, match="no name of a file"), Output(tmp_path / "set") as made:
            made.write(name, b"")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("choice", "said"),
    [
        ({"colour": "red"}, "no option 'colour'"),
        ({"source": "drafts"}, "source is 'drafts'"),
        ({"annotations": "best"}, "no strategy 'best'"),
        ({"annotations": "user"}, "`by` names the user"),
        ({"by": 1}, "`by` names the user"),
        ({"names": "mine"}, "names is 'mine'"),
        ({"unlabeled": True}, "unlabeled is True"),
        ({"skipped": "maybe"}, "skipped is 'maybe'"),
        ({"split": {"train": 0.5}}, "add up to 0.5"),
        ({"split": {"train": 1.5, "val": -0.5}}, "none below 0"),
        ({"split": {"train": float("nan")}}, "add up to nan"),
        ({"split": {"train": "80%", "val": "20%"}}, "shares by name"),
        ({"split": [0.8, 0.2]}, "shares by name"),
        ({"split": {"../out": 1.0}}, "no name of a split"),
        ({"split": {"train": 1.0}, "seed": "1"}, "seed is '1'"),
        ({"seed": 2**70}, "a whole number"),
        ({"classes": "Cat"}, "list of names"),
        ({"classes": ["Cat", "Cat"]}, "there twice"),
        ({"classes": {"Cat": -1}}, "numbers from 0"),
        ({"workers": -1}, "workers is"),
        ({"workers": True}, "workers is"),
        ({"workers": 10**6}, "workers is"),
        ({"media": "sound"}, "of the name or key 'sound'"),
        ({"with_media": "/nowhere/at/all"}, "no folder"),
    ],
)
def test_an_option_that_cannot_be_is_refused_by_name(choice: dict[str, Any], said: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=said):
        coco(tmp_path / "set", **choice)
    assert list(tmp_path.iterdir()) == []


def test_a_format_that_there_is_not_is_told_with_those_that_come_near(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="Did you mean coco"):
        formats.convert(TASKS, "cocoo", tmp_path / "set")
    with pytest.raises(InvalidInput, match="the configuration shows"):
        formats.convert(TASKS, "coco", tmp_path / "set", config=CONFIGS["text"])


@pytest.mark.parametrize(
    "call",
    [
        "import os; os._exit(9)",
        "import sys; sys.stdin.buffer.read(64); sys.stdout.buffer.write(bytes([0] * 7 + [99]) + b'half'); sys.exit(9)",
        "import sys; sys.stdin.buffer.read(64); sys.stdout.buffer.write(bytes([0] * 7 + [2]) + b'N.')",
    ],
)
def test_a_process_that_dies_is_an_error(call: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "_alone", lambda: False)
    monkeypatch.setattr(workers, "_CALL", call)
    monkeypatch.setattr(converting, "BATCH_TASKS", 2)
    with pytest.raises(WorkerLost, match="A process that converts has"):
        yolo(tmp_path / "set", TASKS * 20, workers=2)
    assert list(tmp_path.iterdir()) == []


def test_large_parts_and_batches_do_not_wait_for_each_other(tmp_path: Path) -> None:
    """Pipes hold 64 KB: a process with a part to hand over and a caller with a batch to hand over both stand still."""
    tasks = [task(*[box(n, n, 50, 50, id=str(n)) for n in range(200)], id=number) for number in range(1, 101)]
    coco(tmp_path / "here.json", tasks)
    coco(tmp_path / "there.json", tasks, workers=2)
    assert (tmp_path / "there.json").read_bytes() == (tmp_path / "here.json").read_bytes()


def test_an_error_that_cannot_travel_says_what_it_was() -> None:
    class Own(Exception):
        def __init__(self, one: str, *, other: str) -> None:
            super().__init__(one)

    assert "Own: lost" in str(workers._portable(Own("lost", other="x")))
    kept = workers._portable(OSError(errno.ENOSPC, "full", "/place"))
    assert isinstance(kept, OSError)
    assert kept.filename == "/place"
    assert isinstance(workers._portable(InvalidInput("no")), InvalidInput)


def test_names_are_each_given_once(tmp_path: Path) -> None:
    addresses = [
        "/data/upload/7/01234567-a.jpg",
        "/data/upload/7/89abcdef-a.jpg",
        "/data/local-files/?d=x/A.JPG",
        "s3://bucket/deep/a.png",
        "https://example.com/%E2%82%AC%20%F0%9F%98%80.jpg?X-Amz-Signature=secret",
        "/tasks/5/resolve/?fileuri=czM6Ly9iL2NvbnQgYWN0LmpwZw==",
        "../../etc/passwd",
        "/data/local-files/?d=..%2F..%2Fshadow",
        "/data/upload/7/01234567-con.jpg",
        "n" * 300 + ".jpg",
        "a\u0000\u202eb.jpg",
        "",
    ]
    tasks = [task(box(1, 1, 9, 9), id=n, image=one or " ") for n, one in enumerate(addresses, 1)]
    coco(tmp_path / "set", tasks)
    images = json.loads((tmp_path / "set" / "result.json").read_text())["images"]
    names = [image["file_name"] for image in images]
    assert names[:6] == ["a.jpg", "a-2.jpg", "A-3.JPG", "a.png", "€ 😀.jpg", "cont act.jpg"]
    assert names[6:9] == ["passwd", "shadow", "_con.jpg"]
    assert len(names[9].encode()) <= 200
    assert names[10] == "a__b.jpg"
    assert len({name.casefold() for name in names}) == len(addresses)
    assert not any("secret" in name or "/" in name for name in names)


def test_names_as_the_server_has_them_or_by_id(tmp_path: Path) -> None:
    tasks = [task(box(1, 1, 9, 9), id=5, image="/data/upload/7/01234567-a.jpg")]
    for naming, expected in (("stored", "01234567-a.jpg"), ("id", "5.jpg"), ("original", "a.jpg")):
        coco(tmp_path / f"{naming}.json", tasks, names=naming)
        assert json.loads((tmp_path / f"{naming}.json").read_text())["images"][0]["file_name"] == expected


def test_a_split_is_near_its_shares_and_stays_when_others_come() -> None:
    names = [f"image {number}.jpg" for number in range(20_000)]
    split = Split((("train", 0.7), ("val", 0.2), ("test", 0.1)), 0)
    first = {name: split.of(name) for name in names[:10_000]}
    counts = Counter(first.values())
    assert abs(counts["train"] - 7_000) < 200
    assert abs(counts["val"] - 2_000) < 200
    assert abs(counts["test"] - 1_000) < 150
    again = Split((("train", 0.7), ("val", 0.2), ("test", 0.1)), 0)
    assert {name: again.of(name) for name in reversed(names)}.items() >= first.items()
    other = Split((("train", 0.7), ("val", 0.2), ("test", 0.1)), 1)
    assert sum(other.of(name) != first[name] for name in first) > 3_000


def test_a_share_that_rounding_has_cut_loses_nobody() -> None:
    split = Split((("a", 0.3333), ("b", 0.3333), ("c", 0.3333)), 0)
    assert {split.of(str(number)) for number in range(30_000)} == {"a", "b", "c"}


def test_the_report_counts_what_went_in_and_came_out(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    tasks = [*TASKS, "no task", {"id": 99}, None, {"id": 100, "data": []}]
    report = coco(tmp_path / "set", tasks, progress=lambda so_far: told.append((so_far.tasks_in, so_far.tasks_out)))
    assert report.tasks_in == len(tasks)
    assert sum(count for reason, count in report.counts.items() if reason.startswith(("a task", "an item"))) == 6
    assert report.tasks_out == len(TASKS) - 2
    assert told[-1][0] == len(tasks)
    assert report.files == len(contents(tmp_path / "set"))
    assert "left out, 4: an item that is no task" in str(report)
    assert json.loads(report.to_json())["tasks_in"] == len(tasks)


def test_no_tasks_are_an_empty_dataset(tmp_path: Path) -> None:
    report = coco(tmp_path / "set.json", [])
    assert report.tasks_in == report.tasks_out == 0
    assert json.loads((tmp_path / "set.json").read_text())["images"] == []


def test_a_file_with_nan_is_read_but_for_what_it_is_in(tmp_path: Path) -> None:
    """As Python's json writes it; the task with it keeps its name, and its other regions."""
    tasks = [
        task(box(1, 1, 9, 9), id=1),
        task(box(float("nan"), 1, 9, 9), box(1, 1, 9, 9), id=2),
        task(box(1, 1, 9, 9), id=3),
    ]
    tasks[2]["data"]["score"] = float("inf")
    for name, text in (("a.json", json.dumps(tasks)), ("a.jsonl", "\n".join(map(json.dumps, tasks)))):
        (tmp_path / name).write_text(text)
        report = coco(tmp_path / f"{name}.coco.json", tmp_path / name)
        assert (report.tasks_out, report.regions_out) == (3, 3)
        assert [(one.task, one.detail) for one in report.left_out] == [(2, "rectanglelabels: x is nan")]
        found = json.loads((tmp_path / f"{name}.coco.json").read_text())
        assert [one["file_name"] for one in found["images"]] == ["1.jpg", "2.jpg", "3.jpg"]


def test_nan_and_half_a_surrogate_pair_are_no_reason_to_stop(tmp_path: Path) -> None:
    tasks = [
        task(box(float("nan"), 1, 9, 9), id=1),
        task(box(1, 1, 9, 9), id=2, image="/data/upload/1/00000000-\ud83d.jpg"),
    ]
    report = coco(tmp_path / "set.json", tasks)
    assert report.tasks_out == 2
    assert report.regions_out == 1
    assert report.counts["a region that cannot be understood"] == 1
    assert os.path.getsize(tmp_path / "set.json")  # noqa: PTH202


OFFICIAL = {
    "JSON": "json",
    "JSON_MIN": "json-min",
    "CSV": "csv",
    "CSV_OLD": "csv",
    "TSV": "tsv",
    "CONLL2003": "conll",
    "COCO": "coco",
    "COCO_WITH_IMAGES": "coco",
    "BRUSH_TO_COCO": "coco",
    "VOC": "voc",
    "BRUSH_TO_NUMPY": "numpy",
    "BRUSH_TO_PNG": "png",
    "ASR_MANIFEST": "asr",
    "YOLO": "yolo",
    "YOLO_WITH_IMAGES": "yolo",
    "YOLO_OBB": "yolo",
    "YOLO_OBB_WITH_IMAGES": "yolo",
    "DOCLANG": "doclang",
}
"""The names that the official converter of 2.1.2 lists; of CSV_OLD it writes nothing."""


@pytest.mark.parametrize(("name", "format"), OFFICIAL.items())
def test_every_name_of_the_official_exporter_is_taken(name: str, format: str) -> None:
    assert find(name)[0].name == format
    assert find(name.lower())[0].name == format
