"""The database defends API keys itself: what they allow never changes, what is revoked stays so."""

import psycopg2
import pytest

from adapters.postgres.api_key_queries import OF_PREFIX
from adapters.system import new_id
from tests.adapters.test_contract_api_keys import create, revoke
from tests.concurrency.rig import as_superuser, sql
from tests.stage import Stage

FORBIDDEN = {
    "a key is deleted": "DELETE FROM api_key",
    "a secret is deleted": "DELETE FROM api_key_secret",
    "keys are truncated": "TRUNCATE api_key CASCADE",
    "a key gets more scopes": "UPDATE api_key SET scopes = '{admin}'",
    "a key is bound no longer": "UPDATE api_key SET account_id = NULL",
    "a key lives longer": "UPDATE api_key SET expires_at = NULL",
    "a secret is replaced": "UPDATE api_key_secret SET hash = sha256('x')",
    "a key is revived": "UPDATE api_key SET revoked_at = NULL",
    "a key has no scopes": "INSERT INTO api_key SELECT gen_random_uuid(), NULL, now(), now(), NULL, NULL,"
    " 'x', '{}'",
    "a bound key is an admin": "INSERT INTO api_key SELECT gen_random_uuid(), id, now(), now(), NULL,"
    " NULL, 'x', '{admin}' FROM account",
    "a hash is none": "INSERT INTO api_key_secret SELECT 'ffffffffffff', id, now(), NULL, 'x' FROM"
    " api_key",
    "two keys share a prefix": "INSERT INTO api_key_secret SELECT prefix, api_key_id, now(), NULL, hash"
    " FROM api_key_secret",
}

MANY = """
WITH made AS (
    INSERT INTO api_key
    SELECT gen_random_uuid(), NULL, now(), now(), NULL, NULL, 'x', '{admin}'
    FROM generate_series(1, 5000)
    RETURNING id
)
INSERT INTO api_key_secret
SELECT lpad(to_hex(row_number() OVER ()), 12, '0'), id, now(), NULL, sha256('x') FROM made
"""


@pytest.mark.parametrize("statement", FORBIDDEN.values(), ids=FORBIDDEN.keys())
def test_the_database_refuses(postgres_stage: Stage, statement: str) -> None:
    postgres_stage.a_wallet()
    command = create()
    postgres_stage.execute(command)
    postgres_stage.execute(revoke(command.id))
    url = as_superuser(postgres_stage.url or "")
    before = sql(url, "SELECT k::text, s::text FROM api_key k, api_key_secret s")
    with pytest.raises(psycopg2.Error):
        sql(url, statement)
    assert sql(url, "SELECT k::text, s::text FROM api_key k, api_key_secret s") == before


def test_a_key_is_bound_to_an_account_that_exists(postgres_stage: Stage) -> None:
    with pytest.raises(psycopg2.Error, match="api_key_account_id_fkey"):
        postgres_stage.execute(create(account_id=new_id()))


def test_a_key_is_found_by_its_prefix_without_reading_them_all(postgres_stage: Stage) -> None:
    url = as_superuser(postgres_stage.url or "")
    sql(url, MANY)
    sql(url, "ANALYZE")
    query = str(OF_PREFIX.compile()).replace(":prefix", "'000000000007'")
    plan = str(sql(url, f"EXPLAIN {query}"))
    assert "api_key_secret_pkey" in plan
    assert "Seq Scan" not in plan
