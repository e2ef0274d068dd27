"""Holds as rows: what is read becomes values, what is new in the books becomes columns."""

from collections.abc import Collection
from typing import Any

from adapters.postgres.arrays import id_array, json_array, plain_array, text_array
from domain.books import Books
from domain.hold import Hold, HoldStatus

Statement = tuple[str, list[str]]


def hold_from_row(row: tuple[Any, ...]) -> Hold:
    """In the order of the columns of `read_holds`."""
    return Hold(
        id=row[0],
        wallet_id=row[1],
        destination_wallet_id=row[2],
        amount=row[3],
        captured=row[4],
        currency=row[5],
        status=HoldStatus(row[6]),
        expires_at=row[7],
        reference=row[8],
        description=row[9],
        metadata=row[10],
        actor=row[11],
        request_id=row[12],
        created_at=row[13],
        updated_at=row[14],
    )


def hold_statements(books: Books) -> list[Statement]:
    """What has become of holds, for the table `hold`."""
    statements = []
    if books.expired:
        statements.append(
            ("EXECUTE expire_holds (%s, %s)", [id_array(books.expired), str(books.now)])
        )
    if books.new_holds:
        statements.append(_new(books.new_holds.values()))
    if books.changed_holds:
        statements.append(_changed(books.changed_holds.values()))
    return statements


def _new(holds: Collection[Hold]) -> Statement:
    columns = [
        id_array(hold.id for hold in holds),
        id_array(hold.wallet_id for hold in holds),
        id_array(hold.destination_wallet_id for hold in holds),
        plain_array(hold.amount for hold in holds),
        plain_array(hold.captured for hold in holds),
        plain_array(hold.currency for hold in holds),
        plain_array(hold.status for hold in holds),
        plain_array(hold.expires_at for hold in holds),
        text_array(hold.reference for hold in holds),
        text_array(hold.description for hold in holds),
        json_array(hold.metadata for hold in holds),
        text_array(hold.actor for hold in holds),
        text_array(hold.request_id for hold in holds),
        plain_array(hold.created_at for hold in holds),
        plain_array(hold.updated_at for hold in holds),
    ]
    return f"EXECUTE put_holds ({', '.join(['%s'] * len(columns))})", columns


def _changed(holds: Collection[Hold]) -> Statement:
    return "EXECUTE update_holds (%s, %s, %s, %s)", [
        id_array(hold.id for hold in holds),
        plain_array(hold.captured for hold in holds),
        plain_array(hold.status for hold in holds),
        plain_array(hold.updated_at for hold in holds),
    ]
