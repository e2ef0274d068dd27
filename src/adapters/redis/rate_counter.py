"""Count in Redis, for all processes together: one round trip for each request."""

import redis
from limits.storage import RedisStorage

from adapters.redis.breaker import Breaker

PREFIX = "payments-rate"


class RedisRateCounter:
    """A RateCounter. Its script adds, with an end for what is new, in one step."""

    def __init__(self, url: str, pool: redis.ConnectionPool, breaker: Breaker) -> None:
        self._storage = RedisStorage(url, connection_pool=pool, key_prefix=PREFIX)
        self._breaker = breaker

    def add(self, name: str, window: int, seconds: int, cost: int) -> int | None:
        # Kept for two windows: the clocks of several machines need not agree to the second.
        used = self._breaker.ask(
            lambda: self._storage.incr(f"{name}:{window}", 2 * seconds, amount=cost)
        )
        return None if used is None else max(0, used)
