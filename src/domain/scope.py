"""Scopes: what a key may be allowed to do, by resource with action."""

from collections.abc import Collection
from enum import StrEnum
from uuid import UUID


class Scope(StrEnum):
    """`admin` allows everything, the management of keys included."""

    ADMIN = "admin"
    CURRENCIES_READ = "currencies:read"
    ACCOUNTS_READ = "accounts:read"
    ACCOUNTS_WRITE = "accounts:write"
    WALLETS_READ = "wallets:read"
    WALLETS_WRITE = "wallets:write"
    REPLENISHMENTS_WRITE = "replenishments:write"
    WITHDRAWALS_WRITE = "withdrawals:write"
    TRANSFERS_WRITE = "transfers:write"
    SPLITS_WRITE = "splits:write"
    HOLDS_READ = "holds:read"
    HOLDS_WRITE = "holds:write"
    TRANSACTIONS_READ = "transactions:read"
    TRANSACTIONS_WRITE = "transactions:write"
    QUOTES_READ = "quotes:read"
    QUOTES_WRITE = "quotes:write"
    CONVERSIONS_WRITE = "conversions:write"
    REVERSALS_WRITE = "reversals:write"
    BATCHES_WRITE = "batches:write"
    PROOFS_READ = "proofs:read"
    SEALS_READ = "seals:read"
    INTEGRITY_READ = "integrity:read"
    EVENTS_READ = "events:read"
    AUDIT_ENTRIES_READ = "audit-entries:read"
    WEBHOOKS_READ = "webhooks:read"
    WEBHOOKS_WRITE = "webhooks:write"
    METRICS_READ = "metrics:read"


MEANINGS: dict[Scope, str] = {
    Scope.ADMIN: "everything, the management of keys included",
    Scope.CURRENCIES_READ: "read which currencies new wallets may have",
    Scope.ACCOUNTS_READ: "read accounts with their wallets",
    Scope.ACCOUNTS_WRITE: "open accounts, change, freeze or close them",
    Scope.WALLETS_READ: "read wallets, their balances, their history",
    Scope.WALLETS_WRITE: "open further wallets, change their limits",
    Scope.REPLENISHMENTS_WRITE: "bring money into the books",
    Scope.WITHDRAWALS_WRITE: "pay money out of the books",
    Scope.TRANSFERS_WRITE: "move money between wallets",
    Scope.SPLITS_WRITE: "pay one amount into several wallets",
    Scope.HOLDS_READ: "read holds",
    Scope.HOLDS_WRITE: "place holds, capture or void them",
    Scope.TRANSACTIONS_READ: "read transactions of every type",
    Scope.TRANSACTIONS_WRITE: "post journals: transactions of which the client names every posting",
    Scope.QUOTES_READ: "read quotes",
    Scope.QUOTES_WRITE: "ask for quotes of exchange rates",
    Scope.CONVERSIONS_WRITE: "convert money between currencies",
    Scope.REVERSALS_WRITE: "take transactions back",
    Scope.BATCHES_WRITE: "send batches; each operation in them needs its own scope as well",
    Scope.PROOFS_READ: "get proofs that transactions are in the sealed log",
    Scope.SEALS_READ: "read the seals of the log",
    Scope.INTEGRITY_READ: "read what the last verification has found",
    Scope.EVENTS_READ: "read all that happens, in order",
    Scope.AUDIT_ENTRIES_READ: "read who has changed what",
    Scope.WEBHOOKS_READ: "read webhook endpoints with their deliveries",
    Scope.WEBHOOKS_WRITE: "make or change webhook endpoints, send a delivery again",
    Scope.METRICS_READ: "read the metrics of the service from another machine",
}

BOUND = frozenset(
    {
        Scope.CURRENCIES_READ,
        Scope.ACCOUNTS_READ,
        Scope.WALLETS_READ,
        Scope.WITHDRAWALS_WRITE,
        Scope.TRANSFERS_WRITE,
        Scope.SPLITS_WRITE,
        Scope.HOLDS_READ,
        Scope.HOLDS_WRITE,
        Scope.TRANSACTIONS_READ,
        Scope.BATCHES_WRITE,
    }
)
"""What a key that is bound to one account may be allowed to do."""


def fault_in_scopes(scopes: Collection[Scope], account_id: UUID | None) -> str | None:
    """Why no key can have these scopes together, in one sentence; None when one can."""
    if not scopes:
        return "At least one scope is needed."
    if account_id is None or BOUND.issuperset(scopes):
        return None
    wrong = min(set(scopes) - BOUND)
    return f"A key that is bound to an account cannot have the scope {wrong}."
