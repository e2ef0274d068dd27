"""What can be done to an account once it is open."""

from collections.abc import Callable

from domain import errors
from domain.scope import Scope
from domain.wallet import Status
from entrypoints.http.account_answer import EXAMPLE, AccountSchema
from entrypoints.http.fields import Count, Metadata, Name, RequestSchema
from entrypoints.http.operations import Patch, Post
from entrypoints.http.order import Order
from entrypoints.http.path_ids import account_id_in_path
from service_layer.change_status import ChangeStatus
from service_layer.update_account import UpdateAccount


class AccountChange(RequestSchema):
    """What to change; what is left out stays."""

    version = Count(
        required=True,
        metadata={"examples": [1], "description": "The account's version when you read it."},
    )
    name = Name(metadata={"description": "The name of its owner."})
    metadata = Metadata(
        metadata={
            "description": "Replaces all that there was: send all of it, or {} to empty it. Up to 50 keys of"
            " 1 to 64 characters."
        }
    )


class NothingMore(RequestSchema):
    """Nothing more is needed; the body may be left out."""


def _update(order: Order) -> UpdateAccount:
    account_id = account_id_in_path(order.path["account_id"])
    return UpdateAccount(id=order.id, caller=order.caller, account_id=account_id, **order.fields)


def _to(status: Status) -> Callable[[Order], ChangeStatus]:
    def make(order: Order) -> ChangeStatus:
        account_id = account_id_in_path(order.path["account_id"])
        return ChangeStatus(id=order.id, caller=order.caller, account_id=account_id, status=status)

    return make


def _step(name: str, summary: str, status: Status, *refusals: type[errors.PaymentError]) -> Post:
    return Post(
        rule=f"/v1/accounts/<account_id>/{name}",
        id=f"{name}Account",
        name=f"{name}-account",
        scope=Scope.ACCOUNTS_WRITE,
        summary=summary,
        make=_to(status),
        collection="/v1/accounts",
        resource="account",
        body=NothingMore,
        body_example={},
        body_required=False,
        status=200,
        answer=AccountSchema,
        example=EXAMPLE | {"status": str(status), "version": 2},
        tagged=True,
        errors=[errors.AccountNotFound, *refusals],
        key_required=False,
    )


UPDATE = Patch(
    rule="/v1/accounts/<account_id>",
    id="updateAccount",
    name="update-account",
    scope=Scope.ACCOUNTS_WRITE,
    summary="Change an account's name or metadata",
    make=_update,
    collection="/v1/accounts",
    resource="account",
    body=AccountChange,
    body_example={"version": 1, "metadata": {"tier": "platinum"}},
    answer=AccountSchema,
    example=EXAMPLE | {"metadata": {"tier": "platinum"}, "version": 2},
    errors=[errors.AccountNotFound, errors.VersionConflict],
)
FREEZE = _step(
    "freeze",
    "Freeze an account\n\nMoney may still come in, but none may leave and nothing may be held.",
    Status.FROZEN,
    errors.AccountClosed,
)
UNFREEZE = _step("unfreeze", "Unfreeze an account", Status.ACTIVE, errors.AccountClosed)
CLOSE = _step(
    "close",
    "Close an empty account, for good\n\nEach of its wallets must have a balance of 0 with nothing held.",
    Status.CLOSED,
    errors.AccountNotEmpty,
)
STEPS = (UPDATE, FREEZE, UNFREEZE, CLOSE)
