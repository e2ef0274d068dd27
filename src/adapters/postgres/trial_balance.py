"""The trial balance on PostgreSQL: one statement, hence one moment."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from adapters.postgres.reader import Reader
from domain.wallet import exchange_wallet_id, external_wallet_id
from service_layer.trial_balance import CurrencyTotals

# A row for each system wallet of each currency, with what customers have of it.
TOTALS = sa.text("""
    SELECT code, customers.balance, wallet.id AS wallet_id,
           (SELECT sum(amount) FROM posting WHERE wallet_id = wallet.id) AS posted
    FROM currency
    LEFT JOIN (SELECT currency, sum(balance) AS balance FROM wallet
               WHERE account_id IS NOT NULL GROUP BY currency) AS customers ON customers.currency = code
    LEFT JOIN wallet ON wallet.currency = code AND wallet.account_id IS NULL
""")


class PostgresTrialBalance:
    """Of all currencies that the books have had."""

    def __init__(self, engine: sa.Engine) -> None:
        self._rows = Reader(engine).rows

    def totals(self) -> list[CurrencyTotals]:
        rows = self._rows(TOTALS)
        customers = {row.code: int(row.balance or 0) for row in rows}
        posted: dict[UUID, Any] = {row.wallet_id: row.posted for row in rows}
        return [
            CurrencyTotals(
                currency=code,
                customers=customers[code],
                external=int(posted.get(external_wallet_id(code)) or 0),
                exchange=int(posted.get(exchange_wallet_id(code)) or 0),
            )
            for code in sorted(customers)
        ]
