"""The trial balance: what each side of the books adds up to."""

import json

from marshmallow import fields

from domain.scope import Scope
from entrypoints.http.answers import Answer
from entrypoints.http.blueprint import Blueprint
from entrypoints.http.fields import AnswerSchema, CurrencyCode
from entrypoints.http.operations import Get
from entrypoints.http.paging import page_example, page_schema
from entrypoints.http.services import Services
from service_layer.trial_balance import CurrencyTotals

DESCRIPTION = (
    "What an accountant asks for first: each side of the books, and that they come to nothing."
)
EXAMPLE = {"currency": "USD", "customers": 98950, "external": -100000, "exchange": 1050, "sum": 0}


def _total(about: str) -> fields.Integer:
    return fields.Integer(
        required=True, strict=True, metadata={"description": f"{about}, in minor units."}
    )


class CurrencyTotalsSchema(AnswerSchema):
    """One currency of the books."""

    currency = CurrencyCode(required=True)
    customers = _total("What is in all customers' wallets")
    external = _total("What left the books, less what came in: below zero by what is in them")
    exchange = _total("The house's position: what conversions brought it, less what they took")
    sum = _total("All of it together: 0 in books that add up")


LIST = Get(
    rule="/v1/trial-balance",
    id="getTrialBalance",
    scope=Scope.TRIAL_BALANCE_READ,
    answer=page_schema(CurrencyTotalsSchema, "CurrencyTotals"),
    example=page_example(EXAMPLE),
)


def trial_balance_blueprint(services: Services) -> Blueprint:
    """All currencies that the books have, in the order of their codes."""
    blueprint = Blueprint("trial-balance", services, description=DESCRIPTION)

    @blueprint.get_operation(LIST)
    def get_trial_balance() -> Answer:
        """Get what each side of the books adds up to, all currencies at once

        It reads every posting on the system wallets, some tenths of a second for a million of them."""
        totals = [_totals_to_json(each) for each in services.trial_balance.totals()]
        # Sums may have more than the 64 bits at which a faster encoder ends.
        return Answer(json.dumps({"data": totals, "next_cursor": None}).encode())

    return blueprint


def _totals_to_json(totals: CurrencyTotals) -> dict[str, str | int]:
    return {name: getattr(totals, name) for name in EXAMPLE}
