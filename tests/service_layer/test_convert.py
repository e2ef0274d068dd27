"""Converting money of one currency into another, as a quote has promised."""

from uuid import UUID

from domain.errors import QuoteExpired, QuoteNotFound, QuoteUsed, SameWallet, WalletNotFound
from domain.idempotency import Outcome
from domain.transaction import Transaction, TransactionType
from domain.wallet import exchange_wallet_id
from tests.builders import convert, request_quote
from tests.stage import Stage

NOBODY = UUID(int=404)


def made(outcome: Outcome) -> Transaction:
    assert outcome.transaction is not None, outcome.refused
    return outcome.transaction


def test_the_house_stands_between_the_currencies(memory_stage: Stage) -> None:
    stage = memory_stage
    ada, yen = stage.a_wallet(1050), stage.a_wallet(currency="JPY")
    quote = request_quote(1050, destination="JPY", rate="151.37")
    stage.execute(quote)
    transaction = made(stage.execute(convert(quote.id, ada, yen, reference="holiday")))
    assert (transaction.type, transaction.reference) == (TransactionType.CONVERSION, "holiday")
    assert [(each.wallet_id, each.amount, each.currency) for each in transaction.postings] == [
        (ada, -1050, "USD"),
        (exchange_wallet_id("USD"), 1050, "USD"),
        (exchange_wallet_id("JPY"), -1589, "JPY"),
        (yen, 1589, "JPY"),
    ]
    assert (stage.balance(ada), stage.balance(yen)) == (0, 1589)


def test_it_locks_both_wallets_and_never_those_of_the_house(memory_stage: Stage) -> None:
    ada, euros = memory_stage.a_wallet(), memory_stage.a_wallet(currency="EUR")
    claims = convert(NOBODY, ada, euros).claims
    assert (set(claims.wallet_ids), set(claims.quote_ids)) == ({ada, euros}, {NOBODY})


def test_what_is_wrong_is_refused_in_this_order(memory_stage: Stage) -> None:
    stage = memory_stage
    ada, euros = stage.a_wallet(9000), stage.a_wallet(currency="EUR")
    used, over, good = (request_quote() for _ in range(3))
    stage.run(used, over, convert(used.id, ada, euros))
    stage.clock.move(minutes=2)
    stage.execute(good)
    refusals = [
        (convert(NOBODY, NOBODY, NOBODY), SameWallet),
        (convert(NOBODY, NOBODY, euros), QuoteNotFound),
        (convert(used.id, NOBODY, euros), QuoteUsed),
        (convert(over.id, NOBODY, euros), QuoteExpired),
        (convert(good.id, NOBODY, euros), WalletNotFound),
    ]
    for command, refusal in refusals:
        assert isinstance(stage.execute(command).refused, refusal)
