"""What placing, capturing or voiding a hold refuses, in the order in which it is checked."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from domain.errors import (
    AccountClosed,
    AccountFrozen,
    BalanceLimitExceeded,
    CurrencyMismatch,
    CurrencyNotEnabled,
    DestinationDiffers,
    ExceedsHold,
    HoldExpired,
    HoldNotFound,
    HoldNotPending,
    InsufficientFunds,
    ReferenceTaken,
    Refusal,
    SameWallet,
    SystemWalletNamed,
    WalletNotFound,
)
from domain.hold import Hold
from domain.money import AMOUNT_MINOR_MAX
from domain.wallet import Status, Wallet, external_wallet_id
from service_layer.command import Command
from service_layer.run_batch import claims_of
from tests.builders import capture_hold, place_hold, void_hold
from tests.domain.examples import NOBODY, NOON, a_hold, a_wallet, books_of

ADA, SHOP = a_wallet(100), a_wallet()
SYSTEM = external_wallet_id("USD")
MINUTE = timedelta(minutes=1)


def refusal_of(command: Command, *wallets: Wallet, **books: Any) -> type[Refusal] | None:
    try:
        command.decide(books_of(*wallets, **books))
    except Refusal as refused:
        return type(refused)
    return None


def changed(wallet: Wallet, **change: Any) -> Wallet:
    fields = {name: getattr(wallet, name) for name in ("id", "account_id", "currency", "balance")}
    return Wallet(**(fields | change))


# Each mistake together with all that are further down: the first one is said.
PLACING: list[tuple[str, dict[str, Any], dict[str, Any], type[Refusal]]] = [
    ("for itself", {"wallet_id": SYSTEM, "destination_wallet_id": SYSTEM}, {}, SameWallet),
    ("on a system wallet", {"wallet_id": external_wallet_id("EUR")}, {}, SystemWalletNamed),
    ("on no wallet", {"wallet_id": NOBODY}, {}, WalletNotFound),
    ("for a system wallet", {"destination_wallet_id": SYSTEM}, {}, SystemWalletNamed),
    ("for no wallet", {"destination_wallet_id": NOBODY}, {}, WalletNotFound),
    ("reference taken", {"reference": "taken"}, {}, ReferenceTaken),
    ("over before it begins", {"expires_at": NOON}, {}, HoldExpired),
    ("a currency that is not enabled", {"currency": "XXX"}, {}, CurrencyNotEnabled),
    ("of a closed account", {}, {"ada": {"status": Status.CLOSED}}, AccountClosed),
    ("of a frozen account", {}, {"ada": {"status": Status.FROZEN}}, AccountFrozen),
    ("of another currency", {"currency": "EUR"}, {}, CurrencyMismatch),
    ("more than there is", {"amount": 101}, {}, InsufficientFunds),
    (
        "more than can be held",
        {"amount": 1},
        {"ada": {"held": AMOUNT_MINOR_MAX, "balance": AMOUNT_MINOR_MAX, "overdraft_limit": 1}},
        BalanceLimitExceeded,
    ),
    ("for a closed account", {}, {"shop": {"status": Status.CLOSED}}, AccountClosed),
    ("for a wallet of another currency", {}, {"shop": {"currency": "EUR"}}, CurrencyMismatch),
]


@pytest.mark.parametrize("place", range(len(PLACING)), ids=[row[0] for row in PLACING])
def test_what_is_wrong_with_a_hold_is_refused_in_this_order(place: int) -> None:
    asked: dict[str, Any] = {}
    wallets: dict[str, dict[str, Any]] = {"ada": {}, "shop": {}}
    for _, fields, state, _ in reversed(PLACING[place:]):
        asked |= fields
        for name, change in state.items():
            wallets[name] |= change
    given = {"wallet_id": ADA.id, "destination_wallet_id": SHOP.id, "amount": 100} | asked
    ada, shop = changed(ADA, **wallets["ada"]), changed(SHOP, **wallets["shop"])
    refused = refusal_of(place_hold(**given), ada, shop, hold_references={"taken"})
    assert refused is PLACING[place][3]


def test_a_hold_that_nothing_is_wrong_with_is_placed() -> None:
    command = place_hold(
        ADA.id, 100, destination_wallet_id=SHOP.id, expires_at=NOON + timedelta(microseconds=1)
    )
    books = books_of(ADA, SHOP)
    outcome = command.decide(books)
    assert outcome.body is not None
    assert (books.wallets[ADA.id].available, outcome.body["status"]) == (0, "pending")


def test_a_frozen_or_a_full_account_may_be_the_destination() -> None:
    frozen = changed(SHOP, status=Status.FROZEN)
    full = changed(SHOP, balance=5, max_balance=5)
    for shop in (frozen, full):
        command = place_hold(ADA.id, 100, destination_wallet_id=shop.id)
        assert refusal_of(command, ADA, shop) is None


HELD = changed(ADA, held=80)
FLEETING: dict[str, Any] = {"expires_at": NOON}
CAPTURING: list[tuple[str, Hold | None, dict[str, Any], dict[str, Any], type[Refusal]]] = [
    ("no such hold", None, {}, {}, HoldNotFound),
    ("expired", a_hold(80, wallet=ADA, **FLEETING), {"amount": 81}, {}, HoldExpired),
    ("voided", a_hold(80, wallet=ADA).after_void(NOON), {"amount": 81}, {}, HoldNotPending),
    (
        "captured",
        a_hold(80, wallet=ADA).after_capture(1, NOON, final=True),
        {"amount": 81},
        {},
        HoldNotPending,
    ),
    (
        "more than remains",
        a_hold(80, wallet=ADA, destination_wallet_id=SHOP.id),
        {"amount": 81, "destination_wallet_id": ADA.id},
        {},
        ExceedsHold,
    ),
    (
        "for another wallet",
        a_hold(80, wallet=ADA, destination_wallet_id=SHOP.id),
        {"destination_wallet_id": ADA.id},
        {},
        DestinationDiffers,
    ),
    ("for itself", a_hold(80, wallet=ADA), {"destination_wallet_id": ADA.id}, {}, SameWallet),
    (
        "for no wallet",
        a_hold(80, wallet=ADA),
        {"destination_wallet_id": NOBODY},
        {},
        WalletNotFound,
    ),
    (
        "for a system wallet",
        a_hold(80, wallet=ADA),
        {"destination_wallet_id": SYSTEM},
        {},
        SystemWalletNamed,
    ),
    ("reference taken", a_hold(80, wallet=ADA), {"reference": "taken"}, {}, ReferenceTaken),
    (
        "of a frozen account",
        a_hold(80, wallet=ADA),
        {"destination_wallet_id": SHOP.id},
        {"ada": {"status": Status.FROZEN}, "shop": {"status": Status.CLOSED}},
        AccountFrozen,
    ),
    (
        "for a closed account",
        a_hold(80, wallet=ADA),
        {"destination_wallet_id": SHOP.id},
        {"shop": {"status": Status.CLOSED}},
        AccountClosed,
    ),
    (
        "for a wallet of another currency",
        a_hold(80, wallet=ADA),
        {"destination_wallet_id": SHOP.id},
        {"shop": {"currency": "EUR"}},
        CurrencyMismatch,
    ),
    (
        "for a wallet that is full",
        a_hold(80, wallet=ADA),
        {"destination_wallet_id": SHOP.id},
        {"shop": {"balance": 5, "max_balance": 84}},
        BalanceLimitExceeded,
    ),
]


@pytest.mark.parametrize(
    ("hold", "asked", "state", "error"),
    [row[1:] for row in CAPTURING],
    ids=[r[0] for r in CAPTURING],
)
def test_a_capture_that_is_not_allowed_is_refused_and_changes_nothing(
    hold: Hold | None, asked: dict[str, Any], state: dict[str, Any], error: type[Refusal]
) -> None:
    wallets = changed(HELD, held=80, **state.get("ada", {})), changed(SHOP, **state.get("shop", {}))
    known = {} if hold is None else {hold.id: hold}
    books = books_of(*wallets, holds=dict(known), transaction_references={"taken"})
    command = capture_hold(hold.id if hold else NOBODY, **asked)
    with pytest.raises(error):
        command.decide(books)
    assert books == books_of(*wallets, holds=known, transaction_references={"taken"})


@pytest.mark.parametrize(
    ("hold", "error"),
    [
        (None, HoldNotFound),
        (a_hold(80, wallet=ADA, **FLEETING), HoldExpired),
        (a_hold(80, wallet=ADA).after_void(NOON), HoldNotPending),
    ],
)
def test_a_void_that_is_not_allowed_is_refused(hold: Hold | None, error: type[Refusal]) -> None:
    command = void_hold(hold.id if hold else NOBODY)
    assert refusal_of(command, HELD, holds={hold.id: hold} if hold else {}) is error


def test_a_hold_of_a_frozen_account_can_be_voided() -> None:
    hold = a_hold(80, wallet=ADA)
    frozen = changed(ADA, held=80, status=Status.FROZEN)
    assert refusal_of(void_hold(hold.id), frozen, holds={hold.id: hold}) is None


def test_what_holds_name_is_claimed() -> None:
    one, two, three = (UUID(int=number) for number in (1, 2, 3))
    claims = claims_of(
        [
            place_hold(one, destination_wallet_id=two, reference="room 7"),
            capture_hold(UUID(int=8), destination_wallet_id=three, reference="rent"),
            void_hold(UUID(int=9)),
        ]
    )
    assert claims.wallet_ids == {one, two, three}
    assert claims.hold_ids == {UUID(int=8), UUID(int=9)}
    assert (claims.hold_references, claims.transaction_references) == ({"room 7"}, {"rent"})


@pytest.mark.parametrize("amount", [0, -1, AMOUNT_MINOR_MAX + 1])
def test_an_amount_that_no_request_can_carry_crashes(amount: int) -> None:
    with pytest.raises(ValueError, match="minor units"):
        capture_hold(UUID(int=8), amount)
