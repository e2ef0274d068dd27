"""Post an entry: the one place where money moves.

Everything that moves money (replenishing, transferring, and whatever comes later) is an entry with legs,
and ends here.
"""

from datetime import datetime
from uuid import UUID

from domain.books import Books
from domain.errors import Unbalanced
from domain.net import check_net
from domain.transaction import Entry, Posting, Transaction
from domain.wallet import Wallet


def post(entry: Entry, books: Books) -> Transaction:
    """Write one transaction into the books, or refuse it and leave them as they were.

    Each leg is a signed amount of minor units on a wallet of the books or on a system wallet of its currency.
    Errors, in the order they are checked: Unbalanced; leg by leg SystemWalletNamed or WalletNotFound;
    ReferenceTaken; and then leg by leg CurrencyNotEnabled (when it is not the wallet's either) and those of
    `Wallet.check_posting`. When a wallet stands in several legs, `check_net` judges instead.
    """
    _check_balanced(entry)
    before = _customer_wallets(entry, books)
    books.check_transaction_reference(entry.reference)
    at = books.time_for(before.values())
    by_leg = not _has_repeated_wallet(entry, before)
    if not by_leg:
        check_net(entry.legs, before, books)
    postings, after = _apply(entry, before, at, books if by_leg else None)
    transaction = Transaction(
        id=entry.id,
        type=entry.type,
        reference=entry.reference,
        description=entry.description,
        metadata=entry.metadata,
        reverses=entry.reverses,
        hold_id=entry.hold_id,
        actor=entry.actor,
        request_id=entry.request_id,
        created_at=at,
        postings=postings,
        allocation=entry.allocation,
        quote_id=entry.quote_id,
    )
    books.write_transaction(transaction, after)
    return transaction


def _check_balanced(entry: Entry) -> None:
    sums: dict[str, int] = {}
    for leg in entry.legs:
        sums[leg.currency] = sums.get(leg.currency, 0) + leg.amount
    if len(entry.legs) < 2 or any(sums.values()):
        raise Unbalanced("A transaction's postings must sum to zero in each currency.")


def _customer_wallets(entry: Entry, books: Books) -> dict[UUID, Wallet]:
    return {leg.wallet_id: books.wallet(leg.wallet_id) for leg in entry.legs if not leg.system}


def _has_repeated_wallet(entry: Entry, before: dict[UUID, Wallet]) -> bool:
    if len(before) == len(entry.legs):
        return False
    return len(before) < sum(not leg.system for leg in entry.legs)


def _apply(
    entry: Entry, before: dict[UUID, Wallet], at: datetime, judge: Books | None
) -> tuple[tuple[Posting, ...], dict[UUID, Wallet]]:
    """The postings with the wallets after them; each leg is checked unless `judge` is None."""
    after = dict(before)
    postings = []
    for leg in entry.legs:
        if leg.system:
            postings.append(
                Posting(wallet_id=leg.wallet_id, amount=leg.amount, currency=leg.currency)
            )
            continue
        wallet = after[leg.wallet_id]
        if leg.released:
            wallet = wallet.holding(-leg.released)
        if judge is not None:
            if leg.currency != wallet.currency:
                judge.check_currency(leg.currency)
            wallet.check_posting(leg.amount, leg.currency)
        wallet = after[leg.wallet_id] = wallet.after(leg.amount, at)
        postings.append(
            Posting(
                wallet_id=leg.wallet_id,
                amount=leg.amount,
                currency=leg.currency,
                balance_after=wallet.balance,
                wallet_version=wallet.version,
            )
        )
    return tuple(postings), after
