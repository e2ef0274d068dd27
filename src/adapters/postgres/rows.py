"""Rows of the money road to domain values."""

from typing import Any

from domain.errors import refusal
from domain.idempotency import KeptOutcome, Outcome
from domain.wallet import NEVER, Status, Wallet

STATUS = {status.value: status for status in Status}


def wallet_from_row(row: tuple[Any, ...]) -> Wallet:
    """In the order of the columns of `lock_wallets`."""
    return Wallet(
        id=row[0],
        account_id=row[1],
        currency=row[2],
        status=STATUS[row[3]],
        balance=row[4],
        held=row[5],
        overdraft_limit=row[6],
        max_balance=row[7],
        version=row[8],
        last_posted_at=row[9] or NEVER,
    )


def kept_from_row(row: tuple[Any, ...]) -> KeptOutcome:
    """In the order of the columns of `find_keys`."""
    _, _, fingerprint, transaction_id, stored, request_id = row
    outcome = _outcome(transaction_id, stored or {"request_id": request_id})
    return KeptOutcome(fingerprint=bytes(fingerprint), outcome=outcome)


def _outcome(transaction_id: Any, stored: dict[str, Any]) -> Outcome:
    refused = stored.get("refused")
    return Outcome(
        transaction_id=transaction_id,
        body=stored.get("body"),
        refused=None if refused is None else refusal(**refused),
        request_id=stored["request_id"],
    )


def stored_outcome(outcome: Outcome) -> dict[str, Any] | None:
    """What is kept beside a key; None where the transaction's id says it all."""
    if outcome.refused is not None:
        refused = outcome.refused
        said = {"code": refused.code, "detail": refused.detail, "data": refused.data}
        return {"refused": said, "request_id": outcome.request_id}
    if outcome.body is not None:
        return {"body": outcome.body, "request_id": outcome.request_id}
    return None
