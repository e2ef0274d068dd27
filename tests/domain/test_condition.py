"""What a client may demand of a wallet before its request is carried out."""

import pytest

from domain.condition import Condition
from domain.errors import ConditionFailed, SystemWalletNamed, WalletNotFound
from domain.wallet import external_wallet_id
from tests.domain.examples import NOBODY, a_wallet, books_of

ADA = a_wallet(100, held=30, overdraft_limit=50, version=7)


@pytest.mark.parametrize(
    "demand", [{}, {"available_gte": 70}, {"available_gte": -9}, {"wallet_version": 7}]
)
def test_a_condition_that_holds_changes_nothing(demand: dict[str, int]) -> None:
    Condition(wallet_id=ADA.id, **demand).check(books_of(ADA))


@pytest.mark.parametrize(
    ("demand", "data"),
    [
        ({"available_gte": 71}, {"available": 70}),
        ({"wallet_version": 6}, {"wallet_version": 7}),
        ({"wallet_version": 8}, {"wallet_version": 7}),
        ({"available_gte": 71, "wallet_version": 6}, {"available": 70}),
        ({"available_gte": 70, "wallet_version": 0}, {"wallet_version": 7}),
    ],
)
def test_a_condition_that_fails_says_what_there_is(
    demand: dict[str, int], data: dict[str, int]
) -> None:
    with pytest.raises(ConditionFailed) as failed:
        Condition(wallet_id=ADA.id, **demand).check(books_of(ADA))
    assert failed.value.data == {"wallet_id": str(ADA.id)} | data


def test_what_is_held_is_not_available_and_an_overdraft_is_no_money() -> None:
    empty = a_wallet(overdraft_limit=1000)
    with pytest.raises(ConditionFailed):
        Condition(wallet_id=empty.id, available_gte=1).check(books_of(empty))


@pytest.mark.parametrize(
    ("wallet_id", "expected"),
    [(NOBODY, WalletNotFound), (external_wallet_id("USD"), SystemWalletNamed)],
)
def test_a_condition_needs_a_customers_wallet(wallet_id: object, expected: type[Exception]) -> None:
    with pytest.raises(expected):
        Condition(wallet_id=wallet_id, available_gte=0).check(books_of(ADA))  # type: ignore[arg-type]
