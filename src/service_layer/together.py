"""Let concurrent requests share one piece of work: a commit, or a question to the database.

Leader and follower: the first to arrive becomes the leader and runs a batch of one at once. Who arrives
meanwhile waits, and the first of them leads the next batch. There is no delay for who comes alone.
"""

from collections import deque
from collections.abc import Callable, Sequence
from threading import Lock
from time import perf_counter
from typing import Generic, TypeVar

from domain.errors import Overloaded
from service_layer.gathering import Gathering
from service_layer.meter import SILENT, Meter
from service_layer.waiting import IN_THREADS, Bell, Waiting

Item = TypeVar("Item")
Result = TypeVar("Result")

STUCK_SECONDS = 0.5
"""What has run so long is not waited for where there is a lane to spare."""


class Ticket(Generic[Item, Result]):
    """An item in the queue; the bell is rung when it has a result or is to lead."""

    __slots__ = ("bell", "item", "leads", "result")

    def __init__(self, item: Item, bell: Bell) -> None:
        self.item = item
        self.bell = bell
        self.leads = False
        self.result: Result | Exception | None = None


class Together(Generic[Item, Result]):
    """`run` takes a batch and gives for each item its result, or what kept it from having one.

    Up to `lanes` batches run at once, and up to `spare_lanes` more when none was begun for STUCK_SECONDS.
    `patience` is explained at Gathering. `cut_short` makes what the others get when a leader was interrupted.
    """

    def __init__(
        self,
        run: Callable[[Sequence[Item]], Sequence[Result | Exception]],
        cut_short: Callable[[], Exception],
        *,
        lanes: int = 1,
        spare_lanes: int = 0,
        batch_size_max: int = 256,
        patience: float = 0,
        queue_size_max: int = 4096,
        meter: Meter = SILENT,
        waiting: Waiting = IN_THREADS,
    ) -> None:
        self._run = run
        self._waiting = waiting
        self._cut_short = cut_short
        self._meter = meter
        self._lanes = self._idle_lanes = lanes
        self._spare_lanes = spare_lanes
        self._led_at = 0.0
        self._batch_size_max = batch_size_max
        self._gathering = Gathering(waiting, patience)
        self._queue_size_max = queue_size_max
        self._queue: deque[Ticket[Item, Result]] = deque()
        self._mutex = Lock()

    @property
    def waiting(self) -> int:
        """How many items wait for a batch."""
        return len(self._queue)

    def share(self, item: Item) -> Result:
        """The result of one item, in a batch with others; raises what kept it from having one.

        Errors: Overloaded (nothing was done), then those of `run`.
        """
        ticket: Ticket[Item, Result] = Ticket(item, self._waiting.bell())
        self._enter(ticket)
        if not ticket.leads:
            self._wait(ticket)
        if ticket.leads:
            self._lead(ticket)
        result = ticket.result
        if result is None:
            raise AssertionError("a batch ended without this one's result")
        if isinstance(result, Exception):
            raise result
        return result

    def _enter(self, ticket: Ticket[Item, Result]) -> None:
        with self._mutex:
            ticket.leads = self._take_lane()
            if ticket.leads:
                return
            if len(self._queue) < self._queue_size_max:
                self._queue.append(ticket)
            else:
                raise Overloaded("Too many requests are waiting; nothing was done.")
        self._gathering.has_come(self._come())

    def _take_lane(self) -> bool:
        """Whether there is one; a spare one when what runs seems to hang. Under the mutex."""
        now = perf_counter()
        if self._idle_lanes:
            self._idle_lanes -= 1
        elif self._spare_lanes and now - self._led_at > STUCK_SECONDS:
            self._spare_lanes -= 1
        else:
            return False
        self._led_at = now
        return True

    def _give_lane_back(self) -> None:
        """What is more than there are at other times is to spare again. Under the mutex."""
        if self._idle_lanes < self._lanes:
            self._idle_lanes += 1
        else:
            self._spare_lanes += 1

    def _wait(self, ticket: Ticket[Item, Result]) -> None:
        try:
            ticket.bell.wait()  # what the leaders do has timeouts, so that it is rung
        except BaseException:  # who is interrupted must not take a lane along
            with self._mutex:
                if ticket in self._queue:
                    self._queue.remove(ticket)
            if ticket.leads:
                self._hand_over()
            raise

    def _come(self) -> int:
        """How many there would be in a batch that was taken now."""
        return len(self._queue) + 1

    def _lead(self, leader: Ticket[Item, Result]) -> None:
        batch: list[Ticket[Item, Result]] = [leader]
        began = perf_counter()
        try:
            self._gathering.wait(self._come)
            self._take(batch)
            began = perf_counter()
            results = self._run([ticket.item for ticket in batch])
            if len(results) != len(batch):
                raise AssertionError(f"{len(batch)} items had {len(results)} results")
        except BaseException:  # the followers must wake whatever happens to the leader
            results = [self._cut_short() for _ in batch]
            self._meter.outcomes_unknown(len(batch))
            raise
        finally:
            took = perf_counter() - began
            self._gathering.ended(len(batch), took)
            self._hand_over()
            for ticket, result in zip(batch, results, strict=True):
                ticket.result = result
                if ticket is not leader:
                    ticket.bell.ring()
            self._meter.batch_ended(len(batch), took)

    def _take(self, batch: list[Ticket[Item, Result]]) -> None:
        """Those who wait, in order of arrival, as many as there is room for."""
        with self._mutex:
            while self._queue and len(batch) < self._batch_size_max:
                batch.append(self._queue.popleft())

    def _hand_over(self) -> None:
        """Wake the next leader, if anybody waits."""
        with self._mutex:
            if not self._queue:
                self._give_lane_back()
                return
            heir = self._queue.popleft()
            heir.leads = True
            self._led_at = perf_counter()
        heir.bell.ring()
