"""Accounts: people or things that own wallets."""

from domain import errors
from domain.scope import Scope
from entrypoints.http.account_answer import EXAMPLE, AccountSchema
from entrypoints.http.account_steps import STEPS
from entrypoints.http.answers import Answer
from entrypoints.http.blueprint import Blueprint
from entrypoints.http.etag import tagged_answer
from entrypoints.http.fields import (
    CurrencyCode,
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
from entrypoints.http.services import Services
from entrypoints.http.wallet_answer import EXAMPLE as WALLET_EXAMPLE
from service_layer.open_account import OpenAccount

DESCRIPTION = "An account owns wallets; it is opened with its first one."
BODY_EXAMPLE = {"name": "Ada Lovelace", "reference": "customer-17", "metadata": {"tier": "gold"}}
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


class AccountsQuery(PageQuery):
    """Which accounts."""

    reference = reference(
        allow_none=False, metadata={"description": "The one with this reference."}
    )


def _open(order: Order) -> OpenAccount:
    return OpenAccount(id=order.id, wallet_id=order.new_id(), caller=order.caller, **order.fields)


CREATE = Post(
    rule="/v1/accounts",
    id="createAccount",
    name="account",
    scope=Scope.ACCOUNTS_WRITE,
    summary="Open an account with its first wallet",
    make=_open,
    collection="/v1/accounts",
    resource="account",
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
    scope=Scope.ACCOUNTS_READ,
    bound="lists that account alone.",
    query=AccountsQuery,
    answer=page_schema(AccountSchema, "Account"),
    example=page_example(EXAMPLE),
)
GET = Get(
    rule="/v1/accounts/<account_id>",
    id="getAccount",
    scope=Scope.ACCOUNTS_READ,
    bound="shows that account alone.",
    answer=AccountSchema,
    example=EXAMPLE,
    tagged=True,
    errors=[errors.AccountNotFound],
)


def accounts_blueprint(services: Services) -> Blueprint:
    """Accounts, to be opened and read."""
    blueprint = Blueprint("accounts", services, description=DESCRIPTION)
    for operation in (CREATE, *STEPS):
        blueprint.add_command(operation)
    _add_reads(blueprint, services)
    return blueprint


def _add_reads(blueprint: Blueprint, services: Services) -> None:
    @blueprint.get_operation(LIST)
    def list_accounts(
        *, limit: int, reference: str | None = None, cursor: str | None = None
    ) -> Answer:
        """List accounts, newest first"""
        before = read_id_cursor("accounts", cursor)
        found = services.queries.accounts(reference=reference, before=before, limit=limit + 1)
        return page_answer("accounts", [account.to_json() for account in found], limit)

    @blueprint.get_operation(GET)
    def get_account(account_id: str) -> Answer:
        """Get an account with its wallets"""
        account = services.queries.account(account_id_in_path(account_id))
        return tagged_answer(account.to_json())
