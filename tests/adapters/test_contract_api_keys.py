"""The contract of API keys, with what their callers may see or do, on every adapter alike."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from adapters.system import new_id, new_secret
from domain.api_key import hash_of, prefix_of
from domain.errors import (
    ApiKeyNotFound,
    CannotBePaid,
    Forbidden,
    HoldNotFound,
    HoldNotYours,
    WalletNotFound,
)
from domain.idempotency import Outcome
from domain.scope import Scope
from service_layer.api_key_queries import ApiKeyQueries
from service_layer.command import Caller
from service_layer.create_api_key import CreateApiKey
from service_layer.post_batch import Mode, PostBatch
from service_layer.revoke_api_key import RevokeApiKey
from service_layer.rotate_api_key import RotateApiKey
from service_layer.transaction_filter import TransactionFilter
from service_layer.withdraw import Withdraw
from tests.builders import (
    a_caller,
    a_key,
    journal,
    open_account,
    place_hold,
    replenish,
    split,
    transfer,
    void_hold,
)
from tests.stage import Stage


def create(name: str = "Shop", account_id: UUID | None = None, secret: str = "") -> CreateApiKey:
    secret = secret or new_secret()
    return CreateApiKey(
        id=new_id(),
        caller=a_caller(),
        name=name,
        scopes=(Scope.WALLETS_READ, Scope.TRANSFERS_WRITE),
        account_id=account_id,
        prefix=prefix_of(secret) or "",
        secret_hash=hash_of(secret),
    )


def rotate(id: UUID, secret: str) -> RotateApiKey:
    prefix, hash = prefix_of(secret) or "", hash_of(secret)
    return RotateApiKey(
        id=new_id(), caller=a_caller(), api_key_id=id, prefix=prefix, secret_hash=hash
    )


def revoke(id: UUID) -> RevokeApiKey:
    return RevokeApiKey(id=new_id(), caller=a_caller(), api_key_id=id)


def queries_of(stage: Stage) -> ApiKeyQueries:
    queries: ApiKeyQueries = stage.container.api_key_queries()
    return queries


def bound(account_id: UUID, *, actor: str = "app", dry_run: bool = False) -> Caller:
    """A caller with a key that is bound to the account."""
    return replace(
        a_caller(), key=a_key(scope=actor), actor=actor, bound_to=account_id, dry_run=dry_run
    )


def two_accounts(stage: Stage, balance: int = 1000) -> tuple[UUID, UUID, UUID]:
    """Ada's account, her wallet with money in it, Bob's wallet with as much."""
    ada, bob = open_account(name="Ada"), open_account(name="Bob")
    stage.run(ada, bob)
    stage.run(replenish(ada.wallet_id, balance), replenish(bob.wallet_id, balance))
    return ada.id, ada.wallet_id, bob.wallet_id


def test_a_key_is_found_as_it_was_made(stage: Stage) -> None:
    account = open_account()
    command = create(account_id=account.id)
    outcome = stage.run(account, command)[1]
    key = queries_of(stage).api_key(command.id)
    assert isinstance(outcome, Outcome)
    assert outcome.body is not None
    assert (key.name, key.account_id) == ("Shop", account.id)
    assert key.scopes == (Scope.TRANSFERS_WRITE, Scope.WALLETS_READ)
    assert queries_of(stage).api_key_of(command.prefix) == key
    assert key.opens_for(command.secret_hash, stage.clock.now)
    assert "secret" not in outcome.body


def test_a_key_that_is_not_there_is_not_found(stage: Stage) -> None:
    assert queries_of(stage).api_key_of("0" * 12) is None
    with pytest.raises(ApiKeyNotFound):
        queries_of(stage).api_key(new_id())
    assert isinstance(stage.execute(revoke(new_id())).refused, ApiKeyNotFound)


def test_keys_are_listed_newest_first(stage: Stage) -> None:
    commands = [create(name) for name in ("one", "two", "three")]
    stage.run(*commands)
    newest = queries_of(stage).api_keys(before=None, limit=2)
    rest = queries_of(stage).api_keys(before=newest[-1].id, limit=2)
    assert [key.name for key in (*newest, *rest)] == ["three", "two", "one"]


def test_both_secrets_of_a_rotated_key_find_it(stage: Stage) -> None:
    command, secret = create(), new_secret()
    stage.execute(command)
    stage.clock.move(minutes=1)
    stage.execute(rotate(command.id, secret))
    key = queries_of(stage).api_key(command.id)
    assert queries_of(stage).api_key_of(command.prefix) == key
    assert queries_of(stage).api_key_of(prefix_of(secret) or "") == key
    ends = [each.expires_at for each in key.secrets]
    assert ends == [stage.clock.now + timedelta(days=1), None]
    assert queries_of(stage).api_keys(before=None, limit=9) == [key]


def test_what_one_batch_does_to_a_key_adds_up(stage: Stage) -> None:
    command = create()
    stage.execute(command)
    secrets = [new_secret(), new_secret()]
    results = stage.run(*(rotate(command.id, each) for each in secrets), revoke(command.id))
    assert not any(getattr(each, "refused", each) for each in results)
    key = queries_of(stage).api_key(command.id)
    assert {each.prefix for each in key.secrets} == {
        command.prefix,
        *(prefix_of(each) for each in secrets),
    }
    assert key.revoked_at == stage.clock.now


def test_transactions_are_listed_by_account(stage: Stage) -> None:
    account, ada, bob = two_accounts(stage)
    commands = [
        transfer(ada, bob, 1),
        transfer(bob, stage.a_wallet(), 1),
        journal((ada, -2), (bob, 2)),
    ]
    for command in commands:
        stage.execute(command)
    list_transactions = stage.container.queries().transactions

    def page(before: UUID | None, limit: int) -> list[UUID]:
        found = list_transactions(TransactionFilter(account_id=account), before=before, limit=limit)
        return [each.id for each in found]

    assert page(None, 2) == [commands[2].id, commands[0].id]
    assert len(page(commands[0].id, 9)) == 1
    unknown = list_transactions(TransactionFilter(account_id=new_id()), before=None, limit=9)
    assert unknown == []


def test_holds_are_listed_by_account(stage: Stage) -> None:
    account, ada, bob = two_accounts(stage)
    placed = [place_hold(ada, 1), place_hold(bob, 1), place_hold(ada, 2)]
    stage.run(*placed)
    stage.execute(void_hold(placed[0].id))
    list_holds = stage.container.hold_queries().holds

    def page(before: UUID | None = None, limit: int = 9, status: str | None = None) -> list[UUID]:
        found = list_holds(
            wallet_id=None,
            account_id=account,
            status=status,
            reference=None,
            before=before,
            limit=limit,
        )
        return [each.id for each in found]

    assert page() == [placed[2].id, placed[0].id]
    assert page(limit=1) == [placed[2].id]
    assert page(before=placed[2].id) == [placed[0].id]


def test_a_bound_caller_pays_from_its_own_wallets_alone(stage: Stage) -> None:
    account, ada, bob = two_accounts(stage)
    caller = bound(account)
    own = stage.execute(transfer(ada, bob, 10, caller=caller))
    assert own.transaction is not None
    assert [each.balance_after for each in own.transaction.postings] == [990, None]
    for command in (
        transfer(bob, ada, 1, caller=bound(account)),
        transfer(bob, bob, 1, caller=bound(account)),
        split(bob, 1, (ada, None), caller=bound(account)),
        place_hold(bob, 1, caller=bound(account)),
    ):
        assert isinstance(stage.execute(command).refused, WalletNotFound), command
    assert (stage.balance(ada), stage.balance(bob)) == (990, 1010)


def test_an_account_that_is_bound_to_withdraws_its_own_money_alone(stage: Stage) -> None:
    account, ada, bob = two_accounts(stage)

    def withdraw(wallet_id: UUID) -> Withdraw:
        caller = bound(account)
        return Withdraw(id=new_id(), caller=caller, wallet_id=wallet_id, amount=10, currency="USD")

    assert stage.execute(withdraw(ada)).refused is None
    refused = stage.execute(withdraw(bob)).refused
    assert isinstance(refused, WalletNotFound)


def test_what_a_batch_did_before_there_were_keys_is_done(stage: Stage) -> None:
    _, ada, bob = two_accounts(stage)

    def a_batch(scope: str) -> PostBatch:
        parts = [a_key(f"k#{n}", scope=f"in-batch/{scope}", request=f"r{n}") for n in range(2)]
        operations = [transfer(ada, bob, 1, caller=replace(a_caller(), key=key)) for key in parts]
        caller = replace(a_caller(), key=a_key("k", scope=scope, request="r"))
        return PostBatch(
            id=new_id(), caller=caller, mode=Mode.INDEPENDENT, operations=tuple(operations)
        )

    first, again = stage.execute(a_batch("default")), stage.execute(a_batch("shop"))
    assert again.replayed
    ids = [[part.transaction_id for part in each.parts] for each in (first, again)]
    assert ids[0] == ids[1]
    assert stage.balance(ada) == 998


def test_a_command_that_says_nothing_of_bound_callers_is_not_for_them(stage: Stage) -> None:
    account, ada, bob = two_accounts(stage)
    for command in (
        replenish(ada, 1, caller=bound(account)),
        journal((ada, -1), (bob, 1), caller=bound(account)),
        open_account(caller=bound(account)),
        replace(create(), caller=bound(account)),
    ):
        assert isinstance(stage.execute(command).refused, Forbidden), command


def test_a_refusal_is_about_ones_own_or_says_no_more_than_no(stage: Stage) -> None:
    account, ada, _ = two_accounts(stage)
    euros = stage.a_wallet(currency="EUR")
    for dry_run in (False, True):
        caller = bound(account, dry_run=dry_run)
        refused = stage.execute(transfer(ada, euros, 1, caller=caller)).refused
        assert isinstance(refused, CannotBePaid)
        assert refused.data == {"wallet_id": str(euros)}
    caller = bound(account)
    first, again = (stage.execute(transfer(ada, euros, 1, caller=caller)) for _ in range(2))
    assert isinstance(first.refused, CannotBePaid)
    assert isinstance(again.refused, CannotBePaid)
    assert again.replayed


def test_a_hold_of_others_is_not_there_and_one_by_others_stays(stage: Stage) -> None:
    account, ada, bob = two_accounts(stage)
    on_ada, on_bob = place_hold(ada, 5), place_hold(bob, 5)
    stage.run(on_ada, on_bob)
    own = place_hold(ada, 5, caller=bound(account))
    stage.execute(own)

    def step(id: UUID, actor: str = "app") -> object:
        return stage.execute(void_hold(id, caller=bound(account, actor=actor))).refused

    assert isinstance(step(on_bob.id), HoldNotFound)
    assert isinstance(step(on_ada.id), HoldNotYours)
    assert isinstance(step(own.id, actor="another app"), HoldNotYours)
    assert step(own.id) is None


def test_what_was_done_before_there_were_keys_is_done(stage: Stage) -> None:
    _, ada, bob = two_accounts(stage)
    before = replace(a_caller(), key=a_key("k", request="r"))
    paid = stage.execute(transfer(ada, bob, 1, caller=before))
    after = replace(before, actor="shop", key=a_key("k", scope="shop", request="r"))
    again = stage.execute(transfer(ada, bob, 1, caller=after))
    assert (again.replayed, again.transaction_id) == (True, paid.transaction_id)
    other = replace(before, actor="shop", key=a_key("k", scope="shop", request="another"))
    assert not stage.execute(transfer(ada, bob, 1, caller=other)).replayed
    assert stage.balance(ada) == 998
