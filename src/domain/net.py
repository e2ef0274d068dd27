"""Judge a transaction by what it does to each wallet as a whole.

When a wallet stands in several legs, money may leave it before it comes back: the order in which a client
happened to list the legs must not decide whether there is enough.
"""

from collections.abc import Mapping, Sequence
from uuid import UUID

from domain.books import Books
from domain.errors import BalanceLimitExceeded
from domain.money import AMOUNT_MINOR_MAX
from domain.transaction import Leg
from domain.wallet import Wallet


def check_net(legs: Sequence[Leg], before: Mapping[UUID, Wallet], books: Books) -> None:
    """Check each wallet of `before` against the sum of its legs, in the order in which they first stand.

    Errors for each wallet: CurrencyNotEnabled; those of `Wallet.check_posting`; BalanceLimitExceeded when its
    balance could leave the range of amounts on the way, in whatever order its legs are posted.
    """
    own: dict[UUID, list[Leg]] = {id: [] for id in before}
    for leg in legs:
        if not leg.system:
            own[leg.wallet_id].append(leg)
    for id, wallet in before.items():
        _check_wallet(wallet, own[id], books)


def _check_wallet(wallet: Wallet, legs: Sequence[Leg], books: Books) -> None:
    currency = wallet.currency
    for leg in legs:
        if leg.currency != wallet.currency:
            books.check_currency(leg.currency)
            currency = leg.currency
    wallet = wallet.holding(-sum(leg.released for leg in legs))
    wallet.check_posting(sum(leg.amount for leg in legs), currency)
    paid_in = sum(leg.amount for leg in legs if leg.amount > 0)
    paid_out = sum(-leg.amount for leg in legs if leg.amount < 0)
    if max(wallet.balance + paid_in, paid_out - wallet.balance) > AMOUNT_MINOR_MAX:
        raise BalanceLimitExceeded(
            f"The legs on wallet {wallet.id} are more than a balance can count on the way.",
            wallet_id=str(wallet.id),
            limit=AMOUNT_MINOR_MAX,
        )
