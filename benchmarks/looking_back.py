"""`python -m benchmarks.looking_back`: how long it takes to look back into a year's books."""

import random
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import quantiles
from typing import Any

import click

from benchmarks import database, options, past_books, session
from domain.period import Period
from entrypoints.config import Settings
from entrypoints.container import Container
from service_layer.history import lines_of
from service_layer.transaction_filter import TransactionFilter

PAGE = 26  # as the list asks for 25
MONTH, HOUR = timedelta(days=30), timedelta(hours=1)
Question = Callable[[], object]


@click.command()
@click.option("--transactions", default=1_000_000, type=click.IntRange(1000, 50_000_000))
@click.option("--times", default=200, type=click.IntRange(20, 10_000), help="Of each question.")
@click.option(
    "--data-dir", type=click.Path(path_type=Path), help="Keep the books for the next run."
)
def main(*, transactions: int, times: int, data_dir: Path | None) -> None:
    """Ask each question so many times, one after the other, of books of that size."""
    with session.stage(options.FULL, data_dir) as stage:
        url = past_books.prepare(stage.server_url, transactions)
        container = Container(settings=Settings(database_url=url))
        click.echo(f"{transactions:,} transactions; milliseconds without HTTP, one reader\n")
        click.echo("| question | p50 | p99 |\n|---|---|---|")
        for name, question in _questions(container, url).items():
            p50, p99 = _measure(question, min(times, 20) if "month" in name else times)
            click.echo(f"| {name} | {p50:.1f} | {p99:.1f} |")
        container.reading_engine().dispose()
        container.looking_engine().dispose()


def _measure(question: Question, times: int) -> tuple[float, float]:
    taken = []
    for _ in range(times + 3):
        begun = time.perf_counter()
        question()
        taken.append(1000 * (time.perf_counter() - begun))
    cuts = quantiles(taken[3:], n=100)
    return cuts[49], cuts[98]


def _questions(container: Container, url: str) -> dict[str, Question]:
    queries, history = container.queries(), container.history()
    merchant, *others = _wallets(url)
    accounts = [row[0] for row in database.ask(url, "SELECT id FROM account LIMIT 1000")]
    invoices = [5 * number for number in range(1, 40_000)]

    def listed(**filters: Any) -> object:
        return queries.transactions(TransactionFilter(**filters), before=None, limit=PAGE)

    def history_lines(wallet: Any, **filters: Any) -> object:
        wanted = {"from_time": None, "to_time": None, "before": None} | filters
        return queries.postings(wallet, **wanted, limit=PAGE)

    def month_of(wallet: Any) -> object:
        begin = _some_time(MONTH)
        statement = history.statement(wallet, Period(from_time=begin, to_time=begin + MONTH))
        return sum(1 for _ in lines_of(history, statement))

    def window(length: timedelta) -> dict[str, datetime]:
        begin = _some_time(length)
        return {"from_time": begin, "to_time": begin + length}

    def wallet() -> Any:
        return random.choice(others)

    def invoice() -> dict[str, str]:
        return {"invoice": f"i-{random.choice(invoices)}"}

    return {
        "balance at an instant": lambda: history.balance(wallet(), at=_some_time(HOUR)),
        "balance at an instant, merchant": lambda: history.balance(merchant, at=_some_time(HOUR)),
        "transactions": listed,
        "of an hour": lambda: listed(**window(HOUR)),
        "of a frequent type (transfer)": lambda: listed(type="transfer"),
        "of a rare type (journal)": lambda: listed(type="journal"),
        "of a type that there is not": lambda: listed(type="split"),
        "of a rare type, of a month": lambda: listed(type="journal", **window(MONTH)),
        "of a wallet": lambda: listed(wallet_id=wallet()),
        "of a wallet, of a month": lambda: listed(wallet_id=wallet(), **window(MONTH)),
        "of a wallet, of a rare type": lambda: listed(wallet_id=wallet(), type="journal"),
        "of the merchant": lambda: listed(wallet_id=merchant),
        "of the merchant, of a month": lambda: listed(wallet_id=merchant, **window(MONTH)),
        "of the merchant, of a rare type": lambda: listed(wallet_id=merchant, type="replenishment"),
        "of the merchant, with an invoice": lambda: listed(wallet_id=merchant, metadata=invoice()),
        "of an account": lambda: listed(account_id=random.choice(accounts)),
        "with an invoice (metadata, one)": lambda: listed(metadata=invoice()),
        "from a fax (metadata, 0.2 %)": lambda: listed(metadata={"channel": "fax"}),
        "from the web (metadata, 20 %)": lambda: listed(metadata={"channel": "web"}),
        "from the web, of an hour": lambda: listed(metadata={"channel": "web"}, **window(HOUR)),
        "with metadata that there is not": lambda: listed(metadata={"channel": "pigeon"}),
        "postings of a wallet": lambda: history_lines(wallet()),
        "postings of the merchant, of a month": lambda: history_lines(merchant, **window(MONTH)),
        "postings of a wallet, of a rare type": lambda: history_lines(wallet(), type="journal"),
        "a month's statement": lambda: month_of(wallet()),
        "a month's statement, merchant": lambda: month_of(merchant),
    }


def _some_time(before_end: timedelta) -> datetime:
    return (
        datetime.now(UTC)
        - timedelta(days=1)
        - before_end
        - random.random() * (past_books.YEAR - before_end)
    )


def _wallets(url: str) -> list[Any]:
    """The merchant's first."""
    query = (
        "SELECT id FROM wallet WHERE account_id IS NOT NULL ORDER BY wallet_version DESC LIMIT 2000"
    )
    return [row[0] for row in database.ask(url, query)]


if __name__ == "__main__":
    main()
