"""The steps of a hold: it is captured or voided."""

from typing import Any

from domain import errors
from entrypoints.http.answers import Answer
from entrypoints.http.blueprint import Blueprint
from entrypoints.http.body_answer import body_answer
from entrypoints.http.fields import (
    Amount,
    Flag,
    Id,
    RequestSchema,
    TransactionRequest,
)
from entrypoints.http.hold_answer import VOIDED_EXAMPLE, HoldSchema
from entrypoints.http.operations import Post
from entrypoints.http.order import Order
from entrypoints.http.path_ids import hold_id_in_path
from entrypoints.http.services import Services
from entrypoints.http.transaction_answer import (
    TransactionSchema,
    posting_example,
    transaction_answer,
)
from service_layer.capture_hold import CaptureHold
from service_layer.void_hold import VoidHold

CAPTURE_EXAMPLE: dict[str, Any] = {
    "id": "019aab4a-2f6e-7b18-9c3d-8e7f6a5b4c3d",
    "type": "capture",
    "reference": "order-1042",
    "description": None,
    "metadata": {},
    "reverses": None,
    "hold_id": "019aab43-7c1d-7e42-b9a0-4f5e6d7c8b9a",
    "created_at": "2026-11-23T08:15:30.104218Z",
    "postings": [
        posting_example("019aab3e-6f5c-7d10-8a4e-3b1f0c9d2e71", -3200, 6800, 2),
        posting_example("019aab40-11b7-7a55-8c0d-2e4f6a8b0c1d", 3200, 3200, 1),
    ],
}
OVER = [errors.HoldNotFound, errors.HoldNotPending, errors.HoldExpired]


class CaptureRequest(TransactionRequest):
    """How much to pay out of the hold, to whom."""

    amount = Amount(
        allow_none=True,
        metadata={
            "examples": [3200],
            "description": "In minor units. Left out: all that remains.",
        },
    )
    destination_wallet_id = Id(
        allow_none=True,
        metadata={
            "description": "Whom to pay, unless the hold says so itself. When neither does,"
            " the money is paid out of the books."
        },
    )
    final = Flag(
        load_default=True,
        metadata={
            "description": "Whether what remains is released; `false` keeps it for further captures."
        },
    )


class VoidRequest(RequestSchema):
    """Nothing more is needed; the body may be left out."""


CAPTURE = Post(
    rule="/v1/holds/<hold_id>/captures",
    id="captureHold",
    name="capture",
    body=CaptureRequest,
    body_example={"amount": 3200, "reference": "order-1042"},
    body_required=False,
    answer=TransactionSchema,
    example=CAPTURE_EXAMPLE,
    errors=[
        *OVER,
        errors.ExceedsHold,
        errors.DestinationDiffers,
        errors.SameWallet,
        errors.WalletNotFound,
        errors.SystemWalletNamed,
        errors.ReferenceTaken,
        errors.AccountFrozen,
        errors.AccountClosed,
        errors.CurrencyMismatch,
        errors.BalanceLimitExceeded,
    ],
)
VOID = Post(
    rule="/v1/holds/<hold_id>/void",
    id="voidHold",
    name="void",
    body=VoidRequest,
    body_example={},
    body_required=False,
    status=200,
    answer=HoldSchema,
    example=VOIDED_EXAMPLE,
    tagged=True,
    errors=OVER,
    key_required=False,
)


def add_steps(blueprint: Blueprint, services: Services) -> None:
    """Add the steps to the blueprint of holds."""

    @blueprint.post_operation(CAPTURE)
    def capture_hold(order: Order, hold_id: str) -> Answer:
        """Pay out of a hold"""
        command = CaptureHold(
            id=order.id, caller=order.caller, hold_id=hold_id_in_path(hold_id), **order.fields
        )
        return transaction_answer(services.execute(command), services.queries)

    @blueprint.post_operation(VOID)
    def void_hold(order: Order, hold_id: str) -> Answer:
        """Give up what a hold reserves"""
        command = VoidHold(id=order.id, caller=order.caller, hold_id=hold_id_in_path(hold_id))
        return body_answer(services.execute(command), VOID.status, "/v1/holds")
