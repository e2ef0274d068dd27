"""Withdrawals: money from a wallet out of the books."""

from typing import Any

from domain import errors
from domain.scope import Scope
from entrypoints.http.blueprint import Blueprint
from entrypoints.http.fields import Id, MoneyRequest
from entrypoints.http.operations import Post
from entrypoints.http.order import Order
from entrypoints.http.services import Services
from entrypoints.http.transaction_answer import (
    EXAMPLE as TRANSFER_EXAMPLE,
)
from entrypoints.http.transaction_answer import (
    TransactionSchema,
    posting_example,
)
from service_layer.withdraw import Withdraw

DESCRIPTION = (
    "A withdrawal pays money out of a wallet. Its other posting is on the currency's external wallet, which"
    " stands for all money outside the books."
)
BODY_EXAMPLE = {
    "wallet_id": "019aab3e-6f5c-7d10-8a4e-3b1f0c9d2e71",
    "amount": 2500,
    "currency": "USD",
    "reference": "payout-2026-11-24-0003",
}
EXAMPLE: dict[str, Any] = TRANSFER_EXAMPLE | {
    "id": "019aab52-0c1d-7f3a-8b6e-1a2b3c4d5e6f",
    "type": "withdrawal",
    "reference": "payout-2026-11-24-0003",
    "description": None,
    "metadata": {},
    "postings": [
        posting_example("019aab3e-6f5c-7d10-8a4e-3b1f0c9d2e71", -2500, 7500, 2),
        posting_example("263fb67f-689a-83b5-ac64-ed54928e5222", 2500, None, None),
    ],
}
REFUSALS = [
    errors.WalletNotFound,
    errors.AccountFrozen,
    errors.AccountClosed,
    errors.ReferenceTaken,
    errors.SystemWalletNamed,
    errors.CurrencyNotEnabled,
    errors.CurrencyMismatch,
    errors.InsufficientFunds,
]


class WithdrawalRequest(MoneyRequest):
    """What to pay out, and from where."""

    wallet_id = Id(required=True, metadata={"description": "The wallet that pays."})


def _make(order: Order) -> Withdraw:
    return Withdraw(id=order.id, caller=order.caller, **order.fields)


CREATE = Post(
    rule="/v1/withdrawals",
    id="createWithdrawal",
    name="withdrawal",
    scope=Scope.WITHDRAWALS_WRITE,
    bound="from its wallets alone.",
    summary="Pay money out of a wallet",
    make=_make,
    body=WithdrawalRequest,
    body_example=BODY_EXAMPLE,
    answer=TransactionSchema,
    example=EXAMPLE,
    errors=REFUSALS,
)


def withdrawals_blueprint(services: Services) -> Blueprint:
    """Withdrawals, to be made; they are read as transactions."""
    blueprint = Blueprint("withdrawals", services, description=DESCRIPTION)
    blueprint.add_command(CREATE)
    return blueprint
