"""The contract of transaction lists: every combination of filters, in pages, on every adapter alike."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import product
from typing import Any
from uuid import UUID

import pytest

from adapters.postgres import transaction_search
from adapters.system import new_id
from domain.transaction import Transaction
from domain.wallet import external_wallet_id
from service_layer.queries import Queries
from service_layer.transaction_filter import TransactionFilter
from tests.builders import capture_hold, journal, open_account, place_hold, replenish, transfer
from tests.stage import Stage

MOMENT = timedelta(microseconds=1)


def found(
    stage: Stage, *, before: UUID | None = None, limit: int = 100, **filters: Any
) -> list[Transaction]:
    queries: Queries = stage.container.queries()
    return queries.transactions(TransactionFilter(**filters), before=before, limit=limit)


def ids(transactions: list[Transaction]) -> list[UUID]:
    return [each.id for each in transactions]


@pytest.fixture(params=["walked", "looked up"])
def how(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Wallets are walked along, or looked up for each transaction, as if they had very many postings."""
    if request.param == "looked up":
        monkeypatch.setattr(transaction_search, "WALKED_POSTINGS_MAX", -1)
    name: str = request.param
    return name


def a_busy_book(stage: Stage) -> tuple[list[Transaction], dict[str, list[Any]]]:
    """Transactions of all sorts, newest first, with values to filter them by."""
    ada, bob = open_account(name="Ada"), open_account(name="Bob", currency="USD")
    for command in (ada, bob):
        stage.execute(command)
    a, b = ada.wallet_id, bob.wallet_id
    hold = place_hold(a, 20, destination_wallet_id=b)
    made: list[Transaction] = []
    for command in (
        replenish(a, 900),
        replace(replenish(b, 500), metadata={"k": "1"}),
        hold,
        replace(transfer(a, b, 5, reference="one"), metadata={"k": "1", "l": "x"}),
        journal((a, -3), (b, 1), (a, -2), (b, 4)),
        capture_hold(hold.id, 7, final=False),
        replace(transfer(b, a, 5), metadata={"k": "2"}),
        capture_hold(hold.id, 13),
        replace(journal((a, -1), (b, 1)), metadata={"l": "x", "k": "1"}),
    ):
        outcome = stage.execute(command)
        if outcome.transaction is not None:
            made.append(outcome.transaction)
        stage.clock.move(seconds=1)
    times = [made[2].created_at, made[5].created_at]
    values: dict[str, list[Any]] = {
        "type": [None, "transfer", "capture", "split"],
        "reference": [None, "one"],
        "hold_id": [None, hold.id],
        "wallet_id": [None, a, b, new_id(), external_wallet_id("USD")],
        "account_id": [None, ada.id, new_id()],
        "from_time": [None, times[0]],
        "to_time": [None, times[1], times[1] + MOMENT],
        "metadata": [{}, {"k": "1"}, {"k": "1", "l": "x"}, {"k": "3"}],
    }
    wallets = {ada.id: a, bob.id: b}
    values["wallet of"] = [wallets]
    return made[::-1], values


def is_wanted(each: Transaction, chosen: dict[str, Any], wallet_of: dict[UUID, UUID]) -> bool:
    touched = {posting.wallet_id for posting in each.postings} & set(wallet_of.values())
    account = chosen["account_id"]
    return (
        chosen["type"] in (None, each.type)
        and chosen["reference"] in (None, each.reference)
        and chosen["hold_id"] in (None, each.hold_id)
        and (chosen["wallet_id"] is None or chosen["wallet_id"] in touched)
        and (account is None or wallet_of.get(account) in touched)
        and (
            account is None
            or chosen["wallet_id"] is None
            or wallet_of.get(account) == chosen["wallet_id"]
        )
        and (chosen["from_time"] is None or each.created_at >= chosen["from_time"])
        and (chosen["to_time"] is None or each.created_at < chosen["to_time"])
        and all(each.metadata.get(k) == v for k, v in chosen["metadata"].items())
    )


def test_every_combination_of_filters_finds_what_fits_all_of_them(stage: Stage, how: str) -> None:
    assert how
    made, values = a_busy_book(stage)
    [wallet_of] = values.pop("wallet of")
    nonempty = 0
    for combination in product(*values.values()):
        chosen = dict(zip(values, combination, strict=True))
        if sum(value not in (None, {}) for value in combination) > 3:
            continue
        expected = [each for each in made if is_wanted(each, chosen, wallet_of)]
        assert found(stage, **chosen) == expected, chosen
        nonempty += bool(expected)
    assert nonempty > 100


@pytest.mark.parametrize(
    "filters", [{}, {"type": "transfer"}, {"metadata": {"k": "1"}}, {"wallet_id": 1}]
)
def test_pages_show_everything_once(stage: Stage, how: str, filters: dict[str, Any]) -> None:
    assert how
    _, values = a_busy_book(stage)
    if "wallet_id" in filters:
        filters = {"wallet_id": values["wallet_id"][1]}
    whole = found(stage, **filters)
    for limit in (1, 2):
        pages: list[Transaction] = []
        while page := found(stage, **filters, limit=limit, before=pages[-1].id if pages else None):
            assert len(page) <= limit
            pages += page
        assert pages == whole


def test_transactions_are_in_the_order_of_their_times_whatever_their_ids(stage: Stage) -> None:
    ada, bob = stage.a_wallet(50), stage.a_wallet(50)
    late, early = transfer(ada, bob, 1), transfer(bob, ada, 1)  # ids in the order of making
    stage.execute(early)
    stage.clock.move(seconds=1)
    stage.execute(late)
    assert late.id < early.id
    for filters in ({"type": "transfer"}, {"type": "transfer", "wallet_id": ada}):
        assert ids(found(stage, **filters)) == [late.id, early.id]
        assert ids(found(stage, **filters, before=late.id)) == [early.id]
        assert ids(found(stage, **filters, before=early.id)) == []


def test_transactions_of_one_time_are_each_shown_once(stage: Stage) -> None:
    wallets = [stage.a_wallet() for _ in range(5)]
    made = [replenish(wallet, 1) for wallet in wallets]
    stage.run(*made)
    assert len({each.created_at for each in found(stage)}) == 1
    pages: list[UUID] = []
    for _ in made:
        [one] = ids(found(stage, limit=1, before=pages[-1] if pages else None))
        pages.append(one)
    assert pages == sorted((command.id for command in made), reverse=True)


def test_after_a_transaction_that_is_unknown_nothing_comes(stage: Stage) -> None:
    stage.a_wallet(5)
    assert found(stage, before=new_id()) == []


def test_postings_of_one_type_keep_their_order(stage: Stage) -> None:
    ada, bob = stage.a_wallet(50), stage.a_wallet()
    start: datetime = stage.clock.now
    for _ in range(3):
        stage.clock.move(seconds=1)
        stage.run(transfer(ada, bob, 1), replenish(ada, 1))
    queries: Queries = stage.container.queries()

    def versions(**filters: Any) -> list[int]:
        wanted: dict[str, Any] = {"from_time": None, "to_time": None, "before": None, "limit": 9}
        return [each.wallet_version for each in queries.postings(ada, **(wanted | filters))]

    second = start + timedelta(seconds=2)
    assert versions(type="transfer") == [6, 4, 2]
    assert versions(type="transfer", before=6, limit=1) == [4]
    assert versions(type="replenishment", from_time=second) == [7, 5]
    assert versions(type="transfer", to_time=second) == [2]
    assert versions(type="capture") == []
