"""Splits: one amount from a wallet among several."""

from typing import Any

from marshmallow import ValidationError, fields, validate

from domain import errors
from domain.scope import Scope
from domain.split import PERCENT_DECIMALS_MAX, Share, percent_units
from domain.transaction import LEGS_MAX
from entrypoints.http.blueprint import Blueprint
from entrypoints.http.fields import Amount, Flag, Id, MoneyRequest, RequestSchema
from entrypoints.http.objects import Objects
from entrypoints.http.operations import Post
from entrypoints.http.order import Order
from entrypoints.http.services import Services
from entrypoints.http.splits_example import BODY_EXAMPLE, EXAMPLE
from entrypoints.http.transaction_answer import POST_REFUSALS, TransactionSchema
from service_layer.split import Split

SHARES_MAX = LEGS_MAX - 1
DESCRIPTION = (
    "A split pays one amount into several wallets: fixed parts, percentages of the whole, and the remainder."
    " Each exact part is rounded down; the units that are then left go one each to the parts that lost most."
    " So the parts are always the whole, and `allocation` shows how each was rounded."
)
REFUSALS = [errors.SameWallet, errors.Unbalanced, *POST_REFUSALS]
_DECIMALS = rf"(\.[0-9]{{1,{PERCENT_DECIMALS_MAX}}})?"
_PERCENT = rf"^(?!0(\.0+)?$)(100(\.0{{1,{PERCENT_DECIMALS_MAX}}})?|[1-9]?[0-9]{_DECIMALS})$"


class Percent(fields.String):
    """An exact decimal; numbers are refused, because many programs would round them."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        try:
            percent_units(value)
        except (TypeError, ValueError):
            raise ValidationError(
                "Must be a string with a decimal above 0 and up to 100, such as 12.5, of up to"
                f" {PERCENT_DECIMALS_MAX} places."
            ) from None
        return str(value)


class ShareRequest(RequestSchema):
    """What a wallet shall get: a fixed part, a percentage of the whole, or the remainder."""

    wallet_id = Id(required=True)
    fixed = Amount(metadata={"description": "In minor units."})
    percent = Percent(
        metadata={
            "pattern": _PERCENT,
            "examples": ["12.5"],
            "description": "Of the whole amount: an exact decimal, as a string.",
        }
    )
    remainder = Flag(
        validate=validate.OneOf([True]),
        metadata={"description": "What the other shares leave; of one share at most."},
    )


def _share(**given: Any) -> Share:
    if len(given) != 2:
        raise ValidationError("Must have exactly one of fixed, percent, remainder.")
    given.pop("remainder", None)
    return Share(**given)


def _at_most_one_remainder(shares: tuple[Share, ...]) -> None:
    if sum(share.is_remainder for share in shares) > 1:
        raise ValidationError("Only one share can take the remainder.")


class SplitRequest(MoneyRequest):
    """What to pay, and who shares in it."""

    source_wallet_id = Id(required=True, metadata={"description": "The wallet that pays."})
    shares = Objects(
        ShareRequest,
        _share,
        length_min=1,
        length_max=SHARES_MAX,
        item_rules={"oneOf": [{"required": [kind]} for kind in ("fixed", "percent", "remainder")]},
        rules={"contains": {"required": ["remainder"]}, "minContains": 0, "maxContains": 1},
        validate=_at_most_one_remainder,
        required=True,
        metadata={
            "description": "Together they are the whole: 422 `unbalanced` when they ask for more, or for"
            " less while none takes the remainder. A share that comes to nothing has no posting."
        },
    )


def _make(order: Order) -> Split:
    return Split(id=order.id, caller=order.caller, **order.fields)


CREATE = Post(
    rule="/v1/splits",
    id="createSplit",
    name="split",
    scope=Scope.SPLITS_WRITE,
    bound="from its wallets alone.",
    summary="Split an amount among several wallets",
    make=_make,
    body=SplitRequest,
    body_example=BODY_EXAMPLE,
    answer=TransactionSchema,
    example=EXAMPLE,
    errors=REFUSALS,
)


def splits_blueprint(services: Services) -> Blueprint:
    """Splits, to be made; they are read as transactions."""
    blueprint = Blueprint("splits", services, description=DESCRIPTION)
    blueprint.add_command(CREATE)
    return blueprint
