"""Nobody gets past the door without a key that opens it."""

import logging
import re
from typing import Any
from uuid import UUID

import pytest

from adapters.system import new_secret
from domain.scope import Scope
from entrypoints.http.operations import Operation
from tests.entrypoints.bank import NOBODY, Bank, assert_problem
from tests.entrypoints.contract import contract_client
from tests.entrypoints.routes import name_of, operations, rules
from tests.entrypoints.stub import stub_client
from tests.stage import Stage

# /metrics decides by itself: test_metrics.py.
PUBLIC = {"/livez", "/readyz", "/metrics", "/openapi.json", "/docs", "/problems", "/problems/<code>",
          "/assets/redoc/<path:name>"}  # fmt: skip
IN_BATCH = ("transfers:write", "withdrawals:write")  # what the example of a batch has in it
EVERY = pytest.mark.parametrize("operation", operations(), ids=name_of)


def ask(bank: Bank, operation: Operation, **more: Any) -> Any:
    """The operation's own example, on ids that do not exist."""
    path = re.sub("<[a-z_]+>", NOBODY, operation.rule)
    body = getattr(operation, "body_example", None)
    headers = {"Idempotency-Key": "k"} | more.pop("headers", {})
    return bank.client.open(path, method=operation.method, json=body, headers=headers, **more)


def bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


def with_scopes(admin: Bank, *scopes: str, **fields: Any) -> Bank:
    """The same service, spoken to with a new key."""
    secret = admin.an_api_key("app", *scopes, **fields)["secret"]
    return Bank(contract_client(admin.client.application, secret))


def test_every_route_is_public_on_purpose_or_needs_a_scope() -> None:
    found = rules(stub_client().application)
    assert {path for path, _, _ in found} >= PUBLIC
    for path, method, operation in found:
        if path in PUBLIC:
            assert operation is None or operation.scope is None, path
        else:
            assert path.startswith("/v1/"), path
            assert operation is not None, (method, path)
            assert isinstance(operation.scope, Scope), (method, path)


@EVERY
def test_no_operation_is_reached_without_a_key(admin: Bank, operation: Operation) -> None:
    nobody = Bank(contract_client(admin.client.application))
    response = ask(nobody, operation)
    assert_problem(response, 401, "unauthenticated")
    assert response.headers["WWW-Authenticate"] == 'Bearer realm="payments"'


@EVERY
def test_every_operation_needs_its_scope(admin: Bank, operation: Operation) -> None:
    others = set(Scope) - {operation.scope, Scope.ADMIN}
    refused = ask(with_scopes(admin, *others), operation)
    assert_problem(refused, 403, "forbidden")
    assert operation.scope is not None
    needed = IN_BATCH if operation.id == "createBatch" else ()
    allowed = ask(with_scopes(admin, operation.scope, *needed), operation)
    assert allowed.status_code not in (401, 403)


@pytest.mark.parametrize("missing", IN_BATCH)
def test_a_batch_needs_the_scope_of_each_of_its_operations(admin: Bank, missing: str) -> None:
    (batch,) = [each for each in operations() if each.id == "createBatch"]
    scopes = {"batches:write", *IN_BATCH} - {missing}
    before = admin.everything()
    refused = ask(with_scopes(admin, *scopes), batch)
    assert missing in assert_problem(refused, 403, "forbidden")["detail"]
    assert admin.everything() == before


@pytest.mark.parametrize("path", ["/v1", "/v1/", "/v1/nowhere", "/v1/accounts/", "/v1//accounts"])
def test_what_does_not_exist_needs_a_key_too(admin: Bank, path: str) -> None:
    assert_problem(contract_client(admin.client.application).get(path), 401, "unauthenticated")
    assert admin.client.get(path).status_code == 404


def test_a_method_that_is_not_allowed_needs_a_key_too(admin: Bank) -> None:
    nobody = contract_client(admin.client.application)
    assert nobody.delete("/v1/accounts").status_code == 401
    assert nobody.options("/v1/accounts").status_code == 401
    assert admin.client.delete("/v1/accounts").status_code == 405


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/openapi.json", "/docs", "/problems"])
def test_the_public_few_need_none(admin: Bank, path: str) -> None:
    assert contract_client(admin.client.application).get(path).status_code == 200


WRONG = {
    "nothing after the scheme": "Bearer ",
    "another scheme": "Basic {}",
    "no scheme": "{}",
    "two keys": "Bearer {}, Bearer {}",
    "a key with something after it": "Bearer {}x",
    "a key with a space in it": "Bearer pay_ {}",
    "not even ASCII": "Bearer pay_ü",
    "a key that never was": f"Bearer {new_secret()}",
    "a very long one": "Bearer " + "x" * 8000,
}


@pytest.mark.parametrize("header", WRONG.values(), ids=WRONG.keys())
def test_a_wrong_key_is_no_key(admin: Bank, header: str) -> None:
    secret = admin.an_api_key()["secret"]
    sent = {"HTTP_AUTHORIZATION": header.replace("{}", secret).encode().decode("latin-1")}
    nobody = contract_client(admin.client.application)
    response = nobody.get("/v1/accounts", environ_overrides=sent)
    assert_problem(response, 401, "unauthenticated")
    assert 'error="invalid_token"' in response.headers["WWW-Authenticate"]


def test_the_name_of_the_scheme_may_be_written_in_any_case(admin: Bank) -> None:
    secret = admin.an_api_key()["secret"]
    nobody = contract_client(admin.client.application)
    for scheme in ("Bearer", "bearer", "BEARER"):
        sent = {"Authorization": f"{scheme} {secret}"}
        assert nobody.get("/v1/accounts", headers=sent).status_code == 200


def test_the_right_prefix_with_a_wrong_secret_opens_nothing(admin: Bank) -> None:
    secret = admin.an_api_key()["secret"]
    other = secret[:17] + new_secret()[17:]
    nobody = contract_client(admin.client.application)
    assert_problem(nobody.get("/v1/accounts", headers=bearer(other)), 401, "unauthenticated")


@pytest.mark.parametrize("name", ["access_token", "key", "api_key", "authorization"])
def test_a_key_in_the_address_is_not_taken_and_not_repeated(admin: Bank, name: str) -> None:
    secret = admin.an_api_key()["secret"]
    nobody = contract_client(admin.client.application)
    response = nobody.get("/v1/accounts", query_string={name: secret})
    assert_problem(response, 401, "unauthenticated")
    refused = admin.client.get("/v1/accounts", query_string={name: secret})
    assert_problem(refused, 422, "validation-failed")
    assert secret not in response.text + refused.text


def test_the_door_comes_before_everything_else(admin: Bank) -> None:
    nobody = contract_client(admin.client.application)
    response = nobody.post("/v1/transfers", data="{", headers={"Accept": "text/html"})
    assert_problem(response, 401, "unauthenticated")
    reader = with_scopes(admin, "wallets:read")
    refused = reader.client.post("/v1/transfers", data="{", content_type="text/plain")
    assert_problem(refused, 403, "forbidden")


def test_what_is_forbidden_says_nothing_of_what_exists(admin: Bank) -> None:
    wallet = admin.a_wallet(5)
    app = with_scopes(admin, "seals:read")
    answers = [app.client.get(f"/v1/wallets/{id}") for id in (wallet, NOBODY)]
    bodies = [assert_problem(answer, 403, "forbidden") for answer in answers]
    assert [body | {"request_id": ""} for body in bodies[:1]] == [bodies[1] | {"request_id": ""}]


def test_no_secret_is_ever_written_down(admin: Bank, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    secret = admin.an_api_key("app", "admin")["secret"]
    app = Bank(contract_client(admin.client.application, secret))
    app.transfer(app.a_wallet(500), app.a_wallet())
    wrong = secret[:-1] + ("x" if secret[-1] != "x" else "y")
    nobody = contract_client(admin.client.application)
    refused = nobody.get("/v1/accounts", headers=bearer(wrong))
    assert secret[17:-1] not in caplog.text + refused.text + str(refused.headers)


def test_a_first_payment_goes_well_with_keys_that_have_just_its_scopes(admin: Bank) -> None:
    teller = with_scopes(admin, "accounts:write", "replenishments:write")
    wallets = [teller.a_wallet(500), teller.a_wallet()]
    payer = with_scopes(admin, "transfers:write")
    assert payer.transfer(*wallets).status_code == 201
    assert admin.balance(wallets[1]) == 100
    assert_problem(payer.client.get(f"/v1/wallets/{wallets[0]}"), 403, "forbidden")


def test_keys_of_idempotency_belong_to_the_principal(admin: Bank) -> None:
    source, destination = admin.a_wallet(1000), admin.a_wallet()
    one, other = with_scopes(admin, "transfers:write"), with_scopes(admin, "transfers:write")
    first = one.transfer(source, destination, key="k")
    again = one.transfer(source, destination, key="k")
    foreign = other.transfer(source, destination, key="k")
    assert (again.data, again.headers["Idempotency-Replayed"]) == (first.data, "true")
    assert (foreign.status_code, foreign.json["id"] == first.json["id"]) == (201, False)
    assert admin.balance(source) == 800


def test_rotation_does_not_pay_twice(admin: Bank) -> None:
    source, destination = admin.a_wallet(1000), admin.a_wallet()
    key = admin.an_api_key("shop", "transfers:write")
    old = Bank(contract_client(admin.client.application, key["secret"]))
    first = old.transfer(source, destination, key="k")
    rotated = admin.client.post(f"/v1/api-keys/{key['id']}/rotate").json
    new = Bank(contract_client(admin.client.application, rotated["secret"]))
    again = new.transfer(source, destination, key="k")
    assert (again.status_code, again.data) == (201, first.data)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert admin.balance(source) == 900


def test_what_was_done_before_there_were_keys_is_not_done_again(bank: Bank, admin: Bank) -> None:
    source, destination = bank.a_wallet(1000), bank.a_wallet()
    first = bank.transfer(source, destination, key="k")
    app = with_scopes(admin, "transfers:write")
    again = app.transfer(source, destination, key="k")
    assert (again.status_code, again.data) == (201, first.data)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert admin.balance(source) == 900


def test_a_key_that_somebody_else_had_used_for_something_else_is_free(
    bank: Bank, admin: Bank
) -> None:
    source, destination = bank.a_wallet(1000), bank.a_wallet()
    bank.transfer(source, destination, key="k")
    made = with_scopes(admin, "transfers:write").transfer(source, destination, key="k", amount=7)
    assert (made.status_code, "Idempotency-Replayed" in made.headers) == (201, False)


def test_the_actor_of_a_transaction_is_the_key(stage: Stage, admin: Bank) -> None:
    key = admin.an_api_key("shop")
    shop = Bank(contract_client(admin.client.application, key["secret"]))
    made = shop.transfer(shop.a_wallet(500), shop.a_wallet()).json
    assert stage.container.queries().transaction(UUID(made["id"])).actor == key["id"]


def test_the_document_names_the_scope_of_every_operation() -> None:
    document = stub_client().get("/openapi.json").json
    assert document["components"]["securitySchemes"]["apiKey"]["scheme"] == "bearer"
    for operation in operations():
        path = re.sub("<(.+?)>", r"{\1}", operation.rule)
        documented = document["paths"][path][operation.method.lower()]
        assert documented["security"] == [{"apiKey": []}], path
        assert f"Scope: `{operation.scope}`." in documented["description"], path
        assert {"401", "403"} <= set(documented["responses"]), path
    assert document["paths"]["/livez"]["get"]["security"] == []
