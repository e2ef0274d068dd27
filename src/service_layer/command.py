"""A command is a request to change the books.

The group commit takes commands of any kind, in one batch.
"""

from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from domain.books import Books
from domain.condition import Condition
from domain.idempotency import IdempotencyKey, Outcome
from service_layer.claims import Claims


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who sent a request, which request it was, the key under which it happens once, and on what terms.

    The `conditions` are checked before the command decides. With `dry_run` it decides and nothing is kept.
    """

    actor: str
    request_id: str
    key: IdempotencyKey
    conditions: tuple[Condition, ...] = ()
    dry_run: bool = False


class Command(Protocol):
    """What is named here is locked or looked up before `decide` is called."""

    @property
    def id(self) -> UUID:
        """The id of what will be made; it stays the same when the command is run again."""

    @property
    def caller(self) -> Caller:
        """Who asks."""

    @property
    def claims(self) -> Claims:
        """All that it names."""

    def decide(self, books: Books) -> Outcome:
        """Write into the books, or raise a Refusal and leave them as they were."""

    def recall(self, outcome: Outcome, books: Books) -> Outcome:
        """The outcome that is kept under the command's key, with whatever is kept elsewhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandBase:
    """Names nothing; a command says otherwise of what it names."""

    id: UUID
    caller: Caller

    @property
    def claims(self) -> Claims:
        return Claims()

    def recall(self, outcome: Outcome, books: Books) -> Outcome:
        return outcome
