"""Reversals: a transaction taken back, whole or in part."""

from typing import Any

from domain import errors
from domain.scope import Scope
from entrypoints.http.answers import Answer
from entrypoints.http.blueprint import Blueprint
from entrypoints.http.fields import Amount, Metadata, TermsRequest, description, reference
from entrypoints.http.operations import Get, Post
from entrypoints.http.order import Order
from entrypoints.http.paging import (
    PageQuery,
    page_answer,
    page_example,
    page_schema,
    read_id_cursor,
)
from entrypoints.http.path_ids import transaction_id_in_path
from entrypoints.http.services import Services
from entrypoints.http.transaction_answer import (
    EXAMPLE as TRANSFER_EXAMPLE,
)
from entrypoints.http.transaction_answer import (
    TransactionSchema,
    posting_example,
)
from service_layer.reverse import Reverse
from service_layer.transaction_json import transaction_to_json

DESCRIPTION = (
    "A reversal takes a transaction back, whole or in part: it posts the opposite to the same wallets. The"
    " original stays as it was. All its reversals together never come to more than it moved."
)
EXAMPLE: dict[str, Any] = TRANSFER_EXAMPLE | {
    "id": "019aab60-3e4f-7a5b-9c6d-7e8f9a0b1c2d",
    "type": "reversal",
    "reference": None,
    "description": "One ticket was not used",
    "metadata": {},
    "reverses": TRANSFER_EXAMPLE["id"],
    "postings": [
        posting_example("019aab3e-6f5c-7d10-8a4e-3b1f0c9d2e71", 525, 9475, 3),
        posting_example("019aab40-11b7-7a55-8c0d-2e4f6a8b0c1d", -525, 525, 2),
    ],
}


class ReversalRequest(TermsRequest):
    """How much to take back, and why."""

    amount = Amount(
        allow_none=True,
        metadata={
            "examples": [525],
            "description": "In minor units. Left out: all that remains. A part is shared among those who"
            " were paid, in proportion to what they still have to give back.",
        },
    )
    reason = description(
        metadata={"description": "A text for people: the description of the reversal."}
    )
    reference = reference(
        metadata={"description": "Your own name for it, unique among transactions."}
    )
    metadata = Metadata()


def _make(order: Order) -> Reverse:
    fields = order.fields
    return Reverse(
        id=order.id,
        caller=order.caller,
        transaction_id=transaction_id_in_path(order.path["transaction_id"]),
        description=fields.pop("reason", None),
        **fields,
    )


CREATE = Post(
    rule="/v1/transactions/<transaction_id>/reversals",
    id="createReversal",
    name="reversal",
    scope=Scope.REVERSALS_WRITE,
    summary="Take a transaction back",
    make=_make,
    body=ReversalRequest,
    body_example={"amount": 525, "reason": "One ticket was not used"},
    body_required=False,
    answer=TransactionSchema,
    example=EXAMPLE,
    errors=[
        errors.TransactionNotFound,
        errors.NotReversible,
        errors.ExceedsOriginal,
        errors.ReferenceTaken,
        errors.AccountFrozen,
        errors.AccountClosed,
        errors.InsufficientFunds,
        errors.BalanceLimitExceeded,
    ],
)
LIST = Get(
    rule="/v1/transactions/<transaction_id>/reversals",
    id="listReversals",
    scope=Scope.TRANSACTIONS_READ,
    bound="of what touches its wallets; balances of others are null.",
    query=PageQuery,
    answer=page_schema(TransactionSchema, "Transaction"),
    example=page_example(EXAMPLE),
    errors=[errors.TransactionNotFound],
)


def reversals_blueprint(services: Services) -> Blueprint:
    """Reversals, to be made or found from their original."""
    blueprint = Blueprint("reversals", services, description=DESCRIPTION)
    blueprint.add_command(CREATE)
    queries = services.queries

    @blueprint.get_operation(LIST)
    def list_reversals(transaction_id: str, *, limit: int, cursor: str | None = None) -> Answer:
        """List the reversals of a transaction, newest first"""
        original = queries.transaction(transaction_id_in_path(transaction_id))
        before = read_id_cursor("reversals", cursor)
        found = queries.reversals(original.id, before=before, limit=limit + 1)
        return page_answer("reversals", [transaction_to_json(each) for each in found], limit)

    return blueprint
