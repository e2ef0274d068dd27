"""A command is a request to change the books.

The group commit takes commands of any kind, in one batch.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import ClassVar, Protocol
from uuid import UUID

from domain.books import Books
from domain.condition import Condition
from domain.idempotency import IdempotencyKey, Outcome
from service_layer.claims import Claims


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who sent a request, which request it was, the key under which it happens once, and on what terms.

    The `conditions` are checked before the command decides. With `dry_run` it decides and nothing is kept.
    Who is `bound_to` an account acts for that account alone: see bound.py.
    """

    actor: str
    request_id: str
    key: IdempotencyKey
    conditions: tuple[Condition, ...] = ()
    dry_run: bool = False
    bound_to: UUID | None = None


class Command(Protocol):
    """What is named here is locked or looked up before `decide` is called.

    `for_bound` says whether a caller that is bound to an account may ask for it at all.
    """

    for_bound: ClassVar[bool]

    @property
    def id(self) -> UUID:
        """The id of what will be made; it stays the same when the command is run again."""

    @property
    def caller(self) -> Caller:
        """Who asks."""

    @property
    def claims(self) -> Claims:
        """All that it names."""

    @property
    def own_wallet_ids(self) -> Collection[UUID]:
        """The wallets that a bound caller's account must own: what money leaves, or is reserved on."""

    @property
    def own_hold_ids(self) -> Collection[UUID]:
        """The holds that a bound caller must have placed."""

    def decide(self, books: Books) -> Outcome:
        """Write into the books, or raise a Refusal and leave them as they were."""

    def recall(self, outcome: Outcome, books: Books) -> Outcome:
        """The outcome that is kept under the command's key, with whatever is kept elsewhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandBase:
    """Names nothing, is not for bound callers; a command says otherwise of what it names or is."""

    for_bound: ClassVar[bool] = False

    id: UUID
    caller: Caller

    @property
    def claims(self) -> Claims:
        return Claims()

    @property
    def own_wallet_ids(self) -> Collection[UUID]:
        return self.claims.wallet_ids

    @property
    def own_hold_ids(self) -> Collection[UUID]:
        return self.claims.hold_ids

    def recall(self, outcome: Outcome, books: Books) -> Outcome:
        return outcome
