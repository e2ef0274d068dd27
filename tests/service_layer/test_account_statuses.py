"""The table of statuses in docs/accounts.md, cell by cell: what the page says is what the service does."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import pytest

from adapters.memory.auditor import MemoryAuditor
from domain.wallet import Status
from service_layer.command import Command
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
from tests.service_layer.faulty_unit import Database, done

PAGE = Path(__file__).resolve().parents[2] / "docs" / "accounts.md"
ROW = re.compile(r"^\| ([^|]+) \| ([^|]+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)
IMPOSSIBLE = "there is none"
HEAD, *TABLE = [
    row for row in ROW.findall(PAGE.read_text(encoding="utf-8")) if set(row[0]) != {"-"}
]
CELLS = [
    (row[0], status, row[number])
    for row in TABLE
    for number, status in enumerate(HEAD[1:], start=1)
]


@dataclass
class Scene:
    """Ada's account, with money in her wallet only as long as it is not to be closed; Bob's wallet."""

    database: Database = field(default_factory=Database)
    ada: UUID = field(init=False)
    account: UUID = field(init=False)
    bob: UUID = field(init=False)

    def __post_init__(self) -> None:
        opened = open_account()
        self.bob = self.database.a_wallet(500)
        self.do(opened)
        self.account, self.ada = opened.id, opened.wallet_id

    def do(self, *commands: Command) -> list[str | None]:
        """What each was refused with."""
        outcomes = done(self.database.run(*commands))
        return [each.refused.code if each.refused else None for each in outcomes]

    def place(self, on: UUID, destination: UUID) -> UUID:
        placed = place_hold(on, 100, destination_wallet_id=destination)
        assert self.do(placed) == [None]
        return placed.id


Act = Callable[[Scene, UUID], Command]
HOLD_ON_IT = {"capture a hold on it", "void a hold on it"}
ACTS: dict[str, Act] = {
    "pay into it": lambda it, _: replenish(it.ada, 5),
    "pay out of it": lambda it, _: transfer(it.ada, it.bob, 5),
    "place a hold on it": lambda it, _: place_hold(it.ada, 5),
    "capture a hold on it": lambda _, hold: capture_hold(hold, 5),
    "void a hold on it": lambda _, hold: void_hold(hold),
    "place a hold for it": lambda it, _: place_hold(it.bob, 5, destination_wallet_id=it.ada),
    "capture a hold for it": lambda _, hold: capture_hold(hold, 5),
    "change its limits": lambda it, _: change_limits(it.ada, overdraft_limit=5),
    "open a wallet of it": lambda it, _: open_wallet(it.account),
    "change its name or metadata": lambda it, _: update_account(
        it.account, it.database.ledger.accounts[it.account].version, name="X", metadata={}
    ),
    "freeze it": lambda it, _: change_status(it.account, Status.FROZEN),
    "unfreeze it": lambda it, _: change_status(it.account, Status.ACTIVE),
    "close it": lambda it, _: change_status(it.account, Status.CLOSED),
}


@pytest.mark.parametrize(("what", "status", "said"), CELLS)
def test_each_status_allows_what_the_table_says(what: str, status: str, said: str) -> None:
    scene = Scene()
    if status != "closed" and what != "close it":
        assert scene.do(replenish(scene.ada, 500)) == [None]
    if what in HOLD_ON_IT and status == "closed":
        hold = scene.place(scene.bob, scene.ada)
        assert said == IMPOSSIBLE
        assert_it_cannot_be_closed_with_a_hold(scene)
        return
    hold = (
        scene.place(scene.ada, scene.bob)
        if what in HOLD_ON_IT
        else scene.place(scene.bob, scene.ada)
    )
    assert scene.do(change_status(scene.account, status)) == [None]
    (refused,) = scene.do(ACTS[what](scene, hold))
    after = scene.database.ledger.accounts[scene.account].status
    if said in set(Status):
        assert (refused, after) == (None, said)
    else:
        assert (refused or "yes", after) == (said, status)
    assert MemoryAuditor(scene.database.ledger, {}).verify().findings == ()


def assert_it_cannot_be_closed_with_a_hold(scene: Scene) -> None:
    assert scene.do(
        replenish(scene.ada, 100), place_hold(scene.ada, 100),
        change_status(scene.account, Status.CLOSED),
    ) == [None, None, "account-not-empty"]  # fmt: skip


def test_the_table_has_every_act_in_every_status() -> None:
    assert [name.strip() for name in HEAD[1:]] == [str(status) for status in Status]
    assert [row[0] for row in TABLE] == list(ACTS)


@pytest.mark.parametrize("status", [Status.FROZEN, Status.CLOSED])
def test_a_withdrawal_is_a_payment_out_too(status: Status) -> None:
    scene = Scene()
    assert scene.do(change_status(scene.account, status), withdraw(scene.ada)) == [
        None, f"account-{status}",
    ]  # fmt: skip
