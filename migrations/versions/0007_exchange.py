"""Exchange between currencies: quotes, conversions that use them, a system wallet for each currency."""

from alembic import op

revision = "0007"
down_revision = "0006"

MAX = 9_007_199_254_740_991

QUOTE = f"""
CREATE TABLE quote (
    id                   uuid        NOT NULL CONSTRAINT quote_pkey PRIMARY KEY,
    source_amount        bigint      NOT NULL,
    destination_amount   bigint      NOT NULL,
    expires_at           timestamptz NOT NULL,
    created_at           timestamptz NOT NULL,
    source_currency      text        NOT NULL
        CONSTRAINT quote_source_currency_fkey REFERENCES currency (code),
    destination_currency text        NOT NULL
        CONSTRAINT quote_destination_currency_fkey REFERENCES currency (code),
    rate                 numeric     NOT NULL, -- destination major units for one source major unit
    exact                numeric     NOT NULL, -- destination minor units, before rounding
    actor                text        NOT NULL,
    request_id           text        NOT NULL,
    CONSTRAINT quote_source_amount_in_range CHECK (source_amount BETWEEN 1 AND {MAX}),
    CONSTRAINT quote_destination_amount_in_range CHECK (destination_amount BETWEEN 1 AND {MAX}),
    CONSTRAINT quote_rate_is_positive CHECK (rate > 0),
    CONSTRAINT quote_rounds_down CHECK (destination_amount = floor(exact)),
    CONSTRAINT quote_has_two_currencies CHECK (source_currency <> destination_currency),
    CONSTRAINT quote_expires_after_it_is_made CHECK (expires_at > created_at)
);
CREATE TRIGGER quote_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON quote
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
"""

# A foreign key would queue a check for every transaction; this one is queued for conversions alone.
CONVERSIONS = """
ALTER TABLE transaction
    ADD COLUMN quote_id uuid,
    ADD CONSTRAINT transaction_conversion_names_its_quote CHECK (
        (type = 'conversion') = (quote_id IS NOT NULL)
    );
CREATE UNIQUE INDEX transaction_quote_id_key ON transaction (quote_id) WHERE quote_id IS NOT NULL;

CREATE FUNCTION transaction_names_a_quote() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM quote WHERE id = NEW.quote_id) THEN
        RAISE EXCEPTION 'a conversion needs its quote'
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'transaction_names_a_quote',
                  TABLE = 'transaction';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER transaction_names_a_quote AFTER INSERT ON transaction
FOR EACH ROW WHEN (NEW.quote_id IS NOT NULL) EXECUTE FUNCTION transaction_names_a_quote();
"""

# Of the currencies that are there already; those that come later get theirs when they are enabled. The ids
# are those of domain.wallet.exchange_wallet_id: UUIDv8 of a hash.
EXCHANGE_WALLETS = """
INSERT INTO wallet (id, currency, created_at, updated_at)
SELECT encode(set_byte(set_byte(digest, 6, get_byte(digest, 6) & 15 | 128),
                       8, get_byte(digest, 8) & 63 | 128), 'hex')::uuid, code, now(), now()
FROM (SELECT code, substring(sha256(convert_to('exchange wallet ' || code, 'UTF8')) FOR 16) AS digest
      FROM currency) AS each
ON CONFLICT DO NOTHING
"""


def upgrade() -> None:
    op.execute(QUOTE)
    op.execute(CONVERSIONS)
    op.execute(EXCHANGE_WALLETS)
