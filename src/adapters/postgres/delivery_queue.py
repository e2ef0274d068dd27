"""The queue of webhook deliveries on PostgreSQL."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from adapters.postgres import delivery_statements as statements
from adapters.postgres.entry_rows import row_of_entry
from adapters.postgres.event_tables import audit_entry
from adapters.postgres.operator import for_operator
from adapters.postgres.sequencer import LOOK_UP
from adapters.postgres.webhook_rows import endpoint_from_row
from adapters.postgres.webhook_tables import webhook_attempt, webhook_endpoint
from adapters.postgres.webhooks import ENDPOINTS
from domain.circuit import Circuit
from domain.retry_schedule import GIVE_UP_AFTER
from domain.webhook_delivery import Attempt, DeliveryStatus
from domain.webhook_endpoint import EndpointStatus, signing_secrets
from service_layer.delivery_queue import (
    AT_ONCE_PER_ENDPOINT,
    DELIVERED_KEPT,
    EVENTS_AT_ONCE,
    LEASE,
    ON_ITS_WAY,
    TIDIED_AT_ONCE,
    Claimed,
)
from service_layer.disable_endpoint import entry_of_disabled


class PostgresDeliveryQueue:
    """Several processes or threads may use it. OperatorError when the database says no."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def fan_out(self, now: datetime) -> int:
        values = {"now": now, "give_up_at": now + GIVE_UP_AFTER, "at_once": EVENTS_AT_ONCE}
        with self._transaction() as connection:
            count: int = connection.execute(statements.FAN_OUT, values).scalar_one()
            return count

    def claim(self, now: datetime, *, limit: int) -> list[Claimed]:
        with self._transaction() as connection:
            circuits = {
                row.endpoint_id: Circuit(failures=row.failures, paused_until=row.paused_until)
                for row in connection.execute(statements.LOCK_READY, {"now": now})
            }
            if not circuits:
                return []
            ids = [str(id) for id in circuits]
            begun_since = {"leased_after": now + LEASE - ON_ITS_WAY, "endpoints": ids}
            in_flight = {
                row.endpoint_id: row.deliveries
                for row in connection.execute(statements.IN_FLIGHT, begun_since)
            }
            rooms = [
                circuit.lets_through(now, in_flight.get(id, 0), AT_ONCE_PER_ENDPOINT)
                for id, circuit in circuits.items()
            ]
            values = {
                "endpoints": ids,
                "rooms": rooms,
                "now": now,
                "lease": now + LEASE,
                "limit": limit,
            }
            return [_claimed(row, now) for row in connection.execute(statements.CLAIM, values)]

    def record(self, claimed: Claimed, attempt: Attempt, retry_at: datetime | None) -> None:
        with self._transaction() as connection:
            _move_circuit(connection, claimed, attempt)
            if attempt.is_gone:
                _disable(connection, claimed, attempt.ended_at)
            connection.execute(sa.insert(webhook_attempt), _row_of(claimed, attempt))
            key = {"id": claimed.delivery_id, "attempt": claimed.attempt}
            if attempt.is_success or retry_at is None:
                status = DeliveryStatus.DELIVERED if attempt.is_success else DeliveryStatus.DEAD
                done = {**key, "status": str(status), "at": attempt.ended_at}
                connection.execute(statements.FINISH, done)
            else:
                connection.execute(statements.RETRY, {**key, "retry_at": retry_at})

    def tidy(self, now: datetime) -> int:
        with self._transaction() as connection:
            old = connection.execute(
                statements.GIVE_UP, {"now": now, "at_once": TIDIED_AT_ONCE}
            ).rowcount
            before = {"before": now - DELIVERED_KEPT, "at_once": TIDIED_AT_ONCE}
            return old + connection.execute(statements.FORGET, before).rowcount

    @contextmanager
    def _transaction(self) -> Iterator[sa.Connection]:
        with for_operator(), self._engine.begin() as connection:
            # The statistics know nothing of what is newest: it is looked up, never searched for.
            connection.execute(sa.text(LOOK_UP))
            yield connection


def _claimed(row: sa.Row[Any], now: datetime) -> Claimed:
    return Claimed(
        delivery_id=row.id,
        endpoint_id=row.endpoint_id,
        event_number=row.event_number,
        attempt=row.attempts,
        url=row.url,
        secrets=signing_secrets(row.secret, row.previous_secret, row.previous_secret_until, now),
        give_up_at=row.give_up_at,
    )


def _row_of(claimed: Claimed, attempt: Attempt) -> dict[str, Any]:
    return {
        "delivery_id": claimed.delivery_id,
        "number": attempt.number,
        "started_at": attempt.started_at,
        "duration_ms": attempt.duration_ms,
        "response_status": attempt.response_status,
        "error": attempt.error,
    }


def _move_circuit(connection: sa.Connection, claimed: Claimed, attempt: Attempt) -> None:
    key = {"endpoint": claimed.endpoint_id}
    found = connection.execute(statements.CIRCUIT, key).one()
    before = Circuit(failures=found.failures, paused_until=found.paused_until)
    after = Circuit() if attempt.is_success else before.after_failure(attempt.ended_at)
    if after != before:
        connection.execute(
            statements.SET_CIRCUIT,
            {**key, "failures": after.failures, "paused_until": after.paused_until},
        )


def _disable(connection: sa.Connection, claimed: Claimed, at: datetime) -> None:
    """Unless somebody has done so, or has said since that it shall get events at another URL."""
    chosen = ENDPOINTS.where(webhook_endpoint.c.id == claimed.endpoint_id).with_for_update(
        key_share=True
    )
    before = endpoint_from_row(connection.execute(chosen).one())
    if before.status is EndpointStatus.DISABLED or before.url != claimed.url:
        return
    after = before.disabled(at)
    connection.execute(
        sa.update(webhook_endpoint)
        .where(webhook_endpoint.c.id == after.id)
        .values(status=str(after.status), version=after.version, updated_at=after.updated_at)
    )
    connection.execute(sa.insert(audit_entry), row_of_entry(entry_of_disabled(after, at)))
