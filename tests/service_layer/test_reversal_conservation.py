"""Whatever is made or taken back, tried again or not: a model says the same; in the end all is as before."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.memory.auditor import MemoryAuditor
from service_layer.command import Command
from service_layer.unit_of_work import CommitUnknown, TryAgain
from tests.builders import journal, replenish, reverse, split, withdraw
from tests.service_layer.faulty_unit import Database, Fault, done

PLENTY = 1_000_000  # nobody runs out of money here
WALLETS, AMOUNTS = st.integers(0, 3), st.integers(1, 90)
MOVES = st.tuples(WALLETS, WALLETS, AMOUNTS).filter(lambda move: move[0] != move[1])
STEPS = st.one_of(
    st.tuples(st.just("replenish"), WALLETS, AMOUNTS),
    st.tuples(st.just("withdraw"), WALLETS, AMOUNTS),
    st.tuples(st.just("journal"), st.lists(MOVES, min_size=1, max_size=4)),
    st.tuples(st.just("split"), AMOUNTS, st.integers(1, 99)),
    st.tuples(st.just("reverse"), st.integers(0, 99), st.one_of(st.none(), AMOUNTS)),
    st.tuples(st.just("reverse"), st.integers(0, 99), st.one_of(st.none(), st.integers(1, 9))),
)
BATCHES = st.lists(st.lists(STEPS, min_size=2, max_size=8), min_size=2, max_size=6)
FAULTS = st.lists(
    st.sampled_from(
        [
            None,
            Fault(moment="write", error=TryAgain("deadlock")),
            Fault(moment="commit", error=CommitUnknown("lost")),
            Fault(moment="commit", error=CommitUnknown("lost"), after=True),
        ]
    ),
    max_size=12,
)


@dataclass
class Model:
    """What remains of each transaction that was asked for: None of a reversal, or of what was refused."""

    remaining: list[int | None] = field(default_factory=list)
    reversals: set[int] = field(default_factory=set)
    known: int = 0

    def says(self, step: tuple[Any, ...]) -> str | None:
        """The refusal of a step, if there is one; the step is done."""
        name, *rest = step
        if name == "reverse":
            refused = self._reverse(*rest)
            if refused is None:
                self.reversals.add(len(self.remaining))
            self.remaining.append(None)
            return refused
        moved = _moved(step)
        self.remaining.append(moved)
        return None

    def _reverse(self, at: int, amount: int | None) -> str | None:
        place = at % max(1, len(self.remaining))
        if place >= self.known:
            return "transaction-not-found"
        if place in self.reversals:
            return "not-reversible"
        rest = self.remaining[place]
        if rest is None:
            return "transaction-not-found"
        if rest == 0 or (amount or 0) > rest:
            return "exceeds-original"
        self.remaining[place] = rest - (rest if amount is None else amount)
        return None


def _moved(step: tuple[Any, ...]) -> int:
    """How much those gained who gained in the end."""
    name, *rest = step
    if name != "journal":
        return int(rest[-1] if name in ("replenish", "withdraw") else rest[0])
    nets: Counter[int] = Counter()
    for source, destination, amount in rest[0]:
        nets[source] -= amount
        nets[destination] += amount
    return sum(net for net in nets.values() if net > 0)


def a_command(step: tuple[Any, ...], wallets: list[UUID], asked: list[UUID]) -> Command:
    name, *rest = step
    command: Command
    if name == "replenish":
        command = replenish(wallets[rest[0]], rest[1])
    elif name == "withdraw":
        command = withdraw(wallets[rest[0]], rest[1])
    elif name == "split":
        shares = [(wallets[1], f"{rest[1]}"), (wallets[2], "0.5"), (wallets[3], None)]
        command = split(wallets[0], rest[0], *shares)
    elif name == "journal":
        legs = [
            leg
            for source, destination, amount in rest[0]
            for leg in ((wallets[source], -amount), (wallets[destination], amount))
        ]
        command = journal(*legs)
    else:
        place = rest[0] % max(1, len(asked))
        command = reverse(asked[place] if asked else UUID(int=404), rest[1])
    asked.append(command.id)
    return command


@settings(max_examples=200, deadline=None, derandomize=True)
@given(BATCHES, FAULTS)
def test_reversals_are_as_the_model_says_and_in_the_end_all_is_as_before(
    batches: list[list[tuple[Any, ...]]], faults: list[Fault | None]
) -> None:
    database, model, asked = Database(), Model(), list[UUID]()
    wallets = [database.a_wallet(PLENTY) for _ in range(4)]
    database.faults = list(faults)
    for steps in batches:
        model.known = len(asked)
        commands = [a_command(step, wallets, asked) for step in steps]
        outcomes = done(database.run(*commands, attempts_max=40))
        said = [outcome.refused.code if outcome.refused else None for outcome in outcomes]
        assert said == [model.says(step) for step in steps]
    left = [id for id, rest in zip(asked, model.remaining, strict=True) if rest]
    assert not any(
        each.refused for each in done(database.run(*map(reverse, left), attempts_max=40))
    )
    assert [database.balance(wallet) for wallet in wallets] == [PLENTY] * 4
    assert MemoryAuditor(database.ledger, {}).verify().findings == ()
