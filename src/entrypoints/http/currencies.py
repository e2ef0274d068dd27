"""Currencies: those that new wallets may have."""

from marshmallow import fields

from domain.money import Currency
from domain.scope import Scope
from entrypoints.http.answers import Answer, json_answer
from entrypoints.http.blueprint import Blueprint
from entrypoints.http.fields import AnswerSchema, CurrencyCode
from entrypoints.http.operations import Get
from entrypoints.http.paging import page_example, page_schema
from entrypoints.http.services import Services

DESCRIPTION = (
    "The currencies that new wallets may have. A wallet goes on working when its currency is no longer"
    " among them."
)
EXAMPLE = {"code": "USD", "exponent": 2}


class CurrencySchema(AnswerSchema):
    """A currency of ISO 4217."""

    code = CurrencyCode(required=True)
    exponent = fields.Integer(
        required=True,
        strict=True,
        metadata={
            "examples": [2],
            "description": "How many digits its minor unit has: with 2, 1050 is 10.50; with 0 it is 1050.",
        },
    )


LIST = Get(
    rule="/v1/currencies",
    id="listCurrencies",
    scope=Scope.CURRENCIES_READ,
    bound="the same for everybody.",
    answer=page_schema(CurrencySchema, "Currency"),
    example=page_example(EXAMPLE),
    asks_database=False,
)


def currencies_blueprint(services: Services) -> Blueprint:
    """The enabled currencies, in the order of their codes."""
    blueprint = Blueprint("currencies", services, description=DESCRIPTION)
    ordered = sorted(services.currencies, key=lambda currency: currency.code)
    body = {"data": [_currency_to_json(each) for each in ordered], "next_cursor": None}

    @blueprint.get_operation(LIST)
    def list_currencies() -> Answer:
        """List the enabled currencies, all at once, by their codes"""
        return json_answer(body)

    return blueprint


def _currency_to_json(currency: Currency) -> dict[str, str | int]:
    return {"code": currency.code, "exponent": currency.exponent}
