"""Traces, when somebody wants them; otherwise nothing is wrapped, so that nothing is paid."""

import logging
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from domain.idempotency import Outcome
from service_layer.command import Command
from service_layer.run_batch import Result
from service_layer.unit_of_work import UnitOfWork

log = logging.getLogger(__name__)
Execute = Callable[[Command], Outcome]
Run = Callable[[Sequence[Command]], list[Result]]
OpenUnit = Callable[[], UnitOfWork]


class Tracing(Protocol):
    """Wraps what the rooms do; `tracer` is for whoever makes the first span, None when there are none."""

    @property
    def tracer(self) -> Any: ...

    def execute(self, execute: Execute) -> Execute: ...

    def run(self, run: Run) -> Run: ...

    def open_unit(self, open_unit: OpenUnit) -> OpenUnit: ...


class NoTracing:
    """Gives everything back as it was."""

    tracer = None

    def execute(self, execute: Execute) -> Execute:
        return execute

    def run(self, run: Run) -> Run:
        return run

    def open_unit(self, open_unit: OpenUnit) -> OpenUnit:
        return open_unit


def make_tracing(endpoint: str | None) -> Tracing:
    """Spans go to an OTLP collector at the endpoint, over HTTP."""
    if not endpoint:
        return NoTracing()
    try:
        from adapters.spans import Spans, tracer_to
    except ImportError as error:
        log.warning("no traces: install simple-payments[tracing] (%s is missing)", error.name)
        return NoTracing()
    return Spans(tracer_to(endpoint))
