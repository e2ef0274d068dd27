"""GETs beside a bare view on the same server."""

from pathlib import Path

from benchmarks import hello, http_load
from benchmarks.figure import Figure, Row
from benchmarks.measure import Measurement
from benchmarks.stage import Books, Stage
from benchmarks.wrk import Load, run


def _hello(stage: Stage, seconds: int) -> Measurement:
    # It chooses no ids, but every script is given some.
    ids = stage.books["bench"].wallet_ids
    load = Load(script="hello", ids=ids, seconds=seconds, path=hello.PATH)
    return run(stage.hello().url, load).measurement


HELLO = Figure(name="hello", measure=_hello, prepare=lambda stage: stage.hello())

RECENT = 1000


def _recent(books: Books) -> Path:
    """Few enough to be asked for again and again, as what has just happened is."""
    recent = books.transaction_ids.with_name(f"recent-{books.name}.txt")
    if not recent.exists():
        newest = books.transaction_ids.read_text().splitlines()[:RECENT]
        recent.write_text("\n".join(newest) + "\n")
    return recent


WALLET = Row(
    name="wallet",
    title="GET a wallet, vs a bare Flask view",
    subject=http_load.reads("GET wallet", "/v1/wallets/", lambda books: books.wallet_ids),
    reference=HELLO,
    at_least=0.4,
    aim=0.6,
)
TRANSACTION = Row(
    name="transaction",
    title="GET a transaction, vs a bare Flask view",
    subject=http_load.reads(
        "GET transaction", "/v1/transactions/", lambda books: books.transaction_ids
    ),
    reference=HELLO,
    at_least=0.5,
    aim=0.8,
)
AGAIN = Row(
    name="again",
    title="GET a transaction that was read before, vs a bare Flask view",
    subject=http_load.reads("GET transaction again", "/v1/transactions/", _recent),
    reference=HELLO,
    at_least=0.5,
    aim=0.8,
)
