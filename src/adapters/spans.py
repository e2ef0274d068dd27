"""OpenTelemetry spans around the service layer, around its units of work.

A batch belongs to the trace of its leader. The others' spans are linked with it, in both directions. No
exception is recorded with what it says, which may be anything.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Self
from uuid import UUID

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from opentelemetry.trace import Link, Span, Status, StatusCode, Tracer

from adapters.tracing import Execute, OpenUnit, Run
from domain.books import Books
from domain.idempotency import Outcome
from service_layer.claims import Claims
from service_layer.command import Command
from service_layer.run_batch import Result
from service_layer.unit_of_work import UnitOfWork

TRACES = "/v1/traces"
SERVICE = "simple-payments"


def tracer_to(endpoint: str, exporter: SpanExporter | None = None) -> Tracer:
    """Samples as OTEL_TRACES_SAMPLER says; sends in a thread of its own."""
    name = os.environ.get("OTEL_SERVICE_NAME", SERVICE)
    provider = TracerProvider(resource=Resource.create({SERVICE_NAME: name}))
    exporter = exporter or OTLPSpanExporter(endpoint=endpoint.rstrip("/") + TRACES)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    return provider.get_tracer("payments")


class Spans:
    """What is wrapped here behaves as before."""

    def __init__(self, tracer: Tracer) -> None:
        self.tracer = tracer
        self._waiting: dict[UUID, Span] = {}

    def execute(self, execute: Execute) -> Execute:
        def traced(command: Command) -> Outcome:
            with self._span(f"execute {type(command).__name__}") as span:
                self._waiting[command.id] = span
                try:
                    return _told(span, execute(command))
                finally:
                    del self._waiting[command.id]

        return traced

    def run(self, run: Run) -> Run:
        def traced(commands: Sequence[Command]) -> list[Result]:
            here = trace.get_current_span()
            waiting = (self._waiting.get(command.id) for command in commands)
            others = [span for span in waiting if span is not None and span is not here]
            links = [Link(span.get_span_context()) for span in others]
            with self._span("run batch", links) as batch:
                batch.set_attribute("payments.batch.commands", len(commands))
                for span in others:
                    span.add_link(batch.get_span_context())
                return run(commands)

        return traced

    def open_unit(self, open_unit: OpenUnit) -> OpenUnit:
        return lambda: TracedUnit(open_unit(), self.tracer)

    @contextmanager
    def _span(self, name: str, links: Sequence[Link] = ()) -> Iterator[Span]:
        with self.tracer.start_as_current_span(
            name, links=links, record_exception=False, set_status_on_exception=False
        ) as span:
            try:
                yield span
            except BaseException as error:
                _blame(span, type(error))
                raise


class TracedUnit:
    """A unit of work with a span from entering to leaving, and an event for each step."""

    def __init__(self, unit: UnitOfWork, tracer: Tracer) -> None:
        self._unit = unit
        self._span = tracer.start_span("unit of work")

    def __enter__(self) -> Self:
        try:
            self._unit.__enter__()
        except BaseException as error:
            _blame(self._span, type(error))
            self._span.end()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            self._unit.__exit__(kind, error, traceback)
        finally:
            if kind is not None:
                _blame(self._span, kind)
            self._span.end()

    def open_books(self, claims: Claims) -> Books:
        books = self._unit.open_books(claims)
        self._span.add_event("books opened", {"payments.wallets": len(books.wallets)})
        return books

    def write(self, books: Books) -> None:
        self._unit.write(books)

    def commit(self) -> None:
        self._unit.commit()
        self._span.add_event("committed")


def _told(span: Span, outcome: Outcome) -> Outcome:
    if outcome.refused is not None:
        span.set_attribute("payments.refused", outcome.refused.code)
    if outcome.replayed:
        span.set_attribute("payments.replayed", True)
    return outcome


def _blame(span: Span, kind: type[BaseException]) -> None:
    span.set_attribute("error.type", kind.__name__)
    span.set_status(Status(StatusCode.ERROR))
