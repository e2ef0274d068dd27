"""What an operator does to API keys from the command line."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.api_key import ApiKey, hash_of, prefix_of
from domain.errors import PaymentError
from domain.idempotency import KEYLESS, IdempotencyKey
from domain.scope import Scope
from entrypoints.config import Settings
from entrypoints.container import Container
from entrypoints.operations import on_existing_data
from service_layer.audit import OperatorError
from service_layer.command import Caller, Command
from service_layer.create_api_key import CreateApiKey
from service_layer.revoke_api_key import RevokeApiKey
from service_layer.rotate_api_key import RotateApiKey

OPERATOR = "operator"
PAGE = 100


def create_key(
    settings: Settings,
    *,
    name: str,
    scopes: tuple[Scope, ...],
    account_id: UUID | None,
    expires_at: datetime | None,
) -> str:
    """Gives the secret, which nobody can ask for again."""
    with _keys_of(settings) as container:
        if account_id is not None:
            container.queries().account(account_id)
        secret: str = container.new_secret()()
        command = CreateApiKey(
            **_common(container),
            name=name,
            scopes=scopes,
            account_id=account_id,
            expires_at=expires_at,
            prefix=prefix_of(secret) or "",
            secret_hash=hash_of(secret),
        )
        _execute(container, command)
        return secret


def rotate_key(settings: Settings, api_key_id: UUID, overlap_seconds: int) -> str:
    """Gives the new secret."""
    with _keys_of(settings) as container:
        secret: str = container.new_secret()()
        command = RotateApiKey(
            **_common(container),
            api_key_id=api_key_id,
            overlap_seconds=overlap_seconds,
            prefix=prefix_of(secret) or "",
            secret_hash=hash_of(secret),
        )
        _execute(container, command)
        return secret


def revoke_key(settings: Settings, api_key_id: UUID) -> None:
    """For good."""
    with _keys_of(settings) as container:
        _execute(container, RevokeApiKey(**_common(container), api_key_id=api_key_id))


def list_keys(settings: Settings) -> list[tuple[ApiKey, str]]:
    """All keys, newest first, each with its status now."""
    with _keys_of(settings) as container:
        queries, now = container.api_key_queries(), container.clock()()
        found: list[ApiKey] = queries.api_keys(before=None, limit=PAGE)
        while len(found) % PAGE == 0 and (
            more := queries.api_keys(before=found[-1].id, limit=PAGE) if found else []
        ):
            found += more
        return [(key, str(key.status(now))) for key in found]


@contextmanager
def _keys_of(settings: Settings) -> Iterator[Container]:
    """To an operator, a refusal is one sentence."""
    with on_existing_data(settings) as container:
        try:
            yield container
        except PaymentError as error:
            raise OperatorError(error.detail) from error


def _common(container: Container) -> dict[str, Any]:
    id = container.new_id()()
    key = IdempotencyKey(scope=KEYLESS, key=str(id), fingerprint=hash_of(str(id)))
    return {"id": id, "caller": Caller(actor=OPERATOR, request_id=id.hex, key=key)}


def _execute(container: Container, command: Command) -> None:
    refused = container.group_commit().execute(command).refused
    if refused is not None:
        raise refused
