"""Wallets with their balances."""

from uuid import UUID

from domain.errors import WalletNotFound
from domain.scope import Scope
from entrypoints.http.answers import Answer
from entrypoints.http.blueprint import Blueprint
from entrypoints.http.etag import tagged_answer
from entrypoints.http.fields import Id
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
from entrypoints.http.wallet_answer import EXAMPLE, WalletSchema
from entrypoints.http.wallet_steps import CHANGE, OPEN

DESCRIPTION = "A wallet holds money of one currency for one account."


class WalletsQuery(PageQuery):
    """Which wallets."""

    account_id = Id(metadata={"description": "Those of one account."})


LIST = Get(
    rule="/v1/wallets",
    id="listWallets",
    scope=Scope.WALLETS_READ,
    bound="lists its wallets alone.",
    query=WalletsQuery,
    answer=page_schema(WalletSchema, "Wallet"),
    example=page_example(EXAMPLE),
)
GET = Get(
    rule="/v1/wallets/<wallet_id>",
    id="getWallet",
    scope=Scope.WALLETS_READ,
    bound="shows its wallets alone.",
    answer=WalletSchema,
    example=EXAMPLE,
    tagged=True,
    errors=[WalletNotFound],
)


def wallets_blueprint(services: Services) -> Blueprint:
    """The wallets themselves."""
    blueprint = Blueprint("wallets", services, description=DESCRIPTION)
    blueprint.add_command(OPEN)
    blueprint.add_command(CHANGE)
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
