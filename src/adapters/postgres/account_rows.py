"""Accounts with their wallets as rows: what is read becomes values, what is new becomes columns."""

from typing import Any

from adapters.postgres.arrays import id_array, json_array, plain_array, text_array
from adapters.postgres.hold_rows import Statement
from domain.account import Account
from domain.books import Books
from domain.wallet import Status


def account_from_row(row: tuple[Any, ...]) -> Account:
    """In the order of the columns of `read_accounts`."""
    return Account(
        id=row[0],
        name=row[1],
        reference=row[2],
        status=Status(row[3]),
        metadata=row[4],
        version=row[5],
        created_at=row[6],
        updated_at=row[7],
    )


def account_statements(books: Books) -> list[Statement]:
    """What is new or changed, accounts before their wallets."""
    statements = []
    if books.new_accounts:
        statements.append(_new_accounts(books))
    if books.changed_accounts:
        statements.append(_changed_accounts(books))
    if books.new_wallets:
        statements.append(_new_wallets(books))
    return statements


def _new_accounts(books: Books) -> Statement:
    accounts = books.new_accounts
    return "EXECUTE put_accounts (%s, %s, %s, %s, %s, %s, %s)", [
        id_array(account.id for account in accounts),
        text_array(account.name for account in accounts),
        text_array(account.reference for account in accounts),
        plain_array(account.status for account in accounts),
        json_array(account.metadata for account in accounts),
        plain_array(account.version for account in accounts),
        plain_array(account.created_at for account in accounts),
    ]


def _changed_accounts(books: Books) -> Statement:
    accounts = books.changed_accounts.values()
    return "EXECUTE update_accounts (%s, %s, %s, %s, %s, %s)", [
        id_array(account.id for account in accounts),
        text_array(account.name for account in accounts),
        plain_array(account.status for account in accounts),
        json_array(account.metadata for account in accounts),
        plain_array(account.version for account in accounts),
        plain_array(account.updated_at for account in accounts),
    ]


def _new_wallets(books: Books) -> Statement:
    wallets = books.new_wallets
    return "EXECUTE put_wallets (%s, %s, %s, %s, %s, %s, %s)", [
        id_array(wallet.id for wallet in wallets),
        id_array(wallet.account_id for wallet in wallets),
        plain_array(wallet.currency for wallet in wallets),
        plain_array(wallet.status for wallet in wallets),
        plain_array(wallet.overdraft_limit for wallet in wallets),
        plain_array(wallet.max_balance for wallet in wallets),
        str(books.now),
    ]
