"""Holds, with captures as a type of transaction."""

from alembic import op

revision = "0003"
down_revision = "0002"

MAX = 9_007_199_254_740_991

HOLD = f"""
CREATE TABLE hold (
    id                    uuid        NOT NULL CONSTRAINT hold_pkey PRIMARY KEY,
    wallet_id             uuid        NOT NULL CONSTRAINT hold_wallet_id_fkey REFERENCES wallet (id),
    destination_wallet_id uuid        CONSTRAINT hold_destination_wallet_id_fkey REFERENCES wallet (id),
    amount                bigint      NOT NULL,
    captured              bigint      NOT NULL DEFAULT 0,
    expires_at            timestamptz,
    created_at            timestamptz NOT NULL,
    updated_at            timestamptz NOT NULL,
    currency              text        NOT NULL CONSTRAINT hold_currency_fkey REFERENCES currency (code),
    status                text        NOT NULL DEFAULT 'pending',
    actor                 text        NOT NULL,
    request_id            text        NOT NULL,
    reference             text,
    description           text,
    metadata              jsonb       NOT NULL DEFAULT '{{}}'::jsonb,
    CONSTRAINT hold_amount_in_range CHECK (amount BETWEEN 1 AND {MAX}),
    CONSTRAINT hold_captured_in_range CHECK (captured BETWEEN 0 AND amount),
    CONSTRAINT hold_status_known CHECK (status IN ('pending', 'captured', 'voided', 'expired')),
    CONSTRAINT hold_status_fits_captured CHECK (
        CASE status WHEN 'captured' THEN captured > 0 ELSE captured < amount END
    ),
    CONSTRAINT hold_expired_has_instant CHECK (status <> 'expired' OR expires_at IS NOT NULL),
    CONSTRAINT hold_expires_after_it_is_placed CHECK (expires_at > created_at),
    CONSTRAINT hold_destination_is_another_wallet CHECK (destination_wallet_id <> wallet_id)
);
CREATE UNIQUE INDEX hold_reference_key ON hold (reference) WHERE reference IS NOT NULL;
CREATE INDEX hold_wallet_id_idx ON hold (wallet_id, id);
CREATE INDEX hold_status_idx ON hold (status, id);
-- Those that the clock may end: of one wallet when it is paid from, of all when they are swept.
CREATE INDEX hold_expiring_of_wallet_idx ON hold (wallet_id, expires_at)
    WHERE status = 'pending' AND expires_at IS NOT NULL;
CREATE INDEX hold_expiring_idx ON hold (expires_at)
    WHERE status = 'pending' AND expires_at IS NOT NULL;
"""

DEFENCES = """
CREATE FUNCTION hold_only_goes_on() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a hold that is % with % captured cannot become % with % captured',
        OLD.status, OLD.captured, NEW.status, NEW.captured
        USING ERRCODE = 'restrict_violation', CONSTRAINT = 'hold_only_goes_on', TABLE = 'hold';
END
$$;
CREATE TRIGGER hold_only_goes_on BEFORE UPDATE ON hold
FOR EACH ROW WHEN (OLD.status <> 'pending' OR NEW.captured < OLD.captured)
EXECUTE FUNCTION hold_only_goes_on();
CREATE TRIGGER hold_stays BEFORE DELETE OR TRUNCATE
OR UPDATE OF id, wallet_id, destination_wallet_id, amount, currency, expires_at, created_at ON hold
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
"""

# A foreign key would queue a check for every transaction; this one is queued for captures alone.
CAPTURES = """
ALTER TABLE transaction ADD COLUMN hold_id uuid;
ALTER TABLE transaction DROP CONSTRAINT transaction_type_known;
ALTER TABLE transaction ADD CONSTRAINT transaction_type_known
    CHECK (type IN ('replenishment', 'transfer', 'capture'));
ALTER TABLE transaction ADD CONSTRAINT transaction_capture_names_its_hold
    CHECK ((type = 'capture') = (hold_id IS NOT NULL));
CREATE INDEX transaction_hold_id_idx ON transaction (hold_id, id) WHERE hold_id IS NOT NULL;

CREATE FUNCTION transaction_names_a_hold() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM hold WHERE id = NEW.hold_id) THEN
        RAISE EXCEPTION 'a capture needs its hold'
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'transaction_names_a_hold',
                  TABLE = 'transaction';
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER transaction_names_a_hold AFTER INSERT ON transaction
FOR EACH ROW WHEN (NEW.hold_id IS NOT NULL) EXECUTE FUNCTION transaction_names_a_hold();
"""


def upgrade() -> None:
    op.execute(HOLD)
    op.execute(DEFENCES)
    op.execute(CAPTURES)
