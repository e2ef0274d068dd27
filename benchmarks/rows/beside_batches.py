"""Single transfers while somebody else posts batches of 10,000, one after another."""

import json
import random
import secrets
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

from benchmarks import http_load, wrk
from benchmarks.figure import Figure, Row
from benchmarks.key import secret
from benchmarks.measure import Measurement
from benchmarks.stage import Stage
from benchmarks.wrk import Load

CONNECTIONS = 16
OPERATIONS = 10_000


def _halves(stage: Stage) -> tuple[Path, list[str]]:
    """A file with half of the wallets for the transfers, the other half for the batches."""
    ids = stage.books["bench"].wallet_ids.read_text().split()
    half = stage.places.work / "wallets-half.txt"
    half.write_text("\n".join(ids[::2]) + "\n")
    return half, ids[1::2]


def _batch(ids: list[str]) -> bytes:
    operations = []
    for _ in range(OPERATIONS):
        source, destination = random.sample(ids, 2)
        transfer = {"source_wallet_id": source, "destination_wallet_id": destination}
        operations.append({"type": "transfer", "amount": 1, "currency": "USD", **transfer})
    return json.dumps({"mode": "independent", "operations": operations}).encode()


@contextmanager
def _batches_running(url: str, ids: list[str]) -> Iterator[list[int]]:
    """Batches one after another, until the end; gives the sizes of those that were answered."""
    over, done = Event(), []
    bodies = [_batch(ids) for _ in range(3)]

    def post() -> None:
        while not over.is_set():
            headers = {
                "Authorization": f"Bearer {secret()}",
                "Content-Type": "application/json",
                "Idempotency-Key": secrets.token_hex(16),
            }
            request = urllib.request.Request(  # noqa: S310 - our own URL
                url + "/v1/batches", data=random.choice(bodies), headers=headers
            )
            with urllib.request.urlopen(request, timeout=120) as answer:  # noqa: S310
                done.append(len(answer.read()))

    thread = Thread(target=post)
    thread.start()
    try:
        yield done
    finally:
        over.set()
        thread.join()


def _singles(stage: Stage, seconds: int) -> Measurement:
    half, _ = _halves(stage)
    load = Load(script="uniform", ids=half, seconds=seconds, connections=CONNECTIONS)
    return wrk.run(stage.service(stage.books["bench"]).url, load).measurement


def _beside_batches(stage: Stage, seconds: int) -> Measurement:
    _, others = _halves(stage)
    url = stage.service(stage.books["bench"]).url
    with _batches_running(url, others) as done:
        measurement = _singles(stage, seconds)
    if not done:
        raise RuntimeError("no batch was answered")
    return measurement


BESIDE_BATCHES = Row(
    name="beside",
    title="p99 of transfers, 16 connections, alone vs beside batches of 10,000",
    subject=Figure(
        name="beside batches",
        measure=_beside_batches,
        prepare=lambda stage: http_load.warm_service(stage, "bench"),
    ),
    reference=Figure(
        name="without batches",
        measure=_singles,
        prepare=lambda stage: http_load.warm_service(stage, "bench"),
    ),
    at_least=0.5,
    aim=0.8,
    by_p99=True,
)
