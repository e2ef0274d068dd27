"""Make what Redis does, one pool with one breaker for each use.

The library is imported here when it is needed: whoever has no Redis does not wait for it.
"""

from adapters.postgres.books_name import books_name
from service_layer.rate_limits import RateCounter
from service_layer.read_cache import ReadCache


def redis_counter(url: str) -> RateCounter:
    """What counts there."""
    from adapters.redis.breaker import Breaker
    from adapters.redis.connection import connection_pool
    from adapters.redis.rate_counter import RedisRateCounter

    return RedisRateCounter(url, connection_pool(url), Breaker(purpose="rate limits"))


def redis_cache(url: str, database_url: str) -> ReadCache:
    """What keeps reads of these books there."""
    from adapters.redis.breaker import Breaker
    from adapters.redis.connection import connection_pool
    from adapters.redis.read_cache import RedisReadCache

    books = books_name(database_url)
    return RedisReadCache(connection_pool(url), Breaker(purpose="cached reads"), books)
