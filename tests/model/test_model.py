"""Both adapters answer whatever is asked as the reference model does, with the same books at the end."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from copy import deepcopy
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.model import operations, reference
from tests.model.reference import Operation
from tests.model.system import a_system
from tests.servers import Servers
from tests.stage import Stage, a_stage, strike

SECONDS_MAX = 3
CHECKED = ("balance", "overdraft_limit", "max_balance", "currency")


class Service(RuleBasedStateMachine):
    """Every request goes to the model, the memory adapter and PostgreSQL; `new_ledger` gives a database."""

    new_ledger: Callable[[], str]

    def __init__(self) -> None:
        super().__init__()
        self._ending = ExitStack()
        self.state = reference.new_state()
        self.count = 0
        self.sent: list[tuple[Operation, str, list[bytes]]] = []
        stages = [a_stage("memory"), a_stage("postgres18", self.new_ledger(), migrated=True)]
        self.systems = [self._ending.enter_context(self._system(stage)) for stage in stages]

    def _system(self, stage: Stage) -> Any:
        self._ending.callback(strike, stage)
        return a_system(stage)

    def teardown(self) -> None:
        self._ending.close()

    @initialize()
    def open_the_first_accounts(self) -> None:
        for _ in range(3):
            self._send({"op": "account", "name": self._name("a")})
        for name in list(self.state["accounts"]):
            fields = {"wallet": f"{name}/USD", "amount": 1000, "currency": "USD"}
            self._send({"op": "replenishment", "name": self._name("t"), **fields})
        more = {"overdraft_limit": 0, "max_balance": None}
        for account, currency in (("a1", "EUR"), ("a1", "JPY"), ("a2", "EUR")):
            self._send({"op": "wallet", "account": account, "currency": currency, **more})
            fields = {"wallet": f"{account}/{currency}", "amount": 500, "currency": currency}
            self._send({"op": "replenishment", "name": self._name("t"), **fields})

    @rule(data=st.data())
    def ask(self, data: st.DataObject) -> None:
        self._send(data.draw(operations.any_operation(self.state, self._name)))

    @rule(data=st.data())
    def try_out(self, data: st.DataObject) -> None:
        """A dry run changes nothing: the invariant below compares the books."""
        operation = data.draw(operations.money(self.state, self._name))
        self._send({**operation, "dry_run": True})

    @rule(data=st.data(), mode=st.sampled_from(["independent", "atomic"]))
    def ask_for_many(self, data: st.DataObject, mode: str) -> None:
        one = operations.in_batch(self.state, self._name)
        several = data.draw(st.lists(one, min_size=1, max_size=4))
        self._send({"op": "batch", "mode": mode, "operations": several})

    @rule(data=st.data(), mode=st.sampled_from(["independent", "atomic"]))
    def ask_for_the_same_in_one_batch(self, data: st.DataObject, mode: str) -> None:
        """Twice under two keys: the second one meets what the first has left."""
        one = data.draw(operations.money(self.state, self._name))
        other = {**one, "name": self._name("o")}
        self._send({"op": "batch", "mode": mode, "operations": [one, other]})

    @precondition(lambda self: self.sent)
    @rule(data=st.data())
    def ask_again(self, data: st.DataObject) -> None:
        """The first answer again, whatever has happened since; a dry run has none."""
        operation, key, answers = data.draw(st.sampled_from(self.sent))
        for system, first in zip(self.systems, answers, strict=True):
            again = system.send(operation, key)
            assert again.data == first
            assert again.headers["Idempotency-Replayed"] == "true"

    @precondition(lambda self: reference.next_end(self.state) is not None)
    @rule()
    def pass_time_until_something_ends(self) -> None:
        """To the very instant."""
        self._pass((reference.next_end(self.state) or 0) - self.state["now"])

    @rule(seconds=st.integers(1, SECONDS_MAX))
    def pass_time(self, seconds: int) -> None:
        self._pass(seconds)

    def _pass(self, seconds: int) -> None:
        self.state["now"] += seconds
        for system in self.systems:
            system.pass_time(seconds)

    @rule(data=st.data())
    def ask_twice_at_once(self, data: st.DataObject) -> None:
        """The same request from two clients: it is done once, and both get the one answer."""
        operation = data.draw(operations.any_operation(self.state, self._name))
        expected, key = reference.outcome(self.state, operation), self._name("k")
        for system in self.systems:
            with ThreadPoolExecutor(2) as pool:
                both = list(pool.map(lambda _, to=system: to.send(operation, key), range(2)))
            assert both[0].data == both[1].data
            assert sum("Idempotency-Replayed" in each.headers for each in both) == 1
            assert system.said(both[0]) == expected

    @rule(data=st.data())
    def ask_for_two_at_once(self, data: st.DataObject) -> None:
        """Two requests whose order decides nothing; else they are sent one after the other."""
        one, two = (data.draw(operations.any_operation(self.state, self._name)) for _ in range(2))
        expected = self._commuting(one, two)
        if expected is None:
            self._send(one)
            self._send(two)
            return
        keys = [self._name("k"), self._name("k")]
        for system in self.systems:
            with ThreadPoolExecutor(2) as pool:
                both = list(pool.map(system.send, (one, two), keys))
            assert [_done(system.said(each)) for each in both] == expected
        for operation in (one, two):
            reference.outcome(self.state, operation)

    def _commuting(self, one: Operation, two: Operation) -> list[object] | None:
        """What both come to, when that and the books after it are the same in either order."""
        forth, back = deepcopy(self.state), deepcopy(self.state)
        said = [_done(reference.outcome(forth, each)) for each in (one, two)]
        other = [_done(reference.outcome(back, each)) for each in (two, one)]
        return said if (said, forth) == (other[::-1], back) else None

    @rule(data=st.data())
    def look_back(self, data: st.DataObject) -> None:
        """The books of any second: what a wallet had, what moved until then."""
        wallet = data.draw(st.sampled_from(sorted(self.state["wallets"])))
        first = data.draw(st.integers(0, self.state["now"]))
        last = data.draw(st.integers(first, self.state["now"]))
        for system in self.systems:
            balance = reference.balance_at(self.state, wallet, first)
            assert system.balance_at(wallet, first) == balance
            statement = reference.statement(self.state, wallet, first, last)
            assert system.statement(wallet, first, last) == statement

    @precondition(lambda self: self.state["quotes"])
    @rule(data=st.data())
    def look_at_a_quote(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(sorted(self.state["quotes"])))
        for system in self.systems:
            expected = reference.quote_status(self.state, self.state["quotes"][name])
            assert system.quote_status(name) == expected

    @invariant()
    def the_books_agree(self) -> None:
        for system in self.systems:
            found = system.wallets()
            assert set(found) == set(self.state["wallets"])
            for name, wallet in self.state["wallets"].items():
                shown = found[name]
                assert {each: shown[each] for each in CHECKED} == {
                    each: wallet[each] for each in CHECKED
                }
                assert shown["held"] == reference.held(self.state, name)
                assert shown["wallet_version"] == wallet["version"]
                assert shown["status"] == self.state["accounts"][wallet["account"]]["status"]

    @invariant()
    def the_holds_agree(self) -> None:
        for system in self.systems:
            shown = {
                system.names[each["id"]]: each for each in system.get("/v1/holds?limit=100")["data"]
            }
            assert set(shown) == set(self.state["holds"])
            for name, hold in self.state["holds"].items():
                expected = (reference.hold_status(self.state, hold), hold["captured"])
                assert (shown[name]["status"], shown[name]["captured"]) == expected

    def _send(self, operation: Operation) -> None:
        expected, key = reference.outcome(self.state, operation), self._name("k")
        answers = []
        for system in self.systems:
            response = system.send(operation, key)
            assert system.said(response) == expected, (operation, response.text)
            answers.append(response.data)
        if not operation.get("dry_run"):
            self.sent.append((operation, key, answers))

    def _name(self, letter: str) -> str:
        self.count += 1
        return f"{letter}{self.count}"


def _done(said: object) -> object:
    """A refusal's code, or that there was none: balances after depend on the order."""
    return said if isinstance(said, str) else "done"


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_the_service_does_what_the_model_says(servers: Servers) -> None:
    def machine() -> Service:
        return Service()

    Service.new_ledger = staticmethod(lambda: servers.new_ledger("postgres18"))
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=40,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
