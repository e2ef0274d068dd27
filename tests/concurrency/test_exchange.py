"""Two processes at one quote at the same moment: one of them has it, the other is told so."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection
from threading import Barrier
from typing import Any
from uuid import UUID

import pytest

from domain.errors import QuoteUsed
from domain.idempotency import Outcome
from domain.quote import QuoteStatus
from tests.adapters.test_contract_exchange import a_quote, dollars_and_euros, quote_of
from tests.adapters.test_postgres_faults import a_stage_on_a_wire
from tests.builders import convert
from tests.concurrency.rig import a_rival, a_stranger, until_somebody_waits_for_a_lock
from tests.concurrency.worker import SPAWN, a_process, a_service
from tests.stage import Stage

SECONDS_MAX = 30
TEN_YEARS_SECONDS = 3650 * 86_400
THREADS = 8


def refused(outcome: Outcome) -> type | None:
    return None if outcome.refused is None else type(outcome.refused)


def test_who_has_decided_too_late_is_told_that_the_quote_was_used(postgres_stage: Stage) -> None:
    """Both have found it unused, no wallet is common to them: the unique key of its use parts them."""
    stage, url = postgres_stage, postgres_stage.url or ""
    pairs = [dollars_and_euros(stage) for _ in range(2)]
    quote = a_quote(stage)
    with a_rival(stage) as rival, a_stranger(url) as stranger, ThreadPoolExecutor(2) as pool:
        rival.a_wallet()  # its connection is prepared
        # Postings are written after their transactions: the first is stopped with its use in place.
        stranger.cursor().execute("LOCK TABLE posting IN SHARE MODE")
        faster = pool.submit(rival.execute, convert(quote, *pairs[0]))
        until_somebody_waits_for_a_lock(url)
        slower = pool.submit(stage.execute, convert(quote, *pairs[1]))
        until_somebody_waits_for_a_lock(url, sessions=2)
        stranger.rollback()
        outcomes = [each.result(SECONDS_MAX) for each in (faster, slower)]
    assert [refused(each) for each in outcomes] == [None, QuoteUsed]
    assert [stage.balance(euros) for _, euros in pairs] == [963, 0]


def use_all(
    said: Connection, url: str, go: Any, quotes: list[UUID], wallets: tuple[UUID, UUID]
) -> None:
    """Every thread uses every quote, beginning with another; says how often it had which outcome."""

    def one_thread(number: int) -> Counter[tuple[UUID, type | None]]:
        together.wait(SECONDS_MAX)
        return Counter(
            (quote, refused(service.execute(convert(quote, *wallets))))
            for quote in quotes[number:] + quotes[:number]
        )

    together = Barrier(THREADS, action=lambda: go.wait(SECONDS_MAX))
    with a_service(url) as service, ThreadPoolExecutor(THREADS) as pool:
        total: Counter[tuple[UUID, type | None]] = Counter()
        for had in pool.map(one_thread, range(THREADS)):
            total.update(had)
        said.send(total)


def test_two_processes_use_each_quote_once_however_hard_they_try(postgres_stage: Stage) -> None:
    """Each process has wallets of its own, so that only the quotes bring them together."""
    stage, url = postgres_stage, postgres_stage.url or ""
    pairs = [dollars_and_euros(stage, 10**6) for _ in range(2)]
    quotes = [a_quote(stage, 1000, rate="0.9", seconds=TEN_YEARS_SECONDS) for _ in range(30)]
    go = SPAWN.Barrier(2)
    had: Counter[tuple[UUID, type | None]] = Counter()
    with (
        a_process(use_all, url, go, quotes, pairs[0]) as (_, one),
        a_process(use_all, url, go, quotes, pairs[1]) as (_, other),
    ):
        for hear in (one, other):
            assert hear.poll(60)
            had.update(hear.recv())
    assert [had[quote, None] for quote in quotes] == [1] * len(quotes)
    assert [had[quote, QuoteUsed] for quote in quotes] == [2 * THREADS - 1] * len(quotes)
    assert sum(stage.balance(euros) for _, euros in pairs) == 900 * len(quotes)


@pytest.mark.parametrize("message", [b"open_books", b"read_quotes", b"COMMIT"])
@pytest.mark.parametrize("forward_last", [False, True])
def test_a_wire_cut_at_any_message_uses_the_quote_once(
    postgres_stage: Stage, message: bytes, forward_last: bool
) -> None:
    stage = postgres_stage
    ada, euros = dollars_and_euros(stage)
    quote = a_quote(stage)
    command = convert(quote, ada, euros)
    with a_stage_on_a_wire(stage) as (wired, wire):
        wired.a_wallet()
        wire.cut(lambda said: message in said and b"PREPARE" not in said, forward_last=forward_last)
        outcome = wired.execute(command)
    assert wire.cuts == 1
    assert (refused(outcome), outcome.replayed) == (None, False)
    found = quote_of(stage, quote)
    assert (found.status, found.transaction_id) == (QuoteStatus.USED, command.id)
    assert stage.balance(euros) == 963
