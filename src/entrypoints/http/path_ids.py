"""Ids in paths: what is no UUID names nothing, which is the same answer as an unknown id."""

from uuid import UUID

from domain.errors import (
    AccountNotFound,
    ApiKeyNotFound,
    HoldNotFound,
    QuoteNotFound,
    TransactionNotFound,
    WalletNotFound,
    WebhookDeliveryNotFound,
    WebhookEndpointNotFound,
)
from entrypoints.http.fields import uuid_or_none


def account_id_in_path(text: str) -> UUID:
    """AccountNotFound."""
    found = uuid_or_none(text)
    if found is None:
        raise AccountNotFound("Ids of accounts are UUIDs; the one in the path is not.")
    return found


def wallet_id_in_path(text: str) -> UUID:
    """WalletNotFound."""
    found = uuid_or_none(text)
    if found is None:
        raise WalletNotFound("Ids of wallets are UUIDs; the one in the path is not.")
    return found


def transaction_id_in_path(text: str) -> UUID:
    """TransactionNotFound."""
    found = uuid_or_none(text)
    if found is None:
        raise TransactionNotFound("Ids of transactions are UUIDs; the one in the path is not.")
    return found


def hold_id_in_path(text: str) -> UUID:
    """HoldNotFound."""
    found = uuid_or_none(text)
    if found is None:
        raise HoldNotFound("Ids of holds are UUIDs; the one in the path is not.")
    return found


def quote_id_in_path(text: str) -> UUID:
    """QuoteNotFound."""
    found = uuid_or_none(text)
    if found is None:
        raise QuoteNotFound("Ids of quotes are UUIDs; the one in the path is not.")
    return found


def api_key_id_in_path(text: str) -> UUID:
    """ApiKeyNotFound."""
    found = uuid_or_none(text)
    if found is None:
        raise ApiKeyNotFound("Ids of API keys are UUIDs; the one in the path is not.")
    return found


def endpoint_id_in_path(text: str) -> UUID:
    """WebhookEndpointNotFound."""
    found = uuid_or_none(text)
    if found is None:
        raise WebhookEndpointNotFound("Ids of endpoints are UUIDs; the one in the path is not.")
    return found


def delivery_id_in_path(text: str) -> UUID:
    """WebhookDeliveryNotFound."""
    found = uuid_or_none(text)
    if found is None:
        raise WebhookDeliveryNotFound("Ids of deliveries are UUIDs; the one in the path is not.")
    return found
