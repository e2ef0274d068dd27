"""Quotes or conversions over HTTP."""

from datetime import timedelta
from typing import Any

import pytest

from domain.wallet import exchange_wallet_id, external_wallet_id
from tests.entrypoints.bank import NOBODY, Bank, assert_problem
from tests.entrypoints.contract import contract_client
from tests.stage import Stage, a_stage

QUOTES, CONVERSIONS = "/v1/quotes", "/v1/conversions"
Rates = dict[tuple[str, str], str]
HOUSE = str(exchange_wallet_id("USD"))


def ask(**change: Any) -> dict[str, Any]:
    return {"source_currency": "USD", "destination_currency": "EUR", "amount": 1050} | change


def a_conversion(bank: Bank, **change: Any) -> dict[str, Any]:
    """Of 10.50 USD by somebody who has 50.00 USD."""
    wallets = {"source_wallet_id": bank.a_wallet(5000)}
    wallets["destination_wallet_id"] = bank.a_wallet(currency="EUR")
    return {"quote_id": bank.a_quote()["id"]} | wallets | change


# Quotes.


def test_a_quote_says_what_a_conversion_would_pay(bank: Bank, stage: Stage) -> None:
    made = bank.client.post(QUOTES, json=ask())
    assert made.status_code == 201
    assert made.json == {
        "id": made.json["id"],
        "source_currency": "USD",
        "destination_currency": "EUR",
        "source_amount": 1050,
        "destination_amount": 963,
        "rate": "0.9178",
        "exact": "963.69",
        "rounding": "-0.69",
        "status": "open",
        "transaction_id": None,
        "expires_at": "2026-01-01T00:01:00.000000Z",
        "created_at": "2026-01-01T00:00:00.000000Z",
    }
    read = bank.client.get(made.headers["Location"])
    assert (read.data, read.headers["ETag"]) == (made.data, made.headers["ETag"])


def test_a_quote_expires_for_its_readers_too(bank: Bank, stage: Stage) -> None:
    quote = bank.a_quote()
    stage.clock.move(seconds=60)
    assert bank.get(f"{QUOTES}/{quote['id']}") == quote | {"status": "expired"}


def test_a_quote_asked_for_again_with_its_key_is_the_same_at_any_rate(
    bank: Bank, rates: Rates
) -> None:
    first = bank.post(QUOTES, ask(), key="quote-1")
    rates["USD", "EUR"] = "0.8"
    again = bank.post(QUOTES, ask(), key="quote-1")
    assert (again.status_code, again.data) == (201, first.data)
    assert again.headers["Idempotency-Replayed"] == "true"
    other = bank.post(QUOTES, ask(amount=1051), key="quote-1")
    assert_problem(other, 422, "idempotency-key-reused")
    assert bank.post(QUOTES, ask()).json["destination_amount"] == 840


QUOTE_REFUSALS: list[tuple[str, int, str, dict[str, Any]]] = [
    ("into itself", 422, "same-currency", {"destination_currency": "USD"}),
    ("into itself, unknown", 422, "same-currency",
     {"source_currency": "XXX", "destination_currency": "XXX"}),
    ("from an unknown currency", 422, "currency-not-enabled", {"source_currency": "XXX"}),
    ("into an unknown currency", 422, "currency-not-enabled", {"destination_currency": "GBP"}),
    ("in a direction not offered", 422, "rate-not-available",
     {"source_currency": "EUR", "destination_currency": "JPY"}),
    ("too little", 422, "amount-out-of-range", {"amount": 1}),
    ("too much", 422, "amount-out-of-range",
     {"destination_currency": "JPY", "amount": 9_007_199_254_740_991}),
    ("no currency", 422, "validation-failed", {"source_currency": "usd"}),
    ("no amount", 422, "validation-failed", {"amount": 0}),
    ("an amount as a string", 422, "validation-failed", {"amount": "1050"}),
    ("a wallet, too", 422, "validation-failed", {"source_wallet_id": NOBODY}),
    ("a dry run of what moves nothing", 422, "validation-failed", {"dry_run": True}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("status", "code", "change"),
    [each[1:] for each in QUOTE_REFUSALS],
    ids=[each[0] for each in QUOTE_REFUSALS],
)
def test_a_quote_that_cannot_be_given_is_refused(
    bank: Bank, status: int, code: str, change: dict[str, Any]
) -> None:
    assert_problem(bank.client.post(QUOTES, json=ask(**change)), status, code)


@pytest.mark.parametrize("id", [NOBODY, "7"])
def test_a_quote_that_is_not_there_is_not_found(bank: Bank, id: str) -> None:
    assert_problem(bank.client.get(f"{QUOTES}/{id}"), 404, "quote-not-found")


def test_without_a_rates_file_nothing_is_exchanged() -> None:
    stage = a_stage("memory")
    client = contract_client(stage.container.app())
    assert_problem(client.post(QUOTES, json=ask()), 422, "rate-not-available")


# Conversions.


def test_a_conversion_pays_what_was_quoted(bank: Bank) -> None:
    body = a_conversion(bank, reference="holiday", metadata={"trip": "Rome"})
    made = bank.post(CONVERSIONS, body)
    assert (made.status_code, made.json["type"]) == (201, "conversion")
    assert made.json["quote_id"] == body["quote_id"]
    assert [
        (each["wallet_id"], each["amount"], each["currency"], each["balance_after"])
        for each in made.json["postings"]
    ] == [
        (body["source_wallet_id"], -1050, "USD", 3950),
        (HOUSE, 1050, "USD", None),
        (str(exchange_wallet_id("EUR")), -963, "EUR", None),
        (body["destination_wallet_id"], 963, "EUR", 963),
    ]
    read = bank.client.get(made.headers["Location"])
    assert read.data == made.data
    assert bank.get("/v1/transactions", type="conversion")["data"] == [made.json]
    quote = bank.get(f"{QUOTES}/{body['quote_id']}")
    assert (quote["status"], quote["transaction_id"]) == ("used", made.json["id"])


def test_a_conversion_keeps_to_its_quote_when_the_rate_has_moved(bank: Bank, rates: Rates) -> None:
    body = a_conversion(bank)
    rates["USD", "EUR"] = "0.5"
    assert bank.post(CONVERSIONS, body).status_code == 201
    assert bank.balance(body["destination_wallet_id"]) == 963


def test_a_conversion_is_answered_again_after_its_quote_is_over(bank: Bank, stage: Stage) -> None:
    body = a_conversion(bank)
    first = bank.post(CONVERSIONS, body, key="order-1")
    stage.clock.move(hours=1)
    again = bank.post(CONVERSIONS, body, key="order-1")
    assert (again.status_code, again.data) == (201, first.data)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert_problem(bank.post(CONVERSIONS, body), 409, "quote-used")


def test_a_conversion_needs_a_key(bank: Bank) -> None:
    answer = bank.client.post(CONVERSIONS, json=a_conversion(bank))
    assert_problem(answer, 400, "idempotency-key-required")


def test_a_used_quote_names_the_conversion_that_used_it(bank: Bank) -> None:
    body = a_conversion(bank)
    made = bank.post(CONVERSIONS, body).json
    problem = assert_problem(bank.post(CONVERSIONS, body), 409, "quote-used")
    assert (problem["quote_id"], problem["transaction_id"]) == (body["quote_id"], made["id"])


def test_the_quote_of_a_refused_conversion_can_still_be_used(bank: Bank) -> None:
    body = a_conversion(bank) | {"source_wallet_id": bank.a_wallet(1049)}
    assert_problem(bank.post(CONVERSIONS, body), 422, "insufficient-funds")
    body["source_wallet_id"] = bank.a_wallet(1050)
    assert bank.post(CONVERSIONS, body).status_code == 201


REFUSALS: list[tuple[str, int, str, dict[str, Any]]] = [
    ("no id", 422, "validation-failed", {"quote_id": "7"}),
    ("an amount, too", 422, "validation-failed", {"amount": 1050}),
    ("one wallet", 422, "same-wallet", {"source_wallet_id": "destination", "quote_id": NOBODY}),
    ("an unknown quote", 404, "quote-not-found", {"quote_id": NOBODY, "source_wallet_id": NOBODY}),
    ("a used quote", 409, "quote-used", {"quote_id": "used", "source_wallet_id": NOBODY}),
    ("an expired quote", 409, "quote-expired", {"quote_id": "over", "source_wallet_id": NOBODY}),
    ("an unknown wallet", 404, "wallet-not-found", {"source_wallet_id": NOBODY}),
    ("the house", 422, "system-wallet", {"source_wallet_id": HOUSE}),
    ("outside", 422, "system-wallet", {"destination_wallet_id": str(external_wallet_id("EUR"))}),
    ("a reference that is taken", 409, "reference-taken", {"reference": "taken"}),
    ("the wrong way round", 422, "currency-mismatch",
     {"source_wallet_id": "destination", "destination_wallet_id": "source"}),
    ("a poor source", 422, "insufficient-funds", {"source_wallet_id": "poor"}),
    ("a destination in dollars", 422, "currency-mismatch", {"destination_wallet_id": "poor"}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("status", "code", "change"),
    [each[1:] for each in REFUSALS],
    ids=[each[0] for each in REFUSALS],
)
def test_a_refused_conversion_moves_nothing(
    bank: Bank, stage: Stage, status: int, code: str, change: dict[str, Any]
) -> None:
    over, used = bank.a_quote()["id"], a_conversion(bank, reference="taken")
    assert bank.post(CONVERSIONS, used).status_code == 201
    stage.clock.move(seconds=timedelta(minutes=2).total_seconds())
    body = a_conversion(bank)
    names = {
        "over": over,
        "used": used["quote_id"],
        "source": body["source_wallet_id"],
        "destination": body["destination_wallet_id"],
        "poor": bank.a_wallet(1049),
    }
    same = change.get("source_wallet_id") == "destination" and "quote_id" in change
    body |= {
        name: names.get(value, value) if name != "reference" else value
        for name, value in change.items()
    }
    if same:
        body["destination_wallet_id"] = body["source_wallet_id"]
    before = bank.everything()
    assert_problem(bank.post(CONVERSIONS, body), status, code)
    assert bank.everything() == before
    assert bank.get(f"{QUOTES}/{names['over']}")["status"] == "expired"


def test_conversions_stand_in_batches_with_each_quote_used_once(bank: Bank) -> None:
    body = a_conversion(bank)
    operations = [{"type": "conversion"} | body, {"type": "conversion"} | body]
    made = bank.post("/v1/batches", {"mode": "independent", "operations": operations})
    assert [each["status"] for each in made.json["results"]] == [201, 409]
    assert made.json["results"][1]["problem"]["code"] == "quote-used"
    assert bank.balance(body["destination_wallet_id"]) == 963


def test_a_refused_atomic_batch_leaves_its_quotes_open(bank: Bank) -> None:
    body = a_conversion(bank)
    operations = [{"type": "conversion"} | body, {"type": "conversion"} | body]
    refused = bank.post("/v1/batches", {"mode": "atomic", "operations": operations})
    assert assert_problem(refused, 409, "quote-used")["index"] == 1
    assert bank.get(f"{QUOTES}/{body['quote_id']}")["status"] == "open"
    assert bank.post(CONVERSIONS, body).status_code == 201
