"""An idempotency key makes a request happen once, however often it is sent.

A key belongs to a scope (the principal that sent it) and remembers the fingerprint of the request that it
was first used for and the outcome that this request had, refusals included. It is kept for good.
"""

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from domain.errors import IdempotencyKeyReused, Refusal
from domain.transaction import Transaction

ANYBODY = "default"
"""The scope of whoever asks where nobody needs an API key: as it was before there were any."""

KEYLESS = "keyless"
"""The scope of requests that were sent without a key; each has one of its own there."""

IN_BATCH = "in-batch/"
"""Before the scope of keys that operations of a batch have by their place in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IdempotencyKey:
    """`fingerprint` is 32 bytes: SHA-256 over the canonical form of the request."""

    scope: str
    key: str
    fingerprint: bytes

    @property
    def name(self) -> tuple[str, str]:
        """What the key is found by."""
        return (self.scope, self.key)

    @property
    def names(self) -> tuple[tuple[str, str], ...]:
        """All names under which its request may have been done: perhaps before there were API keys."""
        before = IN_BATCH + ANYBODY if self.scope.startswith(IN_BATCH) else ANYBODY
        if self.scope in (before, KEYLESS):
            return (self.name,)
        return (self.name, (before, self.key))


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a request: exactly one of a transaction's id, a body, or a refusal.

    A transaction never changes, so that its id is enough to answer again; of what changes later, `body`
    keeps the answer (JSON types only). `transaction` is the transaction itself where it is at hand; `parts`
    are the outcomes of the operations of a batch.
    """

    transaction_id: UUID | None = None
    body: dict[str, Any] | None = None
    refused: Refusal | None = None
    request_id: str
    transaction: Transaction | None = None
    parts: tuple["Outcome", ...] = ()
    replayed: bool = False

    @classmethod
    def posted(cls, transaction: Transaction) -> "Outcome":
        """The outcome of a request that made a transaction."""
        return cls(
            transaction_id=transaction.id,
            transaction=transaction,
            request_id=transaction.request_id,
        )

    def again(self) -> "Outcome":
        """The same outcome, as the answer to a repeated request."""
        return replace(self, replayed=True)

    def with_parts(self, parts: tuple["Outcome", ...]) -> "Outcome":
        """The same outcome of a batch, with those of its operations."""
        return replace(self, parts=parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptOutcome:
    """What is kept under a key: the request's fingerprint and its outcome."""

    fingerprint: bytes
    outcome: Outcome

    def answer(self, key: IdempotencyKey) -> Outcome:
        """The first answer again; IdempotencyKeyReused when `key` now comes with another request."""
        if self.fingerprint != key.fingerprint:
            error = IdempotencyKeyReused("This key was used before, for a different request.")
            return Outcome(refused=error, request_id="")
        return self.outcome.again()
