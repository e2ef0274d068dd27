"""The rules of `domain.quote_check` as queries whose rows are findings."""

QUOTE_RULES: dict[str, str] = {
    # Nothing is divided, and numeric is exact: both sides are in 10^-exponent of both currencies.
    "quote": """
        SELECT 'quote ' || q.id,
               format('The quote %s does not promise what its rate comes to.', q.id)
        FROM quote q
        JOIN currency s ON s.code = q.source_currency
        JOIN currency d ON d.code = q.destination_currency
        WHERE q.exact * 10::numeric ^ s.exponent
              <> q.source_amount * q.rate * 10::numeric ^ d.exponent
           OR q.destination_amount <> floor(q.exact)
    """,
    "conversion": """
        WITH house AS (
            SELECT * FROM unnest(CAST(:currencies AS text[]), CAST(:exchange_wallet_ids AS uuid[]))
                     AS each (currency, wallet_id)
        ), quoted AS (
            SELECT t.id AS transaction_id, q.id AS quote_id, leg, amount, each.currency,
                   house.wallet_id
            FROM transaction t
            JOIN quote q ON q.id = t.quote_id
            CROSS JOIN LATERAL (VALUES
                (0, -q.source_amount, q.source_currency, false),
                (1, q.source_amount, q.source_currency, true),
                (2, -q.destination_amount, q.destination_currency, true),
                (3, q.destination_amount, q.destination_currency, false)
            ) AS each (leg, amount, currency, of_the_house)
            LEFT JOIN house ON house.currency = each.currency AND of_the_house
        ), posted AS (
            SELECT transaction_id, leg, amount, currency,
                   CASE WHEN wallet_version IS NULL THEN wallet_id END AS wallet_id
            FROM posting WHERE transaction_id IN (SELECT transaction_id FROM quoted)
        )
        SELECT 'transaction ' || id, format('The transaction %s is a conversion without a quote.', id)
        FROM transaction WHERE type = 'conversion' AND quote_id IS NULL
        UNION ALL
        SELECT 'transaction ' || id, format('The transaction %s is a %s and names a quote.', id, type)
        FROM transaction WHERE type <> 'conversion' AND quote_id IS NOT NULL
        UNION ALL
        SELECT 'transaction ' || t.id,
               format('The transaction %s uses quote %s, which does not exist.', t.id, t.quote_id)
        FROM transaction t LEFT JOIN quote q ON q.id = t.quote_id
        WHERE t.quote_id IS NOT NULL AND q.id IS NULL
        UNION ALL
        SELECT 'transaction ' || id,
               format('The transaction %s uses quote %s, which was used before.', id, quote_id)
        FROM (SELECT id, quote_id, row_number() OVER (PARTITION BY quote_id ORDER BY id) AS n
              FROM transaction WHERE quote_id IS NOT NULL) AS uses
        WHERE n > 1
        UNION ALL
        SELECT DISTINCT 'transaction ' || transaction_id,
               format('The postings of transaction %s are not what quote %s promised.',
                      transaction_id, t.quote_id)
        FROM quoted
        FULL JOIN posted USING (transaction_id, leg)
        JOIN transaction t ON t.id = transaction_id
        WHERE (quoted.amount, quoted.currency, quoted.wallet_id)
              IS DISTINCT FROM (posted.amount, posted.currency, posted.wallet_id)
    """,
}
