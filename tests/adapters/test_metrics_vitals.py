"""The database is asked for metrics once in a while; without it all other metrics are still shown."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Event, Thread

import pytest
from prometheus_client import CollectorRegistry

from adapters.metrics.vitals_collector import KEPT_SECONDS, STALE_SECONDS, VitalsCollector
from domain.errors import Unavailable
from service_layer.verification import Verification
from service_layer.vitals import Backlog, Vitals

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
VITALS = Vitals(
    backlogs=(
        Backlog(name="numbering", waiting=0, oldest_at=None),
        Backlog(name="sealing", waiting=4, oldest_at=NOON - timedelta(seconds=9)),
    ),
    failing_endpoints=2,
    dead_letters=7,
    verification=Verification(
        started_at=NOON - timedelta(hours=2),
        duration_ms=1500,
        quick=True,
        transactions=1,
        postings=2,
        wallets=1,
        sealed=0,
        findings=2,
    ),
)


class Signs:
    """Answers with whatever the test has in mind, and counts how often it was asked."""

    def __init__(self, read: Callable[[], Vitals]) -> None:
        self.read_now = read
        self.asked = 0

    def read(self) -> Vitals:
        self.asked += 1
        return self.read_now()


class Watch:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def registered(signs: Signs, watch: Watch | None = None) -> CollectorRegistry:
    registry = CollectorRegistry()
    registry.register(VitalsCollector(signs, lambda: NOON, watch or Watch()))
    return registry


def unavailable() -> Vitals:
    raise Unavailable("The database cannot be reached.")


def test_what_the_database_says_is_shown_with_ages_instead_of_times() -> None:
    value = registered(Signs(lambda: VITALS)).get_sample_value
    assert value("payments_database_up") == 1
    assert value("payments_backlog_items", {"backlog": "sealing"}) == 4
    assert value("payments_backlog_age_seconds", {"backlog": "sealing"}) == 9
    assert value("payments_backlog_age_seconds", {"backlog": "numbering"}) == 0
    assert value("payments_webhook_endpoints_failing") == 2
    assert value("payments_webhook_dead_letters") == 7
    assert value("payments_last_verification_age_seconds") == 7200
    assert value("payments_last_verification_findings") == 2
    assert value("payments_last_verification_duration_seconds") == 1.5


@pytest.mark.parametrize("error", [Unavailable("Gone."), ZeroDivisionError()])
def test_without_the_database_that_much_is_said(error: Exception) -> None:
    def fail() -> Vitals:
        raise error

    value = registered(Signs(fail)).get_sample_value
    assert value("payments_database_up") == 0
    assert value("payments_backlog_items", {"backlog": "sealing"}) is None
    assert value("payments_last_verification_age_seconds") is None


@pytest.mark.parametrize("read", [lambda: VITALS, unavailable], ids=["up", "down"])
def test_it_is_asked_again_after_some_seconds_only(read: Callable[[], Vitals]) -> None:
    signs, watch = Signs(read), Watch()
    registry = registered(signs, watch)
    for now, asked in [(0.0, 1), (KEPT_SECONDS - 0.1, 1), (KEPT_SECONDS, 2)]:
        watch.now = now
        list(registry.collect())
        assert signs.asked == asked


def test_when_it_is_back_so_are_the_numbers() -> None:
    signs, watch = Signs(unavailable), Watch()
    registry = registered(signs, watch)
    assert registry.get_sample_value("payments_database_up") == 0
    signs.read_now, watch.now = (lambda: VITALS), KEPT_SECONDS
    assert registry.get_sample_value("payments_database_up") == 1


def test_nobody_waits_for_an_answer_that_somebody_else_has_asked_for() -> None:
    answering, answer = Event(), Event()

    def slowly() -> Vitals:
        answering.set()
        assert answer.wait(10)
        return VITALS

    registry = registered(Signs(slowly))
    asking = Thread(target=lambda: list(registry.collect()))
    asking.start()
    assert answering.wait(10)
    assert registry.get_sample_value("payments_database_up") == 0
    answer.set()
    asking.join(10)
    assert registry.get_sample_value("payments_database_up") == 1


def test_a_database_that_hangs_is_not_called_up_for_long() -> None:
    asked, answer = Event(), Event()
    signs, watch = Signs(lambda: VITALS), Watch()
    registry = registered(signs, watch)
    assert registry.get_sample_value("payments_database_up") == 1

    def hang() -> Vitals:
        asked.set()
        assert answer.wait(10)
        return VITALS

    signs.read_now, watch.now = hang, KEPT_SECONDS
    asking = Thread(target=lambda: list(registry.collect()))
    asking.start()
    assert asked.wait(10)
    for now, up in [(KEPT_SECONDS, 1), (STALE_SECONDS - 0.1, 1), (STALE_SECONDS, 0)]:
        watch.now = now
        assert registry.get_sample_value("payments_database_up") == up
    answer.set()
    asking.join(10)
    assert registry.get_sample_value("payments_database_up") == 1
