"""A unit of work on PostgreSQL: one READ COMMITTED transaction that writes a whole batch set-based.

It speaks to the driver's cursor directly: the statements are prepared and their parameters are whole
columns, so that nothing of SQLAlchemy but its pool would be of use here.
"""

from types import TracebackType
from typing import Any, Self
from uuid import UUID

import psycopg2
import sqlalchemy as sa

from adapters.postgres.arrays import id_array, text_array
from adapters.postgres.errors import is_lost, translate
from adapters.postgres.hold_rows import Statement, hold_from_row
from adapters.postgres.rows import kept_from_row, sorted_out, wallet_from_row
from adapters.postgres.writes import statements_for
from domain.books import Books
from domain.hold import Expired, Hold
from service_layer.ports import Clock
from service_layer.unit_of_work import Claims, CommitUnknown, TryAgain

# What is read after the locks must be what others have committed, whatever the server's default is.
BEGIN = "BEGIN ISOLATION LEVEL READ COMMITTED"
HASTE = "SET LOCAL lock_timeout = '50ms'"


class PostgresUnitOfWork:
    """Holds a connection from entering to leaving; what is not committed is rolled back."""

    def __init__(self, engine: sa.Engine, clock: Clock, currencies: frozenset[str]) -> None:
        self._engine = engine
        self._clock = clock
        self._currencies = currencies
        self._connection: sa.PoolProxiedConnection
        self._cursor: Any
        self._staged: list[Statement] = []
        self._open = False

    def __enter__(self) -> Self:
        try:
            self._connection = self._engine.raw_connection()
        except sa.exc.TimeoutError as error:
            raise TryAgain(f"no connection: {error}") from error
        except psycopg2.Error as error:
            raise translate(error) from error
        self._cursor = self._connection.cursor()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            if self._open:
                self._cursor.execute("ROLLBACK")
        except psycopg2.Error:
            self._connection.invalidate()
        finally:
            self._connection.close()

    def open_books(self, claims: Claims) -> Books:
        begin = f"{BEGIN}; {HASTE}; " if claims.hasty else f"{BEGIN}; "
        self._open = True
        wallets, holds = claims.wallet_ids, []
        if claims.hold_ids:
            resolved = self._rows(f"{begin}EXECUTE resolve_holds (%s)", id_array(claims.hold_ids))
            holds = [row[0] for row in resolved]
            wallets = wallets.union(id for row in resolved for id in row[1:] if id is not None)
            begin = ""
        wallet_ids = id_array(wallets)
        rows = self._rows(
            f"{begin}EXECUTE lock_wallets (%s); EXECUTE read_books (%s, %s, %s)",
            wallet_ids,
            wallet_ids,
            text_array(scope for scope, _ in claims.key_names),
            text_array(key for _, key in claims.key_names),
        )
        customers, system, keys = sorted_out(rows)
        references = self._references(claims)
        books = Books(
            currencies=self._currencies,
            wallets={row[0]: wallet_from_row(row) for row in customers},
            system_wallet_ids=frozenset(row[0] for row in system),
            kept={(row[10], row[11]): kept_from_row(row) for row in keys},
            account_references={text for kind, text in references if kind == "account"},
            transaction_references={text for kind, text in references if kind == "transaction"},
            holds=self._holds(holds),
            hold_references=self._hold_references(claims),
            now=self._clock(),
        )
        self._release_expired(books)
        return books

    def write(self, books: Books) -> None:
        """Stage what is new: it goes to the server in one message, together with the COMMIT."""
        self._staged = statements_for(books)

    def commit(self) -> None:
        text = "; ".join([statement for statement, _ in self._staged] + ["COMMIT"])
        values = [value for _, values in self._staged for value in values]
        try:
            self._cursor.execute(text, values)
        except psycopg2.Error as error:
            if not is_lost(error):
                raise translate(error) from error
            self._forget_connection()
            raise CommitUnknown(str(error)) from error
        self._open = False

    def _holds(self, hold_ids: list[UUID]) -> dict[UUID, Hold]:
        """Those whose wallets are locked."""
        if not hold_ids:
            return {}
        rows = self._rows("EXECUTE read_holds (%s)", id_array(hold_ids))
        return {row[0]: hold_from_row(row) for row in rows}

    def _hold_references(self, claims: Claims) -> set[str]:
        if not claims.hold_references:
            return set()
        wanted = text_array(claims.hold_references)
        return {row[0] for row in self._rows("EXECUTE find_hold_references (%s)", wanted)}

    def _release_expired(self, books: Books) -> None:
        """Nothing is asked when nothing is held."""
        held = [wallet.id for wallet in books.wallets.values() if wallet.held]
        if not held:
            return
        rows = self._rows("EXECUTE sum_expired (%s, %s)", id_array(held), str(books.now))
        books.release_expired({row[0]: Expired(remaining=row[1], last=row[2]) for row in rows})

    def _references(self, claims: Claims) -> list[tuple[str, str]]:
        if not claims.account_references and not claims.transaction_references:
            return []
        return self._rows(
            "EXECUTE find_references (%s, %s)",
            text_array(claims.account_references),
            text_array(claims.transaction_references),
        )

    def _rows(self, statement: str, *values: str) -> list[Any]:
        self._execute(statement, values)
        rows: list[Any] = self._cursor.fetchall()
        return rows

    def _execute(self, statement: str, values: Any) -> None:
        try:
            self._cursor.execute(statement, values)
        except psycopg2.Error as error:
            if is_lost(error):
                self._forget_connection()
            raise translate(error) from error

    def _forget_connection(self) -> None:
        self._open = False
        self._connection.invalidate()
