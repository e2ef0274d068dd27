"""The steps of a hold: it is captured or voided."""

from typing import Any

from domain import errors
from domain.scope import Scope
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
from entrypoints.http.transaction_answer import (
    TransactionSchema,
    posting_example,
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


def _capture(order: Order) -> CaptureHold:
    hold_id = hold_id_in_path(order.path["hold_id"])
    return CaptureHold(id=order.id, caller=order.caller, hold_id=hold_id, **order.fields)


def _void(order: Order) -> VoidHold:
    hold_id = hold_id_in_path(order.path["hold_id"])
    return VoidHold(id=order.id, caller=order.caller, hold_id=hold_id)


CAPTURE = Post(
    rule="/v1/holds/<hold_id>/captures",
    id="captureHold",
    name="capture",
    scope=Scope.HOLDS_WRITE,
    bound="of holds that this very key has placed.",
    summary="Pay out of a hold",
    make=_capture,
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
    scope=Scope.HOLDS_WRITE,
    bound="of holds that this very key has placed.",
    summary="Give up what a hold reserves",
    make=_void,
    collection="/v1/holds",
    resource="hold",
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
