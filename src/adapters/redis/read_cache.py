"""Keep in Redis what was read, for all processes together."""

from typing import cast

import redis

from adapters.redis.breaker import Breaker

KEEP_SECONDS = 24 * 60 * 60
VALUE_BYTES_MAX = 1024 * 1024


class RedisReadCache:
    """A ReadCache. `namespace` names the books, so that no others on this Redis are taken for them."""

    def __init__(self, pool: redis.ConnectionPool, breaker: Breaker, namespace: str) -> None:
        self._redis = redis.Redis(connection_pool=pool)
        self._breaker = breaker
        self._prefix = f"payments-read:{namespace}:"

    def get(self, key: str) -> bytes | None:
        found = self._breaker.ask(lambda: self._redis.get(self._prefix + key))
        return cast("bytes | None", found)

    def put(self, key: str, value: bytes) -> None:
        if len(value) <= VALUE_BYTES_MAX:
            self._breaker.ask(lambda: self._redis.set(self._prefix + key, value, ex=KEEP_SECONDS))
