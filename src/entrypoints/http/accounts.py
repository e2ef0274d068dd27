"""Accounts: people or things that own wallets."""

from typing import Any

from marshmallow import fields, validate

from domain import errors
from domain.idempotency import Outcome
from domain.wallet import Status
from entrypoints.http.answers import Answer, json_answer
from entrypoints.http.blueprint import Blueprint
from entrypoints.http.etag import etag_of, tagged_answer
from entrypoints.http.fields import (
    AnswerSchema,
    CurrencyCode,
    Id,
    Metadata,
    Name,
    RequestSchema,
    reference,
)
from entrypoints.http.operations import Get, Post
from entrypoints.http.order import Order
from entrypoints.http.paging import (
    PageQuery,
    page_answer,
    page_example,
    page_schema,
    read_id_cursor,
)
from entrypoints.http.path_ids import account_id_in_path
from entrypoints.http.problems import refusal_answer
from entrypoints.http.services import Services
from entrypoints.http.times import utc_time
from entrypoints.http.wallets import EXAMPLE as WALLET_EXAMPLE
from entrypoints.http.wallets import WalletSchema
from service_layer.open_account import OpenAccount

DESCRIPTION = "An account owns wallets; it is opened with its first one."
BODY_EXAMPLE = {"name": "Ada Lovelace", "reference": "customer-17", "metadata": {"tier": "gold"}}
EXAMPLE = {
    "id": "019aab3e-6f5c-7c02-b5d1-9e8f7a6b5c40",
    "name": "Ada Lovelace",
    "reference": "customer-17",
    "status": "active",
    "metadata": {"tier": "gold"},
    "version": 1,
    "wallets": [WALLET_EXAMPLE],
    "created_at": "2026-11-22T21:04:09.120455Z",
    "updated_at": "2026-11-22T21:04:09.120455Z",
}
OPENED_WALLET = {
    "balance": 0,
    "available": 0,
    "wallet_version": 0,
    "updated_at": "2026-11-22T21:04:09.120455Z",
}
OPENED_EXAMPLE = EXAMPLE | {"wallets": [WALLET_EXAMPLE | OPENED_WALLET]}


class AccountRequest(RequestSchema):
    """Whom to open an account for."""

    name = Name(required=True, metadata={"description": "The name of its owner."})
    currency = CurrencyCode(
        load_default="USD", metadata={"description": "ISO 4217 code of its first wallet."}
    )
    reference = reference(metadata={"description": "Your own name for it, unique among accounts."})
    metadata = Metadata()


class AccountSchema(AnswerSchema):
    """An account with its wallets."""

    id = Id(required=True)
    name = Name(required=True)
    reference = reference(required=True, metadata={"description": "Your own, unique name for it."})
    status = fields.String(
        required=True, validate=validate.OneOf([str(status) for status in Status])
    )
    metadata = Metadata(required=True)
    version = fields.Integer(
        required=True,
        strict=True,
        metadata={"description": "1 for a new account; each change of the account adds one."},
    )
    wallets = fields.List(fields.Nested(WalletSchema), required=True)
    created_at = utc_time("When it was opened")
    updated_at = utc_time("When it last changed")


class AccountsQuery(PageQuery):
    """Which accounts."""

    reference = reference(
        allow_none=False, metadata={"description": "The one with this reference."}
    )


MEMBERS = tuple(AccountSchema().fields)
WALLET_MEMBERS = tuple(WalletSchema().fields)


def in_order(body: dict[str, Any]) -> dict[str, Any]:
    """An account in JSON types with its members in one order, so that a replay is the same text.

    A database may keep an object's members in an order of its own.
    """
    ordered = {name: body[name] for name in MEMBERS}
    ordered["metadata"] = dict(sorted(body["metadata"].items()))
    ordered["wallets"] = [
        {name: wallet[name] for name in WALLET_MEMBERS} for wallet in body["wallets"]
    ]
    return ordered


def account_answer(outcome: Outcome) -> Answer:
    """201 with the account as it was when it was opened; or the refusal."""
    if outcome.refused is not None:
        return refusal_answer(outcome.refused, outcome.request_id, outcome.replayed)
    if outcome.body is None:
        raise RuntimeError("an outcome of opening an account has neither body nor refusal")
    headers = [("Location", f"/v1/accounts/{outcome.body['id']}")]
    if outcome.replayed:
        headers.append(("Idempotency-Replayed", "true"))
    answer = json_answer(in_order(outcome.body), 201, headers)
    answer.headers["ETag"] = etag_of(answer.get_data())
    return answer


CREATE = Post(
    rule="/v1/accounts",
    id="createAccount",
    name="account",
    body=AccountRequest,
    body_example=BODY_EXAMPLE,
    answer=AccountSchema,
    example=OPENED_EXAMPLE,
    tagged=True,
    errors=[errors.ReferenceTaken, errors.CurrencyNotEnabled],
    key_required=False,
)
LIST = Get(
    rule="/v1/accounts",
    id="listAccounts",
    query=AccountsQuery,
    answer=page_schema(AccountSchema, "Account"),
    example=page_example(EXAMPLE),
)
GET = Get(
    rule="/v1/accounts/<account_id>",
    id="getAccount",
    answer=AccountSchema,
    example=EXAMPLE,
    tagged=True,
    errors=[errors.AccountNotFound],
)


def accounts_blueprint(services: Services) -> Blueprint:
    """Accounts, to be opened and read."""
    blueprint = Blueprint("accounts", services, description=DESCRIPTION)
    _add_create(blueprint, services)
    _add_reads(blueprint, services)
    return blueprint


def _add_create(blueprint: Blueprint, services: Services) -> None:
    @blueprint.post_operation(CREATE)
    def create_account(order: Order) -> Answer:
        """Open an account with its first wallet"""
        command = OpenAccount(
            id=order.id, wallet_id=services.new_id(), caller=order.caller, **order.fields
        )
        return account_answer(services.execute(command))


def _add_reads(blueprint: Blueprint, services: Services) -> None:
    @blueprint.get_operation(LIST)
    def list_accounts(
        *, limit: int, reference: str | None = None, cursor: str | None = None
    ) -> Answer:
        """List accounts, newest first"""
        before = read_id_cursor("accounts", cursor)
        found = services.queries.accounts(reference=reference, before=before, limit=limit + 1)
        return page_answer("accounts", [in_order(account.to_json()) for account in found], limit)

    @blueprint.get_operation(GET)
    def get_account(account_id: str) -> Answer:
        """Get an account with its wallets"""
        account = services.queries.account(account_id_in_path(account_id))
        return tagged_answer(in_order(account.to_json()))
