"""What changes on an account, and what keeps it from being closed."""

from datetime import timedelta
from typing import Any

import pytest

from domain.account import Account, check_empty
from domain.errors import AccountClosed, AccountNotEmpty, VersionConflict
from domain.wallet import Status
from tests.domain.examples import NOON, a_wallet, an_id


def an_account(**rest: Any) -> Account:
    given: dict[str, Any] = {"name": "Ada", "created_at": NOON, "updated_at": NOON}
    return Account(id=an_id(), **(given | rest))


def test_each_change_makes_a_new_value_one_version_on() -> None:
    before = an_account(version=3)
    after = before.changed(NOON + timedelta(hours=1), name="Eve", metadata={"a": "1"})
    assert (after.name, after.metadata, after.version) == ("Eve", {"a": "1"}, 4)
    assert (after.id, after.created_at, after.updated_at) == (
        before.id, NOON, NOON + timedelta(hours=1),
    )  # fmt: skip
    assert (before.name, before.version) == ("Ada", 3)


def test_its_time_never_runs_backwards() -> None:
    after = an_account().changed(NOON - timedelta(hours=1), status=Status.FROZEN)
    assert (after.updated_at, after.version) == (NOON, 2)


@pytest.mark.parametrize("version", [2, 4])
def test_a_change_of_another_version_is_refused_and_told_the_version(version: int) -> None:
    account = an_account(version=3)
    account.check_version(3)
    with pytest.raises(VersionConflict) as refused:
        account.check_version(version)
    assert refused.value.data == {"account_id": str(account.id), "version": 3}


def test_what_is_closed_stays_closed() -> None:
    for status in (Status.ACTIVE, Status.FROZEN):
        an_account(status=status).check_not_closed()
    with pytest.raises(AccountClosed):
        an_account(status=Status.CLOSED).check_not_closed()


@pytest.mark.parametrize("empty", [{}, {"overdraft_limit": 50}, {"max_balance": 9}, {"version": 7}])
def test_an_account_without_money_is_empty(empty: dict[str, Any]) -> None:
    check_empty([a_wallet(**empty), a_wallet(currency="EUR")])


NOT_EMPTY: dict[str, dict[str, Any]] = {
    "money": {"balance": 1},
    "a debt": {"balance": -1, "overdraft_limit": 5},
    "money that is held": {"balance": 5, "held": 5},
    "a hold on the overdraft": {"held": 5, "overdraft_limit": 5},
}


@pytest.mark.parametrize("left", NOT_EMPTY.values(), ids=NOT_EMPTY)
def test_an_account_with_anything_in_any_wallet_is_not_empty(left: dict[str, Any]) -> None:
    wallet = a_wallet(**left)
    with pytest.raises(AccountNotEmpty) as refused:
        check_empty([a_wallet(), wallet, a_wallet(7)])
    assert refused.value.data == {
        "wallet_id": str(wallet.id), "balance": wallet.balance, "held": wallet.held,
    }  # fmt: skip
