"""What commands name: all of it is locked or looked up before any of them decides."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """Of one command, or of a whole batch (`Claims.of`).

    The rows of `wallet_ids` are locked. `hold_ids` stand for the wallets of these holds, `transaction_ids`
    for those of transactions that were made before, `account_ids` for the accounts with all their wallets.
    `endpoint_ids` are webhook endpoints, `delivery_ids` webhook deliveries.
    `shown_wallet_ids` are wallets that are answered with the times of their rows. `quote_ids` lock nothing: a
    quote never changes, and its use is unique. A `hasty` unit of work hardly waits for locks that others
    hold.
    """

    hasty: bool = False
    wallet_ids: Collection[UUID] = ()
    shown_wallet_ids: Collection[UUID] = ()
    account_ids: Collection[UUID] = ()
    hold_ids: Collection[UUID] = ()
    transaction_ids: Collection[UUID] = ()
    key_names: Collection[tuple[str, str]] = ()
    account_references: Collection[str] = ()
    transaction_references: Collection[str] = ()
    hold_references: Collection[str] = ()
    quote_ids: Collection[UUID] = ()
    api_key_ids: Collection[UUID] = ()
    endpoint_ids: Collection[UUID] = ()
    delivery_ids: Collection[UUID] = ()

    @classmethod
    def of(cls, each: Iterable["Claims"], *, hasty: bool = False) -> "Claims":
        """Everything that is named in any of these, once."""
        all = list(each)
        return cls(
            hasty=hasty,
            wallet_ids=frozenset([id for one in all for id in one.wallet_ids]),
            shown_wallet_ids=frozenset([id for one in all for id in one.shown_wallet_ids]),
            account_ids=frozenset([id for one in all for id in one.account_ids]),
            hold_ids=frozenset([id for one in all for id in one.hold_ids]),
            transaction_ids=frozenset([id for one in all for id in one.transaction_ids]),
            key_names=frozenset([name for one in all for name in one.key_names]),
            account_references=frozenset([text for one in all for text in one.account_references]),
            transaction_references=frozenset(
                [text for one in all for text in one.transaction_references]
            ),
            hold_references=frozenset([text for one in all for text in one.hold_references]),
            quote_ids=frozenset([id for one in all for id in one.quote_ids]),
            api_key_ids=frozenset([id for one in all for id in one.api_key_ids]),
            endpoint_ids=frozenset([id for one in all for id in one.endpoint_ids]),
            delivery_ids=frozenset([id for one in all for id in one.delivery_ids]),
        )


def named(reference: str | None) -> tuple[str, ...]:
    """A reference as a claim, where there is one."""
    return () if reference is None else (reference,)
