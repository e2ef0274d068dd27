"""Statements: what a wallet had, what moved in a period, what it has then."""

from collections.abc import Callable
from datetime import datetime

from flask import Response, request

from domain.errors import WalletNotFound
from domain.period import Period
from domain.scope import Scope
from domain.statement import Statement
from entrypoints.http.accept import check_accept
from entrypoints.http.answers import JSON
from entrypoints.http.blueprint import Blueprint
from entrypoints.http.fields import RequestSchema
from entrypoints.http.operations import Get
from entrypoints.http.path_ids import wallet_id_in_path
from entrypoints.http.periods import check_period
from entrypoints.http.request_errors import StatementTooLong
from entrypoints.http.services import Services
from entrypoints.http.statement_answer import EXAMPLE, StatementSchema, json_statement
from entrypoints.http.statement_csv import CSV, CSV_EXAMPLE, csv_statement
from entrypoints.http.statement_pdf import PDF, PDF_EXAMPLE, pdf_statement
from entrypoints.http.times import Time
from service_layer.history import Lines, lines_of

DESCRIPTION = (
    "A statement of a wallet: the balance at the beginning of a period, each movement in it, the balance at"
    " its end. As JSON or CSV it can have any length; as PDF it is for people."
)


class StatementQuery(RequestSchema):
    """The period; `from` is a word of Python, hence `data_key`."""

    from_time = Time(required=True, data_key="from", metadata={"description": "From this time on."})
    to_time = Time(required=True, data_key="to", metadata={"description": "Before this time."})


GET = Get(
    rule="/v1/wallets/<wallet_id>/statement",
    id="getWalletStatement",
    scope=Scope.WALLETS_READ,
    bound="of its wallets alone.",
    query=StatementQuery,
    answer=StatementSchema,
    example=EXAMPLE,
    errors=[WalletNotFound, StatementTooLong],
    other_forms={CSV: CSV_EXAMPLE, PDF: PDF_EXAMPLE},
)
FORMS: dict[str, Callable[[Statement, Lines], Response]] = {
    JSON: json_statement,
    CSV: csv_statement,
    PDF: pdf_statement,
}


def statements_blueprint(services: Services) -> Blueprint:
    """Statements in every form."""
    blueprint = Blueprint("statements", services, description=DESCRIPTION)
    history = services.history

    @blueprint.get_operation(GET)
    def get_wallet_statement(*, wallet_id: str, from_time: datetime, to_time: datetime) -> Response:
        """Get the statement of a wallet for a period

        The Accept header chooses among JSON, CSV, PDF. To one that is `final` nothing will be added."""
        answer = FORMS[check_accept(request.environ, GET.forms)]
        check_period(from_time, to_time)
        period = Period(from_time=from_time, to_time=to_time)
        statement = history.statement(wallet_id_in_path(wallet_id), period)
        return answer(statement, lines_of(history, statement))

    return blueprint
