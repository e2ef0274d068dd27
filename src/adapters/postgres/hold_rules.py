"""The rules of `domain.hold_check` as queries whose rows are findings."""

# What the pending holds on each wallet reserve.
RESERVED = """
reserved AS (
    SELECT wallet_id, sum(amount - captured) AS held
    FROM hold WHERE status = 'pending' GROUP BY wallet_id
)
"""

HOLD_RULES: dict[str, str] = {
    "held": f"""WITH {RESERVED}
        SELECT 'wallet ' || w.id,
               format('The row of wallet %s says that %s is held; its pending holds say %s.',
                      w.id, w.held, coalesce(reserved.held, 0))
        FROM wallet w LEFT JOIN reserved ON reserved.wallet_id = w.id
        WHERE w.held <> coalesce(reserved.held, 0)
    """,  # noqa: S608 - both texts are ours
    "captured": """
        WITH paid AS (
            SELECT h.id, -sum(p.amount) AS captured
            FROM transaction t
            JOIN hold h ON h.id = t.hold_id
            JOIN posting p ON p.transaction_id = t.id AND p.wallet_id = h.wallet_id
            WHERE t.hold_id IS NOT NULL
            GROUP BY h.id
        )
        SELECT 'hold ' || h.id,
               format('The hold %s says that %s was captured; its captures say %s.',
                      h.id, h.captured, coalesce(paid.captured, 0))
        FROM hold h LEFT JOIN paid ON paid.id = h.id
        WHERE h.captured <> coalesce(paid.captured, 0)
    """,
    "orphan-capture": """
        SELECT 'transaction ' || t.id,
               format('The transaction %s captures hold %s, which does not exist.', t.id, t.hold_id)
        FROM transaction t LEFT JOIN hold h ON h.id = t.hold_id
        WHERE t.hold_id IS NOT NULL AND h.id IS NULL
    """,
    "orphan-hold": """
        SELECT 'hold ' || h.id,
               format('The hold %s names wallet %s, which is no customer''s wallet of %s.',
                      h.id, named.id, h.currency)
        FROM hold h
        CROSS JOIN LATERAL (VALUES (h.wallet_id), (h.destination_wallet_id)) AS named (id)
        LEFT JOIN wallet w ON w.id = named.id
        WHERE named.id IS NOT NULL
          AND (w.account_id IS NULL OR w.currency IS DISTINCT FROM h.currency)
    """,
    "hold-status": """
        SELECT 'hold ' || id,
               format('The hold %s is %s with %s of %s captured.', id, status, captured, amount)
        FROM hold
        WHERE captured NOT BETWEEN 0 AND amount
           OR CASE status WHEN 'captured' THEN captured = 0 ELSE captured = amount END
           OR (status = 'expired' AND expires_at IS NULL)
    """,
}
