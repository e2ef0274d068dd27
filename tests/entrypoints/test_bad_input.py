"""Bad input gets its own clear problem, and nothing is written."""

import json
from typing import Any, NamedTuple

import pytest

from domain.wallet import external_wallet_id
from tests.entrypoints.bank import NOBODY, Bank, a_transfer, assert_problem

JSON = "application/json"
LONE_SURROGATE = "\ud800"
MAX = 9_007_199_254_740_991


class Raw(NamedTuple):
    """What is sent instead of a transfer that would succeed."""

    body: bytes
    status: int
    code: str
    content_type: str | None = JSON


UNREADABLE = {
    "not JSON": Raw(b"amount=1", 400, "malformed-json"),
    "no body": Raw(b"", 400, "malformed-json"),
    "an array": Raw(b"[]", 400, "malformed-json"),
    "a number": Raw(b"1", 400, "malformed-json"),
    "cut off": Raw(b'{"amount": 1', 400, "malformed-json"),
    "more than one value": Raw(b"{} {}", 400, "malformed-json"),
    "NaN": Raw(b'{"amount": NaN}', 400, "malformed-json"),
    "Infinity": Raw(b'{"amount": -Infinity}', 400, "malformed-json"),
    "a key twice": Raw(b'{"amount": 1, "amount": 2}', 400, "malformed-json"),
    "a key twice, once escaped": Raw(b'{"amount": 1, "\\u0061mount": 2}', 400, "malformed-json"),
    "a key twice, deeper": Raw(b'{"metadata": {"a": "1", "a": "2"}}', 400, "malformed-json"),
    "not UTF-8": Raw(b'{"description": "\xff"}', 400, "malformed-json"),
    "UTF-16": Raw('{"amount": 1}'.encode("utf-16"), 400, "malformed-json"),
    "nested too deeply": Raw(b'{"a":' * 9000 + b"1", 400, "malformed-json"),
    "a form": Raw(b"amount=1", 415, "unsupported-media-type", "application/x-www-form-urlencoded"),
    "plain text": Raw(b"{}", 415, "unsupported-media-type", "text/plain"),
    "no content type": Raw(b"{}", 415, "unsupported-media-type", None),
    "JSON in Latin-1": Raw(b"{}", 415, "unsupported-media-type", f"{JSON}; charset=latin-1"),
    "too large": Raw(b'{"description": "' + b"x" * 65536 + b'"}', 413, "body-too-large"),
}


@pytest.mark.parametrize("raw", UNREADABLE.values(), ids=UNREADABLE.keys())
def test_what_cannot_be_read_is_refused_before_its_key_is_used(memory_bank: Bank, raw: Raw) -> None:
    source, destination = memory_bank.a_wallet(1000), memory_bank.a_wallet()
    before = memory_bank.everything()
    response = memory_bank.client.post(
        "/v1/transfers",
        data=raw.body,
        content_type=raw.content_type,
        headers={"Idempotency-Key": "k"},
    )
    assert_problem(response, raw.status, raw.code)
    assert memory_bank.everything() == before
    assert memory_bank.transfer(source, destination, key="k").status_code == 201


WRONG_FIELDS: dict[str, tuple[str, dict[str, Any]]] = {
    "unknown field": ("/colour", {"colour": "red"}),
    "unknown field with a slash and a tilde": ("/a~1b~0c", {"a/b~c": 1}),
    "unknown field of lone surrogates": ("/\ufffd", {LONE_SURROGATE: 1}),
    "missing field": ("/currency", {"currency": ...}),
    "amount 0": ("/amount", {"amount": 0}),
    "amount -1": ("/amount", {"amount": -1}),
    "amount 1.5": ("/amount", {"amount": 1.5}),
    "amount 5.0": ("/amount", {"amount": 5.0}),
    "amount as a string": ("/amount", {"amount": "100"}),
    "amount true": ("/amount", {"amount": True}),
    "amount null": ("/amount", {"amount": None}),
    "amount in a list": ("/amount", {"amount": [100]}),
    "amount above 2^53-1": ("/amount", {"amount": MAX + 1}),
    "amount beyond 64 bits": ("/amount", {"amount": 2**64}),
    "amount of 4000 digits": ("/amount", {"amount": 10**4000}),
    "currency in small letters": ("/currency", {"currency": "usd"}),
    "currency of four letters": ("/currency", {"currency": "USDT"}),
    "currency with a line break": ("/currency", {"currency": "USD\n"}),
    "currency as a number": ("/currency", {"currency": 840}),
    "bad UUID": ("/source_wallet_id", {"source_wallet_id": "abc"}),
    "UUID in braces": ("/source_wallet_id", {"source_wallet_id": "{" + NOBODY + "}"}),
    "UUID without hyphens": ("/source_wallet_id", {"source_wallet_id": NOBODY.replace("-", "")}),
    "UUID with a line break": ("/source_wallet_id", {"source_wallet_id": NOBODY + "\n"}),
    "UUID as a number": ("/destination_wallet_id", {"destination_wallet_id": 7}),
    "reference empty": ("/reference", {"reference": ""}),
    "reference too long": ("/reference", {"reference": "x" * 201}),
    "reference with NUL": ("/reference", {"reference": "a\0b"}),
    "reference with a lone surrogate": ("/reference", {"reference": "a" + LONE_SURROGATE}),
    "description too long": ("/description", {"description": "x" * 501}),
    "description with DEL": ("/description", {"description": "\x7f"}),
    "description with a C1 control": ("/description", {"description": "\x85"}),
    "description with a line break": ("/description", {"description": "a\n"}),
    "description as a number": ("/description", {"description": 1}),
    "metadata as a list": ("/metadata", {"metadata": []}),
    "metadata null": ("/metadata", {"metadata": None}),
    "metadata of numbers": ("/metadata/a", {"metadata": {"a": 1}}),
    "metadata with NUL": ("/metadata/a", {"metadata": {"a": "\0"}}),
    "metadata with a lone surrogate": ("/metadata/a", {"metadata": {"a": LONE_SURROGATE}}),
    "metadata with an empty key": ("/metadata/", {"metadata": {"": "x"}}),
    "metadata with a long key": ("/metadata/" + "k" * 65, {"metadata": {"k" * 65: "x"}}),
    "metadata with a long value": ("/metadata/a", {"metadata": {"a": "x" * 501}}),
    "metadata with 51 keys": ("/metadata", {"metadata": {str(n): "x" for n in range(51)}}),
}


@pytest.mark.parametrize(("pointer", "change"), WRONG_FIELDS.values(), ids=WRONG_FIELDS.keys())
def test_a_wrong_field_is_named_and_its_key_stays_unused(
    memory_bank: Bank, pointer: str, change: dict[str, Any]
) -> None:
    source, destination = memory_bank.a_wallet(1000), memory_bank.a_wallet()
    before = memory_bank.everything()
    response = memory_bank.client.post(
        "/v1/transfers",
        data=_changed(a_transfer(source, destination), change),
        content_type=JSON,
        headers={"Idempotency-Key": "k"},
    )
    problem = assert_problem(response, 422, "validation-failed")
    assert [error["pointer"] for error in problem["errors"]] == [pointer]
    assert all(error["detail"] for error in problem["errors"])
    assert memory_bank.everything() == before
    assert memory_bank.transfer(source, destination, key="k").status_code == 201


def _changed(body: dict[str, Any], change: dict[str, Any]) -> str:
    """`...` takes a field away."""
    return json.dumps({name: it for name, it in (body | change).items() if it is not ...})


def test_all_wrong_fields_are_named_at_once(memory_bank: Bank) -> None:
    body = {"amount": 0, "currency": "?", "metadata": {"a": 1, "b": 2}}
    problem = assert_problem(memory_bank.post("/v1/transfers", body), 422, "validation-failed")
    assert [error["pointer"] for error in problem["errors"]] == [
        "/amount",
        "/currency",
        "/metadata/a",
        "/metadata/b",
        "/source_wallet_id",
        "/destination_wallet_id",
    ]


def test_a_problem_names_fifty_wrong_places_at_most(memory_bank: Bank) -> None:
    body = {f"unknown-{n}": 1 for n in range(1000)}
    problem = assert_problem(memory_bank.post("/v1/transfers", body), 422, "validation-failed")
    assert len(problem["errors"]) == 50


WRONG_NAMES = {
    "missing": {},
    "empty": {"name": ""},
    "blank": {"name": " \u3000"},
    "too long": {"name": "x" * 201},
    "with a tab": {"name": "A\tda"},
    "with NUL": {"name": "Ada\0"},
    "with a lone surrogate": {"name": "Ada\udfff"},
    "null": {"name": None},
    "a number": {"name": 7},
}


@pytest.mark.parametrize("fields", WRONG_NAMES.values(), ids=WRONG_NAMES.keys())
def test_an_account_needs_a_proper_name(memory_bank: Bank, fields: dict[str, Any]) -> None:
    response = memory_bank.client.post("/v1/accounts", data=json.dumps(fields), content_type=JSON)
    problem = assert_problem(response, 422, "validation-failed")
    assert [error["pointer"] for error in problem["errors"]] == ["/name"]
    assert memory_bank.everything() == [[], [], [], []]


@pytest.mark.parametrize(
    "name", ["A", "x" * 200, "Łukasz Żółć", "王", "👩‍👩‍👧", "O'Neil; DROP TABLE"]
)
def test_names_of_people_are_welcome(bank: Bank, name: str) -> None:
    account = bank.open_account(name=name)
    assert bank.get(f"/v1/accounts/{account['id']}")["name"] == name


WRONG_QUERIES = {
    "reference=%ff": "?",
    "reference=%ed%a0%80": "?",
    "limit=0": "?limit",
    "limit=101": "?limit",
    "limit=-1": "?limit",
    "limit=1.0": "?limit",
    "limit=ten": "?limit",
    "limit=": "?limit",
    "limit=\u0661": "?limit",
    "limit=99999999999999999999": "?limit",
    "limit=1&limit=2": "?limit",
    "colour=red": "?colour",
    "reference=": "?reference",
    "reference=a%00b": "?reference",
    "type=gift": "?type",
}


@pytest.mark.parametrize(("query", "pointer"), WRONG_QUERIES.items())
def test_a_wrong_query_parameter_is_named(memory_bank: Bank, query: str, pointer: str) -> None:
    response = memory_bank.client.get(f"/v1/transactions?{query}")
    problem = assert_problem(response, 422, "validation-failed")
    assert [error["pointer"] for error in problem["errors"]] == [pointer]


@pytest.mark.parametrize(
    "time",
    ["yesterday", "2026-01-01", "2026-01-01T00:00:00", "2026-13-01T00:00:00Z", "1767225600",
     "2026-01-01T00:00:00 00:00", "0001-01-01T00:00:00%2B14:00"],
)  # fmt: skip
def test_a_time_needs_a_zone_and_to_exist(memory_bank: Bank, time: str) -> None:
    wallet = memory_bank.a_wallet()
    response = memory_bank.client.get(f"/v1/wallets/{wallet}/postings?from={time}")
    problem = assert_problem(response, 422, "validation-failed")
    assert [error["pointer"] for error in problem["errors"]] == ["?from"]


def test_a_payment_takes_no_query_parameters(memory_bank: Bank) -> None:
    source, destination = memory_bank.a_wallet(1000), memory_bank.a_wallet()
    response = memory_bank.post("/v1/transfers?dry=1", a_transfer(source, destination))
    assert_problem(response, 422, "validation-failed")
    assert memory_bank.balance(source) == 1000


WRONG_IDS = {
    "/v1/accounts/": "account-not-found",
    "/v1/wallets/": "wallet-not-found",
    "/v1/transactions/": "transaction-not-found",
}


@pytest.mark.parametrize("id", [NOBODY, "abc", "%00", "{" + NOBODY + "}", "1_2", "💶"])
@pytest.mark.parametrize(("path", "code"), WRONG_IDS.items())
def test_an_id_that_names_nothing_is_not_found(
    memory_bank: Bank, path: str, id: str, code: str
) -> None:
    assert_problem(memory_bank.client.get(path + id), 404, code)


STEPS_OF_NOTHING: dict[str, tuple[str, str, dict[str, Any]]] = {
    "/v1/accounts/{}": ("PATCH", "account-not-found", {"version": 1}),
    "/v1/accounts/{}/freeze": ("POST", "account-not-found", {}),
    "/v1/accounts/{}/unfreeze": ("POST", "account-not-found", {}),
    "/v1/accounts/{}/close": ("POST", "account-not-found", {}),
    "/v1/accounts/{}/wallets": ("POST", "account-not-found", {"currency": "EUR"}),
    "/v1/wallets/{}": ("PATCH", "wallet-not-found", {"max_balance": 1}),
}


@pytest.mark.parametrize("id", [NOBODY, "abc", "%00"])
@pytest.mark.parametrize(("path", "step"), STEPS_OF_NOTHING.items(), ids=STEPS_OF_NOTHING)
def test_nothing_is_changed_of_what_does_not_exist(
    memory_bank: Bank, path: str, step: tuple[str, str, dict[str, Any]], id: str
) -> None:
    method, code, body = step
    answer = memory_bank.client.open(path.format(id), method=method, json=body)
    assert_problem(answer, 404, code)


def test_the_postings_of_no_wallet_are_not_found(bank: Bank) -> None:
    assert_problem(bank.client.get(f"/v1/wallets/{NOBODY}/postings"), 404, "wallet-not-found")
    assert_problem(bank.client.get("/v1/wallets/abc/postings"), 404, "wallet-not-found")


def test_a_system_wallet_is_nobodys_to_read(bank: Bank) -> None:
    external = external_wallet_id("USD")
    assert_problem(bank.client.get(f"/v1/wallets/{external}"), 404, "wallet-not-found")
