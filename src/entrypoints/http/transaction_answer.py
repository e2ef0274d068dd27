"""How a transaction is answered: its schema, what an outcome shows of it."""

from typing import Any

from marshmallow import fields, validate

from domain import errors
from domain.idempotency import Outcome
from domain.transaction import TransactionType
from entrypoints.http.fields import AnswerSchema, CurrencyCode, Id, Metadata, description, reference
from entrypoints.http.times import minor_units, utc_time
from service_layer.queries import Queries
from service_layer.transaction_json import transaction_to_json


def posting_example(
    wallet_id: str, amount: int, balance_after: int | None, wallet_version: int | None
) -> dict[str, Any]:
    """A posting in dollars, as the document shows it."""
    return {
        "wallet_id": wallet_id,
        "amount": amount,
        "currency": "USD",
        "balance_after": balance_after,
        "wallet_version": wallet_version,
    }


EXAMPLE: dict[str, Any] = {
    "id": "019aab41-02d9-7f6a-a3b8-5c4d3e2f1a09",
    "type": "transfer",
    "reference": "order-1042",
    "description": "Two tickets",
    "metadata": {"invoice": "2026-1042"},
    "reverses": None,
    "hold_id": None,
    "created_at": "2026-11-22T21:07:02.551840Z",
    "postings": [
        posting_example("019aab3e-6f5c-7d10-8a4e-3b1f0c9d2e71", -1050, 8950, 2),
        posting_example("019aab40-11b7-7a55-8c0d-2e4f6a8b0c1d", 1050, 1050, 1),
    ],
}
POST_REFUSALS = (
    errors.WalletNotFound,
    errors.AccountFrozen,
    errors.AccountClosed,
    errors.ReferenceTaken,
    errors.SystemWalletNamed,
    errors.CurrencyNotEnabled,
    errors.CurrencyMismatch,
    errors.InsufficientFunds,
    errors.BalanceLimitExceeded,
)
"""How `domain.post.post` may refuse what a client has named."""
TYPES = [str(kind) for kind in TransactionType]


class PostingSchema(AnswerSchema):
    """One posting of a transaction."""

    wallet_id = Id(required=True)
    amount = minor_units("Signed: negative leaves the wallet, positive enters it")
    currency = CurrencyCode(required=True)
    balance_after = minor_units(
        "The wallet's balance after this posting; null for a system wallet", allow_none=True
    )
    wallet_version = fields.Integer(
        required=True,
        strict=True,
        allow_none=True,
        metadata={
            "format": "int64",
            "description": "1 for the wallet's first posting, then 2, 3…; null for a system wallet.",
        },
    )


class PartSchema(AnswerSchema):
    """What a share of a split asked for, and what it got."""

    wallet_id = Id(required=True)
    fixed = minor_units("The fixed part that it asked for", allow_none=True)
    percent = fields.String(
        required=True,
        allow_none=True,
        metadata={"description": "The percentage of the whole that it asked for."},
    )
    remainder = fields.Boolean(
        required=True, metadata={"description": "Whether it asked for what the others leave."}
    )
    amount = minor_units("What it got; 0 has no posting")
    exact = fields.String(
        required=True,
        metadata={"description": "Its exact part in minor units, an exact decimal."},
    )
    rounding = fields.String(
        required=True, metadata={"description": "`amount` less `exact`, an exact decimal."}
    )


class TransactionSchema(AnswerSchema):
    """A transaction."""

    id = Id(required=True)
    type = fields.String(
        required=True,
        validate=validate.OneOf(TYPES),
        metadata={"description": "Why money moved."},
    )
    reference = reference(required=True, metadata={"description": "Your own, unique name for it."})
    description = description(required=True)
    metadata = Metadata(required=True)
    reverses = Id(
        required=True,
        allow_none=True,
        metadata={"description": "The transaction that this one takes back."},
    )
    hold_id = Id(
        required=True,
        allow_none=True,
        metadata={"description": "The hold that a capture pays out of."},
    )
    created_at = utc_time("When the money moved")
    postings = fields.List(fields.Nested(PostingSchema), required=True)
    allocation = fields.List(
        fields.Nested(PartSchema),
        metadata={"description": "In a split only: its shares, in the order of the request."},
    )
    quote_id = Id(metadata={"description": "In a conversion only: the quote that it has used."})


def outcome_to_json(outcome: Outcome, queries: Queries) -> dict[str, Any]:
    """What a request has made or changed, when it was first sent: the kept body, or the transaction."""
    if outcome.body is not None:
        return outcome.body
    transaction = outcome.transaction
    if transaction is None:
        if outcome.transaction_id is None:
            raise RuntimeError("an outcome has neither a body, nor a transaction, nor a refusal")
        transaction = queries.transaction(outcome.transaction_id)
    return transaction_to_json(transaction)
