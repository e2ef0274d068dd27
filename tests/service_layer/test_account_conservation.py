"""Whatever accounts go through, in whatever order: the books agree with a model of dictionaries."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.memory.auditor import MemoryAuditor
from adapters.memory.queries import MemoryQueries
from domain.wallet import Status
from service_layer.command import Command
from service_layer.queries import Queries
from service_layer.run_batch import Result
from service_layer.unit_of_work import CommitUnknown, TryAgain
from tests.builders import (
    capture_hold,
    change_limits,
    change_status,
    open_account,
    open_wallet,
    place_hold,
    replenish,
    transfer,
    update_account,
    void_hold,
    withdraw,
)
from tests.service_layer.faulty_unit import NOON, Database, Fault, done
from tests.stage import Stage

ACCOUNTS, WALLETS, HOLDS = st.integers(0, 2), st.integers(0, 5), st.integers(0, 5)
# Few amounts, so that wallets are often just empty, just full, just within their overdraft.
AMOUNTS, LIMITS = st.sampled_from([10, 20, 50]), st.sampled_from([0, 10, 20, 50, 80])
UNCHANGED = "unchanged"
STEPS = st.one_of(
    st.tuples(st.just("transfer"), WALLETS, WALLETS, AMOUNTS),
    st.tuples(st.just("replenish"), WALLETS, AMOUNTS),
    st.tuples(st.just("withdraw"), WALLETS, AMOUNTS),
    st.tuples(st.just("place"), WALLETS, AMOUNTS),
    st.tuples(st.just("capture"), HOLDS),
    st.tuples(st.just("void"), HOLDS),
    st.tuples(
        st.just("become"), ACCOUNTS, st.sampled_from(["active", "active", "frozen", "closed"])
    ),
    st.tuples(st.just("rename"), ACCOUNTS, st.integers(1, 4), st.sampled_from("AB")),
    st.tuples(st.just("open"), ACCOUNTS, st.sampled_from(["USD", "EUR", "EUR", "BHD"])),
    st.tuples(
        st.just("limit"),
        WALLETS,
        st.one_of(st.just(UNCHANGED), LIMITS),
        st.one_of(st.just(UNCHANGED), st.none(), LIMITS),
    ),
)
BATCHES = st.lists(st.lists(STEPS, min_size=2, max_size=8), min_size=2, max_size=8)
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


def an_account() -> dict[str, Any]:
    return {"status": "active", "name": "Ada", "version": 1}


def a_wallet(
    owner: int, currency: str = "USD", *, balance: int = 0, overdraft: int = 0
) -> dict[str, Any]:
    return {
        "owner": owner, "currency": currency, "balance": balance, "held": 0, "overdraft": overdraft,
        "most": None,
    }  # fmt: skip


@dataclass
class Model:
    """What should be: accounts, wallets, holds as dictionaries, in the order in which they were made."""

    accounts: list[dict[str, Any]] = field(default_factory=lambda: [an_account() for _ in range(3)])
    wallets: list[dict[str, Any]] = field(
        default_factory=lambda: [a_wallet(0, balance=50), a_wallet(1), a_wallet(2, overdraft=50)]
    )
    holds: list[dict[str, Any]] = field(default_factory=list)

    def transfer(self, source: int, destination: int, amount: int) -> str | None:
        payer, payee = self._wallet(source), self._wallet(destination)
        if payer is payee:
            return "same-wallet"
        currency = payer["currency"]
        refused = self._out(payer, amount) or self._in(payee, amount, currency)
        if refused is None:
            payer["balance"] -= amount
            payee["balance"] += amount
        return refused

    def replenish(self, at: int, amount: int) -> str | None:
        wallet = self._wallet(at)
        refused = self._in(wallet, amount, wallet["currency"])
        if refused is None:
            wallet["balance"] += amount
        return refused

    def withdraw(self, at: int, amount: int) -> str | None:
        wallet = self._wallet(at)
        refused = self._out(wallet, amount)
        if refused is None:
            wallet["balance"] -= amount
        return refused

    def place(self, at: int, amount: int) -> str | None:
        wallet = self._wallet(at)
        refused = self._out(wallet, amount)
        state = "pending" if refused is None else "unknown"
        self.holds.append({"on": wallet, "amount": amount, "state": state})
        if refused is None:
            wallet["held"] += amount
        return refused

    def capture(self, at: int) -> str | None:
        hold, refused = self._pending(at)
        if refused is None:
            refused = self._not_active(hold["on"], out=True)
        if refused is None:
            hold["on"]["balance"] -= hold["amount"]
            hold["on"]["held"] -= hold["amount"]
            hold["state"] = "captured"
        return refused

    def void(self, at: int) -> str | None:
        hold, refused = self._pending(at)
        if refused is None:
            hold["on"]["held"] -= hold["amount"]
            hold["state"] = "voided"
        return refused

    def become(self, at: int, status: str) -> str | None:
        account = self.accounts[at]
        if account["status"] == status:
            return None
        if account["status"] == "closed":
            return "account-closed"
        if status == "closed" and any(
            wallet["balance"] or wallet["held"] for wallet in self.wallets_of(at)
        ):
            return "account-not-empty"
        account.update(status=status, version=account["version"] + 1)
        return None

    def rename(self, at: int, version: int, name: str) -> str | None:
        account = self.accounts[at]
        if account["version"] != version:
            return "version-conflict"
        if account["name"] != name:
            account.update(name=name, version=version + 1)
        return None

    def open(self, at: int, currency: str) -> str | None:
        if self.accounts[at]["status"] == "closed":
            return "account-closed"
        if currency == "BHD":
            return "currency-not-enabled"
        if any(wallet["currency"] == currency for wallet in self.wallets_of(at)):
            return "wallet-exists"
        self.wallets.append(a_wallet(at, currency))
        return None

    def limit(self, at: int, overdraft: Any, most: Any) -> str | None:
        wallet = self._wallet(at)
        if self.accounts[wallet["owner"]]["status"] == "closed":
            return "account-closed"
        overdraft = wallet["overdraft"] if overdraft == UNCHANGED else overdraft
        most = wallet["most"] if most == UNCHANGED else most
        if wallet["balance"] - wallet["held"] + overdraft < 0:
            return "insufficient-funds"
        if most is not None and wallet["balance"] > most:
            return "balance-limit-exceeded"
        wallet.update(overdraft=overdraft, most=most)
        return None

    def wallets_of(self, account: int) -> list[dict[str, Any]]:
        return [wallet for wallet in self.wallets if wallet["owner"] == account]

    def _wallet(self, at: int) -> dict[str, Any]:
        """One of those that there are, whatever the number."""
        return self.wallets[at % len(self.wallets)]

    def _not_active(self, wallet: dict[str, Any], *, out: bool) -> str | None:
        status = self.accounts[wallet["owner"]]["status"]
        return f"account-{status}" if status == "closed" or (out and status == "frozen") else None

    def _out(self, wallet: dict[str, Any], amount: int) -> str | None:
        refused = self._not_active(wallet, out=True)
        free = wallet["balance"] - wallet["held"] + wallet["overdraft"]
        return refused or ("insufficient-funds" if free < amount else None)

    def _in(self, wallet: dict[str, Any], amount: int, currency: str) -> str | None:
        refused = self._not_active(wallet, out=False)
        if refused or currency != wallet["currency"]:
            return refused or "currency-mismatch"
        full = wallet["most"] is not None and wallet["balance"] + amount > wallet["most"]
        return "balance-limit-exceeded" if full else None

    def _pending(self, at: int) -> tuple[dict[str, Any], str | None]:
        hold = self.holds[at % len(self.holds)] if self.holds else {"state": "unknown"}
        refusals = {"pending": None, "unknown": "hold-not-found"}
        return hold, refusals.get(hold["state"], "hold-not-pending")


@dataclass
class Ids:
    """What the model's numbers stand for."""

    accounts: list[UUID] = field(default_factory=list)
    wallets: list[UUID] = field(default_factory=list)
    holds: list[UUID] = field(default_factory=list)


def a_command(step: tuple[Any, ...], model: Model, ids: Ids) -> Command:
    """Made after the model has taken the step's predecessors, before it takes the step."""
    name, at, *rest = step
    if name in ("become", "rename", "open"):
        return _of_account(name, ids.accounts[at], rest)
    if name in ("capture", "void"):
        hold = ids.holds[at % len(ids.holds)] if ids.holds else UUID(int=404)
        return capture_hold(hold) if name == "capture" else void_hold(hold)
    at %= len(model.wallets)
    currency, wallet = model.wallets[at]["currency"], ids.wallets[at]
    if name == "limit":
        named = zip(("overdraft_limit", "max_balance"), rest, strict=True)
        return change_limits(wallet, **{key: it for key, it in named if it != UNCHANGED})
    if name == "transfer":
        destination = ids.wallets[rest[0] % len(model.wallets)]
        return transfer(wallet, destination, rest[1], currency=currency)
    make = {"replenish": replenish, "withdraw": withdraw, "place": place_hold}[name]
    return make(wallet, rest[0], currency=currency)  # type: ignore[operator, no-any-return]


def _of_account(name: str, id: UUID, rest: list[Any]) -> Command:
    if name == "become":
        return change_status(id, Status(rest[0]))
    if name == "rename":
        return update_account(id, rest[0], name=rest[1])
    return open_wallet(id, rest[0])


Run = Callable[..., list[Result]]


def opened(run: Run) -> Ids:
    """The accounts that the model begins with."""
    commands = [open_account() for _ in range(3)]
    wallets = [command.wallet_id for command in commands]
    done(run(*commands, replenish(wallets[0], 50), change_limits(wallets[2], overdraft_limit=50)))
    return Ids(accounts=[command.id for command in commands], wallets=wallets)


def play(run: Run, queries: Queries, ids: Ids, batches: list[list[tuple[Any, ...]]]) -> None:
    """All batches, each answered as the model says and leaving what it says."""
    model = Model()
    for steps in batches:
        commands, said = [], []
        for step in steps:
            command = a_command(step, model, ids)
            name, *rest = step
            answer = getattr(model, name)(*rest)
            commands.append(command)
            said.append(answer)
            if name == "open" and answer is None:
                ids.wallets.append(command.id)
            if name == "place":
                ids.holds.append(command.id)
        outcomes = done(run(*commands))
        assert [each.refused.code if each.refused else None for each in outcomes] == said
        assert_alike(queries, model, ids)


def assert_alike(queries: Queries, model: Model, ids: Ids) -> None:
    for number, id in enumerate(ids.accounts):
        shown, expected = queries.account(id), model.accounts[number]
        assert (shown.status, shown.name, shown.version) == tuple(expected.values())
        wallets = {each.id: each for each in shown.wallets}
        numbers = [it for it, wallet in enumerate(model.wallets) if wallet["owner"] == number]
        assert set(wallets) == {ids.wallets[it] for it in numbers}
        for it in numbers:
            wallet, should = wallets[ids.wallets[it]], model.wallets[it]
            assert wallet.status == expected["status"]
            assert should == {
                "owner": number,
                "currency": wallet.currency,
                "balance": wallet.balance,
                "held": wallet.held,
                "overdraft": wallet.overdraft_limit,
                "most": wallet.max_balance,
            }


@settings(max_examples=200, deadline=None, derandomize=True)
@given(BATCHES, FAULTS)
def test_accounts_are_as_the_model_says(
    batches: list[list[tuple[Any, ...]]], faults: list[Fault | None]
) -> None:
    database = Database()

    def run(*commands: Command) -> list[Result]:
        return database.run(*commands, attempts_max=40)

    ids = opened(run)
    database.faults = list(faults)
    play(run, MemoryQueries(database.ledger, lambda: NOON), ids, batches)
    assert MemoryAuditor(database.ledger, {}).verify().findings == ()


@settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(batches=BATCHES)
def test_accounts_in_postgresql_are_as_the_model_says(
    postgres_stage: Stage, batches: list[list[tuple[Any, ...]]]
) -> None:
    """Each example has accounts of its own; all of them together must add up at the end."""
    queries = postgres_stage.container.queries()
    play(postgres_stage.run, queries, opened(postgres_stage.run), batches)
