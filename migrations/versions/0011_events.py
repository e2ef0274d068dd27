"""The audit trail, the numbers of events, webhooks.

History: each transaction that is already there becomes an event, in the order of the log, when the sequencer
first comes by. Nobody wrote down who opened an account before, so the audit trail begins here.

Row 1 of `sequencer` is of earlier versions, which number the transactions alone; while one of them still
runs beside this one, what it has numbered is looked at again. This version keeps row 2.
"""

from alembic import op

revision = "0011"
down_revision = "0010"

TABLES = """
CREATE TABLE audit_entry (
    id            bigint      NOT NULL GENERATED ALWAYS AS IDENTITY
        CONSTRAINT audit_entry_pkey PRIMARY KEY,
    resource_id   uuid        NOT NULL,
    created_at    timestamptz NOT NULL,
    written_in    bigint      NOT NULL DEFAULT pg_current_xact_id()::text::bigint,
    action        text        NOT NULL,
    resource_type text        NOT NULL,
    actor         text        NOT NULL,
    request_id    text,
    body          json        NOT NULL, -- not jsonb, which would give its keys in another order
    CONSTRAINT audit_entry_action_is_of_its_resource CHECK (starts_with(action, resource_type || '.'))
);
CREATE INDEX audit_entry_written_in_idx ON audit_entry (written_in);
CREATE INDEX audit_entry_resource_id_idx ON audit_entry (resource_id, id);
CREATE INDEX audit_entry_actor_idx ON audit_entry (actor, id);
CREATE INDEX audit_entry_action_idx ON audit_entry (action, id);
CREATE INDEX audit_entry_created_at_idx ON audit_entry (created_at);

CREATE TABLE event_number (
    number         bigint NOT NULL CONSTRAINT event_number_pkey PRIMARY KEY,
    transaction_id uuid,
    audit_entry_id bigint,
    CONSTRAINT event_number_is_positive CHECK (number > 0),
    CONSTRAINT event_number_is_of_one_thing CHECK (num_nonnulls(transaction_id, audit_entry_id) = 1)
);
CREATE UNIQUE INDEX event_number_transaction_id_key ON event_number (transaction_id)
    WHERE transaction_id IS NOT NULL;
CREATE UNIQUE INDEX event_number_audit_entry_id_key ON event_number (audit_entry_id)
    WHERE audit_entry_id IS NOT NULL;

ALTER TABLE sequencer
    DROP CONSTRAINT sequencer_is_one,
    ADD CONSTRAINT sequencer_is_known CHECK (id IN (1, 2));
"""

# Of these a row changes: they are no part of the books. What an endpoint gets begins with its creation.
WEBHOOKS = """
CREATE TABLE webhook_endpoint (
    id                    uuid        NOT NULL CONSTRAINT webhook_endpoint_pkey PRIMARY KEY,
    version               bigint      NOT NULL,
    created_at            timestamptz NOT NULL,
    updated_at            timestamptz NOT NULL,
    previous_secret_until timestamptz,
    url                   text        NOT NULL,
    event_types           text[]      NOT NULL,
    description           text,
    status                text        NOT NULL,
    secret                text        NOT NULL, -- in the clear: a hash of it could not sign
    previous_secret       text,
    CONSTRAINT webhook_endpoint_status_known CHECK (status IN ('enabled', 'disabled')),
    CONSTRAINT webhook_endpoint_previous_secret_ends CHECK (
        (previous_secret IS NULL) = (previous_secret_until IS NULL)
    )
);

-- Apart from the endpoint, so that workers never wait for those who change it.
CREATE TABLE webhook_progress (
    endpoint_id  uuid    NOT NULL CONSTRAINT webhook_progress_pkey PRIMARY KEY,
    event_number bigint  NOT NULL, -- the last event that has become a delivery, where it was wanted
    paused_until timestamptz,
    failures     integer NOT NULL DEFAULT 0
) WITH (fillfactor = 50);

CREATE TABLE webhook_delivery (
    id              uuid        NOT NULL CONSTRAINT webhook_delivery_pkey PRIMARY KEY,
    endpoint_id     uuid        NOT NULL
        CONSTRAINT webhook_delivery_endpoint_id_fkey REFERENCES webhook_endpoint (id),
    event_number    bigint      NOT NULL,
    next_attempt_at timestamptz NOT NULL,
    give_up_at      timestamptz NOT NULL,
    created_at      timestamptz NOT NULL,
    leased_until    timestamptz,
    finished_at     timestamptz,
    attempts        integer     NOT NULL DEFAULT 0,
    event_type      text        NOT NULL,
    status          text        NOT NULL DEFAULT 'pending',
    CONSTRAINT webhook_delivery_endpoint_id_event_number_key UNIQUE (endpoint_id, event_number),
    CONSTRAINT webhook_delivery_status_known CHECK (status IN ('pending', 'delivered', 'dead')),
    CONSTRAINT webhook_delivery_finishes CHECK ((status = 'pending') = (finished_at IS NULL))
);
CREATE INDEX webhook_delivery_due_idx ON webhook_delivery (endpoint_id, next_attempt_at, event_number)
    WHERE status = 'pending';
CREATE INDEX webhook_delivery_give_up_idx ON webhook_delivery (give_up_at) WHERE status = 'pending';
CREATE INDEX webhook_delivery_dead_idx ON webhook_delivery (endpoint_id, event_number)
    WHERE status = 'dead';
CREATE INDEX webhook_delivery_delivered_idx ON webhook_delivery (finished_at)
    WHERE status = 'delivered';

CREATE TABLE webhook_attempt (
    delivery_id     uuid        NOT NULL CONSTRAINT webhook_attempt_delivery_id_fkey
        REFERENCES webhook_delivery (id) ON DELETE CASCADE,
    started_at      timestamptz NOT NULL,
    number          integer     NOT NULL,
    duration_ms     integer     NOT NULL,
    response_status integer,
    error           text,
    CONSTRAINT webhook_attempt_pkey PRIMARY KEY (delivery_id, number),
    CONSTRAINT webhook_attempt_has_one_outcome CHECK (num_nonnulls(response_status, error) = 1)
);
"""


def upgrade() -> None:
    op.execute(TABLES)
    op.execute(WEBHOOKS)
    for table in ("audit_entry", "event_number"):
        op.execute(
            f"CREATE TRIGGER {table}_is_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
