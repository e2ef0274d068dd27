"""A reversal takes back a transaction that was made before, whole or in part.

What a transaction did to a wallet is the sum of its postings there. A reversal posts the opposite, once for
each wallet. A part is shared among those who were paid, in proportion to what they still have to give back,
as well as among those who paid; so the parts never come to more than the whole, whatever their sizes.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from domain.errors import ExceedsOriginal, NotReversible
from domain.money import AMOUNT_MINOR_MAX
from domain.transaction import Leg, Posting, TransactionType


@dataclass(frozen=True, slots=True, kw_only=True)
class Original:
    """A transaction, with the signed minor units that its reversals have posted to each wallet so far."""

    id: UUID
    type: TransactionType
    postings: tuple[Posting, ...]
    reversed: Mapping[UUID, int] = field(default_factory=dict)

    def legs_back(self, amount: int | None) -> tuple[Leg, ...]:
        """The legs that take back `amount` minor units, or all that remains when it is None.

        Errors, in the order they are checked: NotReversible for a reversal, or for a part of what moved more
        than one currency; ExceedsOriginal.
        """
        if self.type is TransactionType.REVERSAL:
            raise NotReversible(
                f"Transaction {self.id} is itself a reversal.", transaction_id=str(self.id)
            )
        remaining = self._remaining()
        if amount is not None:
            remaining = self._part(amount, remaining)
        legs = tuple(piece for leg in remaining for piece in _opposite(leg))
        if not legs:
            raise ExceedsOriginal(
                f"Nothing of transaction {self.id} remains to be reversed.",
                transaction_id=str(self.id),
                remaining=0,
            )
        return legs

    def after(self, postings: Iterable[Posting]) -> "Original":
        """This transaction once a reversal with these postings is made."""
        sums = dict(self.reversed)
        for posting in postings:
            sums[posting.wallet_id] = sums.get(posting.wallet_id, 0) + posting.amount
        return replace(self, reversed=sums)

    def _remaining(self) -> list[Leg]:
        """What the transaction did to each wallet, less what was taken back; in the order of its postings."""
        nets: dict[UUID, Leg] = {}
        for posting in self.postings:
            before = nets.get(posting.wallet_id)
            nets[posting.wallet_id] = Leg(
                wallet_id=posting.wallet_id,
                amount=posting.amount + (before.amount if before else 0),
                currency=posting.currency,
                system=posting.wallet_version is None,
            )
        back = self.reversed
        return [replace(leg, amount=leg.amount + back.get(id, 0)) for id, leg in nets.items()]

    def _part(self, amount: int, remaining: Sequence[Leg]) -> list[Leg]:
        if len({leg.currency for leg in remaining}) > 1:
            raise NotReversible(
                f"Transaction {self.id} moved several currencies; it can be reversed only as a whole.",
                transaction_id=str(self.id),
            )
        paid = [leg for leg in remaining if leg.amount > 0]
        total = sum(leg.amount for leg in paid)
        if amount > total:
            raise ExceedsOriginal(
                f"{total} of transaction {self.id} remain to be reversed; {amount} was asked for.",
                transaction_id=str(self.id),
                remaining=total,
            )
        payers = [leg for leg in remaining if leg.amount < 0]
        received = in_proportion(amount, [leg.amount for leg in paid])
        given = in_proportion(amount, [-leg.amount for leg in payers])
        parts = {leg.wallet_id: part for leg, part in zip(paid, received, strict=True)}
        parts |= {leg.wallet_id: -part for leg, part in zip(payers, given, strict=True)}
        return [replace(leg, amount=parts.get(leg.wallet_id, 0)) for leg in remaining]


def _opposite(leg: Leg) -> Iterator[Leg]:
    """The opposite of a leg in as few legs as can be: none of nothing, two of more than a posting counts.

    From the bottom of an overdraft to the top of its range, a wallet may have gained in several legs
    what no single one could take back.
    """
    left = abs(leg.amount)
    while left:
        amount = min(left, AMOUNT_MINOR_MAX)
        left -= amount
        yield replace(leg, amount=-amount if leg.amount > 0 else amount)


def in_proportion(amount: int, weights: Sequence[int]) -> list[int]:
    """Share `amount` in proportion to the weights, no part above its weight; the parts sum to `amount`.

    `amount` is at most the sum of the weights. Rounded by largest remainder, the earlier first.
    """
    total = sum(weights)
    if not 0 <= amount <= total:
        raise ValueError(f"{amount} cannot be shared among {total}")
    if not total:
        return [0] * len(weights)
    parts = [amount * weight // total for weight in weights]
    by_loss = sorted(range(len(weights)), key=lambda index: -(amount * weights[index] % total))
    for index in by_loss[: amount - sum(parts)]:
        parts[index] += 1
    return parts
