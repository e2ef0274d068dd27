"""The trial balance of the in-memory ledger."""

from collections import Counter
from collections.abc import Collection
from uuid import UUID

from adapters.memory.ledger import Ledger
from domain.wallet import exchange_wallet_id, external_wallet_id
from service_layer.trial_balance import CurrencyTotals


class MemoryTrialBalance:
    """Of the enabled currencies: books in memory never had others."""

    def __init__(self, ledger: Ledger, currencies: Collection[str]) -> None:
        self._ledger = ledger
        self._currencies = currencies

    def totals(self) -> list[CurrencyTotals]:
        customers: Counter[str] = Counter()
        posted: Counter[UUID] = Counter()
        with self._ledger.lock:
            for row in self._ledger.wallets.values():
                customers[row.wallet.currency] += row.wallet.balance
            for transaction in self._ledger.transactions.values():
                for posting in transaction.postings:
                    posted[posting.wallet_id] += posting.amount
        return [
            CurrencyTotals(
                currency=each,
                customers=customers[each],
                external=posted[external_wallet_id(each)],
                exchange=posted[exchange_wallet_id(each)],
            )
            for each in sorted(self._currencies)
        ]
