"""Reversals are found from their originals, which the database keeps from being taken back twice."""

from alembic import op

revision = "0005"
down_revision = "0004"

# Instead of the foreign key, which queued a check for every transaction: this is queued for reversals alone.
# It waits for the COMMIT, when the postings are there; the last reversal of a batch checks the sums for all.
# The service's batches take turns before that, by the locks on the original's wallets; by the lock on the
# original, whoever else writes reversals takes turns as well.
REVERSALS = """
ALTER TABLE transaction
    DROP CONSTRAINT transaction_reverses_fkey,
    ADD CONSTRAINT transaction_reversal_names_its_original CHECK (
        (type = 'reversal') = (reverses IS NOT NULL)
    );
CREATE INDEX transaction_reverses_idx ON transaction (reverses, id) WHERE reverses IS NOT NULL;

CREATE FUNCTION transaction_takes_back() RETURNS trigger LANGUAGE plpgsql
SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
BEGIN
    PERFORM FROM transaction WHERE id = NEW.reverses AND type <> 'reversal' FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'a reversal needs its original, which is no reversal itself'
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'transaction_reverses_an_original',
                  TABLE = 'transaction';
    END IF;
    IF EXISTS (
        SELECT FROM transaction
        WHERE reverses = NEW.reverses AND id > NEW.id AND written_in = NEW.written_in
    ) THEN
        RETURN NULL;
    END IF;
    IF EXISTS (
        SELECT FROM (
            SELECT wallet_id, amount AS moved, 0 AS back
            FROM posting WHERE transaction_id = NEW.reverses
            UNION ALL
            SELECT p.wallet_id, 0, p.amount
            FROM transaction t JOIN posting p ON p.transaction_id = t.id
            WHERE t.reverses = NEW.reverses
        ) AS each (wallet_id, moved, back)
        GROUP BY wallet_id
        HAVING sum(back) NOT BETWEEN least(-sum(moved), 0) AND greatest(-sum(moved), 0)
    ) THEN
        RAISE EXCEPTION 'the reversals of a transaction may take back what it moved, and no more'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'transaction_reversals_fit_original',
                  TABLE = 'transaction';
    END IF;
    RETURN NULL;
END
$$;
CREATE CONSTRAINT TRIGGER transaction_takes_back AFTER INSERT ON transaction
DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW WHEN (NEW.reverses IS NOT NULL) EXECUTE FUNCTION transaction_takes_back();
"""


def upgrade() -> None:
    op.execute(REVERSALS)
