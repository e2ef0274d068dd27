"""What the HTTP entrypoint needs from the rest of the service."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from domain.idempotency import Outcome
from domain.money import Currency
from entrypoints.http.edge import Edge
from service_layer.api_key_queries import ApiKeyQueries
from service_layer.authenticate import Authenticator
from service_layer.command import Command
from service_layer.event_queries import EventQueries
from service_layer.exchange_desk import ExchangeDesk
from service_layer.history import History
from service_layer.hold_queries import HoldQueries
from service_layer.ports import Clock, NewId, NewSecret
from service_layer.prove import Prover
from service_layer.queries import Queries
from service_layer.quote_queries import QuoteQueries
from service_layer.rate_limits import UNLIMITED, RateLimits
from service_layer.read_cache import NoCache, ReadCache
from service_layer.seals import Seals
from service_layer.trial_balance import TrialBalance
from service_layer.verification import Verifications
from service_layer.webhook_queries import WebhookQueries

Count = Callable[[str, str, str, str | None, float], None]
"""Counts an answer: the route, the method, the status, the code of a problem, the seconds it took."""


def count_nothing(*_answer: object) -> None:
    """Nobody counts."""


def show_nothing(_accept: str) -> tuple[bytes, str]:
    """There is nothing to show."""
    return b"", "text/plain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a request may be at most."""

    body_bytes_max: int = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookServices:
    """`allow_private` lets endpoints be of private hosts: for development."""

    queries: WebhookQueries
    new_secret: Callable[[], str]
    allow_private: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Handed in by the container.

    `execute` runs one command and raises what kept it from having an outcome; `execute_batch` does so in a
    lane of its own, for what takes long. `not_ready` says in plain sentences why the service cannot serve
    now, and nothing when it can. `currencies` are those that new wallets may have. Without an `authenticator`
    nobody needs an API key. `count` is told of every answer; `show_metrics` gives all numbers in the
    format that an Accept header asks for, with its content type. With `metrics_open` nobody needs a key for
    these. `cursor_key` gives the key under which cursors are authenticated.
    """

    execute: Callable[[Command], Outcome]
    execute_batch: Callable[[Command], Outcome]
    queries: Queries
    hold_queries: HoldQueries
    quote_queries: QuoteQueries
    exchange_desk: ExchangeDesk
    history: History
    new_id: NewId
    not_ready: Callable[[], list[str]]
    prover: Prover
    seals: Seals
    verifications: Verifications
    trial_balance: TrialBalance
    currencies: Sequence[Currency]
    authenticator: Authenticator | None
    api_key_queries: ApiKeyQueries
    new_secret: NewSecret
    clock: Clock
    events: EventQueries
    webhooks: WebhookServices
    cursor_key: Callable[[], bytes]
    count: Count = count_nothing
    show_metrics: Callable[[str], tuple[bytes, str]] = show_nothing
    metrics_open: bool = False
    rate_limits: RateLimits = UNLIMITED
    read_cache: ReadCache = field(default_factory=NoCache)
    limits: Limits = field(default_factory=Limits)
    edge: Edge = field(default_factory=Edge)
