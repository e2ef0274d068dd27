"""The trial balance says what each side of the books adds up to."""

from service_layer.trial_balance import CurrencyTotals
from tests.builders import convert, replenish, request_quote, transfer, withdraw
from tests.stage import Stage


def totals_of(stage: Stage) -> dict[str, CurrencyTotals]:
    return {each.currency: each for each in stage.container.trial_balance().totals()}


def test_empty_books_come_to_nothing(stage: Stage) -> None:
    nothing = {"customers": 0, "external": 0, "exchange": 0}
    assert stage.container.trial_balance().totals() == [
        CurrencyTotals(currency=each, **nothing) for each in ("EUR", "JPY", "USD")
    ]


def test_what_customers_have_came_from_outside(stage: Stage) -> None:
    ada, bob = stage.a_wallet(1000), stage.a_wallet(500)
    stage.run(transfer(ada, bob, 300), withdraw(bob, 200))
    usd = totals_of(stage)["USD"]
    assert (usd.customers, usd.external, usd.exchange, usd.sum) == (1300, -1300, 0, 0)


def test_the_house_has_what_it_was_paid_less_what_it_paid(stage: Stage) -> None:
    dollars, euros = stage.a_wallet(5000), stage.a_wallet(currency="EUR")
    quote = request_quote(1050)
    stage.run(quote)
    stage.run(convert(quote.id, dollars, euros))
    totals = totals_of(stage)
    usd, eur = totals["USD"], totals["EUR"]
    assert (usd.customers, usd.external, usd.exchange) == (3950, -5000, 1050)
    assert (eur.customers, eur.external) == (-eur.exchange, 0)
    assert eur.exchange < 0
    assert {each.sum for each in totals.values()} == {0}


def test_sums_may_be_larger_than_any_amount(stage: Stage) -> None:
    most = 9_007_199_254_740_991
    stage.run(*(replenish(stage.a_wallet(), most) for _ in range(3)))
    assert totals_of(stage)["USD"].customers == 3 * most
