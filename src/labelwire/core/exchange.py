"""The policy of one call: get the credential ready, send, follow, renew, try again, and then read or raise.

Everything here is a generator of steps; a driver carries them out.
"""

from __future__ import annotations

import logging
import random
import re
from collections.abc import Callable, Generator, Mapping
from time import monotonic
from typing import IO, TYPE_CHECKING, Any, TypeVar
from urllib.parse import urljoin, urlsplit

from msgspec import Struct, field
from msgspec.structs import replace

from ..errors import ConnectionLost, InvalidInput, UnexpectedReply
from . import body, refusal
from .operation import Operation, Page, Reply, Request, Sleep, Steps, Together, Wanted, Wire
from .retry import Retry
from .watching import watched

if TYPE_CHECKING:
    from .auth import Credential

T = TypeVar("T")

logger = logging.getLogger(__name__)

MOST_REDIRECTS = 5
GOES_ANYWHERE = frozenset({"range", "accept", "accept-encoding"})
"""Headers of one request that say nothing of its server."""

DEFAULT_PORTS = {"http": 80, "https": 443}


class Site(Struct):
    """A server as one client knows it; shared by all that the client hands out.

    `headers` is the client's own dict, read whenever a request goes out. `reached` is whether it ever answered,
    `release` which Label Studio it is, once that was asked.
    """

    url: str
    credential: Credential
    headers: dict[str, str] = field(default_factory=dict)
    cookies: Mapping[str, str] = field(default_factory=dict)
    retry: Retry = field(default_factory=Retry)
    reached: bool = False
    release: str | None = None


def base_url(url: str) -> str:
    """A server's URL without its trailing slash.

    Raises:
        InvalidInput: for a URL without http:// or https://, or without a host.
    """
    given = url.strip() if isinstance(url, str) else ""
    text = given.rstrip("/")
    try:
        parts = urlsplit(text)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        usable = usable and not any(character.isspace() for character in text)
    except ValueError:
        usable, parts = False, urlsplit("")
    if not usable and "@" in text:
        raise InvalidInput("The server's URL cannot be read; it must hold no user name and no password.")
    if not usable:
        advice = (
            f"Did you mean http://{text}?" if text and "://" not in given else "Write http://host:port or https://host."
        )
        raise InvalidInput(f"{text!r} is not the URL of a server. {advice}")
    if "@" in parts.netloc:
        raise InvalidInput(
            "The server's URL must hold no user name and no password. For a gateway that wants them, pass "
            "extra_headers, or a requests.Session with an auth."
        )
    if parts.query or parts.fragment:
        raise InvalidInput(f"The server's URL must have no query or fragment: {text.partition('?')[0]!r} alone.")
    return text


def path_of(url: str, server: str) -> str:
    """The path below the server's URL, from a path or from a whole URL.

    Raises:
        InvalidInput: for a URL on another server.
    """
    if not url.startswith(("http://", "https://")):
        return "/" + url.lstrip("/")
    if url.startswith(server + "/"):
        return url.removeprefix(server)
    raise InvalidInput(f"{url.partition('?')[0]} is not on {server}, and the credential goes nowhere else.")


def run(flow: Generator[Wanted | Page[Any], Any, T], site: Site) -> Steps[T]:
    """A flow's operations carried out one by one. What goes wrong with one is raised inside the flow."""
    try:
        wanted = next(flow)
        while True:
            try:
                if isinstance(wanted, Operation):
                    result = yield from perform(wanted, site)
                elif isinstance(wanted, Together):
                    result = yield Together([run(flow, site) for flow in wanted.flows], wanted.at_once)
                else:
                    result = yield wanted
            except Exception as error:
                wanted = flow.throw(error)
            else:
                wanted = flow.send(result)
    except StopIteration as end:
        outcome: T = end.value
        return outcome
    finally:
        flow.close()


def perform(operation: Operation[T], site: Site) -> Steps[T]:
    """One operation: its typed result, or the error for an answer with an error status."""
    request = operation.request
    if request.since:
        _new_enough(request, (yield from _release(site)))
    reply = yield from exchange(request, site, operation.sink)
    if not reply.ok and not (300 <= reply.status < 400 and not request.follow):
        unknown = request.authenticated and refusal.of_the_path(reply)  # a login tries paths, and knows what to do
        release = (yield from _release(site)) if unknown else ""
        raise refusal.from_reply(request, reply, site.credential.secrets, release)
    return operation.decode(reply)


def exchange(request: Request, site: Site, sink: IO[bytes] | None = None) -> Steps[Reply]:
    """The answer to a request, whatever its status, after all the renewing and repeating that is allowed.

    Raises:
        ConnectionLost: when there is none.
    """
    return watched(_exchanged(request, site, sink), site)


def _exchanged(request: Request, site: Site, sink: IO[bytes] | None) -> Steps[Reply]:
    content, described = body.encode(request)
    rewind = body.rewinder(request.options)
    path = request.path.partition("?")[0]
    if "/.." in path:
        raise InvalidInput(f"{path!r} leads out of itself: an id is a number.")
    whole = path.startswith(("http://", "https://"))
    ours = not whole or _same_server(site.url, path)
    url = request.path if whole else site.url + request.path
    renewed = doubtful = False
    failing_since: float | None = None
    attempt = 0
    while True:
        proof: tuple[Mapping[str, str], Mapping[str, str]] = ({}, {})
        if request.authenticated and ours:
            yield from site.credential.ready(lambda plain: _plain(plain, site))
            proof = site.credential.proof(request.method)
        wire = Wire(
            request.method,
            url + body.query(request.params),
            body.sendable({**proof[0], **(_common(site, request) if ours else {}), **described, **request.headers}),
            content,
            {**proof[1], **(site.cookies if ours else {}), **request.cookies},
            request.options,
            sink,
            request.fresh,
            not ours,
        )
        attempt += 1
        outcome: Reply | ConnectionLost
        try:
            outcome = yield from _travel(wire, request, rewind)
            site.reached = True
        except ConnectionLost as lost:
            outcome = lost
        if isinstance(outcome, Reply):
            if outcome.status == 401 and request.authenticated and ours and not renewed and rewind is not None:
                renewed = yield from site.credential.renew(lambda plain: _plain(plain, site), proof)
                if renewed:
                    rewind()
                    continue
            if outcome.status == 404 and doubtful and request.method == "DELETE":
                return Reply(204, outcome.headers, b"", outcome.url)  # the earlier try had been applied
        now = monotonic()
        failing_since = now if failing_since is None else failing_since
        pause = site.retry.wait(
            request,
            outcome,
            attempt=attempt,
            elapsed=now - failing_since,
            reached=site.reached,
            luck=random.random(),  # noqa: S311 - spreads retries, hides nothing
        )
        if pause is None or rewind is None:
            if isinstance(outcome, ConnectionLost):
                if doubtful:
                    outcome.applied = None  # this try has not reached the server, but an earlier one may have
                raise outcome
            return outcome
        doubtful |= outcome.applied is None if isinstance(outcome, ConnectionLost) else outcome.status >= 500
        if sink is not None:
            sink.seek(0)
            sink.truncate()
        rewind()
        said = outcome if isinstance(outcome, ConnectionLost) else f"{request.method} {path}: {outcome.status}"
        logger.warning("%s Sent again in %.1f s (try %d of %d)", said, pause, attempt + 1, site.retry.attempts)
        yield Sleep(pause)


def _common(site: Site, request: Request) -> Mapping[str, str]:
    """The client's own headers. A Content-Type among them, which old programs put there, is none for files: their
    body says how it is divided.
    """
    left_out = set()
    if request.options.get("files"):
        left_out.add("content-type")
    if not request.authenticated:
        left_out.add("authorization")  # an old script's headers hold the legacy token: a login is somebody else's
    if not left_out:
        return site.headers
    return {name: value for name, value in site.headers.items() if name.lower() not in left_out}


def _release(site: Site) -> Steps[str]:
    """Which Label Studio the server is, such as "1.23.2 Community"; asked once, and "" where it does not say."""
    if site.release is None:
        try:
            reply = yield from exchange(Request("GET", "/api/version", authenticated=False), site)
        except ConnectionLost:
            return ""  # the error at hand is what matters
        if not reply.ok:
            return ""
        site.release = refusal.release_of(reply)
    return site.release


def _new_enough(request: Request, release: str) -> None:
    found = re.findall(r"\d+", release)[:2]
    if found and [*map(int, found)] < [*map(int, request.since.split("."))]:
        raise InvalidInput(
            f"{request.method} {request.path.partition('?')[0]} was not sent: one of its alternatives is a pair of "
            f"conditions, of which Label Studio {release} would look at the first alone; {request.since} at both. "
            "Ask for the alternatives one after the other."
        )


def log_in(site: Site) -> Steps[None]:
    """Get the credential ready now, and not with the first call."""
    yield from site.credential.ready(lambda plain: _plain(plain, site))


def _plain(request: Request, site: Site) -> Steps[Reply]:
    """A request of a credential's own, which cannot carry the credential."""
    return (yield from perform(Operation(replace(request, authenticated=False), lambda reply: reply), site))


def _travel(wire: Wire, request: Request, rewind: Callable[[], None] | None) -> Steps[Reply]:
    """Send and follow redirects, keeping method and body, and the credential at home."""
    origin = wire.url
    for _ in range(MOST_REDIRECTS):
        reply: Reply = yield wire
        target = reply.headers.get("Location")
        if reply.status not in (301, 302, 303, 307, 308) or not target or not request.follow:
            return reply
        url = urljoin(wire.url, target)
        method, content = wire.method, wire.body
        options = {name: value for name, value in wire.options.items() if name != "params"}  # Location has them
        if reply.status == 303 and method != "HEAD":
            method, content = "GET", None
            options = {name: value for name, value in options.items() if name not in ("data", "json", "files")}
        headers, cookies, foreign = wire.headers, wire.cookies, wire.foreign
        if not _same_server(origin, url):
            if method not in ("GET", "HEAD"):
                host = urlsplit(url).netloc
                raise UnexpectedReply(
                    f"{urlsplit(origin).netloc} sends a {method} on to {host}. It was not sent there; if that is your "
                    "server, use its address as the URL.",
                    applied=False,
                )
            headers = {name: value for name, value in request.headers.items() if name.lower() in GOES_ANYWHERE}
            cookies, foreign = {}, True
            options = {name: value for name, value in options.items() if name not in ("cookies", "auth", "cert")}
        if any(options.get(name) is not None for name in ("data", "files")):
            if rewind is None:
                raise UnexpectedReply(
                    f"{origin.partition('?')[0]} redirects, and a stream cannot be sent twice. Use the address that it "
                    "redirects to as the URL."
                )
            rewind()
        wire = Wire(method, url, headers, content, cookies, options, wire.sink, wire.fresh, foreign)
    raise UnexpectedReply(f"{origin.partition('?')[0]} redirects more than {MOST_REDIRECTS} times.")


def _same_server(origin: str, url: str) -> bool:
    """Whether `url` is the same host, by the same or by a safer scheme."""
    one, other = urlsplit(origin), urlsplit(url)
    here, there = (part.port or DEFAULT_PORTS.get(part.scheme) for part in (one, other))
    if one.hostname != other.hostname:
        return False
    if one.scheme == other.scheme:
        return here == there
    return (one.scheme, other.scheme) == ("http", "https") and there in (443, here)
