"""A process of the service under test: a container of its own, with many threads that send requests."""

import multiprocessing
import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta
from multiprocessing.connection import Connection
from typing import Any
from uuid import UUID

from adapters.system import utc_now
from domain.idempotency import Outcome
from service_layer.transfer import Transfer
from tests.builders import a_caller, open_account, transfer
from tests.stage import Stage, a_stage, strike

THREADS = 8
SPAWN = multiprocessing.get_context("spawn")


@contextmanager
def a_process(work: Callable[..., None], *values: Any) -> Iterator[tuple[Any, Connection]]:
    """Run `work(said, *values)` in a new process; gives the process, and what it says."""
    hear, say = SPAWN.Pipe(duplex=False)
    process = SPAWN.Process(target=work, args=(say, *values), daemon=True)
    process.start()
    say.close()
    try:
        yield process, hear
    finally:
        process.kill()
        process.join(10)
        hear.close()


@contextmanager
def a_service(url: str, clock_behind: timedelta = timedelta(0)) -> Iterator[Stage]:
    """A container as a worker process has it, with a clock that may be wrong."""

    def clock() -> datetime:
        return utc_now() - clock_behind

    stage = a_stage("postgres", url)
    stage.container.clock.override(clock)
    try:
        yield stage
    finally:
        strike(stage)


def hammer(
    said: Connection, url: str, go: Any, wallets: Sequence[UUID], seed: int, rounds: int
) -> None:
    """Random transfers between few wallets, in both directions; says what each wallet gained."""

    def one_thread(number: int) -> Counter[Any]:
        chance = random.Random(seed * 1000 + number)
        gained: Counter[Any] = Counter()
        for _ in range(rounds):
            source, destination = chance.sample(list(wallets), 2)
            amount = chance.randint(1, 300)
            try:
                outcome = service.execute(transfer(source, destination, amount))
            except Exception as error:
                gained[repr(error)] += 1
                continue
            gained["refused" if outcome.refused else "done"] += 1
            if outcome.refused is None:
                gained[source] -= amount
                gained[destination] += amount
        return gained

    with a_service(url, timedelta(hours=seed)) as service, ThreadPoolExecutor(THREADS) as pool:
        go.wait(30)
        total: Counter[Any] = Counter()
        for gained in pool.map(one_thread, range(THREADS)):
            total.update(gained)
        said.send(total)


def send_the_same(said: Connection, url: str, go: Any, key: str, threads: int) -> None:
    """The same request from every thread at the same moment; says whether each was a replay."""

    def one_thread(number: int) -> tuple[bool, object]:
        command = open_account(name="Once", caller=a_caller(key))
        together.wait(30)
        outcome = service.execute(command)
        return outcome.replayed, outcome.body

    together = threading.Barrier(threads, action=lambda: go.wait(30))
    with a_service(url) as service, ThreadPoolExecutor(threads) as pool:
        said.send(list(pool.map(one_thread, range(threads))))


def request(source: UUID, destination: UUID, key: str) -> Transfer:
    """Whoever sends this key sends this: 1 from one wallet to the other."""
    return transfer(source, destination, 1, caller=a_caller(key))


def pay_on(said: Connection, url: str, source: UUID, destination: UUID, name: str) -> None:
    """Pay 1 again and again from all threads, until killed; says the key and id of what is done."""

    def one_thread(number: int) -> None:
        for round_number in range(1_000_000):
            key = f"{name}-{number}-{round_number}"
            outcome: Outcome = service.execute(request(source, destination, key))
            with speaking:
                said.send((key, outcome.transaction_id))

    speaking = threading.Lock()
    with a_service(url) as service, ThreadPoolExecutor(THREADS) as pool:
        for done in [pool.submit(one_thread, number) for number in range(THREADS)]:
            done.result()
