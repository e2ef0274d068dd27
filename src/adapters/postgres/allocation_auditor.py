"""The audit of allocations in PostgreSQL: what `domain.allocation_check` says, set-based."""

# numeric is exact: a percentage has ten decimals at most, and nothing is divided.
ALLOCATION_RULES: dict[str, str] = {
    "allocation": """
        WITH share AS (
            SELECT t.id, n, part->>'wallet_id' AS wallet_id, (part->>'amount')::numeric AS amount,
                   (part->>'exact')::numeric AS exact, (part->>'rounding')::numeric AS rounding,
                   -p.amount::numeric AS whole,
                   coalesce((part->>'fixed')::numeric,
                            (part->>'percent')::numeric * -p.amount * 0.01) AS asked
            FROM transaction t
            LEFT JOIN posting p ON p.transaction_id = t.id AND p.leg = 0
            CROSS JOIN LATERAL jsonb_array_elements(t.allocation) WITH ORDINALITY AS each (part, n)
            WHERE t.allocation IS NOT NULL
        ), exactly AS (
            SELECT *, coalesce(asked, whole - coalesce(sum(asked) OVER of_split, 0)) AS should_be_exact,
                   count(*) FILTER (WHERE asked IS NULL) OVER of_split AS remainders
            FROM share WINDOW of_split AS (PARTITION BY id)
        ), rounded AS (
            SELECT *, floor(should_be_exact) + CASE
                WHEN row_number() OVER (
                         PARTITION BY id ORDER BY should_be_exact - floor(should_be_exact) DESC, n)
                     <= whole - sum(floor(should_be_exact)) OVER (PARTITION BY id)
                THEN 1 ELSE 0 END AS should_be,
                sum(should_be_exact) OVER (PARTITION BY id) AS asked_in_all,
                -- the leg of a part: those that came to nothing have none
                count(*) FILTER (WHERE amount <> 0)
                    OVER (PARTITION BY id ORDER BY n ROWS UNBOUNDED PRECEDING) AS leg
            FROM exactly
        ), posted AS (
            SELECT transaction_id, leg, wallet_id, amount FROM posting
            WHERE leg > 0 AND transaction_id IN (SELECT id FROM share)
        )
        SELECT DISTINCT 'transaction ' || id,
               format('The allocation of transaction %s is not what its shares asked for.', id)
        FROM rounded
        WHERE (should_be_exact, should_be - should_be_exact, should_be, whole)
              IS DISTINCT FROM (exact, rounding, amount, asked_in_all)
           OR should_be_exact < 0 OR remainders > 1
        UNION ALL
        SELECT DISTINCT 'transaction ' || coalesce(id, transaction_id),
               format('The postings of transaction %s are not the parts of its allocation.',
                      coalesce(id, transaction_id))
        FROM (SELECT * FROM rounded WHERE amount <> 0) AS part
        FULL JOIN posted ON posted.transaction_id = part.id AND posted.leg = part.leg
        WHERE (part.wallet_id::uuid, part.amount) IS DISTINCT FROM (posted.wallet_id, posted.amount)
        UNION ALL
        SELECT 'transaction ' || id,
               format('The transaction %s is a %s and has %s allocated parts.',
                      id, type, coalesce(jsonb_array_length(allocation), 0))
        FROM transaction WHERE (type = 'split') <> (allocation IS NOT NULL AND allocation <> '[]')
    """,
}
