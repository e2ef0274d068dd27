"""Batches: many operations in one request."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from flask import request
from marshmallow import fields, validate

from domain.idempotency import Outcome
from domain.scope import Scope
from domain.transaction import Transaction
from entrypoints.http import (
    account_steps,
    accounts,
    conversions,
    hold_steps,
    holds,
    journals,
    replenishments,
    reversals,
    splits,
    transfers,
    wallet_steps,
    withdrawals,
)
from entrypoints.http.answers import Answer
from entrypoints.http.batch_items import Item, Items
from entrypoints.http.batch_orders import batch_of
from entrypoints.http.blueprint import Blueprint
from entrypoints.http.fairness import taking_turns, with_breaths
from entrypoints.http.fields import AnswerSchema, TermsRequest
from entrypoints.http.json_text import dumps_safely
from entrypoints.http.large_bodies import LargeBodies
from entrypoints.http.operations import Post
from entrypoints.http.problems import problem_body, refusal_answer
from entrypoints.http.rate_limits import count_operations
from entrypoints.http.rehearsal import rehearsed
from entrypoints.http.services import Services
from entrypoints.http.transaction_answer import EXAMPLE as TRANSFER_EXAMPLE
from service_layer.ports import NewId
from service_layer.post_batch import Mode
from service_layer.queries import Queries
from service_layer.transaction_json import transaction_to_json

OPERATIONS_MAX = 10_000
BODY_BYTES_MAX = 16 * 1024 * 1024
DESCRIPTION = (
    "A batch carries many operations of any kind in one request, in one database transaction, in their order:"
    " a later one sees what an earlier one did. `independent` operations each have a result of their own;"
    " `atomic` ones are done together or not at all."
)
OPERATIONS = (
    accounts.CREATE,
    *account_steps.STEPS,
    wallet_steps.OPEN,
    wallet_steps.CHANGE,
    replenishments.CREATE,
    withdrawals.CREATE,
    transfers.CREATE,
    splits.CREATE,
    journals.CREATE,
    reversals.CREATE,
    conversions.CREATE,
    holds.CREATE,
    hold_steps.CAPTURE,
    hold_steps.VOID,
)
BODY_EXAMPLE = {
    "mode": "independent",
    "operations": [
        {"type": "transfer", "idempotency_key": "order-1042", **transfers.BODY_EXAMPLE},
        {"type": "withdrawal", **withdrawals.BODY_EXAMPLE},
    ],
}
EXAMPLE: dict[str, Any] = {
    "results": [
        {"status": 201, "resource_type": "transaction", "resource": TRANSFER_EXAMPLE},
        {
            "status": 422,
            "resource_type": "transaction",
            "problem": {
                "type": "/problems/insufficient-funds",
                "title": "Insufficient funds",
                "status": 422,
                "detail": "Wallet 019aab3e-6f5c-7d10-8a4e-3b1f0c9d2e71 has 1000 available"
                " and an overdraft limit of 0; 2500 was asked for.",
                "code": "insufficient-funds",
                "request_id": "019aab52-77d0-7c3b-9a41-0b1c2d3e4f50",
                "available": 1000,
                "wallet_id": "019aab3e-6f5c-7d10-8a4e-3b1f0c9d2e71",
            },
        },
    ]
}


class BatchRequest(TermsRequest):
    """Operations, each as in its own POST."""

    mode = fields.String(
        required=True,
        validate=validate.OneOf([str(mode) for mode in Mode]),
        metadata={
            "description": "`independent`: a refused operation harms no other. `atomic`: the first refusal"
            " refuses the whole batch, with that problem and the `index` of the operation. (A bound key is"
            " not told which of its payments others could not take.)"
        },
    )
    operations = Items(OPERATIONS, length_max=OPERATIONS_MAX, required=True)


class ResultSchema(AnswerSchema):
    """What became of one operation."""

    status = fields.Integer(
        required=True, metadata={"description": "The status that its own POST would have had."}
    )
    resource_type = fields.String(
        required=True,
        validate=validate.OneOf(sorted({post.resource for post in OPERATIONS})),
        metadata={"description": "What it makes or changes."},
    )
    resource = fields.Dict(metadata={"description": "What was made or changed, unless refused."})
    problem = fields.Dict(metadata={"description": "Why it was refused (RFC 9457)."})


class BatchSchema(AnswerSchema):
    """What became of the operations, in their order."""

    results = fields.List(fields.Nested(ResultSchema), required=True)


CREATE = Post(
    rule="/v1/batches",
    id="createBatch",
    name="batch",
    scope=Scope.BATCHES_WRITE,
    bound="each operation as in its own POST.",
    summary="Carry out many operations\n\n"
    "A fault in the form of any operation refuses the whole request, in either mode. Against the rate of"
    " writes a batch counts as its operations, though never as more than a whole window.",
    make=batch_of,
    body=BatchRequest,
    body_example=BODY_EXAMPLE,
    status=200,
    answer=BatchSchema,
    example=EXAMPLE,
    errors=list(dict.fromkeys(error for post in OPERATIONS for error in post.errors)),
)


def batches_blueprint(services: Services) -> Blueprint:
    """Batches, to be carried out; what they make is read where it belongs."""
    blueprint = Blueprint("batches", services, description=DESCRIPTION)
    reader = blueprint.reader(CREATE, bytes_max=BODY_BYTES_MAX)

    large = LargeBodies()

    def view() -> Answer:
        with large.room_for(request.environ, BODY_BYTES_MAX), taking_turns():
            order = reader.read({})
            count_operations(services.rate_limits, len(order.fields["operations"]))
            made = [order.id]
            order.new_id = _noting(order.new_id, made)
            outcome = services.execute_batch(batch_of(order))
            answer = _answer(order.fields["operations"], outcome, services.queries)
            return rehearsed(answer, made) if order.caller.dry_run else answer

    blueprint.add_post(CREATE, view)
    return blueprint


def _noting(new_id: NewId, made: list[UUID]) -> NewId:
    """New ids that are noted, so that a dry run knows what it has not made."""

    def noted() -> UUID:
        made.append(new_id())
        return made[-1]

    return noted


def _answer(items: Sequence[Item], outcome: Outcome, queries: Queries) -> Answer:
    if outcome.refused is not None:
        return refusal_answer(outcome.refused, outcome.request_id, outcome.replayed)
    known = _transactions(outcome.parts, queries)
    parts = zip(with_breaths(items), outcome.parts, strict=True)
    headers = [("Idempotency-Replayed", "true")] if outcome.replayed else []
    results = [_result(item.post, part, known) for item, part in parts]
    return Answer(dumps_safely({"results": results}), headers=headers)


def _transactions(parts: Sequence[Outcome], queries: Queries) -> dict[UUID, Transaction]:
    """Those that the parts name: at hand when they were made just now, else read all at once."""
    known = {part.transaction.id: part.transaction for part in parts if part.transaction}
    named = {part.transaction_id for part in parts if part.transaction_id is not None}
    return known | queries.transactions_by_id(sorted(named - known.keys()))


def _result(post: Post, part: Outcome, known: Mapping[UUID, Transaction]) -> dict[str, Any]:
    if part.refused is not None:
        problem = problem_body(part.refused, part.request_id)
        said: dict[str, Any] = {"status": problem["status"], "problem": problem}
    elif part.transaction_id is not None:
        resource = transaction_to_json(known[part.transaction_id])
        said = {"status": post.status, "resource": resource}
    else:
        said = {"status": post.status, "resource": part.body}
    return {"status": said.pop("status"), "resource_type": post.resource, **said}
