"""Transactions: what was moved, for good."""

from typing import Any

from marshmallow import fields, validate

from domain.errors import TransactionNotFound
from domain.scope import Scope
from entrypoints.http.answers import Answer
from entrypoints.http.blueprint import Blueprint
from entrypoints.http.fields import Id, reference
from entrypoints.http.final_answers import FinalAnswers
from entrypoints.http.journals import CREATE as JOURNAL
from entrypoints.http.metadata_filter import MetadataFilter
from entrypoints.http.operations import Get
from entrypoints.http.paging import (
    PageQuery,
    page_answer,
    page_example,
    page_schema,
    read_id_cursor,
)
from entrypoints.http.path_ids import transaction_id_in_path
from entrypoints.http.periods import check_period
from entrypoints.http.services import Services
from entrypoints.http.times import Time
from entrypoints.http.transaction_answer import (
    EXAMPLE,
    TYPES,
    TransactionSchema,
)
from service_layer.transaction_filter import TransactionFilter
from service_layer.transaction_json import transaction_to_json

DESCRIPTION = (
    "A transaction is one movement of money: two or more postings that sum to zero in each currency."
    " It never changes once it is made. A journal is one of which you name every posting yourself."
)


class TransactionsQuery(PageQuery):
    """Which transactions."""

    type = fields.String(
        validate=validate.OneOf(TYPES),
        metadata={"description": "Those of one type."},
    )
    reference = reference(
        allow_none=False, metadata={"description": "The one with this reference."}
    )
    hold_id = Id(metadata={"description": "The captures of one hold."})
    wallet_id = Id(metadata={"description": "Those with a posting on this wallet."})
    account_id = Id(metadata={"description": "Those with a posting on a wallet of this account."})
    from_time = Time(data_key="from", metadata={"description": "From this time on."})
    to_time = Time(data_key="to", metadata={"description": "Before this time."})
    metadata = MetadataFilter()


LIST = Get(
    rule="/v1/transactions",
    id="listTransactions",
    scope=Scope.TRANSACTIONS_READ,
    bound="lists what touches its wallets; balances of others are null.",
    query=TransactionsQuery,
    answer=page_schema(TransactionSchema, "Transaction"),
    example=page_example(EXAMPLE),
)
GET = Get(
    rule="/v1/transactions/<transaction_id>",
    id="getTransaction",
    scope=Scope.TRANSACTIONS_READ,
    bound="shows what touches its wallets; balances of others are null.",
    answer=TransactionSchema,
    example=EXAMPLE,
    errors=[TransactionNotFound],
    tagged=True,
)


def transactions_blueprint(services: Services) -> Blueprint:
    """Transactions of every type, to be read."""
    blueprint = Blueprint("transactions", services, description=DESCRIPTION)
    queries = services.queries
    final = FinalAnswers(services.read_cache, TransactionSchema)
    blueprint.add_command(JOURNAL)

    @blueprint.get_operation(LIST)
    def list_transactions(*, limit: int, cursor: str | None = None, **wanted: Any) -> Answer:
        """List transactions, newest first

        All filters that are given must fit. The order is that of `created_at`."""
        before = read_id_cursor("transactions", cursor)
        chosen = TransactionFilter(**wanted)
        check_period(chosen.from_time, chosen.to_time)
        found = queries.transactions(chosen, before=before, limit=limit + 1)
        return page_answer("transactions", [transaction_to_json(item) for item in found], limit)

    @blueprint.get_operation(GET)
    def get_transaction(transaction_id: str) -> Answer:
        """Get a transaction"""
        id = transaction_id_in_path(transaction_id)
        return final.answer(str(id), lambda: transaction_to_json(queries.transaction(id)))

    return blueprint
