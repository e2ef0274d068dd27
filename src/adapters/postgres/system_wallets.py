"""The audit of system wallets: each is where the rules of the domain derive it."""

import sqlalchemy as sa

from domain.wallet import exchange_wallet_id, external_wallet_id

SYSTEM_WALLET_RULES: dict[str, str] = {
    "system-wallet": """
        SELECT 'wallet ' || w.id,
               format('The wallet %s has no account, and is no system wallet of %s.',
                      w.id, w.currency)
        FROM wallet w
        LEFT JOIN unnest(CAST(:currencies AS text[]), CAST(:external_wallet_ids AS uuid[]),
                         CAST(:exchange_wallet_ids AS uuid[]))
             AS system (currency, external_id, exchange_id)
             ON w.id IN (system.external_id, system.exchange_id)
                AND system.currency = w.currency
        WHERE w.account_id IS NULL AND system.currency IS NULL
    """,
}


def system_wallets(connection: sa.Connection) -> dict[str, list[str]]:
    """Each currency beside the ids of its system wallets, as the rules of the domain derive them."""
    currencies = [row.code for row in connection.execute(sa.text("SELECT code FROM currency"))]
    return {
        "currencies": currencies,
        "external_wallet_ids": [str(external_wallet_id(each)) for each in currencies],
        "exchange_wallet_ids": [str(exchange_wallet_id(each)) for each in currencies],
    }
