"""Look-ups by id that come at the same time share one statement.

To ask the database costs several times what one more row does. Who asks alone asks at once; each is answered
by a statement that began after it had asked.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Generic, TypeVar
from uuid import UUID

from domain.errors import Unavailable
from service_layer.together import Together
from service_layer.waiting import IN_THREADS, Waiting

PATIENCE = 2.0
SPARE_LANES = 1
"""A connection that hangs keeps those waiting who share its look-up, not all who come after them."""
BATCH_SIZE_MAX = 64
Found = TypeVar("Found")


class LookUps(Generic[Found]):
    """`find` gives what there is of these ids."""

    def __init__(
        self,
        find: Callable[[Sequence[UUID]], Mapping[UUID, Found]],
        waiting: Waiting = IN_THREADS,
    ) -> None:
        self._find = find
        self._together: Together[UUID, tuple[Found | None]] = Together(
            self._run,
            lambda: Unavailable("The question was cut short."),
            patience=PATIENCE,
            spare_lanes=SPARE_LANES,
            batch_size_max=BATCH_SIZE_MAX,
            waiting=waiting,
        )

    def get(self, id: UUID) -> Found | None:
        """Errors: those of `find`, Overloaded."""
        return self._together.share(id)[0]

    def _run(self, ids: Sequence[UUID]) -> list[tuple[Found | None] | Exception]:
        try:
            found = self._find(ids)
        except Exception as error:
            return [error for _ in ids]
        return [(found.get(id),) for id in ids]
