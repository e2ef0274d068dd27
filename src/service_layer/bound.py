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
from domain.wallet import Status, Wallet
from service_layer.claims import Claims
from service_layer.command import Command

# These say nothing about a wallet but what its id, or one's own hold, says.
_MAY_BE_SAID = (NotFound, SystemWalletNamed, DestinationDiffers, CannotBePaid)
_CANNOT = "cannot take this payment: of another currency, closed or full, perhaps."


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


def without_strangers(books: Books, claims: Claims, bound_to: UUID) -> Books:
    """A draft of the books with what is claimed alone, in which others have nothing and may have all.

    What is decided there costs nobody anything, so that it must not tell what others have or may have.
    """
    draft = books.draft()
    draft.wallets = {
        id: _blank(books.wallets[id], bound_to)
        for id in _named(books, claims)
        if id in books.wallets
    }
    return draft


def _named(books: Books, claims: Claims) -> set[UUID]:
    holds = [books.holds[id] for id in claims.hold_ids if id in books.holds]
    ends = {end for hold in holds for end in (hold.wallet_id, hold.destination_wallet_id) if end}
    return ends.union(claims.wallet_ids)


def _blank(wallet: Wallet, bound_to: UUID) -> Wallet:
    if wallet.account_id == bound_to:
        return wallet
    return replace(wallet, balance=0, held=0, max_balance=None, status=Status.ACTIVE)


def refused_by_others(draft: Books, bound_to: UUID) -> CannotBePaid:
    """What is told when nothing but others was in the way of what was decided on a draft without them.

    Not which payment it was, of several: what fails anyway would tell for nothing what others have room for.
    """
    others = [str(id) for id, wallet in draft.wallets.items() if wallet.account_id != bound_to]
    if len(others) == 1:
        return CannotBePaid(f"Wallet {others[0]} {_CANNOT}", wallet_id=others[0])
    return CannotBePaid(f"Of the wallets that are to be paid, one or more {_CANNOT}")


def check_only_own_money_left(books: Books, since: int, bound_to: UUID) -> None:
    """RuntimeError when a transaction, from number `since` on, has taken money from somebody else."""
    for transaction in books.new_transactions[since:]:
        for posting in transaction.postings:
            if posting.amount < 0 and not _is_own(posting.wallet_id, bound_to, books):
                raise RuntimeError(f"{transaction.id} takes money from {posting.wallet_id}")


def as_seen_by(bound_to: UUID, outcome: Outcome, books: Books) -> Outcome:
    """The outcome without what it would tell of other accounts."""
    if outcome.refused is not None:
        return replace(outcome, refused=about_own(outcome.refused, bound_to, books))
    if outcome.transaction is None:
        return outcome
    named = {posting.wallet_id for posting in outcome.transaction.postings}
    own = frozenset(id for id in named if _is_own(id, bound_to, books))
    return replace(outcome, transaction=seen_by(outcome.transaction, own))


def seen_by(transaction: Transaction, own: frozenset[UUID]) -> Transaction:
    """The transaction as the owner of these wallets sees it: the balances of others are left out."""
    postings = tuple(
        posting
        if posting.wallet_id in own
        else replace(posting, balance_after=None, wallet_version=None)
        for posting in transaction.postings
    )
    return replace(transaction, postings=postings)


def about_own(refused: Refusal, bound_to: UUID, books: Books) -> Refusal:
    """The refusal, which says of the wallets of others no more than no."""
    named = refused.data.get("wallet_id")
    if named is None or isinstance(refused, _MAY_BE_SAID):
        return refused
    if _is_own(UUID(str(named)), bound_to, books):
        return refused
    return CannotBePaid(f"Wallet {named} {_CANNOT}", wallet_id=named)


def _is_own(wallet_id: UUID, bound_to: UUID, books: Books) -> bool:
    found = books.wallets.get(wallet_id)
    return found is not None and found.account_id == bound_to
