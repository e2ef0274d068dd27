"""Every metric that the workers count, with its name, its unit, its labels."""

from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from service_layer.unit_of_work import Reason

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
COMMANDS = (1, 2, 4, 8, 16, 32, 64, 128, 256)
RETRIES = (*Reason, "alone", "commit-unknown")


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpFamilies:
    """Of requests."""

    requests: Counter
    durations: Histogram
    problems: Counter
    rates: Counter
    overload: Counter


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchFamilies:
    """Of the money road."""

    commands: Histogram
    durations: Histogram
    retries: Counter
    lock_waits: Histogram
    unknown: Counter


@dataclass(frozen=True, slots=True, kw_only=True)
class Gauges:
    """What there is at the moment, summed over the processes that live."""

    inside: Gauge
    queue: Gauge
    connections: Gauge
    connections_max: Gauge
    workers: Gauge


@dataclass(frozen=True, slots=True, kw_only=True)
class Families:
    """Counters and histograms outlive their process."""

    http: HttpFamilies
    batches: BatchFamilies
    gauges: Gauges


def make_families(registry: CollectorRegistry) -> Families:
    """All of them, registered."""
    made = _Maker(registry)
    return Families(http=_http_families(made), batches=_batch_families(made), gauges=_gauges(made))


def _http_families(made: "_Maker") -> HttpFamilies:
    return HttpFamilies(
        requests=made.counter(
            "http_requests_total", "Requests that were answered.", "route", "method", "status"
        ),
        durations=made.histogram(
            "http_request_duration_seconds",
            "From a request's arrival in a worker until its answer is handed to the server.",
            "route",
            "method",
        ),
        problems=made.counter(
            "problems_total",
            "Problems that were answered, by their code; operations inside a batch are not counted.",
            "code",
        ),
        rates=made.counter(
            "rate_limit_total",
            "Requests that a rate has refused, or that passed because nobody could count them.",
            "event",
            "kind",
        ),
        overload=made.counter(
            "overload_refusals_total",
            "Requests that found a worker full: 503 `overloaded`, not counted as answered.",
        ),
    )


def _batch_families(made: "_Maker") -> BatchFamilies:
    return BatchFamilies(
        commands=made.histogram(
            "batch_commands", "Commands that shared one commit.", "lane", buckets=COMMANDS
        ),
        durations=made.histogram(
            "batch_duration_seconds",
            "From the start of a batch until its results, its retries included.",
            "lane",
        ),
        retries=made.counter(
            "batch_retries_total", "Batches that had to run again, by the reason.", "reason"
        ),
        lock_waits=made.histogram(
            "lock_wait_seconds",
            "From asking for a connection until a batch's wallets are locked, its books read.",
            "lane",
        ),
        unknown=made.counter(
            "outcome_unknown_total",
            "Commands that ended without it being known whether they were done.",
        ),
    )


def _gauges(made: "_Maker") -> Gauges:
    return Gauges(
        inside=made.gauge(
            "requests_inside",
            "Requests that are inside, the payments' wait for their commit included.",
        ),
        queue=made.gauge("commit_queue_length", "Commands that wait for a batch.", "lane"),
        connections=made.gauge(
            "database_connections_in_use", "Connections in use, by their pool.", "pool"
        ),
        connections_max=made.gauge(
            "database_connections_max", "Connections that a pool may have.", "pool"
        ),
        workers=made.gauge("workers", "Processes that serve HTTP."),
    )


class _Maker:
    """Makes metrics with the prefix of this service."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry

    def counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(f"payments_{name}", text, labels, registry=self._registry)

    def histogram(
        self, name: str, text: str, *labels: str, buckets: tuple[float, ...] = SECONDS
    ) -> Histogram:
        return Histogram(f"payments_{name}", text, labels, buckets=buckets, registry=self._registry)

    def gauge(self, name: str, text: str, *labels: str) -> Gauge:
        return Gauge(
            f"payments_{name}", text, labels, registry=self._registry, multiprocess_mode="livesum"
        )
