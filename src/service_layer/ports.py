"""The small ports: time, ids."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

Clock = Callable[[], datetime]
"""The time now, in UTC."""

NewId = Callable[[], UUID]
"""A new UUIDv7 (RFC 9562)."""
