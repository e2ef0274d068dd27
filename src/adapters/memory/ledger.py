"""The stored books of the in-memory adapter.

A unit of work holds `lock` from its first read to its end, so that units run one after another; queries
take it for a moment. Transactions and postings are only ever appended.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime
from threading import Lock, RLock
from uuid import UUID

from adapters.memory.webhook_ledger import WebhookLedger
from domain.account import Account
from domain.api_key import ApiKey
from domain.audit_entry import AuditEntry
from domain.hold import Expired, Hold
from domain.idempotency import KeptOutcome
from domain.merkle import Node
from domain.quote import Quote
from domain.reversal import Original
from domain.seal import SealedBlock
from domain.transaction import Transaction
from domain.wallet import Wallet
from service_layer.verification import Verification


@dataclass(frozen=True, slots=True, kw_only=True)
class WalletRow:
    """A customer wallet with the times of its row."""

    wallet: Wallet
    created_at: datetime
    updated_at: datetime

    @property
    def times(self) -> tuple[datetime, datetime]:
        """When it was made, and when it last changed."""
        return (self.created_at, self.updated_at)


@dataclass(slots=True, kw_only=True)
class Ledger:
    """`history` has each wallet's transactions in the order of its versions: version n at n - 1.

    `transactions` are in the order of their commits; `numbered` are the first of them, number n at n - 1.
    `committed` are they with the audit `entries` between them; of these, `events` have a number.
    `pending_holds` has, for each wallet, the holds that are stored as pending, due or not.
    """

    accounts: dict[UUID, Account] = field(default_factory=dict)
    account_wallets: dict[UUID, list[UUID]] = field(default_factory=dict)
    account_references: dict[str, UUID] = field(default_factory=dict)
    wallets: dict[UUID, WalletRow] = field(default_factory=dict)
    transactions: dict[UUID, Transaction] = field(default_factory=dict)
    transaction_references: dict[str, UUID] = field(default_factory=dict)
    reversals: dict[UUID, list[UUID]] = field(default_factory=dict)
    history: dict[UUID, list[Transaction]] = field(default_factory=dict)
    kept: dict[tuple[str, str], KeptOutcome] = field(default_factory=dict)
    numbered: list[UUID] = field(default_factory=list)
    numbers: dict[UUID, int] = field(default_factory=dict)
    blocks: list[SealedBlock] = field(default_factory=list)
    nodes: dict[Node, bytes] = field(default_factory=dict)
    verifications: list[Verification] = field(default_factory=list)
    sealing: Lock = field(default_factory=Lock)
    holds: dict[UUID, Hold] = field(default_factory=dict)
    hold_references: dict[str, UUID] = field(default_factory=dict)
    pending_holds: dict[UUID, set[UUID]] = field(default_factory=dict)
    quotes: dict[UUID, Quote] = field(default_factory=dict)
    api_keys: dict[UUID, ApiKey] = field(default_factory=dict)
    api_key_prefixes: dict[str, UUID] = field(default_factory=dict)
    entries: list[AuditEntry] = field(default_factory=list)
    committed: list[Transaction | AuditEntry] = field(default_factory=list)
    events: int = 0
    webhooks: WebhookLedger = field(default_factory=WebhookLedger)
    lock: RLock = field(default_factory=RLock)

    def original(self, transaction_id: UUID) -> Original:
        """A transaction, with what its reversals have posted."""
        made = self.transactions[transaction_id]
        original = Original(id=made.id, type=made.type, postings=made.postings)
        for id in self.reversals.get(transaction_id, ()):
            original = original.after(self.transactions[id].postings)
        return original

    def put_api_key(self, key: ApiKey) -> None:
        """Store an API key, new or changed."""
        self.api_keys[key.id] = key
        self.api_key_prefixes.update((secret.prefix, key.id) for secret in key.secrets)

    def put_entry(self, entry: AuditEntry) -> None:
        """Store an audit entry with its number."""
        self.entries.append(replace(entry, id=len(self.entries) + 1))
        self.committed.append(self.entries[-1])

    def put_hold(self, hold: Hold) -> None:
        """Store a hold, new or changed."""
        self.holds[hold.id] = hold
        pending = self.pending_holds.setdefault(hold.wallet_id, set())
        pending.add(hold.id) if hold.remaining else pending.discard(hold.id)
        if hold.reference is not None:
            self.hold_references[hold.reference] = hold.id

    def over(self, wallet_id: UUID, now: datetime) -> list[Hold]:
        """The wallet's holds that are stored as pending although their instant has come."""
        pending = (self.holds[id] for id in self.pending_holds.get(wallet_id, ()))
        return [hold for hold in pending if hold.is_over(now)]

    def expired(self, wallet_id: UUID, now: datetime) -> Expired | None:
        """What those had reserved; None when there are none."""
        over = self.over(wallet_id, now)
        if not over:
            return None
        last = max(hold.as_of(now).updated_at for hold in over)
        return Expired(remaining=sum(hold.remaining for hold in over), last=last)
