"""Conversions: money of one currency into another, as a quote has promised."""

from typing import Any

from domain import errors
from domain.scope import Scope
from domain.wallet import exchange_wallet_id
from entrypoints.http.blueprint import Blueprint
from entrypoints.http.fields import Id, TransactionRequest
from entrypoints.http.operations import Post
from entrypoints.http.order import Order
from entrypoints.http.quote_answer import EXAMPLE as QUOTE
from entrypoints.http.services import Services
from entrypoints.http.transaction_answer import (
    POST_REFUSALS,
    TransactionSchema,
    posting_example,
)
from service_layer.convert import Convert

DESCRIPTION = (
    "A conversion uses a quote: the source wallet pays the house in one currency, and the house pays the"
    " destination wallet in the other. Its four postings sum to zero in each currency. The wallets may be of"
    " one account or of two."
)
BODY_EXAMPLE = {
    "quote_id": QUOTE["id"],
    "source_wallet_id": "019aab3e-6f5c-7d10-8a4e-3b1f0c9d2e71",
    "destination_wallet_id": "019aab40-7b2e-7d31-9c5f-6a7b8c9d0e1f",
    "reference": "order-1045",
}
_EUROS = {"currency": "EUR"}
EXAMPLE: dict[str, Any] = {
    "id": "019aab4d-0a1b-7c2d-8e3f-4a5b6c7d8e9f",
    "type": "conversion",
    "reference": "order-1045",
    "description": None,
    "metadata": {},
    "reverses": None,
    "hold_id": None,
    "created_at": "2026-11-22T21:09:31.118203Z",
    "postings": [
        posting_example("019aab3e-6f5c-7d10-8a4e-3b1f0c9d2e71", -1050, 5451, 4),
        posting_example(str(exchange_wallet_id("USD")), 1050, None, None),
        posting_example(str(exchange_wallet_id("EUR")), -963, None, None) | _EUROS,
        posting_example("019aab40-7b2e-7d31-9c5f-6a7b8c9d0e1f", 963, 963, 1) | _EUROS,
    ],
    "quote_id": QUOTE["id"],
}
REFUSALS = [
    errors.SameWallet,
    errors.QuoteNotFound,
    errors.QuoteUsed,
    errors.QuoteExpired,
    *POST_REFUSALS,
]


class ConversionRequest(TransactionRequest):
    """Which quote to use, between which wallets."""

    quote_id = Id(required=True, metadata={"description": "An open quote, which this uses up."})
    source_wallet_id = Id(
        required=True,
        metadata={"description": "The wallet that pays, of the quote's source currency."},
    )
    destination_wallet_id = Id(
        required=True,
        metadata={"description": "The wallet that is paid, of the quote's destination currency."},
    )


def _make(order: Order) -> Convert:
    return Convert(id=order.id, caller=order.caller, **order.fields)


CREATE = Post(
    rule="/v1/conversions",
    id="createConversion",
    name="conversion",
    scope=Scope.CONVERSIONS_WRITE,
    summary="Convert money as a quote has promised",
    make=_make,
    body=ConversionRequest,
    body_example=BODY_EXAMPLE,
    answer=TransactionSchema,
    example=EXAMPLE,
    errors=REFUSALS,
)


def conversions_blueprint(services: Services) -> Blueprint:
    """Conversions, to be made; they are read as transactions."""
    blueprint = Blueprint("conversions", services, description=DESCRIPTION)
    blueprint.add_command(CREATE)
    return blueprint
