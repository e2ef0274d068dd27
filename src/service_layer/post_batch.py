"""Post a client's batch: many operations in one request, one database transaction."""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from domain.books import Books
from domain.errors import Refusal, refusal
from domain.idempotency import Outcome
from service_layer.claims import Claims
from service_layer.command import Command, CommandBase
from service_layer.run_batch import claims_of, decide


class Mode(StrEnum):
    """Independent operations have an outcome each; atomic ones are done together or not at all."""

    INDEPENDENT = "independent"
    ATOMIC = "atomic"


@dataclass(frozen=True, slots=True, kw_only=True)
class PostBatch(CommandBase):
    """Locks all that its operations name. They are decided in their order; each has a key of its own.

    The outcome has one part for each operation. Under the batch's own key only their number is kept: sent
    again, each operation is answered by what is kept under its own. Errors: an atomic batch is refused with
    the first refusal among its operations.
    """

    for_bound: ClassVar[bool] = True

    mode: Mode
    operations: tuple[Command, ...]

    @property
    def claims(self) -> Claims:
        return claims_of(self.operations)

    @property
    def own_wallet_ids(self) -> tuple[UUID, ...]:
        """Each operation asks for its own."""
        return ()

    @property
    def own_hold_ids(self) -> tuple[UUID, ...]:
        return ()

    def decide(self, books: Books) -> Outcome:
        if self.mode is Mode.INDEPENDENT:
            return self._outcome(self._parts(books))
        together = books.copy()
        parts = []
        for index, operation in enumerate(self.operations):
            parts.append(decide(operation, together))
            refused = parts[-1].refused
            if refused is not None:
                raise _at(index, refused)
        books.adopt(together)
        return self._outcome(tuple(parts))

    def recall(self, outcome: Outcome, books: Books) -> Outcome:
        """The outcome again, with its parts: all of them are kept, so that nothing new is written."""
        if outcome.refused is not None:
            return outcome
        return outcome.with_parts(self._parts(books.copy()))

    def _parts(self, books: Books) -> tuple[Outcome, ...]:
        return tuple(decide(operation, books) for operation in self.operations)

    def _outcome(self, parts: tuple[Outcome, ...]) -> Outcome:
        body = {"operations": len(parts)}
        return Outcome(body=body, parts=parts, request_id=self.caller.request_id)


def _at(index: int, refused: Refusal) -> Refusal:
    """The refusal of one operation as that of the whole batch."""
    detail = f"Nothing was done, because of the operation at {index}: {refused.detail}"
    return refusal(refused.code, detail, {**refused.data, "index": index})
