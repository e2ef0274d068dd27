"""An API key says who may do what; of its secrets only hashes are known.

A secret is 256 random bits, so that one SHA-256 is enough: what slow hashes defend is guessable.
"""

import re
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from hmac import compare_digest
from uuid import UUID

from domain.errors import ApiKeyNotActive
from domain.scope import Scope

# The prefix is public: it finds the key. The rest is the secret: 43 characters of base64 are 256 bits.
_SECRET = re.compile(r"pay_([0-9a-f]{12})_[A-Za-z0-9_-]{43}", re.ASCII)
_CHARACTERS_MIN = 20  # of 43 random ones, some 31 differ; fewer than 20 is no accident
NO_HASH = bytes(32)


class KeyStatus(StrEnum):
    """Only an active key opens anything."""

    ACTIVE = "active"
    EXPIRED = "expired"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeySecret:
    """One secret of a key, as its hash; a secret that was rotated away has an end of its own."""

    prefix: str
    hash: bytes = field(repr=False)
    created_at: datetime
    expires_at: datetime | None = None

    def is_over(self, now: datetime) -> bool:
        """Whether its own end has come."""
        return self.expires_at is not None and self.expires_at <= now


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """`id` is the principal for good: rotation changes the secrets. Bound keys act for `account_id` alone."""

    id: UUID
    name: str
    scopes: tuple[Scope, ...]
    account_id: UUID | None = None
    secrets: tuple[KeySecret, ...]
    created_at: datetime
    updated_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None

    def status(self, now: datetime) -> KeyStatus:
        """What has become of it."""
        if self.revoked_at is not None:
            return KeyStatus.REVOKED
        over = self.expires_at is not None and self.expires_at <= now
        return KeyStatus.EXPIRED if over else KeyStatus.ACTIVE

    def opens_for(self, hash: bytes, now: datetime) -> bool:
        """Whether the secret with this hash opens something now; takes as long for every hash."""
        known = [compare_digest(each.hash, hash) and not each.is_over(now) for each in self.secrets]
        return any(known) and self.status(now) is KeyStatus.ACTIVE

    def rotated(self, secret: KeySecret, overlap: timedelta) -> "ApiKey":
        """With a new secret; the one before is valid for `overlap` more, any older no longer.

        ApiKeyNotActive.
        """
        now = secret.created_at
        if self.status(now) is not KeyStatus.ACTIVE:
            raise ApiKeyNotActive(f"The key is {self.status(now)}.", api_key_id=str(self.id))
        *older, newest = sorted(self.secrets, key=lambda each: each.created_at)
        ended = [_ended(each, now) for each in older]
        return replace(
            self, secrets=(*ended, _ended(newest, now + overlap), secret), updated_at=now
        )

    def revoked(self, now: datetime) -> "ApiKey":
        """Over for good, all its secrets with it. ApiKeyNotActive when it was before."""
        if self.revoked_at is not None:
            raise ApiKeyNotActive("The key is revoked.", api_key_id=str(self.id))
        return replace(self, revoked_at=now, updated_at=now)


def _ended(secret: KeySecret, at: datetime) -> KeySecret:
    """An end that it has already is never put off."""
    return replace(secret, expires_at=min(at, secret.expires_at or at))


def hash_of(secret: str) -> bytes:
    """What is stored of a secret."""
    return sha256(secret.encode()).digest()


def prefix_of(secret: str) -> str | None:
    """The public part of a secret; None when it has not the form of one."""
    found = _SECRET.fullmatch(secret)
    return found[1] if found else None


def looks_random(secret: str) -> bool:
    """Whether somebody's own secret has the form of ours, and is not of a few characters only."""
    return prefix_of(secret) is not None and len(set(secret[17:])) >= _CHARACTERS_MIN
