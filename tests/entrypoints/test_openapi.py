"""The OpenAPI document tells the truth, in a form that tools understand."""

import re
from dataclasses import replace
from typing import Any

import pytest
from openapi_spec_validator import validate

from entrypoints.http import (
    account_answer,
    account_steps,
    accounts,
    balances,
    conversions,
    hold_answer,
    holds,
    journals,
    postings,
    quote_answer,
    quotes,
    replenishments,
    splits,
    statement_answer,
    transaction_answer,
    transfers,
    wallet_steps,
    wallets,
    withdrawals,
)
from entrypoints.http.metadata_filter import METADATA_FILTERS_MAX
from entrypoints.http.operations import Post
from entrypoints.http.problem_table import BY_CODE, PROBLEMS
from tests.entrypoints.bank import Bank
from tests.entrypoints.contract import Document
from tests.entrypoints.stub import stub_client

OPERATION_IDS = {
    "createAccount", "getAccount", "listAccounts", "getWallet", "listWallets",
    "listWalletPostings", "createReplenishment", "createTransfer", "getTransaction",
    "listTransactions", "createTransaction", "createSplit",
    "createQuote", "getQuote", "createConversion",
    "createHold", "captureHold", "voidHold", "getHold", "listHolds",
    "getWalletBalance", "getWalletStatement",
    "getTransactionProof", "listSeals", "getSeal", "getSealConsistency",
    "createApiKey", "getApiKey", "listApiKeys", "rotateApiKey", "revokeApiKey",
    "getIntegrity", "getLiveness", "getReadiness", "getMetrics",
    "updateAccount", "freezeAccount", "unfreezeAccount", "closeAccount", "createWallet",
    "updateWallet", "listCurrencies", "createWithdrawal", "createReversal", "listReversals",
    "createBatch",
    "listEvents", "listAuditEntries",
    "createWebhookEndpoint", "updateWebhookEndpoint", "rotateWebhookSecret", "listWebhookEndpoints",
    "getWebhookEndpoint", "listWebhookDeliveries", "getWebhookDelivery", "replayWebhookDelivery",
}  # fmt: skip


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    found: dict[str, Any] = stub_client().get("/openapi.json").json
    return found


def _operations(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (method, path, operation)
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
        if method != "parameters"
    ]


def test_the_document_is_valid_openapi(document: dict[str, Any]) -> None:
    assert document["openapi"] == "3.1.0"
    validate(document)


def test_every_path_of_the_interface_is_documented(document: dict[str, Any]) -> None:
    ids = {operation["operationId"] for _, _, operation in _operations(document)}
    assert ids == OPERATION_IDS
    rules = {
        re.sub("<(.+?)>", r"{\1}", rule.rule)
        for rule in stub_client().application.url_map.iter_rules()
    }
    assert {rule for rule in rules if rule.startswith("/v1")} <= set(document["paths"])


def test_every_operation_has_a_summary_a_tag_and_its_problems(document: dict[str, Any]) -> None:
    tags = {tag["name"] for tag in document["tags"] if tag["description"]}
    for method, path, operation in _operations(document):
        assert operation["summary"], path
        assert set(operation["tags"]) <= tags, path
        assert {"406", "422", "500"} <= set(operation["responses"]), path
        if method == "post":
            assert {"400", "409", "411", "413", "415", "503"} <= set(operation["responses"]), path


def test_every_answer_has_an_example_and_a_request_id(document: dict[str, Any]) -> None:
    for _, path, operation in _operations(document):
        for status, response in operation["responses"].items():
            assert "X-Request-Id" in response["headers"], (path, status)
            for media in response.get("content", {}).values():
                assert "example" in media or media["examples"], (path, status)


def test_every_example_conforms_to_its_schema(document: dict[str, Any]) -> None:
    checker = Document(document)
    for _, _, operation in _operations(document):
        bodies = [*operation["responses"].values(), operation.get("requestBody", {})]
        for media in (media for body in bodies for media in body.get("content", {}).values()):
            named = [example["value"] for example in media.get("examples", {}).values()]
            for example in [media["example"]] if "example" in media else named:
                checker.validate(example, media["schema"])


def test_every_problem_is_named(document: dict[str, Any]) -> None:
    text = document["components"]["schemas"]["Problem"]["properties"]["code"]["description"]
    assert all(f"`{code}`" in text for code in BY_CODE)


def test_the_status_of_each_documented_problem_is_its_own(document: dict[str, Any]) -> None:
    for _, path, operation in _operations(document):
        for status, response in operation["responses"].items():
            content = response.get("content", {}).get("application/problem+json", {})
            for code, example in content.get("examples", {}).items():
                assert PROBLEMS[BY_CODE[code]].status == int(status), (path, code)
                assert example["value"]["code"] == code


def test_metadata_is_asked_for_as_a_deep_object(document: dict[str, Any]) -> None:
    parameters = document["paths"]["/v1/transactions"]["get"]["parameters"]
    [metadata] = [each for each in parameters if each["name"] == "metadata"]
    assert (metadata["in"], metadata["style"], metadata["explode"]) == ("query", "deepObject", True)
    assert metadata["schema"]["type"] == "object"
    assert metadata["schema"]["maxProperties"] == METADATA_FILTERS_MAX
    others = {each["name"] for each in parameters if "style" in each}
    assert others == {"metadata"}


def test_a_statement_has_three_forms(document: dict[str, Any]) -> None:
    operation = document["paths"]["/v1/wallets/{wallet_id}/statement"]["get"]
    content = operation["responses"]["200"]["content"]
    assert set(content) == {"application/json", "text/csv", "application/pdf"}


def test_a_key_is_required_where_money_moves(document: dict[str, Any]) -> None:
    required = {}
    for method, path, operation in _operations(document):
        for parameter in operation.get("parameters", []):
            if parameter["name"] == "Idempotency-Key":
                required[f"{method} {path}"] = parameter.get("required", False)
    assert required == {
        "patch /v1/accounts/{account_id}": False,
        "patch /v1/wallets/{wallet_id}": False,
        "post /v1/accounts": False,
        "post /v1/webhook-endpoints": False,
        "patch /v1/webhook-endpoints/{webhook_endpoint_id}": False,
        "post /v1/webhook-endpoints/{webhook_endpoint_id}/rotate-secret": False,
        "post /v1/webhook-deliveries/{webhook_delivery_id}/replay": False,
        "post /v1/accounts/{account_id}/close": False,
        "post /v1/accounts/{account_id}/freeze": False,
        "post /v1/accounts/{account_id}/unfreeze": False,
        "post /v1/accounts/{account_id}/wallets": False,
        "post /v1/batches": True,
        "post /v1/conversions": True,
        "post /v1/api-keys": False,
        "post /v1/api-keys/{api_key_id}/revoke": False,
        "post /v1/api-keys/{api_key_id}/rotate": False,
        "post /v1/holds": True,
        "post /v1/holds/{hold_id}/captures": True,
        "post /v1/holds/{hold_id}/void": False,
        "post /v1/quotes": False,
        "post /v1/replenishments": True,
        "post /v1/splits": True,
        "post /v1/transactions": True,
        "post /v1/transactions/{transaction_id}/reversals": True,
        "post /v1/transfers": True,
        "post /v1/withdrawals": True,
    }


def test_all_that_moves_money_can_be_done_on_conditions_or_dryly(document: dict[str, Any]) -> None:
    for _, path, operation in _operations(document):
        parameters = operation.get("parameters", [])
        if any(p["name"] == "Idempotency-Key" and p.get("required") for p in parameters):
            reference = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"]
            body = document["components"]["schemas"][reference.rpartition("/")[2]]
            assert {"conditions", "dry_run"} <= set(body["properties"]), path
            problems = operation["responses"]["409"]["content"]["application/problem+json"]
            assert "condition-failed" in problems["examples"], path
            assert "200" in operation["responses"], path


def test_what_moves_money_must_take_conditions_and_dry_runs() -> None:
    with pytest.raises(TypeError, match="TermsRequest"):
        replace(transfers.CREATE, body=accounts.AccountRequest)


def test_nullable_members_are_type_lists(document: dict[str, Any]) -> None:
    members = document["components"]["schemas"]["Transaction"]["properties"]
    assert members["reference"]["type"] == ["string", "null"]
    assert "nullable" not in str(document)


def test_only_what_is_used_is_declared(document: dict[str, Any]) -> None:
    text = str(document)
    for name in document["components"]["schemas"]:
        assert f"'#/components/schemas/{name}'" in text, name
    for name in document["components"]["headers"]:
        assert f"'#/components/headers/{name}'" in text, name


PERIOD = {"from": "2026-01-01T00:00:00Z", "to": "2027-01-01T00:00:00Z"}
ANSWERS = {
    "Account": account_answer.AccountSchema,
    "Hold": hold_answer.HoldSchema,
    "Quote": quote_answer.QuoteSchema,
    "Wallet": wallets.WalletSchema,
    "Transaction": transaction_answer.TransactionSchema,
    "Posting": transaction_answer.PostingSchema,
    "WalletPosting": postings.WalletPostingSchema,
    "Balance": balances.BalanceSchema,
    "Statement": statement_answer.StatementSchema,
}


def test_what_is_answered_is_what_the_schemas_declare(bank: Bank) -> None:
    wallet = bank.a_wallet(1000)
    transaction = bank.transfer(wallet, bank.a_wallet()).json
    shown = {
        "Account": bank.open_account(),
        "Hold": bank.a_hold(wallet),
        "Quote": bank.a_quote(),
        "Wallet": bank.get(f"/v1/wallets/{wallet}"),
        "Transaction": transaction,
        "Posting": transaction["postings"][0],
        "WalletPosting": bank.get(f"/v1/wallets/{wallet}/postings")["data"][0],
        "Balance": bank.get(f"/v1/wallets/{wallet}/balance"),
        "Statement": bank.get(f"/v1/wallets/{wallet}/statement", **PERIOD),
    }
    for name, schema in ANSWERS.items():
        instance = schema()
        always = [each for each, field in instance.fields.items() if field.required]
        assert list(shown[name]) == always, name
        assert instance.validate(shown[name]) == {}, name


@pytest.mark.parametrize(
    "module",
    [accounts, conversions, holds, journals, replenishments, splits, transfers, withdrawals],
)
def test_the_examples_of_requests_would_be_accepted(module: Any) -> None:
    schema = module.CREATE.body()
    assert schema.validate(module.BODY_EXAMPLE) == {}


def test_the_example_of_a_quote_would_be_accepted() -> None:
    assert quotes.QuoteRequest().validate(quotes.BODY_EXAMPLE) == {}


@pytest.mark.parametrize("step", [*account_steps.STEPS, wallet_steps.OPEN, wallet_steps.CHANGE])
def test_the_examples_of_steps_would_be_accepted(step: Post) -> None:
    assert step.body().validate(step.body_example) == {}


def test_the_reference_works_offline() -> None:
    client = stub_client()
    page = client.get("/docs")
    assert (page.status_code, page.mimetype) == (200, "text/html")
    assert "http" not in page.text.replace("<!doctype html>", "").replace("<html", "").replace(
        "</html>", ""
    )
    policy = page.headers["Content-Security-Policy"]
    assert "img-src 'self' data:" in policy
    assert "https:" not in policy
    with client.get("/assets/redoc/redoc.standalone.js") as script:
        assert script.status_code == 200
        assert script.mimetype == "text/javascript"
        assert len(script.data) > 500_000
