"""Schemathesis asks the service in every way that the document allows, and in many that it does not."""

from datetime import UTC, datetime, timedelta
from typing import Any

import hypothesis
import pytest
import schemathesis
from marshmallow import ValidationError
from schemathesis import Case, HookContext
from schemathesis.specs.openapi.checks import (
    ignored_auth,
    negative_data_rejection,
    positive_data_acceptance,
)

from adapters.rates.static import StaticRates
from adapters.system import new_secret
from domain.errors import Refusal, leaves
from domain.times import rfc3339
from entrypoints.config import Settings
from entrypoints.container import Container
from entrypoints.first_key import make_first_key
from entrypoints.http.fields import uuid_or_none
from entrypoints.http.idempotency import HEADER, KEY
from entrypoints.http.request_errors import InvalidCursor
from entrypoints.http.times import Time
from tests.entrypoints.bank import Bank
from tests.entrypoints.contract import contract_client

# Schemathesis makes its tests of the document while they are collected, so the service is made here.
SECRET = new_secret()
# It asks without a key more often than anybody may.
container = Container(
    settings=Settings(memory=True, currencies="USD,EUR", quote_seconds=86_400, rate_failures="0")
)
container.rates.override(StaticRates({("USD", "EUR"): "0.9178"}))
make_first_key(container, SECRET)
app = container.app()
bank = Bank(contract_client(app, SECRET))
schema = schemathesis.openapi.from_wsgi("/openapi.json", app)

IDS = {
    "wallet_id": [bank.a_wallet(5000), bank.a_wallet(), bank.a_wallet(currency="EUR")],
    "quote_id": [bank.a_quote(100)["id"] for _ in range(20)],
    "account_id": [bank.open_account()["id"]],
    "hold_id": [bank.a_hold(bank.a_wallet(5000))["id"], bank.a_hold(bank.a_wallet(50), 5)["id"]],
    "api_key_id": [bank.an_api_key(name)["id"] for name in ("spare", "another")],
    "transaction_id": [bank.get("/v1/transactions")["data"][0]["id"]],
}
CURRENCIES = {"currency": "USD", "source_currency": "USD", "destination_currency": "EUR"}
# What a schema cannot say: what the rules refuse, and that a cursor must have been given out.
BEYOND_SCHEMAS = {error.code for error in (*leaves(Refusal), InvalidCursor)}


@schema.hook
def map_body(_context: HookContext, body: Any) -> Any:
    return _made_useful(body)


@schema.hook
def map_path_parameters(_context: HookContext, path_parameters: Any) -> Any:
    return _made_useful(path_parameters)


@schema.hook
def map_query(_context: HookContext, query: Any) -> Any:
    """A proper period ends after it begins, a proper instant is in the past: no schema can say either."""
    if not isinstance(query, dict):
        return query
    ends = sorted(time for name in ("from", "to") if (time := _time(query.get(name))))
    if len(ends) == 2:
        later = ends[1] if ends[0] < ends[1] else ends[1] + timedelta(days=1)
        query = {**query, "from": rfc3339(ends[0]), "to": rfc3339(later)}
    at = _time(query.get("at"))
    if at is not None and at > datetime.now(UTC):
        query = {**query, "at": "2026-01-01T00:00:00Z"}
    return _made_useful(query)


def _time(value: Any) -> datetime | None:
    """A time that the service takes; the last days that there are would have no next one."""
    try:
        time: datetime = Time().deserialize(value)
    except ValidationError:
        return None
    return time if time.year < 9999 else None


def _made_useful(fields: Any) -> Any:
    if isinstance(fields, list):
        return [_made_useful(item) for item in fields]
    if not isinstance(fields, dict):
        return _whole(fields)
    return {name: _made_useful(_existing(name, value)) for name, value in fields.items()}


def _existing(name: str, value: Any) -> Any:
    """Proper currencies are enabled, most proper ids exist: so money moves; what is wrong stays wrong."""
    if name in CURRENCIES and isinstance(value, str) and len(value) == 3 and value.isalpha():
        return CURRENCIES[name] if value.isupper() else value
    choice = next((ids for kind, ids in IDS.items() if name.endswith(kind)), None)
    found = uuid_or_none(value)
    if choice is None or found is None or found.int % 4 == 0:
        return value
    return choice[found.int % len(choice)]


def _whole(value: Any) -> Any:
    """JSON Schema calls 5.0 an integer; the contract refuses it on purpose."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _is_about_scopes(problem: Any) -> bool:
    """Which scopes are possible depends on whether the key is bound to an account."""
    faults = problem.get("errors", [])
    return [fault["pointer"] for fault in faults] == ["/scopes"] and "bound" in faults[0]["detail"]


def _looks_at_no_key(case: Case) -> bool:
    """A dry run does not look at the key that came with it, which no schema can say: it may be no key."""
    key = (case.headers or {}).get(HEADER)
    rehearses = isinstance(case.body, dict) and case.body.get("dry_run") is True
    return rehearses and key is not None and not KEY.fullmatch(key)


@pytest.mark.filterwarnings("default")
@schema.parametrize()
@hypothesis.settings(
    max_examples=100,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(hypothesis.HealthCheck),
)
def test_every_answer_is_as_the_document_says(case: Case) -> None:
    response = case.call(headers={"Authorization": f"Bearer {SECRET}"})
    problem = response.json() if response.status_code >= 400 else {}
    beyond = problem.get("code") in BEYOND_SCHEMAS or _is_about_scopes(problem)
    too_large = problem.get("code") == "body-too-large"  # refused as it should be, with 413
    # That every operation asks for a key is seen once for each in test_auth.py.
    left_out = [
        ignored_auth,
        *([positive_data_acceptance] if beyond else []),
        *([negative_data_rejection] if too_large or _looks_at_no_key(case) else []),
    ]
    case.validate_response(response, excluded_checks=left_out)
