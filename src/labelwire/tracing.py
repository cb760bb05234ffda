"""Spans of OpenTelemetry for each call and each request (extra `otel`).

    from labelwire import tracing

    tracing.instrument()

From then on each call of a namespace, on any client, is a span of its name, such as `tasks.get`, with a span for each
request that it sends. A listing has a span for each page, while that page is fetched. Requests to the server itself
carry the trace on. No span holds a token, a query or a body.
"""

from __future__ import annotations

import re
from collections.abc import Generator
from typing import Any, TypeVar
from urllib.parse import urlsplit

from msgspec.structs import replace

from ._version import __version__
from .core import watching
from .core.operation import Page, Reply, Steps, Wire
from .core.redacted import bare
from .errors import ConnectionLost, StatusError

try:
    from opentelemetry import context, propagate, trace
except ModuleNotFoundError as missing:
    raise ImportError('labelwire.tracing needs opentelemetry-api: pip install "labelwire[otel]"') from missing

__all__ = ["instrument", "uninstrument"]

T = TypeVar("T")

METHODS = frozenset({"CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE"})
"""Methods that a span may be named after; OpenTelemetry calls all others _OTHER."""

KNOWN_PATH = re.compile(r"/(api|health|user)(/([a-z][a-z_-]*|s3s?|\{id\}))*/?")
"""Paths of which nothing but ids differs from call to call."""

PORTS = {"http": 80, "https": 443}

# What the instrumentations of requests, urllib3 and aiohttp look at: without it each request would have two spans.
QUIET = context._SUPPRESS_HTTP_INSTRUMENTATION_KEY  # noqa: SLF001 - the one place of this key


def instrument(tracer_provider: trace.TracerProvider | None = None) -> None:
    """Makes spans from now on, whichever client calls; called again, for another provider.

    Args:
        tracer_provider: where they go to; by default the program's own, `opentelemetry.trace.get_tracer_provider()`.
    """
    watching.tracer = _Tracer(trace.get_tracer("labelwire", __version__, tracer_provider))


def uninstrument() -> None:
    """Makes no more spans. Those of calls that are under way end with them."""
    watching.tracer = None


class _Tracer:
    def __init__(self, tracer: trace.Tracer) -> None:
        self._tracer = tracer

    def call(self, name: str, flow: Generator[Any, Any, T]) -> Generator[Any, Any, T]:
        """The flow within a span. While nobody waits for the next page of a listing there is none."""
        span = self._begin(name)

        def begin(step: Any) -> tuple[Any, watching.Ended]:
            nonlocal span
            if isinstance(step, Page):
                span.end()
            elif span.over:
                span = self._begin(name)
            return step, watching.unwatched

        try:
            return (yield from watching.relayed(flow, begin))
        except Exception as error:
            span.end(error)
            raise
        finally:
            span.end()

    def requests(self, steps: Steps[Reply], server: str) -> Steps[Reply]:
        """The steps with a span for each request; what goes to the server itself carries the trace on."""
        sent = 0

        def begin(step: Any) -> tuple[Any, watching.Ended]:
            nonlocal sent
            if not isinstance(step, Wire):
                return step, watching.unwatched
            sent += 1
            return self._request(step, server, sent - 1)

        return watching.relayed(steps, begin)

    def _begin(self, name: str) -> _Current:
        span = self._tracer.start_span(name)
        return _Current(span, trace.set_span_in_context(span))

    def _request(self, wire: Wire, server: str, resent: int) -> tuple[Wire, watching.Ended]:
        described = _described(wire, server, resent)
        method = wire.method if wire.method in METHODS else "HTTP"
        name = f"{method} {described['url.template']}" if "url.template" in described else method
        span = self._tracer.start_span(name, kind=trace.SpanKind.CLIENT, attributes=described)
        within = context.set_value(QUIET, True, trace.set_span_in_context(span))
        current = _Current(span, within)
        if not wire.foreign:
            headers: dict[str, str] = {}
            propagate.inject(headers, within)
            wire = replace(wire, headers={**wire.headers, **headers})
        return wire, current.end


class _Current:
    """A span that is the current one until it ends."""

    def __init__(self, span: trace.Span, within: context.Context) -> None:
        self.over = False
        self._span = span
        self._token = context.attach(within)

    def end(self, outcome: object = None) -> None:
        """Ends it, once; `outcome` is an answer or an error, or None when there is nothing to say."""
        if self.over:
            return
        self.over = True
        context.detach(self._token)
        if isinstance(outcome, Reply):
            self._span.set_attribute("http.response.status_code", outcome.status)
            if outcome.status >= 400:
                self._fail(str(outcome.status))
        elif isinstance(outcome, Exception):
            self._span.add_event("exception", _told(outcome))
            self._fail(type(outcome).__qualname__)
        self._span.end()

    def _fail(self, kind: str) -> None:
        self._span.set_attribute("error.type", kind)
        self._span.set_status(trace.StatusCode.ERROR)


def _described(wire: Wire, server: str, resent: int) -> dict[str, str | int]:
    """The request in OpenTelemetry's words for HTTP."""
    url = bare(wire.url)
    parts = urlsplit(url)
    found: dict[str, str | int] = {
        "http.request.method": wire.method if wire.method in METHODS else "_OTHER",
        "url.full": url,
        "server.address": parts.hostname or "",
        "server.port": parts.port or PORTS.get(parts.scheme, 0),
    }
    if wire.method not in METHODS:
        found["http.request.method_original"] = wire.method
    template = re.sub(r"(?<=/)\d+(?=/|$)", "{id}", url.removeprefix(server))
    if KNOWN_PATH.fullmatch(template):
        found["url.template"] = template
    if resent:
        found["http.request.resend_count"] = resent
    return found


def _told(error: Exception) -> dict[str, str]:
    """What happened. An error's own words can quote what was sent or answered, so they are left out."""
    kind = type(error)
    told = {"exception.type": f"{kind.__module__}.{kind.__qualname__}".removeprefix("builtins.")}
    if isinstance(error, StatusError):
        told["exception.message"] = f"{error.method} {bare(error.url)}: {error.status}"
    elif isinstance(error, ConnectionLost):
        told["exception.message"] = watching.fault_of(error)
    return told
