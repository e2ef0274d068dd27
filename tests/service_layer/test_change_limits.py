"""Changing the limits of a wallet; tests/domain/test_wallet_limits.py has what it may have."""

from typing import Any
from uuid import UUID

import pytest

from adapters.system import new_id
from domain.errors import (
    AccountClosed,
    BalanceLimitExceeded,
    InsufficientFunds,
    Refusal,
    SystemWalletNamed,
    WalletNotFound,
)
from domain.wallet import external_wallet_id
from tests.builders import a_caller, change_limits, place_hold, replenish, withdraw
from tests.service_layer.faulty_unit import Database, done, kinds
from tests.service_layer.test_transfer import a_wallet_with_status


def limits(database: Database, wallet_id: UUID) -> tuple[int, int | None]:
    wallet = database.ledger.wallets[wallet_id].wallet
    return wallet.overdraft_limit, wallet.max_balance


CHANGES: dict[str, tuple[dict[str, Any], tuple[int, int | None]]] = {
    "the overdraft": ({"overdraft_limit": 7}, (7, 200)),
    "the maximum": ({"max_balance": 100}, (50, 100)),
    "no maximum": ({"max_balance": None}, (50, None)),
    "both": ({"overdraft_limit": 0, "max_balance": 1000}, (0, 1000)),
    "nothing": ({}, (50, 200)),
}


@pytest.mark.parametrize(("changes", "expected"), CHANGES.values(), ids=CHANGES)
def test_what_is_named_changes_and_the_rest_stays(
    changes: dict[str, Any], expected: tuple[int, int | None]
) -> None:
    database = Database()
    ada = database.a_wallet(100)
    done(database.run(change_limits(ada, overdraft_limit=50, max_balance=200)))
    (outcome,) = done(database.run(change_limits(ada, **changes)))
    assert limits(database, ada) == expected
    assert outcome.body is not None
    shown = outcome.body
    assert (shown["overdraft_limit"], shown["max_balance"], shown["balance"]) == (*expected, 100)
    assert (shown["id"], shown["wallet_version"]) == (str(ada), 1)


def test_it_claims_the_wallet_to_be_locked_and_shown() -> None:
    wallet_id = new_id()
    claims = change_limits(wallet_id).claims
    assert (claims.wallet_ids, claims.shown_wallet_ids) == ((wallet_id,), (wallet_id,))


def test_limits_hold_for_what_comes_after_them() -> None:
    database = Database()
    ada = database.a_wallet(100)
    results = database.run(
        withdraw(ada, 101),
        change_limits(ada, overdraft_limit=1, max_balance=100),
        withdraw(ada, 101),
        change_limits(ada, overdraft_limit=0),
        replenish(ada, 101),
        replenish(ada, 1),
    )
    assert kinds(results) == [
        InsufficientFunds, None, None, InsufficientFunds, None, BalanceLimitExceeded,
    ]  # fmt: skip


def test_what_is_held_counts_as_spent() -> None:
    database = Database()
    ada = database.a_wallet(10)
    done(database.run(change_limits(ada, overdraft_limit=50), place_hold(ada, 40)))
    results = database.run(
        change_limits(ada, overdraft_limit=29), change_limits(ada, overdraft_limit=30)
    )
    assert kinds(results) == [InsufficientFunds, None]


def test_what_is_refused() -> None:
    database = Database()
    ada = database.a_wallet(100)
    closed = a_wallet_with_status(database, "closed")
    external = external_wallet_id("USD")
    table: list[tuple[UUID, dict[str, Any], type[Refusal]]] = [
        (new_id(), {"max_balance": 1}, WalletNotFound),
        (external, {"max_balance": 1}, SystemWalletNamed),
        (closed, {"overdraft_limit": 0}, AccountClosed),
        (closed, {}, AccountClosed),
        (ada, {"max_balance": 99}, BalanceLimitExceeded),
        (ada, {"overdraft_limit": 5, "max_balance": 99}, BalanceLimitExceeded),
    ]
    results = database.run(*(change_limits(id, **changes) for id, changes, _ in table))
    assert kinds(results) == [expected for _, _, expected in table]
    assert limits(database, ada) == (0, None)


def test_a_repeated_request_is_answered_as_it_was() -> None:
    database = Database()
    ada = database.a_wallet(100)

    def raise_again() -> tuple[bool, object]:
        command = change_limits(ada, overdraft_limit=5, caller=a_caller("k"))
        (outcome,) = done(database.run(command))
        return outcome.replayed, outcome.body

    first = raise_again()
    done(database.run(change_limits(ada, overdraft_limit=9)))
    assert (first[0], raise_again()) == (False, (True, first[1]))
    assert limits(database, ada) == (9, None)
