"""Faults as values, and the plans that say which request meets which.

A fault is an act in a phase: what the proxy does, and how far the request or its reply has come by then.
"""

from __future__ import annotations

import random
import re
import threading
from collections.abc import Sequence as Items
from dataclasses import dataclass, field
from email.utils import formatdate
from enum import Enum
from typing import Literal, Protocol, TypeAlias


class Phase(Enum):
    """How far it has come; the value says it in words."""

    ARRIVAL = "before the request is read"
    HEADERS = "after the request's headers"
    BODY = "in the middle of the request's body"
    FORWARD = "before the server has it"
    ANSWERED = "after the server has answered"
    REPLY_HEADERS = "in the middle of the reply's headers"
    REPLY_BODY = "in the middle of the reply's body"


EARLY = (Phase.ARRIVAL, Phase.HEADERS, Phase.BODY, Phase.FORWARD)
"""The server never sees a request that ends in one of these."""


@dataclass(frozen=True)
class Break:
    """The connection ends, or nothing more comes: until the client gives up, or for so many seconds."""

    how: Literal["reset", "closed", "hanging"]
    seconds: float = 60.0

    @property
    def words(self) -> str:
        return {"reset": "connection reset", "closed": "connection closed", "hanging": "no more data"}[self.how]


@dataclass(frozen=True)
class Drip:
    """What follows comes in so many pieces, that many seconds apart; nothing is lost."""

    pieces: int = 6
    seconds: float = 0.005
    words: str = "data trickles"


@dataclass(frozen=True)
class Answer:
    """The proxy's own answer in the place of the server's."""

    status: int
    body: bytes = b""
    content_type: str = "text/html; charset=utf-8"
    retry_after: Literal["seconds", "date"] | None = None
    words: str = ""

    def headers(self) -> list[tuple[str, str]]:
        """Its headers, without Content-Length."""
        given = [("Content-Type", self.content_type)]
        if self.retry_after:
            given.append(("Date", formatdate(usegmt=True)))
            given.append(("Retry-After", "0" if self.retry_after == "seconds" else formatdate(usegmt=True)))
        return given


@dataclass(frozen=True)
class Redirect:
    """The client is sent to the same path: at the proxy's own address, by https there, or at the server behind it."""

    status: int
    to: Literal["proxy", "server", "https"]

    @property
    def words(self) -> str:
        place = {"proxy": "the same address", "server": "another address", "https": "https"}[self.to]
        return f"{self.status} to {place}"


@dataclass(frozen=True)
class Truncated:
    """Half of the server's body; its Content-Length is that of the half, or still that of the whole."""

    length: Literal["half", "whole"]

    @property
    def words(self) -> str:
        return f"half of the JSON, Content-Length of the {self.length}"


@dataclass(frozen=True)
class Twice:
    """The server gets the request two times; the client gets one of the two answers."""

    answer: Literal["first", "second"] = "first"

    @property
    def words(self) -> str:
        return f"delivered twice, the {self.answer} answer returned"


@dataclass(frozen=True)
class Late:
    """The client is told 504 at once; the server gets the request so many seconds afterwards."""

    seconds: float = 0.15
    words: str = "504 at once, delivered to the server later"


Act: TypeAlias = Break | Drip | Answer | Redirect | Truncated | Twice | Late


@dataclass(frozen=True)
class Fault:
    """An act in a phase. `kept` limits it to connections that have carried a request before."""

    act: Act
    phase: Phase = Phase.FORWARD
    kept: bool = False

    @property
    def words(self) -> str:
        """What happens, for people."""
        if isinstance(self.act, (Truncated, Twice, Late)):
            return self.act.words
        return f"{self.act.words} {'as the next request arrives' if self.kept else self.phase.value}"


def page(title: str) -> bytes:
    """A web page such as gateways send."""
    return f"<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>".encode()


def gateway(status: int, title: str) -> Answer:
    """A gateway's own answer."""
    return Answer(status, page(f"{status} {title}"), words=f"{status} as a web page")


OWN_500 = (
    b'{"id":"6a1c5d8e-0000-4000-8000-000000000000","status_code":500,"version":"1.23.2",'
    b'"detail":"database is locked","exc_info":null}'
)

HTML_500 = gateway(500, "Internal Server Error")
JSON_500 = Answer(500, OWN_500, "application/json", words="500 in Label Studio's own form")
BAD_GATEWAY = gateway(502, "Bad Gateway")
UNAVAILABLE = gateway(503, "Service Unavailable")
GATEWAY_TIMEOUT = gateway(504, "Gateway Time-out")
LOGIN_PAGE = Answer(200, page("Log in"), words="200 with a web page")
NOT_FOUND = Answer(404, b'{"detail":"Invalid page."}', "application/json", words="404")
TOKEN_REFUSED = Answer(401, b'{"detail":"Invalid token."}', "application/json", words="401")


def throttled(asked: Literal["seconds", "date"] | None, said: str) -> Answer:
    """A server that wants to be asked less."""
    body = b'{"detail":"Request was throttled."}'
    return Answer(429, body, "application/json", asked, f"429, Retry-After {said}")


SLOW_DOWN = (throttled("seconds", "in seconds"), throttled("date", "as a date"), throttled(None, "missing"))


@dataclass
class Asked:
    """A request that came to the proxy, and what became of it.

    Attributes:
        target: its path and query.
        kept: whether its connection had carried a request before.
        fault: what was done to it.
        statuses: what the server answered, once for each time that it got the request.
    """

    method: str
    target: str
    kept: bool = False
    fault: Fault | None = None
    statuses: list[int] = field(default_factory=list)

    @property
    def status(self) -> int | None:
        """What the server answered at last, or None when it did not."""
        return self.statuses[-1] if self.statuses else None


@dataclass(frozen=True)
class Match:
    """Which requests: by their method and by a pattern anywhere in path and query."""

    method: str = ".*"
    target: str = ""

    def __call__(self, asked: Asked) -> bool:
        """Whether it is one of them."""
        return bool(re.fullmatch(self.method, asked.method) and re.search(self.target, asked.target))


ANY = Match()


class Plan(Protocol):
    """Decides what each request meets."""

    def choose(self, asked: Asked) -> Fault | None: ...


class Nothing:
    """No fault at all."""

    def choose(self, asked: Asked) -> Fault | None:
        """None."""
        return None


class Sequence:
    """These faults for the matching requests, one after the other; afterwards none."""

    def __init__(self, match: Match, faults: Items[Fault | None]) -> None:
        self._match = match
        self._left = list(faults)
        self._lock = threading.Lock()

    @property
    def over(self) -> bool:
        """Whether each of them has happened."""
        return not self._left

    def choose(self, asked: Asked) -> Fault | None:
        """The next one."""
        with self._lock:
            if not self._left or not self._match(asked):
                return None
            if self._left[0] is not None and self._left[0].kept and not asked.kept:
                return None
            return self._left.pop(0)


class Once(Sequence):
    """One fault, for the nth matching request."""

    def __init__(self, match: Match, fault: Fault, nth: int = 1) -> None:
        super().__init__(match, [*[None] * (nth - 1), fault])


class Always:
    """The same fault for every matching request."""

    def __init__(self, match: Match, fault: Fault) -> None:
        self._match = match
        self._fault = fault

    def choose(self, asked: Asked) -> Fault | None:
        """It."""
        return self._fault if self._match(asked) else None


class Random:
    """A fault for this part of the matching requests, drawn with a seed."""

    def __init__(self, seed: int, rate: float, faults: Items[Fault], match: Match = ANY) -> None:
        self._dice = random.Random(seed)  # noqa: S311 - the same faults in each run
        self._rate = rate
        self._faults = faults
        self._match = match
        self._lock = threading.Lock()

    def choose(self, asked: Asked) -> Fault | None:
        """One of them, now and then."""
        with self._lock:
            if not self._match(asked) or self._dice.random() >= self._rate:
                return None
            return self._dice.choice(self._faults)


class Several:
    """What the first of these plans says that says anything."""

    def __init__(self, *plans: Plan) -> None:
        self._plans = plans

    def choose(self, asked: Asked) -> Fault | None:
        """Its fault."""
        return next((fault for plan in self._plans if (fault := plan.choose(asked))), None)
