"""The money road tells what it did: batches, their retries with the reasons, waiting for locks."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from threading import Event, Thread

import pytest

from service_layer.command import Command
from service_layer.group_commit import GroupCommit
from service_layer.run_batch import BatchRunner, Result, Retry
from service_layer.unit_of_work import CommitUnknown, Reason, TryAgain
from tests.builders import replenish
from tests.service_layer.faulty_unit import Database, Fault, done
from tests.service_layer.test_group_commit import a_command, echo


@dataclass
class Recorder:
    """A meter that remembers."""

    batches: list[int] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    opened: list[float] = field(default_factory=list)
    retries: list[str] = field(default_factory=list)
    unknown: int = 0

    def batch_ended(self, commands: int, seconds: float) -> None:
        self.batches.append(commands)
        self.seconds.append(seconds)

    def books_opened(self, seconds: float) -> None:
        self.opened.append(seconds)

    def batch_retried(self, reason: str) -> None:
        self.retries.append(reason)

    def outcomes_unknown(self, commands: int) -> None:
        self.unknown += commands


def run(database: Database, meter: Recorder, commands: int = 1) -> list[Result]:
    """So many replenishments of one wallet in one batch; each look at the clock takes a second."""
    wallet_id = database.a_wallet()
    ticks = iter(range(100))
    runner = BatchRunner(
        open_unit=database.open_unit,
        retry=Retry(sleep=database.pauses.append, attempts_max=3),
        meter=meter,
        stopwatch=lambda: next(ticks),
    )
    return runner.run([replenish(wallet_id, 10) for _ in range(commands)])


def test_opening_the_books_is_timed_in_every_try() -> None:
    meter = Recorder()
    lost_later = Fault(moment="write", error=TryAgain("lost"))
    done(run(Database(faults=[lost_later]), meter))
    assert meter.opened == [1, 1]


@pytest.mark.parametrize("reason", list(Reason))
def test_a_batch_that_runs_again_says_why(reason: Reason) -> None:
    meter = Recorder()
    fault = Fault(moment="open_books", error=TryAgain("so it goes", reason))
    done(run(Database(faults=[fault]), meter))
    assert (meter.retries, meter.unknown) == ([reason], 0)


def test_a_commit_that_is_asked_about_again_is_a_retry_and_known_in_the_end() -> None:
    meter = Recorder()
    done(run(Database(faults=[Fault(moment="commit", error=CommitUnknown("gone"))]), meter))
    assert (meter.retries, meter.unknown) == (["commit-unknown"], 0)


def test_outcomes_that_stay_unknown_are_counted_by_commands() -> None:
    meter = Recorder()
    run(Database(forever=Fault(moment="commit", error=CommitUnknown("gone"))), meter, commands=2)
    assert (meter.retries, meter.unknown) == (["commit-unknown"] * 3, 2)


def test_a_batch_whose_commands_run_alone_is_counted() -> None:
    meter = Recorder()
    poison = Fault(moment="write", error=ZeroDivisionError())
    done(run(Database(faults=[poison]), meter, commands=2))
    assert (meter.retries, len(meter.opened)) == (["alone"], 3)


def test_each_batch_tells_its_size_and_what_waits_can_be_asked() -> None:
    meter, started, go = Recorder(), Event(), Event()

    def slowly(commands: Sequence[Command]) -> list[Result]:
        started.set()
        assert go.wait(10)
        return echo(commands)

    group = GroupCommit(slowly, meter=meter)
    threads = [Thread(target=group.execute, args=(a_command(number),)) for number in (1, 2, 3)]
    threads[0].start()
    assert started.wait(10)
    for thread in threads[1:]:
        thread.start()
    while group.waiting < 2:
        pass
    go.set()
    for thread in threads:
        thread.join(10)
    assert (meter.batches, group.waiting) == ([1, 2], 0)
    assert all(seconds > 0 for seconds in meter.seconds)


def test_who_wakes_without_an_outcome_because_the_leader_was_cut_short_is_counted() -> None:
    def cut_short(commands: Sequence[Command]) -> list[Result]:
        raise KeyboardInterrupt

    meter = Recorder()
    with pytest.raises(KeyboardInterrupt):
        GroupCommit(cut_short, meter=meter).execute(a_command(1))
    assert (meter.batches, meter.unknown) == ([1], 1)
