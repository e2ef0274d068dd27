"""Let concurrent requests share one commit."""

from collections.abc import Callable, Sequence
from typing import Any

from domain.errors import OutcomeUnknown
from domain.idempotency import Outcome
from service_layer.command import Command
from service_layer.run_batch import UNKNOWN, Result
from service_layer.together import Together

PATIENCE = 2.0
"""See `Gathering`: those who were answered are back after about as long again as their batch took."""


class GroupCommit(Together[Command, Outcome]):
    """`run` takes a batch and gives one result for each command; up to `lanes` batches run at once."""

    def __init__(self, run: Callable[[Sequence[Command]], list[Result]], **rest: Any) -> None:
        super().__init__(run, lambda: OutcomeUnknown(UNKNOWN), patience=PATIENCE, **rest)

    execute = Together.share
    """The outcome of one command. Errors: Overloaded (nothing was done), then those of `BatchRunner.run`."""
