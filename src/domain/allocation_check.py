"""What must be true of the allocation of a split, with plain words for what is not.

The parts are what the shares asked for, rounded as `allocate` rounds; the first posting is the whole that
left the source, those after it are the parts, without those that came to nothing.
"""

from domain.errors import Unbalanced
from domain.split import allocate
from domain.transaction import Transaction, TransactionType


def allocation_fault(transaction: Transaction) -> str | None:
    """A sentence that says what does not add up; None when all does."""
    where = f"transaction {transaction.id}"
    parts = transaction.allocation
    if (transaction.type is TransactionType.SPLIT) != bool(parts):
        return f"The {where} is a {transaction.type} and has {len(parts)} allocated parts."
    if not parts:
        return None
    if not transaction.postings or not _is_of_its_shares(transaction):
        return f"The allocation of {where} is not what its shares asked for."
    posted = [(each.wallet_id, each.amount) for each in transaction.postings[1:]]
    if posted != [(part.share.wallet_id, part.amount) for part in parts if part.amount]:
        return f"The postings of {where} are not the parts of its allocation."
    return None


def _is_of_its_shares(transaction: Transaction) -> bool:
    shares = [part.share for part in transaction.allocation]
    try:
        return allocate(-transaction.postings[0].amount, shares) == transaction.allocation
    except (Unbalanced, ValueError):
        return False
