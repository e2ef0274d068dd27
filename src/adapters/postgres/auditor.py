"""The audit of the books in PostgreSQL: set-based, in one read-only snapshot.

Each rule of `domain.integrity` is one query whose rows are its findings.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from adapters.postgres.allocation_auditor import ALLOCATION_RULES
from adapters.postgres.event_rules import EVENT_RULES
from adapters.postgres.hold_rules import HOLD_RULES, RESERVED
from adapters.postgres.log_auditor import LOG_RULES, check_log
from adapters.postgres.operator import for_operator
from adapters.postgres.quote_rules import QUOTE_RULES
from adapters.postgres.reversal_rules import REVERSAL_RULES
from adapters.postgres.system_wallets import SYSTEM_WALLET_RULES, system_wallets
from domain.integrity import FINDINGS_PER_RULE_MAX, ROW_RULES, Finding, Report, capped
from service_layer.audit import OperatorError, Progress, silent

WORK_MEMORY = "64MB"

# A customer wallet's postings, each beside the one before it: sorted once for all rules about chains.
CHAIN = """
WITH chain AS (
    SELECT wallet_id, wallet_version, balance_after, amount, created_at,
           lag(wallet_version, 1, 0::bigint) OVER of_wallet AS version_before,
           lag(balance_after::numeric, 1, 0::numeric) OVER of_wallet AS balance_before,
           lag(created_at) OVER of_wallet AS time_before
    FROM posting WHERE wallet_version IS NOT NULL
    WINDOW of_wallet AS (PARTITION BY wallet_id ORDER BY wallet_version)
), broken AS MATERIALIZED (
    SELECT * FROM chain
    WHERE wallet_version <> version_before + 1
       OR balance_after <> balance_before + amount
       OR created_at < time_before
)
"""

CHAIN_RULES: dict[str, str] = {
    "version-gap": """
        SELECT format('wallet %s, version %s', wallet_id, wallet_version),
               format('In wallet %s version %s follows version %s.',
                      wallet_id, wallet_version, version_before)
        FROM broken WHERE wallet_version <> version_before + 1
    """,
    "balance-chain": """
        SELECT format('wallet %s, version %s', wallet_id, wallet_version),
               format('At wallet %s, version %s the balance is %s; %s with a posting of %s makes %s.',
                      wallet_id, wallet_version, balance_after, balance_before, amount,
                      balance_before + amount)
        FROM broken WHERE balance_after <> balance_before + amount
    """,
    "time-backwards": """
        SELECT format('wallet %s, version %s', wallet_id, wallet_version),
               format('At wallet %s, version %s time runs backwards, from %s to %s.',
                      wallet_id, wallet_version, time_before, created_at)
        FROM broken WHERE created_at < time_before
    """,
}

# What a customer wallet's row should say: its sum, its count and its last time.
POSTED = """
WITH posted AS (
    SELECT wallet_id, sum(amount) AS balance, count(*) AS version, max(created_at) AS last_posted_at
    FROM posting WHERE wallet_version IS NOT NULL GROUP BY wallet_id
)
"""

RULES: dict[str, str] = {
    **CHAIN_RULES,
    **LOG_RULES,
    **ALLOCATION_RULES,
    "unbalanced": """
        SELECT 'transaction ' || transaction_id,
               format('The postings of transaction %s sum to %s %s, not to 0.',
                      transaction_id, sum(amount), currency)
        FROM posting GROUP BY transaction_id, currency HAVING sum(amount) <> 0
    """,
    "no-postings": """
        SELECT 'transaction ' || id, format('The transaction %s has no postings.', id)
        FROM transaction t
        WHERE NOT EXISTS (SELECT FROM posting p WHERE p.transaction_id = t.id)
    """,
    "legs": """
        SELECT 'transaction ' || transaction_id,
               format('The transaction %s has a gap in its legs.', transaction_id)
        FROM posting GROUP BY transaction_id
        HAVING count(*) < 2 OR min(leg) <> 0 OR max(leg) <> count(*) - 1
    """,
    "wallet-row": f"""{POSTED}
        SELECT 'wallet ' || w.id,
               format('The row of wallet %s says version %s, balance %s and last posting at %s;'
                      ' its postings say version %s, balance %s and last posting at %s.',
                      w.id, w.wallet_version, w.balance, coalesce(w.last_posted_at::text, 'never'),
                      coalesce(version, 0), coalesce(posted.balance, 0),
                      coalesce(posted.last_posted_at::text, 'never'))
        FROM wallet w LEFT JOIN posted ON posted.wallet_id = w.id
        WHERE w.account_id IS NOT NULL
          AND (w.wallet_version, w.balance, w.last_posted_at) IS DISTINCT FROM
              (coalesce(version, 0), coalesce(posted.balance, 0), posted.last_posted_at)
    """,
    "orphan": """
        SELECT 'transaction ' || p.transaction_id,
               format('Posting %s of transaction %s: %s.', p.leg, p.transaction_id,
                      CASE WHEN t.id IS NULL THEN 'there is no such transaction'
                           WHEN w.id IS NULL THEN format('there is no wallet %s', p.wallet_id)
                           WHEN t.created_at <> p.created_at THEN 'its time is another one'
                           WHEN w.currency <> p.currency
                           THEN format('wallet %s holds %s, not %s', w.id, w.currency, p.currency)
                           ELSE format('wallet %s is %s, the posting says otherwise', w.id,
                                CASE WHEN w.account_id IS NULL THEN 'of the system'
                                     ELSE 'a customer''s' END) END)
        FROM posting p
        LEFT JOIN transaction t ON t.id = p.transaction_id
        LEFT JOIN wallet w ON w.id = p.wallet_id
        WHERE t.created_at IS DISTINCT FROM p.created_at
           OR w.currency IS DISTINCT FROM p.currency
           OR (w.account_id IS NULL) <> (p.wallet_version IS NULL)
    """,
    "overdrawn": """
        SELECT 'wallet ' || id,
               format('The wallet %s has %s available and an overdraft limit of %s.',
                      id, balance::numeric - held, overdraft_limit)
        FROM wallet WHERE balance::numeric - held + overdraft_limit < 0
    """,
    "overfull": """
        SELECT 'wallet ' || id,
               format('The wallet %s has a balance of %s; it may hold %s at most.',
                      id, balance, max_balance)
        FROM wallet WHERE balance > max_balance
    """,
    "status": """
        SELECT 'wallet ' || w.id,
               format('The wallet %s is %s, its account is %s.', w.id, w.status, a.status)
        FROM wallet w JOIN account a ON a.id = w.account_id
        WHERE w.status <> a.status
    """,
    "orphan-wallet": """
        SELECT 'wallet ' || w.id, format('The wallet %s belongs to no account.', w.id)
        FROM wallet w LEFT JOIN account a ON a.id = w.account_id
        WHERE w.account_id IS NOT NULL AND a.id IS NULL
    """,
    "account-without-wallet": """
        SELECT 'account ' || a.id, format('The account %s has no wallet.', a.id)
        FROM account a WHERE NOT EXISTS (SELECT FROM wallet w WHERE w.account_id = a.id)
    """,
    # No index leads from a transaction to its key: all keys are read once and hashed.
    "no-key": """
        SELECT 'transaction ' || t.id,
               format('The transaction %s has no idempotency key: if sent again, it is made again.',
                      t.id)
        FROM transaction t
        WHERE NOT EXISTS (SELECT FROM idempotency_key k WHERE k.transaction_id = t.id)
    """,
    "orphan-key": """
        SELECT format('idempotency key %s/%s', k.scope, k.key),
               format('The idempotency key %s of %s stands for transaction %s, which does not exist.',
                      k.key, k.scope, k.transaction_id)
        FROM idempotency_key k LEFT JOIN transaction t ON t.id = k.transaction_id
        WHERE k.transaction_id IS NOT NULL AND t.id IS NULL
    """,
    **HOLD_RULES,
    **QUOTE_RULES,
    **SYSTEM_WALLET_RULES,
    **REVERSAL_RULES,
    **EVENT_RULES,
}

REBUILD = f"""{POSTED}, {RESERVED}
UPDATE wallet w
SET balance = should.balance, wallet_version = should.version,
    last_posted_at = should.last_posted_at, held = should.held, updated_at = now()
FROM (
    SELECT wallet.id, coalesce(posted.balance, 0) AS balance, coalesce(version, 0) AS version,
           posted.last_posted_at, coalesce(reserved.held, 0) AS held
    FROM wallet
    LEFT JOIN posted ON posted.wallet_id = wallet.id
    LEFT JOIN reserved ON reserved.wallet_id = wallet.id
    WHERE wallet.account_id IS NOT NULL
) AS should
WHERE w.id = should.id
  AND (w.balance, w.wallet_version, w.last_posted_at, w.held) IS DISTINCT FROM
      (should.balance, should.version, should.last_posted_at, should.held)
"""


class PostgresAuditor:
    """Needs a connection of its own for as long as it takes."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine

    def verify(self, *, quick: bool = False, progress: Progress = silent) -> Report:
        with self._connected() as connection:
            connection.execute(
                sa.text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            )
            return check_books(connection, quick=quick, progress=progress)

    def rebuild_balances(self) -> int:
        """Keeps other writers out while it works; an unbroken chain of postings is its condition."""
        with self._connected() as connection:
            # Wallets first, as batches do; EXCLUSIVE is the weakest lock that waits for row locks.
            connection.execute(
                sa.text("LOCK TABLE wallet, hold, transaction, posting IN EXCLUSIVE MODE")
            )
            broken = [
                each
                for each in check_books(connection, quick=True).findings
                if each.rule not in ROW_RULES
            ]
            if broken:
                raise OperatorError(
                    f"The postings themselves do not add up, nothing was changed: {broken[0].sentence}"
                )
            repaired = connection.execute(sa.text(REBUILD)).rowcount
            connection.commit()
            return repaired

    @contextmanager
    def _connected(self) -> Iterator[sa.Connection]:
        with for_operator(), self._engine.connect() as connection:
            yield connection


def check_books(connection: sa.Connection, *, quick: bool, progress: Progress = silent) -> Report:
    """Check all books as this connection sees them."""
    connection.execute(sa.text(f"SET LOCAL timezone = 'UTC'; SET LOCAL work_mem = '{WORK_MEMORY}'"))
    counts = connection.execute(
        sa.text(
            "SELECT (SELECT count(*) FROM transaction), (SELECT count(*) FROM posting),"
            " (SELECT count(*) FROM wallet WHERE account_id IS NOT NULL)"
        )
    ).one()
    known = system_wallets(connection)
    findings = _chain_findings(connection)
    others = [rule for rule in RULES if rule not in CHAIN_RULES]
    for done, rule in enumerate(others, start=1):
        progress(done, len(others), "rules")
        findings += _findings(connection, rule, known)
    sealed, log_findings = check_log(connection, quick=quick, progress=progress)
    return Report(
        transactions=counts[0],
        postings=counts[1],
        wallets=counts[2],
        sealed=sealed,
        findings=(*findings, *log_findings),
    )


def _chain_findings(connection: sa.Connection) -> list[Finding]:
    """The findings of all rules about chains, from one pass over the postings."""
    each_rule = " UNION ALL ".join(
        f"SELECT '{rule}', * FROM ({query} LIMIT {FINDINGS_PER_RULE_MAX + 1}) AS of_{index}"
        for index, (rule, query) in enumerate(CHAIN_RULES.items())
    )
    found: dict[str, list[Finding]] = {rule: [] for rule in CHAIN_RULES}
    for rule, where, sentence in connection.execute(sa.text(CHAIN + each_rule)):
        found[rule].append(Finding(rule=rule, where=where, sentence=sentence))
    return [finding for rule in CHAIN_RULES for finding in capped(found[rule])]


def _findings(connection: sa.Connection, rule: str, known: dict[str, list[str]]) -> list[Finding]:
    """The first findings of one rule, with a last one that says so when there are more."""
    query = f"SELECT * FROM ({RULES[rule]}) AS finding LIMIT {FINDINGS_PER_RULE_MAX + 1}"
    found = connection.execute(sa.text(query), known)
    return list(
        capped(Finding(rule=rule, where=where, sentence=sentence) for where, sentence in found)
    )
