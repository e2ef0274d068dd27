"""The SQL of the queue of webhook deliveries.

Locks are taken in one order: progress rows, then endpoints, then deliveries; those of others are passed over.
"""

import sqlalchemy as sa

# A UUIDv7 (RFC 9562): its first 48 bits are the milliseconds, the others are of a random one.
NEW_ID = """
encode(set_bit(set_bit(overlay(
    uuid_send(gen_random_uuid())
    PLACING substring(int8send((extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3)
    FROM 1 FOR 6
), 52, 1), 53, 1), 'hex')::uuid
"""

# One statement: a position moves together with the deliveries that are made, so that nothing is made twice
# or left out. What others are at is passed over: they do it.
FAN_OUT = sa.text(f"""
WITH last AS (
    SELECT coalesce(max(number), 0) AS number FROM event_number
), behind AS MATERIALIZED (
    SELECT p.endpoint_id, p.event_number AS after, e.event_types,
           least(last.number, p.event_number + :at_once) AS upto
    FROM webhook_progress p JOIN webhook_endpoint e ON e.id = p.endpoint_id, last
    WHERE e.status = 'enabled' AND p.event_number < last.number
    FOR NO KEY UPDATE OF p SKIP LOCKED
), made AS (
    INSERT INTO webhook_delivery
        (id, endpoint_id, event_number, event_type, next_attempt_at, give_up_at, created_at)
    SELECT {NEW_ID}, behind.endpoint_id, event.number, event.type, :now, :give_up_at, :now
    FROM behind
    CROSS JOIN LATERAL (
        SELECT n.number, coalesce(t.type || '.created', a.action) AS type
        FROM event_number n
        LEFT JOIN transaction t ON t.id = n.transaction_id
        LEFT JOIN audit_entry a ON a.id = n.audit_entry_id
        WHERE n.number > behind.after AND n.number <= behind.upto
    ) AS event
    WHERE event.type = ANY (behind.event_types) OR '*' = ANY (behind.event_types)
), moved AS (
    UPDATE webhook_progress p SET event_number = behind.upto
    FROM behind WHERE p.endpoint_id = behind.endpoint_id
)
SELECT coalesce(sum(upto - after), 0)::bigint FROM behind
""")  # noqa: S608 - both texts are ours

# Whoever has an endpoint's progress row counts what is on its way to it; so the limit is kept.
LOCK_READY = sa.text("""
SELECT p.endpoint_id, p.failures, p.paused_until
FROM webhook_progress p JOIN webhook_endpoint e ON e.id = p.endpoint_id
WHERE e.status = 'enabled' AND (p.paused_until IS NULL OR p.paused_until <= :now)
  AND EXISTS (
      SELECT FROM webhook_delivery d
      WHERE d.endpoint_id = p.endpoint_id AND d.status = 'pending' AND d.next_attempt_at <= :now
        AND (d.leased_until IS NULL OR d.leased_until <= :now)
  )
FOR NO KEY UPDATE OF p SKIP LOCKED
""")

# A statement after the locks, so that it sees what others have claimed before.
IN_FLIGHT = sa.text("""
SELECT endpoint_id, count(*) AS deliveries FROM webhook_delivery
WHERE status = 'pending' AND leased_until > :leased_after AND endpoint_id = ANY (CAST(:endpoints AS uuid[]))
GROUP BY endpoint_id
""")

CLAIM = sa.text("""
WITH due AS MATERIALIZED (
    SELECT d.id, ready.endpoint_id, d.next_attempt_at, d.event_number
    FROM unnest(CAST(:endpoints AS uuid[]), CAST(:rooms AS int[])) AS ready (endpoint_id, room)
    CROSS JOIN LATERAL (
        SELECT id, next_attempt_at, event_number FROM webhook_delivery d
        WHERE d.endpoint_id = ready.endpoint_id AND d.status = 'pending'
          AND d.next_attempt_at <= :now AND (d.leased_until IS NULL OR d.leased_until <= :now)
        ORDER BY d.next_attempt_at, d.event_number
        LIMIT ready.room
        FOR NO KEY UPDATE SKIP LOCKED
    ) AS d
), in_turn AS (
    SELECT id, row_number() OVER (
        PARTITION BY endpoint_id ORDER BY next_attempt_at, event_number
    ) AS turn FROM due
), chosen AS (
    SELECT id, turn FROM in_turn ORDER BY turn, id LIMIT :limit
), claimed AS (
    UPDATE webhook_delivery d SET leased_until = :lease, attempts = attempts + 1
    FROM chosen WHERE d.id = chosen.id
    RETURNING d.id, d.endpoint_id, d.event_number, d.attempts, d.give_up_at, chosen.turn
)
SELECT claimed.*, e.url, e.secret, e.previous_secret, e.previous_secret_until
FROM claimed JOIN webhook_endpoint e ON e.id = claimed.endpoint_id
ORDER BY claimed.turn, claimed.event_number
""")

CIRCUIT = sa.text(
    "SELECT failures, paused_until FROM webhook_progress WHERE endpoint_id = :endpoint"
    " FOR NO KEY UPDATE"
)
SET_CIRCUIT = sa.text(
    "UPDATE webhook_progress SET failures = :failures, paused_until = :paused_until"
    " WHERE endpoint_id = :endpoint"
)
# An attempt that another worker has taken over since counts only when it was a success.
FINISH = sa.text("""
UPDATE webhook_delivery SET status = :status, finished_at = :at, leased_until = NULL
WHERE id = :id AND status = 'pending' AND (attempts = :attempt OR :status = 'delivered')
""")
RETRY = sa.text("""
UPDATE webhook_delivery SET next_attempt_at = :retry_at, leased_until = NULL
WHERE id = :id AND status = 'pending' AND attempts = :attempt
""")
GIVE_UP = sa.text("""
UPDATE webhook_delivery SET status = 'dead', finished_at = :now, leased_until = NULL
WHERE id IN (
    SELECT id FROM webhook_delivery WHERE status = 'pending' AND give_up_at <= :now
    ORDER BY give_up_at LIMIT :at_once FOR NO KEY UPDATE SKIP LOCKED
)
""")
FORGET = sa.text("""
DELETE FROM webhook_delivery
WHERE id IN (
    SELECT id FROM webhook_delivery WHERE status = 'delivered' AND finished_at <= :before
    ORDER BY finished_at LIMIT :at_once FOR UPDATE SKIP LOCKED
)
""")
