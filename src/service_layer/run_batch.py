"""Run a batch of commands in one database transaction: the one road for money.

A single payment is a batch of one. Each command has its own outcome: a refused one writes no posting and
harms no neighbour, and a command that fails for any other reason is found by running each alone.
"""

import logging
import random
import time
from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from domain.books import Books
from domain.errors import NotNow, OutcomeUnknown, Refusal, Unavailable
from domain.idempotency import KeptOutcome, Outcome
from service_layer import bound
from service_layer.claims import Claims
from service_layer.command import Caller, Command
from service_layer.meter import SILENT, Meter
from service_layer.unit_of_work import CommitUnknown, TryAgain, UnitOfWork

log = logging.getLogger(__name__)

Result = Outcome | Exception
"""What a command gets: its outcome, or the error that kept it from having one."""


ALONE = "alone"
COMMIT_UNKNOWN = "commit-unknown"
UNKNOWN = "It is not known whether this was done. Send the same request with the same key again."


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """How often a batch is tried, and the longest pause between two tries (the pause is random).

    No further try is begun after `tries_seconds_max`. When a batch failed and its commands run one by one, no
    further one is begun after `alone_seconds_max`.
    """

    attempts_max: int = 10
    pause_seconds_max: float = 0.5
    tries_seconds_max: float = 20.0
    alone_seconds_max: float = 5.0
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic

    def pause(self, attempt: int) -> None:
        """Wait a random time, longer with each attempt, so that rivals part ways."""
        self.sleep(random.uniform(0, min(self.pause_seconds_max, 0.002 * 2**attempt)))  # noqa: S311


@dataclass(slots=True, kw_only=True)
class BatchRunner:
    """`open_unit` gives a fresh unit of work for each try."""

    open_unit: Callable[[], UnitOfWork]
    retry: Retry = field(default_factory=Retry)
    meter: Meter = SILENT
    stopwatch: Callable[[], float] = time.perf_counter

    def run(self, commands: Sequence[Command]) -> list[Result]:
        """One result for each command, in their order. Never raises for what a single command did."""
        try:
            return self._run_until_known(commands)
        except Exception as error:
            if len(commands) == 1:
                return [error]
            log.warning("a batch of %d failed, running each alone: %s", len(commands), _kind(error))
            self.meter.batch_retried(ALONE)
            return self._run_each_alone(commands)

    def _run_each_alone(self, commands: Sequence[Command]) -> list[Result]:
        """Find the culprits. They have had their time to wait; now they are asked in haste."""
        until = self.retry.clock() + self.retry.alone_seconds_max
        return [self._run_alone(command, until) for command in commands]

    def _run_alone(self, command: Command, until: float) -> Result:
        if self.retry.clock() >= until:
            return Unavailable("Others kept the database waiting; nothing was done.")
        try:
            return self._run_until_known([command], hasty=True)[0]
        except Exception as error:
            return error

    def _run_until_known(self, commands: Sequence[Command], *, hasty: bool = False) -> list[Result]:
        """Try until it is certain whether the batch is written; each try has the same ids and keys."""
        maybe_written = False
        maybe_made: set[UUID] = set()
        until = self.retry.clock() + self.retry.tries_seconds_max
        for attempt in range(self.retry.attempts_max):
            if attempt:
                self.retry.pause(attempt)
                if self.retry.clock() >= until:
                    break
            try:
                return list(self._run_once(commands, maybe_made, hasty))
            except CommitUnknown as error:
                maybe_written = True
                self.meter.batch_retried(COMMIT_UNKNOWN)
                log.warning("outcome of a COMMIT unknown, asking again: %s", error)
            except TryAgain as error:
                self.meter.batch_retried(error.reason)
                log.info("a batch of %d runs again: %s", len(commands), error)
            except Exception as error:
                if not maybe_written:
                    raise
                log.warning("outcome of a COMMIT still unknown: %s", _kind(error))
        if maybe_written:
            self.meter.outcomes_unknown(len(commands))
        return [_given_up(maybe_written) for _ in commands]

    def _run_once(
        self, commands: Sequence[Command], maybe_made: set[UUID], hasty: bool
    ) -> list[Outcome]:
        """`maybe_made` collects the commands that were decided by a try whose COMMIT is unknown."""
        began = self.stopwatch()
        with self.open_unit() as unit:
            books = unit.open_books(claims_of(commands, hasty=hasty))
            self.meter.books_opened(self.stopwatch() - began)
            outcomes = [decide(command, books, maybe_made) for command in commands]
            unit.write(books)
            try:
                unit.commit()
            except CommitUnknown:
                decided = zip(commands, outcomes, strict=True)
                maybe_made.update(command.id for command, each in decided if not each.replayed)
                raise
        return outcomes


def _kind(error: Exception) -> str:
    """An error's class alone: what a database says of a row, it says with the row's data."""
    return type(error).__name__


def _given_up(maybe_written: bool) -> NotNow:
    if maybe_written:
        return OutcomeUnknown(UNKNOWN)
    return Unavailable("The database cannot be reached or is too busy; nothing was done.")


def claims_of(commands: Sequence[Command], *, hasty: bool = False) -> Claims:
    """Everything that the commands name, with their keys and conditions."""
    all = [command.claims for command in commands]
    all.append(_of_callers([command.caller for command in commands]))
    return Claims.of(all, hasty=hasty)


def _of_callers(callers: Sequence[Caller]) -> Claims:
    return Claims(
        key_names=[name for caller in callers for name in caller.key.names],
        wallet_ids=[each.wallet_id for caller in callers for each in caller.conditions],
    )


def decide(command: Command, books: Books, maybe_made: Container[UUID] = ()) -> Outcome:
    """The outcome of one command: the first answer again when its key is known, else by the rules.

    An outcome that an earlier try of this very command has kept is no replay. A dry run decides on a draft of
    the books: whatever it writes there, nobody sees.
    """
    outcome = _decide(command, books, maybe_made)
    bound_to = command.caller.bound_to
    return outcome if bound_to is None else bound.as_seen_by(bound_to, outcome, books)


def _decide(command: Command, books: Books, maybe_made: Container[UUID]) -> Outcome:
    if command.caller.dry_run:
        return _by_the_rules(command, _draft(command, books))
    key = command.caller.key
    kept = books.kept.get(key.name) or _kept_before_keys(command, books)
    if kept is not None:
        own = command.id in maybe_made and _is_own(kept, command)
        return command.recall(kept.outcome if own else kept.answer(key), books)
    outcome = _by_the_rules(command, books)
    books.keep(key, KeptOutcome(fingerprint=key.fingerprint, outcome=outcome))
    return outcome


def _kept_before_keys(command: Command, books: Books) -> KeptOutcome | None:
    """This very request, done when nobody needed an API key: its retry must not do it again.

    With another fingerprint it is somebody else's request, and says nothing about this one.
    """
    key = command.caller.key
    for name in key.names[1:]:
        kept = books.kept.get(name)
        if kept is not None and kept.fingerprint == key.fingerprint:
            return kept if bound.may_ask(command, books) else None
    return None


def _draft(command: Command, books: Books) -> Books:
    """Books to decide on for nothing."""
    bound_to = command.caller.bound_to
    if bound_to is None:
        return books.draft()
    return bound.without_strangers(books, claims_of([command]), bound_to)


def _by_the_rules(command: Command, books: Books) -> Outcome:
    """A bound caller is told what would be refused if others could take everything."""
    outcome = _judged(command, books)
    bound_to = command.caller.bound_to
    if outcome.refused is None or bound_to is None:
        return outcome
    draft = _draft(command, books)
    anyway = _judged(command, draft).refused
    if anyway is None:
        return replace(outcome, refused=bound.refused_by_others(draft, bound_to))
    return replace(outcome, refused=bound.about_own(anyway, bound_to, draft))


def _judged(command: Command, books: Books) -> Outcome:
    bound_to, since = command.caller.bound_to, len(books.new_transactions)
    try:
        if bound_to is not None:
            bound.check_bound(command, bound_to, books)
        for condition in command.caller.conditions:
            condition.check(books)
        outcome = command.decide(books)
        if bound_to is not None:
            bound.check_only_own_money_left(books, since, bound_to)
        return outcome
    except Refusal as error:
        # Without its traceback, whose frames would keep the whole batch in memory.
        refused = error.with_traceback(None)
        return Outcome(refused=refused, request_id=command.caller.request_id)


def _is_own(kept: KeptOutcome, command: Command) -> bool:
    """Whether the outcome is of this very request: a rival may have used the key since."""
    caller = command.caller
    same_request = kept.outcome.request_id == caller.request_id
    return same_request and kept.fingerprint == caller.key.fingerprint
