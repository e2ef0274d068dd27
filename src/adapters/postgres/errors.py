"""What PostgreSQL's errors mean to the service: the one place that knows SQLSTATE codes.

Codes: PostgreSQL manual, appendix A. Constraint names are those of the migrations.
"""

import psycopg2
from psycopg2 import errorcodes as codes

from domain.errors import IdempotencyKeyInUse, NotNow, Unavailable
from service_layer.unit_of_work import Reason, TryAgain

RUN_AGAIN = {
    codes.SERIALIZATION_FAILURE,
    codes.DEADLOCK_DETECTED,
    codes.ADMIN_SHUTDOWN,
    codes.CRASH_SHUTDOWN,
    codes.CANNOT_CONNECT_NOW,
    codes.IDLE_IN_TRANSACTION_SESSION_TIMEOUT,
    codes.IDLE_SESSION_TIMEOUT,
    codes.TOO_MANY_CONNECTIONS,
}
NOT_IN_TIME = {codes.LOCK_NOT_AVAILABLE, codes.QUERY_CANCELED}
OUT_OF_ORDER = {
    codes.DISK_FULL,
    codes.OUT_OF_MEMORY,
    codes.READ_ONLY_SQL_TRANSACTION,
    codes.INSUFFICIENT_RESOURCES,
    codes.UNDEFINED_TABLE,  # the migrations have not run yet
    codes.UNDEFINED_COLUMN,
}
LOST_RACES = {
    "idempotency_key_pkey",
    "transaction_reference_key",
    "account_reference_key",
    "hold_reference_key",
    "transaction_quote_id_key",
}


def is_lost(error: psycopg2.Error) -> bool:
    """Whether the connection is gone, so that a COMMIT in flight has an unknown outcome."""
    if isinstance(error, psycopg2.InterfaceError):
        return True
    if error.pgcode is None:  # libpq's own words; the driver is not always sure what they mean
        return isinstance(error, psycopg2.OperationalError) or type(error) is psycopg2.DatabaseError
    return error.pgcode in {codes.ADMIN_SHUTDOWN, codes.CRASH_SHUTDOWN}


def translate(error: psycopg2.Error) -> Exception:
    """The service's word for a driver's error; the error itself when it is nobody's expectation."""
    if is_lost(error) or error.pgcode in RUN_AGAIN:
        return TryAgain(first_line(error), _reason(error))
    if error.pgcode in NOT_IN_TIME and _waits_for_key(error):
        return IdempotencyKeyInUse("A request with this key is still being worked on.")
    if error.pgcode in NOT_IN_TIME | OUT_OF_ORDER:
        return Unavailable(f"The database could not do it now: {first_line(error)}")
    if error.pgcode == codes.UNIQUE_VIOLATION and error.diag.constraint_name in LOST_RACES:
        return TryAgain(first_line(error), Reason.LOST_RACE)
    return error


def is_passing(error: psycopg2.Error) -> bool:
    """Whether the same statement may succeed later."""
    return isinstance(translate(error), TryAgain | NotNow)


def _reason(error: psycopg2.Error) -> Reason:
    if error.pgcode == codes.DEADLOCK_DETECTED:
        return Reason.DEADLOCK
    if error.pgcode == codes.SERIALIZATION_FAILURE:
        return Reason.SERIALIZATION
    return Reason.CONNECTION


def _waits_for_key(error: psycopg2.Error) -> bool:
    """Whether the statement waited for another request that has the same idempotency key."""
    return "idempotency_key" in (error.diag.context or "")


def first_line(error: BaseException) -> str:
    """What the error says, without the driver's further lines of detail."""
    return (str(error).strip() or repr(error)).splitlines()[0]
