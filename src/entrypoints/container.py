"""The container: the only place that knows which adapter fulfils which port."""

from pathlib import Path

import sqlalchemy as sa
from dependency_injector import containers, providers
from flask import Flask

from adapters import system
from adapters.memory.auditor import MemoryAuditor
from adapters.memory.hold_queries import MemoryHoldQueries
from adapters.memory.hold_sweeper import MemoryHoldSweeper
from adapters.memory.ledger import Ledger
from adapters.memory.log import MemoryLog, MemorySeals, MemorySequencer, MemoryVerifications
from adapters.memory.queries import MemoryQueries
from adapters.memory.unit_of_work import MemoryUnitOfWork
from adapters.postgres import engine
from adapters.postgres.auditor import PostgresAuditor
from adapters.postgres.embedded import default_data_dir, embedded_postgres
from adapters.postgres.embedded.files import has_data
from adapters.postgres.hold_queries import PostgresHoldQueries
from adapters.postgres.hold_sweeper import PostgresHoldSweeper
from adapters.postgres.log import PostgresLog
from adapters.postgres.migrate import migrate, reasons_not_ready, require_current
from adapters.postgres.queries import PostgresQueries
from adapters.postgres.seals import PostgresSealing, PostgresSeals
from adapters.postgres.sequencer import PostgresSequencer
from adapters.postgres.unit_of_work import PostgresUnitOfWork
from adapters.postgres.verifications import PostgresVerifications
from entrypoints.config import Settings
from entrypoints.http.app import build_app
from entrypoints.http.services import Services
from service_layer.group_commit import GroupCommit
from service_layer.prove import Prover
from service_layer.run_batch import BatchRunner
from service_layer.seal import Sealer


def _adapter(settings: Settings) -> str:
    return "memory" if settings.memory else "postgres"


def _currency_codes(settings: Settings) -> frozenset[str]:
    return frozenset(currency.code for currency in settings.enabled_currencies())


def _data_dir(settings: Settings) -> Path:
    return settings.data_dir or default_data_dir()


class Container(containers.DeclarativeContainer):
    """Override a provider to swap what it provides; `settings` must be given."""

    settings = providers.Dependency(instance_of=Settings)
    adapter = providers.Callable(_adapter, settings)
    currencies = providers.Singleton(_currency_codes, settings)
    data_dir = providers.Callable(_data_dir, settings)
    clock = providers.Object(system.utc_now)
    new_id = providers.Object(system.new_id)

    ledger = providers.Singleton(Ledger)
    posting_engine: providers.Singleton[sa.Engine] = providers.Singleton(
        engine.posting_engine, settings.provided.database_url, pool_size=1
    )
    reading_engine: providers.Singleton[sa.Engine] = providers.Singleton(
        engine.reading_engine,
        settings.provided.database_url,
        pool_size=settings.provided.readers,
    )
    unit_of_work = providers.Selector(
        adapter,
        memory=providers.Factory(MemoryUnitOfWork, ledger, clock, currencies),
        postgres=providers.Factory(PostgresUnitOfWork, posting_engine, clock, currencies),
    )
    queries = providers.Selector(
        adapter,
        memory=providers.Singleton(MemoryQueries, ledger, clock),
        postgres=providers.Singleton(PostgresQueries, reading_engine, clock),
    )
    hold_queries = providers.Selector(
        adapter,
        memory=providers.Singleton(MemoryHoldQueries, ledger, clock),
        postgres=providers.Singleton(PostgresHoldQueries, reading_engine, clock),
    )
    not_ready = providers.Selector(
        adapter,
        memory=providers.Callable(list),
        postgres=providers.Callable(reasons_not_ready, reading_engine),
    )
    plain_engine: providers.Singleton[sa.Engine] = providers.Singleton(
        engine.plain_engine, settings.provided.database_url
    )
    auditor = providers.Selector(
        adapter,
        memory=providers.Factory(MemoryAuditor, ledger),
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
    sealer = providers.Factory(
        Sealer, sequencer=sequencer, log=transaction_log, sealing=sealing, clock=clock
    )
    prover = providers.Factory(Prover, queries=queries, log=transaction_log, seals=seals)
    migration = providers.Callable(
        migrate, plain_engine, settings.provided.enabled_currencies.call()
    )
    require_current = providers.Callable(require_current, plain_engine)
    has_data = providers.Callable(has_data, data_dir)
    embedded_database = providers.Callable(embedded_postgres, data_dir)
    batch_runner = providers.Factory(BatchRunner, open_unit=unit_of_work.provider)
    group_commit = providers.Singleton(GroupCommit, batch_runner.provided.run)
    services = providers.Factory(
        Services,
        execute=group_commit.provided.execute,
        queries=queries,
        hold_queries=hold_queries,
        new_id=new_id,
        not_ready=not_ready.provider,
        prover=prover,
        seals=seals,
        verifications=verifications,
        currencies=settings.provided.enabled_currencies.call(),
    )
    app: providers.Factory[Flask] = providers.Factory(build_app, services)
