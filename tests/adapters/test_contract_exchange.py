"""The contract of quotes with conversions, on each adapter."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest

from adapters.system import new_id
from domain.errors import (
    AccountFrozen,
    AmountOutOfRange,
    CurrencyMismatch,
    CurrencyNotEnabled,
    InsufficientFunds,
    NotReversible,
    QuoteExpired,
    QuoteNotFound,
    QuoteUsed,
    RateNotAvailable,
    ReferenceTaken,
    SameCurrency,
    SameWallet,
    SystemWalletNamed,
    WalletNotFound,
)
from domain.idempotency import Outcome
from domain.quote import Quote, QuoteStatus
from domain.transaction import Posting, Transaction, TransactionType
from domain.wallet import Status, exchange_wallet_id
from service_layer.convert import Convert
from service_layer.quote_json import quote_to_json
from service_layer.request_quote import RequestQuote
from service_layer.reverse import Reverse
from service_layer.run_batch import Result
from service_layer.transaction_filter import TransactionFilter
from tests.adapters.test_contract_audit import auditor_of
from tests.builders import a_caller, convert, request_quote, transfer
from tests.concurrency.rig import sql
from tests.stage import Stage

NOBODY = UUID(int=404)


def outcome_of(result: Result) -> Outcome:
    assert isinstance(result, Outcome), result
    return result


def refusals(*results: Result) -> list[type | None]:
    return [type(it.refused) if it.refused else None for it in map(outcome_of, results)]


def made(result: Result) -> Transaction:
    transaction = outcome_of(result).transaction
    assert transaction is not None, outcome_of(result).refused
    return transaction


def quote_of(stage: Stage, quote_id: UUID) -> Quote:
    quote: Quote = stage.container.quote_queries().quote(quote_id)
    return quote


def a_quote(stage: Stage, amount: int = 1050, **how: Any) -> UUID:
    command = request_quote(amount, **how)
    assert stage.execute(command).refused is None
    return command.id


def dollars_and_euros(stage: Stage, balance: int = 5000) -> tuple[UUID, UUID]:
    return stage.a_wallet(balance), stage.a_wallet(currency="EUR")


# Quotes.


def test_a_quote_is_read_as_it_was_answered(stage: Stage) -> None:
    command = request_quote(1050, rate="0.9178")
    outcome = stage.execute(command)
    quote = quote_of(stage, command.id)
    assert outcome.body == quote_to_json(quote)
    assert quote == Quote(
        id=command.id,
        source_currency="USD",
        destination_currency="EUR",
        source_amount=1050,
        destination_amount=963,
        rate="0.9178",
        exact="963.69",
        expires_at=stage.clock.now + timedelta(seconds=60),
        actor="tester",
        request_id=command.caller.request_id,
        created_at=stage.clock.now,
    )


def test_the_longest_rate_is_kept_exactly(stage: Stage) -> None:
    rate = "999998999999.999999999999000001"
    quote = quote_of(stage, a_quote(stage, 1, rate=rate, source="JPY"))
    assert (quote.rate, quote.exact) == (rate, "99999899999999.9999999999000001")
    smallest = quote_of(stage, a_quote(stage, 10**14, rate="0.000000000000010001"))
    assert (smallest.exact, smallest.rounding) == ("1.0001", "-0.0001")


def test_a_quote_is_given_once_for_a_key(stage: Stage) -> None:
    command = request_quote(caller=a_caller("quote-1"))
    first = stage.execute(command)
    at_another_rate = request_quote(rate="0.5", caller=a_caller("quote-1"))
    again = stage.execute(at_another_rate)
    assert (again.replayed, again.body) == (True, first.body)
    with pytest.raises(QuoteNotFound):
        quote_of(stage, at_another_rate.id)


def test_a_batch_has_quotes_beside_payments(stage: Stage) -> None:
    ada, bob = stage.a_wallet(100), stage.a_wallet()
    quotes = [request_quote(amount) for amount in (100, 200)]
    results = stage.run(quotes[0], transfer(ada, bob, 30), request_quote(rate=None), quotes[1])
    assert refusals(*results) == [None, None, RateNotAvailable, None]
    assert [quote_of(stage, each.id).source_amount for each in quotes] == [100, 200]


QUOTE_REFUSALS: list[tuple[RequestQuote, type]] = [
    (replace(request_quote(rate=None), destination_currency="USD"), SameCurrency),
    (replace(request_quote(rate=None), source_currency="XXX"), CurrencyNotEnabled),
    (replace(request_quote(rate=None), destination_currency="XXX"), CurrencyNotEnabled),
    (request_quote(rate=None), RateNotAvailable),
    (request_quote(1, rate="0.99"), AmountOutOfRange),
    (request_quote(2**53 - 1, rate="1.01"), AmountOutOfRange),
]


@pytest.mark.parametrize(("command", "refusal"), QUOTE_REFUSALS)
def test_a_refused_quote_is_not_there(stage: Stage, command: RequestQuote, refusal: type) -> None:
    command = replace(command, id=new_id(), caller=a_caller())
    assert refusals(stage.execute(command), stage.execute(command)) == [refusal, refusal]
    with pytest.raises(QuoteNotFound):
        quote_of(stage, command.id)


# Conversions.


def test_a_conversion_pays_what_was_quoted_through_the_house(stage: Stage) -> None:
    ada, euros = dollars_and_euros(stage)
    quote = a_quote(stage, 1050)
    transaction = made(stage.execute(convert(quote, ada, euros, reference="holiday")))
    assert (transaction.type, transaction.quote_id) == (TransactionType.CONVERSION, quote)
    assert transaction.postings == (
        Posting(wallet_id=ada, amount=-1050, currency="USD", balance_after=3950, wallet_version=2),
        Posting(wallet_id=exchange_wallet_id("USD"), amount=1050, currency="USD"),
        Posting(wallet_id=exchange_wallet_id("EUR"), amount=-963, currency="EUR"),
        Posting(wallet_id=euros, amount=963, currency="EUR", balance_after=963, wallet_version=1),
    )
    queries = stage.container.queries()
    assert queries.transaction(transaction.id) == transaction
    chosen = TransactionFilter(type="conversion", reference="holiday")
    assert queries.transactions(chosen, before=None, limit=9) == [transaction]
    assert (stage.balance(ada), stage.balance(euros)) == (3950, 963)


def test_a_quote_is_used_once(stage: Stage) -> None:
    ada, euros = dollars_and_euros(stage)
    quote = a_quote(stage)
    first = made(stage.execute(convert(quote, ada, euros)))
    second = stage.execute(convert(quote, ada, euros))
    assert refusals(second) == [QuoteUsed]
    assert second.refused is not None
    assert second.refused.data["transaction_id"] == str(first.id)
    found = quote_of(stage, quote)
    assert (found.status, found.transaction_id) == (QuoteStatus.USED, first.id)
    assert stage.balance(euros) == 963


def test_of_two_conversions_in_one_batch_the_second_is_refused(stage: Stage) -> None:
    ada, euros = dollars_and_euros(stage)
    bob, more_euros = dollars_and_euros(stage)
    quote, other = a_quote(stage), a_quote(stage)
    results = stage.run(
        convert(quote, ada, euros), convert(quote, bob, more_euros), convert(other, bob, euros)
    )
    assert refusals(*results) == [None, QuoteUsed, None]
    assert [stage.balance(each) for each in (ada, bob, euros)] == [3950, 3950, 1926]


def test_a_refused_conversion_leaves_its_quote_open(stage: Stage) -> None:
    poor, euros = dollars_and_euros(stage, 1049)
    rich = stage.a_wallet(1050)
    quote = a_quote(stage)
    results = stage.run(convert(quote, poor, euros), convert(quote, rich, euros))
    assert refusals(*results) == [InsufficientFunds, None]


def test_a_quote_of_the_same_batch_can_be_used(stage: Stage) -> None:
    ada, euros = dollars_and_euros(stage)
    quote = request_quote()
    results = stage.run(quote, convert(quote.id, ada, euros), convert(quote.id, ada, euros))
    assert refusals(*results) == [None, None, QuoteUsed]
    assert quote_of(stage, quote.id).status is QuoteStatus.USED


def test_a_quote_expires_at_its_instant(stage: Stage) -> None:
    ada, euros = dollars_and_euros(stage)
    quote, late = a_quote(stage), a_quote(stage)
    stage.clock.move(seconds=59.999999)
    assert refusals(stage.execute(convert(quote, ada, euros))) == [None]
    stage.clock.move(seconds=0.000001)
    assert refusals(stage.execute(convert(late, ada, euros))) == [QuoteExpired]
    assert quote_of(stage, late).status is QuoteStatus.EXPIRED
    assert quote_of(stage, quote).status is QuoteStatus.USED


def test_a_conversion_is_answered_again_when_its_quote_is_long_over(stage: Stage) -> None:
    ada, euros = dollars_and_euros(stage)
    command = convert(a_quote(stage), ada, euros)
    first = stage.execute(command)
    stage.clock.move(hours=1)
    again = stage.execute(command)
    assert (again.replayed, again.transaction_id) == (True, first.transaction_id)
    assert stage.balance(euros) == 963


def test_money_goes_between_the_wallets_of_two_accounts_with_different_exponents(
    stage: Stage,
) -> None:
    yen, dollars = stage.a_wallet(1000, currency="JPY"), stage.a_wallet()
    quote = a_quote(stage, 1000, source="JPY", destination="USD", rate="0.0066")
    made(stage.execute(convert(quote, yen, dollars)))
    assert (stage.balance(yen), stage.balance(dollars)) == (0, 660)


def test_a_dry_conversion_does_not_use_its_quote(stage: Stage) -> None:
    ada, euros = dollars_and_euros(stage)
    quote = a_quote(stage)
    dry = replace(a_caller(), dry_run=True)
    assert refusals(stage.execute(convert(quote, ada, euros, caller=dry))) == [None]
    assert quote_of(stage, quote).status is QuoteStatus.OPEN
    assert stage.balance(euros) == 0


Names = dict[str, UUID]
REFUSED: list[tuple[str, Callable[[Names], Convert], type]] = [
    ("one wallet", lambda it: convert(NOBODY, it["ada"], it["ada"]), SameWallet),
    ("an unknown quote", lambda it: convert(NOBODY, NOBODY, it["euros"]), QuoteNotFound),
    ("a used quote that is over", lambda it: convert(it["used"], NOBODY, it["euros"]), QuoteUsed),
    ("an expired quote", lambda it: convert(it["over"], NOBODY, it["euros"]), QuoteExpired),
    ("an unknown source", lambda it: convert(it["quote"], NOBODY, it["euros"]), WalletNotFound),
    ("an unknown destination", lambda it: convert(it["quote"], it["ada"], NOBODY), WalletNotFound),
    (
        "the house as a source",
        lambda it: convert(it["quote"], exchange_wallet_id("USD"), it["euros"]),
        SystemWalletNamed,
    ),
    (
        "the house as a destination",
        lambda it: convert(it["quote"], it["ada"], exchange_wallet_id("EUR")),
        SystemWalletNamed,
    ),
    (
        "a taken reference",
        lambda it: convert(it["quote"], it["frozen"], it["poor"], reference="taken"),
        ReferenceTaken,
    ),
    ("a frozen source", lambda it: convert(it["quote"], it["frozen"], it["poor"]), AccountFrozen),
    (
        "a source of another currency",
        lambda it: convert(it["quote"], it["euros"], it["ada"]),
        CurrencyMismatch,
    ),
    ("too little", lambda it: convert(it["quote"], it["poor"], it["ada"]), InsufficientFunds),
    (
        "a destination of another currency",
        lambda it: convert(it["quote"], it["ada"], it["poor"]),
        CurrencyMismatch,
    ),
]


@pytest.fixture
def names(stage: Stage) -> Names:
    ada, euros = dollars_and_euros(stage, 10_000)
    used, over = a_quote(stage), a_quote(stage)
    made(stage.execute(convert(used, ada, euros, reference="taken")))
    stage.clock.move(minutes=5)
    return {
        "ada": ada,
        "euros": euros,
        "poor": stage.a_wallet(1049),
        "frozen": frozen_wallet(stage),
        "used": used,
        "over": over,
        "quote": a_quote(stage),
    }


def frozen_wallet(stage: Stage) -> UUID:
    wallet_id = stage.a_wallet(5000)
    if stage.url is None:
        ledger = stage.container.ledger()
        row = ledger.wallets[wallet_id]
        ledger.wallets[wallet_id] = replace(row, wallet=replace(row.wallet, status=Status.FROZEN))
        account = ledger.accounts[row.wallet.account_id]
        ledger.accounts[account.id] = replace(account, status=Status.FROZEN)
        return wallet_id
    sql(stage.url, "UPDATE wallet SET status = 'frozen' WHERE id = %s", str(wallet_id))
    sql(
        stage.url,
        "UPDATE account SET status = 'frozen'"
        " WHERE id = (SELECT account_id FROM wallet WHERE id = %s)",
        str(wallet_id),
    )
    return wallet_id


@pytest.mark.parametrize(
    ("act", "refusal"), [each[1:] for each in REFUSED], ids=[each[0] for each in REFUSED]
)
def test_what_is_wrong_with_a_conversion_is_refused_in_this_order(
    stage: Stage, names: Names, act: Callable[[Names], Convert], refusal: type
) -> None:
    before = stage.balance(names["ada"]), stage.balance(names["euros"])
    assert refusals(stage.execute(act(names))) == [refusal]
    assert (stage.balance(names["ada"]), stage.balance(names["euros"])) == before
    assert quote_of(stage, names["quote"]).status is QuoteStatus.OPEN


def test_the_house_may_not_be_paid_by_a_transfer(stage: Stage) -> None:
    ada = stage.a_wallet(100)
    for currency in ("USD", "EUR"):
        refused = stage.execute(transfer(ada, exchange_wallet_id(currency), 1))
        assert refusals(refused) == [SystemWalletNamed]


def test_each_currency_of_many_conversions_sums_to_zero(stage: Stage) -> None:
    """The stage is audited when the test is over; the money of customers beside that of the house is here."""
    random = Random(11)
    wallets = {code: stage.a_wallet(10**9, currency=code) for code in ("USD", "EUR", "JPY")}
    rates = {"USD": "0.0123", "EUR": "1.000001", "JPY": "151.37"}
    house = dict.fromkeys(wallets, 0)
    for _ in range(60):
        source, destination = random.sample(sorted(wallets), 2)
        quote = a_quote(
            stage,
            random.randrange(10_000, 10**6),
            source=source,
            destination=destination,
            rate=rates[destination],
        )
        made(stage.execute(convert(quote, wallets[source], wallets[destination])))
        found = quote_of(stage, quote)
        house[source] += found.source_amount
        house[destination] -= found.destination_amount
    assert {code: stage.balance(id) for code, id in wallets.items()} == {
        code: 10**9 - amount for code, amount in house.items()
    }
    assert auditor_of(stage).verify().findings == ()


def test_a_conversion_is_reversed_as_a_whole_at_its_own_amounts(stage: Stage) -> None:
    ada, euros = dollars_and_euros(stage)
    quote = a_quote(stage)
    conversion = made(stage.execute(convert(quote, ada, euros)))
    whole = Reverse(id=new_id(), caller=a_caller(), transaction_id=conversion.id)
    part = replace(whole, caller=a_caller(), amount=500)
    assert refusals(stage.execute(part)) == [NotReversible]
    back = made(stage.execute(whole))
    assert [(each.wallet_id, each.amount) for each in back.postings] == [
        (each.wallet_id, -each.amount) for each in conversion.postings
    ]
    assert (back.reverses, back.quote_id) == (conversion.id, None)
    assert (stage.balance(ada), stage.balance(euros)) == (5000, 0)
    assert quote_of(stage, quote).status is QuoteStatus.USED
    assert refusals(stage.execute(convert(quote, ada, euros))) == [QuoteUsed]
