"""Replenishments: money from outside the books into a wallet."""

from typing import Any

from domain import errors
from domain.scope import Scope
from entrypoints.http.blueprint import Blueprint
from entrypoints.http.fields import Id, MoneyRequest
from entrypoints.http.operations import Post
from entrypoints.http.order import Order
from entrypoints.http.services import Services
from entrypoints.http.transaction_answer import (
    TransactionSchema,
    posting_example,
)
from service_layer.replenish import Replenish

DESCRIPTION = (
    "A replenishment brings money into a wallet. Its other posting is on the currency's external wallet,"
    " which stands for all money outside the books."
)
BODY_EXAMPLE = {
    "wallet_id": "019aab3e-6f5c-7d10-8a4e-3b1f0c9d2e71",
    "amount": 10000,
    "currency": "USD",
    "reference": "bank-2026-11-22-0007",
}
EXAMPLE: dict[str, Any] = {
    "id": "019aab3f-a1c4-7be3-9f02-6d7c8b9a0e15",
    "type": "replenishment",
    "reference": "bank-2026-11-22-0007",
    "description": None,
    "metadata": {},
    "reverses": None,
    "hold_id": None,
    "created_at": "2026-11-22T21:05:31.007310Z",
    "postings": [
        posting_example("263fb67f-689a-83b5-ac64-ed54928e5222", -10000, None, None),
        posting_example("019aab3e-6f5c-7d10-8a4e-3b1f0c9d2e71", 10000, 10000, 1),
    ],
}
REFUSALS = [
    errors.WalletNotFound,
    errors.AccountClosed,
    errors.ReferenceTaken,
    errors.SystemWalletNamed,
    errors.CurrencyNotEnabled,
    errors.CurrencyMismatch,
    errors.BalanceLimitExceeded,
]


class ReplenishmentRequest(MoneyRequest):
    """What to bring in, and where."""

    wallet_id = Id(required=True, metadata={"description": "The wallet that is paid."})


def _make(order: Order) -> Replenish:
    return Replenish(id=order.id, caller=order.caller, **order.fields)


CREATE = Post(
    rule="/v1/replenishments",
    id="createReplenishment",
    name="replenishment",
    scope=Scope.REPLENISHMENTS_WRITE,
    summary="Bring money into a wallet",
    make=_make,
    body=ReplenishmentRequest,
    body_example=BODY_EXAMPLE,
    answer=TransactionSchema,
    example=EXAMPLE,
    errors=REFUSALS,
)


def replenishments_blueprint(services: Services) -> Blueprint:
    """Replenishments, to be made; they are read as transactions."""
    blueprint = Blueprint("replenishments", services, description=DESCRIPTION)
    blueprint.add_command(CREATE)
    return blueprint
