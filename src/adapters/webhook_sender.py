"""Sends webhooks over HTTP/1.1, to public addresses only.

The host is looked up once; each address is checked, and the connection goes to an address that was: a name
that changes its address in between (DNS rebinding) gains nothing. TLS still demands the certificate of
the name. No proxy, no cookies, no redirects: `http.client` does nothing that it is not told to.
"""

import http.client
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from threading import Timer
from typing import Any

from domain.errors import WebhookUrlRefused
from domain.public_address import is_public
from domain.webhook_url import WebhookUrl, webhook_url
from service_layer.deliver_webhook import Response

CONNECT_SECONDS_MAX = 5
READ_SECONDS_MAX = 10
TOTAL_SECONDS_MAX = 15
ADDRESSES_MAX = 4
RESPONSE_BYTES_MAX = 64 * 1024
ERROR_LENGTH_MAX = 200

Resolver = Callable[[str, int], list[str]]
"""The addresses of a host; OSError."""
Connect = Callable[[str, int, float], socket.socket]


def resolve(host: str, port: int) -> list[str]:
    """As the system does it."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(where[0]) for _, _, _, _, where in found]


def connect(address: str, port: int, seconds_max: float) -> socket.socket:
    """A TCP connection."""
    return socket.create_connection((address, port), timeout=seconds_max)


class HttpWebhookSender:
    """`allow_private` is for development. Several threads may use it."""

    def __init__(
        self,
        *,
        allow_private: bool = False,
        resolve: Resolver = resolve,
        connect: Connect = connect,
        total_seconds_max: float = TOTAL_SECONDS_MAX,
    ) -> None:
        self._allow_private = allow_private
        self._resolve = resolve
        self._connect = connect
        self._total_seconds_max = total_seconds_max
        self._tls = ssl.create_default_context()

    def post(self, url: str, headers: dict[str, str], body: bytes) -> Response:
        try:
            target = webhook_url(url, allow_private=self._allow_private)
            with self._connected(target) as connection:
                return Response(status=_status_of(connection, target, headers, body))
        except WebhookUrlRefused as error:
            return _failed(error.detail)
        except ssl.SSLError as error:
            return _failed(f"TLS failed: {error.reason or error}")
        except TimeoutError:
            return _failed("It took too long.")
        except (OSError, http.client.HTTPException, ValueError) as error:
            return _failed(f"{type(error).__name__}: {error}")

    @contextmanager
    def _connected(self, target: WebhookUrl) -> Iterator[socket.socket]:
        """A connection that ends in any case when the total time is over, however slowly bytes trickle."""
        watch = _Watch(self._open(target))
        timer = Timer(self._total_seconds_max, watch.end)
        timer.daemon = True
        timer.start()
        try:
            watch.socket.settimeout(READ_SECONDS_MAX)
            if target.scheme == "https":
                self._secure(watch, target)
            yield watch.socket
            if watch.is_over:
                raise TimeoutError
        except (OSError, http.client.HTTPException):
            if watch.is_over:
                raise TimeoutError from None
            raise
        finally:
            timer.cancel()
            watch.socket.close()

    def _open(self, target: WebhookUrl) -> socket.socket:
        addresses = self._resolve(target.host, target.port)[:ADDRESSES_MAX]
        if not addresses:
            raise OSError("the host has no address")
        if not self._allow_private and not all(map(is_public, addresses)):
            raise WebhookUrlRefused("Refused: the host has an address that is not public.")
        last: OSError | None = None
        for address in addresses:
            try:
                return self._connect(address, target.port, CONNECT_SECONDS_MAX)
            except OSError as error:
                last = error
        raise last or OSError("the host has no address")

    def _secure(self, watch: "_Watch", target: WebhookUrl) -> None:
        """The handshake has its part of the time, too."""
        secured = self._tls.wrap_socket(
            watch.socket, server_hostname=target.host, do_handshake_on_connect=False
        )
        watch.socket = secured
        secured.do_handshake()


class _Watch:
    """Ends a connection from another thread."""

    def __init__(self, opened: socket.socket) -> None:
        self.socket = opened
        self.is_over = False

    def end(self) -> None:
        """Whoever reads or writes there is woken."""
        self.is_over = True
        with suppress(OSError):
            # The one of TLS would also take its own state apart, under the reader's hands.
            socket.socket.shutdown(self.socket, socket.SHUT_RDWR)


class _Connection(http.client.HTTPConnection):
    """On a socket that is there already."""

    def __init__(self, opened: socket.socket, target: WebhookUrl) -> None:
        super().__init__(target.host, target.port)
        self.sock: Any = opened

    def connect(self) -> None:
        raise OSError("the connection was lost")


def _status_of(
    opened: socket.socket, target: WebhookUrl, headers: dict[str, str], body: bytes
) -> int:
    connection = _Connection(opened, target)
    try:
        everything = {"Host": target.authority, "Connection": "close", **headers}
        connection.request("POST", target.path, body, everything)
        response = connection.getresponse()
        # What it says is of no use; it is read so that the other side need not see a broken connection.
        with suppress(OSError, http.client.HTTPException):
            response.read(RESPONSE_BYTES_MAX)
        return response.status
    finally:
        connection.close()


def _failed(why: str) -> Response:
    return Response(error=why[:ERROR_LENGTH_MAX])
