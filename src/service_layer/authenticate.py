"""Find out whose secret it is, mostly without asking the database.

A secret that was right is remembered for CACHE_SECONDS, by its hash: what is revoked or rotated is refused
everywhere within that time, at once by the process that did it. A wrong secret is never remembered, so that
one with a known prefix costs just what one with an unknown prefix costs.
"""

import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from functools import partial
from math import inf
from threading import Lock
from typing import TypeAlias
from uuid import UUID

from domain.api_key import NO_HASH, ApiKey, KeySecret, hash_of, prefix_of
from domain.idempotency import ANYBODY
from domain.scope import Scope
from service_layer.api_key_queries import ApiKeyQueries
from service_layer.ports import Clock
from service_layer.waiting import IN_THREADS, Waiting

CACHE_SECONDS = 5.0
CACHE_SIZE_MAX = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """Who asks: `id` stays the same when secrets change. Bound ones act for `account_id` alone."""

    id: str
    scopes: frozenset[Scope]
    account_id: UUID | None = None

    def has(self, scope: Scope) -> bool:
        """Whether the scope is among those it was given."""
        return scope in self.scopes or Scope.ADMIN in self.scopes


EVERYBODY = Principal(id=ANYBODY, scopes=frozenset({Scope.ADMIN}))
"""Whoever asks where nobody needs an API key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """A key whose secret was right, with what opens it until it is looked up again."""

    key: ApiKey
    principal: Principal
    until: float


Asked: TypeAlias = "Future[Remembered | None]"
"""An answer of the database that several threads may wait for."""


@dataclass(slots=True, kw_only=True)
class Authenticator:
    """One for each process; its threads share what it remembers."""

    queries: ApiKeyQueries
    clock: Clock
    monotonic: Callable[[], float] = time.monotonic
    waiting: Waiting = IN_THREADS
    _remembered: dict[bytes, Remembered] = field(default_factory=dict)
    _asking: dict[bytes, Asked] = field(default_factory=dict)
    _mutex: Lock = field(default_factory=Lock)

    def remembered(self, secret: str) -> Principal | None:
        """Who has shown this secret a moment ago; None says nothing about it."""
        hash = hash_of(secret)
        known = self._remembered.get(hash)
        if known is None or known.until <= self.monotonic():
            return None
        return known.principal if known.key.opens_for(hash, self.clock()) else None

    def principal_of(self, secret: str) -> Principal | None:
        """None when the secret opens nothing, whatever the reason; Unavailable."""
        prefix = prefix_of(secret)
        if prefix is None:
            return None
        hash = hash_of(secret)
        known = self._remembered.get(hash)
        if known is None or known.until <= self.monotonic():
            known = self.waiting.do(partial(self._ask_once, prefix, hash))
        if known is None or not known.key.opens_for(hash, self.clock()):
            return None
        return known.principal

    def has_opened(self, secret: str) -> bool:
        """Whether it was right when this process last asked, however long ago that is."""
        return hash_of(secret) in self._remembered

    def forget(self) -> None:
        """Ask again for every secret: a key has changed. Which were right, `has_opened` still knows."""
        with self._mutex:
            for hash, known in self._remembered.items():
                self._remembered[hash] = replace(known, until=-inf)
            self._asking.clear()

    def _ask_once(self, prefix: str, hash: bytes) -> Remembered | None:
        """However many threads come with a secret at once: one asks, all get what it got."""
        with self._mutex:
            asked = self._asking.get(hash)
            mine = asked is None
            if asked is None:
                asked = self._asking[hash] = Future()
        if mine:
            self._ask(prefix, hash, asked)
        return asked.result()

    def _ask(self, prefix: str, hash: bytes, asked: Asked) -> None:
        until = self.monotonic() + CACHE_SECONDS
        try:
            key = self.queries.api_key_of(prefix) or _nobody(self.clock)
            right = key.opens_for(hash, self.clock())
            found = _remembered(key, until) if right else None
        except BaseException as error:  # those who wait must not wait for good
            asked.set_exception(error)
            found = None
        else:
            asked.set_result(found)
        with self._mutex:
            # Unless a key has changed since: what was read may be older.
            if self._asking.get(hash) is asked:
                del self._asking[hash]
                self._remember(hash, found)

    def _remember(self, hash: bytes, found: Remembered | None) -> None:
        self._remembered.pop(hash, None)
        if found is not None:
            if len(self._remembered) >= CACHE_SIZE_MAX:
                del self._remembered[next(iter(self._remembered))]
            self._remembered[hash] = found


def _remembered(key: ApiKey, until: float) -> Remembered:
    principal = Principal(id=str(key.id), scopes=frozenset(key.scopes), account_id=key.account_id)
    return Remembered(key=key, principal=principal, until=until)


def _nobody(clock: Clock) -> ApiKey:
    """A key that nothing opens, so that an unknown prefix is compared with something, too."""
    now = clock()
    secret = KeySecret(prefix="", hash=NO_HASH, created_at=now)
    return ApiKey(
        id=UUID(int=0), name="", scopes=(), secrets=(secret,), created_at=now, updated_at=now
    )
