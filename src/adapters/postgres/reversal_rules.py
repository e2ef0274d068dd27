"""The rules of `domain.reversal_check` as queries whose rows are findings."""

# They begin with the reversals, of which an index holds nothing else: books without any cost nothing.
REVERSAL_RULES: dict[str, str] = {
    "orphan-reversal": """
        SELECT 'transaction ' || r.id,
               format('The transaction %s %s.', r.id,
                      CASE WHEN r.type <> 'reversal'
                           THEN format('is a %s and reverses %s', r.type, r.reverses)
                           WHEN o.id IS NULL
                           THEN format('reverses transaction %s, which does not exist', r.reverses)
                           ELSE format('reverses transaction %s, which is a reversal itself', o.id)
                      END)
        FROM transaction r LEFT JOIN transaction o ON o.id = r.reverses
        WHERE r.reverses IS NOT NULL
          AND (r.type <> 'reversal' OR o.id IS NULL OR o.type = 'reversal')
        UNION ALL
        SELECT 'transaction ' || id,
               format('The transaction %s is a reversal and reverses nothing.', id)
        FROM transaction WHERE type = 'reversal' AND reverses IS NULL
    """,
    "early-reversal": """
        SELECT 'transaction ' || r.id,
               format('The transaction %s is of %s; transaction %s, which it reverses, is of %s.',
                      r.id, r.created_at, o.id, o.created_at)
        FROM transaction r JOIN transaction o ON o.id = r.reverses
        WHERE r.reverses IS NOT NULL AND r.type = 'reversal' AND o.type <> 'reversal'
          AND r.created_at <= o.created_at
    """,
    "over-reversed": """
        WITH reversed AS (
            SELECT r.reverses AS id, p.wallet_id, sum(p.amount) AS back
            FROM transaction r JOIN posting p ON p.transaction_id = r.id
            WHERE r.reverses IS NOT NULL
            GROUP BY r.reverses, p.wallet_id
        ), moved AS (
            SELECT p.transaction_id AS id, p.wallet_id, sum(p.amount) AS moved
            FROM (SELECT DISTINCT id FROM reversed) AS original
            JOIN posting p ON p.transaction_id = original.id
            GROUP BY p.transaction_id, p.wallet_id
        )
        SELECT 'transaction ' || r.id,
               format('The transaction %s posted %s to wallet %s;'
                      ' its reversals have posted %s there.',
                      r.id, coalesce(moved, 0), r.wallet_id, back)
        FROM reversed r LEFT JOIN moved m ON m.id = r.id AND m.wallet_id = r.wallet_id
        WHERE back NOT BETWEEN least(-coalesce(moved, 0), 0) AND greatest(-coalesce(moved, 0), 0)
    """,
}
