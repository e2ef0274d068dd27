"""Commands as tests need them: everything has a default, name only what matters."""

from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID

from adapters.system import new_id
from domain.idempotency import IdempotencyKey
from domain.money import Currency
from domain.rate import Rate
from domain.split import Share
from domain.transaction import Leg
from domain.wallet import Status
from service_layer.capture_hold import CaptureHold
from service_layer.change_limits import ChangeLimits
from service_layer.change_status import ChangeStatus
from service_layer.command import Caller, Command
from service_layer.convert import Convert
from service_layer.journal import Journal
from service_layer.open_account import OpenAccount
from service_layer.open_wallet import OpenWallet
from service_layer.place_hold import PlaceHold
from service_layer.post_batch import Mode, PostBatch
from service_layer.replenish import Replenish
from service_layer.request_quote import RequestQuote
from service_layer.reverse import Reverse
from service_layer.split import Split
from service_layer.transfer import Transfer
from service_layer.update_account import UpdateAccount
from service_layer.void_hold import VoidHold
from service_layer.withdraw import Withdraw


def a_key(key: str | None = None, *, scope: str = "default", request: str = "") -> IdempotencyKey:
    """A key of its own unless named; `request` stands for what was sent with it."""
    return IdempotencyKey(
        scope=scope, key=key or str(new_id()), fingerprint=sha256(request.encode()).digest()
    )


def a_caller(key: str | None = None, *, request: str = "") -> Caller:
    return Caller(actor="tester", request_id=str(new_id()), key=a_key(key, request=request))


def open_account(
    *,
    name: str = "Ada",
    currency: str = "USD",
    reference: str | None = None,
    caller: Caller | None = None,
) -> OpenAccount:
    return OpenAccount(
        id=new_id(),
        wallet_id=new_id(),
        caller=caller or a_caller(),
        name=name,
        currency=currency,
        reference=reference,
    )


def update_account(
    account_id: UUID, version: int = 1, *, caller: Caller | None = None, **changes: Any
) -> UpdateAccount:
    """`changes` are of the name or the metadata."""
    return UpdateAccount(
        id=new_id(),
        caller=caller or a_caller(),
        account_id=account_id,
        version=version,
        **changes,
    )


def change_status(
    account_id: UUID, status: Status | str, *, caller: Caller | None = None
) -> ChangeStatus:
    return ChangeStatus(
        id=new_id(),
        caller=caller or a_caller(),
        account_id=account_id,
        status=Status(status),
    )


def open_wallet(
    account_id: UUID, currency: str = "EUR", *, caller: Caller | None = None, **limits: Any
) -> OpenWallet:
    return OpenWallet(
        id=new_id(),
        caller=caller or a_caller(),
        account_id=account_id,
        currency=currency,
        **limits,
    )


def change_limits(wallet_id: UUID, *, caller: Caller | None = None, **changes: Any) -> ChangeLimits:
    """`changes` are of overdraft_limit or max_balance."""
    return ChangeLimits(
        id=new_id(), caller=caller or a_caller(), wallet_id=wallet_id, changes=changes
    )


def replenish(
    wallet_id: UUID,
    amount: int = 1000,
    *,
    currency: str = "USD",
    reference: str | None = None,
    caller: Caller | None = None,
) -> Replenish:
    return Replenish(
        id=new_id(),
        caller=caller or a_caller(),
        wallet_id=wallet_id,
        amount=amount,
        currency=currency,
        reference=reference,
    )


def withdraw(
    wallet_id: UUID,
    amount: int = 100,
    *,
    currency: str = "USD",
    reference: str | None = None,
    caller: Caller | None = None,
) -> Withdraw:
    return Withdraw(
        id=new_id(),
        caller=caller or a_caller(),
        wallet_id=wallet_id,
        amount=amount,
        currency=currency,
        reference=reference,
    )


def reverse(
    transaction_id: UUID, amount: int | None = None, *, caller: Caller | None = None, **rest: Any
) -> Reverse:
    """All that remains unless an amount is given."""
    return Reverse(
        id=new_id(),
        caller=caller or a_caller(),
        transaction_id=transaction_id,
        amount=amount,
        **rest,
    )


def transfer(
    source_wallet_id: UUID,
    destination_wallet_id: UUID,
    amount: int = 100,
    *,
    currency: str = "USD",
    reference: str | None = None,
    caller: Caller | None = None,
) -> Transfer:
    return Transfer(
        id=new_id(),
        caller=caller or a_caller(),
        source_wallet_id=source_wallet_id,
        destination_wallet_id=destination_wallet_id,
        amount=amount,
        currency=currency,
        reference=reference,
    )


def place_hold(
    wallet_id: UUID,
    amount: int = 100,
    *,
    currency: str = "USD",
    caller: Caller | None = None,
    **rest: Any,
) -> PlaceHold:
    return PlaceHold(
        id=new_id(),
        caller=caller or a_caller(),
        wallet_id=wallet_id,
        amount=amount,
        currency=currency,
        **rest,
    )


def capture_hold(
    hold_id: UUID, amount: int | None = None, *, caller: Caller | None = None, **rest: Any
) -> CaptureHold:
    return CaptureHold(
        id=new_id(), caller=caller or a_caller(), hold_id=hold_id, amount=amount, **rest
    )


def void_hold(hold_id: UUID, *, caller: Caller | None = None) -> VoidHold:
    return VoidHold(id=new_id(), caller=caller or a_caller(), hold_id=hold_id)


def journal(
    *legs: tuple[UUID, int],
    currency: str = "USD",
    reference: str | None = None,
    caller: Caller | None = None,
) -> Journal:
    """Each leg is a wallet with its signed amount."""
    return Journal(
        id=new_id(),
        caller=caller or a_caller(),
        legs=tuple(Leg(wallet_id=id, amount=amount, currency=currency) for id, amount in legs),
        reference=reference,
    )


def split(
    source_wallet_id: UUID,
    amount: int,
    *shares: tuple[UUID, int | str | None],
    currency: str = "USD",
    reference: str | None = None,
    caller: Caller | None = None,
) -> Split:
    """Each share is a wallet with its fixed part, its percentage (a string), or None for the remainder."""
    return Split(
        id=new_id(),
        caller=caller or a_caller(),
        source_wallet_id=source_wallet_id,
        amount=amount,
        currency=currency,
        shares=tuple(map(_share, shares)),
        reference=reference,
    )


def _share(share: tuple[UUID, int | str | None]) -> Share:
    wallet_id, asked = share
    if isinstance(asked, int):
        return Share(wallet_id=wallet_id, fixed=asked)
    return Share(wallet_id=wallet_id, percent=asked)


def a_batch(
    *operations: Command, mode: Mode = Mode.INDEPENDENT, caller: Caller | None = None
) -> PostBatch:
    return PostBatch(
        id=new_id(), caller=caller or a_caller(), mode=mode, operations=tuple(operations)
    )


def a_rate(source: str = "USD", destination: str = "EUR", value: str = "0.9178") -> Rate:
    exponents = {"USD": 2, "EUR": 2, "JPY": 0}
    one, other = (Currency(code=code, exponent=exponents[code]) for code in (source, destination))
    return Rate(source=one, destination=other, value=value)


def request_quote(
    amount: int = 1050,
    *,
    source: str = "USD",
    destination: str = "EUR",
    rate: str | None = "0.9178",
    seconds: int = 60,
    caller: Caller | None = None,
) -> RequestQuote:
    """Without a rate, the pair is not offered."""
    return RequestQuote(
        id=new_id(),
        caller=caller or a_caller(),
        source_currency=source,
        destination_currency=destination,
        amount=amount,
        rate=None if rate is None else a_rate(source, destination, rate),
        lifetime=timedelta(seconds=seconds),
    )


def convert(
    quote_id: UUID,
    source_wallet_id: UUID,
    destination_wallet_id: UUID,
    *,
    reference: str | None = None,
    caller: Caller | None = None,
) -> Convert:
    return Convert(
        id=new_id(),
        caller=caller or a_caller(),
        quote_id=quote_id,
        source_wallet_id=source_wallet_id,
        destination_wallet_id=destination_wallet_id,
        reference=reference,
    )
