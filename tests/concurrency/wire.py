"""A wire to PostgreSQL that can be cut: a proxy on a unix socket that watches what the client says."""

import socket
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import sqlalchemy as sa

CHUNK_BYTES = 65536


class Wire:
    """Forwards both ways. `cut_when` says after which client message the wire is cut, once.

    With `forward_last` the server still gets that message, and the answer is lost.
    """

    def __init__(self, server_address: str) -> None:
        self._server_address = server_address
        self._cut_when: Callable[[bytes], bool] = lambda message: False
        self._forward_last = False
        self.cuts = 0

    def cut(self, when: Callable[[bytes], bool], *, forward_last: bool) -> None:
        """Cut the wire at the next client message for which `when` is true."""
        self._forward_last = forward_last
        self._cut_when = when

    def listen(self, listener: socket.socket) -> None:
        """Serve until the listener is closed."""
        with suppress(OSError):
            while True:
                client, _ = listener.accept()
                server = socket.socket(socket.AF_UNIX)
                server.connect(self._server_address)
                for work, one, other in (
                    (self._up, client, server),
                    (self._down, server, client),
                ):
                    threading.Thread(target=work, args=(one, other), daemon=True).start()

    def _up(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            while message := client.recv(CHUNK_BYTES):
                if self._cut_when(message):
                    self._cut_when = lambda message: False
                    self.cuts += 1
                    client.shutdown(socket.SHUT_RDWR)
                    if self._forward_last:
                        server.sendall(message)
                        return  # the server's own end is left open until it has answered
                    break
                server.sendall(message)
        with suppress(OSError):
            server.shutdown(socket.SHUT_RDWR)

    def _down(self, server: socket.socket, client: socket.socket) -> None:
        with suppress(OSError):
            while message := server.recv(CHUNK_BYTES):
                client.sendall(message)
        with suppress(OSError):  # over TCP, one whose other end has gone
            client.shutdown(socket.SHUT_RDWR)
        client.close()
        server.close()


@contextmanager
def a_wire(url: str) -> Iterator[tuple[str, Wire]]:
    """The URL of a wire to the database at `url`, which is reached through a unix socket."""
    there = sa.make_url(url)
    port = there.query.get("port", there.port)
    name = f".s.PGSQL.{port}"
    wire = Wire(f"{there.query['host']}/{name}")
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(Path(folder) / name))
        listener.listen()
        threading.Thread(target=wire.listen, args=(listener,), daemon=True).start()
        here = there.update_query_dict({"host": folder})
        yield here.render_as_string(hide_password=False), wire
