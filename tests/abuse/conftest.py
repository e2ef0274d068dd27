"""Abuse is tried on the whole service, in memory and on PostgreSQL, as the tests of HTTP do."""

import pytest

from tests.entrypoints.bank import Bank
from tests.entrypoints.conftest import admin, bank, client, memory_bank, rates, stage
from tests.entrypoints.contract import contract_client
from tests.stage import Stage

__all__ = ["admin", "bank", "client", "memory_bank", "rates", "stage"]


@pytest.fixture
def postgres_bank(postgres_stage: Stage) -> Bank:
    """The service on PostgreSQL, for what memory could not get wrong."""
    return Bank(contract_client(postgres_stage.container.app()))
