"""The chart of accounts: the operator's view of each wallet.

What a customer has in a wallet, the operator owes: a liability. What has come in from outside the books and
has not left again, the operator has: an asset. So the sign of every posting is turned round.
"""

import re
import unicodedata

from domain.wallet import exchange_wallet_id, external_wallet_id
from service_layer.ledger_lines import Owner

NAME_LENGTH_MAX = 40
ID_LENGTH = 16  # the random half of an id
NAMELESS = "Customer"
THE_END = "; The end: the file is whole."
_NO_PART_OF_A_NAME = re.compile(r"[^A-Za-z0-9]+")


def account_of(owner: Owner) -> str:
    """One account for each wallet, told apart by its id whatever its name; it ends in the currency."""
    currency = owner.currency
    if owner.account_id is not None:
        short_id = owner.account_id.hex[-ID_LENGTH:]
        return f"Liabilities:Customers:{plain(owner.name or '')}-{short_id}:{currency}"
    if owner.wallet_id == external_wallet_id(currency):
        return f"Assets:External:{currency}"
    if owner.wallet_id == exchange_wallet_id(currency):
        return f"Equity:Exchange:{currency}"
    return f"Equity:System-{owner.wallet_id.hex[-ID_LENGTH:]}:{currency}"


def plain(name: str) -> str:
    """What every program takes for a part of an account's name: it begins with a capital or a digit."""
    ascii_only = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    joined = _NO_PART_OF_A_NAME.sub("-", ascii_only)[:NAME_LENGTH_MAX].strip("-")
    return joined[:1].upper() + joined[1:] or NAMELESS


def one_line(text: str) -> str:
    """The same text with no control characters or line breaks in it."""
    return "".join(
        " " if unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"} else character
        for character in text
    )
