"""Further wallets of an account, with limits that can be changed."""

from domain import errors
from domain.scope import Scope
from entrypoints.http.fields import Amount, CurrencyCode, RequestSchema
from entrypoints.http.operations import Patch, Post
from entrypoints.http.order import Order
from entrypoints.http.path_ids import account_id_in_path, wallet_id_in_path
from entrypoints.http.wallet_answer import EXAMPLE, WalletSchema
from service_layer.change_limits import ChangeLimits
from service_layer.open_wallet import OpenWallet

OVERDRAFT = "How far `available` may go below zero. In minor units."
MOST = "The most it may hold; null for no limit of its own. In minor units."


class WalletLimits(RequestSchema):
    """What to change; what is left out stays."""

    overdraft_limit = Amount(minimum=0, metadata={"examples": [50000], "description": OVERDRAFT})
    max_balance = Amount(
        minimum=0, allow_none=True, metadata={"examples": [1000000], "description": MOST}
    )


class WalletRequest(WalletLimits):
    """A wallet of a currency that the account has none of yet."""

    currency = CurrencyCode(required=True)


def _open(order: Order) -> OpenWallet:
    account_id = account_id_in_path(order.path["account_id"])
    return OpenWallet(id=order.id, caller=order.caller, account_id=account_id, **order.fields)


def _change(order: Order) -> ChangeLimits:
    wallet_id = wallet_id_in_path(order.path["wallet_id"])
    return ChangeLimits(id=order.id, caller=order.caller, wallet_id=wallet_id, changes=order.fields)


OPEN = Post(
    rule="/v1/accounts/<account_id>/wallets",
    id="createWallet",
    name="wallet",
    scope=Scope.WALLETS_WRITE,
    summary="Open a further wallet of an account, in another currency",
    make=_open,
    collection="/v1/wallets",
    resource="wallet",
    body=WalletRequest,
    body_example={"currency": "EUR", "overdraft_limit": 50000},
    answer=WalletSchema,
    example=EXAMPLE
    | {
        "currency": "EUR",
        "balance": 0,
        "available": 0,
        "overdraft_limit": 50000,
        "wallet_version": 0,
    },
    tagged=True,
    errors=[
        errors.AccountNotFound,
        errors.AccountClosed,
        errors.CurrencyNotEnabled,
        errors.WalletExists,
    ],
    key_required=False,
)
CHANGE = Patch(
    rule="/v1/wallets/<wallet_id>",
    id="updateWallet",
    name="update-wallet",
    scope=Scope.WALLETS_WRITE,
    summary="Change a wallet's limits",
    make=_change,
    collection="/v1/wallets",
    resource="wallet",
    body=WalletLimits,
    body_example={"overdraft_limit": 50000, "max_balance": None},
    answer=WalletSchema,
    example=EXAMPLE | {"overdraft_limit": 50000},
    errors=[
        errors.WalletNotFound,
        errors.SystemWalletNamed,
        errors.AccountClosed,
        errors.InsufficientFunds,
        errors.BalanceLimitExceeded,
    ],
)
