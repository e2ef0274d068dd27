"""A name for the books in a database, which tells nothing about how to get there."""

from hashlib import blake2b

import sqlalchemy as sa


def books_name(database_url: str | None) -> str:
    """The same for every process that uses these books; no password is in it."""
    url = sa.make_url(database_url or "")
    where = f"{url.host}:{url.port}/{url.database}?{sorted(url.query.items())}"
    return blake2b(where.encode(), digest_size=8).hexdigest()
