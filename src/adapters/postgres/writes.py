"""What is new in the books, as columns for the prepared statements."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from adapters.postgres.account_rows import account_statements
from adapters.postgres.api_key_rows import api_key_statements
from adapters.postgres.arrays import (
    bytes_array,
    id_array,
    json_array,
    plain_array,
    text_array,
    time_array,
)
from adapters.postgres.entry_rows import entries_statement
from adapters.postgres.hold_rows import Statement, hold_statements
from adapters.postgres.quote_rows import quotes_statement
from adapters.postgres.rows import stored_outcome
from adapters.postgres.webhook_rows import webhook_statements
from domain.books import Books
from domain.idempotency import IdempotencyKey, KeptOutcome
from domain.transaction import Transaction
from domain.wallet import NEVER, Wallet


def statements_for(books: Books) -> list[Statement]:
    """One statement for each table that has something new: keys first, holds before their captures.

    Quotes, too, come before what uses them.
    """
    statements = []
    if books.new_outcomes:
        statements.append(_keys(books.new_outcomes, books.now))
    statements += account_statements(books)
    statements += hold_statements(books)
    if books.new_quotes:
        statements.append(quotes_statement(books.new_quotes))
    if books.new_transactions:
        statements.append(_transactions(books.new_transactions))
        statements.append(_postings(books.new_transactions))
    if books.touched:
        touched = list(books.touched.values())
        statements.append(_whole(books) if books.changed_at else _touched(touched))
    statements += api_key_statements(books)
    statements += webhook_statements(books)
    if books.new_entries:
        statements.append(entries_statement(books.new_entries))
    return statements


def _keys(kept: Sequence[tuple[IdempotencyKey, KeptOutcome]], now: datetime) -> Statement:
    return "EXECUTE put_keys (%s, %s, %s, %s, %s, %s)", [
        text_array(key.scope for key, _ in kept),
        text_array(key.key for key, _ in kept),
        bytes_array(key.fingerprint for key, _ in kept),
        id_array(each.outcome.transaction_id for _, each in kept),
        json_array(stored_outcome(each.outcome) for _, each in kept),
        str(now),
    ]


def _transactions(transactions: Sequence[Transaction]) -> Statement:
    return "EXECUTE put_transactions (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)", [
        id_array(transaction.id for transaction in transactions),
        plain_array(transaction.type for transaction in transactions),
        text_array(transaction.reference for transaction in transactions),
        text_array(transaction.description for transaction in transactions),
        json_array(transaction.metadata for transaction in transactions),
        id_array(transaction.reverses for transaction in transactions),
        text_array(transaction.actor for transaction in transactions),
        text_array(transaction.request_id for transaction in transactions),
        time_array(transaction.created_at for transaction in transactions),
        id_array(transaction.hold_id for transaction in transactions),
        json_array(map(_allocation, transactions)),
        id_array(transaction.quote_id for transaction in transactions),
    ]


def _allocation(transaction: Transaction) -> list[dict[str, Any]] | None:
    return [part.to_json() for part in transaction.allocation] or None


def _postings(transactions: Sequence[Transaction]) -> Statement:
    rows = [
        (transaction, leg, posting)
        for transaction in transactions
        for leg, posting in enumerate(transaction.postings)
    ]
    return "EXECUTE put_postings (%s, %s, %s, %s, %s, %s, %s, %s)", [
        id_array(transaction.id for transaction, _, _ in rows),
        plain_array(leg for _, leg, _ in rows),
        id_array(posting.wallet_id for _, _, posting in rows),
        plain_array(posting.amount for _, _, posting in rows),
        plain_array(posting.currency for _, _, posting in rows),
        plain_array(posting.balance_after for _, _, posting in rows),
        plain_array(posting.wallet_version for _, _, posting in rows),
        time_array(transaction.created_at for transaction, _, _ in rows),
    ]


def _touched(wallets: Sequence[Wallet]) -> Statement:
    return "EXECUTE update_wallets (%s, %s, %s, %s)", [
        id_array(wallet.id for wallet in wallets),
        plain_array(wallet.balance for wallet in wallets),
        plain_array(wallet.version for wallet in wallets),
        time_array(wallet.last_posted_at for wallet in wallets),
    ]


def _whole(books: Books) -> Statement:
    """All wallets of the batch that have changed, with everything that may have."""
    wallets = books.touched.values()
    posted = [
        None if wallet.last_posted_at == NEVER else wallet.last_posted_at for wallet in wallets
    ]
    return "EXECUTE update_whole_wallets (%s, %s, %s, %s, %s, %s, %s, %s, %s)", [
        id_array(wallet.id for wallet in wallets),
        plain_array(wallet.balance for wallet in wallets),
        plain_array(wallet.version for wallet in wallets),
        time_array(posted),
        plain_array(wallet.held for wallet in wallets),
        plain_array(wallet.status for wallet in wallets),
        plain_array(wallet.overdraft_limit for wallet in wallets),
        plain_array(wallet.max_balance for wallet in wallets),
        time_array(books.changed_at.get(wallet.id) for wallet in wallets),
    ]
