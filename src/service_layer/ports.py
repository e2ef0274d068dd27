"""The small ports: time, ids, secrets."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

Clock = Callable[[], datetime]
"""The time now, in UTC."""

NewId = Callable[[], UUID]
"""A new UUIDv7 (RFC 9562)."""

NewSecret = Callable[[], str]
"""A new secret in the form that `domain.api_key.prefix_of` knows."""
