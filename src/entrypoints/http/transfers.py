"""Transfers: money from one wallet to another."""

from domain import errors
from domain.scope import Scope
from entrypoints.http.blueprint import Blueprint
from entrypoints.http.fields import Id, MoneyRequest
from entrypoints.http.operations import Post
from entrypoints.http.order import Order
from entrypoints.http.services import Services
from entrypoints.http.transaction_answer import (
    EXAMPLE,
    POST_REFUSALS,
    TransactionSchema,
)
from service_layer.transfer import Transfer

DESCRIPTION = "A transfer moves money from one wallet to another, both of the same currency."
BODY_EXAMPLE = {
    "source_wallet_id": "019aab3e-6f5c-7d10-8a4e-3b1f0c9d2e71",
    "destination_wallet_id": "019aab40-11b7-7a55-8c0d-2e4f6a8b0c1d",
    "amount": 1050,
    "currency": "USD",
    "reference": "order-1042",
    "description": "Two tickets",
    "metadata": {"invoice": "2026-1042"},
}
REFUSALS = [errors.SameWallet, *POST_REFUSALS]


class TransferRequest(MoneyRequest):
    """What to move from where to where."""

    source_wallet_id = Id(required=True, metadata={"description": "The wallet that pays."})
    destination_wallet_id = Id(required=True, metadata={"description": "The wallet that is paid."})


def _make(order: Order) -> Transfer:
    return Transfer(id=order.id, caller=order.caller, **order.fields)


CREATE = Post(
    rule="/v1/transfers",
    id="createTransfer",
    name="transfer",
    scope=Scope.TRANSFERS_WRITE,
    bound="from its wallets alone.",
    summary="Transfer money between two wallets",
    make=_make,
    body=TransferRequest,
    body_example=BODY_EXAMPLE,
    answer=TransactionSchema,
    example=EXAMPLE,
    errors=REFUSALS,
)


def transfers_blueprint(services: Services) -> Blueprint:
    """Transfers, to be made; they are read as transactions."""
    blueprint = Blueprint("transfers", services, description=DESCRIPTION)
    blueprint.add_command(CREATE)
    return blueprint
