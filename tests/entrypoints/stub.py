"""Services for tests of the HTTP edge alone: the rules are one function."""

from collections.abc import Callable
from functools import cache
from typing import cast
from unittest.mock import NonCallableMock

from flask.testing import FlaskClient

from adapters.system import new_id
from domain.idempotency import Outcome
from entrypoints.http.app import build_app
from entrypoints.http.services import Services
from service_layer.command import Command
from service_layer.queries import Queries


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
        queries=cast("Queries", NonCallableMock(spec=[])),
        new_id=new_id,
        not_ready=not_ready,
    )
    return build_app(services).test_client()
