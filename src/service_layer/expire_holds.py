"""Note in the books of a batch which holds on its wallets are over."""

from collections.abc import Iterable
from datetime import datetime
from operator import attrgetter
from uuid import UUID

from domain.audit_entry import SYSTEM, Action, AuditEntry
from domain.books import Books
from domain.hold import Expired, Hold
from service_layer.hold_json import hold_to_json


def expire_holds(books: Books, due: Iterable[Hold]) -> None:
    """`due` are all holds on the locked wallets that are stored as pending though their instant has come."""
    expired: dict[UUID, Expired] = {}
    for hold in sorted(due, key=attrgetter("expires_at", "id")):
        over = hold.as_of(books.now)
        before = expired.get(hold.wallet_id)
        reserved = hold.remaining + (before.remaining if before else 0)
        expired[hold.wallet_id] = Expired(remaining=reserved, last=over.updated_at)
        at = books.time_for([books.wallet(hold.wallet_id)])
        books.write_entry(entry_of_expired(over, at))
    if expired:
        books.release_expired(expired)


def entry_of_expired(hold: Hold, at: datetime) -> AuditEntry:
    """Nobody asks for a hold to expire: its instant does it."""
    return AuditEntry(
        action=Action.HOLD_EXPIRED,
        resource_id=hold.id,
        actor=SYSTEM,
        request_id=None,
        body=hold_to_json(hold),
        created_at=at,
    )
