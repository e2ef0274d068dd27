"""API keys over HTTP: made, listed, rotated, revoked, expired; the secret is shown once."""

from typing import Any

import pytest

from domain.scope import BOUND, Scope
from entrypoints.http.api_key_answer import ApiKeySchema
from tests.concurrency.rig import sql
from tests.entrypoints.bank import NOBODY, Bank, assert_problem
from tests.entrypoints.contract import contract_client
from tests.stage import Stage

KEYS = "/v1/api-keys"


def status_with(admin: Bank, secret: str) -> int:
    client = contract_client(admin.client.application, secret)
    status: int = client.get("/v1/accounts").status_code
    return status


def test_a_key_is_shown_as_it_was_made_but_for_its_secret(admin: Bank) -> None:
    end = "2026-02-01T00:00:00.000000Z"
    made = admin.an_api_key("Shop", "wallets:read", "accounts:read", expires_at=end)
    assert made["secret"].startswith(f"pay_{made['secrets'][0]['prefix']}_")
    shown = {name: value for name, value in made.items() if name != "secret"}
    assert admin.get(f"{KEYS}/{made['id']}") == shown
    assert admin.get(KEYS)["data"][0] == shown
    assert ApiKeySchema().validate(made) == {}
    assert (shown["name"], shown["status"], shown["account_id"]) == ("Shop", "active", None)
    assert (shown["scopes"], shown["expires_at"]) == (["accounts:read", "wallets:read"], end)


def test_a_key_is_made_with_its_place(admin: Bank) -> None:
    response = admin.client.post(KEYS, json={"name": "x", "scopes": ["admin"]})
    assert response.headers["Location"] == f"{KEYS}/{response.json['id']}"
    tag = response.headers["ETag"]
    shown = admin.client.get(response.headers["Location"], headers={"If-None-Match": tag})
    assert shown.status_code == 304


def test_the_same_request_again_is_answered_without_the_secret(admin: Bank) -> None:
    body = {"name": "Shop", "scopes": ["admin"]}
    first = admin.post(KEYS, body, key="k")
    again = admin.post(KEYS, body, key="k")
    assert (again.status_code, again.headers["Idempotency-Replayed"]) == (201, "true")
    assert again.headers["ETag"] == first.headers["ETag"]
    assert again.json | {"secret": first.json["secret"]} == first.json
    assert status_with(admin, first.json["secret"]) == 200


def test_keys_are_listed_newest_first_in_pages(admin: Bank) -> None:
    made = [admin.an_api_key(name)["id"] for name in ("one", "two", "three")]
    first = admin.get(KEYS, limit=2)
    second = admin.get(KEYS, limit=2, cursor=first["next_cursor"])
    assert [key["id"] for key in first["data"]] == made[:0:-1]
    assert [key["name"] for key in second["data"]] == ["one", "first admin key"]


def test_while_a_key_is_rotated_two_secrets_open_it(stage: Stage, admin: Bank) -> None:
    key = admin.an_api_key()
    stage.clock.move(seconds=1)
    rotated = admin.post(f"{KEYS}/{key['id']}/rotate", {"overlap_seconds": 60}).json
    assert rotated["id"] == key["id"]
    ends = [secret["expires_at"] for secret in rotated["secrets"]]
    assert ends == ["2026-01-01T00:01:01.000000Z", None]
    assert status_with(admin, key["secret"]) == status_with(admin, rotated["secret"]) == 200
    stage.clock.move(seconds=60)
    assert status_with(admin, key["secret"]) == 401
    assert status_with(admin, rotated["secret"]) == 200
    assert len(admin.get(f"{KEYS}/{key['id']}")["secrets"]) == 1


def test_a_second_rotation_ends_the_oldest_secret_at_once(stage: Stage, admin: Bank) -> None:
    key = admin.an_api_key()
    secrets = [key["secret"]]
    for _ in range(2):
        stage.clock.move(seconds=1)
        secrets.append(admin.client.post(f"{KEYS}/{key['id']}/rotate").json["secret"])
    assert [status_with(admin, each) for each in secrets] == [401, 200, 200]


def test_a_rotation_without_overlap_ends_the_secret_at_once(admin: Bank) -> None:
    key = admin.an_api_key()
    assert status_with(admin, key["secret"]) == 200
    rotated = admin.post(f"{KEYS}/{key['id']}/rotate", {"overlap_seconds": 0}).json
    assert status_with(admin, key["secret"]) == 401
    assert status_with(admin, rotated["secret"]) == 200


def test_a_repeated_rotation_rotates_once(admin: Bank) -> None:
    key = admin.an_api_key()
    first, again = (admin.post(f"{KEYS}/{key['id']}/rotate", {}, key="k") for _ in range(2))
    assert again.json | {"secret": first.json["secret"]} == first.json
    assert again.headers["Idempotency-Replayed"] == "true"
    assert status_with(admin, first.json["secret"]) == 200


def test_a_revoked_key_opens_nothing_at_once_and_for_good(admin: Bank) -> None:
    key = admin.an_api_key()
    assert status_with(admin, key["secret"]) == 200
    revoked = admin.client.post(f"{KEYS}/{key['id']}/revoke").json
    assert (revoked["status"], revoked["revoked_at"]) == ("revoked", revoked["updated_at"])
    assert status_with(admin, key["secret"]) == 401
    for step in ("revoke", "rotate"):
        refused = admin.client.post(f"{KEYS}/{key['id']}/{step}")
        assert_problem(refused, 409, "api-key-not-active")


def test_an_expired_key_opens_nothing_from_its_instant_on(stage: Stage, admin: Bank) -> None:
    key = admin.an_api_key(expires_at="2026-01-01T00:01:00Z")
    assert status_with(admin, key["secret"]) == 200
    stage.clock.move(seconds=60)
    assert status_with(admin, key["secret"]) == 401
    assert admin.get(f"{KEYS}/{key['id']}")["status"] == "expired"
    assert_problem(admin.client.post(f"{KEYS}/{key['id']}/rotate"), 409, "api-key-not-active")
    assert admin.client.post(f"{KEYS}/{key['id']}/revoke").status_code == 200


WRONG: dict[str, dict[str, Any]] = {
    "no scopes": {"scopes": []},
    "an unknown scope": {"scopes": ["accounts:destroy"]},
    "a scope twice": {"scopes": ["admin", "admin"]},
    "scopes that are no list": {"scopes": "admin"},
    "no name": {"name": ""},
    "an account that is no id": {"account_id": "ada"},
    "a bound admin": {"account_id": NOBODY},
    "a wrong time": {"expires_at": "tomorrow"},
    "a field that is none": {"secret": "mine"},
}


@pytest.mark.parametrize("change", WRONG.values(), ids=WRONG.keys())
def test_a_wrong_request_makes_no_key(admin: Bank, change: dict[str, Any]) -> None:
    response = admin.post(KEYS, {"name": "x", "scopes": ["admin"]} | change)
    assert_problem(response, 422, "validation-failed")
    assert len(admin.get(KEYS)["data"]) == 1


@pytest.mark.parametrize("scope", sorted(set(Scope) - BOUND))
def test_a_bound_key_can_only_have_what_it_could_use(admin: Bank, scope: str) -> None:
    account = admin.open_account()["id"]
    body = {"name": "x", "scopes": ["wallets:read", scope], "account_id": account}
    problem = assert_problem(admin.post(KEYS, body), 422, "validation-failed")
    assert problem["errors"][0]["pointer"] == "/scopes"
    assert scope in problem["errors"][0]["detail"]


def test_a_key_is_bound_to_an_account_that_exists(admin: Bank) -> None:
    body = {"name": "x", "scopes": ["wallets:read"], "account_id": NOBODY}
    assert_problem(admin.post(KEYS, body), 404, "account-not-found")


def test_a_key_that_would_have_expired_already_is_not_made(admin: Bank) -> None:
    body = {"name": "x", "scopes": ["admin"], "expires_at": "2026-01-01T00:00:00Z"}
    assert_problem(admin.post(KEYS, body), 409, "api-key-not-active")


@pytest.mark.parametrize("id", [NOBODY, "x"])
def test_an_unknown_key_is_not_found(admin: Bank, id: str) -> None:
    assert_problem(admin.client.get(f"{KEYS}/{id}"), 404, "api-key-not-found")
    for step in ("rotate", "revoke"):
        assert_problem(admin.client.post(f"{KEYS}/{id}/{step}"), 404, "api-key-not-found")


def test_an_overlap_has_a_limit(admin: Bank) -> None:
    key = admin.an_api_key()
    response = admin.post(f"{KEYS}/{key['id']}/rotate", {"overlap_seconds": 7_776_001})
    assert_problem(response, 422, "validation-failed")


def test_the_database_never_holds_a_secret(postgres_stage: Stage) -> None:
    from entrypoints.first_key import make_first_key

    secret = make_first_key(postgres_stage.container, None) or ""
    url = postgres_stage.url or ""
    tables = [
        row[0] for row in sql(url, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    ]
    everything = "".join(str(sql(url, f"SELECT t::text FROM {table} t")) for table in tables)
    assert secret[4:16] in everything
    assert secret[17:] not in everything
