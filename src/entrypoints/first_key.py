"""The first admin key: without one nobody could make the others."""

import click

from domain.api_key import hash_of, prefix_of
from domain.idempotency import IdempotencyKey
from domain.scope import Scope
from entrypoints.container import Container
from service_layer.command import Caller
from service_layer.create_api_key import CreateApiKey

SYSTEM = "system"
NAME = "first admin key"
BLOCK = """\
------------------------------------------------------------------------------
The first API key, with the scope admin. It is shown this once: keep it safe.

    {secret}

Clients send it as   Authorization: Bearer <key>
More keys: payments keys create --help
------------------------------------------------------------------------------"""
UNUSED = (
    "WARNING: PAYMENTS_ADMIN_KEY is no key of this database and was not used: it is for a database"
    " without any keys."
)


def make_first_key(container: Container, given: str | None) -> str | None:
    """See to it that there is a key; gives a secret that was made up here, None otherwise.

    However many processes start at once: the idempotency key lets one of them make it.
    """
    queries = container.api_key_queries()
    if queries.api_keys(before=None, limit=1):
        if given and queries.api_key_of(prefix_of(given) or "") is None:
            click.echo(UNUSED, err=True)
        return None
    secret = given or container.new_secret()()
    outcome = container.group_commit().execute(_command(container, secret))
    return None if given or outcome.replayed else secret


def _command(container: Container, secret: str) -> CreateApiKey:
    id = container.new_id()()
    key = IdempotencyKey(scope=SYSTEM, key=NAME, fingerprint=hash_of(NAME))
    return CreateApiKey(
        id=id,
        caller=Caller(actor=SYSTEM, request_id=id.hex, key=key),
        name=NAME,
        scopes=(Scope.ADMIN,),
        prefix=prefix_of(secret) or "",
        secret_hash=hash_of(secret),
    )


def show(secret: str) -> None:
    """To whoever watches the start; never into a log."""
    click.echo(BLOCK.format(secret=secret), err=True)
