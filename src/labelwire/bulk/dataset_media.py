"""The media of a project's tasks, fetched into a cache: uploads, local files, files of cloud storages, plain URLs."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable
from hashlib import blake2b
from itertools import islice
from pathlib import Path
from time import monotonic
from uuid import uuid4

from msgspec import Struct, field

from ..core.operation import Do, Flow, Operation, Reply, Request, Together
from ..errors import ConnectionLost, InvalidInput, InvalidRequest, LabelwireError, NotFound, Unauthorized
from ..files.names import name_in
from ..formats.media_cache import Cache, Kept
from ..resources.files import CLOUD, place_of, places_of
from .downloads import UPLOADS, Downloads, Note, Notes, Work, fetch
from .report import OnProgress

WINDOW = 32
"""Files for each of those at once that are looked up and fetched together."""

LONGEST = 2_000
"""Characters of an address that is its own key; longer ones are mostly the file itself."""

_TOTAL = re.compile(r"/(\d+)$")


class Forgetful(Notes):
    """Notes of files that go into a cache, which knows by itself what it has."""

    def __init__(self) -> None:
        """Nothing is opened."""

    def of(self, place: str, name: str) -> Note:
        """Nothing is here."""
        return Note(place, name)

    def write(self, note: Note) -> None:
        """Nothing is written."""

    def remove(self) -> None:
        """Nothing is there."""


class Shelf(Struct):
    """The media of one project, by the addresses that its tasks have.

    Attributes:
        run: tells what was fetched, or asked about, by this call.
        missing: why a file could not be had, by its key.
    """

    cache: Cache
    server: str
    project: int
    run: str = field(default_factory=lambda: uuid4().hex)
    missing: dict[str, str] = field(default_factory=dict)

    def key(self, url: str) -> str:
        """What a file is kept under: two servers may call different files alike, and two projects' storages too."""
        if len(url) > LONGEST:
            return f"{self.server} {blake2b(url.encode('utf-8', 'replace')).hexdigest()}"
        if CLOUD.match(url):
            return f"{self.server} {self.project} {url}"
        place = place_of(url)
        return place if place.startswith(("http://", "https://")) else self.server + place

    def find(self, url: str) -> Path | None:
        """The file of an address, once it was fetched.

        Raises:
            InvalidInput: with the reason, where it could not be had.
        """
        key = self.key(url)
        if key in self.missing:
            raise InvalidInput(self.missing[key])
        kept = self.cache.get(key)
        return kept.place if kept is not None and kept.seen == self.run else None


def fetch_media(
    shelf: Shelf, addresses: Iterable[tuple[int | None, str]], at_once: int, progress: OnProgress | None
) -> Flow[None]:
    """Fetch what the addresses of tasks lead to, with the ids of the tasks; each file once.

    Raises:
        Unauthorized, ConnectionLost: where the server itself does not answer any more.
    """
    if type(at_once) is not int or at_once < 1:
        raise InvalidInput(f"at_once={at_once!r}: at least 1 at a time.")
    work = Work(shelf.cache.folder, Forgetful(), Downloads(), progress, None, monotonic())
    wanted = iter(addresses)
    while some := (yield from Do(lambda: [*islice(wanted, WINDOW * at_once)])):
        new = yield from Do(lambda: _new(shelf, some))
        work.reached = False
        outcomes = yield from Together([_one(work, shelf, key, *address) for key, address in new.items()], at_once)
        for (key, (_, url)), outcome in zip(new.items(), outcomes, strict=True):
            if outcome is None:
                continue
            ours = url.startswith("/") or bool(CLOUD.match(url))
            _give_up(outcome, ours=ours, reached=work.reached)
            shelf.missing[key] = str(outcome).partition("\n")[0]


def _new(shelf: Shelf, some: Iterable[tuple[int | None, str]]) -> dict[str, tuple[int | None, str]]:
    """Those that were not fetched yet by this call."""
    found = {shelf.key(url): (task, url) for task, url in some}
    for key in list(found):
        kept = shelf.cache.get(key)
        if key in shelf.missing or (kept is not None and kept.seen == shelf.run):
            del found[key]
    return found


def _give_up(outcome: Exception, *, ours: bool, reached: bool) -> None:
    """Raise what all other files would meet as well: the server is gone, or does not know the user, or ours fails."""
    if not isinstance(outcome, LabelwireError):
        raise outcome
    if ours and (isinstance(outcome, Unauthorized) or (isinstance(outcome, ConnectionLost) and not reached)):
        raise outcome


def _one(work: Work, shelf: Shelf, key: str, task: int | None, url: str) -> Flow[None]:
    """Fetch a file, unless what is kept of it is the same still."""
    kept = yield from Do(lambda: shelf.cache.get(key))
    places = places_of(url, task)
    if kept is not None and (yield from _is_same(kept, places[0])):
        yield from Do(lambda: shelf.cache.same(key, shelf.run))
        work.told()
        return
    part = yield from Do(shelf.cache.part)
    try:
        note = Note(places[0], name_in(url))
        try:
            yield from fetch(work, note, part)
        except NotFound as error:
            if len(places) == 1:
                raise
            note = Note(places[1], name_in(url))
            try:
                yield from fetch(work, note, part)
            except NotFound:
                raise error from None
        yield from Do(lambda: shelf.cache.put(key, part, tag=note.tag, modified=note.modified, seen=shelf.run))
    finally:
        part.unlink(missing_ok=True)
    work.reached = work.reached or not url.startswith("http")
    work.told()


def _is_same(kept: Kept, place: str) -> Flow[bool]:
    """Whether a server has the same file still. One byte of it is asked for: the answer says of what."""
    if UPLOADS in place:
        return True  # the server gives a name once
    if not kept.tag and not kept.modified:
        return False
    headers = {"Range": "bytes=0-0", "Accept-Encoding": "identity"}
    with tempfile.TemporaryFile() as sink:
        try:
            reply = yield from Operation(Request("GET", place, headers=headers), _as_it_is, sink)
        except (InvalidRequest, NotFound):
            return False
    total = _TOTAL.search(reply.headers.get("Content-Range", ""))
    size = int(total[1]) if total else kept.size
    found = (reply.headers.get("ETag", ""), reply.headers.get("Last-Modified", ""))
    return (*found, size) == (kept.tag, kept.modified, kept.size)


def _as_it_is(reply: Reply) -> Reply:
    return reply
