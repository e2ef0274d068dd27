"""Services for tests of the HTTP edge alone: the rules are one function."""

from collections.abc import Callable
from functools import cache
from typing import cast
from unittest.mock import NonCallableMock

from flask.testing import FlaskClient

from adapters.system import new_id, new_secret, utc_now
from domain.idempotency import Outcome
from domain.money import Currency
from entrypoints.http.app import build_app
from entrypoints.http.services import Services, WebhookServices
from service_layer.api_key_queries import ApiKeyQueries
from service_layer.command import Command
from service_layer.event_queries import EventQueries
from service_layer.exchange_desk import ExchangeDesk
from service_layer.history import History
from service_layer.hold_queries import HoldQueries
from service_layer.prove import Prover
from service_layer.queries import Queries
from service_layer.quote_queries import QuoteQueries
from service_layer.seals import Seals
from service_layer.trial_balance import TrialBalance
from service_layer.verification import Verifications
from service_layer.webhook_queries import WebhookQueries


def _nothing(_command: Command) -> Outcome:
    raise AssertionError("the rules were asked")


@cache
def stub_client(
    execute: Callable[[Command], Outcome] = _nothing,
    not_ready: Callable[[], list[str]] = list,
) -> FlaskClient:
    """A client of an app whose commands are executed by `execute`, and which has nothing to read.

    The same arguments give the same client, because making an app takes longer than most tests.
    """
    services = Services(
        execute=execute,
        execute_batch=execute,
        queries=cast("Queries", NonCallableMock(spec=[])),
        hold_queries=cast("HoldQueries", NonCallableMock(spec=[])),
        history=cast("History", NonCallableMock(spec=[])),
        new_id=new_id,
        not_ready=not_ready,
        prover=cast("Prover", NonCallableMock(spec=[])),
        seals=cast("Seals", NonCallableMock(spec=[])),
        quote_queries=cast("QuoteQueries", NonCallableMock(spec=[])),
        exchange_desk=cast("ExchangeDesk", NonCallableMock(spec=[])),
        trial_balance=cast("TrialBalance", NonCallableMock(spec=[])),
        verifications=cast("Verifications", NonCallableMock(spec=[])),
        currencies=[Currency(code="USD", exponent=2)],
        authenticator=None,
        api_key_queries=cast("ApiKeyQueries", NonCallableMock(spec=[])),
        new_secret=new_secret,
        clock=utc_now,
        events=cast("EventQueries", NonCallableMock(spec=[])),
        webhooks=WebhookServices(
            queries=cast("WebhookQueries", NonCallableMock(spec=[])),
            new_secret=lambda: "whsec_c2VjcmV0",
        ),
        cursor_key=lambda: b"a key of tests".ljust(32),
    )
    return build_app(services).test_client()
