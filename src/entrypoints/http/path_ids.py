"""Ids in paths: what is no UUID names nothing, which is the same answer as an unknown id."""

from uuid import UUID

from domain.errors import (
    AccountNotFound,
    ApiKeyNotFound,
    HoldNotFound,
    NotFound,
    QuoteNotFound,
    TransactionNotFound,
    WalletNotFound,
    WebhookDeliveryNotFound,
    WebhookEndpointNotFound,
)
from entrypoints.http.fields import uuid_or_none


def account_id_in_path(text: str) -> UUID:
    """AccountNotFound."""
    return _id(text, "accounts", AccountNotFound)


def wallet_id_in_path(text: str) -> UUID:
    """WalletNotFound."""
    return _id(text, "wallets", WalletNotFound)


def transaction_id_in_path(text: str) -> UUID:
    """TransactionNotFound."""
    return _id(text, "transactions", TransactionNotFound)


def hold_id_in_path(text: str) -> UUID:
    """HoldNotFound."""
    return _id(text, "holds", HoldNotFound)


def quote_id_in_path(text: str) -> UUID:
    """QuoteNotFound."""
    return _id(text, "quotes", QuoteNotFound)


def api_key_id_in_path(text: str) -> UUID:
    """ApiKeyNotFound."""
    return _id(text, "API keys", ApiKeyNotFound)


def endpoint_id_in_path(text: str) -> UUID:
    """WebhookEndpointNotFound."""
    return _id(text, "endpoints", WebhookEndpointNotFound)


def delivery_id_in_path(text: str) -> UUID:
    """WebhookDeliveryNotFound."""
    return _id(text, "deliveries", WebhookDeliveryNotFound)


def _id(text: str, things: str, unknown: type[NotFound]) -> UUID:
    found = uuid_or_none(text)
    if found is None:
        raise unknown(f"Ids of {things} are UUIDs; the one in the path is not.")
    return found
