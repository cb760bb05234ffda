"""A driver without a wire: answers requests from a script and notes what was asked."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

import msgspec
from msgspec.structs import replace
from requests.structures import CaseInsensitiveDict

from labelwire.core.auth import Credential, LegacyToken
from labelwire.core.exchange import Site
from labelwire.core.operation import Exclusive, Reply, Sleep, Steps, Wire
from labelwire.errors import ConnectionLost

T = TypeVar("T")

URL = "http://server:8080"


def reply(status: int = 200, body: Any = None, **headers: str) -> Reply:
    """An answer; a body that is no bytes is written as JSON. `Retry_After="1"` is the header Retry-After."""
    content = body if isinstance(body, bytes) else b"" if body is None else msgspec.json.encode(body)
    named = CaseInsensitiveDict({name.replace("_", "-"): value for name, value in headers.items()})
    return Reply(status, named, content, URL)


LOST = ConnectionLost("the connection broke")
"""Nobody knows whether the request was applied."""

REFUSED = ConnectionLost("nothing answers there", applied=False)
"""The request cannot have reached the server."""


class Script:
    """Runs steps. `sent` are the requests that went out, `slept` the seconds that were waited."""

    def __init__(self, answers: Iterable[Reply | ConnectionLost]) -> None:
        self.answers = list(answers)
        self.sent: list[Wire] = []
        self.slept: list[float] = []

    def run(self, steps: Steps[T]) -> T:
        answer: Any = None
        fault: Exception | None = None
        try:
            while True:
                step = steps.throw(fault) if fault else steps.send(answer)
                answer = fault = None
                if isinstance(step, Sleep):
                    self.slept.append(step.seconds)
                elif isinstance(step, Exclusive):
                    try:
                        self.run(step.steps)
                    except Exception as error:
                        fault = error
                elif isinstance(step, Wire):
                    self.sent.append(step)
                    scripted = self.answers.pop(0)
                    if isinstance(scripted, ConnectionLost):
                        fault = scripted
                    else:
                        answer = replace(scripted, url=step.url)
        except StopIteration as end:
            result: T = end.value
            return result

    @property
    def asked(self) -> list[str]:
        """Method and path of each request."""
        return [f"{wire.method} {wire.url.removeprefix(URL)}" for wire in self.sent]


def site(credential: Credential | None = None, url: str = URL, reached: bool = True) -> Site:
    """A server that has answered before."""
    return Site(url=url, credential=credential or LegacyToken("k" * 40), reached=reached)
