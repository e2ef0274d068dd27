"""What must be true of holds, with plain words for what is not.

The rules: a hold is on a customer's wallet of its currency, as is its destination; its status fits what was
captured; that is the sum of the captures that name it, each of which pays from its wallet; every capture
names a hold.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from uuid import UUID

from domain.hold import Hold, HoldStatus
from domain.integrity import Finding
from domain.transaction import Transaction
from domain.wallet import Wallet


def held_by_wallet(holds: Iterable[Hold]) -> dict[UUID, int]:
    """What each wallet's row should say is held, in minor units."""
    sums: Counter[UUID] = Counter()
    for hold in holds:
        sums[hold.wallet_id] += hold.remaining
    return dict(sums)


def check_holds(
    holds: Mapping[UUID, Hold], transactions: Iterable[Transaction], wallets: Mapping[UUID, Wallet]
) -> Iterator[Finding]:
    """Check all holds against all transactions."""
    captured: Counter[UUID] = Counter()
    for transaction in transactions:
        if transaction.hold_id is None:
            continue
        hold = holds.get(transaction.hold_id)
        if hold is None:
            where = f"transaction {transaction.id}"
            sentence = f"The {where} captures hold {transaction.hold_id}, which does not exist."
            yield Finding(rule="orphan-capture", where=where, sentence=sentence)
            continue
        captured[hold.id] += sum(
            -posting.amount
            for posting in transaction.postings
            if posting.wallet_id == hold.wallet_id
        )
    for hold in holds.values():
        yield from _check_hold(hold, captured[hold.id], wallets)


def _check_hold(hold: Hold, captured: int, wallets: Mapping[UUID, Wallet]) -> Iterator[Finding]:
    where = f"hold {hold.id}"
    for wallet_id in (hold.wallet_id, hold.destination_wallet_id):
        wallet = None if wallet_id is None else wallets.get(wallet_id)
        if wallet_id is not None and (wallet is None or wallet.currency != hold.currency):
            sentence = (
                f"The {where} names wallet {wallet_id},"
                f" which is no customer's wallet of {hold.currency}."
            )
            yield Finding(rule="orphan-hold", where=where, sentence=sentence)
    if captured != hold.captured:
        sentence = (
            f"The {where} says that {hold.captured} was captured; its captures say {captured}."
        )
        yield Finding(rule="captured", where=where, sentence=sentence)
    if not _fits(hold):
        sentence = f"The {where} is {hold.status} with {hold.captured} of {hold.amount} captured."
        yield Finding(rule="hold-status", where=where, sentence=sentence)


def _fits(hold: Hold) -> bool:
    if hold.status is HoldStatus.CAPTURED:
        return 0 < hold.captured <= hold.amount
    if hold.status is HoldStatus.EXPIRED and hold.expires_at is None:
        return False
    return 0 <= hold.captured < hold.amount
