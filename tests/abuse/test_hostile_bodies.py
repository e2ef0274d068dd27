"""Bodies that are made to exhaust the service are refused at little cost."""

import gzip
import json
import time
import tracemalloc
from contextlib import ExitStack
from typing import Any

import pytest

from domain.errors import Overloaded
from entrypoints.http.batches import BODY_BYTES_MAX
from entrypoints.http.large_bodies import BYTES_AT_ONCE_MAX, BYTES_FREE, LargeBodies
from tests.entrypoints.bank import Bank, a_transfer, assert_problem
from tests.entrypoints.stub import stub_client

LEVELS = 100_000
JSON = "application/json"


def sent(bank: Bank, path: str, body: bytes, **headers: str) -> Any:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return bank.client.post(
        path, data=body, content_type=JSON, headers={"Idempotency-Key": "k", **named}
    )


DEEP = {
    "arrays": b"[" * LEVELS,
    "objects": b'{"a":' * LEVELS,
    "closed arrays": b"[" * LEVELS + b"]" * LEVELS,
    "a member": b'{"metadata":' + b"[" * LEVELS + b"]" * LEVELS + b"}",
}


@pytest.mark.parametrize("body", DEEP.values(), ids=DEEP)
def test_what_is_nested_without_end_is_refused_at_once(memory_bank: Bank, body: bytes) -> None:
    began = time.process_time()
    assert_problem(sent(memory_bank, "/v1/batches", body), 400, "malformed-json")
    assert time.process_time() - began < 1


@pytest.mark.parametrize(
    "number", ["1" * 60_000, "1e99999", "-1e99999", "1" + "0" * 400, "0." + "1" * 60_000]
)
def test_no_number_is_too_large_to_be_refused(memory_bank: Bank, number: str) -> None:
    source, destination = memory_bank.a_wallet(1000), memory_bank.a_wallet()
    body = json.dumps(a_transfer(source, destination) | {"amount": 0}).replace(": 0", f": {number}")
    began = time.process_time()
    answer = sent(memory_bank, "/v1/transfers", body.encode())
    assert answer.status_code in (400, 422)
    assert len(answer.data) < 2000
    assert time.process_time() - began < 1
    assert memory_bank.balance(source) == 1000


def test_many_members_cost_what_they_weigh(memory_bank: Bank) -> None:
    """Names that are chosen so that they collide in other languages' tables, and a key that comes twice."""
    members = ",".join(f'"{"".join(pair)}{n}":1' for n in range(3000) for pair in ("Aa", "BB"))
    began = time.process_time()
    assert_problem(
        sent(memory_bank, "/v1/transfers", f"{{{members}}}".encode()), 422, "validation-failed"
    )
    twice = f'{{{members},"Aa0":1}}'.encode()
    assert_problem(sent(memory_bank, "/v1/transfers", twice), 400, "malformed-json")
    assert time.process_time() - began < 1


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd", "gzip, gzip", "x"])
def test_a_packed_body_is_refused_and_not_unpacked(memory_bank: Bank, encoding: str) -> None:
    bomb = gzip.compress(bytes(20_000_000))
    tracemalloc.start()
    answer = sent(memory_bank, "/v1/transfers", bomb, Content_Encoding=encoding)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert_problem(answer, 415, "unsupported-media-type")
    assert peak < 2_000_000


def test_large_bodies_have_room_for_so_many_bytes_and_no_more(memory_bank: Bank) -> None:
    bodies = LargeBodies()
    largest = {"CONTENT_LENGTH": str(BODY_BYTES_MAX)}
    unmeasured = {"HTTP_TRANSFER_ENCODING": "chunked"}
    with ExitStack() as stack:
        for _ in range(BYTES_AT_ONCE_MAX // BODY_BYTES_MAX):
            stack.enter_context(bodies.room_for(largest, BODY_BYTES_MAX))
        for refused in (largest, unmeasured):
            with pytest.raises(Overloaded), bodies.room_for(refused, BODY_BYTES_MAX):
                pass
        for free in (str(BYTES_FREE), "0", "", "x", "9" * 30, str(BODY_BYTES_MAX + 1)):
            with bodies.room_for({"CONTENT_LENGTH": free}, BODY_BYTES_MAX):
                pass
    with bodies.room_for(unmeasured, BODY_BYTES_MAX):
        pass


def test_a_batch_without_room_is_refused_before_its_body_is_read(
    memory_bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("entrypoints.http.large_bodies.BYTES_FREE", -1)
    monkeypatch.setattr(LargeBodies.__init__, "__defaults__", (10,))
    body = {"mode": "independent", "operations": [{"type": "account", "name": "Ada"}]}
    client = stub_client.__wrapped__()
    answer = client.post("/v1/batches", json=body, headers={"Idempotency-Key": "k"})
    problem = assert_problem(answer, 503, "overloaded")
    assert problem["detail"].startswith("Too many large bodies")
    assert answer.headers["Retry-After"]
