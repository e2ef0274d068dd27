"""Let concurrent requests share one commit.

Leader and follower: the first thread to arrive becomes the leader and runs a batch of one at once. Who
arrives meanwhile waits, and the first of them leads the next batch. There is no extra thread, and no delay
for who comes alone.
"""

from collections import deque
from collections.abc import Callable, Sequence
from threading import Lock
from time import perf_counter

from domain.errors import OutcomeUnknown, Overloaded
from domain.idempotency import Outcome
from service_layer.command import Command
from service_layer.meter import SILENT, Meter
from service_layer.run_batch import UNKNOWN, Result


class Ticket:
    """A command in the queue; its thread sleeps until it has a result or is to lead."""

    __slots__ = ("_asleep", "command", "leads", "result")

    def __init__(self, command: Command) -> None:
        self.command = command
        self.leads = False
        self.result: Result | None = None
        self._asleep = Lock()
        self._asleep.acquire()

    def sleep(self) -> None:
        """Wait for `wake`; the units of work below have timeouts, so that it comes."""
        self._asleep.acquire()

    def wake(self) -> None:
        """Let the waiting thread go on."""
        self._asleep.release()


class GroupCommit:
    """`run` takes a batch and gives one result for each command; up to `lanes` batches run at once."""

    def __init__(
        self,
        run: Callable[[Sequence[Command]], list[Result]],
        *,
        lanes: int = 1,
        batch_size_max: int = 256,
        queue_size_max: int = 4096,
        meter: Meter = SILENT,
    ) -> None:
        self._run = run
        self._meter = meter
        self._idle_lanes = lanes
        self._batch_size_max = batch_size_max
        self._queue_size_max = queue_size_max
        self._queue: deque[Ticket] = deque()
        self._mutex = Lock()

    @property
    def waiting(self) -> int:
        """How many commands wait for a batch."""
        return len(self._queue)

    def execute(self, command: Command) -> Outcome:
        """Run one command in a batch with others; raises what kept it from having an outcome.

        Errors: Overloaded (nothing was done), then those of `BatchRunner.run`.
        """
        ticket = Ticket(command)
        self._enter(ticket)
        if not ticket.leads:
            self._wait(ticket)
        if ticket.leads:
            self._lead(ticket)
        if isinstance(ticket.result, Outcome):
            return ticket.result
        raise ticket.result or AssertionError("a batch ended without this command's result")

    def _enter(self, ticket: Ticket) -> None:
        with self._mutex:
            if self._idle_lanes:
                self._idle_lanes -= 1
                ticket.leads = True
            elif len(self._queue) < self._queue_size_max:
                self._queue.append(ticket)
            else:
                raise Overloaded("Too many requests are waiting; nothing was done.")

    def _wait(self, ticket: Ticket) -> None:
        try:
            ticket.sleep()
        except BaseException:  # an interrupted thread must not take a lane with it
            with self._mutex:
                if ticket in self._queue:
                    self._queue.remove(ticket)
            if ticket.leads:
                self._hand_over()
            raise

    def _lead(self, leader: Ticket) -> None:
        batch = self._take_batch(leader)
        began = perf_counter()
        try:
            results = self._run([ticket.command for ticket in batch])
            if len(results) != len(batch):
                raise AssertionError(f"{len(batch)} commands had {len(results)} results")
        except BaseException:  # the followers must wake whatever happens to the leader
            results = [OutcomeUnknown(UNKNOWN) for _ in batch]
            self._meter.outcomes_unknown(len(batch))
            raise
        finally:
            self._hand_over()
            for ticket, result in zip(batch, results, strict=True):
                ticket.result = result
                if ticket is not leader:
                    ticket.wake()
            self._meter.batch_ended(len(batch), perf_counter() - began)

    def _take_batch(self, leader: Ticket) -> list[Ticket]:
        """The leader and those who wait, in order of arrival."""
        with self._mutex:
            batch = [leader]
            while self._queue and len(batch) < self._batch_size_max:
                batch.append(self._queue.popleft())
            return batch

    def _hand_over(self) -> None:
        """Wake the next leader, if anybody waits."""
        with self._mutex:
            if not self._queue:
                self._idle_lanes += 1
                return
            heir = self._queue.popleft()
            heir.leads = True
        heir.wake()
