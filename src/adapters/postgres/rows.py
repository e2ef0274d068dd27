"""Rows of the money road to domain values."""

from collections.abc import Iterable
from typing import Any

from domain.errors import refusal
from domain.idempotency import KeptOutcome, Outcome
from domain.wallet import NEVER, Status, Wallet

STATUS = {status.value: status for status in Status}


Row = tuple[Any, ...]


def sorted_out(rows: Iterable[Row]) -> tuple[list[Row], list[Row]]:
    """The rows of `open_books`: wallets, keys."""
    wallets: list[Row] = []
    keys: list[Row] = []
    for row in rows:
        (keys if row[0] is None else wallets).append(row)
    return wallets, keys


def wallet_from_row(row: Row) -> Wallet:
    """In the order of the columns of `open_books`."""
    return Wallet(
        id=row[0],
        currency=row[1],
        status=STATUS[row[2]],
        balance=row[3],
        held=row[4],
        overdraft_limit=row[5],
        max_balance=row[6],
        version=row[7],
        last_posted_at=row[8] or NEVER,
        account_id=row[9],
    )


def kept_from_row(row: Row) -> KeptOutcome:
    """In the order of the columns of `open_books`, after those of a wallet."""
    fingerprint, transaction_id, stored, request_id = row[12:]
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
