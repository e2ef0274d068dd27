"""Wallets with their balances."""

from uuid import UUID

from marshmallow import fields, validate

from domain.errors import WalletNotFound
from domain.wallet import Status
from entrypoints.http.answers import Answer
from entrypoints.http.blueprint import Blueprint
from entrypoints.http.etag import tagged_answer
from entrypoints.http.fields import AnswerSchema, CurrencyCode, Id
from entrypoints.http.operations import Get
from entrypoints.http.paging import (
    PageQuery,
    page_answer,
    page_example,
    page_schema,
    read_id_cursor,
)
from entrypoints.http.path_ids import wallet_id_in_path
from entrypoints.http.services import Services
from entrypoints.http.times import minor_units, utc_time

DESCRIPTION = "A wallet holds money of one currency for one account."
EXAMPLE = {
    "id": "019aab3e-6f5c-7d10-8a4e-3b1f0c9d2e71",
    "account_id": "019aab3e-6f5c-7c02-b5d1-9e8f7a6b5c40",
    "currency": "USD",
    "status": "active",
    "balance": 10000,
    "held": 0,
    "available": 10000,
    "overdraft_limit": 0,
    "max_balance": None,
    "wallet_version": 1,
    "created_at": "2026-11-22T21:04:09.120455Z",
    "updated_at": "2026-11-22T21:05:31.007310Z",
}


class WalletSchema(AnswerSchema):
    """A wallet."""

    id = Id(required=True)
    account_id = Id(required=True)
    currency = CurrencyCode(required=True)
    status = fields.String(
        required=True,
        validate=validate.OneOf([str(status) for status in Status]),
        metadata={"description": "The status of its account."},
    )
    balance = minor_units("What the postings add up to")
    held = minor_units("What pending holds reserve")
    available = minor_units("`balance` less `held`")
    overdraft_limit = minor_units("How far `available` may go below zero")
    max_balance = minor_units("The most it may hold, null for no limit of its own", allow_none=True)
    wallet_version = fields.Integer(
        required=True,
        strict=True,
        metadata={"format": "int64", "description": "How many postings it has."},
    )
    created_at = utc_time("When it was made")
    updated_at = utc_time("When it last changed")


class WalletsQuery(PageQuery):
    """Which wallets."""

    account_id = Id(metadata={"description": "Those of one account."})


LIST = Get(
    rule="/v1/wallets",
    id="listWallets",
    query=WalletsQuery,
    answer=page_schema(WalletSchema, "Wallet"),
    example=page_example(EXAMPLE),
)
GET = Get(
    rule="/v1/wallets/<wallet_id>",
    id="getWallet",
    answer=WalletSchema,
    example=EXAMPLE,
    tagged=True,
    errors=[WalletNotFound],
)


def wallets_blueprint(services: Services) -> Blueprint:
    """The wallets themselves."""
    blueprint = Blueprint("wallets", services, description=DESCRIPTION)
    queries = services.queries

    @blueprint.get_operation(LIST)
    def list_wallets(
        *, limit: int, account_id: UUID | None = None, cursor: str | None = None
    ) -> Answer:
        """List wallets, newest first"""
        before = read_id_cursor("wallets", cursor)
        found = queries.wallets(account_id=account_id, before=before, limit=limit + 1)
        return page_answer("wallets", [wallet.to_json() for wallet in found], limit)

    @blueprint.get_operation(GET)
    def get_wallet(wallet_id: str) -> Answer:
        """Get a wallet with its balance"""
        return tagged_answer(queries.wallet(wallet_id_in_path(wallet_id)).to_json())

    return blueprint
