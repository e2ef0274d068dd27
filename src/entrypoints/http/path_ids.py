"""Ids in paths: what is no UUID names nothing, which is the same answer as an unknown id."""

from functools import partial
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


def _id(things: str, unknown: type[NotFound], text: str) -> UUID:
    found = uuid_or_none(text)
    if found is None:
        raise unknown(f"Ids of {things} are UUIDs; the one in the path is not.")
    return found


account_id_in_path = partial(_id, "accounts", AccountNotFound)
wallet_id_in_path = partial(_id, "wallets", WalletNotFound)
transaction_id_in_path = partial(_id, "transactions", TransactionNotFound)
hold_id_in_path = partial(_id, "holds", HoldNotFound)
quote_id_in_path = partial(_id, "quotes", QuoteNotFound)
api_key_id_in_path = partial(_id, "API keys", ApiKeyNotFound)
endpoint_id_in_path = partial(_id, "endpoints", WebhookEndpointNotFound)
delivery_id_in_path = partial(_id, "deliveries", WebhookDeliveryNotFound)
