"""Split an amount into shares that sum to the whole.

A share asks for a fixed part, a percentage of the whole, or the remainder. Parts are reckoned exactly, as
integers of 10^-12 minor units (`trillionths`), and rounded to minor units by largest remainder.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from domain.errors import Unbalanced

PERCENT_DECIMALS_MAX = 10
TRILLIONTHS = 10**12
_PERCENT_UNITS = 10**PERCENT_DECIMALS_MAX
_PERCENT = re.compile(rf"(0|[1-9][0-9]{{0,2}})(?:\.([0-9]{{1,{PERCENT_DECIMALS_MAX}}}))?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What a wallet shall get: `fixed` minor units, a `percent` such as "12.5", or else the remainder."""

    wallet_id: UUID
    fixed: int | None = None
    percent: str | None = None

    @property
    def is_remainder(self) -> bool:
        """Whether this share takes what the others leave."""
        return self.fixed is None and self.percent is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What a share got: `amount` minor units, which is its `exact` part with the `rounding` added.

    Both are exact decimal strings, in minor units.
    """

    share: Share
    amount: int
    exact: str
    rounding: str

    def to_json(self) -> dict[str, Any]:
        """JSON types: how it is stored. Of what the share asked for, there is only what it named."""
        asked = {"fixed": self.share.fixed, "percent": self.share.percent}
        return {
            "wallet_id": str(self.share.wallet_id),
            **{name: value for name, value in asked.items() if value is not None},
            "amount": self.amount,
            "exact": self.exact,
            "rounding": self.rounding,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Part":
        """What `to_json` has made."""
        share = Share(
            wallet_id=UUID(stored["wallet_id"]),
            fixed=stored.get("fixed"),
            percent=stored.get("percent"),
        )
        return cls(
            share=share,
            amount=stored["amount"],
            exact=stored["exact"],
            rounding=stored["rounding"],
        )


def percent_units(percent: str) -> int:
    """A percentage as an integer of 10^-10 percent; ValueError unless above 0 and up to 100."""
    match = _PERCENT.fullmatch(percent)
    if match is None:
        raise ValueError(f"not a decimal of up to {PERCENT_DECIMALS_MAX} places: {percent!r}")
    whole, decimals = match.groups(default="")
    units = int(whole + decimals.ljust(PERCENT_DECIMALS_MAX, "0"))
    if not 0 < units <= 100 * _PERCENT_UNITS:
        raise ValueError(f"not a percentage above 0 and up to 100: {percent!r}")
    return units


def allocate(amount: int, shares: Sequence[Share]) -> tuple[Part, ...]:
    """The part of each share, in their order; together they are `amount` minor units.

    Each exact part is rounded down. The units that are then left go one each to the parts that lost most, the
    earlier share first when two lost the same. A part may be 0. Unbalanced when the shares ask for more than
    the whole, or for less while none takes the remainder.
    """
    exact = _exact_parts(amount, shares)
    amounts = [part // TRILLIONTHS for part in exact]
    by_loss = sorted(range(len(exact)), key=lambda index: -(exact[index] % TRILLIONTHS))
    for index in by_loss[: amount - sum(amounts)]:
        amounts[index] += 1
    return tuple(
        Part(
            share=share,
            amount=rounded,
            exact=_decimal(part),
            rounding=_decimal(rounded * TRILLIONTHS - part),
        )
        for share, part, rounded in zip(shares, exact, amounts, strict=True)
    )


def _exact_parts(amount: int, shares: Sequence[Share]) -> list[int]:
    """In trillionths; they sum to the whole exactly."""
    parts = [_asked(amount, share) for share in shares]
    rest = amount * TRILLIONTHS - sum(parts)
    takers = [index for index, share in enumerate(shares) if share.is_remainder]
    if len(takers) > 1:
        raise ValueError("only one share can take the remainder")
    if rest < 0:
        raise Unbalanced(f"The shares ask for {_decimal(-rest)} more than the amount of {amount}.")
    if takers:
        parts[takers[0]] = rest
    elif rest:
        raise Unbalanced(
            f"The shares leave {_decimal(rest)} of the amount of {amount}; no share takes the remainder."
        )
    return parts


def _asked(amount: int, share: Share) -> int:
    if share.fixed is not None:
        return share.fixed * TRILLIONTHS
    return 0 if share.percent is None else amount * percent_units(share.percent)


def _decimal(trillionths: int) -> str:
    """Without trailing zeros: 2500000000000 is "2.5"."""
    whole, part = divmod(abs(trillionths), TRILLIONTHS)
    decimals = f"{part:012d}".rstrip("0")
    sign = "-" if trillionths < 0 else ""
    return f"{sign}{whole}.{decimals}" if decimals else f"{sign}{whole}"
