"""Integrity: what the last verification of all books has found."""

from typing import Any

from marshmallow import fields, validate

from domain.scope import Scope
from domain.times import rfc3339
from entrypoints.http.answers import Answer, json_answer
from entrypoints.http.blueprint import Blueprint
from entrypoints.http.fields import AnswerSchema
from entrypoints.http.operations import Get
from entrypoints.http.services import Services
from service_layer.verification import Verification

DESCRIPTION = "Whether the books add up, as `payments verify` has last seen it."
STATUSES = ("never-verified", "adds-up", "does-not-add-up")
COUNTS = {
    "duration_ms": "How long it took, in milliseconds",
    "transactions": "How many transactions were checked",
    "postings": "How many postings were checked",
    "wallets": "How many wallets were checked",
    "sealed": "How many transactions were sealed",
    "findings": "How much was found that does not add up; `payments verify` says what",
}
EXAMPLE = {
    "status": "adds-up",
    "verified_at": "2026-11-22T21:00:00.004311Z",
    "quick": False,
    "duration_ms": 5120,
    "transactions": 250000,
    "postings": 500000,
    "wallets": 10000,
    "sealed": 249993,
    "findings": 0,
}


def _count(about: str) -> fields.Integer:
    return fields.Integer(
        required=True,
        strict=True,
        allow_none=True,
        metadata={"format": "int64", "minimum": 0, "description": f"{about}."},
    )


class IntegritySchema(AnswerSchema):
    """The last verification; all but the status is null when there was none."""

    status = fields.String(required=True, validate=validate.OneOf(STATUSES))
    verified_at = fields.DateTime(
        required=True,
        allow_none=True,
        metadata={"description": "The moment whose books were checked."},
    )
    quick = fields.Boolean(
        required=True,
        allow_none=True,
        metadata={"description": "Whether sealed transactions were not hashed again."},
    )
    duration_ms = _count(COUNTS["duration_ms"])
    transactions = _count(COUNTS["transactions"])
    postings = _count(COUNTS["postings"])
    wallets = _count(COUNTS["wallets"])
    sealed = _count(COUNTS["sealed"])
    findings = _count(COUNTS["findings"])


GET = Get(
    rule="/v1/integrity",
    id="getIntegrity",
    scope=Scope.INTEGRITY_READ,
    answer=IntegritySchema,
    example=EXAMPLE,
)


def integrity_to_json(last: Verification | None) -> dict[str, Any]:
    """The fields of the contract, in JSON types."""
    if last is None:
        return {**dict.fromkeys(EXAMPLE), "status": "never-verified"}
    return {
        "status": "does-not-add-up" if last.findings else "adds-up",
        "verified_at": rfc3339(last.started_at),
        "quick": last.quick,
        **{name: getattr(last, name) for name in COUNTS},
    }


def integrity_blueprint(services: Services) -> Blueprint:
    """The last verification."""
    blueprint = Blueprint("integrity", services, description=DESCRIPTION)

    @blueprint.get_operation(GET)
    def get_integrity() -> Answer:
        """Get the result of the last verification

        It is as old as `verified_at` says: run `payments verify` from time to time."""
        return json_answer(integrity_to_json(services.verifications.last()))

    return blueprint
