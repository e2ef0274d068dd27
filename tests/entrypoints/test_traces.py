"""A trace goes through the rooms: the request, its command, the batch, the unit of work."""

import logging
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest
from flask import Flask

from adapters.tracing import NoTracing, make_tracing
from entrypoints.http.trace import trace_requests
from tests.builders import open_account, replenish
from tests.stage import Stage

pytest.importorskip("opentelemetry.sdk")

from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from adapters.spans import Spans

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
PARENT_ID = 0xB7AD6B7169203331


class Traced:
    """A stage whose spans are kept."""

    def __init__(self, stage: Stage) -> None:
        self._exporter = InMemorySpanExporter()
        provider = TracerProvider()
        provider.add_span_processor(SimpleSpanProcessor(self._exporter))
        self.spans = Spans(provider.get_tracer("test"))
        self.stage = stage
        stage.container.tracing.override(self.spans)
        self.app: Flask = stage.container.app()
        trace_requests(self.app, self.spans.tracer)

    def finished(self) -> dict[str, ReadableSpan]:
        return {span.name: span for span in self._exporter.get_finished_spans()}

    def everything_said(self) -> str:
        return " ".join(span.to_json() for span in self._exporter.get_finished_spans())


@pytest.fixture(params=["memory_stage", "postgres_stage"])
def traced(request: pytest.FixtureRequest) -> Iterator[Traced]:
    stage: Stage = request.getfixturevalue(request.param)
    yield Traced(stage)
    stage.container.tracing.reset_override()


def ids(span: ReadableSpan) -> tuple[int, int | None]:
    """Its own, and that of its parent."""
    assert span.context is not None
    return span.context.span_id, span.parent.span_id if span.parent else None


def test_each_room_has_a_span_in_the_trace_of_the_caller(traced: Traced) -> None:
    answer = traced.app.test_client().post(
        "/v1/accounts?", json={"name": "Wombat"}, headers={"traceparent": PARENT}
    )
    assert answer.status_code == 201
    spans = traced.finished()
    chain = ["POST /v1/accounts", "execute OpenAccount", "run batch", "unit of work"]
    assert set(spans) == set(chain)
    above: int | None = PARENT_ID
    for name in chain:
        own, parent = ids(spans[name])
        assert parent == above, name
        above = own
    assert [event.name for event in spans["unit of work"].events] == ["books opened", "committed"]
    assert spans["run batch"].attributes == {"payments.batch.commands": 1}
    assert dict(spans["POST /v1/accounts"].attributes or {}) == {
        "http.request.method": "POST",
        "http.route": "/v1/accounts",
        "http.response.status_code": 201,
        "payments.request_id": answer.headers["X-Request-Id"],
        "payments.actor": "default",
    }


def test_nothing_of_the_client_lands_in_a_span(traced: Traced) -> None:
    client = traced.app.test_client()
    headers = {"Authorization": "Bearer Okapi", "Idempotency-Key": "Pangolin"}
    client.post(
        "/v1/accounts", json={"name": "Wombat", "metadata": {"a": "Quokka"}}, headers=headers
    )
    client.get("/v1/accounts?reference=Narwhal")
    client.get("/v1/Narwhal?Narwhal=Narwhal")
    client.get("/v1/wallets/Narwhal")
    said = traced.everything_said()
    assert {span for span in traced.finished() if span.startswith("GET")} == {
        "GET /v1/accounts",
        "GET unmatched",
        "GET /v1/wallets/{wallet_id}",
    }
    assert [
        word for word in ("Wombat", "Quokka", "Narwhal", "Okapi", "Pangolin") if word in said
    ] == []


def test_a_refusal_is_told_by_its_code_and_is_no_error(traced: Traced) -> None:
    wallet_id = traced.stage.a_wallet()
    body = {"wallet_id": str(wallet_id), "amount": 5, "currency": "USD"}
    traced.app.test_client().post("/v1/withdrawals", json=body, headers={"Idempotency-Key": "k"})
    spans = traced.finished()
    assert spans["execute Withdraw"].attributes == {"payments.refused": "insufficient-funds"}
    assert (spans["POST /v1/withdrawals"].attributes or {})[
        "payments.problem"
    ] == "insufficient-funds"
    assert {span.status.is_ok for span in spans.values()} == {True}


def test_an_error_is_told_by_its_class_without_what_it_says(
    traced: Traced, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise ZeroDivisionError("Wombat")

    monkeypatch.setattr("service_layer.open_account.OpenAccount.decide", fail)
    answer = traced.app.test_client().post("/v1/accounts", json={"name": "Wombat"})
    assert answer.status_code == 500
    spans = traced.finished()
    failed = {"POST /v1/accounts", "execute OpenAccount", "unit of work"}
    assert {name for name, span in spans.items() if not span.status.is_ok} == failed
    assert (spans["unit of work"].attributes or {})["error.type"] == "ZeroDivisionError"
    assert "Wombat" not in traced.everything_said()


def test_those_who_share_a_batch_are_linked_with_it(memory_stage: Stage) -> None:
    traced = Traced(memory_stage)
    wallet_id = memory_stage.a_wallet()
    started, go = Event(), Event()
    held = memory_stage.container.group_commit()
    inner = held._run

    def slowly(commands: Any) -> Any:
        started.set()
        assert go.wait(10)
        return inner(commands)

    held._run = slowly
    execute = traced.spans.execute(held.execute)
    with ThreadPoolExecutor(3) as threads:
        futures = [threads.submit(execute, open_account())]
        assert started.wait(10)
        futures += [threads.submit(execute, replenish(wallet_id, 1)) for _ in range(2)]
        while held.waiting < 2:
            pass
        go.set()
        assert all(future.result(10).refused is None for future in futures)
    finished = traced._exporter.get_finished_spans()
    (batch,) = [s for s in finished if (s.attributes or {}).get("payments.batch.commands") == 2]
    executed = [span for span in finished if span.name == "execute Replenish"][-2:]
    (leader,) = [span for span in executed if ids(batch)[1] == ids(span)[0]]
    (follower,) = [span for span in executed if span is not leader]
    assert [link.context.span_id for link in batch.links] == [ids(follower)[0]]
    assert [link.context.span_id for link in follower.links] == [ids(batch)[0]]


def test_without_an_endpoint_nothing_is_wrapped(memory_stage: Stage) -> None:
    off = memory_stage.container.tracing()
    group = memory_stage.container.group_commit()
    assert isinstance(off, NoTracing)
    assert memory_stage.container.services().execute == group.execute


def test_without_the_extra_it_is_said_and_all_else_works(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.delitem(sys.modules, "adapters.spans", raising=False)
    monkeypatch.setitem(sys.modules, "opentelemetry", None)
    with caplog.at_level(logging.WARNING):
        assert isinstance(make_tracing("http://127.0.0.1:4318"), NoTracing)
    assert "install simple-payments[tracing]" in caplog.text


def test_an_endpoint_turns_it_on() -> None:
    assert isinstance(make_tracing("http://127.0.0.1:4318"), Spans)
