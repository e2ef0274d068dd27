"""Lists of transactions on the in-memory ledger: newest first by their time."""

from datetime import datetime
from uuid import UUID

from adapters.memory.ledger import Ledger
from domain.transaction import Transaction
from service_layer.transaction_filter import TransactionFilter


def search(
    ledger: Ledger, chosen: TransactionFilter, before: UUID | None, limit: int
) -> list[Transaction]:
    """One page; `before` is the last transaction already seen."""
    with ledger.lock:
        wallet_ids = _wallets_named(ledger, chosen)
        last = None if before is None else ledger.transactions.get(before)
        transactions = list(ledger.transactions.values())
    if before is not None and last is None:
        return []
    found = [
        each
        for each in transactions
        if (last is None or _place(each) < _place(last))
        and (wallet_ids is None or any(leg.wallet_id in wallet_ids for leg in each.postings))
        and chosen.fits(each)
    ]
    return sorted(found, key=_place, reverse=True)[:limit]


def _place(transaction: Transaction) -> tuple[datetime, UUID]:
    return transaction.created_at, transaction.id


def _wallets_named(ledger: Ledger, chosen: TransactionFilter) -> set[UUID] | None:
    """The customers' wallets that a filter is about; None for all transactions."""
    if chosen.wallet_id is None and chosen.account_id is None:
        return None
    named = set(ledger.wallets if chosen.wallet_id is None else {chosen.wallet_id})
    if chosen.account_id is not None:
        named &= set(ledger.account_wallets.get(chosen.account_id, ()))
    return named & ledger.wallets.keys()
