"""Metrics of what the database says, asked at most every few seconds."""

import logging
from collections.abc import Callable, Iterable
from threading import Lock
from time import monotonic

from prometheus_client.core import GaugeMetricFamily

from service_layer.ports import Clock
from service_layer.vitals import Vitals, VitalSigns

KEPT_SECONDS = 5.0
STALE_SECONDS = 20.0
log = logging.getLogger(__name__)


class VitalsCollector:
    """What cannot be read is left out, then `payments_database_up` is 0; only one asks at a time."""

    def __init__(
        self, signs: VitalSigns, clock: Clock, stopwatch: Callable[[], float] = monotonic
    ) -> None:
        self._signs = signs
        self._clock = clock
        self._stopwatch = stopwatch
        self._asking = Lock()
        self._asked_at = float("-inf")
        self._vitals: Vitals | None = None

    def describe(self) -> Iterable[GaugeMetricFamily]:
        return _families()

    def collect(self) -> Iterable[GaugeMetricFamily]:
        vitals = self._latest()
        families = up, *_ = _families()
        up.add_metric([], 0 if vitals is None else 1)
        if vitals is not None:
            self._fill(families, vitals)
        return families

    def _latest(self) -> Vitals | None:
        if self._asking.acquire(blocking=False):
            try:
                if self._stopwatch() - self._asked_at >= KEPT_SECONDS:
                    self._vitals = self._ask()
                    self._asked_at = self._stopwatch()
            finally:
                self._asking.release()
        elif self._stopwatch() - self._asked_at >= STALE_SECONDS:
            return None  # whoever asks gets no answer, not even that there is none
        return self._vitals

    def _ask(self) -> Vitals | None:
        try:
            return self._signs.read()
        except Exception as error:
            # Whatever it is, the other metrics are needed now more than ever.
            log.warning("the database says nothing to /metrics: %s", type(error).__name__)
            return None

    def _fill(self, families: list[GaugeMetricFamily], vitals: Vitals) -> None:
        _, items, ages, failing, dead, verified, findings, took = families
        now = self._clock()
        for backlog in vitals.backlogs:
            since = backlog.oldest_at
            items.add_metric([backlog.name], backlog.waiting)
            age = 0.0 if since is None else (now - since).total_seconds()
            ages.add_metric([backlog.name], max(age, 0.0))
        failing.add_metric([], vitals.failing_endpoints)
        dead.add_metric([], vitals.dead_letters)
        last = vitals.verification
        if last is not None:
            verified.add_metric([], (now - last.started_at).total_seconds())
            findings.add_metric([], last.findings)
            took.add_metric([], last.duration_ms / 1000)


def _families() -> list[GaugeMetricFamily]:
    return [
        GaugeMetricFamily("payments_database_up", "Whether the database has answered /metrics."),
        GaugeMetricFamily(
            "payments_backlog_items",
            "What waits for the work beside the payments, counted up to 10000.",
            labels=["backlog"],
        ),
        GaugeMetricFamily(
            "payments_backlog_age_seconds",
            "The age of what has waited longest; 0 when nothing waits.",
            labels=["backlog"],
        ),
        GaugeMetricFamily(
            "payments_webhook_endpoints_failing",
            "Enabled webhook endpoints that are left alone for a while because they fail.",
        ),
        GaugeMetricFamily(
            "payments_webhook_dead_letters", "Webhooks that were given up, counted up to 10000."
        ),
        GaugeMetricFamily(
            "payments_last_verification_age_seconds",
            "Since the last verification of the books began; absent when there was none.",
        ),
        GaugeMetricFamily(
            "payments_last_verification_findings", "What the last verification has found wrong."
        ),
        GaugeMetricFamily(
            "payments_last_verification_duration_seconds", "How long the last verification took."
        ),
    ]
