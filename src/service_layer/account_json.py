"""An account or a wallet in JSON types, as a command has left it: kept under its key."""

from typing import Any

from domain.account import Account
from domain.books import Books
from domain.wallet import Wallet
from service_layer.read_models import AccountView, WalletView


def account_to_json(account: Account, books: Books) -> dict[str, Any]:
    """With all its wallets, which the command has named."""
    wallets = tuple(_view(wallet, books) for wallet in books.wallets_of(account.id))
    return AccountView.of(account, wallets).to_json()


def wallet_to_json(wallet: Wallet, books: Books) -> dict[str, Any]:
    """A wallet that the command shows."""
    return _view(wallet, books).to_json()


def _view(wallet: Wallet, books: Books) -> WalletView:
    created_at, updated_at = books.times_of(wallet)
    return WalletView.of(wallet, created_at=created_at, updated_at=updated_at)
