"""What must be true of events, as queries whose rows are findings."""

EVENT_RULES: dict[str, str] = {
    "event-gap": """
        SELECT 'event ' || number,
               format('Event %s follows event %s.', number, before)
        FROM (
            SELECT number, lag(number, 1, 0::bigint) OVER (ORDER BY number) AS before
            FROM event_number
        ) AS numbered
        WHERE number <> before + 1
    """,
    "orphan-event": """
        SELECT 'event ' || e.number,
               format('Event %s is of %s, which does not exist.', e.number,
                      coalesce('transaction ' || e.transaction_id,
                               'audit entry ' || e.audit_entry_id))
        FROM event_number e
        LEFT JOIN transaction t ON t.id = e.transaction_id
        LEFT JOIN audit_entry a ON a.id = e.audit_entry_id
        WHERE t.id IS NULL AND a.id IS NULL
    """,
    # Both numbers are given in one commit: an event without the other has lost it.
    "event-not-in-log": """
        SELECT 'event ' || e.number,
               format('Event %s is of transaction %s, which has no number in the log.',
                      e.number, e.transaction_id)
        FROM event_number e
        LEFT JOIN transaction_number n ON n.transaction_id = e.transaction_id
        WHERE e.transaction_id IS NOT NULL AND n.number IS NULL
    """,
}
