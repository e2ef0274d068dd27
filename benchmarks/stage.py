"""What the figures are measured on: books, each with the service in front of them."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks import database, seed, server
from benchmarks.options import Options, Places
from benchmarks.server import Server

WALLETS = "SELECT id FROM wallet WHERE account_id IS NOT NULL"
TRANSACTIONS = "SELECT id FROM transaction ORDER BY id DESC LIMIT 100000"


@dataclass(frozen=True, slots=True, kw_only=True)
class Books:
    """A database of the service, with the files that name its wallets and some transactions."""

    name: str
    url: str
    wallet_ids: Path
    transaction_ids: Path

    def transactions(self) -> int:
        """How many transactions are posted."""
        count: int = database.ask(self.url, "SELECT count(*) FROM transaction")[0][0]
        return count


@dataclass(slots=True, kw_only=True)
class Stage:
    """Makes books and starts servers when a figure first asks for them; `closing` ends the servers."""

    server_url: str
    options: Options
    places: Places
    closing: ExitStack
    books: dict[str, Books] = field(default_factory=dict)
    servers: dict[str, Server] = field(default_factory=dict)

    def open_books(self, name: str, seed_of: Callable[[str, int], str] = seed.prepare) -> Books:
        """A fresh copy of the seed, one for each name."""
        if name not in self.books:
            source = seed_of(self.server_url, self.options.wallets)
            url = database.copy(self.server_url, source, f"payments_{name}")
            self.books[name] = self._listed(name, url)
            database.checkpoint(self.server_url)
        return self.books[name]

    def service(self, books: Books) -> Server:
        """The service on those books."""
        if books.name not in self.servers:
            log = self.places.work / f"service-{books.name}.log"
            started = self.closing.enter_context(server.payments(books.url, log))
            self.servers[books.name] = started
        return self.servers[books.name]

    def hello(self) -> Server:
        """The bare view."""
        if "hello" not in self.servers:
            log = self.places.work / "hello.log"
            self.servers["hello"] = self.closing.enter_context(server.hello(log))
        return self.servers["hello"]

    def _listed(self, name: str, url: str) -> Books:
        books = Books(
            name=name,
            url=url,
            wallet_ids=self.places.work / f"wallets-{name}.txt",
            transaction_ids=self.places.work / f"transactions-{name}.txt",
        )
        seed.write_ids(url, WALLETS, books.wallet_ids)
        seed.write_ids(url, TRANSACTIONS, books.transaction_ids)
        return books
