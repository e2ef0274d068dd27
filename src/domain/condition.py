"""A condition says what a wallet must be like for a request to be carried out.

It is checked on the locked wallet before the rules are asked, so that nobody can change it in between.
"""

from dataclasses import dataclass
from uuid import UUID

from domain.books import Books
from domain.errors import ConditionFailed


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """At least `available_gte` minor units are available; the wallet has had `wallet_version` postings."""

    wallet_id: UUID
    available_gte: int | None = None
    wallet_version: int | None = None

    def check(self, books: Books) -> None:
        """Errors, in the order they are checked: SystemWalletNamed or WalletNotFound, ConditionFailed."""
        wallet = books.wallet(self.wallet_id)
        if self.available_gte is not None and wallet.available < self.available_gte:
            raise ConditionFailed(
                f"Wallet {wallet.id} has {wallet.available} available, less than {self.available_gte}.",
                wallet_id=str(wallet.id),
                available=wallet.available,
            )
        if self.wallet_version is not None and wallet.version != self.wallet_version:
            raise ConditionFailed(
                f"Wallet {wallet.id} is at version {wallet.version}, not {self.wallet_version}.",
                wallet_id=str(wallet.id),
                wallet_version=wallet.version,
            )
