"""A cursor goes on in the list that gave it out, for whom it was given out to."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from uuid import UUID

import orjson
import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from adapters.postgres.cursor_key import PostgresCursorKey
from adapters.system import new_id
from domain.scope import BOUND
from entrypoints.http.asking import PRINCIPAL
from entrypoints.http.cursors import authenticate_cursors, opened, signed
from service_layer.authenticate import EVERYBODY
from tests.entrypoints.bank import Bank, assert_problem
from tests.entrypoints.contract import contract_client
from tests.stage import Stage

LISTS = ("/v1/accounts", "/v1/wallets", "/v1/transactions", "/v1/holds", "/v1/api-keys")


@pytest.fixture
def cursor(admin: Bank) -> str:
    """Of the list of accounts, for the admin."""
    for _ in range(3):
        admin.open_account()
    given_out: str = admin.get("/v1/accounts", limit=1)["next_cursor"]
    return given_out


def refused(bank: Bank, cursor: str, path: str = "/v1/accounts") -> None:
    answer = bank.client.get(path, query_string={"cursor": cursor})
    assert_problem(answer, 400, "invalid-cursor")


def test_it_goes_on_in_its_list_alone(admin: Bank, cursor: str) -> None:
    assert admin.client.get("/v1/accounts", query_string={"cursor": cursor}).status_code == 200
    for path in LISTS[1:]:
        refused(admin, cursor, path)


def test_one_that_a_client_has_made_is_refused(admin: Bank, cursor: str) -> None:
    id = str(new_id())
    code = urlsafe_b64decode(cursor + "==")[:16]
    for forged in (
        orjson.dumps(["accounts", id]),  # as versions before had them
        orjson.dumps(id),
        bytes(16) + orjson.dumps(id),
        code + orjson.dumps(id),
        code,
        b"",
    ):
        refused(admin, urlsafe_b64encode(forged).decode().rstrip("="))


def test_no_other_text_for_the_same_bytes_is_taken(admin: Bank, cursor: str) -> None:
    for forged in (
        cursor + "=",
        cursor + "==",
        cursor + "A",
        cursor[:-1],
        " " + cursor,
        cursor + "\n",
    ):
        refused(admin, forged)


def test_whoever_it_was_given_to_must_use_it(admin: Bank, cursor: str) -> None:
    other = admin.an_api_key("other")["secret"]
    refused(Bank(contract_client(admin.client.application, other)), cursor)


def test_a_key_that_is_bound_learns_nothing_from_the_cursors_of_others(
    admin: Bank, cursor: str
) -> None:
    account = admin.open_account()["id"]
    secret = admin.an_api_key("app", *sorted(BOUND), account_id=account)["secret"]
    app = Bank(contract_client(admin.client.application, secret))
    for path in LISTS[:4]:
        refused(app, cursor, path)


def test_rotation_of_the_key_leaves_its_cursors_valid(admin: Bank) -> None:
    for _ in range(3):
        admin.open_account()
    key = admin.an_api_key("clerk")
    clerk = Bank(contract_client(admin.client.application, key["secret"]))
    cursor = clerk.get("/v1/accounts", limit=1)["next_cursor"]
    rotated = admin.post(f"/v1/api-keys/{key['id']}/rotate", {}).json["secret"]
    again = Bank(contract_client(admin.client.application, rotated))
    assert len(again.get("/v1/accounts", cursor=cursor)["data"]) == 2


def test_all_that_serve_one_database_have_one_key_and_other_databases_another(
    postgres_stage: Stage, memory_stage: Stage
) -> None:
    first = postgres_stage.container.cursor_key()
    second = PostgresCursorKey(postgres_stage.container.reading_engine())
    assert first() == second()
    assert len({first(), memory_stage.container.cursor_key()(), bytes(32)}) == 3
    assert len(first()) == len(memory_stage.container.cursor_key()()) == 32


@pytest.fixture(scope="module")
def app() -> Flask:
    app = Flask("cursors")
    authenticate_cursors(app, lambda: b"k" * 32)
    return app


@given(st.uuids() | st.integers(1, 2**63 - 1), st.integers(0, 200), st.integers(1, 255))
def test_whichever_bit_is_changed_it_is_refused(
    app: Flask, last: UUID | int, at: int, flip: int
) -> None:
    with app.test_request_context(environ_base={PRINCIPAL: EVERYBODY}):
        value = last if isinstance(last, int) else str(last)
        cursor = signed("accounts", value)
        assert opened("accounts", cursor) == value
        changed = bytearray(cursor.encode())
        changed[at % len(changed)] ^= flip
        with pytest.raises(ValueError, match=r".*"):
            opened("accounts", changed.decode("latin-1"))
        with pytest.raises(ValueError, match="not authentic"):
            opened("wallets", cursor)
