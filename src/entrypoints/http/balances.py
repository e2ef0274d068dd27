"""Balances: what a wallet had at any instant."""

from datetime import datetime

from domain.errors import WalletNotFound
from domain.scope import Scope
from domain.times import rfc3339
from entrypoints.http.answers import Answer, json_answer
from entrypoints.http.blueprint import Blueprint
from entrypoints.http.fields import AnswerSchema, CurrencyCode, Id, RequestSchema
from entrypoints.http.operations import Get
from entrypoints.http.path_ids import wallet_id_in_path
from entrypoints.http.request_errors import FieldError, ValidationFailed
from entrypoints.http.services import Services
from entrypoints.http.times import Time, minor_units, utc_time

DESCRIPTION = "What a wallet had at an instant, now or in the past."
EXAMPLE = {
    "wallet_id": "019aab3e-6f5c-7d10-8a4e-3b1f0c9d2e71",
    "at": "2026-11-22T21:06:00.000000Z",
    "currency": "USD",
    "balance": 10000,
}


class BalanceSchema(AnswerSchema):
    """A balance at an instant."""

    wallet_id = Id(required=True)
    at = utc_time("The instant; a posting of that very instant counts")
    currency = CurrencyCode(required=True)
    balance = minor_units("What the postings up to then add up to, 0 before the first")


class BalanceQuery(RequestSchema):
    """When."""

    at = Time(metadata={"description": "The instant, not in the future. Left out: now."})


GET = Get(
    rule="/v1/wallets/<wallet_id>/balance",
    id="getWalletBalance",
    scope=Scope.WALLETS_READ,
    bound="of its wallets alone.",
    query=BalanceQuery,
    answer=BalanceSchema,
    example=EXAMPLE,
    errors=[WalletNotFound],
)


def balances_blueprint(services: Services) -> Blueprint:
    """The balance of each wallet at any instant."""
    blueprint = Blueprint("balances", services, description=DESCRIPTION)

    @blueprint.get_operation(GET)
    def get_wallet_balance(wallet_id: str, at: datetime | None = None) -> Answer:
        """Get the balance of a wallet at an instant

        The last minutes can still change: a payment that is on its way to the disk has its time already."""
        found = services.history.balance(wallet_id_in_path(wallet_id), at=at)
        if found.at > found.known_until:
            raise ValidationFailed([FieldError("?at", "Must not be in the future.")])
        return json_answer(
            {
                "wallet_id": str(found.wallet_id),
                "at": rfc3339(found.at),
                "currency": found.currency,
                "balance": found.balance,
            }
        )

    return blueprint
