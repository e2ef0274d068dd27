"""Quotes: what a conversion would pay."""

from domain import errors
from domain.scope import Scope
from entrypoints.http.answers import Answer
from entrypoints.http.blueprint import Blueprint
from entrypoints.http.etag import tagged_answer
from entrypoints.http.fields import Amount, CurrencyCode, RequestSchema
from entrypoints.http.operations import Get, Post
from entrypoints.http.order import Order
from entrypoints.http.path_ids import quote_id_in_path
from entrypoints.http.quote_answer import EXAMPLE, QuoteSchema
from entrypoints.http.services import Services
from service_layer.exchange_desk import ExchangeDesk
from service_layer.quote_json import quote_to_json
from service_layer.request_quote import RequestQuote

DESCRIPTION = (
    "A quote says what a conversion would pay: so much of one currency for so much of another, for a short"
    " time. A conversion that uses it pays exactly that, whatever the rate is by then. A quote moves nothing"
    " and reserves nothing; it is good for one conversion."
)
BODY_EXAMPLE = {"source_currency": "USD", "destination_currency": "EUR", "amount": 1050}
REFUSALS = [
    errors.SameCurrency,
    errors.CurrencyNotEnabled,
    errors.RateNotAvailable,
    errors.AmountOutOfRange,
]


class QuoteRequest(RequestSchema):
    """How much of what into what."""

    source_currency = CurrencyCode(required=True)
    destination_currency = CurrencyCode(required=True)
    amount = Amount(
        required=True,
        metadata={
            "examples": [1050],
            "description": "What is to be converted, in minor units of the source currency.",
        },
    )


GET = Get(
    rule="/v1/quotes/<quote_id>",
    id="getQuote",
    scope=Scope.QUOTES_READ,
    answer=QuoteSchema,
    example=EXAMPLE,
    tagged=True,
    errors=[errors.QuoteNotFound],
)


def creation(desk: ExchangeDesk) -> Post:
    """The rate is asked for when the command is made: nothing waits for it while books are open."""

    def make(order: Order) -> RequestQuote:
        pair = order.fields["source_currency"], order.fields["destination_currency"]
        return RequestQuote(
            id=order.id,
            caller=order.caller,
            rate=desk.rate(*pair),
            lifetime=desk.quote_lifetime,
            **order.fields,
        )

    return Post(
        rule="/v1/quotes",
        id="createQuote",
        name="quote",
        scope=Scope.QUOTES_WRITE,
        summary="Ask what a conversion would pay",
        make=make,
        collection="/v1/quotes",
        resource="quote",
        body=QuoteRequest,
        body_example=BODY_EXAMPLE,
        answer=QuoteSchema,
        example=EXAMPLE,
        tagged=True,
        errors=REFUSALS,
        key_required=False,
    )


def quotes_blueprint(services: Services) -> Blueprint:
    """Quotes, to be asked for or read."""
    blueprint = Blueprint("quotes", services, description=DESCRIPTION)
    blueprint.add_command(creation(services.exchange_desk))

    @blueprint.get_operation(GET)
    def get_quote(quote_id: str) -> Answer:
        """Get a quote"""
        found = services.quote_queries.quote(quote_id_in_path(quote_id))
        return tagged_answer(quote_to_json(found))

    return blueprint
