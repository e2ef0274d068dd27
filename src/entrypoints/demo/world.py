"""The world that the marketplace is in: its time, its chance, its agenda, its way to the books."""

import heapq
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import count
from random import Random
from typing import Any
from uuid import UUID

from domain.idempotency import ANYBODY, IdempotencyKey, Outcome
from domain.rate import Rate
from service_layer.audit import Progress, silent
from service_layer.command import Caller, Command
from service_layer.open_account import OpenAccount

Event = Callable[[], object]


@dataclass(slots=True)
class StoryClock:
    """Stands where the story is."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """Somebody with a wallet."""

    name: str
    account_id: UUID
    wallet_id: UUID


@dataclass(slots=True, kw_only=True)
class World:
    """`execute` is the one road for money; everything else follows from the seed of `chance` and the time."""

    execute: Callable[[Command], Outcome]
    sweep: Callable[[], int]
    clock: StoryClock
    until: datetime
    chance: Random
    currency: str
    cents: int = 1
    """A hundredth of what prices are in, in minor units."""
    rate: Rate | None = None
    """At which money from abroad becomes money of `currency`; None where only one currency is enabled."""
    balances: Counter[UUID] = field(default_factory=Counter)
    done: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    _agenda: list[tuple[datetime, int, Event]] = field(default_factory=list)
    _numbers: Any = field(default_factory=lambda: count(1))

    @property
    def run_name(self) -> str:
        """Told apart from other runs into the same books, in references and keys."""
        return f"{int(self.until.timestamp()):x}"

    def new_id(self) -> UUID:
        """A UUIDv7 (RFC 9562) of the story's time."""
        milliseconds = int(self.clock.now.timestamp() * 1000)
        value = milliseconds << 80 | 7 << 76 | self.chance.getrandbits(12) << 64
        return UUID(int=value | 2 << 62 | self.chance.getrandbits(62))

    def caller(self) -> Caller:
        """Of a new request with a key of its own."""
        key = f"demo-{self.run_name}-{next(self._numbers)}"
        fingerprint = sha256(key.encode()).digest()
        return Caller(
            actor=ANYBODY,
            request_id=self.new_id().hex,
            key=IdempotencyKey(scope=ANYBODY, key=key, fingerprint=fingerprint),
        )

    def ask(self) -> dict[str, Any]:
        """What every command has: a new id, a caller."""
        return {"id": self.new_id(), "caller": self.caller()}

    def do(self, command: Command) -> bool:
        """Whether it was done; what was is counted, for each operation of a batch."""
        outcome = self.execute(command)
        for each in outcome.parts or (outcome,):
            self._note(each)
        return outcome.refused is None

    def _note(self, outcome: Outcome) -> None:
        if outcome.refused is not None:
            self.refused[outcome.refused.code] += 1
        elif outcome.transaction is not None and not outcome.replayed:
            self.done[outcome.transaction.type] += 1
            for posting in outcome.transaction.postings:
                if posting.balance_after is not None:
                    self.balances[posting.wallet_id] = posting.balance_after

    def join(self, name: str, reference: str) -> Member:
        """A new account with its wallet."""
        command = OpenAccount(
            **self.ask(),
            wallet_id=self.new_id(),
            name=name,
            currency=self.currency,
            reference=reference,
        )
        if not self.do(command):
            raise RuntimeError(f"{name} could not join")
        self.done["account"] += 1
        return Member(name=name, account_id=command.id, wallet_id=command.wallet_id)

    def later(self, event: Event, *, hours: float = 0, at: datetime | None = None) -> None:
        """Put it on the agenda; what would be after the end never happens."""
        when = at or self.clock.now + timedelta(hours=hours)
        if when < self.until:
            heapq.heappush(self._agenda, (when, next(self._numbers), event))

    def live(self, progress: Progress = silent) -> None:
        """Let everything on the agenda happen in its order, with what follows from it."""
        done = 0
        while self._agenda:
            when, _, event = heapq.heappop(self._agenda)
            self.clock.now = when
            event()
            done += 1
            progress(done, done + len(self._agenda), "events")
        self.clock.now = self.until
