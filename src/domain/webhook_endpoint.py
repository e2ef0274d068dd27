"""A webhook endpoint is where events are sent to."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from domain.errors import VersionConflict
from domain.event import EVERY_TYPE

ENDPOINTS_MAX = 100
SECRET_OVERLAP = timedelta(hours=24)


class EndpointStatus(StrEnum):
    """Nothing is sent to a disabled endpoint."""

    ENABLED = "enabled"
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookEndpoint:
    """A change makes a new value with the next `version`.

    After a rotation the previous secret signs, too, until `previous_secret_until`.
    """

    id: UUID
    url: str
    event_types: tuple[str, ...]
    description: str | None = None
    status: EndpointStatus = EndpointStatus.ENABLED
    version: int = 1
    secret: str
    previous_secret: str | None = None
    previous_secret_until: datetime | None = None
    created_at: datetime
    updated_at: datetime

    def __repr__(self) -> str:
        """Without its secrets: it may stand in a log."""
        return f"WebhookEndpoint(id={self.id!r}, version={self.version})"

    def wants(self, type: str) -> bool:
        """Whether events of this type are sent to it."""
        return EVERY_TYPE in self.event_types or type in self.event_types

    def secrets(self, now: datetime) -> tuple[str, ...]:
        """Those that sign now, the newest first."""
        return signing_secrets(self.secret, self.previous_secret, self.previous_secret_until, now)

    def check_version(self, version: int) -> None:
        """VersionConflict when it has changed since that version was read."""
        if version != self.version:
            raise VersionConflict(
                f"It has version {self.version} by now, not {version}.", version=self.version
            )

    def rotated(self, secret: str, now: datetime) -> "WebhookEndpoint":
        """With a new secret; the one of before signs, too, for a while."""
        return replace(
            self,
            secret=secret,
            previous_secret=self.secret,
            previous_secret_until=now + SECRET_OVERLAP,
            version=self.version + 1,
            updated_at=max(now, self.updated_at),
        )

    def disabled(self, now: datetime) -> "WebhookEndpoint":
        """As an endpoint wishes that answers 410: it is gone."""
        return replace(
            self,
            status=EndpointStatus.DISABLED,
            version=self.version + 1,
            updated_at=max(now, self.updated_at),
        )


def signing_secrets(
    secret: str, previous: str | None, previous_until: datetime | None, now: datetime
) -> tuple[str, ...]:
    """Those that sign now, the newest first."""
    if previous is None or previous_until is None or previous_until <= now:
        return (secret,)
    return (secret, previous)
