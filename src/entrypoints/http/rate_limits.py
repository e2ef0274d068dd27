"""Count requests, tell in each answer how many more there may be, refuse those that are too many.

The fields are those of the IETF's draft (draft-ietf-httpapi-ratelimit-headers).
"""

from collections.abc import Sequence
from functools import lru_cache
from ipaddress import IPv6Address, ip_address
from typing import Any

from flask import request

from entrypoints.http.asking import principal
from entrypoints.http.request_errors import RateLimited
from service_layer.rate_limits import Kind, Rate, RateLimits, Standing

STANDING = "payments.rate"
READING = ("GET", "HEAD", "OPTIONS")
UNLIMITED_PATHS = ("/livez", "/readyz", "/metrics")
NETWORK_BITS = 64
_WORDS = {
    Kind.READS: "This key reads too often",
    Kind.WRITES: "This key writes too often",
    Kind.FAILURES: "Too many requests without a valid API key have come from this address",
    Kind.PAGES: "Too many requests have come from this address",
}


def count_request(limits: RateLimits, environ: dict[str, Any], who: str) -> None:
    """A request of somebody who is known; RateLimited."""
    kind = Kind.READS if environ["REQUEST_METHOD"] in READING else Kind.WRITES
    _check(limits, environ, limits.spend(kind, who))


def count_operations(limits: RateLimits, operations: int) -> None:
    """The rest of a batch that was counted as one; RateLimited, which takes nothing from the window."""
    cost = limits.whole_cost(Kind.WRITES, operations) - 1
    if cost <= 0:
        return
    who = principal().id
    standing = limits.spend(Kind.WRITES, who, cost=cost)
    if standing is not None and standing.exceeded:
        limits.give_back(standing, who, cost=cost)
    _check(limits, request.environ, standing)


def check_failures(limits: RateLimits) -> None:
    """RateLimited when the address has failed to authenticate too often."""
    standing = limits.spend(Kind.FAILURES, address(), cost=0, strictly=True)
    if standing is not None and standing.remaining == 0:
        _refuse(limits, standing)


def count_failure(limits: RateLimits) -> None:
    """A request without a valid API key."""
    standing = limits.spend(Kind.FAILURES, address(), strictly=True)
    if standing is not None:
        request.environ[STANDING] = standing


def count_page(limits: RateLimits, environ: dict[str, Any], path: str) -> None:
    """A request for what nobody needs a key for; probes of the service are not counted. RateLimited."""
    if path not in UNLIMITED_PATHS:
        _check(limits, environ, limits.spend(Kind.PAGES, address(), strictly=True))


def address() -> str:
    """Where the request comes from; of IPv6 the network, because whoever has one address has 2^64."""
    return _counted_as(request.remote_addr or "")


@lru_cache(maxsize=4096)
def _counted_as(remote: str) -> str:
    try:
        found = ip_address(remote.partition("%")[0])
    except ValueError:
        return "unknown"
    if not isinstance(found, IPv6Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return f"{IPv6Address(int(found) >> NETWORK_BITS << NETWORK_BITS)}/{NETWORK_BITS}"


def _check(limits: RateLimits, environ: dict[str, Any], standing: Standing | None) -> None:
    if standing is None:
        return
    environ[STANDING] = standing
    if standing.exceeded:
        _refuse(limits, standing)


def _refuse(limits: RateLimits, standing: Standing) -> None:
    request.environ[STANDING] = standing
    limits.note("refused", standing.kind)
    raise RateLimited(
        f"{_WORDS[standing.kind]}: {standing.rate.amount} in {standing.rate.seconds} seconds are allowed.",
        retry_after_seconds=standing.reset_seconds,
    )


def rate_headers(environ: dict[str, Any]) -> Sequence[tuple[str, str]]:
    """Where the caller stands; nothing where nothing was counted."""
    standing: Standing | None = environ.get(STANDING)
    if standing is None:
        return ()
    left = f'"{standing.kind}";r={standing.remaining};t={standing.reset_seconds}'
    return (("RateLimit-Policy", _policy(standing.kind, standing.rate)), ("RateLimit", left))


@lru_cache(maxsize=16)
def _policy(kind: Kind, rate: Rate) -> str:
    return f'"{kind}";q={rate.amount};w={rate.seconds}'
