"""Commands as the HTTP edge would make them."""

import secrets
from uuid import UUID

from adapters.system import new_id
from domain.idempotency import IdempotencyKey
from service_layer.command import Caller
from service_layer.open_account import OpenAccount
from service_layer.replenish import Replenish
from service_layer.transfer import Transfer

CURRENCY = "USD"
SCOPE = "default"


def caller() -> Caller:
    """Somebody with a key never used before."""
    key = IdempotencyKey(
        scope=SCOPE, key=secrets.token_hex(16), fingerprint=secrets.token_bytes(32)
    )
    return Caller(actor=SCOPE, request_id=secrets.token_hex(16), key=key)


def open_account(number: int) -> OpenAccount:
    """A customer with a wallet."""
    return OpenAccount(
        id=new_id(),
        wallet_id=new_id(),
        caller=caller(),
        name=f"Customer {number}",
        currency=CURRENCY,
    )


def replenish(wallet_id: UUID, amount: int) -> Replenish:
    """`amount` in minor units."""
    return Replenish(
        id=new_id(), caller=caller(), wallet_id=wallet_id, amount=amount, currency=CURRENCY
    )


def transfer(source: UUID, destination: UUID, amount: int) -> Transfer:
    """`amount` in minor units."""
    return Transfer(
        id=new_id(),
        caller=caller(),
        source_wallet_id=source,
        destination_wallet_id=destination,
        amount=amount,
        currency=CURRENCY,
    )
