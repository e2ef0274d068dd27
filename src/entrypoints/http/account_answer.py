"""How an account is answered: its schema, its JSON, the 201 that makes it known."""

from marshmallow import fields, validate

from domain.idempotency import Outcome
from domain.wallet import Status
from entrypoints.http.answers import Answer, json_answer
from entrypoints.http.etag import etag_of
from entrypoints.http.fields import (
    AnswerSchema,
    Id,
    Metadata,
    Name,
    reference,
)
from entrypoints.http.problems import refusal_answer
from entrypoints.http.times import utc_time
from entrypoints.http.wallets import EXAMPLE as WALLET_EXAMPLE
from entrypoints.http.wallets import WalletSchema

EXAMPLE = {
    "id": "019aab3e-6f5c-7c02-b5d1-9e8f7a6b5c40",
    "name": "Ada Lovelace",
    "reference": "customer-17",
    "status": "active",
    "metadata": {"tier": "gold"},
    "version": 1,
    "wallets": [WALLET_EXAMPLE],
    "created_at": "2026-11-22T21:04:09.120455Z",
    "updated_at": "2026-11-22T21:04:09.120455Z",
}


class AccountSchema(AnswerSchema):
    """An account with its wallets."""

    id = Id(required=True)
    name = Name(required=True)
    reference = reference(required=True, metadata={"description": "Your own, unique name for it."})
    status = fields.String(
        required=True, validate=validate.OneOf([str(status) for status in Status])
    )
    metadata = Metadata(required=True)
    version = fields.Integer(
        required=True,
        strict=True,
        metadata={"description": "1 for a new account; each change of the account adds one."},
    )
    wallets = fields.List(fields.Nested(WalletSchema), required=True)
    created_at = utc_time("When it was opened")
    updated_at = utc_time("When it last changed")


def account_answer(outcome: Outcome) -> Answer:
    """201 with the account as it was when it was opened; or the refusal."""
    if outcome.refused is not None:
        return refusal_answer(outcome.refused, outcome.request_id, outcome.replayed)
    if outcome.body is None:
        raise RuntimeError("an outcome of opening an account has neither body nor refusal")
    headers = [("Location", f"/v1/accounts/{outcome.body['id']}")]
    if outcome.replayed:
        headers.append(("Idempotency-Replayed", "true"))
    answer = json_answer(outcome.body, 201, headers)
    answer.headers["ETag"] = etag_of(answer.get_data())
    return answer
