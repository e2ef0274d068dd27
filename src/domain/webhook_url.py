"""Where a webhook may be sent: an URL that every program reads alike, of a host that may be public.

A name is not looked up here: it may have another address a moment later. What counts is checked when a
connection is made, by the same rule (domain/public_address.py).
"""

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address

from domain.errors import WebhookUrlRefused
from domain.public_address import is_public

URL_LENGTH_MAX = 2000
PORTS = {"https": 443, "http": 80}
FURTHER_PORTS = {8443}

# Stricter than RFC 3986 on purpose: what parsers disagree about (credentials, backslashes, spaces, percent
# signs in hosts, characters beyond ASCII) is not in it.
_URL = re.compile(
    r"(?P<scheme>https?)://(?P<host>\[[0-9a-f:.]{2,45}\]|[a-z0-9._-]{1,253})(?::(?P<port>[0-9]{1,5}))?"
    r"(?P<path>(?:/[a-z0-9._~!$&'()*+,;=:@%/-]*)?(?:\?[a-z0-9._~!$&'()*+,;=:@%/?-]*)?)",
    re.ASCII | re.IGNORECASE,
)
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?", re.ASCII)
_NUMBER = re.compile(r"(?:[0-9]+|0x[0-9a-f]*)", re.ASCII)
LOCAL_NAMES = ("localhost", "local", "internal", "intranet", "lan", "home.arpa", "onion")


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookUrl:
    """`host` is a name or an address without brackets; `path` includes the query."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """As the Host header says it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"


def webhook_url(text: str, *, allow_private: bool = False) -> WebhookUrl:
    """The URL in its parts; WebhookUrlRefused.

    `allow_private` is for development: then http, any port or host will do.
    """
    found = _URL.fullmatch(text) if len(text) <= URL_LENGTH_MAX else None
    if found is None:
        raise _refused("It must be like https://example.com/path, in ASCII, without credentials.")
    scheme, host = found["scheme"].lower(), found["host"].lower().strip("[]")
    port = int(found["port"] or PORTS[scheme])
    path = found["path"]
    url = WebhookUrl(
        scheme=scheme, host=host, port=port, path=path if path.startswith("/") else f"/{path}"
    )
    _check_host(found["host"].lower(), host)
    if not allow_private:
        _check_public(url)
    elif not 0 < port < 65536:
        raise _refused("The port must be from 1 to 65535.")
    return url


def _check_host(written: str, host: str) -> None:
    """An address in its usual form, or a name; 127.1, 2130706433 and 0x7f.1 are neither."""
    if written.startswith("["):
        if not _is(IPv6Address, host):
            raise _refused("The host is no IPv6 address.")
        return
    labels = host.split(".")
    if _NUMBER.fullmatch(labels[-1]):
        if not _is(IPv4Address, host):
            raise _refused("The host is no IPv4 address in its usual form.")
    elif not all(map(_LABEL.fullmatch, labels)):
        raise _refused("The host is no name.")


def _check_public(url: WebhookUrl) -> None:
    if url.scheme != "https":
        raise _refused("Only https is allowed.")
    if url.port != PORTS["https"] and url.port not in FURTHER_PORTS:
        raise _refused(f"Only the ports 443 and {sorted(FURTHER_PORTS)[0]} are allowed.")
    is_address = ":" in url.host or _is(IPv4Address, url.host)
    if is_address and not is_public(url.host):
        raise _refused("The address is not a public one.")
    if not is_address and ("." not in url.host or _is_local(url.host)):
        raise _refused("The host is not a public name.")


def _is_local(name: str) -> bool:
    return any(name == local or name.endswith(f".{local}") for local in LOCAL_NAMES)


def _is(kind: type[IPv4Address] | type[IPv6Address], text: str) -> bool:
    try:
        kind(text)
    except ValueError:
        return False
    return True


def _refused(why: str) -> WebhookUrlRefused:
    return WebhookUrlRefused(f"Webhooks cannot be sent to this URL. {why}")
