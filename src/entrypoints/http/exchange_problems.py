"""How the errors of exchange between currencies are answered over HTTP."""

from domain import errors
from domain.errors import PaymentError
from entrypoints.http.problem_row import Problem

EXCHANGE_PROBLEMS: dict[type[PaymentError], Problem] = {
    errors.QuoteNotFound: Problem(
        404,
        "Quote not found",
        "No quote has this id.",
        "Check the id; POST /v1/quotes gives a new quote.",
    ),
    errors.QuoteUsed: Problem(
        409,
        "Quote used",
        "A quote is good for one conversion, and another has used it. transaction_id is that one.",
        "If you were repeating a request, use its first idempotency key. Otherwise get a new quote.",
    ),
    errors.QuoteExpired: Problem(
        409,
        "Quote expired",
        "The instant until which the quote was valid has come: its rate is no longer offered.",
        "Get a new quote, and use it before its expires_at.",
    ),
    errors.SameCurrency: Problem(
        422,
        "Same currency",
        "The quote is asked for a currency into itself.",
        "Name two currencies. Within one, POST /v1/transfers moves money.",
    ),
    errors.RateNotAvailable: Problem(
        422,
        "Rate not available",
        "This pair of currencies is not exchanged here in this direction.",
        "Ask the operator which pairs are offered, or go by way of a third currency.",
    ),
    errors.AmountOutOfRange: Problem(
        422,
        "Amount out of range",
        "The amount comes to less than one minor unit of the destination currency, or to more than"
        " amounts can count.",
        "Ask for a quote of another amount.",
    ),
}
