"""Sending: to public addresses only, whatever a name says; within limits; nothing is followed."""

import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from adapters import webhook_sender
from adapters.webhook_sender import HttpWebhookSender
from service_layer.deliver_webhook import Response
from tests.domain.test_public_address import NOT_PUBLIC
from tests.domain.test_webhook_url import REFUSED
from tests.webhooks.receiver import a_receiver

HEADERS = {"Content-Type": "application/json"}
NAME = "shop.example.com"


def never(address: str, port: int, seconds_max: float) -> socket.socket:
    raise AssertionError(f"connected to {address}")


def no_lookup(host: str, port: int) -> list[str]:
    raise AssertionError(f"looked up {host}")


def resolves_to(*addresses: str) -> Callable[[str, int], list[str]]:
    return lambda _host, _port: list(addresses)


@pytest.mark.parametrize("url", REFUSED)
def test_a_url_that_would_not_be_registered_is_not_even_looked_up(url: str) -> None:
    sender = HttpWebhookSender(resolve=no_lookup, connect=never)
    response = sender.post(url, HEADERS, b"{}")
    assert response.status is None
    assert "Webhooks cannot be sent to this URL" in (response.error or "")


@pytest.mark.parametrize("address", [each for each in NOT_PUBLIC if each])
def test_a_public_name_of_an_address_that_is_not_is_refused_before_any_connection(
    address: str,
) -> None:
    sender = HttpWebhookSender(resolve=resolves_to(address), connect=never)
    response = sender.post(f"https://{NAME}/", HEADERS, b"{}")
    assert response == Response(error="Refused: the host has an address that is not public.")


def test_one_address_that_is_not_public_spoils_the_others() -> None:
    sender = HttpWebhookSender(resolve=resolves_to("1.1.1.1", "10.0.0.1"), connect=never)
    assert "not public" in (sender.post(f"https://{NAME}/", HEADERS, b"{}").error or "")


def test_a_name_is_looked_up_once_and_the_connection_goes_to_the_address_that_was_checked() -> None:
    """A name that has another address a moment later (DNS rebinding) gains nothing."""
    answers = iter([["1.1.1.1"], ["127.0.0.1"]])
    asked: list[str] = []

    def connect(address: str, port: int, seconds_max: float) -> socket.socket:
        asked.append(f"{address}:{port}")
        raise ConnectionRefusedError("nobody there")

    sender = HttpWebhookSender(resolve=lambda _host, _port: next(answers), connect=connect)
    response = sender.post(f"https://{NAME}/", HEADERS, b"{}")
    assert asked == ["1.1.1.1:443"]
    assert response.error == "ConnectionRefusedError: nobody there"
    assert next(answers) == ["127.0.0.1"]


def test_the_next_address_is_tried_when_one_does_not_answer() -> None:
    asked: list[str] = []

    def connect(address: str, port: int, seconds_max: float) -> socket.socket:
        asked.append(address)
        raise TimeoutError

    many = [f"1.1.1.{each}" for each in range(9)]
    sender = HttpWebhookSender(resolve=resolves_to(*many), connect=connect)
    assert sender.post(f"https://{NAME}/", HEADERS, b"{}").error == "It took too long."
    assert asked == many[: webhook_sender.ADDRESSES_MAX]


def test_a_name_that_is_not_known_is_a_failure_like_others() -> None:
    def unknown(host: str, port: int) -> list[str]:
        raise socket.gaierror(-2, "Name or service not known")

    response = HttpWebhookSender(resolve=unknown, connect=never).post(
        f"https://{NAME}/", HEADERS, b"{}"
    )
    assert "not known" in (response.error or "")


def test_what_is_sent_arrives_as_it_is() -> None:
    with a_receiver() as receiver:
        sender = HttpWebhookSender(allow_private=True)
        response = sender.post(f"{receiver.url}/hook?a=1", {**HEADERS, "webhook-id": "x"}, b"{}")
        (message,) = receiver.received
    assert response == Response(status=204)
    assert (message.path, message.body) == ("/hook?a=1", b"{}")
    assert message.headers["webhook-id"] == "x"
    assert message.headers["host"] == receiver.url.removeprefix("http://")


@pytest.mark.parametrize("status", [200, 301, 307, 404, 410, 429, 500, 503])
def test_a_status_is_given_as_it_is_and_no_redirect_is_followed(status: int) -> None:
    with a_receiver(lambda _: status) as receiver:
        response = HttpWebhookSender(allow_private=True).post(receiver.url, HEADERS, b"{}")
        assert response == Response(status=status)
        assert len(receiver.received) == 1


def whole_request(opened: socket.socket) -> None:
    """Who closes a connection on which something is unread resets it."""
    seen = b""
    while not seen.endswith(b"{}"):
        part = opened.recv(65536)
        if not part:
            raise OSError("the request has ended early")
        seen += part


@contextmanager
def a_server(talk: Callable[[socket.socket], None]) -> Iterator[int]:
    """Accepts one connection on loopback and talks as it likes; gives its port."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            opened, _ = listening.accept()
            with opened:
                try:
                    whole_request(opened)
                    talk(opened)
                except OSError:
                    pass

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listening.getsockname()[1]
        thread.join(20)


def drip(opened: socket.socket) -> None:
    opened.sendall(b"HTTP/1.1 200 OK\r\n")
    for each in range(600):
        opened.sendall(b"x-%d: y\r\n" % each if each < 50 else b"x")
        time.sleep(0.05)


def endless(opened: socket.socket) -> None:
    opened.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        opened.sendall(b"x" * 65536)


def nonsense(opened: socket.socket) -> None:
    opened.sendall(b"\x00\x01\x02 no http\r\n\r\n")


def silence(opened: socket.socket) -> None:
    while opened.recv(65536):
        pass


def test_a_server_that_drips_is_left_when_the_time_is_over() -> None:
    with a_server(drip) as port:
        since = time.monotonic()
        sender = HttpWebhookSender(allow_private=True, total_seconds_max=0.5)
        response = sender.post(f"http://127.0.0.1:{port}/", HEADERS, b"{}")
        assert time.monotonic() - since < 5
    assert response == Response(error="It took too long.")


def test_a_server_that_says_nothing_is_left_when_the_time_is_over() -> None:
    with a_server(silence) as port:
        sender = HttpWebhookSender(allow_private=True, total_seconds_max=0.3)
        response = sender.post(f"http://127.0.0.1:{port}/", HEADERS, b"{}")
    assert response == Response(error="It took too long.")


def test_of_an_answer_without_end_only_the_beginning_is_read() -> None:
    with a_server(endless) as port:
        since = time.monotonic()
        sender = HttpWebhookSender(allow_private=True)
        assert sender.post(f"http://127.0.0.1:{port}/", HEADERS, b"{}") == Response(status=200)
        assert time.monotonic() - since < 5


def test_what_is_no_http_is_a_failure_like_others() -> None:
    with a_server(nonsense) as port:
        response = HttpWebhookSender(allow_private=True).post(
            f"http://127.0.0.1:{port}/", HEADERS, b"{}"
        )
    assert (response.status, (response.error or "")[:13]) == (None, "BadStatusLine")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of shop.example.com, signed by itself."""
    file = tmp_path_factory.mktemp("tls") / "both.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    command += ["-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}"]
    key, made = file.with_suffix(".key"), file.with_suffix(".crt")
    subprocess.run(
        [*command, "-keyout", str(key), "-out", str(made)], check=True, capture_output=True
    )
    file.write_text(key.read_text() + made.read_text())
    return file


@pytest.mark.parametrize(
    ("name", "trusted", "error"),
    [
        (NAME, True, None),
        ("other.example.com", True, "TLS failed"),
        (NAME, False, "TLS failed"),
    ],
)
def test_tls_demands_a_certificate_of_the_name_not_of_the_address(
    certificate: Path, monkeypatch: pytest.MonkeyPatch, name: str, trusted: bool, error: str | None
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)

    def talk(listening: socket.socket) -> None:
        opened, _ = listening.accept()
        try:
            with context.wrap_socket(opened, server_side=True) as secured:
                whole_request(secured)
                secured.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")
        except OSError:
            opened.close()

    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate.with_suffix(".crt")))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=talk, args=(listening,), daemon=True)
        thread.start()
        where = listening.getsockname()
        sender = HttpWebhookSender(
            resolve=resolves_to("1.1.1.1"),
            connect=lambda _address, _port, seconds: socket.create_connection(where, seconds),
        )
        response = sender.post(f"https://{name}/", HEADERS, b"{}")
        thread.join(20)
    if error is None:
        assert response == Response(status=204)
    else:
        assert (response.error or "").startswith(error)
