"""What a caller that is bound to one account may do to the books, or be told of them.

The one road asks here for every command, so that no command and no view can forget it.
"""

from dataclasses import replace
from uuid import UUID

from domain.books import Books
from domain.errors import (
    CannotBePaid,
    DestinationDiffers,
    Forbidden,
    HoldNotFound,
    HoldNotYours,
    NotFound,
    Refusal,
    SystemWalletNamed,
    WalletNotFound,
)
from domain.idempotency import Outcome
from domain.transaction import Transaction
from domain.wallet import Status
from service_layer.command import Command

# These say nothing about a wallet but what its id, or one's own hold, says.
_MAY_BE_SAID = (NotFound, SystemWalletNamed, DestinationDiffers, CannotBePaid)


def check_bound(command: Command, bound_to: UUID, books: Books) -> None:
    """What is not the account's own is refused as if it did not exist, before anything else is looked at.

    Errors, in the order they are checked: Forbidden; of the wallets that the command must own, then of those
    in conditions SystemWalletNamed or WalletNotFound; HoldNotFound, HoldNotYours.
    """
    if not command.for_bound:
        raise Forbidden("A key that is bound to an account cannot do this.")
    for wallet_id in command.own_wallet_ids:
        _check_wallet(wallet_id, bound_to, books)
    for condition in command.caller.conditions:
        _check_wallet(condition.wallet_id, bound_to, books)
    for hold_id in command.own_hold_ids:
        _check_hold(hold_id, command.caller.actor, bound_to, books)


def may_ask(command: Command, books: Books) -> bool:
    """Whether the caller is not bound, or `check_bound` has nothing against it."""
    bound_to = command.caller.bound_to
    try:
        if bound_to is not None:
            check_bound(command, bound_to, books)
    except Refusal:
        return False
    return True


def _check_wallet(wallet_id: UUID, bound_to: UUID, books: Books) -> None:
    if books.wallet(wallet_id).account_id != bound_to:
        raise WalletNotFound(f"There is no wallet {wallet_id}.", wallet_id=str(wallet_id))


def _check_hold(hold_id: UUID, actor: str, bound_to: UUID, books: Books) -> None:
    """Who is paid by a hold relies on it: only who has placed it ends it."""
    hold = books.hold(hold_id)
    if books.wallet(hold.wallet_id).account_id != bound_to:
        raise HoldNotFound(f"There is no hold {hold_id}.", hold_id=str(hold_id))
    if hold.actor != actor:
        raise HoldNotYours(f"Hold {hold_id} was placed by another key.", hold_id=str(hold_id))


def with_strangers_blank(books: Books, bound_to: UUID) -> Books:
    """The books of a dry run: it costs nothing, so that it must not tell what others have or may have."""
    for wallet in list(books.wallets.values()):
        if wallet.account_id != bound_to:
            books.wallets[wallet.id] = replace(
                wallet, balance=0, held=0, max_balance=None, status=Status.ACTIVE
            )
    return books


def check_only_own_money_left(books: Books, since: int, bound_to: UUID) -> None:
    """RuntimeError when a transaction, from number `since` on, has taken money from somebody else."""
    own = _own(books, bound_to)
    for transaction in books.new_transactions[since:]:
        for posting in transaction.postings:
            if posting.amount < 0 and posting.wallet_id not in own:
                raise RuntimeError(f"{transaction.id} takes money from {posting.wallet_id}")


def as_seen_by(bound_to: UUID, outcome: Outcome, books: Books) -> Outcome:
    """The outcome without what it would tell of other accounts."""
    if outcome.refused is not None:
        return replace(outcome, refused=_about_own(outcome.refused, bound_to, books))
    if outcome.transaction is None:
        return outcome
    seen = seen_by(outcome.transaction, _own(books, bound_to))
    return replace(outcome, transaction=seen)


def seen_by(transaction: Transaction, own: frozenset[UUID]) -> Transaction:
    """The transaction as the owner of these wallets sees it: the balances of others are left out."""
    postings = tuple(
        posting
        if posting.wallet_id in own
        else replace(posting, balance_after=None, wallet_version=None)
        for posting in transaction.postings
    )
    return replace(transaction, postings=postings)


def _about_own(refused: Refusal, bound_to: UUID, books: Books) -> Refusal:
    named = refused.data.get("wallet_id")
    if named is None or isinstance(refused, _MAY_BE_SAID):
        return refused
    if UUID(str(named)) in _own(books, bound_to):
        return refused
    return CannotBePaid(
        f"Wallet {named} cannot take this payment: it may be of another currency, closed or full.",
        wallet_id=named,
    )


def _own(books: Books, bound_to: UUID) -> frozenset[UUID]:
    return frozenset(id for id, each in books.wallets.items() if each.account_id == bound_to)
