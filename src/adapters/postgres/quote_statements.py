"""The SQL of quotes on the money road; a batch without quotes sends none of it."""

# Read when the wallets are locked. Two conversions of one quote may have no wallet in common: then both read
# that it is unused, and the unique key of transaction.quote_id sends the slower one back to read again.
READ_QUOTES = """
PREPARE read_quotes (uuid[]) AS
SELECT id, source_currency, destination_currency, source_amount, destination_amount, rate::text,
       exact::text, expires_at, actor, request_id, created_at,
       (SELECT t.id FROM transaction t WHERE t.quote_id = quote.id)
FROM quote WHERE id = ANY ($1)
"""

PUT_QUOTES = """
PREPARE put_quotes
    (uuid[], text[], text[], bigint[], bigint[], numeric[], numeric[], timestamptz[], text[], text[],
     timestamptz[]) AS
INSERT INTO quote
    (id, source_currency, destination_currency, source_amount, destination_amount, rate, exact,
     expires_at, actor, request_id, created_at)
SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
"""

ALL = (READ_QUOTES, PUT_QUOTES)
