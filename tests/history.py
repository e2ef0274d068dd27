"""A history of books in which everything happens that can, by chance."""

import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any
from uuid import UUID

from adapters.system import new_id
from domain.scope import Scope
from domain.wallet import Status
from service_layer.change_limits import ChangeLimits
from service_layer.change_status import ChangeStatus
from service_layer.command import Command
from service_layer.create_api_key import CreateApiKey
from service_layer.open_wallet import OpenWallet
from service_layer.reverse import Reverse
from service_layer.sweep_holds import sweep_holds
from service_layer.update_account import UpdateAccount
from service_layer.withdraw import Withdraw
from tests.builders import (
    a_caller,
    capture_hold,
    convert,
    journal,
    open_account,
    place_hold,
    replenish,
    request_quote,
    split,
    transfer,
    void_hold,
)
from tests.stage import Stage

NAMES = (
    "Ada",
    " ",
    '"; DROP {x}',
    "名前",
    "=1+1",
    "line\nbreak\t\\N",
    "é" * 200,
    "Ada",
    "-",
    "\x7f",
)
CURRENCIES = ("USD", "EUR", "JPY")


class History:
    """`step` does one thing more; many are refused, some are sent twice."""

    def __init__(self, stage: Stage, chance: Random) -> None:
        self.stage, self.chance = stage, chance
        self.wallets: dict[str, list[UUID]] = {code: [] for code in CURRENCIES}
        self.holds: list[UUID] = []
        self.accounts: list[tuple[UUID, UUID]] = []
        self.made: list[UUID] = []
        self.sent: list[Command] = []
        for code in CURRENCIES * 3:
            self.open(code)

    def live(self, steps: int) -> None:
        for _ in range(steps):
            self.step()

    def step(self) -> None:
        self.stage.clock.move(seconds=self.chance.choice([0, 0.000001, 1, 4000]))
        self.chance.choice(self.KINDS)(self)

    def open(self, code: str) -> None:
        name = self.chance.choice(NAMES)
        command = replace(
            open_account(
                name=name, currency=code, reference=f"{name}-{self.chance.random()}"[:200]
            ),
            metadata={name: name},
        )
        if self.send(command):
            self.wallets[code].append(command.wallet_id)
            self.accounts.append((command.id, command.wallet_id))

    def replenish(self) -> None:
        code, wallet = self.pick()
        amount = self.chance.choice([1, 500, 10_000, 2**52])
        self.send(replenish(wallet, amount, currency=code, reference=self.reference()))

    def transfer(self) -> None:
        code, source = self.pick()
        command = transfer(source, self.other(code), self.amount(), currency=code)
        text = self.chance.choice(NAMES)
        self.send(replace(command, description=text, metadata={text: "", "": text}))

    def split(self) -> None:
        code, source = self.pick()
        shares = [
            (self.other(code), "33.3333"),
            (self.other(code), 7),
            (self.other(code), None),
        ]
        self.send(split(source, 8 + self.amount(), *shares, currency=code))

    def journal(self) -> None:
        code, source = self.pick()
        amount = self.amount()
        legs = [(source, -amount), (self.other(code), amount + 1), (self.other(code), -1)]
        self.send(journal(*legs, currency=code))

    def place(self) -> None:
        code, wallet = self.pick()
        more: dict[str, Any] = {}
        if self.chance.random() < 0.5:
            more["expires_at"] = self.stage.clock.now + timedelta(
                minutes=self.chance.choice([0, 9])
            )
        if self.chance.random() < 0.5:
            more["destination_wallet_id"] = self.other(code)
        command = place_hold(wallet, self.amount(), currency=code, **more)
        if self.send(command):
            self.holds.append(command.id)

    def capture(self) -> None:
        if self.holds:
            amount = self.chance.choice([None, 1, 20])
            hold_id = self.chance.choice(self.holds)
            self.send(capture_hold(hold_id, amount, final=self.chance.random() < 0.5))

    def void(self) -> None:
        if self.holds and self.chance.random() < 0.4:
            self.send(void_hold(self.chance.choice(self.holds)))

    def again(self) -> None:
        if self.sent:
            self.stage.execute(self.chance.choice(self.sent))

    def seal(self) -> None:
        list(self.stage.container.sealer().seal_all())

    def sweep(self) -> None:
        sweep_holds(self.stage.container.hold_sweeper())

    def withdraw(self) -> None:
        code, wallet_id = self.pick()
        more = {"wallet_id": wallet_id, "amount": self.amount(), "currency": code}
        self.send(Withdraw(id=new_id(), caller=a_caller(), **more))

    def reverse(self) -> None:
        if self.made:
            original, amount = self.chance.choice(self.made), self.chance.choice([None, 1, 50])
            self.send(
                Reverse(id=new_id(), caller=a_caller(), transaction_id=original, amount=amount)
            )

    def convert(self) -> None:
        quote = request_quote(self.amount() + 99)
        if self.send(quote):
            source, destination = self.other("USD"), self.other("EUR")
            self.send(convert(quote.id, source, destination))

    def change(self) -> None:
        """What an account is called, its status, its limits, its wallets."""
        account_id, wallet_id = self.chance.choice(self.accounts)
        ask: dict[str, Any] = {"id": new_id(), "caller": a_caller()}
        status = self.chance.choice([Status.FROZEN, *[Status.ACTIVE] * 3, Status.CLOSED])
        limits = {"overdraft_limit": 7, "max_balance": self.chance.choice([None, 2**53 - 1])}
        commands = [
            ChangeStatus(**ask, account_id=account_id, status=status),
            ChangeLimits(**ask, wallet_id=wallet_id, changes=limits),
            OpenWallet(**ask, account_id=account_id, currency=self.chance.choice(CURRENCIES)),
            UpdateAccount(**ask, account_id=account_id, version=1, name=self.chance.choice(NAMES)),
        ]
        self.send(self.chance.choice(commands))

    def make_key(self) -> None:
        """An API key, which says later who asked."""
        prefix, hash = secrets.token_hex(6), secrets.token_bytes(32)
        self.send(
            CreateApiKey(
                id=new_id(),
                caller=a_caller(),
                name="History",
                scopes=(Scope.ACCOUNTS_READ,),
                prefix=prefix,
                secret_hash=hash,
            )
        )

    KINDS: tuple[Callable[["History"], None], ...] = (
        *(replenish, transfer, split, journal, place, capture) * 3,
        *(void, again, seal, sweep, withdraw, reverse, convert, change, make_key),
    )

    def send(self, command: Command) -> bool:
        """Whether it was done; a refusal is kept under the key as well."""
        self.sent.append(command)
        outcome = self.stage.execute(command)
        if outcome.transaction_id is not None:
            self.made.append(outcome.transaction_id)
        return outcome.refused is None

    def pick(self) -> tuple[str, UUID]:
        code = self.chance.choice(CURRENCIES)
        return code, self.chance.choice(self.wallets[code])

    def other(self, code: str) -> UUID:
        return self.chance.choice(self.wallets[code])

    def amount(self) -> int:
        return self.chance.choice([1, 3, 99, 400, 5000])

    def reference(self) -> str | None:
        return self.chance.choice([None, None, None, f"ref-{self.chance.random()}", "taken"])


def a_history(stage: Stage, seed: int, steps: int = 120) -> History:
    """Lived through already."""
    history = History(stage, Random(seed))
    history.live(steps)
    return history
