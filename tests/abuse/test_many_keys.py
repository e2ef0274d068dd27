"""A hundred thousand idempotency keys later a payment and its repetition cost what they cost before."""

import statistics
import time
from collections.abc import Callable

import sqlalchemy as sa

from adapters.system import new_id
from tests.entrypoints.bank import Bank, a_transfer
from tests.entrypoints.contract import contract_client
from tests.stage import Stage

KEYS = 100_000
TIMES_SLOWER_MAX = 4
MANY_KEYS = """
INSERT INTO idempotency_key ({columns})
SELECT {values} FROM idempotency_key AS one, generate_series(1, :count) AS n
WHERE one.key = 'first'
"""


def test_keys_are_looked_up_not_searched(postgres_stage: Stage) -> None:
    bank = Bank(contract_client(postgres_stage.container.app()))
    source, destination = bank.a_wallet(10_000_000), bank.a_wallet()
    body = a_transfer(source, destination)
    first = bank.post("/v1/transfers", body, key="first")
    before = milliseconds(lambda: bank.post("/v1/transfers", body, key=new_id().hex))
    fill(postgres_stage)
    after = milliseconds(lambda: bank.post("/v1/transfers", body, key=new_id().hex))
    again = milliseconds(lambda: bank.post("/v1/transfers", body, key="first"))
    assert bank.post("/v1/transfers", body, key="first").json == first.json
    assert max(after, again) < max(before, 1) * TIMES_SLOWER_MAX, (before, after, again)


def milliseconds(what: Callable[[], object]) -> float:
    """The median of thirty."""
    taken = []
    for _ in range(30):
        began = time.perf_counter()
        what()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken) * 1000


def fill(stage: Stage) -> None:
    """As many keys as a client's loop leaves in a day, each the twin of the first."""
    with stage.container.plain_engine().begin() as connection:
        names = [column["name"] for column in sa.inspect(connection).get_columns("idempotency_key")]
        values = ["'loop-' || n" if name == "key" else f"one.{name}" for name in names]
        connection.execute(
            sa.text(MANY_KEYS.format(columns=", ".join(names), values=", ".join(values))),
            {"count": KEYS},
        )
