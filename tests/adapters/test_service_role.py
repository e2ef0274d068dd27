"""The role that serves owns nothing, reads all, adds what it must, changes what the declaration says."""

import pytest
import sqlalchemy as sa

from adapters.postgres.embedded import service_url
from adapters.postgres.embedded.files import SERVICE_ROLE
from adapters.postgres.engine import plain_engine
from adapters.postgres.migrate import ServiceRole, migrate
from adapters.postgres.privileges import OF_SERVICE
from adapters.postgres.service_role import create_role, differences, owned_by
from adapters.postgres.tables import metadata
from adapters.system import new_id
from domain.money import Currency
from service_layer.audit import OperatorError
from service_layer.reverse import Reverse
from tests.builders import a_caller, capture_hold, open_account, place_hold, replenish, transfer
from tests.concurrency.rig import as_superuser, sql
from tests.servers import Servers
from tests.stage import a_stage, strike

USD = Currency(code="USD", exponent=2)
NEVER_CHANGED = (
    "transaction",
    "posting",
    "idempotency_key",
    "transaction_number",
    "seal",
    "seal_subtree",
    "verification",
    "quote",
    "currency",
    "alembic_version",
)
# As the standard's views show what was granted to the role itself.
GRANTED = """
SELECT table_name, privilege_type FROM information_schema.role_table_grants WHERE grantee = %s
UNION ALL
SELECT table_name, format('%%s (%%s)', privilege_type, column_name)
FROM information_schema.role_column_grants
WHERE grantee = %s AND privilege_type IN ('UPDATE', 'REFERENCES')
"""


@pytest.fixture(params=["postgres18", "postgres15"])
def owner_url(request: pytest.FixtureRequest, servers: Servers) -> str:
    """A database with the newest schema on each PostgreSQL, as its owner reaches it."""
    return servers.new_ledger(request.param)


def test_every_table_has_its_line_in_the_declaration() -> None:
    assert set(OF_SERVICE) == {*metadata.tables, "alembic_version"}


def test_every_column_that_may_be_changed_exists() -> None:
    columns = {name: set(table.c.keys()) for name, table in metadata.tables.items()}
    declared = {name: set(may.update) for name, may in OF_SERVICE.items() if may.update}
    assert {name: found - columns[name] for name, found in declared.items()} == {
        name: set() for name in declared
    }


def test_what_is_granted_is_what_is_declared(owner_url: str) -> None:
    granted: dict[str, set[str]] = {}
    for table, privilege in sql(owner_url, GRANTED, SERVICE_ROLE, SERVICE_ROLE):
        granted.setdefault(str(table), set()).add(str(privilege))
    assert granted == {name: set(may.privileges) for name, may in OF_SERVICE.items()}
    with plain_engine(owner_url).connect() as connection:
        assert differences(connection, SERVICE_ROLE) == []
        assert owned_by(connection, SERVICE_ROLE) == []


def test_no_table_that_only_grows_may_be_changed(owner_url: str) -> None:
    """Those with a trigger against changes are among them, whichever a later migration makes."""
    guarded = sql(
        owner_url,
        "SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname LIKE '%%\\_is\\_append\\_only'",
    )
    assert {str(row[0]) for row in guarded} - set(OF_SERVICE) == set()
    for table in {*NEVER_CHANGED, *(str(row[0]) for row in guarded)}:
        assert OF_SERVICE[table].privileges <= {"SELECT", "INSERT"}


@pytest.mark.parametrize("table", NEVER_CHANGED)
@pytest.mark.parametrize("change", ["DELETE FROM {0}", "TRUNCATE {0}", "UPDATE {0} SET {1} = {1}"])
def test_the_service_is_refused_before_any_trigger_is(
    postgres_url: str, table: str, change: str
) -> None:
    column = sql(
        postgres_url,
        "SELECT column_name FROM information_schema.columns WHERE table_name = %s"
        " ORDER BY ordinal_position DESC LIMIT 1",
        table,
    )[0][0]
    refused(service_url(postgres_url), change.format(table, column))


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE posting DISABLE TRIGGER ALL",
        "DROP TABLE posting",
        "DROP TRIGGER posting_is_append_only ON posting",
        "CREATE TABLE mine (id int)",
        "UPDATE wallet SET currency = 'EUR'",
        "UPDATE wallet SET account_id = NULL",
        "DELETE FROM wallet",
        "UPDATE hold SET amount = 1",
        "SET session_replication_role = replica",
        "SELECT FROM transaction FOR UPDATE",
        "CREATE ROLE other",
        "SET ROLE payments",
    ],
)
def test_the_service_cannot_get_round_the_defences(postgres_url: str, statement: str) -> None:
    refused(service_url(postgres_url), statement)


@pytest.fixture
def postgres_url(servers: Servers) -> str:
    return servers.new_ledger("postgres18")


def refused(url: str, statement: str) -> None:
    with (
        pytest.raises(sa.exc.ProgrammingError, match=r"permission denied|must be owner"),
        plain_engine(url).begin() as connection,
    ):
        connection.exec_driver_sql(statement)


def test_the_service_moves_money_seals_sweeps_and_verifies_as_that_role(owner_url: str) -> None:
    stage = a_stage("postgres", owner_url, migrated=True)
    me = stage.container.plain_engine().connect()
    assert me.scalar(sa.text("SELECT current_user")) == SERVICE_ROLE
    me.close()
    ada, bob = stage.a_wallet(1000), stage.a_wallet()
    paid = transfer(ada, bob, 300)
    held = place_hold(ada, 100, destination_wallet_id=bob)
    reversal = Reverse(id=new_id(), caller=a_caller(), transaction_id=paid.id)
    for command in (paid, held, capture_hold(held.id, 40), reversal):
        assert stage.execute(command).refused is None
    place = place_hold(ada, 5, expires_at=stage.clock.now.replace(month=2))
    assert stage.execute(place).refused is None
    stage.clock.move(days=90)
    assert stage.container.hold_sweeper().sweep(10) == 1
    assert sum(1 for _ in stage.container.sealer().seal_all()) == 1
    assert stage.findings() == ()
    strike(stage)


def test_a_role_that_may_too_much_is_put_right_by_the_next_migration(owner_url: str) -> None:
    sql(owner_url, f"GRANT UPDATE, DELETE ON posting TO {SERVICE_ROLE}")
    sql(owner_url, f"REVOKE INSERT ON transaction FROM {SERVICE_ROLE}")
    with plain_engine(owner_url).connect() as connection:
        found = differences(connection, SERVICE_ROLE)
    assert f"{SERVICE_ROLE} may DELETE on posting." in found
    assert f"{SERVICE_ROLE} may not INSERT on transaction." in found
    migrate(plain_engine(owner_url), [USD], ServiceRole(name=SERVICE_ROLE))
    with plain_engine(owner_url).connect() as connection:
        assert differences(connection, SERVICE_ROLE) == []


def test_a_missing_role_is_made_with_its_password_of_which_the_server_keeps_a_hash(
    owner_url: str,
) -> None:
    role = 'odd "role"'
    superuser = plain_engine(as_superuser(owner_url))
    with superuser.begin() as connection:
        for _ in range(2):
            create_role(connection, role, "tulip-sunday")
        found = "SELECT rolcanlogin, rolsuper, rolcreatedb, rolpassword FROM pg_authid WHERE rolname = %s"
        login, *privileged, kept = connection.exec_driver_sql(found, (role,)).one()
        connection.exec_driver_sql('DROP ROLE "odd ""role"""')
    assert (login, privileged, kept.startswith("SCRAM-SHA-256$")) == (True, [False, False], True)


def test_who_may_not_migrate_is_told_whose_work_it_is(owner_url: str) -> None:
    service = plain_engine(service_url(owner_url))
    migrate(service, [USD])
    with pytest.raises(OperatorError, match="PAYMENTS_MIGRATION_URL"):
        migrate(service, [USD, Currency(code="CHF", exponent=2)])


def test_the_owner_who_serves_is_given_nothing(owner_url: str) -> None:
    migrate(plain_engine(owner_url), [USD], ServiceRole(name="payments"))
    stage = a_stage("postgres", owner_url, migrated=True)
    assert stage.execute(open_account()).refused is None
    assert stage.execute(replenish(stage.a_wallet())).refused is None
    strike(stage)
