"""What can never change is answered from the cache, to whoever may see it; nothing there is ever stale."""

from typing import Any

import orjson
import pytest
from marshmallow import Schema, fields

from adapters.memory.read_cache import MemoryReadCache
from domain.transaction import Transaction
from entrypoints.first_key import make_first_key
from entrypoints.http import final_answers
from entrypoints.http.final_answers import shape_of
from entrypoints.http.transaction_answer import TransactionSchema
from service_layer.read_cache import NoCache
from tests.entrypoints.bank import NOBODY, Bank, assert_problem
from tests.entrypoints.contract import contract_client
from tests.stage import Stage


@pytest.fixture
def asked(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Each question for one transaction that reached the adapter."""
    queries, found = stage.container.queries(), list[Any]()
    real = queries.transaction

    def noting(transaction_id: Any) -> Transaction:
        found.append(transaction_id)
        transaction: Transaction = real(transaction_id)
        return transaction

    monkeypatch.setattr(queries, "transaction", noting)
    return found


def a_payment(bank: Bank) -> tuple[str, str, str]:
    """The paths of a transfer, of its wallets' accounts."""
    one, other = bank.a_wallet(500), bank.a_wallet()
    made = bank.transfer(one, other, reference="r", description="d", metadata={"k": "v"}).json
    return f"/v1/transactions/{made['id']}", one, other


def read_twice(bank: Bank, path: str) -> Any:
    """What is asked for again is kept."""
    bank.client.get(path)
    return bank.client.get(path)


def test_a_transaction_is_read_twice_and_then_always_the_same(bank: Bank, asked: list[Any]) -> None:
    path, one, other = a_payment(bank)
    first = read_twice(bank, path)
    bank.transfer(one, other)
    reversal = bank.post(f"{path}/reversals", {})
    assert reversal.status_code == 201
    again = bank.client.get(path)
    assert again.data == first.data
    assert again.headers["ETag"] == first.headers["ETag"]
    assert len(asked) == 2


def test_what_nobody_asks_for_again_is_not_kept(
    stage: Stage, bank: Bank, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(final_answers, "MISSED_MAX", 2)
    cache = MemoryReadCache(bytes_max=10**6)
    stage.container.read_cache.override(cache)
    bank = Bank(contract_client(stage.container.app()))
    one, other = bank.a_wallet(500), bank.a_wallet()
    paths = [f"/v1/transactions/{bank.transfer(one, other).json['id']}" for _ in range(3)]
    for path in paths * 3:  # each is forgotten before it comes again
        assert bank.client.get(path).status_code == 200
    assert cache.bytes_kept == 0
    read_twice(bank, paths[0])
    assert cache.bytes_kept > 0


def test_from_the_cache_it_is_what_the_books_say(stage: Stage, bank: Bank) -> None:
    path, _, _ = a_payment(bank)
    read_twice(bank, path)
    kept = bank.client.get(path)
    stage.container.read_cache.override(NoCache())
    uncached = contract_client(stage.container.app()).get(path)
    assert kept.data == uncached.data == orjson.dumps(kept.json)


def test_who_has_it_is_answered_304_without_a_question(bank: Bank, asked: list[Any]) -> None:
    path, _, _ = a_payment(bank)
    tag = read_twice(bank, path).headers["ETag"]
    same = bank.client.get(path, headers={"If-None-Match": tag})
    assert (same.status_code, same.data, same.headers["ETag"]) == (304, b"", tag)
    other = bank.client.get(path, headers={"If-None-Match": '"another"'})
    assert other.status_code == 200
    assert len(asked) == 2


def test_clients_may_keep_it_for_themselves(bank: Bank) -> None:
    path, _, _ = a_payment(bank)
    headers = bank.client.get(path).headers
    assert headers["Cache-Control"] == "private, max-age=3600, immutable"
    assert headers["Vary"] == "Authorization"


def test_what_is_not_found_is_asked_for_again(bank: Bank, asked: list[Any]) -> None:
    path = f"/v1/transactions/{NOBODY}"
    for _ in range(2):
        missing = bank.client.get(path)
        assert_problem(missing, 404, "transaction-not-found")
        assert missing.headers["Cache-Control"] == "no-store"
    assert len(asked) == 2


def test_the_cache_does_not_show_anybody_what_is_not_theirs(admin: Bank) -> None:
    path, one, other = a_payment(admin)
    stranger = admin.a_wallet()
    banks = {
        wallet: bound_to_owner(admin, wallet)
        for wallet in (one, other, stranger)
    }  # fmt: skip
    for _ in range(3):  # from the books, then from the cache
        everything = admin.get(path)
        assert_problem(banks[stranger].client.get(path), 404, "transaction-not-found")
        for wallet in (one, other):
            seen = banks[wallet].get(path)
            balances = {each["wallet_id"]: each["balance_after"] for each in seen["postings"]}
            whole = {each["wallet_id"]: each["balance_after"] for each in everything["postings"]}
            assert balances == {each: whole[each] if each == wallet else None for each in whole}


def bound_to_owner(admin: Bank, wallet_id: str) -> Bank:
    account_id = admin.get(f"/v1/wallets/{wallet_id}")["account_id"]
    key = admin.an_api_key("app", "transactions:read", account_id=account_id)
    return Bank(contract_client(admin.client.application, key["secret"]))


def test_a_key_without_the_scope_gets_nothing_from_the_cache(admin: Bank) -> None:
    path, _, _ = a_payment(admin)
    read_twice(admin, path)
    key = admin.an_api_key("app", "accounts:read")
    refused = contract_client(admin.client.application, key["secret"]).get(path)
    assert_problem(refused, 403, "forbidden")
    assert_problem(contract_client(admin.client.application).get(path), 401, "unauthenticated")


def test_balances_are_never_kept(stage: Stage, bank: Bank) -> None:
    cache = MemoryReadCache(bytes_max=10**6)
    stage.container.read_cache.override(cache)
    bank = Bank(contract_client(stage.container.app()))
    wallet = bank.a_wallet(500)
    account = bank.get(f"/v1/wallets/{wallet}")["account_id"]
    for path in ("/v1/accounts", "/v1/wallets", f"/v1/wallets/{wallet}", f"/v1/accounts/{account}",
                 f"/v1/wallets/{wallet}/balance", f"/v1/wallets/{wallet}/postings",
                 "/v1/transactions", "/v1/holds"):  # fmt: skip
        bank.get(path)
    assert cache.bytes_kept == 0


def test_a_statement_keeps_its_lines_but_not_the_name(stage: Stage, bank: Bank) -> None:
    _, one, other = a_payment(bank)
    period = {"from": "2020-01-01T00:00:00Z", "to": "2100-01-01T00:00:00Z"}
    path = f"/v1/wallets/{one}/statement"
    before = bank.get(path, **period)
    assert bank.get(path, **period) == before
    account = bank.get(f"/v1/wallets/{one}")["account_id"]
    renamed = bank.client.patch(f"/v1/accounts/{account}", json={"version": 1, "name": "Eve"})
    assert renamed.status_code == 200
    bank.transfer(one, other)
    after = bank.get(path, **period)
    assert (before["account_name"], after["account_name"]) == ("Ada", "Eve")
    assert after["lines"][:-1] == before["lines"]
    assert after["movements"] == before["movements"] + 1


def test_another_shape_is_another_key() -> None:
    class Inner(Schema):
        a = fields.Integer()

    class Other(Schema):
        a = fields.Integer()
        b = fields.String()

    def outer(inner: type[Schema], **more: Any) -> type[Schema]:
        return Schema.from_dict({"items": fields.List(fields.Nested(inner)), **more}, name="S")

    shapes = [
        shape_of(outer(Inner)),
        shape_of(outer(Other)),
        shape_of(outer(Inner, c=fields.Raw())),
    ]
    assert len(set(shapes)) == 3
    assert shape_of(outer(Inner)) == shapes[0]
    assert shape_of(TransactionSchema).startswith("TransactionSchema-")


def test_with_redis_the_answer_is_kept_for_all_processes(
    memory_stage: Stage, redis_of_test: Any
) -> None:
    from adapters.redis.breaker import Breaker
    from adapters.redis.connection import connection_pool
    from adapters.redis.read_cache import RedisReadCache

    make_first_key(memory_stage.container, None)
    clients = []
    for _ in range(2):
        cache = RedisReadCache(connection_pool(redis_of_test.url), Breaker(purpose="reads"), "b")
        memory_stage.container.read_cache.override(cache)
        clients.append(contract_client(memory_stage.container.app()))
    path, _, _ = a_payment(Bank(clients[0]))
    first = read_twice(Bank(clients[0]), path)
    assert len(redis_of_test.client.keys("payments-read:b:*")) == 1
    assert clients[1].get(path).data == first.data
    redis_of_test.kill()
    assert clients[1].get(path).data == first.data
