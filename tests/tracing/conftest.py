"""What the tests of spans share: a provider that keeps what it gets, and complains of what ends twice or never."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator, Sequence

import pytest
from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.sdk.trace import ReadableSpan, Span, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from labelwire import tracing


class Spans(SpanProcessor):
    """The spans that were made: all that have ended, in that order."""

    def __init__(self) -> None:
        self.begun: Counter[int] = Counter()
        self.ended: Counter[int] = Counter()
        self.exporter = InMemorySpanExporter()
        self.provider = TracerProvider()
        self.provider.add_span_processor(SimpleSpanProcessor(self.exporter))
        self.provider.add_span_processor(self)
        self.tracer = self.provider.get_tracer("a program")

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        """One more."""
        self.begun[_id(span)] += 1

    def on_end(self, span: ReadableSpan) -> None:
        """One less."""
        self.ended[_id(span)] += 1

    @property
    def all(self) -> Sequence[ReadableSpan]:
        return self.exporter.get_finished_spans()

    def named(self, name: str) -> list[ReadableSpan]:
        """Those with this name, in the order of their beginnings."""
        return sorted((span for span in self.all if span.name == name), key=lambda span: span.start_time or 0)

    def one(self, name: str) -> ReadableSpan:
        """The only one with this name."""
        (found,) = self.named(name)
        return found

    def within(self, parent: ReadableSpan) -> list[ReadableSpan]:
        """Those whose parent it is."""
        return [span for span in self.all if span.parent is not None and span.parent.span_id == _id(parent)]

    @property
    def calls(self) -> list[ReadableSpan]:
        """Those of calls."""
        return [span for span in self._own if span.kind is trace.SpanKind.INTERNAL]

    @property
    def requests(self) -> list[ReadableSpan]:
        """Those of requests."""
        return [span for span in self._own if span.kind is trace.SpanKind.CLIENT]

    @property
    def _own(self) -> list[ReadableSpan]:
        own = [span for span in self.all if (scope := span.instrumentation_scope) and scope.name == "labelwire"]
        return sorted(own, key=lambda span: span.start_time or 0)


def _id(span: ReadableSpan) -> int:
    assert span.context is not None
    return int(span.context.span_id)


@pytest.fixture
def spans(caplog: pytest.LogCaptureFixture) -> Iterator[Spans]:
    """Spans, each of which must have ended once, where it had begun, when the test is over."""
    made = Spans()
    tracing.instrument(made.provider)
    yield made
    tracing.uninstrument()
    assert made.begun == made.ended
    assert set(made.ended.values()) <= {1}
    assert not trace.get_current_span().get_span_context().is_valid
    said = [record.getMessage() for record in caplog.records if record.name.startswith("opentelemetry")]
    assert said == []
    assert logging.getLogger("opentelemetry").isEnabledFor(logging.WARNING)
