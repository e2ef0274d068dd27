"""The container: the only place that knows which adapter fulfils which port."""

import random
import time
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa
from dependency_injector import containers, providers
from flask import Flask

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
from adapters.metrics.exposition import Exposition, Metrics
from adapters.metrics.vitals_collector import VitalsCollector
from adapters.postgres import engine
from adapters.postgres.api_key_queries import PostgresApiKeyQueries
from adapters.postgres.archive import PostgresArchive
from adapters.postgres.auditor import PostgresAuditor
from adapters.postgres.cursor_key import PostgresCursorKey
from adapters.postgres.delivery_queue import PostgresDeliveryQueue
from adapters.postgres.embedded import default_data_dir, embedded_postgres
from adapters.postgres.embedded.files import has_data
from adapters.postgres.events import PostgresEvents
from adapters.postgres.history import PostgresHistory
from adapters.postgres.hold_queries import PostgresHoldQueries
from adapters.postgres.hold_sweeper import PostgresHoldSweeper
from adapters.postgres.ledger_lines import PostgresLedger
from adapters.postgres.log import PostgresLog
from adapters.postgres.migrate import is_blank, migrate, reasons_not_ready, require_current
from adapters.postgres.queries import PostgresQueries
from adapters.postgres.quote_queries import PostgresQuoteQueries
from adapters.postgres.seals import PostgresSealing, PostgresSeals
from adapters.postgres.sequencer import PostgresSequencer
from adapters.postgres.trial_balance import PostgresTrialBalance
from adapters.postgres.unit_of_work import PostgresUnitOfWork
from adapters.postgres.verifications import PostgresVerifications
from adapters.postgres.vitals import PostgresVitals
from adapters.postgres.webhooks import PostgresWebhooks
from adapters.rates.file import FileRates, read_file
from adapters.rates.static import StaticRates
from adapters.tracing import make_tracing
from adapters.webhook_sender import HttpWebhookSender
from adapters.webhook_signer import sign
from domain.money import Currency
from entrypoints.config import Settings
from entrypoints.http.app import build_app
from entrypoints.http.problem_table import BY_CODE
from entrypoints.http.services import Services, WebhookServices
from service_layer.authenticate import Authenticator
from service_layer.deliver_webhook import Deliverer
from service_layer.exchange_desk import ExchangeDesk
from service_layer.group_commit import GroupCommit
from service_layer.prove import Prover
from service_layer.rates import Rates
from service_layer.run_batch import BatchRunner
from service_layer.seal import Sealer

BATCHES_WAITING_MAX = 16


def _adapter(settings: Settings) -> str:
    return "memory" if settings.memory else "postgres"


def _currency_codes(settings: Settings) -> frozenset[str]:
    return frozenset(currency.code for currency in settings.enabled_currencies())


def _currencies_by_code(settings: Settings) -> dict[str, Currency]:
    return {currency.code: currency for currency in settings.enabled_currencies()}


def _rates(settings: Settings) -> Rates:
    """Those of the file; without one nothing is exchanged."""
    return StaticRates({}) if settings.rates_file is None else FileRates(settings.rates_file)


def _exponents(settings: Settings) -> dict[str, int]:
    return {currency.code: currency.exponent for currency in settings.enabled_currencies()}


def _asking(settings: Settings) -> str:
    return "everybody" if settings.auth else "nobody"


def _data_dir(settings: Settings) -> Path:
    return settings.data_dir or default_data_dir()


class Container(containers.DeclarativeContainer):
    """Override a provider to swap what it provides; `settings` must be given."""

    settings = providers.Dependency(instance_of=Settings)
    adapter = providers.Callable(_adapter, settings)
    currencies = providers.Singleton(_currency_codes, settings)
    currencies_by_code = providers.Singleton(_currencies_by_code, settings)
    exponents = providers.Singleton(_exponents, settings)
    data_dir = providers.Callable(_data_dir, settings)
    clock = providers.Object(system.utc_now)
    new_id = providers.Object(system.new_id)
    new_secret = providers.Object(system.new_secret)

    ledger = providers.Singleton(Ledger)
    posting_engine: providers.Singleton[sa.Engine] = providers.Singleton(
        engine.posting_engine, settings.provided.database_url, pool_size=1
    )
    # Client-made batches have a connection of their own: they do not stall single payments.
    batch_engine: providers.Singleton[sa.Engine] = providers.Singleton(
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
    batch_unit_of_work = providers.Selector(
        adapter,
        memory=providers.Factory(MemoryUnitOfWork, ledger, clock, currencies),
        postgres=providers.Factory(PostgresUnitOfWork, batch_engine, clock, currencies),
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
    authenticator = providers.Selector(
        providers.Callable(_asking, settings),
        everybody=providers.Singleton(Authenticator, queries=api_key_queries, clock=clock),
        nobody=providers.Object(None),
    )
    not_ready = providers.Selector(
        adapter,
        memory=providers.Callable(list),
        postgres=providers.Callable(reasons_not_ready, reading_engine),
    )
    watching_engine: providers.Singleton[sa.Engine] = providers.Singleton(
        engine.watching_engine, settings.provided.database_url
    )
    plain_engine: providers.Singleton[sa.Engine] = providers.Singleton(
        engine.plain_engine, settings.provided.database_url
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
    webhook_sender = providers.Singleton(
        HttpWebhookSender, allow_private=settings.provided.webhook_allow_private
    )
    deliverer = providers.Factory(
        Deliverer,
        queue=delivery_queue,
        events=events,
        sender=webhook_sender,
        sign=providers.Object(sign),
        clock=clock,
        stopwatch=providers.Object(time.monotonic),
        chance=providers.Object(random.random),
    )
    webhook_services = providers.Factory(
        WebhookServices,
        queries=webhooks,
        new_secret=providers.Object(system.new_webhook_secret),
        allow_private=settings.provided.webhook_allow_private,
    )
    trial_balance = providers.Selector(
        adapter,
        memory=providers.Singleton(MemoryTrialBalance, ledger, currencies),
        postgres=providers.Singleton(PostgresTrialBalance, reading_engine),
    )
    sealer = providers.Factory(
        Sealer, sequencer=sequencer, log=transaction_log, sealing=sealing, clock=clock
    )
    prover = providers.Factory(Prover, queries=queries, log=transaction_log, seals=seals)
    migration = providers.Callable(
        migrate, plain_engine, settings.provided.enabled_currencies.call()
    )
    require_current = providers.Callable(require_current, plain_engine)
    is_blank = providers.Callable(is_blank, plain_engine)
    # Books in memory end with their server: nothing comes in or goes out.
    archive = providers.Factory(PostgresArchive, plain_engine)
    ledger_lines = providers.Factory(PostgresLedger, plain_engine)
    has_data = providers.Callable(has_data, data_dir)
    embedded_database = providers.Callable(embedded_postgres, data_dir)
    rates = providers.Singleton(_rates, settings)
    read_rates_file = providers.Callable(read_file, settings.provided.rates_file)
    exchange_desk = providers.Singleton(
        ExchangeDesk,
        rates=rates,
        currencies=currencies_by_code,
        quote_lifetime=providers.Factory(timedelta, seconds=settings.provided.quote_seconds),
    )
    metrics = providers.Singleton(Metrics, settings.provided.metrics_dir, tuple(BY_CODE))
    single_meter = metrics.provided.tally.lane.call("single")
    batch_meter = metrics.provided.tally.lane.call("batch")
    tracing = providers.Singleton(make_tracing, settings.provided.otlp_endpoint)
    batch_runner = providers.Factory(
        BatchRunner,
        open_unit=tracing.provided.open_unit.call(unit_of_work.provider),
        meter=single_meter,
    )
    group_commit = providers.Singleton(
        GroupCommit, tracing.provided.run.call(batch_runner.provided.run), meter=single_meter
    )
    batch_lane = providers.Singleton(
        GroupCommit,
        tracing.provided.run.call(
            providers.Factory(
                BatchRunner,
                open_unit=tracing.provided.open_unit.call(batch_unit_of_work.provider),
                meter=batch_meter,
            ).provided.run
        ),
        batch_size_max=1,
        queue_size_max=BATCHES_WAITING_MAX,
        meter=batch_meter,
    )
    vitals = providers.Selector(
        adapter,
        memory=providers.Factory(MemoryVitals, ledger),
        postgres=providers.Factory(PostgresVitals, watching_engine),
    )
    exposition = providers.Singleton(
        Exposition,
        metrics,
        providers.Factory(VitalsCollector, vitals, clock),
        queues=providers.Dict(single=group_commit, batch=batch_lane),
        pools=providers.Selector(
            adapter,
            memory=providers.Dict(),
            postgres=providers.Dict(
                posting=posting_engine, batch=batch_engine, reading=reading_engine
            ),
        ),
    )
    cursor_key = providers.Selector(
        adapter,
        memory=providers.Singleton(MemoryCursorKey),
        postgres=providers.Singleton(PostgresCursorKey, reading_engine),
    )
    services = providers.Factory(
        Services,
        execute=tracing.provided.execute.call(group_commit.provided.execute),
        execute_batch=tracing.provided.execute.call(batch_lane.provided.execute),
        queries=queries,
        hold_queries=hold_queries,
        quote_queries=quote_queries,
        exchange_desk=exchange_desk,
        history=history,
        new_id=new_id,
        not_ready=not_ready.provider,
        prover=prover,
        seals=seals,
        verifications=verifications,
        trial_balance=trial_balance,
        currencies=settings.provided.enabled_currencies.call(),
        authenticator=authenticator,
        api_key_queries=api_key_queries,
        new_secret=new_secret,
        clock=clock,
        events=events,
        webhooks=webhook_services,
        cursor_key=cursor_key,
        count=metrics.provided.tally.answered,
        show_metrics=exposition.provided.show,
        metrics_open=settings.provided.metrics_open,
    )
    app: providers.Factory[Flask] = providers.Factory(build_app, services)
