"""Vital signs: what waits to be numbered or sealed, since when, and what the last verification has found."""

from datetime import timedelta

import pytest

from service_layer.verification import Verification
from service_layer.vitals import Backlog, Vitals
from tests.stage import Stage


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
