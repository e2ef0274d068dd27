"""Never are more inside than may be, and whoever goes makes room."""

from concurrent.futures import ThreadPoolExecutor

from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from entrypoints.gate import Gate

INSIDE_MAX = 3


class GateMachine(RuleBasedStateMachine):
    """Requests come, go, wait for their bodies outside and come back, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = Gate(inside_max=INSIDE_MAX)
        self.inside = self.outside = self.refused = 0

    @rule()
    def come(self) -> None:
        came_in = self.gate.enter()
        assert came_in is (self.inside < INSIDE_MAX)
        self.inside += came_in
        self.refused += not came_in

    @rule()
    def look_in(self) -> None:
        full = self.gate.turns_away()
        assert full is (self.inside >= INSIDE_MAX)
        self.refused += full

    @precondition(lambda self: self.inside)
    @rule()
    def wait_for_a_body(self) -> None:
        self.gate.leave()
        self.inside -= 1
        self.outside += 1

    @precondition(lambda self: self.outside)
    @rule()
    def get_the_body(self) -> None:
        self.gate.come_back()
        self.outside -= 1
        self.inside += 1

    @precondition(lambda self: self.inside)
    @rule()
    def go(self) -> None:
        self.gate.leave()
        self.inside -= 1

    @rule()
    def ask_how_many_were_refused(self) -> None:
        assert self.gate.take_refused() == self.refused
        self.refused = 0

    @invariant()
    def all_are_counted(self) -> None:
        assert self.gate.inside == self.inside


TestGate = GateMachine.TestCase


def test_all_at_once_no_more_come_in_than_may() -> None:
    gate = Gate(inside_max=INSIDE_MAX)
    with ThreadPoolExecutor(16) as pool:
        let_in = list(pool.map(lambda _: gate.enter(), range(10_000)))
    assert (sum(let_in), gate.inside) == (INSIDE_MAX, INSIDE_MAX)
    assert gate.take_refused() == 10_000 - INSIDE_MAX
    assert gate.take_refused() == 0
