"""The contract of queries: newest first, in pages, on every adapter alike."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from adapters.system import new_id
from domain.errors import AccountNotFound, TransactionNotFound, WalletNotFound
from domain.transaction import Transaction, TransactionType
from domain.wallet import external_wallet_id
from service_layer.open_account import OpenAccount
from service_layer.queries import Queries
from service_layer.read_models import AccountView, PostingView, WalletView
from service_layer.transaction_filter import TransactionFilter
from tests.builders import open_account, replenish, transfer
from tests.stage import Stage


def queries_of(stage: Stage) -> Queries:
    queries: Queries = stage.container.queries()
    return queries


def three_accounts(stage: Stage) -> list[OpenAccount]:
    """Opened one minute after the other; the last is the newest."""
    commands = [open_account(name=name, reference=name.lower()) for name in ("Ada", "Bob", "Eve")]
    for command in commands:
        stage.clock.move(minutes=1)
        stage.execute(command)
    return commands


def five_postings(stage: Stage) -> tuple[UUID, datetime]:
    """A wallet with five replenishments, a minute apart; the time of the first."""
    ada = stage.a_wallet()
    first_at = stage.clock.now
    for amount in range(1, 6):
        stage.execute(replenish(ada, amount))
        stage.clock.move(minutes=1)
    return ada, first_at


def page_of(stage: Stage, wallet: UUID, **filters: Any) -> list[PostingView]:
    everything: dict[str, Any] = {"from_time": None, "to_time": None, "before": None, "limit": 100}
    return queries_of(stage).postings(wallet, **(everything | filters))


def versions(page: list[PostingView]) -> list[int]:
    return [posting.wallet_version for posting in page]


def test_an_account_is_shown_with_its_wallet(stage: Stage) -> None:
    opened_at = stage.clock.now
    command = replace(open_account(name="Ada", reference="a"), metadata={"plan": "gold"})
    stage.execute(command)
    stage.clock.move(minutes=1)
    stage.execute(replenish(command.wallet_id, 5))
    wallet = WalletView(
        id=command.wallet_id,
        account_id=command.id,
        currency="USD",
        status="active",
        balance=5,
        held=0,
        overdraft_limit=0,
        max_balance=None,
        wallet_version=1,
        created_at=opened_at,
        updated_at=stage.clock.now,
    )
    assert queries_of(stage).wallet(command.wallet_id) == wallet
    assert queries_of(stage).account(command.id) == AccountView(
        id=command.id,
        name="Ada",
        reference="a",
        status="active",
        metadata={"plan": "gold"},
        version=1,
        wallets=(wallet,),
        created_at=opened_at,
        updated_at=opened_at,
    )


def test_a_new_account_is_shown_as_it_was_answered(stage: Stage) -> None:
    command = replace(open_account(reference="a", currency="EUR"), metadata={"plan": "gold"})
    outcome = stage.execute(command)
    assert queries_of(stage).account(command.id).to_json() == outcome.body


def test_what_does_not_exist_is_not_found(stage: Stage) -> None:
    stage.a_wallet()
    with pytest.raises(AccountNotFound):
        queries_of(stage).account(new_id())
    with pytest.raises(WalletNotFound):
        queries_of(stage).wallet(new_id())
    with pytest.raises(TransactionNotFound):
        queries_of(stage).transaction(new_id())
    with pytest.raises(WalletNotFound):
        page_of(stage, new_id())


def test_a_system_wallet_is_not_shown(stage: Stage) -> None:
    ada = stage.a_wallet(5)
    with pytest.raises(WalletNotFound):
        queries_of(stage).wallet(external_wallet_id("USD"))
    with pytest.raises(WalletNotFound):
        page_of(stage, external_wallet_id("USD"))
    shown = queries_of(stage).wallets(account_id=None, before=None, limit=100)
    assert [wallet.id for wallet in shown] == [ada]


def test_what_was_not_found_is_told_in_the_same_words(stage: Stage) -> None:
    nobody = new_id()
    with pytest.raises(WalletNotFound) as no_wallet:
        queries_of(stage).wallet(nobody)
    assert no_wallet.value.detail == f"There is no wallet {nobody}."
    assert no_wallet.value.data == {"wallet_id": str(nobody)}
    with pytest.raises(AccountNotFound) as no_account:
        queries_of(stage).account(nobody)
    assert no_account.value.detail == f"There is no account {nobody}."
    with pytest.raises(TransactionNotFound) as no_transaction:
        queries_of(stage).transaction(nobody)
    assert no_transaction.value.detail == f"There is no transaction {nobody}."


def test_accounts_are_listed_newest_first_in_pages(stage: Stage) -> None:
    ada, bob, eve = three_accounts(stage)
    list_accounts = queries_of(stage).accounts

    def names(before: UUID | None, limit: int) -> list[str]:
        return [each.name for each in list_accounts(reference=None, before=before, limit=limit)]

    assert names(None, 100) == ["Eve", "Bob", "Ada"]
    assert names(None, 2) == ["Eve", "Bob"]
    assert names(bob.id, 2) == ["Ada"]
    assert names(eve.id, 1) == ["Bob"]
    assert names(ada.id, 2) == []


def test_accounts_of_a_list_come_with_their_wallets(stage: Stage) -> None:
    commands = three_accounts(stage)
    page = queries_of(stage).accounts(reference=None, before=None, limit=100)
    assert page == [queries_of(stage).account(command.id) for command in reversed(commands)]
    assert [account.wallets[0].id for account in page] == [
        command.wallet_id for command in reversed(commands)
    ]


def test_an_account_is_found_by_its_reference(stage: Stage) -> None:
    _, bob, _ = three_accounts(stage)
    list_accounts = queries_of(stage).accounts
    found = list_accounts(reference="bob", before=None, limit=100)
    assert [account.id for account in found] == [bob.id]
    assert list_accounts(reference="nobody", before=None, limit=100) == []
    assert list_accounts(reference="bob", before=bob.id, limit=100) == []


def test_wallets_are_listed_newest_first_in_pages(stage: Stage) -> None:
    ada, bob, eve = (command.wallet_id for command in three_accounts(stage))

    def page(before: UUID | None, limit: int) -> list[UUID]:
        found = queries_of(stage).wallets(account_id=None, before=before, limit=limit)
        return [wallet.id for wallet in found]

    assert page(None, 100) == [eve, bob, ada]
    assert page(None, 2) == [eve, bob]
    assert page(bob, 100) == [ada]
    assert page(ada, 100) == []


def test_wallets_are_listed_by_account(stage: Stage) -> None:
    ada, bob, _ = three_accounts(stage)
    list_wallets = queries_of(stage).wallets
    found = list_wallets(account_id=bob.id, before=None, limit=100)
    assert found == [queries_of(stage).wallet(bob.wallet_id)]
    assert list_wallets(account_id=new_id(), before=None, limit=100) == []
    assert list_wallets(account_id=ada.id, before=ada.wallet_id, limit=100) == []


def test_transactions_are_listed_newest_first_by_type_in_pages(stage: Stage) -> None:
    ada, bob = stage.a_wallet(), stage.a_wallet()
    commands = [replenish(ada, 9), transfer(ada, bob, 1), replenish(bob, 2), transfer(bob, ada, 3)]
    for command in commands:
        stage.execute(command)
    first, second, third, fourth = (command.id for command in commands)

    def page(type: str | None, before: UUID | None, limit: int) -> list[UUID]:
        found = queries_of(stage).transactions(
            TransactionFilter(type=type), before=before, limit=limit
        )
        return [each.id for each in found]

    assert page(None, None, 100) == [fourth, third, second, first]
    assert page(None, third, 1) == [second]
    assert page(None, first, 100) == []
    assert page("transfer", None, 100) == [fourth, second]
    assert page("transfer", fourth, 100) == [second]
    assert page(TransactionType.REPLENISHMENT, None, 1) == [third]
    assert page("no such type", None, 100) == []


def test_a_transaction_is_found_by_its_reference_whole(stage: Stage) -> None:
    ada, bob = stage.a_wallet(50), stage.a_wallet()
    outcome = stage.execute(transfer(ada, bob, 20, reference="rent"))

    def listed(**filters: str) -> list[Transaction]:
        chosen = TransactionFilter(**filters)
        return queries_of(stage).transactions(chosen, before=None, limit=9)

    found = listed(reference="rent")
    assert found == [outcome.transaction]
    assert listed(type="transfer", reference="rent") == found
    assert listed(type="replenishment", reference="rent") == []
    assert listed(reference="nothing") == []


def test_an_empty_ledger_has_empty_lists(stage: Stage) -> None:
    queries = queries_of(stage)
    assert queries.accounts(reference=None, before=None, limit=100) == []
    assert queries.wallets(account_id=None, before=None, limit=100) == []
    assert queries.transactions(TransactionFilter(), before=None, limit=100) == []


def test_postings_are_listed_newest_first_in_pages(stage: Stage) -> None:
    ada, _ = five_postings(stage)
    assert versions(page_of(stage, ada)) == [5, 4, 3, 2, 1]
    assert versions(page_of(stage, ada, limit=2)) == [5, 4]
    assert versions(page_of(stage, ada, before=4, limit=2)) == [3, 2]
    assert versions(page_of(stage, ada, before=1)) == []
    assert page_of(stage, stage.a_wallet()) == []


def test_postings_of_a_time_window_begin_at_from_and_end_before_to(stage: Stage) -> None:
    ada, first = five_postings(stage)
    minute, moment = timedelta(minutes=1), timedelta(microseconds=1)
    second, fourth = first + minute, first + 3 * minute
    assert versions(page_of(stage, ada, from_time=second, to_time=fourth)) == [3, 2]
    assert versions(page_of(stage, ada, from_time=second + moment, to_time=fourth)) == [3]
    assert versions(page_of(stage, ada, from_time=second, to_time=fourth + moment)) == [4, 3, 2]
    assert versions(page_of(stage, ada, from_time=fourth)) == [5, 4]
    assert versions(page_of(stage, ada, to_time=second)) == [1]
    assert versions(page_of(stage, ada, from_time=second, to_time=second)) == []
    assert versions(page_of(stage, ada, from_time=fourth, to_time=second)) == []
    assert versions(page_of(stage, ada, from_time=second, before=4, limit=1)) == [3]


def test_a_posting_is_shown_with_its_transaction_and_the_balance_after_it(stage: Stage) -> None:
    ada, bob = stage.a_wallet(50), stage.a_wallet()
    outcome = stage.execute(transfer(ada, bob, 20))
    assert outcome.transaction is not None
    line = PostingView(
        transaction_id=outcome.transaction.id,
        type="transfer",
        wallet_id=ada,
        amount=-20,
        currency="USD",
        balance_after=30,
        wallet_version=2,
        created_at=outcome.transaction.created_at,
    )
    assert page_of(stage, ada)[0] == line
    assert page_of(stage, bob) == [
        replace(line, wallet_id=bob, amount=20, balance_after=20, wallet_version=1)
    ]


def test_times_are_shown_in_utc(stage: Stage) -> None:
    ada = stage.a_wallet(5)
    view = queries_of(stage).wallet(ada)
    assert view.created_at.utcoffset() == view.updated_at.utcoffset() == timedelta(0)
    assert view.to_json()["created_at"] == "2026-01-01T00:00:00.000000Z"
