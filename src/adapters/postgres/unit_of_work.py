"""A unit of work on PostgreSQL: one READ COMMITTED transaction that writes a whole batch set-based.

It speaks to the driver's cursor directly: the statements are prepared and their parameters are whole
columns, so that nothing of SQLAlchemy but its pool would be of use here.
"""

from collections.abc import Collection
from datetime import datetime
from itertools import chain
from types import TracebackType
from typing import Any, Self
from uuid import UUID

import psycopg2
import sqlalchemy as sa

from adapters.postgres.account_rows import account_from_row
from adapters.postgres.api_key_rows import api_keys_from_rows
from adapters.postgres.arrays import id_array, text_array
from adapters.postgres.engine import connection_of, forget
from adapters.postgres.errors import is_lost, translate
from adapters.postgres.hold_rows import Statement, hold_from_row
from adapters.postgres.original_rows import originals_from_rows
from adapters.postgres.quote_rows import quote_from_row
from adapters.postgres.rows import kept_from_row, sorted_out, wallet_from_row
from adapters.postgres.webhook_rows import delivery_from_row, endpoint_from_row
from adapters.postgres.writes import statements_for
from domain.account import Account
from domain.api_key import ApiKey
from domain.books import Books
from domain.hold import Hold
from domain.quote import Quote
from domain.reversal import Original
from domain.webhook_books import WebhookBooks
from domain.webhook_delivery import Delivery
from domain.webhook_endpoint import WebhookEndpoint
from service_layer.claims import Claims
from service_layer.expire_holds import expire_holds
from service_layer.ports import Clock
from service_layer.unit_of_work import CommitUnknown, Reason, TryAgain
from service_layer.waiting import IN_THREADS, Waiting

# What is read after the locks must be what others have committed, whatever the server's default is.
BEGIN = "BEGIN ISOLATION LEVEL READ COMMITTED"
HASTE = "SET LOCAL lock_timeout = '50ms'"


class PostgresUnitOfWork:
    """Holds a connection from entering to leaving; what is not committed is rolled back."""

    def __init__(
        self,
        engine: sa.Engine,
        clock: Clock,
        currencies: frozenset[str],
        waiting: Waiting = IN_THREADS,
    ) -> None:
        self._engine = engine
        self._waiting = waiting
        self._clock = clock
        self._currencies = currencies
        self._connection: sa.PoolProxiedConnection
        self._cursor: Any
        self._before = ""
        self._staged: list[Statement] = []
        self._open = False

    def __enter__(self) -> Self:
        try:
            self._connection = connection_of(self._engine, self._waiting)
        except sa.exc.TimeoutError as error:
            raise TryAgain(f"no connection: {error}", Reason.CONNECTION) from error
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
            self._forget_connection()
        finally:
            self._connection.close()

    def open_books(self, claims: Claims) -> Books:
        self._open = True
        self._begin(claims)
        accounts = self._account_wallets(claims)
        holds = self._rows_of("resolve_holds", claims.hold_ids)
        originals = self._rows_of("resolve_transactions", claims.transaction_ids)
        wallet_ids = {
            *claims.wallet_ids,
            *claims.shown_wallet_ids,
            *(id for ids in accounts.values() for id in ids),
            *(id for row in holds for id in row[1:] if id is not None),
            *(wallet_id for _, wallet_id in originals),
        }
        found, keys = sorted_out(self._lock_and_read(wallet_ids, claims))
        wallets = {row[0]: wallet_from_row(row) for row in found}
        references = self._references(claims)
        books = Books(
            currencies=self._currencies,
            wallets=wallets,
            system_wallet_ids=self._system_wallet_ids(wallet_ids - wallets.keys()),
            kept={(row[10], row[11]): kept_from_row(row) for row in keys},
            accounts=self._accounts(claims),
            account_wallets=accounts,
            row_times=self._row_times([*claims.shown_wallet_ids, *chain(*accounts.values())]),
            originals=self._originals({id for id, _ in originals}),
            account_references={text for kind, text in references if kind == "account"},
            transaction_references={text for kind, text in references if kind == "transaction"},
            holds=self._holds([row[0] for row in holds]),
            hold_references=self._hold_references(claims),
            quotes=self._quotes(claims),
            api_keys=self._api_keys(claims),
            webhooks=self._webhooks(claims),
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

    def _begin(self, claims: Claims) -> None:
        """Kept for the first statement, with which it travels in one message."""
        self._before = f"{BEGIN}; {HASTE}; " if claims.hasty else f"{BEGIN}; "

    def _account_wallets(self, claims: Claims) -> dict[UUID, tuple[UUID, ...]]:
        """Lock the accounts; gives the wallets of each."""
        if not claims.account_ids:
            return {}
        self._execute("EXECUTE lock_accounts (%s)", [id_array(claims.account_ids)])
        found = self._rows_of("wallets_of_accounts", claims.account_ids)
        return {account_id: tuple(wallet_ids) for account_id, wallet_ids in found}

    def _lock_and_read(self, wallet_ids: Collection[UUID], claims: Claims) -> list[Any]:
        return self._rows(
            "EXECUTE open_books (%s, %s, %s)",
            id_array(wallet_ids),
            text_array(scope for scope, _ in claims.key_names),
            text_array(key for _, key in claims.key_names),
        )

    def _system_wallet_ids(self, not_found: Collection[UUID]) -> frozenset[UUID]:
        return frozenset(row[0] for row in self._rows_of("find_system_wallets", not_found))

    def _accounts(self, claims: Claims) -> dict[UUID, Account]:
        rows = self._rows_of("read_accounts", claims.account_ids)
        return {row[0]: account_from_row(row) for row in rows}

    def _row_times(self, wallet_ids: Collection[UUID]) -> dict[UUID, tuple[datetime, datetime]]:
        return {row[0]: row[1:] for row in self._rows_of("read_row_times", wallet_ids)}

    def _holds(self, hold_ids: list[UUID]) -> dict[UUID, Hold]:
        """Those whose wallets are locked."""
        return {row[0]: hold_from_row(row) for row in self._rows_of("read_holds", hold_ids)}

    def _originals(self, transaction_ids: Collection[UUID]) -> dict[UUID, Original]:
        """Those whose wallets are locked."""
        return originals_from_rows(self._rows_of("read_originals", transaction_ids))

    def _hold_references(self, claims: Claims) -> set[str]:
        if not claims.hold_references:
            return set()
        wanted = text_array(claims.hold_references)
        return {row[0] for row in self._rows("EXECUTE find_hold_references (%s)", wanted)}

    def _quotes(self, claims: Claims) -> dict[UUID, Quote]:
        """With the conversions that have used them."""
        rows = self._rows_of("read_quotes", claims.quote_ids)
        return {row[0]: quote_from_row(row) for row in rows}

    def _api_keys(self, claims: Claims) -> dict[UUID, ApiKey]:
        if not claims.api_key_ids:
            return {}
        ids = id_array(claims.api_key_ids)
        rows = self._rows("EXECUTE lock_api_keys (%s); EXECUTE read_api_keys (%s)", ids, ids)
        return api_keys_from_rows(rows)

    def _webhooks(self, claims: Claims) -> WebhookBooks:
        return WebhookBooks(
            endpoints=self._endpoints(claims),
            endpoint_count=self._endpoint_count(claims),
            deliveries=self._deliveries(claims),
        )

    def _endpoints(self, claims: Claims) -> dict[UUID, WebhookEndpoint]:
        rows = self._rows_of("lock_endpoints", claims.endpoint_ids)
        return {row[0]: endpoint_from_row(row) for row in rows}

    def _endpoint_count(self, claims: Claims) -> int:
        return self._rows("EXECUTE count_endpoints")[0][0] if claims.endpoint_ids else 0

    def _deliveries(self, claims: Claims) -> dict[UUID, Delivery]:
        rows = self._rows_of("lock_deliveries", claims.delivery_ids)
        return {row[0]: delivery_from_row(row) for row in rows}

    def _release_expired(self, books: Books) -> None:
        """Nothing is asked when nothing is held."""
        held = [wallet.id for wallet in books.wallets.values() if wallet.held]
        if not held:
            return
        rows = self._rows("EXECUTE read_expired (%s, %s)", id_array(held), str(books.now))
        expire_holds(books, map(hold_from_row, rows))

    def _references(self, claims: Claims) -> list[tuple[str, str]]:
        if not claims.account_references and not claims.transaction_references:
            return []
        return self._rows(
            "EXECUTE find_references (%s, %s)",
            text_array(claims.account_references),
            text_array(claims.transaction_references),
        )

    def _rows_of(self, statement: str, ids: Collection[UUID]) -> list[Any]:
        """What a prepared statement says of these ids; nothing is asked when there are none."""
        return self._rows(f"EXECUTE {statement} (%s)", id_array(ids)) if ids else []

    def _rows(self, statement: str, *values: str) -> list[Any]:
        self._execute(statement, values)
        rows: list[Any] = self._cursor.fetchall()
        return rows

    def _execute(self, statement: str, values: Any) -> None:
        statement, self._before = self._before + statement, ""
        try:
            self._cursor.execute(statement, values)
        except psycopg2.Error as error:
            if is_lost(error):
                self._forget_connection()
            raise translate(error) from error

    def _forget_connection(self) -> None:
        self._open = False
        forget(self._connection, self._engine)
