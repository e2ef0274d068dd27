"""A statement as JSON, written line by line."""

from collections.abc import Iterator
from typing import Any

import orjson
from flask import Response
from marshmallow import fields, validate

from domain.statement import Line, Statement, Totals
from domain.times import rfc3339
from entrypoints.http.answers import JSON
from entrypoints.http.fields import AnswerSchema, CurrencyCode, Id, description, reference
from entrypoints.http.long_answer import LongAnswer
from entrypoints.http.times import minor_units, utc_time
from entrypoints.http.transaction_answer import TYPES
from service_layer.history import Lines

EXAMPLE: dict[str, Any] = {
    "wallet_id": "019aab3e-6f5c-7d10-8a4e-3b1f0c9d2e71",
    "account_id": "019aab3e-6f5c-7c02-b5d1-9e8f7a6b5c40",
    "account_name": "Ada",
    "currency": "USD",
    "from": "2026-11-01T00:00:00.000000Z",
    "to": "2026-12-01T00:00:00.000000Z",
    "final": True,
    "opening_balance": 10000,
    "closing_balance": 8950,
    "movements": 1,
    "lines": [
        {
            "wallet_version": 2,
            "created_at": "2026-11-22T21:07:02.551840Z",
            "type": "transfer",
            "transaction_id": "019aab41-02d9-7f6a-a3b8-5c4d3e2f1a09",
            "reference": "order-1042",
            "description": "Two tickets",
            "amount": -1050,
            "balance_after": 8950,
        }
    ],
    "total_in": 0,
    "total_out": 1050,
}


class StatementLineSchema(AnswerSchema):
    """One movement."""

    wallet_version = fields.Integer(
        required=True,
        strict=True,
        metadata={"format": "int64", "description": "The number of the posting in its wallet."},
    )
    created_at = utc_time("When the money moved")
    type = fields.String(
        required=True,
        validate=validate.OneOf(TYPES),
        metadata={"description": "Why money moved."},
    )
    transaction_id = Id(required=True)
    reference = reference(required=True)
    description = description(required=True)
    amount = minor_units("Signed: negative leaves the wallet, positive enters it")
    balance_after = minor_units("The wallet's balance after this movement")


# `from` is a word of Python, hence `from_dict`.
StatementSchema = AnswerSchema.from_dict(
    {
        "wallet_id": Id(required=True),
        "account_id": Id(required=True),
        "account_name": fields.String(required=True),
        "currency": CurrencyCode(required=True),
        "from": utc_time("The beginning, which belongs to the period"),
        "to": utc_time("The end, which does not"),
        "final": fields.Boolean(
            required=True,
            metadata={"description": "Whether it will always be the same: no line can be added."},
        ),
        "opening_balance": minor_units("The balance before the first movement"),
        "closing_balance": minor_units("The balance after the last one"),
        "movements": fields.Integer(
            required=True,
            strict=True,
            metadata={"format": "int64", "minimum": 0, "description": "How many lines it has."},
        ),
        "lines": fields.List(
            fields.Nested(StatementLineSchema),
            required=True,
            metadata={"description": "Oldest first."},
        ),
        "total_in": minor_units("The sum of what came in"),
        "total_out": minor_units("The sum of what went out, as a positive number"),
    },
    name="Statement",
)


def json_statement(statement: Statement, lines: Lines) -> Response:
    """The fields of the contract; the totals come last, when all lines have been seen."""
    return LongAnswer(_pieces(statement, lines), JSON, [("Vary", "Accept")])


def _pieces(statement: Statement, lines: Lines) -> Iterator[bytes]:
    yield orjson.dumps(_head(statement))[:-1] + b',"lines":['
    totals, comma = Totals(), b""
    for line in lines:
        totals.add(line.amount)
        yield comma + orjson.dumps(_line(line))
        comma = b","
    yield b'],"total_in":%d,"total_out":%d}' % (totals.total_in, totals.total_out)


def _head(statement: Statement) -> dict[str, Any]:
    return {
        "wallet_id": str(statement.wallet_id),
        "account_id": str(statement.account_id),
        "account_name": statement.account_name,
        "currency": statement.currency,
        "from": rfc3339(statement.period.from_time),
        "to": rfc3339(statement.period.to_time),
        "final": statement.final,
        "opening_balance": statement.opening_balance,
        "closing_balance": statement.closing_balance,
        "movements": statement.movements,
    }


def _line(line: Line) -> dict[str, Any]:
    return {
        "wallet_version": line.wallet_version,
        "created_at": rfc3339(line.created_at),
        "type": line.type,
        "transaction_id": str(line.transaction_id),
        "reference": line.reference,
        "description": line.description,
        "amount": line.amount,
        "balance_after": line.balance_after,
    }
