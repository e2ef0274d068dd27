"""Every metric that the workers count, with its name, its unit, its labels."""

from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from service_layer.unit_of_work import Reason

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
COMMANDS = (1, 2, 4, 8, 16, 32, 64, 128, 256)
RETRIES = (*Reason, "alone", "commit-unknown")


@dataclass(frozen=True, slots=True, kw_only=True)
class Families:
    """Counters and histograms outlive their process; gauges are summed over those that live."""

    requests: Counter
    durations: Histogram
    problems: Counter
    batch_commands: Histogram
    batch_durations: Histogram
    retries: Counter
    lock_waits: Histogram
    unknown: Counter
    queue: Gauge
    connections: Gauge
    connections_max: Gauge
    workers: Gauge


def make_families(registry: CollectorRegistry) -> Families:
    """All of them, registered."""
    return Families(
        requests=Counter(
            "payments_http_requests_total",
            "Requests that were answered.",
            ["route", "method", "status"],
            registry=registry,
        ),
        durations=_seconds(
            registry,
            "payments_http_request_duration_seconds",
            "From a request's arrival in a worker until its answer is handed to the server.",
            ["route", "method"],
        ),
        problems=Counter(
            "payments_problems_total",
            "Problems that were answered, by their code; operations inside a batch are not counted.",
            ["code"],
            registry=registry,
        ),
        batch_commands=Histogram(
            "payments_batch_commands",
            "Commands that shared one commit.",
            ["lane"],
            buckets=COMMANDS,
            registry=registry,
        ),
        batch_durations=_seconds(
            registry,
            "payments_batch_duration_seconds",
            "From the start of a batch until its results, its retries included.",
            ["lane"],
        ),
        retries=Counter(
            "payments_batch_retries_total",
            "Batches that had to run again, by the reason.",
            ["reason"],
            registry=registry,
        ),
        lock_waits=_seconds(
            registry,
            "payments_lock_wait_seconds",
            "From asking for a connection until a batch's wallets are locked, its books read.",
            ["lane"],
        ),
        unknown=Counter(
            "payments_outcome_unknown_total",
            "Commands that ended without it being known whether they were done.",
            registry=registry,
        ),
        queue=_gauge(
            registry,
            "payments_commit_queue_length",
            "Commands that wait for a batch.",
            ["lane"],
        ),
        connections=_gauge(
            registry,
            "payments_database_connections_in_use",
            "Connections in use, by their pool.",
            ["pool"],
        ),
        connections_max=_gauge(
            registry,
            "payments_database_connections_max",
            "Connections that a pool may have.",
            ["pool"],
        ),
        workers=_gauge(registry, "payments_workers", "Processes that serve HTTP.", []),
    )


def _seconds(registry: CollectorRegistry, name: str, text: str, labels: list[str]) -> Histogram:
    return Histogram(name, text, labels, buckets=SECONDS, registry=registry)


def _gauge(registry: CollectorRegistry, name: str, text: str, labels: list[str]) -> Gauge:
    return Gauge(name, text, labels, registry=registry, multiprocess_mode="livesum")
