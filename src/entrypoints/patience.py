"""Bodies that arrive slowly hold a thread that has nothing else to do, for a while."""

import logging
import time
from collections.abc import Iterable
from itertools import count
from threading import Thread
from typing import TYPE_CHECKING, Any

from entrypoints.gate import Gate
from entrypoints.silent_connections import end_silent_connections

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

LOOK_SECONDS = 1.0
PROMPT_SECONDS = 0.05
"""What a body may take to arrive before its request no longer counts as one that is inside."""
PROBES = frozenset({"/livez", "/readyz", "/metrics"})
"""Answered however much there is to do: they say whether the service lives, is ready, or is overloaded."""
log = logging.getLogger(__name__)


class Patience:
    """A WSGI application around another, behind a gate; who is not let in gets the answer of `refuse`.

    A request that waits for its body is not at work. When it has waited for `body_seconds_max`, connections
    of its address to which nothing was sent for as long are ended: nobody knows which of them it is, and each
    is either half sent or idle. They are left alone while a request of that address has been at work
    for about as long, since its connection would look the same.
    """

    def __init__(
        self,
        inner: "WSGIApplication",
        refuse: "WSGIApplication",
        gate: Gate,
        *,
        body_seconds_max: float,
        port: int,
    ) -> None:
        self._inner = inner
        self._refuse = refuse
        self.gate = gate
        self._seconds_max = body_seconds_max
        self._port = port
        self._numbers = count()
        self.at_work: dict[int, tuple[str, float]] = {}
        self.waiting: dict[int, tuple[str, float]] = {}

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        if environ.get("PATH_INFO") in PROBES:
            return self._inner(environ, start_response)
        number = next(self._numbers)
        if not self.gate.enter(number):
            return self._refuse(environ, start_response)
        try:
            return self._work(number, environ, start_response)
        finally:
            self.gate.leave(number)

    def _work(
        self, number: int, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        address = environ.get("REMOTE_ADDR", "")
        environ["wsgi.input"] = PatientInput(environ["wsgi.input"], self, number, address)
        self.at_work[number] = address, time.monotonic()
        try:
            return self._inner(environ, start_response)
        finally:
            del self.at_work[number]

    def is_over(self, since: float) -> bool:
        """Whether who waits since then has waited long enough."""
        return time.monotonic() - since >= self._seconds_max

    def end_overdue(self) -> int:
        """How many connections were ended because bodies are overdue."""
        now = time.monotonic()
        overdue = {a for a, since in [*self.waiting.values()] if now - since >= self._seconds_max}
        old = now - self._seconds_max + 2 * LOOK_SECONDS
        busy = {a for a, since in [*self.at_work.values()] if since <= old}
        return sum(
            end_silent_connections(address, self._port, self._seconds_max)
            for address in overdue - busy
        )

    def let_slow_out(self) -> None:
        """Who has waited for more than a moment for a body makes room for others."""
        now = time.monotonic()
        for number, (_, since) in list(self.waiting.items()):
            if now - since >= PROMPT_SECONDS:
                self.gate.step_out(number)

    def look_in_thread(self) -> None:
        """From now on."""
        Thread(target=self._look, name="patience", daemon=True).start()

    def _look(self) -> None:
        looked = time.monotonic()
        while True:
            time.sleep(PROMPT_SECONDS)
            try:
                self.let_slow_out()
                if time.monotonic() - looked < LOOK_SECONDS:
                    continue
                looked = time.monotonic()
                ended = self.end_overdue()
                if ended:
                    log.warning(
                        "connections were ended whose bodies did not come", extra={"count": ended}
                    )
            except Exception:
                log.exception("looking for overdue bodies failed")


class PatientInput:
    """`wsgi.input`, which says who waits for it."""

    def __init__(self, inner: Any, patience: Patience, number: int, address: str) -> None:
        self._inner = inner
        self._patience = patience
        self._number = number
        self._address = address
        self._since: float | None = None

    def read(self, size: int = -1) -> bytes:
        """TimeoutError when the body has not come in time."""
        patience, number = self._patience, self._number
        since = self._since = self._since or time.monotonic()
        patience.waiting[number] = self._address, since
        del patience.at_work[number]
        try:
            data: bytes = self._inner.read(size)
        except Exception:
            if patience.is_over(since):
                raise TimeoutError from None
            raise
        finally:
            del patience.waiting[number]
            patience.gate.step_in(number)
            patience.at_work[number] = self._address, time.monotonic()
        if len(data) < size and patience.is_over(since):
            raise TimeoutError
        return data
