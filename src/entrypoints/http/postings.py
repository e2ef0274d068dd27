"""Postings: a wallet's history, line by line."""

from datetime import datetime

from marshmallow import fields, validate

from domain.errors import WalletNotFound
from domain.scope import Scope
from entrypoints.http.answers import Answer
from entrypoints.http.blueprint import Blueprint
from entrypoints.http.fields import AnswerSchema, CurrencyCode, Id
from entrypoints.http.operations import Get
from entrypoints.http.paging import (
    PageQuery,
    page_answer,
    page_example,
    page_schema,
    read_version_cursor,
)
from entrypoints.http.path_ids import wallet_id_in_path
from entrypoints.http.periods import check_period
from entrypoints.http.services import Services
from entrypoints.http.times import Time, minor_units, utc_time
from entrypoints.http.transaction_answer import TYPES

DESCRIPTION = "A posting is one line of a wallet's history, with the balance after it."
EXAMPLE = {
    "transaction_id": "019aab3f-a1c4-7be3-9f02-6d7c8b9a0e15",
    "type": "replenishment",
    "wallet_id": "019aab3e-6f5c-7d10-8a4e-3b1f0c9d2e71",
    "amount": 10000,
    "currency": "USD",
    "balance_after": 10000,
    "wallet_version": 1,
    "created_at": "2026-11-22T21:05:31.007310Z",
}


class WalletPostingSchema(AnswerSchema):
    """A posting as a wallet's history shows it."""

    transaction_id = Id(required=True)
    type = fields.String(
        required=True,
        validate=validate.OneOf(TYPES),
        metadata={"description": "Why money moved."},
    )
    wallet_id = Id(required=True)
    amount = minor_units("Signed: negative leaves the wallet, positive enters it")
    currency = CurrencyCode(required=True)
    balance_after = minor_units("The wallet's balance after this posting")
    wallet_version = fields.Integer(
        required=True,
        strict=True,
        metadata={"format": "int64", "description": "1 for the wallet's first posting, then 2, 3…"},
    )
    created_at = utc_time("When the money moved")


class PostingsQuery(PageQuery):
    """Which postings; `from` is a word of Python, hence `data_key`."""

    from_time = Time(data_key="from", metadata={"description": "From this time on."})
    to_time = Time(data_key="to", metadata={"description": "Before this time."})
    type = fields.String(
        validate=validate.OneOf(TYPES), metadata={"description": "Those of one type."}
    )


LIST = Get(
    rule="/v1/wallets/<wallet_id>/postings",
    id="listWalletPostings",
    scope=Scope.WALLETS_READ,
    bound="shows its wallets alone.",
    query=PostingsQuery,
    answer=page_schema(WalletPostingSchema, "WalletPosting"),
    example=page_example(EXAMPLE),
    errors=[WalletNotFound],
)


def postings_blueprint(services: Services) -> Blueprint:
    """The history of each wallet."""
    blueprint = Blueprint("postings", services, description=DESCRIPTION)

    @blueprint.get_operation(LIST)
    def list_wallet_postings(
        *,
        wallet_id: str,
        limit: int,
        from_time: datetime | None = None,
        to_time: datetime | None = None,
        type: str | None = None,
        cursor: str | None = None,
    ) -> Answer:
        """List the postings of a wallet, newest first"""
        id = wallet_id_in_path(wallet_id)
        name = f"postings of {id}"
        before = read_version_cursor(name, cursor)
        check_period(from_time, to_time)
        found = services.queries.postings(
            id, from_time=from_time, to_time=to_time, type=type, before=before, limit=limit + 1
        )
        items = [posting.to_json() for posting in found]
        return page_answer(name, items, limit, key="wallet_version")

    return blueprint
