"""Requests that come together share a commit; nobody waits for nobody, nobody is forgotten."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from queue import SimpleQueue
from threading import Lock, Semaphore
from typing import Any

import pytest

from adapters.system import new_id
from domain.errors import InsufficientFunds, OutcomeUnknown, Overloaded, Unavailable
from domain.idempotency import Outcome
from service_layer import together
from service_layer.command import Command
from service_layer.group_commit import GroupCommit
from service_layer.run_batch import Result
from service_layer.together import Ticket
from service_layer.waiting import Bell
from tests.builders import replenish

SECONDS_MAX = 10
Run = Callable[[Sequence[Command]], list[Result]]


def label(command: Command) -> int:
    """The commands of these tests are told apart by their amounts."""
    return command.amount  # type: ignore[attr-defined]


def a_command(number: int) -> Command:
    return replenish(new_id(), number)


def echo(commands: Sequence[Command]) -> list[Result]:
    """Run a batch: each command's outcome carries its label."""
    return [Outcome(body={"label": label(each)}, request_id="request-1") for each in commands]


class Entrance(GroupCommit):
    """A group commit that tells when a command has come in, so that tests need not guess."""

    def __init__(self, run: Run, **rest: Any) -> None:
        super().__init__(run, **rest)
        self._entered: SimpleQueue[None] = SimpleQueue()

    def _enter(self, ticket: Ticket[Command, Outcome]) -> None:
        super()._enter(ticket)
        self._entered.put(None)

    def wait_for_one(self) -> None:
        self._entered.get(timeout=SECONDS_MAX)


class Hall:
    """Sends commands in from threads of their own; each batch runs only when it is let go."""

    def __init__(self, threads: ThreadPoolExecutor, finish: Run = echo, **rest: Any) -> None:
        self.batches: list[list[int]] = []
        self._threads = threads
        self._finish = finish
        self._started: SimpleQueue[list[int]] = SimpleQueue()
        self._go = Semaphore(0)
        self._group = Entrance(self._run, **rest)

    def _run(self, commands: Sequence[Command]) -> list[Result]:
        labels = [label(each) for each in commands]
        self.batches.append(labels)
        self._started.put(labels)
        if not self._go.acquire(timeout=SECONDS_MAX):
            raise TimeoutError
        return self._finish(commands)

    def send(self, *numbers: int) -> list["Future[Outcome]"]:
        """One command from each of as many threads, one after the other."""
        futures = []
        for number in numbers:
            futures.append(self._threads.submit(self._group.execute, a_command(number)))
            self._group.wait_for_one()
        return futures

    def send_now(self, number: int) -> Outcome:
        """One command from this thread."""
        return self._group.execute(a_command(number))

    def wait_for_batch(self) -> list[int]:
        """The labels of the next batch that has started."""
        return self._started.get(timeout=SECONDS_MAX)

    def let_go(self, batches: int = 1) -> None:
        self._go.release(batches)


@contextmanager
def a_hall(finish: Run = echo, **rest: Any) -> Iterator[Hall]:
    with ThreadPoolExecutor(max_workers=20) as threads:
        hall = Hall(threads, finish, **rest)
        try:
            yield hall
        finally:
            hall.let_go(1000)


def labels_of(futures: list["Future[Outcome]"]) -> list[int]:
    outcomes = [future.result(timeout=SECONDS_MAX) for future in futures]
    return [outcome.body["label"] for outcome in outcomes if outcome.body]


def errors_of(futures: list["Future[Outcome]"]) -> list[type]:
    return [type(future.exception(timeout=SECONDS_MAX)) for future in futures]


# Who shares a commit with whom.


def test_who_comes_alone_is_a_batch_of_one_and_waits_for_nobody() -> None:
    threads_seen: list[list[int]] = []

    def run(commands: Sequence[Command]) -> list[Result]:
        threads_seen.append([label(each) for each in commands])
        return echo(commands)

    outcome = GroupCommit(run).execute(a_command(7))
    assert (threads_seen, outcome.body) == ([[7]], {"label": 7})


def test_who_comes_while_a_batch_runs_is_in_the_next_one_in_order_of_arrival() -> None:
    with a_hall() as hall:
        futures = hall.send(1)
        hall.wait_for_batch()
        futures += hall.send(2, 3, 4, 5)
        hall.let_go(2)
        assert labels_of(futures) == [1, 2, 3, 4, 5]
        assert hall.batches == [[1], [2, 3, 4, 5]]


def test_who_comes_while_the_second_batch_runs_is_in_the_third() -> None:
    with a_hall() as hall:
        futures = hall.send(1)
        hall.wait_for_batch()
        futures += hall.send(2, 3)
        hall.let_go()
        hall.wait_for_batch()
        futures += hall.send(4, 5)
        hall.let_go(2)
        assert labels_of(futures) == [1, 2, 3, 4, 5]
        assert hall.batches == [[1], [2, 3], [4, 5]]


def test_a_batch_is_no_larger_than_allowed() -> None:
    with a_hall(batch_size_max=3) as hall:
        futures = hall.send(1)
        hall.wait_for_batch()
        futures += hall.send(2, 3, 4, 5, 6, 7, 8)
        hall.let_go(4)
        assert labels_of(futures) == [1, 2, 3, 4, 5, 6, 7, 8]
        assert hall.batches == [[1], [2, 3, 4], [5, 6, 7], [8]]


def test_when_the_queue_is_empty_the_next_one_leads_again() -> None:
    with a_hall() as hall:
        hall.let_go(3)
        assert [labels_of(hall.send(number)) for number in (1, 2, 3)] == [[1], [2], [3]]
        assert hall.batches == [[1], [2], [3]]


def test_nobody_has_an_answer_before_the_batch_is_over() -> None:
    with a_hall() as hall:
        futures = hall.send(1)
        hall.wait_for_batch()
        futures += hall.send(2)
        assert [future.done() for future in futures] == [False, False]
        hall.let_go()
        hall.wait_for_batch()
        assert labels_of(futures[:1]) == [1]
        assert not futures[1].done()


def test_two_lanes_run_two_batches_at_once() -> None:
    with a_hall(lanes=2) as hall:
        futures = hall.send(1)
        hall.wait_for_batch()
        futures += hall.send(2)
        assert hall.wait_for_batch() == [2]
        hall.let_go(2)
        assert labels_of(futures) == [1, 2]


def test_who_finds_both_lanes_busy_waits() -> None:
    with a_hall(lanes=2) as hall:
        futures = hall.send(1, 2)
        assert sorted([hall.wait_for_batch(), hall.wait_for_batch()]) == [[1], [2]]
        futures += hall.send(3, 4)
        hall.let_go()
        assert hall.wait_for_batch() == [3, 4]
        hall.let_go(2)
        assert labels_of(futures) == [1, 2, 3, 4]


# What each gets.


def test_a_refusal_is_an_outcome_and_is_not_raised() -> None:
    refused = Outcome(refused=InsufficientFunds("Too little."), request_id="request-1")
    assert GroupCommit(lambda commands: [refused]).execute(a_command(1)) is refused


def test_an_error_is_raised_to_the_one_whose_it_is() -> None:
    def one_fails(commands: Sequence[Command]) -> list[Result]:
        results = echo(commands)
        return [
            ZeroDivisionError() if label(command) == 3 else result
            for command, result in zip(commands, results, strict=True)
        ]

    with a_hall(one_fails) as hall:
        first = hall.send(1)
        hall.wait_for_batch()
        others = hall.send(2, 3, 4)
        hall.let_go(2)
        assert errors_of(first + others) == [
            type(None),
            type(None),
            ZeroDivisionError,
            type(None),
        ]


def test_a_batch_that_gives_errors_wakes_everybody_with_theirs() -> None:
    def all_fail(commands: Sequence[Command]) -> list[Result]:
        return [Unavailable("No database.") for _ in commands]

    with a_hall(all_fail) as hall:
        futures = hall.send(1)
        hall.wait_for_batch()
        futures += hall.send(2, 3)
        hall.let_go(2)
        assert errors_of(futures) == [Unavailable] * 3


# What happens to a leader happens to no one else.


@pytest.mark.parametrize("blow", [KeyboardInterrupt, SystemExit, MemoryError])
def test_a_leader_who_is_cut_short_wakes_everybody(blow: type[BaseException]) -> None:
    def cut_short(commands: Sequence[Command]) -> list[Result]:
        if label(commands[0]) == 2:
            raise blow
        return echo(commands)

    with a_hall(cut_short) as hall:
        futures = hall.send(1)
        hall.wait_for_batch()
        leader, *followers = hall.send(2, 3, 4)
        hall.let_go()
        hall.wait_for_batch()
        futures += hall.send(5)
        hall.let_go(2)
        assert labels_of(futures) == [1, 5]
        assert errors_of([leader]) == [blow]
        # Whether the COMMIT got through is not known, and that is what the others are told.
        assert errors_of(followers) == [OutcomeUnknown] * 2


def test_those_whose_leader_was_cut_short_have_an_error_each() -> None:
    def cut_short(commands: Sequence[Command]) -> list[Result]:
        if label(commands[0]) == 2:
            raise KeyboardInterrupt
        return echo(commands)

    with a_hall(cut_short) as hall:
        hall.send(1)
        hall.wait_for_batch()
        _, *followers = hall.send(2, 3, 4)
        hall.let_go(2)
        first, second = (each.exception(timeout=SECONDS_MAX) for each in followers)
        assert first is not second


def test_a_leader_who_is_cut_short_leaves_the_lane_free() -> None:
    def cut_short(commands: Sequence[Command]) -> list[Result]:
        if label(commands[0]) == 1:
            raise KeyboardInterrupt
        return echo(commands)

    group = GroupCommit(cut_short)
    with pytest.raises(KeyboardInterrupt):
        group.execute(a_command(1))
    assert group.execute(a_command(2)).body == {"label": 2}


@pytest.mark.parametrize("too_many", [-1, 1])
def test_a_batch_with_a_wrong_number_of_results_wakes_everybody(too_many: int) -> None:
    def miscounted(commands: Sequence[Command]) -> list[Result]:
        return (echo(commands) + echo(commands))[: len(commands) + too_many]

    with a_hall(miscounted) as hall:
        futures = hall.send(1)
        hall.wait_for_batch()
        futures += hall.send(2, 3)
        hall.let_go(2)
        assert errors_of(futures) == [AssertionError, AssertionError, OutcomeUnknown]


# The queue.


def test_who_finds_the_queue_full_is_refused_at_once_and_nothing_is_done() -> None:
    with a_hall(queue_size_max=2) as hall:
        futures = hall.send(1)
        hall.wait_for_batch()
        futures += hall.send(2, 3)
        with pytest.raises(Overloaded):
            hall.send_now(4)
        hall.let_go(2)
        assert labels_of(futures) == [1, 2, 3]
        assert hall.batches == [[1], [2, 3]]


def test_a_queue_that_was_full_takes_others_when_it_is_shorter() -> None:
    with a_hall(queue_size_max=1) as hall:
        futures = hall.send(1)
        hall.wait_for_batch()
        futures += hall.send(2)
        with pytest.raises(Overloaded):
            hall.send_now(3)
        hall.let_go()
        hall.wait_for_batch()
        futures += hall.send(4)
        hall.let_go(2)
        assert labels_of(futures) == [1, 2, 4]


class Crowd:
    """Runs batches, counts them, and sees how many run at once."""

    def __init__(self) -> None:
        self.sizes: list[int] = []
        self.running_max = 0
        self._running = 0
        self._mutex = Lock()

    def run(self, commands: Sequence[Command]) -> list[Result]:
        with self._mutex:
            self.sizes.append(len(commands))
            self._running += 1
            self.running_max = max(self.running_max, self._running)
        results = echo(commands)
        with self._mutex:
            self._running -= 1
        return results


@pytest.mark.parametrize(("lanes", "batch_size_max"), [(1, 256), (1, 3), (2, 3), (3, 1)])
def test_among_many_threads_everybody_gets_their_own_result(
    lanes: int, batch_size_max: int
) -> None:
    crowd = Crowd()
    group = GroupCommit(crowd.run, lanes=lanes, batch_size_max=batch_size_max)

    def customer(number: int) -> bool:
        commands = [a_command(number * 1000 + each + 1) for each in range(200)]
        outcomes = [group.execute(command) for command in commands]
        return [each.body for each in outcomes] == [{"label": label(each)} for each in commands]

    with ThreadPoolExecutor(max_workers=16) as threads:
        content = list(threads.map(customer, range(16), timeout=SECONDS_MAX))
    assert content == [True] * 16
    assert sum(crowd.sizes) == 16 * 200
    assert max(crowd.sizes) <= batch_size_max
    assert crowd.running_max <= lanes
    assert group.execute(a_command(1)).body == {"label": 1}  # a lane is free at the end


# Who goes away while waiting.


class Impatient(Ticket[Command, Outcome]):
    """Number 2 is interrupted as soon as it sleeps, number 3 as soon as it is woken."""

    __slots__ = ()

    def __init__(self, item: Command, bell: Bell) -> None:
        super().__init__(item, ImpatientBell(label(item), bell))


class ImpatientBell:
    def __init__(self, number: int, bell: Bell) -> None:
        self._number, self._bell, self.ring = number, bell, bell.ring

    def wait(self) -> None:
        if self._number == 2:
            raise KeyboardInterrupt
        self._bell.wait()
        if self._number == 3:
            raise KeyboardInterrupt


def test_who_is_interrupted_while_waiting_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(together, "Ticket", Impatient)
    with a_hall() as hall:
        futures = hall.send(1)
        hall.wait_for_batch()
        gone = hall.send(2)
        assert errors_of(gone) == [KeyboardInterrupt]
        futures += hall.send(4)
        hall.let_go(2)
        assert labels_of(futures) == [1, 4]
        assert hall.batches == [[1], [4]]


def test_who_is_interrupted_when_it_is_to_lead_passes_the_lead_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(together, "Ticket", Impatient)
    with a_hall() as hall:
        futures = hall.send(1)
        hall.wait_for_batch()
        gone = hall.send(3)
        futures += hall.send(4)
        hall.let_go(2)
        assert errors_of(gone) == [KeyboardInterrupt]
        assert labels_of(futures) == [1, 4]
        assert hall.batches == [[1], [4]]
