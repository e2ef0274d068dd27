"""What must be true of reversals, with plain words for what is not.

The rules: a reversal names an original that exists, was made before it, is no reversal itself; what all
reversals of an original have posted to a wallet is the opposite of what the original did there, or less.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from uuid import UUID

from domain.integrity import Finding
from domain.transaction import Posting, Transaction, TransactionType


def check_reversals(transactions: Sequence[Transaction]) -> Iterator[Finding]:
    """Check all reversals among all transactions."""
    by_id = {transaction.id: transaction for transaction in transactions}
    reversals: dict[UUID, list[Transaction]] = {}
    for transaction in transactions:
        yield from _check_reversal(transaction, by_id)
        if transaction.reverses is not None:
            reversals.setdefault(transaction.reverses, []).append(transaction)
    for id, made in reversals.items():
        moved = _nets(by_id[id].postings if id in by_id else ())
        back = _nets(posting for each in made for posting in each.postings)
        yield from _check_sums(id, moved, back)


def _check_reversal(reversal: Transaction, by_id: Mapping[UUID, Transaction]) -> Iterator[Finding]:
    where = f"transaction {reversal.id}"
    fault = _fault(reversal, by_id)
    if fault is not None:
        sentence = f"The {where} {fault}."
        yield Finding(rule="orphan-reversal", where=where, sentence=sentence)
    elif reversal.reverses is not None:
        original = by_id[reversal.reverses]
        if reversal.created_at <= original.created_at:
            sentence = (
                f"The {where} is of {reversal.created_at}; transaction {original.id},"
                f" which it reverses, is of {original.created_at}."
            )
            yield Finding(rule="early-reversal", where=where, sentence=sentence)


def _fault(reversal: Transaction, by_id: Mapping[UUID, Transaction]) -> str | None:
    if (reversal.type is TransactionType.REVERSAL) != (reversal.reverses is not None):
        return f"is a {reversal.type} and reverses {reversal.reverses or 'nothing'}"
    if reversal.reverses is None:
        return None
    original = by_id.get(reversal.reverses)
    if original is None:
        return f"reverses transaction {reversal.reverses}, which does not exist"
    if original.type is TransactionType.REVERSAL:
        return f"reverses transaction {original.id}, which is a reversal itself"
    return None


def _check_sums(id: UUID, moved: Counter[UUID], back: Counter[UUID]) -> Iterator[Finding]:
    for wallet_id, amount in back.items():
        opposite = -moved[wallet_id]
        if not min(opposite, 0) <= amount <= max(opposite, 0):
            where = f"transaction {id}"
            sentence = (
                f"The {where} posted {moved[wallet_id]} to wallet {wallet_id};"
                f" its reversals have posted {amount} there."
            )
            yield Finding(rule="over-reversed", where=where, sentence=sentence)


def _nets(postings: Iterable[Posting]) -> Counter[UUID]:
    sums: Counter[UUID] = Counter()
    for posting in postings:
        sums[posting.wallet_id] += posting.amount
    return sums
