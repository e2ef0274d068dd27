"""The HTTP suite runs against the whole service, in memory and on PostgreSQL."""

import pytest

from adapters.rates.static import StaticRates
from entrypoints.first_key import make_first_key
from tests.entrypoints.bank import Bank
from tests.entrypoints.contract import ContractClient, contract_client
from tests.stage import Stage


@pytest.fixture
def rates() -> dict[tuple[str, str], str]:
    """What the exchange desk offers; a test may change it."""
    return {("USD", "EUR"): "0.9178", ("USD", "JPY"): "151.37", ("EUR", "USD"): "1.08"}


@pytest.fixture(params=["memory_stage", "postgres_stage"])
def stage(request: pytest.FixtureRequest, rates: dict[tuple[str, str], str]) -> Stage:
    """Each adapter in turn; when the test is over its books must add up."""
    chosen: Stage = request.getfixturevalue(request.param)
    chosen.container.rates.override(StaticRates(rates))
    return chosen


@pytest.fixture
def client(stage: Stage) -> ContractClient:
    return contract_client(stage.container.app())


@pytest.fixture
def bank(client: ContractClient) -> Bank:
    """The service on each adapter, spoken to over HTTP."""
    return Bank(client)


@pytest.fixture
def admin(stage: Stage) -> Bank:
    """The service on each adapter as it is in earnest, spoken to with an admin key."""
    secret = make_first_key(stage.container, None)
    stage.container.settings.override(stage.container.settings().model_copy(update={"auth": True}))
    return Bank(contract_client(stage.container.app(), secret))


@pytest.fixture
def memory_bank(memory_stage: Stage) -> Bank:
    """The service in memory, for what never reaches an adapter."""
    return Bank(contract_client(memory_stage.container.app()))
