"""The API key of a run: the service is measured as it is in earnest, asking everybody for a key."""

from functools import cache

from adapters.system import new_secret


@cache
def secret() -> str:
    """One admin key for all servers of this run."""
    return new_secret()
