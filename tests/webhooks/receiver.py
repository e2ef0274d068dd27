"""A receiver of webhooks on loopback: it answers as it is told to, and keeps what it gets."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

WAIT_SECONDS_MAX = 20


@dataclass(frozen=True, kw_only=True)
class Received:
    """One message as it arrived."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def event(self) -> dict[str, Any]:
        event: dict[str, Any] = json.loads(self.body)
        return event

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]


@dataclass(kw_only=True)
class Receiver:
    """`answer` gives the status for each message; it may take its time."""

    answer: Callable[[Received], int] = lambda _: 204
    url: str = ""
    received: list[Received] = field(default_factory=list)

    def numbers(self) -> list[int]:
        """Those of the events that have arrived, in the order of their arrival."""
        return [message.event["number"] for message in self.received]

    def wait_for(self, count: int) -> list[Received]:
        """Wait until so many messages have arrived."""
        return self.wait_until(lambda: len(self.received) >= count)

    def wait_until(self, true: Callable[[], bool]) -> list[Received]:
        give_up_at = time.monotonic() + WAIT_SECONDS_MAX
        while not true():
            if time.monotonic() > give_up_at:
                raise TimeoutError(f"only {len(self.received)} message(s) have arrived")
            time.sleep(0.01)
        return list(self.received)


@contextmanager
def a_receiver(answer: Callable[[Received], int] = lambda _: 204) -> Iterator[Receiver]:
    """Listens on a free port of this machine while the block runs."""
    receiver = Receiver(answer=answer)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            message = Received(path=self.path, headers=headers, body=body)
            receiver.received.append(message)
            status = receiver.answer(message)
            self.send_response(status)
            if status in (301, 307):
                self.send_header("Location", f"{receiver.url}/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    receiver.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
