"""Holds: money that is reserved now, paid later or never."""

from uuid import UUID

from marshmallow import fields, validate

from domain import errors
from domain.hold import HoldStatus
from domain.scope import Scope
from entrypoints.http.answers import Answer
from entrypoints.http.blueprint import Blueprint
from entrypoints.http.etag import tagged_answer
from entrypoints.http.fields import Id, MoneyRequest, reference
from entrypoints.http.hold_answer import EXAMPLE, STATUSES, HoldSchema
from entrypoints.http.hold_steps import CAPTURE, VOID
from entrypoints.http.operations import Get, Post
from entrypoints.http.order import Order
from entrypoints.http.paging import (
    PageQuery,
    page_answer,
    page_example,
    page_schema,
    read_id_cursor,
)
from entrypoints.http.path_ids import hold_id_in_path
from entrypoints.http.services import Services
from entrypoints.http.times import Time
from entrypoints.http.transaction_answer import POST_REFUSALS
from service_layer.hold_json import hold_to_json
from service_layer.place_hold import PlaceHold

DESCRIPTION = (
    "A hold reserves money on a wallet until it is captured, voided or expired. What is held stays in the"
    " wallet's `balance` but is not `available`."
)
BODY_EXAMPLE = {
    "wallet_id": "019aab3e-6f5c-7d10-8a4e-3b1f0c9d2e71",
    "destination_wallet_id": "019aab40-11b7-7a55-8c0d-2e4f6a8b0c1d",
    "amount": 5000,
    "currency": "USD",
    "expires_at": "2026-11-29T21:07:02Z",
    "reference": "authorization-1042",
    "description": "Hotel, two nights",
    "metadata": {"booking": "2026-1042"},
}
REFUSALS = [errors.SameWallet, *POST_REFUSALS, errors.HoldExpired]


class HoldRequest(MoneyRequest):
    """What to reserve where."""

    wallet_id = Id(required=True, metadata={"description": "The wallet whose money is reserved."})
    destination_wallet_id = Id(
        allow_none=True,
        metadata={
            "description": "Whom captures pay. Left out, each capture may name a wallet;"
            " one that names none pays out of the books."
        },
    )
    expires_at = Time(
        allow_none=True,
        metadata={"description": "The instant that ends it, in the future. Left out: none does."},
    )
    reference = reference(metadata={"description": "Your own name for it, unique among holds."})


class HoldsQuery(PageQuery):
    """Which holds."""

    wallet_id = Id(metadata={"description": "Those on one wallet."})
    status = fields.String(
        validate=validate.OneOf(STATUSES),
        metadata={
            "description": "Those of one status; a hold is expired from its instant on.",
        },
    )
    reference = reference(
        allow_none=False, metadata={"description": "The one with this reference."}
    )


def _place(order: Order) -> PlaceHold:
    return PlaceHold(id=order.id, caller=order.caller, **order.fields)


CREATE = Post(
    rule="/v1/holds",
    id="createHold",
    name="hold",
    scope=Scope.HOLDS_WRITE,
    bound="on its wallets alone.",
    summary="Reserve money on a wallet",
    make=_place,
    collection="/v1/holds",
    resource="hold",
    body=HoldRequest,
    body_example=BODY_EXAMPLE,
    answer=HoldSchema,
    example=EXAMPLE,
    tagged=True,
    errors=REFUSALS,
)
LIST = Get(
    rule="/v1/holds",
    id="listHolds",
    scope=Scope.HOLDS_READ,
    bound="lists holds on its wallets.",
    query=HoldsQuery,
    answer=page_schema(HoldSchema, "Hold"),
    example=page_example(EXAMPLE),
)
GET = Get(
    rule="/v1/holds/<hold_id>",
    id="getHold",
    scope=Scope.HOLDS_READ,
    bound="shows holds on its wallets.",
    answer=HoldSchema,
    example=EXAMPLE,
    tagged=True,
    errors=[errors.HoldNotFound],
)


def holds_blueprint(services: Services) -> Blueprint:
    """Holds, to be placed, captured, voided, or read."""
    blueprint = Blueprint("holds", services, description=DESCRIPTION)
    for operation in (CREATE, CAPTURE, VOID):
        blueprint.add_command(operation)
    _add_reads(blueprint, services)
    return blueprint


def _add_reads(blueprint: Blueprint, services: Services) -> None:
    queries = services.hold_queries

    @blueprint.get_operation(LIST)
    def list_holds(
        *,
        limit: int,
        wallet_id: UUID | None = None,
        status: str | None = None,
        reference: str | None = None,
        cursor: str | None = None,
    ) -> Answer:
        """List holds, newest first"""
        found = queries.holds(
            wallet_id=wallet_id,
            status=None if status is None else HoldStatus(status),
            reference=reference,
            before=read_id_cursor("holds", cursor),
            limit=limit + 1,
        )
        return page_answer("holds", [hold_to_json(hold) for hold in found], limit)

    @blueprint.get_operation(GET)
    def get_hold(hold_id: str) -> Answer:
        """Get a hold"""
        return tagged_answer(hold_to_json(queries.hold(hold_id_in_path(hold_id))))
