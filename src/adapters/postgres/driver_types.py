"""Types that the driver reads in half the time: a payment reads four UUIDs."""

from typing import Any
from uuid import UUID

import orjson
from psycopg2 import extensions, extras

UUID_OID = 2950
UUIDS_OID = 2951


def uuid_of(text: Any, cursor: object = None) -> UUID | None:
    """What PostgreSQL wrote needs no checking: the way that copies and pickles of UUIDs are made, too."""
    if text is None:
        return None
    made = UUID.__new__(UUID)
    made.__setstate__({"int": int(text.replace("-", ""), 16)})  # type: ignore[attr-defined]
    return made


_ONE = extensions.new_type((UUID_OID,), "UUID", uuid_of)
_MANY = extensions.new_array_type((UUIDS_OID,), "UUID[]", _ONE)


def register(connection: Any) -> None:
    """Let the connection take and give UUIDs, and give JSON."""
    extras.register_uuid(conn_or_curs=connection)  # type: ignore[no-untyped-call]
    extras.register_default_json(connection, loads=orjson.loads)
    extras.register_default_jsonb(connection, loads=orjson.loads)
    extensions.register_type(_ONE, connection)
    extensions.register_type(_MANY, connection)
