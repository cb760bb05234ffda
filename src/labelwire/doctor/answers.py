"""What a server says when it is asked for its version, without any credential."""

from __future__ import annotations

import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from html import unescape
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

from ..client import Client
from ..core.endpoint import D, Resource, endpoint
from ..core.operation import Operation, Reply, Request
from ..core.retry import NEVER
from ..core.sync import SyncDriver
from ..errors import StatusError, UnexpectedReply
from ..resources.system import Version


class Answer(Struct, frozen=True):
    """An answer of whatever program it is."""

    status: int
    url: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def release(self) -> Version | None:
        """Which Label Studio it is; None for anything else."""
        try:
            said = msgspec.json.decode(self.body)
        except (msgspec.DecodeError, UnicodeDecodeError):
            return None
        known = self.status == 200 and isinstance(said, dict) and isinstance(said.get("release"), str)
        return Version(said) if known else None

    @property
    def title(self) -> str | None:
        """What a web page calls itself; None for what is no page."""
        text = self.body[:20_000].decode(errors="replace")
        if not re.search(r"<(!doctype html|html|head|title)\b", text, re.IGNORECASE):
            return None
        found = re.search(r"<title[^>]*>(.*?)</title>", text, re.IGNORECASE | re.DOTALL)
        return " ".join(unescape(found[1]).split())[:80] if found else ""

    @property
    def time(self) -> float | None:
        """The server's clock, in seconds since 1970."""
        try:
            return parsedate_to_datetime(self.headers["Date"]).timestamp()
        except (KeyError, ValueError):
            return None


class Look(Resource[D]):
    """Looks without a credential."""

    @endpoint
    def at(self, path: str) -> Operation[Reply]:
        """The answer as it is."""
        return Operation(Request("GET", path, authenticated=False), _as_it_is)


def ask(url: str, timeout: float) -> Answer:
    """What is answered where Label Studio has its version.

    Raises:
        ConnectionLost: when nothing is.
    """
    with Client(url, api_key="none", timeout=(timeout, timeout), retry=NEVER) as client:
        look = Look(client._driver)  # noqa: SLF001 - no namespace looks at pages of others
        answer = _answer(look, url, "/api/version")
        if answer.release is None or not urlsplit(url).path:
            return answer
        # Label Studio tells its version below any path, such as /projects/1/data/api/version; this one it knows alone.
        other = _answer(look, url, "/api/current-user/whoami")
        return other if other.status == 404 else answer


def _answer(look: Look[SyncDriver], url: str, path: str) -> Answer:
    try:
        reply = look.at(path)
    except StatusError as error:
        response = error.response
        return Answer(response.status_code, response.url, response.headers, response.content)
    except UnexpectedReply as error:  # redirects without an end
        return Answer(310, url, {}, str(error).encode())
    return Answer(reply.status, reply.url, reply.headers, reply.body)


def _as_it_is(reply: Reply) -> Reply:
    return reply
