"""The SQL of reversals on the money road; a batch without reversals sends none of it."""

# Read without a lock, before the wallets are locked: what was posted never changes. What is committed only
# after this stays unknown to the batch, because its wallets are not locked.
RESOLVE_TRANSACTIONS = """
PREPARE resolve_transactions (uuid[]) AS
SELECT DISTINCT transaction_id, wallet_id FROM posting
WHERE transaction_id = ANY ($1) AND wallet_version IS NOT NULL
"""

# Read when the wallets are locked, which keeps other reversals out: the originals' postings in their order,
# then (leg is null) what the reversals made so far have posted to each wallet.
READ_ORIGINALS = """
PREPARE read_originals (uuid[]) AS
SELECT t.id, t.type, p.leg, p.wallet_id, p.amount, p.currency, p.wallet_version
FROM transaction t JOIN posting p ON p.transaction_id = t.id
WHERE t.id = ANY ($1)
UNION ALL
SELECT t.reverses, 'reversal', NULL, p.wallet_id, sum(p.amount)::bigint, NULL, NULL
FROM transaction t JOIN posting p ON p.transaction_id = t.id
WHERE t.reverses = ANY ($1)
GROUP BY t.reverses, p.wallet_id
ORDER BY 1, 3 NULLS LAST
"""

ALL = (RESOLVE_TRANSACTIONS, READ_ORIGINALS)
