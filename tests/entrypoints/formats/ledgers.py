"""Ledgers as the formats see them, without any database."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import strategies as st

from domain.wallet import external_wallet_id
from service_layer.audit import Progress, silent
from service_layer.ledger_lines import Owner, PostingLine, TransactionLine, WalletLine

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
EXPONENTS = {"BHD": 3, "JPY": 0, "USD": 2}
TEXTS = st.one_of(
    st.text(min_size=1, max_size=30),
    st.sampled_from(
        [
            '"',
            "\\",
            '\\"',
            "; date:2020-99-99",
            "[2020-13-45]",
            "(x)",
            "* !",
            "a  b",
            "| {x}",
            "#tag ^link",
            "line\nbreak",
            "2020-01-01 open Assets:X",
            "=1",
            "x:",
            "名前",
            "é" * 200,
            "\u2028",
            "\x85",
        ]
    ),
)
IDS = st.uuids(version=4)


@dataclass(frozen=True, kw_only=True)
class FakeLedger:
    """The lines of a ledger, in lists."""

    lines: list[TransactionLine]
    since: datetime = NOON
    at: datetime = NOON + timedelta(days=3)

    @property
    def exponents(self) -> Mapping[str, int]:
        return EXPONENTS

    def wallets(self, progress: Progress = silent) -> Iterator[WalletLine]:
        owners = {p.owner.wallet_id: p.owner for line in self.lines for p in line.postings}
        balances: Counter[UUID] = Counter()
        for line in self.lines:
            for posting in line.postings:
                balances[posting.owner.wallet_id] += posting.amount
        for wallet_id, owner in owners.items():
            yield WalletLine(
                owner=owner, reference=owner.name, since=self.since, balance=balances[wallet_id]
            )

    def transactions(self, progress: Progress = silent) -> Iterator[TransactionLine]:
        yield from self.lines


def customer(name: str, number: int, currency: str = "USD") -> Owner:
    return Owner(
        wallet_id=UUID(bytes=currency.encode().rjust(8) + number.to_bytes(8, "big")),
        account_id=UUID(int=number),
        name=name,
        currency=currency,
    )


def external(currency: str = "USD") -> Owner:
    return Owner(wallet_id=external_wallet_id(currency), currency=currency)


def paid(
    source: Owner, destination: Owner, amount: int, number: int = 1, **more: object
) -> TransactionLine:
    """`amount` minor units from one to another."""
    fields: dict[str, object] = {
        "id": UUID(int=number),
        "type": "transfer",
        "created_at": NOON + timedelta(minutes=number),
        "metadata": {},
        "postings": (
            PostingLine(leg=0, owner=source, amount=-amount),
            PostingLine(leg=1, owner=destination, amount=amount),
        ),
    }
    return TransactionLine(**(fields | more))  # type: ignore[arg-type]


@st.composite
def ledgers(draw: st.DrawFn) -> FakeLedger:
    """Customers with any name who pay each other, in several currencies."""
    names = draw(st.lists(TEXTS, min_size=2, max_size=6))
    lines = []
    for number in range(draw(st.integers(0, 12))):
        code = draw(st.sampled_from([*EXPONENTS]))
        everybody = [customer(name, each, code) for each, name in enumerate(names, 1)]
        pair = draw(st.permutations([external(code), *everybody]))[:2]
        line = paid(
            *pair,
            amount=draw(st.one_of(st.integers(1, 2000), st.just(2**53 - 1))),
            number=number + 1,
            description=draw(st.one_of(st.none(), TEXTS)),
            reference=draw(st.one_of(st.none(), TEXTS)),
            metadata=draw(st.dictionaries(TEXTS, TEXTS, max_size=2)),
            reverses=draw(st.one_of(st.none(), IDS)),
            hold_id=draw(st.one_of(st.none(), IDS)),
        )
        lines.append(line)
    return FakeLedger(lines=lines)
