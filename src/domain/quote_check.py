"""What must be true of quotes with their conversions, in plain words for what is not.

The rules: a quote promises what its rate comes to, rounded down; a conversion names a quote, which no other
conversion does, and has four legs: the source pays the house, the house pays the destination, as quoted.
"""

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from uuid import UUID

from domain.errors import AmountOutOfRange
from domain.integrity import Finding
from domain.money import Currency
from domain.quote import Quote
from domain.rate import Rate
from domain.transaction import Transaction, TransactionType
from domain.wallet import exchange_wallet_id


def check_quotes(
    quotes: Mapping[UUID, Quote],
    transactions: Iterable[Transaction],
    currencies: Mapping[str, Currency],
) -> Iterator[Finding]:
    """Check all quotes against all transactions."""
    for quote in quotes.values():
        if not _is_kept_to(quote, currencies):
            where = f"quote {quote.id}"
            yield _finding("quote", where, f"The {where} does not promise what its rate comes to.")
    seen: set[UUID] = set()
    for transaction in transactions:
        fault = _fault(transaction, quotes, seen)
        if fault is not None:
            yield _finding("conversion", f"transaction {transaction.id}", fault)
        if transaction.quote_id is not None:
            seen.add(transaction.quote_id)


def _is_kept_to(quote: Quote, currencies: Mapping[str, Currency]) -> bool:
    rate = Rate(
        source=currencies[quote.source_currency],
        destination=currencies[quote.destination_currency],
        value=quote.rate,
    )
    try:
        converted = rate.convert(quote.source_amount)
    except AmountOutOfRange:
        return False
    promised = (quote.destination_amount, Fraction(quote.exact))
    return promised == (converted.amount, Fraction(converted.exact))


def _fault(transaction: Transaction, quotes: Mapping[UUID, Quote], seen: set[UUID]) -> str | None:
    """A sentence that says what is wrong; None when nothing is."""
    where, id = f"transaction {transaction.id}", transaction.quote_id
    is_conversion = transaction.type is TransactionType.CONVERSION
    if id is None:
        return f"The {where} is a conversion without a quote." if is_conversion else None
    if not is_conversion:
        return f"The {where} is a {transaction.type} and names a quote."
    if id not in quotes:
        return f"The {where} uses quote {id}, which does not exist."
    if id in seen:
        return f"The {where} uses quote {id}, which was used before."
    if not _has_quoted_legs(transaction, quotes[id]):
        return f"The postings of {where} are not what quote {id} promised."
    return None


def _has_quoted_legs(transaction: Transaction, quote: Quote) -> bool:
    """The ids of the two customers' wallets are for the caller; that they hold this money is another rule."""
    paid, got = quote.source_currency, quote.destination_currency
    legs = [
        (each.wallet_version is None, each.amount, each.currency) for each in transaction.postings
    ]
    quoted = [
        (False, -quote.source_amount, paid),
        (True, quote.source_amount, paid),
        (True, -quote.destination_amount, got),
        (False, quote.destination_amount, got),
    ]
    house = [each.wallet_id for each in transaction.postings[1:3]]
    return legs == quoted and house == [exchange_wallet_id(paid), exchange_wallet_id(got)]


def _finding(rule: str, where: str, sentence: str) -> Finding:
    return Finding(rule=rule, where=where, sentence=sentence)
