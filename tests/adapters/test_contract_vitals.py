"""Vital signs: what waits to be numbered or sealed, since when, and what the last verification has found."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.circuit import FAILURES_MAX
from domain.webhook_endpoint import EndpointStatus
from service_layer.verification import Verification
from service_layer.vitals import Backlog, Vitals
from tests.builders import open_account
from tests.stage import Stage
from tests.webhooks.builders import an_endpoint, change_endpoint, claim, fan_out, record


def vitals(stage: Stage) -> Vitals:
    read: Vitals = stage.container.vitals().read()
    return read


def backlogs(stage: Stage) -> dict[str, Backlog]:
    return {each.name: each for each in vitals(stage).backlogs}


def nothing_waits(name: str) -> Backlog:
    return Backlog(name=name, waiting=0, oldest_at=None)


def test_in_new_books_nothing_waits(stage: Stage) -> None:
    assert vitals(stage) == Vitals(
        backlogs=(nothing_waits("numbering"), nothing_waits("sealing"), nothing_waits("webhooks")),
        failing_endpoints=0,
        dead_letters=0,
        verification=None,
    )


def test_a_transaction_waits_for_its_number_and_for_its_seal(stage: Stage) -> None:
    stage.a_wallet(100)
    since = stage.clock.now
    stage.clock.move(seconds=7)
    stage.a_wallet(100)
    assert backlogs(stage) == {
        "numbering": Backlog(name="numbering", waiting=2, oldest_at=since),
        "sealing": Backlog(name="sealing", waiting=2, oldest_at=since),
        "webhooks": nothing_waits("webhooks"),
    }


def test_what_is_numbered_waits_for_its_seal_alone(stage: Stage) -> None:
    stage.a_wallet(100)
    since = stage.clock.now
    stage.container.sequencer().number_committed()
    assert backlogs(stage) == {
        "numbering": nothing_waits("numbering"),
        "sealing": Backlog(name="sealing", waiting=1, oldest_at=since),
        "webhooks": nothing_waits("webhooks"),
    }


def test_what_is_sealed_waits_no_longer_what_comes_after_it_does(stage: Stage) -> None:
    stage.a_wallet(100)
    list(stage.container.sealer().seal_all())
    assert vitals(stage).backlogs == (
        nothing_waits("numbering"),
        nothing_waits("sealing"),
        nothing_waits("webhooks"),
    )
    stage.clock.move(seconds=60)
    stage.a_wallet(100)
    waiting = {name: (it.waiting, it.oldest_at) for name, it in backlogs(stage).items()}
    since = stage.clock.now
    assert waiting == {"numbering": (1, since), "sealing": (1, since), "webhooks": (0, None)}


@pytest.mark.parametrize("findings", [0, 3])
def test_the_newest_verification_is_told(stage: Stage, findings: int) -> None:
    def a_verification(minutes: int, findings: int) -> Verification:
        return Verification(
            started_at=stage.clock.now + timedelta(minutes=minutes),
            duration_ms=1500,
            quick=False,
            transactions=1,
            postings=2,
            wallets=3,
            sealed=1,
            findings=findings,
        )

    newest = a_verification(5, findings)
    for each in (a_verification(0, 9), newest):
        stage.container.verifications().record(each)
    assert vitals(stage).verification == newest


def webhooks(stage: Stage) -> tuple[int, object]:
    found = backlogs(stage)["webhooks"]
    return found.waiting, found.oldest_at


def test_an_event_waits_for_its_deliveries_then_they_wait_to_be_tried(stage: Stage) -> None:
    an_endpoint(stage, "account.opened")
    stage.container.sequencer().number_committed()
    assert webhooks(stage) == (0, None)
    since = stage.clock.now
    stage.execute(open_account())
    stage.container.sequencer().number_committed()
    stage.clock.move(seconds=7)
    # No worker has seen it yet: that is how one that has died shows itself.
    assert webhooks(stage) == (1, since)
    made_at = stage.clock.now
    fan_out(stage)
    stage.clock.move(seconds=7)
    assert webhooks(stage) == (1, made_at)
    (claimed,) = claim(stage)
    record(stage, claimed, 500, retry_at=stage.clock.now)
    assert webhooks(stage) == (0, None)


def test_what_an_endpoint_that_fails_or_is_disabled_has_not_got_is_not_waiting(
    stage: Stage,
) -> None:
    def an_account() -> None:
        stage.execute(open_account())
        fan_out(stage)

    failing = an_endpoint(stage, "account.opened")
    an_account()
    (claimed,) = claim(stage)
    for attempt in range(1, FAILURES_MAX + 1):
        record(stage, replace(claimed, attempt=attempt), 500, retry_at=stage.clock.now)
    an_account()
    assert webhooks(stage) == (0, None)
    assert vitals(stage).failing_endpoints == 1
    record(stage, replace(claimed, attempt=FAILURES_MAX + 1), 204)  # it is back
    assert webhooks(stage)[0] == 1
    assert (vitals(stage).failing_endpoints, vitals(stage).dead_letters) == (0, 0)
    (next_one,) = claim(stage)
    record(stage, next_one, 500, retry_at=None)
    assert vitals(stage).dead_letters == 1
    an_account()
    stage.execute(change_endpoint(failing, status=EndpointStatus.DISABLED))
    stage.container.sequencer().number_committed()
    assert webhooks(stage) == (0, None)
