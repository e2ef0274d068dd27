"""Which postings a wallet takes, and what it is afterwards."""

from typing import Any

import pytest

from domain.errors import (
    AccountClosed,
    AccountFrozen,
    BalanceLimitExceeded,
    CurrencyMismatch,
    InsufficientFunds,
    Refusal,
)
from domain.money import AMOUNT_MINOR_MAX
from domain.wallet import NEVER, Status, exchange_wallet_id, external_wallet_id, system_wallet_ids
from tests.domain.examples import NOON, a_wallet

CLOSED, FROZEN = Status.CLOSED, Status.FROZEN

TAKEN: list[tuple[str, dict[str, Any], int]] = [
    ("money in", {}, 1),
    ("the last of the money out", {"balance": 100}, -100),
    ("money into a frozen wallet", {"status": FROZEN}, 100),
    ("all that is not held", {"balance": 100, "held": 30}, -70),
    ("the whole overdraft", {"overdraft_limit": 50}, -50),
    ("balance and overdraft", {"balance": 100, "overdraft_limit": 50}, -150),
    ("what held money leaves", {"balance": 100, "held": 30, "overdraft_limit": 50}, -120),
    ("more of the overdraft", {"balance": -20, "overdraft_limit": 50}, -30),
    ("money in while overdrawn too far", {"balance": -80, "overdraft_limit": 50}, 10),
    ("the last that fits", {"balance": 90, "max_balance": 100}, 10),
    ("the largest balance there is", {"balance": AMOUNT_MINOR_MAX - 1}, 1),
    ("the largest amount there is", {}, AMOUNT_MINOR_MAX),
    ("the largest balance out", {"balance": AMOUNT_MINOR_MAX}, -AMOUNT_MINOR_MAX),
    ("the largest overdraft", {"overdraft_limit": AMOUNT_MINOR_MAX}, -AMOUNT_MINOR_MAX),
    ("money out of a wallet above its limit", {"balance": 150, "max_balance": 100}, -10),
]

REFUSED: list[tuple[str, dict[str, Any], int, str, type[Refusal]]] = [
    ("money into a closed wallet", {"status": CLOSED}, 1, "USD", AccountClosed),
    ("money out of a closed wallet", {"status": CLOSED, "balance": 9}, -1, "USD", AccountClosed),
    ("money out of a frozen wallet", {"status": FROZEN, "balance": 9}, -1, "USD", AccountFrozen),
    ("another currency in", {}, 1, "EUR", CurrencyMismatch),
    ("another currency out", {"balance": 9}, -1, "EUR", CurrencyMismatch),
    ("a currency of other letters", {}, 1, "usd", CurrencyMismatch),
    ("one more than there is", {"balance": 100}, -101, "USD", InsufficientFunds),
    ("held money", {"balance": 100, "held": 30}, -71, "USD", InsufficientFunds),
    ("beyond the overdraft", {"overdraft_limit": 50}, -51, "USD", InsufficientFunds),
    (
        "beyond the overdraft that held money leaves",
        {"balance": 100, "held": 30, "overdraft_limit": 50},
        -121,
        "USD",
        InsufficientFunds,
    ),
    (
        "out of a wallet overdrawn too far",
        {"balance": -80, "overdraft_limit": 50},
        -1,
        "USD",
        InsufficientFunds,
    ),
    ("above the limit", {"balance": 90, "max_balance": 100}, 11, "USD", BalanceLimitExceeded),
    ("anything above a limit of 0", {"max_balance": 0}, 1, "USD", BalanceLimitExceeded),
    (
        "into a wallet above its limit",
        {"balance": 150, "max_balance": 100},
        1,
        "USD",
        BalanceLimitExceeded,
    ),
    ("above all limits", {"balance": AMOUNT_MINOR_MAX}, 1, "USD", BalanceLimitExceeded),
    ("above all limits at once", {"balance": 1}, AMOUNT_MINOR_MAX, "USD", BalanceLimitExceeded),
    # Two things wrong: the first that is checked is the one that is said.
    ("closed, of another currency", {"status": CLOSED}, 1, "EUR", AccountClosed),
    ("closed, without money", {"status": CLOSED}, -1, "USD", AccountClosed),
    ("closed, full", {"status": CLOSED, "max_balance": 0}, 1, "USD", AccountClosed),
    ("frozen, of another currency", {"status": FROZEN}, -1, "EUR", AccountFrozen),
    ("frozen, without money", {"status": FROZEN}, -1, "USD", AccountFrozen),
    ("frozen, another currency in", {"status": FROZEN}, 1, "EUR", CurrencyMismatch),
    ("frozen, full", {"status": FROZEN, "max_balance": 0}, 1, "USD", BalanceLimitExceeded),
    ("of another currency, without money", {}, -1, "EUR", CurrencyMismatch),
    ("of another currency, full", {"max_balance": 0}, 1, "EUR", CurrencyMismatch),
]


@pytest.mark.parametrize(
    ("wallet", "amount"), [row[1:] for row in TAKEN], ids=[row[0] for row in TAKEN]
)
def test_a_wallet_takes(wallet: dict[str, Any], amount: int) -> None:
    assert a_wallet(**wallet).check_posting(amount, "USD") is None


@pytest.mark.parametrize(
    ("wallet", "amount", "currency", "expected"),
    [row[1:] for row in REFUSED],
    ids=[row[0] for row in REFUSED],
)
def test_a_wallet_refuses(
    wallet: dict[str, Any], amount: int, currency: str, expected: type[Refusal]
) -> None:
    refusing = a_wallet(**wallet)
    with pytest.raises(expected) as refused:
        refusing.check_posting(amount, currency)
    assert refused.value.data["wallet_id"] == str(refusing.id)


def test_held_money_is_not_available() -> None:
    assert a_wallet(100, held=30).available == 70


def test_the_overdraft_is_not_available_money() -> None:
    assert a_wallet(100, overdraft_limit=50).available == 100


def test_a_refusal_for_want_of_money_says_what_is_available() -> None:
    with pytest.raises(InsufficientFunds) as refused:
        a_wallet(100, held=30, overdraft_limit=5).check_posting(-76, "USD")
    assert refused.value.data["available"] == 70


@pytest.mark.parametrize(("max_balance", "limit"), [(100, 100), (None, AMOUNT_MINOR_MAX)])
def test_a_refusal_for_want_of_room_says_the_limit(max_balance: int | None, limit: int) -> None:
    with pytest.raises(BalanceLimitExceeded) as refused:
        a_wallet(1, max_balance=max_balance).check_posting(AMOUNT_MINOR_MAX, "USD")
    assert refused.value.data["limit"] == limit


def test_a_posting_makes_a_new_wallet_value() -> None:
    before = a_wallet(100, version=3)
    after = before.after(-40, NOON)
    assert (before.balance, before.version, before.last_posted_at) == (100, 3, NEVER)
    assert (after.balance, after.version, after.last_posted_at) == (60, 4, NOON)


def test_each_currency_has_system_wallets_of_its_own() -> None:
    currencies = ["USD", "EUR", "JPY", "usd"]
    ids = {id for currency in currencies for id in system_wallet_ids(currency)}
    assert len(ids) == 2 * len(currencies)


def test_a_system_wallet_keeps_its_id_for_good() -> None:
    """The ids are written in databases: another derivation would lose all money from outside."""
    assert str(external_wallet_id("USD")) == "263fb67f-689a-83b5-ac64-ed54928e5222"
    assert str(exchange_wallet_id("USD")) == "f0c19892-b3ed-8655-8d1f-6dd61dd072b5"


def test_the_id_of_a_system_wallet_can_never_be_that_of_a_customers() -> None:
    """Customers' ids are UUIDv7; these are version 8, which RFC 9562 leaves to us."""
    assert {id.version for id in system_wallet_ids("EUR")} == {8}
