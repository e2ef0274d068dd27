"""Load that arrives when it is due, whether or not what came before is answered.

The tools that wait for an answer before they send again (wrk, hey, ab) slow down with the service: past its
capacity they show nothing. Here arrivals are a Poisson process; latency is counted from the instant at which
a request was due, so that what had to wait for a connection is no better off for it (no coordinated
omission). One thread, HTTP/1.1 on connections that are kept, no pipelining: about 30 µs a request, since
it shares the machine with what it measures.
"""

import random
import select
import socket
from array import array
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from time import perf_counter
from urllib.parse import urlsplit

CONNECTIONS = 512
NAP_SECONDS = 0.0002
DRAIN_SECONDS_MAX = 10.0
ANSWER_BYTES_MAX = 65_536
STATUS = slice(9, 12)


@dataclass(slots=True, kw_only=True)
class Answers:
    """Seconds from when each request was due until its answer, by status; `lost` have none."""

    seconds: dict[bytes, "array[float]"] = field(default_factory=dict)
    sent: int = 0
    lost: int = 0
    late_seconds_max: float = 0.0

    def add(self, status: bytes, seconds: float) -> None:
        """One more."""
        self.seconds.setdefault(status, array("d")).append(seconds)


class OpenLoop:
    """Connections to one server."""

    def __init__(self, url: str, make_request: Callable[[], bytes]) -> None:
        parts = urlsplit(url)
        self._address = (parts.hostname, parts.port)
        self._make_request = make_request
        self._events = select.epoll()
        self._sockets: dict[int, socket.socket] = {}
        self._idle: deque[int] = deque()
        self._due: dict[int, float] = {}
        self._partial: dict[int, bytes] = {}
        for _ in range(CONNECTIONS):
            self._connect()

    def run_closed(self, in_flight: int, seconds: float) -> Answers:
        """Send whenever fewer than that many are unanswered, for so long: what a patient crowd gets."""
        answers = Answers()
        began = perf_counter()
        while (now := perf_counter()) < began + seconds:
            while len(self._due) < in_flight:
                self._send(now, answers, now)
            self._receive(0.01, answers)
        self._drain(answers)
        return answers

    def run(self, per_second: float, seconds: float) -> Answers:
        """Send at that rate for so long, then wait for the answers."""
        answers = Answers()
        began = due_next = perf_counter()
        waiting: deque[float] = deque()
        while True:
            now = perf_counter()
            while due_next <= now and due_next < began + seconds:
                waiting.append(due_next)
                due_next += random.expovariate(per_second)
            while waiting and self._idle:
                self._send(waiting.popleft(), answers, now)
            if due_next >= began + seconds and not waiting:
                break
            self._receive(max(due_next - now, NAP_SECONDS), answers)
        self._drain(answers)
        return answers

    def close(self) -> None:
        """End all connections."""
        for each in self._sockets.values():
            each.close()
        self._events.close()

    def _connect(self) -> None:
        connection = socket.create_connection(self._address)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.setblocking(False)
        number = connection.fileno()
        self._sockets[number] = connection
        self._events.register(number, select.EPOLLIN)
        self._idle.append(number)

    def _drain(self, answers: Answers) -> None:
        """Wait for what is unanswered."""
        give_up_at = perf_counter() + DRAIN_SECONDS_MAX
        while self._due and perf_counter() < give_up_at:
            self._receive(0.01, answers)
        answers.lost += len(self._due)

    def _send(self, due: float, answers: Answers, now: float) -> None:
        number = self._idle.popleft()
        self._due[number] = due
        answers.sent += 1
        answers.late_seconds_max = max(answers.late_seconds_max, now - due)
        self._sockets[number].send(self._make_request())

    def _receive(self, seconds_max: float, answers: Answers) -> None:
        # epoll waits whole milliseconds; select, for whatever epoll has to tell, does not.
        if not select.select([self._events.fileno()], [], [], seconds_max)[0]:
            return
        for number, _ in self._events.poll(0):
            try:
                data = self._sockets[number].recv(ANSWER_BYTES_MAX)
            except OSError:
                data = b""
            if not data:
                self._replace(number, answers)
                continue
            text = self._partial.pop(number, b"") + data
            if _is_whole(text):
                answers.add(text[STATUS], perf_counter() - self._due.pop(number))
                self._idle.append(number)
            else:
                self._partial[number] = text

    def _replace(self, number: int, answers: Answers) -> None:
        """The server has ended it: what was asked there has no answer."""
        if self._due.pop(number, None) is not None:
            answers.lost += 1
        else:
            self._idle.remove(number)
        self._partial.pop(number, None)
        self._events.unregister(number)
        self._sockets.pop(number).close()
        self._connect()


def _is_whole(text: bytes) -> bool:
    head, end, body = text.partition(b"\r\n\r\n")
    if not end:
        return False
    lower = head.lower()
    at = lower.find(b"\r\ncontent-length:")
    length = int(lower[at + 17 :].split(b"\r\n", 1)[0])
    return len(body) >= length
