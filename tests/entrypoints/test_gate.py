"""Never are more inside than may be, and whoever goes makes room."""

from concurrent.futures import ThreadPoolExecutor

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from entrypoints.gate import Gate

INSIDE_MAX = 3


class GateMachine(RuleBasedStateMachine):
    """Requests come, go, step out and in again, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = Gate(inside_max=INSIDE_MAX)
        self.number = 0
        self.inside: set[int] = set()
        self.outside: set[int] = set()
        self.refused = 0

    @rule()
    def come(self) -> None:
        self.number += 1
        came_in = self.gate.enter(self.number)
        assert came_in is (len(self.inside) < INSIDE_MAX)
        if came_in:
            self.inside.add(self.number)
        else:
            self.refused += 1

    @precondition(lambda self: self.inside)
    @rule(data=st.data())
    def wait_for_a_body(self, data: st.DataObject) -> None:
        number = data.draw(st.sampled_from(sorted(self.inside)))
        self.gate.step_out(number)
        self.inside.remove(number)
        self.outside.add(number)

    @precondition(lambda self: self.outside)
    @rule(data=st.data())
    def get_the_body(self, data: st.DataObject) -> None:
        number = data.draw(st.sampled_from(sorted(self.outside)))
        self.gate.step_in(number)
        self.outside.remove(number)
        self.inside.add(number)

    @precondition(lambda self: self.inside | self.outside)
    @rule(data=st.data())
    def go(self, data: st.DataObject) -> None:
        number = data.draw(st.sampled_from(sorted(self.inside | self.outside)))
        self.gate.leave(number)
        self.inside.discard(number)
        self.outside.discard(number)

    @rule()
    def ask_how_many_were_refused(self) -> None:
        assert self.gate.take_refused() == self.refused
        self.refused = 0

    @invariant()
    def all_are_counted(self) -> None:
        assert self.gate.inside == len(self.inside)


TestGate = GateMachine.TestCase


def test_all_at_once_no_more_come_in_than_may() -> None:
    gate = Gate(inside_max=INSIDE_MAX)
    with ThreadPoolExecutor(16) as pool:
        let_in = list(pool.map(gate.enter, range(10_000)))
    assert (sum(let_in), gate.inside) == (INSIDE_MAX, INSIDE_MAX)
    assert gate.take_refused() == 10_000 - INSIDE_MAX
    assert gate.take_refused() == 0
