"""How Redis is reached: a pool of connections with short timeouts, without retries."""

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

TIMEOUT_SECONDS = 0.1


def connection_pool(url: str) -> redis.ConnectionPool:
    """Connects when it is first asked; whoever uses it decides what a failure means."""
    pool: redis.ConnectionPool = redis.ConnectionPool.from_url(
        url,
        socket_timeout=TIMEOUT_SECONDS,
        socket_connect_timeout=TIMEOUT_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )
    return pool
