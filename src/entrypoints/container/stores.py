"""Which adapter keeps the books."""

import sqlalchemy as sa
from dependency_injector import containers, providers

from adapters import system
from adapters.memory.api_key_queries import MemoryApiKeyQueries
from adapters.memory.auditor import MemoryAuditor
from adapters.memory.cursor_key import MemoryCursorKey
from adapters.memory.delivery_queue import MemoryDeliveryQueue
from adapters.memory.events import MemoryEvents
from adapters.memory.history import MemoryHistory
from adapters.memory.hold_queries import MemoryHoldQueries
from adapters.memory.hold_sweeper import MemoryHoldSweeper
from adapters.memory.ledger import Ledger
from adapters.memory.log import MemoryLog, MemorySeals, MemorySequencer, MemoryVerifications
from adapters.memory.queries import MemoryQueries
from adapters.memory.quote_queries import MemoryQuoteQueries
from adapters.memory.trial_balance import MemoryTrialBalance
from adapters.memory.unit_of_work import MemoryUnitOfWork
from adapters.memory.vitals import MemoryVitals
from adapters.memory.webhooks import MemoryWebhooks
from adapters.postgres import engine
from adapters.postgres.api_key_queries import PostgresApiKeyQueries
from adapters.postgres.auditor import PostgresAuditor
from adapters.postgres.cursor_key import PostgresCursorKey
from adapters.postgres.delivery_queue import PostgresDeliveryQueue
from adapters.postgres.driver_waits import wait_by
from adapters.postgres.events import PostgresEvents
from adapters.postgres.history import PostgresHistory
from adapters.postgres.hold_queries import PostgresHoldQueries
from adapters.postgres.hold_sweeper import PostgresHoldSweeper
from adapters.postgres.log import PostgresLog
from adapters.postgres.queries import PostgresQueries
from adapters.postgres.quote_queries import PostgresQuoteQueries
from adapters.postgres.seals import PostgresSealing, PostgresSeals
from adapters.postgres.sequencer import PostgresSequencer
from adapters.postgres.trial_balance import PostgresTrialBalance
from adapters.postgres.unit_of_work import PostgresUnitOfWork
from adapters.postgres.verifications import PostgresVerifications
from adapters.postgres.vitals import PostgresVitals
from adapters.postgres.webhooks import PostgresWebhooks
from domain.money import Currency
from entrypoints.config import Settings
from service_layer.waiting import IN_THREADS, Waiting


def _adapter(settings: Settings) -> str:
    return "memory" if settings.memory else "postgres"


def _currency_codes(settings: Settings) -> frozenset[str]:
    return frozenset(currency.code for currency in settings.enabled_currencies())


def _currencies_by_code(settings: Settings) -> dict[str, Currency]:
    return {currency.code: currency for currency in settings.enabled_currencies()}


def _exponents(settings: Settings) -> dict[str, int]:
    return {currency.code: currency.exponent for currency in settings.enabled_currencies()}


def _owner_url(settings: Settings) -> str | None:
    return settings.migration_url or settings.database_url


class Stores(containers.DeclarativeContainer):
    """In memory or in PostgreSQL, as the settings say, which must be given."""

    settings = providers.Dependency(instance_of=Settings)
    adapter = providers.Callable(_adapter, settings)
    currencies = providers.Singleton(_currency_codes, settings)
    currencies_by_code = providers.Singleton(_currencies_by_code, settings)
    exponents = providers.Singleton(_exponents, settings)
    clock = providers.Object(system.utc_now)
    new_id = providers.Object(system.new_id)
    new_secret = providers.Object(system.new_secret)
    waiting: providers.Object[Waiting] = providers.Object(IN_THREADS)
    # For a server whose requests are no threads.
    wait_in_loop = providers.Callable(wait_by, waiting.provided.until_ready)
    ledger = providers.Singleton(Ledger)
    posting_engine: providers.Singleton[sa.Engine] = providers.Singleton(
        engine.posting_engine,
        settings.provided.database_url,
        pool_size=1,
        lock_seconds=settings.provided.lock_seconds,
        post_seconds=settings.provided.post_seconds,
    )
    # Client-made batches have a connection of their own: they do not stall single payments.
    batch_engine: providers.Singleton[sa.Engine] = providers.Singleton(
        engine.posting_engine,
        settings.provided.database_url,
        pool_size=1,
        lock_seconds=settings.provided.lock_seconds,
        post_seconds=settings.provided.post_seconds,
    )
    reading_engine: providers.Singleton[sa.Engine] = providers.Singleton(
        engine.reading_engine,
        settings.provided.database_url,
        pool_size=settings.provided.readers,
        read_seconds=settings.provided.read_seconds,
    )
    # Of the wallets and the transactions that are looked up by their ids: one each, one each to spare.
    looking_engine: providers.Singleton[sa.Engine] = providers.Singleton(
        engine.reading_engine,
        settings.provided.database_url,
        pool_size=4,
        read_seconds=settings.provided.read_seconds,
    )
    unit_of_work = providers.Selector(
        adapter,
        memory=providers.Factory(MemoryUnitOfWork, ledger, clock, currencies),
        postgres=providers.Factory(PostgresUnitOfWork, posting_engine, clock, currencies, waiting),
    )
    batch_unit_of_work = providers.Selector(
        adapter,
        memory=providers.Factory(MemoryUnitOfWork, ledger, clock, currencies),
        postgres=providers.Factory(PostgresUnitOfWork, batch_engine, clock, currencies),
    )
    queries = providers.Selector(
        adapter,
        memory=providers.Singleton(MemoryQueries, ledger, clock),
        postgres=providers.Singleton(
            PostgresQueries, reading_engine, looking_engine, clock, waiting
        ),
    )
    hold_queries = providers.Selector(
        adapter,
        memory=providers.Singleton(MemoryHoldQueries, ledger, clock),
        postgres=providers.Singleton(PostgresHoldQueries, reading_engine, clock),
    )
    quote_queries = providers.Selector(
        adapter,
        memory=providers.Singleton(MemoryQuoteQueries, ledger, clock),
        postgres=providers.Singleton(PostgresQuoteQueries, reading_engine, clock),
    )
    history = providers.Selector(
        adapter,
        memory=providers.Singleton(MemoryHistory, ledger, clock, exponents),
        postgres=providers.Singleton(PostgresHistory, reading_engine, clock),
    )
    api_key_queries = providers.Selector(
        adapter,
        memory=providers.Singleton(MemoryApiKeyQueries, ledger),
        postgres=providers.Singleton(PostgresApiKeyQueries, reading_engine),
    )
    watching_engine: providers.Singleton[sa.Engine] = providers.Singleton(
        engine.watching_engine, settings.provided.database_url
    )
    plain_engine: providers.Singleton[sa.Engine] = providers.Singleton(
        engine.plain_engine, settings.provided.database_url
    )
    # As the owner of the tables: for what changes more than serving may.
    owner_engine: providers.Singleton[sa.Engine] = providers.Singleton(
        engine.plain_engine, providers.Callable(_owner_url, settings)
    )
    repairer = providers.Selector(
        adapter,
        memory=providers.Factory(MemoryAuditor, ledger, currencies_by_code),
        postgres=providers.Factory(PostgresAuditor, owner_engine),
    )
    auditor = providers.Selector(
        adapter,
        memory=providers.Factory(MemoryAuditor, ledger, currencies_by_code),
        postgres=providers.Factory(PostgresAuditor, plain_engine),
    )
    hold_sweeper = providers.Selector(
        adapter,
        memory=providers.Factory(MemoryHoldSweeper, ledger, clock),
        postgres=providers.Factory(PostgresHoldSweeper, plain_engine, clock),
    )
    sequencer = providers.Selector(
        adapter,
        memory=providers.Factory(MemorySequencer, ledger),
        postgres=providers.Factory(PostgresSequencer, plain_engine),
    )
    transaction_log = providers.Selector(
        adapter,
        memory=providers.Factory(MemoryLog, ledger),
        postgres=providers.Factory(PostgresLog, reading_engine),
    )
    events = providers.Selector(
        adapter,
        memory=providers.Factory(MemoryEvents, ledger),
        postgres=providers.Factory(PostgresEvents, reading_engine),
    )
    seals = providers.Selector(
        adapter,
        memory=providers.Factory(MemorySeals, ledger),
        postgres=providers.Factory(PostgresSeals, reading_engine),
    )
    sealing = providers.Selector(
        adapter,
        memory=providers.Factory(MemorySeals, ledger),
        postgres=providers.Factory(PostgresSealing, plain_engine),
    )
    verifications = providers.Selector(
        adapter,
        memory=providers.Factory(MemoryVerifications, ledger),
        postgres=providers.Factory(PostgresVerifications, plain_engine, reading_engine),
    )
    webhooks = providers.Selector(
        adapter,
        memory=providers.Factory(MemoryWebhooks, ledger),
        postgres=providers.Factory(PostgresWebhooks, reading_engine),
    )
    working_engine: providers.Singleton[sa.Engine] = providers.Singleton(
        engine.working_engine,
        settings.provided.database_url,
        pool_size=settings.provided.webhook_threads,
    )
    working_sequencer = providers.Selector(
        adapter,
        memory=sequencer,
        postgres=providers.Factory(PostgresSequencer, working_engine),
    )
    delivery_queue = providers.Selector(
        adapter,
        memory=providers.Factory(MemoryDeliveryQueue, ledger, new_id),
        postgres=providers.Factory(PostgresDeliveryQueue, working_engine),
    )
    trial_balance = providers.Selector(
        adapter,
        memory=providers.Singleton(MemoryTrialBalance, ledger, currencies),
        postgres=providers.Singleton(PostgresTrialBalance, reading_engine),
    )
    vitals = providers.Selector(
        adapter,
        memory=providers.Factory(MemoryVitals, ledger),
        postgres=providers.Factory(PostgresVitals, watching_engine),
    )
    cursor_key = providers.Selector(
        adapter,
        memory=providers.Singleton(MemoryCursorKey),
        postgres=providers.Singleton(PostgresCursorKey, reading_engine),
    )
