"""Many files downloaded: whole, once, under names of their own, and gone on with after an interruption."""

from __future__ import annotations

import hashlib
import io
import os
import stat
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from labelwire import Client, ConnectionLost, InvalidInput, LocalServer, Retry, Unauthorized
from labelwire.bulk import downloads
from labelwire.bulk.downloads import Downloads
from labelwire.core.operation import Upload
from labelwire.files.archives import unpack
from labelwire.files.names import Names, name_in, safe_name
from labelwire.resources.files import place_of

from ..conftest import IMAGE_CONFIG, Both
from ..core.wire import Answer, Handler, Wire
from ..scenario.colours import reaching

NEVER = Retry(attempts=1)


def fetch(calls: Both, files: Any, folder: Path, **options: Any) -> Downloads:
    """What `client.files.download_many` gives."""
    done: Downloads = calls("files.download_many", files, path=folder, **options)
    return done


def held(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture(scope="module")
def uploads(client: Client) -> Iterator[dict[str, bytes]]:
    """Uploads of a project, by their paths on the server."""
    project = client.projects.create(title="Files to download", label_config=IMAGE_CONFIG).id
    contents = [b"one", b"", b"\x00" * 100_000, "ü".encode(), *(os.urandom(5_000) for _ in range(30))]
    names = ["a.jpg", "empty.png", "b b.jpg", "ü.jpg", *["a.jpg"] * 30]
    files = [Upload(name, content) for name, content in zip(names, contents, strict=True)]
    ids = client.imports.upload(project, files, commit_to_project=False).file_upload_ids
    listed = {file.id: file.file for file in client.files.list(project, ids=ids)}
    yield {str(listed[one]): content for one, content in zip(ids or [], contents, strict=True)}
    client.projects.delete(project)


def test_every_file_is_there_in_the_order_of_the_input(both: Both, uploads: dict[str, bytes], tmp_path: Path) -> None:
    told: list[Any] = []
    done = fetch(both, list(uploads), tmp_path, progress=told.append)
    assert [path.read_bytes() for path in done.paths if path] == list(uploads.values())
    assert len(done.paths) == len(list(tmp_path.iterdir())) == len(uploads)
    assert not done.refused
    assert done.size == sum(map(len, uploads.values()))
    assert sorted(one.done for one in told) == list(range(1, len(uploads) + 1))


def test_one_that_cannot_be_had_is_reported(both: Both, uploads: dict[str, bytes], tmp_path: Path) -> None:
    first = next(iter(uploads))
    done = fetch(both, iter([first, "/data/upload/1/00000000-none.jpg", first]), tmp_path)
    assert [bool(path) for path in done.paths] == [True, False, True]
    assert done.paths[0] == done.paths[2]
    assert [one.position for one in done.refused] == [1]
    assert "no such upload" in done.refused[0].reason
    assert "1 could not be had" in str(done)


def test_what_an_earlier_call_brought_is_not_fetched_again(
    both: Both, uploads: dict[str, bytes], tmp_path: Path
) -> None:
    files = [*list(uploads)[:5], "/data/upload/1/00000000-none.jpg"]
    fetch(both, files, tmp_path)
    again = fetch(both, files, tmp_path)
    assert (again.there_already, again.size) == (5, 0)
    whole = fetch(both, files[:-1], tmp_path)
    assert (whole.there_already, whole.size) == (5, 0)
    assert len(held(tmp_path)) == 5, "no notes are left when everything is there"


def test_a_user_whom_the_server_does_not_know_is_an_error(server: LocalServer, colour: str, tmp_path: Path) -> None:
    with reaching(colour, server.url, "0" * 40) as calls, pytest.raises(Unauthorized) as caught:
        fetch(calls, ["upload/1/x.jpg", "upload/1/y.jpg"], tmp_path)
    assert isinstance(caught.value.report, Downloads)


def test_local_input_is_checked(both: Both, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="list of addresses"):
        fetch(both, "upload/1/a.jpg", tmp_path)
    with pytest.raises(InvalidInput, match="File 1"):
        fetch(both, ["upload/1/a.jpg", None], tmp_path)
    (tmp_path / "file").touch()
    with pytest.raises(InvalidInput, match="no folder"):
        fetch(both, ["upload/1/a.jpg"], tmp_path / "file")


# What a real server does not do on command.

CONTENT = hashlib.sha256(b"seed").digest() * 2_000
"""64,000 bytes."""


def ranged(content: bytes = CONTENT, tag: str = '"1"', cut: Callable[[Handler], bool] = lambda _: False) -> Answer:
    """A server of one file that knows ranges; where `cut` says so it ends an answer in the middle."""

    def answer(handler: Handler) -> None:
        start, _, end = (handler.headers["Range"] or "bytes=0-").removeprefix("bytes=").partition("-")
        last = min(int(end or len(content)), len(content) - 1)
        body = content[int(start) : last + 1]
        headers: dict[str, Any] = {
            "Content_Range": f"bytes {start}-{last}/{len(content)}",
            **({"ETag": tag} if tag else {}),
        }
        if cut(handler):
            handler.raw(body[: len(body) // 2], 206, len(body), **headers)
            handler.hang_up()
        else:
            handler.raw(body, 206, **headers)

    return answer


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> int:
    """Pieces of 10,000 bytes."""
    monkeypatch.setattr(downloads, "FIRST", 10_000)
    monkeypatch.setattr(downloads, "SECONDS", 0.0)
    return 10_000


def ranges(wire: Wire) -> list[str]:
    return [headers["Range"] for _, headers in wire.headers if "Range" in headers]


@pytest.mark.usefixtures("small")
def test_a_large_file_goes_on_where_it_was_interrupted(colour: str, tmp_path: Path) -> None:
    broken = True
    with Wire(data__big=ranged(cut=lambda handler: broken and "=30000-" in handler.headers["Range"])) as wire:
        with reaching(colour, wire.url, "k" * 40, retry=NEVER) as calls:
            with pytest.raises(ConnectionLost) as caught:
                fetch(calls, ["big"], tmp_path)
            assert "big" not in held(tmp_path)
            assert "goes on where" in str(caught.value)
            part = next(path for path in tmp_path.iterdir() if path.suffix == ".part")
            part.write_bytes(part.read_bytes()[:30_000] + b"left by a call that was killed")
            broken, before = False, len(ranges(wire))
            done = fetch(calls, ["big"], tmp_path)
        assert ranges(wire)[before:] == [f"bytes={start}-{start + 9_999}" for start in range(30_000, 64_000, 10_000)]
    assert held(tmp_path) == {"big": CONTENT}
    assert done.size == 34_000


@pytest.mark.usefixtures("small")
def test_a_file_that_changed_meanwhile_begins_anew(colour: str, tmp_path: Path) -> None:
    other = CONTENT[::-1]
    answers = [ranged(cut=lambda handler: "=30000-" in handler.headers["Range"]), ranged(other, '"2"')]
    with Wire(data__big=answers[0]) as wire, reaching(colour, wire.url, "k" * 40, retry=NEVER) as calls:
        with pytest.raises(ConnectionLost):
            fetch(calls, ["big"], tmp_path)
        wire.answers["/data/big"] = answers[1]
        fetch(calls, ["big"], tmp_path)
    assert held(tmp_path) == {"big": other}


@pytest.mark.usefixtures("small")
def test_without_a_validator_all_comes_in_one_piece(colour: str, tmp_path: Path) -> None:
    def whole_without_range(handler: Handler) -> None:
        if "Range" in handler.headers:
            ranged(tag="")(handler)
        else:
            handler.raw(CONTENT)

    with Wire(data__big=whole_without_range, data__upload__1__big=ranged(tag="")) as wire:
        with reaching(colour, wire.url, "k" * 40) as calls:
            done = fetch(calls, ["/data/big", "upload/1/big"], tmp_path, at_once=1)
        assert wire.asked == {"GET /data/big": 2, "GET /data/upload/1/big": 7}, "an upload's name is its validator"
    assert held(tmp_path) == {"big": CONTENT, "big-2": CONTENT}
    assert not done.refused


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize(
    "wrong",
    [
        {"Content_Range": "bytes 5-10004/64000"},
        {"Content_Range": "bytes 0-9998/64000"},
        {"Content_Range": "bytes */64000"},
        {},
    ],
    ids=["another start", "another length", "no range", "no header"],
)
def test_a_range_that_is_not_the_one_asked_for_is_not_taken(wrong: dict[str, Any], colour: str, tmp_path: Path) -> None:
    def lying(handler: Handler) -> None:
        if "Range" in handler.headers:
            handler.raw(CONTENT[:10_000], 206, ETag='"1"', **wrong)
        else:
            handler.raw(CONTENT)

    with Wire(data__big=lying) as wire, reaching(colour, wire.url, "k" * 40) as calls:
        fetch(calls, ["big"], tmp_path)
    assert held(tmp_path) == {"big": CONTENT}


def test_a_server_without_ranges(colour: str, tmp_path: Path) -> None:
    with Wire(data__a=lambda handler: handler.raw(CONTENT)) as wire, reaching(colour, wire.url, "k" * 40) as calls:
        assert fetch(calls, ["a"], tmp_path).size == len(CONTENT)
    assert held(tmp_path) == {"a": CONTENT}


def short(handler: Handler) -> None:
    """Half of what the length promises."""
    handler.raw(CONTENT[:32_000], 200, len(CONTENT), Content_Type="application/json")
    handler.hang_up()


def test_half_a_file_is_an_error_and_leaves_none(colour: str, tmp_path: Path) -> None:
    def snapshots(handler: Handler) -> None:
        handler.json({"id": 7, "status": "completed"})

    answers = {
        "data__a": short,
        "api__projects__1__exports__7__download": short,
        "api__projects__1__exports__": snapshots,
    }
    with Wire(**answers) as wire, reaching(colour, wire.url, "k" * 40, retry=NEVER) as calls:
        with pytest.raises(ConnectionLost):
            fetch(calls, ["a"], tmp_path)
        assert set(held(tmp_path)) <= {downloads.NOTES}
        (tmp_path / downloads.NOTES).unlink()
        with pytest.raises(ConnectionLost):
            calls("exports.download", 1, 7, path=tmp_path / "x.json")
        with pytest.raises(ConnectionLost):
            calls("files.download", "a", path=tmp_path)
        assert held(tmp_path) == {}


def test_the_credential_stays_on_the_server(colour: str, tmp_path: Path) -> None:
    def away(handler: Handler) -> None:
        handler.raw(b"", 302, Location=f"{other.url}/moved.jpg")

    with Wire(x=lambda handler: handler.raw(b"x"), **{"moved.jpg": lambda handler: handler.raw(b"y")}) as other:
        with Wire(data__y=away, data__z=lambda handler: handler.raw(b"z")) as wire:
            with reaching(colour, wire.url, "k" * 40) as calls:
                done = fetch(calls, [f"{other.url}/x", "y", "z"], tmp_path)
            assert all("Authorization" in headers for _, headers in wire.headers)
        assert len(other.headers) == 2
        assert not any({"Authorization", "Cookie"} & set(headers) for _, headers in other.headers)
    assert [path and path.read_bytes() for path in done.paths] == [b"x", b"y", b"z"]


def test_a_url_that_is_gone_is_one_file_and_a_server_that_is_gone_is_all(colour: str, tmp_path: Path) -> None:
    with Wire() as gone:
        nowhere = gone.url
    with Wire(data__a=lambda handler: handler.raw(b"a")) as wire, reaching(colour, wire.url, "k" * 40) as calls:
        done = fetch(calls, [f"{nowhere}/x.jpg", "a"], tmp_path)
        assert [one.position for one in done.refused] == [0]
        assert done.paths[1] == tmp_path / "a"
    with reaching(colour, nowhere, "k" * 40, retry=NEVER) as calls, pytest.raises(ConnectionLost):
        fetch(calls, ["a", "b"], tmp_path)


def test_a_login_page_is_no_picture(colour: str, tmp_path: Path) -> None:
    page: dict[str, Any] = {"Content_Type": "text/html; charset=utf-8"}
    answers: dict[str, Answer] = {
        name: lambda handler: handler.raw(b"<html></html>", **page) for name in ("data__a.jpg", "data__b.html")
    }
    with Wire(**answers) as wire, reaching(colour, wire.url, "k" * 40) as calls:
        done = fetch(calls, ["a.jpg", "b.html"], tmp_path)
    assert "web page" in done.refused[0].reason
    assert done.paths == [None, tmp_path / "b.html"]


# Names.


@pytest.mark.parametrize(
    ("file", "place"),
    [
        ("upload/1/a.jpg", "/data/upload/1/a.jpg"),
        ("/data/upload/1/a.jpg", "/data/upload/1/a.jpg"),
        ("/labels/data/upload/1/a.jpg", "/data/upload/1/a.jpg"),
        ("/labels/data/local-files/?d=x/a.jpg", "/data/local-files/?d=x/a.jpg"),
        ("/labels/tasks/5/resolve/?fileuri=eA==", "/tasks/5/resolve/?fileuri=eA=="),
        ("/storage-data/uploaded/?filepath=upload/1/a.jpg", "/storage-data/uploaded/?filepath=upload/1/a.jpg"),
        ("https://host/data/upload/1/a.jpg", "https://host/data/upload/1/a.jpg"),
    ],
)
def test_where_a_file_is(file: str, place: str) -> None:
    assert place_of(file) == place


@pytest.mark.parametrize(
    ("place", "name"),
    [
        ("/data/upload/1/0a1b2c3d-a%20b.jpg", "0a1b2c3d-a b.jpg"),
        ("/data/local-files/?d=x%2Fa%26b.jpg", "a&b.jpg"),
        ("/tasks/5/resolve/?fileuri=czM6Ly9idWNrZXQva2V5L2EuanBn", "a.jpg"),
        ("/storage-data/uploaded/?filepath=upload/1/x-a.jpg", "x-a.jpg"),
        ("https://host/a&b.jpg?X-Signature=%2F..%2F#there", "a&b.jpg"),
        ("https://host/..%2F..%2Fetc%2Fpasswd", "passwd"),
        ("https://host/..%5C..%5Cwin.ini", "win.ini"),
        ("https://host/", ""),
        ("https://[host/", ""),
    ],
)
def test_the_name_of_an_address(place: str, name: str) -> None:
    assert name_in(place) == name


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("", "file"),
        ("..", "file"),
        ("a/../../b.jpg", "b.jpg"),
        ("C:\\x\\y.jpg", "y.jpg"),
        ("a\x00b\n.jpg", "a_b_.jpg"),
        ("photo\u202egpj.exe", "photo_gpj.exe"),
        ("con.jpg", "_con.jpg"),
        ("LPT1", "_LPT1"),
        ("console.jpg", "console.jpg"),
        ("a?.jpg ", "a_.jpg"),
        ("end.", "end"),
        ("\ud800.jpg", "_.jpg"),
        ("a\u0308.jpg", "ä.jpg"),
        (".labelwire-downloads.jsonl", "_.labelwire-downloads.jsonl"),
    ],
)
def test_a_safe_name(name: str, safe: str) -> None:
    assert safe_name(name) == safe


def test_names_are_cut_before_their_suffix_and_differ() -> None:
    names = Names()
    given = [
        names.give(name) for name in ("ü" * 150 + ".jpg", "Ü" * 150 + ".jpg", "a.jpg", "A.JPG", "a-2.jpg", "a.jpg")
    ]
    assert all(len(name.encode()) <= 200 and name.lower().endswith(".jpg") for name in given)
    assert given[2:] == ["a.jpg", "A-2.JPG", "a-2-2.jpg", "a-3.jpg"]
    assert len({name.casefold() for name in given}) == len(given)


# Archives.


def zipped(path: Path, entries: list[tuple[str, bytes]]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return path


def tarred(path: Path, entries: list[tuple[tarfile.TarInfo, bytes]]) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for info, content in entries:
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return path


def test_an_archive_is_unpacked(tmp_path: Path) -> None:
    entries = [("images/a.jpg", b"a"), ("b.json", b"{}"), ("images/ü.jpg", b"u"), ("empty/", b"")]
    made = unpack(zipped(tmp_path / "x.zip", entries), tmp_path / "out" / "zip")
    assert made == [tmp_path / "out/zip" / name for name, _ in entries[:3]]
    assert [path.read_bytes() for path in made] == [b"a", b"{}", b"u"]
    made = unpack(tarred(tmp_path / "x.tgz", [(tarfile.TarInfo("./i/a.jpg"), b"t")]), tmp_path / "out" / "tar")
    assert [path.read_bytes() for path in made] == [b"t"]
    assert sorted(path.name for path in (tmp_path / "out/zip").iterdir()) == ["b.json", "images"]


@pytest.mark.parametrize("name", ["/etc/passwd", "../x", "a/../../x", "..\\x", "C:\\x", "\\\\host\\x", "a/..", "C:/x"])
def test_an_archive_that_leads_out(name: str, tmp_path: Path) -> None:
    archives = [
        zipped(tmp_path / "x.zip", [("first.txt", b"1"), (name, b"2")]),
        tarred(tmp_path / "x.tgz", [(tarfile.TarInfo("first.txt"), b"1"), (tarfile.TarInfo(name), b"2")]),
    ]
    for archive in archives:
        with pytest.raises(InvalidInput, match="leads out"):
            unpack(archive, tmp_path / "new" / "out")
        assert not (tmp_path / "new").exists()


def test_links_and_devices_are_not_unpacked(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("link")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr(link, "/etc/passwd")
    with pytest.raises(InvalidInput, match="a link"):
        unpack(tmp_path / "x.zip", tmp_path / "out")
    for kind, said in ((tarfile.SYMTYPE, "link"), (tarfile.LNKTYPE, "link"), (tarfile.CHRTYPE, "device")):
        info = tarfile.TarInfo("x")
        info.type, info.linkname = kind, "/etc/passwd"
        with pytest.raises(InvalidInput, match=f"a {said}"):
            unpack(tarred(tmp_path / "x.tgz", [(info, b"")]), tmp_path / "out")


@pytest.mark.parametrize(
    "names", [("a.jpg", "A.JPG"), ("x", "x/y"), ("x/y", "X/z"), ("a.jpg", "a.jpg"), ("a\x01", "a\x02")]
)
@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_names_that_are_one_elsewhere(names: tuple[str, str], tmp_path: Path) -> None:
    archive = zipped(tmp_path / "x.zip", [(name, b"") for name in names])
    with pytest.raises(InvalidInput, match="names alike"):
        unpack(archive, tmp_path / "out")


def test_bombs(tmp_path: Path) -> None:
    bomb = zipped(tmp_path / "x.zip", [("zeros", bytes(80 << 20))])
    with pytest.raises(InvalidInput, match="most_ratio="):
        unpack(bomb, tmp_path / "out")
    with pytest.raises(InvalidInput, match="most_bytes="):
        unpack(bomb, tmp_path / "out", most_ratio=10_000, most_bytes=1 << 20)
    assert not (tmp_path / "out").exists()
    assert unpack(bomb, tmp_path / "out", most_ratio=10_000)[0].stat().st_size == 80 << 20


def test_odd_names_are_made_to_fit(tmp_path: Path) -> None:
    entries = [("d\x07/" + "n" * 300 + ".jpg", b"1"), ("aux.txt", b"2"), ("a:b", b"3")]
    made = unpack(zipped(tmp_path / "x.zip", entries), tmp_path / "out")
    assert [path.read_bytes() for path in made] == [b"1", b"2", b"3"]
    assert made[0].parent.name == "d_"
    assert made[0].name == "n" * 196 + ".jpg"
    assert [path.name for path in made[1:]] == ["_aux.txt", "a_b"]


def test_damaged_archives_leave_nothing(tmp_path: Path) -> None:
    whole = zipped(tmp_path / "x.zip", [("a", os.urandom(5_000)), ("b", os.urandom(5_000))]).read_bytes()
    gzipped = tarred(tmp_path / "x.tgz", [(tarfile.TarInfo("a"), os.urandom(50_000))]).read_bytes()
    flipped = bytearray(whole)
    flipped[2_000] ^= 1
    for number, content in enumerate([whole[:-30], bytes(flipped), gzipped[:30_000], b"", b"<html></html>"]):
        path = tmp_path / f"broken{number}"
        path.write_bytes(content)
        with pytest.raises(InvalidInput, match="broken"):
            unpack(path, tmp_path / "out")
        assert not (tmp_path / "out").exists()


def test_nothing_is_written_through_what_is_in_the_way(tmp_path: Path) -> None:
    archive = zipped(tmp_path / "x.zip", [("a", b"1"), ("images/x", b"2")])
    out, elsewhere = tmp_path / "out", tmp_path / "elsewhere"
    out.mkdir()
    elsewhere.mkdir()
    (out / "images").symlink_to(elsewhere)
    with pytest.raises(InvalidInput, match="in the way"):
        unpack(archive, out)
    assert [path.name for path in out.iterdir()] == ["images"]
    assert not list(elsewhere.iterdir())
