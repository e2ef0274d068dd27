"""Journals: transactions of which the client names every posting."""

from typing import Any

from domain import errors
from domain.scope import Scope
from domain.transaction import LEGS_MAX, Leg
from entrypoints.http.fields import (
    CurrencyCode,
    Id,
    RequestSchema,
    SignedAmount,
    TransactionRequest,
)
from entrypoints.http.objects import Objects
from entrypoints.http.operations import Post
from entrypoints.http.order import Order
from entrypoints.http.transaction_answer import (
    POST_REFUSALS,
    TransactionSchema,
    posting_example,
)
from service_layer.journal import Journal

BUYER, SELLER, COURIER = (
    "019aab3e-6f5c-7d10-8a4e-3b1f0c9d2e71",
    "019aab40-11b7-7a55-8c0d-2e4f6a8b0c1d",
    "019aab40-9c3e-7b12-9e47-5d6c7b8a9f00",
)
POSTINGS = ((BUYER, -1500, 8500, 2), (SELLER, 1200, 1200, 1), (COURIER, 300, 300, 1))
BODY_EXAMPLE = {
    "postings": [
        {"wallet_id": wallet_id, "amount": amount, "currency": "USD"}
        for wallet_id, amount, _, _ in POSTINGS
    ],
    "reference": "order-1043",
    "description": "A book and its way",
}
EXAMPLE: dict[str, Any] = {
    "id": "019aab41-7b20-7c44-8d55-1e2f3a4b5c6d",
    "type": "journal",
    "reference": "order-1043",
    "description": "A book and its way",
    "metadata": {},
    "reverses": None,
    "hold_id": None,
    "created_at": "2026-11-22T21:07:33.120118Z",
    "postings": [posting_example(*posting) for posting in POSTINGS],
}
REFUSALS = [errors.Unbalanced, *POST_REFUSALS]


class PostingRequest(RequestSchema):
    """One posting to make."""

    wallet_id = Id(required=True)
    amount = SignedAmount(
        required=True,
        metadata={
            "examples": [-1050],
            "description": "In minor units. Negative leaves the wallet, positive enters it.",
        },
    )
    currency = CurrencyCode(required=True)


class JournalRequest(TransactionRequest):
    """All postings of one transaction."""

    postings = Objects(
        PostingRequest,
        Leg,
        length_min=2,
        length_max=LEGS_MAX,
        required=True,
        metadata={
            "description": "They sum to zero in each currency, and are made together or not at all. A"
            " wallet may stand in several: it is judged by their sum, so that their order does not"
            " matter."
        },
    )


def _make(order: Order) -> Journal:
    fields = order.fields
    return Journal(id=order.id, caller=order.caller, legs=fields.pop("postings"), **fields)


CREATE = Post(
    rule="/v1/transactions",
    id="createTransaction",
    name="journal",
    scope=Scope.TRANSACTIONS_WRITE,
    summary="Post a transaction of many legs",
    make=_make,
    body=JournalRequest,
    body_example=BODY_EXAMPLE,
    answer=TransactionSchema,
    example=EXAMPLE,
    errors=REFUSALS,
)
