"""End the connections of an address to which nothing was sent for long."""

import os
import socket
import struct
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

OPEN_FILES = Path("/proc/self/fd")
# In Linux's struct tcp_info: eight bytes, then 32-bit numbers; milliseconds since the last data was sent.
TCP_INFO_LENGTH = 104
LAST_DATA_SENT_OFFSET = 44


def end_silent_connections(address: str, port: int, seconds_min: float) -> int:
    """How many clients at `address`, connected to our `port`, are told that nothing more is read of them.

    They can still be answered. Elsewhere than on Linux there is no way to know, so that none is ended.
    """
    ended = 0
    if not OPEN_FILES.is_dir() or not hasattr(socket, "TCP_INFO"):
        return ended
    for connection in _connections():
        with connection, suppress(OSError):
            ours = connection.getpeername()[0] == address and connection.getsockname()[1] == port
            if ours and _silent_seconds(connection) >= seconds_min:
                connection.shutdown(socket.SHUT_RD)
                ended += 1
    return ended


def _connections() -> Iterator[socket.socket]:
    """Copies of this process's connections: what a copy names cannot become another one meanwhile."""
    for name in os.listdir(OPEN_FILES):
        with suppress(OSError):
            copy = os.dup(int(name))
            try:
                connection = socket.socket(fileno=copy)
            except OSError:
                os.close(copy)
                continue
            if connection.family in (socket.AF_INET, socket.AF_INET6):
                yield connection
            else:
                connection.close()


def _silent_seconds(connection: socket.socket) -> float:
    info = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, TCP_INFO_LENGTH)
    milliseconds: int = struct.unpack_from("I", info, LAST_DATA_SENT_OFFSET)[0]
    return milliseconds / 1000
