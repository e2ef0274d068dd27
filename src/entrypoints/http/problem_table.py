"""The one table that says how each error is answered over HTTP."""

from domain.errors import PaymentError
from entrypoints.http.domain_problems import DOMAIN_PROBLEMS
from entrypoints.http.exchange_problems import EXCHANGE_PROBLEMS
from entrypoints.http.key_problems import KEY_PROBLEMS
from entrypoints.http.problem_row import Problem
from entrypoints.http.request_problems import REQUEST_PROBLEMS

PROBLEMS: dict[type[PaymentError], Problem] = dict(
    sorted(
        (REQUEST_PROBLEMS | DOMAIN_PROBLEMS | EXCHANGE_PROBLEMS | KEY_PROBLEMS).items(),
        key=lambda row: row[1].status,
    )
)

BY_CODE: dict[str, type[PaymentError]] = {error.code: error for error in PROBLEMS}
