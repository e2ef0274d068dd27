"""The container: the only place that knows which adapter fulfils which port."""

import random
import time
from datetime import timedelta

from dependency_injector import providers
from flask import Flask

from adapters import system
from adapters.metrics.exposition import Exposition
from adapters.metrics.vitals_collector import VitalsCollector
from adapters.webhook_signer import sign
from entrypoints.config import Settings
from entrypoints.container.outside import Outside
from entrypoints.draining import draining
from entrypoints.gate import Gate
from entrypoints.http.app import build_app
from entrypoints.http.edge import Edge, at_the_edge
from entrypoints.http.overloaded import overloaded
from entrypoints.http.services import Services, WebhookServices
from service_layer.authenticate import Authenticator
from service_layer.deliver_webhook import Deliverer
from service_layer.exchange_desk import ExchangeDesk
from service_layer.group_commit import GroupCommit
from service_layer.prove import Prover
from service_layer.rate_limits import RateLimits
from service_layer.run_batch import BatchRunner, Retry
from service_layer.seal import Sealer

BATCHES_WAITING_MAX = 16


def _asking(settings: Settings) -> str:
    return "everybody" if settings.auth else "nobody"


class Container(Outside):
    """Override a provider to swap what it provides; `settings` must be given."""

    authenticator = providers.Selector(
        providers.Callable(_asking, Outside.settings),
        everybody=providers.Singleton(
            Authenticator,
            queries=Outside.api_key_queries,
            clock=Outside.clock,
            waiting=Outside.waiting,
        ),
        nobody=providers.Object(None),
    )
    deliverer = providers.Factory(
        Deliverer,
        queue=Outside.delivery_queue,
        events=Outside.events,
        sender=Outside.webhook_sender,
        sign=providers.Object(sign),
        clock=Outside.clock,
        stopwatch=providers.Object(time.monotonic),
        chance=providers.Object(random.random),
    )
    webhook_services = providers.Factory(
        WebhookServices,
        queries=Outside.webhooks,
        new_secret=providers.Object(system.new_webhook_secret),
        allow_private=Outside.settings.provided.webhook_allow_private,
    )
    sealer = providers.Factory(
        Sealer,
        sequencer=Outside.sequencer,
        log=Outside.transaction_log,
        sealing=Outside.sealing,
        clock=Outside.clock,
    )
    prover = providers.Factory(
        Prover, queries=Outside.queries, log=Outside.transaction_log, seals=Outside.seals
    )
    exchange_desk = providers.Singleton(
        ExchangeDesk,
        rates=Outside.rates,
        currencies=Outside.currencies_by_code,
        quote_lifetime=providers.Factory(
            timedelta, seconds=Outside.settings.provided.quote_seconds
        ),
    )
    rate_note = Outside.metrics.provided.tally.limited
    rate_limits = providers.Singleton(
        RateLimits,
        rates=Outside.settings.provided.rates.call(),
        shared=Outside.rate_counter,
        own=Outside.own_rate_counter,
        clock=providers.Object(time.time),
        note=rate_note,
    )
    batch_runner = providers.Factory(
        BatchRunner,
        retry=providers.Factory(Retry, sleep=Outside.waiting.provided.sleep),
        open_unit=Outside.tracing.provided.open_unit.call(Outside.unit_of_work.provider),
        meter=Outside.single_meter,
    )
    group_commit = providers.Singleton(
        GroupCommit,
        Outside.tracing.provided.run.call(batch_runner.provided.run),
        meter=Outside.single_meter,
        waiting=Outside.waiting,
    )
    batch_lane = providers.Singleton(
        GroupCommit,
        Outside.tracing.provided.run.call(
            providers.Factory(
                BatchRunner,
                open_unit=Outside.tracing.provided.open_unit.call(
                    Outside.batch_unit_of_work.provider
                ),
                meter=Outside.batch_meter,
            ).provided.run
        ),
        batch_size_max=1,
        queue_size_max=BATCHES_WAITING_MAX,
        meter=Outside.batch_meter,
    )
    gate = providers.Singleton(Gate, inside_max=Outside.settings.provided.threads)
    exposition = providers.Singleton(
        Exposition,
        Outside.metrics,
        providers.Factory(VitalsCollector, Outside.vitals, Outside.clock),
        gate=gate,
        queues=providers.Dict(single=group_commit, batch=batch_lane),
        pools=providers.Selector(
            Outside.adapter,
            memory=providers.Dict(),
            postgres=providers.Dict(
                posting=Outside.posting_engine,
                batch=Outside.batch_engine,
                reading=Outside.reading_engine,
                looking=Outside.looking_engine,
            ),
        ),
    )
    edge = providers.Singleton(
        Edge,
        trusted_hops=Outside.settings.provided.trusted_hops,
        allowed_origins=Outside.settings.provided.allowed_origins.call(),
        hsts_seconds=Outside.settings.provided.hsts_seconds,
        is_draining=providers.Object(draining),
    )
    overloaded = providers.Callable(
        at_the_edge,
        providers.Callable(overloaded, Outside.new_id, is_draining=providers.Object(draining)),
        edge,
        Outside.new_id,
    )
    services = providers.Factory(
        Services,
        execute=Outside.tracing.provided.execute.call(group_commit.provided.execute),
        execute_batch=Outside.tracing.provided.execute.call(batch_lane.provided.execute),
        queries=Outside.queries,
        hold_queries=Outside.hold_queries,
        quote_queries=Outside.quote_queries,
        exchange_desk=exchange_desk,
        history=Outside.history,
        new_id=Outside.new_id,
        not_ready=Outside.not_ready.provider,
        prover=prover,
        seals=Outside.seals,
        verifications=Outside.verifications,
        trial_balance=Outside.trial_balance,
        currencies=Outside.settings.provided.enabled_currencies.call(),
        authenticator=authenticator,
        api_key_queries=Outside.api_key_queries,
        new_secret=Outside.new_secret,
        clock=Outside.clock,
        events=Outside.events,
        webhooks=webhook_services,
        cursor_key=Outside.cursor_key,
        count=Outside.metrics.provided.tally.answered,
        show_metrics=exposition.provided.show,
        metrics_open=Outside.settings.provided.metrics_open,
        edge=edge,
        rate_limits=rate_limits,
        read_cache=Outside.read_cache,
    )
    app: providers.Factory[Flask] = providers.Factory(build_app, services)
