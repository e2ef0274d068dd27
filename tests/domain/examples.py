"""Wallets, entries and books to try the rules on: everything has a default, name only what matters."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID

from domain.books import Books
from domain.hold import Hold
from domain.quote import Quote
from domain.transaction import Entry, Leg, TransactionType
from domain.wallet import Wallet, system_wallet_ids

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
NOBODY = UUID(int=404)

_numbers = count(1000)


def an_id() -> UUID:
    return UUID(int=next(_numbers))


def a_wallet(balance: int = 0, *, currency: str = "USD", **rest: Any) -> Wallet:
    return Wallet(id=an_id(), account_id=an_id(), currency=currency, balance=balance, **rest)


def books_of(*wallets: Wallet, now: datetime = NOON, **rest: Any) -> Books:
    return Books(
        currencies=frozenset({"USD", "EUR"}),
        wallets={wallet.id: wallet for wallet in wallets},
        system_wallet_ids=frozenset((*system_wallet_ids("USD"), *system_wallet_ids("EUR"))),
        now=now,
        **rest,
    )


def leg(wallet: Wallet | UUID, amount: int, currency: str = "USD") -> Leg:
    """A leg as a request names it: on a wallet, or on whatever has that id."""
    wallet_id = wallet.id if isinstance(wallet, Wallet) else wallet
    return Leg(wallet_id=wallet_id, amount=amount, currency=currency)


def outside(amount: int, currency: str = "USD") -> Leg:
    """A leg on the external wallet: money that leaves the books, or enters them when negative."""
    return Leg.outside(amount, currency)


def an_entry(*legs: Leg, **rest: Any) -> Entry:
    given: dict[str, Any] = {
        "id": an_id(),
        "type": TransactionType.TRANSFER,
        "actor": "tester",
        "request_id": "request-1",
    }
    return Entry(legs=legs, **(given | rest))


def a_payment(source: Wallet, destination: Wallet, amount: int, **rest: Any) -> Entry:
    return an_entry(leg(source, -amount), leg(destination, amount), **rest)


def a_replenishment(wallet: Wallet, amount: int, **rest: Any) -> Entry:
    return an_entry(
        outside(-amount), leg(wallet, amount), type=TransactionType.REPLENISHMENT, **rest
    )


def a_hold(amount: int = 100, *, wallet: Wallet | None = None, **rest: Any) -> Hold:
    given: dict[str, Any] = {
        "id": an_id(),
        "wallet_id": wallet.id if wallet else an_id(),
        "currency": wallet.currency if wallet else "USD",
        "actor": "tester",
        "request_id": "request-1",
        "created_at": NOON,
        "updated_at": NOON,
    }
    return Hold(amount=amount, **(given | rest))


def a_quote(**rest: Any) -> Quote:
    """10.50 USD for 9.63 EUR, for a minute."""
    given: dict[str, Any] = {
        "id": an_id(),
        "source_currency": "USD",
        "destination_currency": "EUR",
        "source_amount": 1050,
        "destination_amount": 963,
        "rate": "0.9178",
        "exact": "963.69",
        "expires_at": NOON + timedelta(minutes=1),
        "actor": "tester",
        "request_id": "request-1",
        "created_at": NOON,
    }
    return Quote(**(given | rest))
