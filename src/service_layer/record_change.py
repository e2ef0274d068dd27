"""Record a change in the audit trail, in the books that carry the change itself."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from domain.audit_entry import Action, AuditEntry
from domain.books import Books
from domain.wallet import Wallet
from service_layer.command import Caller


def record_change(
    books: Books,
    caller: Caller,
    action: Action,
    body: Mapping[str, Any],
    *,
    wallets: Iterable[Wallet] = (),
) -> None:
    """Write the entry of a change that was made; `body` is the representation after it, with its `id`.

    `wallets` are those that it concerns: its time is after that of their last posting, so that the entry
    comes between the transactions that it came between.
    """
    books.write_entry(
        AuditEntry(
            action=action,
            resource_id=UUID(body["id"]),
            actor=caller.actor,
            request_id=caller.request_id,
            body=body,
            created_at=books.time_for(wallets),
        )
    )
