"""Whatever is done with holds, in whatever order: the books agree with a model of dictionaries."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.memory.auditor import MemoryAuditor
from adapters.memory.hold_queries import MemoryHoldQueries
from adapters.memory.hold_sweeper import MemoryHoldSweeper
from adapters.memory.queries import MemoryQueries
from service_layer.command import Command
from service_layer.sweep_holds import sweep_holds
from service_layer.unit_of_work import CommitUnknown, TryAgain
from tests.builders import capture_hold, place_hold, transfer, void_hold
from tests.service_layer.faulty_unit import NOON, Database, Fault, done

WALLETS, HOLDS = st.integers(0, 2), st.integers(0, 5)
AMOUNTS = st.integers(1, 60)
STEPS = st.one_of(
    st.tuples(st.just("transfer"), WALLETS, WALLETS, AMOUNTS),
    st.tuples(
        st.just("place"),
        WALLETS,
        st.one_of(st.none(), WALLETS),
        AMOUNTS,
        st.sampled_from([None, None, 0, 1, 2, 5, 9]),
    ),
    st.tuples(
        st.just("capture"),
        HOLDS,
        st.one_of(st.none(), AMOUNTS),
        st.booleans(),
        st.one_of(st.none(), WALLETS),
    ),
    st.tuples(st.just("void"), HOLDS),
)
BATCHES = st.lists(
    st.tuples(st.integers(0, 4), st.booleans(), st.lists(STEPS, min_size=2, max_size=6)),
    min_size=3,
    max_size=8,
)
FAULTS = st.lists(
    st.sampled_from(
        [
            None,
            Fault(moment="write", error=TryAgain("deadlock")),
            Fault(moment="commit", error=CommitUnknown("lost")),
            Fault(moment="commit", error=CommitUnknown("lost"), after=True),
        ]
    ),
    max_size=20,
)


@dataclass
class Model:
    """What should be: balances by wallet, holds as dictionaries in the order in which they were asked for."""

    balances: dict[int, int]
    holds: list[dict[str, Any]] = field(default_factory=list)
    now: int = 0

    def state(self, hold: dict[str, Any]) -> str:
        over = hold["until"] is not None and hold["until"] <= self.now
        return "expired" if hold["state"] == "pending" and over else str(hold["state"])

    def available(self, wallet: int) -> int:
        held = sum(
            hold["amount"] - hold["captured"]
            for hold in self.holds
            if hold["on"] == wallet and self.state(hold) == "pending"
        )
        return self.balances[wallet] - held

    def transfer(self, source: int, destination: int, amount: int) -> str | None:
        if source == destination:
            return "same-wallet"
        if self.available(source) < amount:
            return "insufficient-funds"
        self.balances[source] -= amount
        self.balances[destination] += amount
        return None

    def place(self, wallet: int, to: int | None, amount: int, seconds: int | None) -> str | None:
        until = None if seconds is None else self.now + seconds
        hold = {"on": wallet, "to": to, "amount": amount, "captured": 0, "until": until}
        self.holds.append(hold | {"state": "unknown"})
        if wallet == to:
            return "same-wallet"
        if seconds == 0:
            return "hold-expired"
        if self.available(wallet) < amount:
            return "insufficient-funds"
        self.holds[-1]["state"] = "pending"
        return None

    def capture(self, at: int, amount: int | None, final: bool, to: int | None) -> str | None:
        refused = self._not_pending(at)
        if refused:
            return refused
        hold = self._hold(at)
        rest = hold["amount"] - hold["captured"]
        if amount is not None and amount > rest:
            return "exceeds-hold"
        if None not in (to, hold["to"]) and to != hold["to"]:
            return "destination-differs"
        destination = hold["to"] if to is None else to
        if destination == hold["on"]:
            return "same-wallet"
        taken = rest if amount is None else amount
        self.balances[hold["on"]] -= taken
        if destination is not None:
            self.balances[destination] += taken
        hold["captured"] += taken
        if final or hold["captured"] == hold["amount"]:
            hold["state"] = "captured"
        return None

    def void(self, at: int) -> str | None:
        refused = self._not_pending(at)
        if refused is None:
            self._hold(at)["state"] = "voided"
        return refused

    def _hold(self, at: int) -> dict[str, Any]:
        """One of those that were asked for, whatever the number."""
        return self.holds[at % len(self.holds)]

    def _not_pending(self, at: int) -> str | None:
        state = self.state(self._hold(at)) if self.holds else "unknown"
        refusals = {"unknown": "hold-not-found", "pending": None, "expired": "hold-expired"}
        return refusals.get(state, "hold-not-pending")


@dataclass
class Clock:
    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now


def a_command(
    step: tuple[Any, ...], wallets: list[UUID], placed: list[UUID], now: datetime
) -> Command:
    name, *rest = step
    if name == "transfer":
        return transfer(wallets[rest[0]], wallets[rest[1]], rest[2])
    if name == "place":
        on, to, amount, seconds = rest
        command = place_hold(
            wallets[on],
            amount,
            destination_wallet_id=None if to is None else wallets[to],
            expires_at=None if seconds is None else now + timedelta(seconds=seconds),
        )
        placed.append(command.id)
        return command
    hold = placed[rest[0] % len(placed)] if placed else UUID(int=404)
    if name == "void":
        return void_hold(hold)
    _, amount, final, to = rest
    destination = None if to is None else wallets[to]
    return capture_hold(hold, amount, final=final, destination_wallet_id=destination)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(BATCHES, FAULTS)
def test_holds_are_as_the_model_says(
    batches: list[tuple[int, bool, list[tuple[Any, ...]]]], faults: list[Fault | None]
) -> None:
    clock, model, placed = Clock(), Model({0: 100, 1: 100, 2: 0}), list[UUID]()
    database = Database(clock=clock)
    wallets = [database.a_wallet(balance) for balance in model.balances.values()]
    database.faults = list(faults)
    for seconds, swept, steps in batches:
        clock.now += timedelta(seconds=seconds)
        model.now += seconds
        if swept:
            sweep_holds(MemoryHoldSweeper(database.ledger, clock), batch_size=2)
        commands = [a_command(step, wallets, placed, clock.now) for step in steps]
        outcomes = done(database.run(*commands, attempts_max=40))
        said = [outcome.refused.code if outcome.refused else None for outcome in outcomes]
        assert said == [getattr(model, name)(*rest) for name, *rest in steps]
        assert_alike(database, clock, model, wallets, placed)


def assert_alike(
    database: Database, clock: Clock, model: Model, wallets: list[UUID], placed: list[UUID]
) -> None:
    views = [MemoryQueries(database.ledger, clock).wallet(wallet) for wallet in wallets]
    assert [(view.balance, view.available) for view in views] == [
        (model.balances[wallet], model.available(wallet)) for wallet in model.balances
    ]
    queries = MemoryHoldQueries(database.ledger, clock)
    for id, hold in zip(placed, model.holds, strict=True):
        if hold["state"] != "unknown":
            shown = queries.hold(id)
            assert (shown.status, shown.captured) == (model.state(hold), hold["captured"])
    assert MemoryAuditor(database.ledger, {}).verify().findings == ()
