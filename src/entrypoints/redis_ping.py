"""Asks a Redis server whether it lives: three lines of its protocol, no library."""

import socket
import ssl
from urllib.parse import unquote, urlsplit

PORT = 6379
SECONDS_MAX = 3
SCHEMES = ("redis", "rediss")
PONG = b"+PONG"


def ping(url: str) -> str | None:
    """What is wrong, never with the password in it; None when it answers."""
    try:
        parts = urlsplit(url)
        address = (parts.hostname or "localhost", parts.port or PORT)
    except ValueError:
        return "REDIS_URL is no URL"
    if parts.scheme not in SCHEMES:
        return "REDIS_URL does not begin with redis:// or rediss://"
    try:
        with socket.create_connection(address, SECONDS_MAX) as plain:
            if parts.scheme == "redis":
                return _talk(plain, parts.username, parts.password)
            context = ssl.create_default_context()
            with context.wrap_socket(plain, server_hostname=address[0]) as secure:
                return _talk(secure, parts.username, parts.password)
    except OSError as error:
        return f"{address[0]}:{address[1]} does not answer ({error.strerror or error})"


def _talk(server: socket.socket, user: str | None, password: str | None) -> str | None:
    with server.makefile("rb") as answers:
        if password:
            names = [unquote(each) for each in (user, password) if each]
            server.sendall(_command("AUTH", *names))
            if not answers.readline().startswith(b"+OK"):
                return "it refuses the user or the password"
        server.sendall(_command("PING"))
        said = answers.readline().strip()
    return None if said == PONG else f"it says {said.decode(errors='replace')!r} to a PING"


def _command(*words: str) -> bytes:
    parts = [each.encode() for each in words]
    lines = b"".join(b"$%d\r\n%s\r\n" % (len(part), part) for part in parts)
    return b"*%d\r\n%s" % (len(parts), lines)
