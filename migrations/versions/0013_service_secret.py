"""Secrets that the service makes for itself: the key under which cursors are authenticated.

Cursors of an earlier version are refused from now on; whoever follows one begins its list again.
"""

from alembic import op

revision = "0013"
down_revision = "0012"

# Two random UUIDs have 244 random bits, by the server's strong generator.
TABLE = """
CREATE TABLE service_secret (
    name  text  NOT NULL CONSTRAINT service_secret_pkey PRIMARY KEY,
    value bytea NOT NULL,
    CONSTRAINT service_secret_value_is_long CHECK (octet_length(value) >= 32)
);
INSERT INTO service_secret (name, value)
VALUES ('cursors', decode(replace(concat(gen_random_uuid(), gen_random_uuid()), '-', ''), 'hex'));
"""


def upgrade() -> None:
    op.execute(TABLE)
