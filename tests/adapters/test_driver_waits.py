"""The driver waits as whoever asks does: in greenlets the loop goes on, in threads the others do."""

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Coroutine, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

import psycopg2
import pytest
import sqlalchemy as sa
from psycopg2.extensions import POLL_ERROR, STATUS_READY, connection

from adapters.postgres import driver_connects, driver_waits
from adapters.postgres import engine as engines
from adapters.postgres.arrays import id_array
from adapters.postgres.driver_connects import connect_to_any
from adapters.postgres.driver_waits import wait_by
from adapters.postgres.engine import connection_of, plain_engine, posting_engine, reading_engine
from adapters.postgres.looker import Looker
from adapters.postgres.queries import WALLET_BY_ID
from adapters.postgres.unit_of_work import PostgresUnitOfWork
from adapters.system import utc_now
from domain.errors import Unavailable
from entrypoints.greenlets import InGreenlets
from service_layer.claims import Claims
from service_layer.unit_of_work import TryAgain
from tests.concurrency.rig import as_superuser, dsn, sql, until
from tests.concurrency.wire import Wire
from tests.stage import a_stage, strike

Result = TypeVar("Result")
HANGS_SECONDS = 30
PASSWORD = "not-to-be-shown"
Main = Callable[[InGreenlets], Coroutine[Any, Any, Result]]
pytestmark = pytest.mark.usefixtures("the_drivers_own_way_afterwards")


@pytest.fixture
def in_a_loop(new_loop: Any) -> Callable[[Main[Result]], Result]:
    """Runs it in a loop whose greenlets the driver waits in."""

    def run(main: Main[Result]) -> Result:
        async def begin() -> Result:
            waiting = InGreenlets()
            waiting.start(asyncio.get_running_loop())
            wait_by(waiting.until_ready)
            return await asyncio.wait_for(main(waiting), HANGS_SECONDS)

        with asyncio.Runner(loop_factory=new_loop) as runner:
            return runner.run(begin())

    return run


async def ticks_until(works: list["asyncio.Future[Any]"]) -> int:
    """How often others had their turn before all was done."""
    ticks = 0
    while not all(work.done() for work in works):
        await asyncio.sleep(0.01)
        ticks += 1
    return ticks


def asked(url: str, statement: str) -> Any:
    with closing(psycopg2.connect(dsn(url))) as session, session.cursor() as cursor:
        cursor.execute(statement)
        row = cursor.fetchone()
        return row[0] if row else None


# Statements.


def test_statements_of_greenlets_run_at_once_while_the_loop_goes_on(
    database_url: str, in_a_loop: Callable[[Main[Any]], Any]
) -> None:
    async def main(waiting: InGreenlets) -> tuple[list[Any], int]:
        ask = partial(asked, database_url, "SELECT 7 FROM pg_sleep(0.3)")
        works = [waiting.run(ask) for _ in range(8)]
        ticks = await ticks_until(works)
        return [work.result() for work in works], ticks

    began = time.monotonic()
    answers, ticks = in_a_loop(main)
    assert answers == [7] * 8
    assert ticks > 5
    assert time.monotonic() - began < 8 * 0.3


def test_statements_of_threads_run_at_once_beside_those_of_greenlets(
    database_url: str, in_a_loop: Callable[[Main[Any]], Any]
) -> None:
    async def main(waiting: InGreenlets) -> list[Any]:
        loop = asyncio.get_running_loop()
        ask = partial(asked, database_url, "SELECT 7 FROM pg_sleep(0.3)")
        with ThreadPoolExecutor(4) as threads:
            works = [loop.run_in_executor(threads, ask) for _ in range(4)]
            works += [waiting.run(ask) for _ in range(4)]
            assert await ticks_until(works) > 5
        return [work.result() for work in works]

    assert in_a_loop(main) == [7] * 8


def test_what_is_too_large_for_one_message_goes_both_ways(
    database_url: str, in_a_loop: Callable[[Main[Any]], Any]
) -> None:
    """More than the sockets hold: the driver has to wait until it can go on writing, then reading."""
    text = "€" * 5_000_000

    async def main(waiting: InGreenlets) -> Any:
        return await waiting.run(partial(asked, database_url, f"SELECT '{text}'"))

    assert in_a_loop(main) == text


def test_errors_of_the_server_are_the_drivers_as_ever(
    database_url: str, in_a_loop: Callable[[Main[Any]], Any]
) -> None:
    def ask() -> list[Any]:
        with closing(psycopg2.connect(dsn(database_url))) as session:
            session.autocommit = True
            cursor = session.cursor()
            with pytest.raises(psycopg2.errors.DivisionByZero):
                cursor.execute("BEGIN; SELECT 1; SELECT 1/0; COMMIT")
            cursor.execute("ROLLBACK")
            cursor.execute("SET statement_timeout = '50ms'")
            with pytest.raises(psycopg2.errors.QueryCanceled):
                cursor.execute("SELECT pg_sleep(10)")
            cursor.execute("SELECT 7")
            return cursor.fetchall()

    async def main(waiting: InGreenlets) -> Any:
        return await waiting.run(ask)

    assert in_a_loop(main) == [(7,)]


def test_a_session_killed_while_a_greenlet_waits_is_an_error_and_leaves_the_loop_nothing(
    database_url: str, in_a_loop: Callable[[Main[Any]], Any]
) -> None:
    """The file's number is another's afterwards, for whom the loop waits as ever."""

    def die() -> int:
        session = psycopg2.connect(dsn(database_url), application_name="victim")
        number = session.fileno()
        with pytest.raises((psycopg2.OperationalError, psycopg2.errors.AdminShutdown)):
            session.cursor().execute("SELECT pg_sleep(60)")
        assert session.closed
        return number

    def kill() -> None:
        sleeping = "SELECT count(*) = 1 FROM pg_stat_activity WHERE application_name = 'victim'"
        until(as_superuser(database_url), sleeping + " AND wait_event = 'PgSleep'")
        sql(
            as_superuser(database_url),
            sleeping.replace("count(*) = 1", "pg_terminate_backend(pid)"),
        )

    async def main(waiting: InGreenlets) -> tuple[bool, bool]:
        loop = asyncio.get_running_loop()
        killed = loop.run_in_executor(None, kill)
        number = await waiting.run(die)
        await killed
        one, other = socket.socketpair()  # the kernel gives the lowest number that is free
        with one, other:
            ours, theirs = (one, other) if one.fileno() == number else (other, one)
            assert ours.fileno() == number
            ready = partial(waiting.until_ready, to_write=False, seconds=HANGS_SECONDS)
            waits = waiting.run(partial(ready, number))
            await asyncio.sleep(0.05)
            early = waits.done()
            theirs.send(b"x")
            return early, await waits

    assert in_a_loop(main) == (False, True)


# Connecting.


@contextmanager
def a_silent_host(address: str = "127.0.0.1", port: int = 0) -> Iterator[int]:
    """It takes connections, as the kernel does for whoever listens, and says nothing."""
    with socket.create_server((address, port)) as listener:
        yield listener.getsockname()[1]


@contextmanager
def a_host(url: str, address: str = "127.0.0.1") -> Iterator[int]:
    """The database behind a TCP port."""
    there = sa.make_url(url)
    wire = Wire(f"{there.query['host']}/.s.PGSQL.{there.query.get('port', there.port)}")
    with socket.create_server((address, 0)) as listener:
        threading.Thread(target=wire.listen, args=(listener,), daemon=True).start()
        try:
            yield listener.getsockname()[1]
        finally:
            listener.shutdown(socket.SHUT_RDWR)


def a_refused_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def where(url: str, hosts: str, ports: str, **more: Any) -> dict[str, Any]:
    there = sa.make_url(url)
    names = {"dbname": there.database, "user": there.username, "password": PASSWORD}
    return {**names, "host": hosts, "port": ports, "connect_timeout": 1, **more}


def both(one: object, other: object) -> str:
    return f"{one},{other}"


def number_of(connect: Callable[[], connection]) -> Any:
    with closing(connect()) as session, session.cursor() as cursor:
        cursor.execute("SELECT 7")
        return cursor.fetchall()[0][0]


def test_a_host_that_says_nothing_is_not_waited_for_longer_than_the_limit(
    in_a_loop: Callable[[Main[Any]], Any], database_url: str
) -> None:
    """In threads and in greenlets, with the loop going on."""

    async def main(waiting: InGreenlets) -> tuple[list[float], int]:
        with a_silent_host() as port:
            to = where(database_url, "127.0.0.1", str(port))

            def refused() -> float:
                began = time.monotonic()
                with pytest.raises(psycopg2.OperationalError, match="timeout expired") as error:
                    connect_to_any(to)
                assert PASSWORD not in str(error.value)
                return time.monotonic() - began

            loop = asyncio.get_running_loop()
            works = [waiting.run(refused), loop.run_in_executor(None, refused)]
            ticks = await ticks_until(works)
            return [work.result() for work in works], ticks

    seconds, ticks = in_a_loop(main)
    assert all(0.9 < each < 4 for each in seconds)
    assert ticks > 20


@pytest.mark.parametrize("timeout", [0, -1])
def test_no_limit_is_no_limit(database_url: str, timeout: int) -> None:
    """As libpq reads it."""
    wait_by(InGreenlets().until_ready)
    with a_host(database_url) as port:
        to = where(database_url, "127.0.0.1", str(port), connect_timeout=timeout)
        assert number_of(partial(psycopg2.connect, **to)) == 7


@pytest.mark.parametrize("callback", [True, False])
@pytest.mark.parametrize("first", ["silent", "refused"])
@pytest.mark.parametrize("target", ["any", "read-write", "primary"])
def test_of_several_hosts_the_first_that_answers_is_taken(
    database_url: str, callback: bool, first: str, target: str
) -> None:
    if callback:
        wait_by(InGreenlets().until_ready)
    with a_silent_host() as silent, a_host(database_url) as port:
        other = silent if first == "silent" else a_refused_port()
        to = where(
            database_url, "127.0.0.1,127.0.0.1", both(other, port), target_session_attrs=target
        )
        assert number_of(partial(connect_to_any, to)) == 7


def test_a_host_that_may_only_be_read_is_passed_by(database_url: str) -> None:
    wait_by(InGreenlets().until_ready)
    name = sa.make_url(database_url).database
    sql(as_superuser(database_url), f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    with a_host(database_url) as port:
        to = where(
            database_url, "127.0.0.1,127.0.0.1", str(port), target_session_attrs="read-write"
        )
        with pytest.raises(psycopg2.OperationalError, match="read-only") as error:
            connect_to_any(to)
        assert PASSWORD not in str(error.value)
        assert number_of(partial(connect_to_any, {**to, "target_session_attrs": "any"})) == 7


def test_when_no_host_answers_the_first_ones_error_is_told_without_the_password(
    database_url: str,
) -> None:
    wait_by(InGreenlets().until_ready)
    with a_silent_host() as silent:
        to = where(database_url, "127.0.0.1,127.0.0.1", both(a_refused_port(), silent))
        with pytest.raises(psycopg2.OperationalError, match="refused") as error:
            connect_to_any(to)
    assert PASSWORD not in str(error.value)


def test_a_name_with_several_addresses_is_tried_at_each(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """libpq goes on to the next by itself only where it waits itself."""
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (f"127.0.0.{n}", 0)) for n in (2, 3)]
    monkeypatch.setattr(driver_connects.socket, "getaddrinfo", lambda *_, **__: found)
    wait_by(InGreenlets().until_ready)
    with a_host(database_url, "127.0.0.3") as port, a_silent_host("127.0.0.2", port):
        assert number_of(partial(connect_to_any, where(database_url, "database", str(port)))) == 7


def test_a_name_that_nobody_knows_is_said_to_be_so(database_url: str) -> None:
    wait_by(InGreenlets().until_ready)
    with pytest.raises(psycopg2.OperationalError, match=r"no-such-host\.invalid"):
        connect_to_any(where(database_url, "no-such-host.invalid", "5432"))


@pytest.mark.parametrize(
    ("given", "tried"),
    [
        ({}, [{}]),
        ({"host": "/run"}, [{"host": "/run"}]),
        ({"host": "/run", "port": 5}, [{"host": "/run", "port": "5"}]),
        ({"host": "/a,/b"}, [{"host": "/a"}, {"host": "/b"}]),
        (
            {"host": "/a,/b", "port": "5"},
            [{"host": "/a", "port": "5"}, {"host": "/b", "port": "5"}],
        ),
        (
            {"host": "/a,/b", "port": "5,6"},
            [{"host": "/a", "port": "5"}, {"host": "/b", "port": "6"}],
        ),
        ({"hostaddr": "::1,::2"}, [{"hostaddr": "::1"}, {"hostaddr": "::2"}]),
        (
            {"host": "a,b", "hostaddr": "::1,::2", "port": "5"},
            [
                {"host": "a", "hostaddr": "::1", "port": "5"},
                {"host": "b", "hostaddr": "::2", "port": "5"},
            ],
        ),
        ({"host": "/a,/b,/c", "port": "5,6"}, [{"host": "/a,/b,/c", "port": "5,6"}]),
        ({"host": "a,b", "hostaddr": "::1"}, [{"host": "a,b", "hostaddr": "::1"}]),
    ],
)
def test_hosts_addresses_and_ports_belong_together_as_libpq_reads_them(
    given: Mapping[str, Any], tried: list[Mapping[str, Any]]
) -> None:
    assert list(driver_connects._addresses(given)) == tried


def test_a_driver_that_does_not_know_what_it_waits_for_is_not_waited_for() -> None:
    class Lost:
        status = STATUS_READY

        def poll(self) -> int:
            return POLL_ERROR

    with pytest.raises(psycopg2.OperationalError):
        driver_waits._wait(InGreenlets().until_ready, Lost())  # type: ignore[arg-type]


# Engines.


def test_an_engine_of_the_money_road_connects_in_the_loop(
    database_url: str, in_a_loop: Callable[[Main[Any]], Any]
) -> None:
    """To the second host, when the first is silent; nobody else is kept waiting."""

    async def main(waiting: InGreenlets) -> tuple[Any, int]:
        with a_silent_host() as silent, a_host(database_url) as port:
            there = sa.make_url(database_url)
            url = there.set(
                query={"host": "127.0.0.1,127.0.0.1", "port": both(silent, port)}, port=None
            )
            engine = posting_engine(url.render_as_string(hide_password=False), pool_size=1)

            def ask() -> Any:
                raw = connection_of(engine, waiting)
                with closing(raw), closing(raw.cursor()) as cursor:
                    cursor.execute("SELECT 7 FROM pg_sleep(0.1)")
                    return cursor.fetchall()

            works = [waiting.run(ask)]
            ticks = await ticks_until(works)
            engine.dispose()
            return works[0].result(), ticks

    migrated(database_url)
    answer, ticks = in_a_loop(main)
    assert answer == [(7,)]
    assert ticks > 100  # five seconds for the silent one


def lose_sessions(url: str) -> None:
    """Those of the service."""
    who = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = %s"
    sql(as_superuser(url), who, engines.APPLICATION)


@pytest.fixture
def connecting(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The threads that have looked up a host's name, with a host to be looked up each time."""
    threads: list[int] = []

    def noted(where: Mapping[str, Any]) -> connection:
        threads.append(threading.get_ident())
        return connect_to_any(where)

    monkeypatch.setattr(engines, "connect_to_any", noted)
    return threads


def test_what_a_lost_connection_of_payments_leaves_is_filled_by_a_thread(
    database_url: str, in_a_loop: Callable[[Main[Any]], Any], connecting: list[int]
) -> None:
    """A name is looked up for it: where that takes long, the loop would stand still."""

    async def main(waiting: InGreenlets) -> None:
        engine = posting_engine(database_url, pool_size=1)

        def pay() -> None:
            with PostgresUnitOfWork(engine, utc_now, frozenset({"USD"}), waiting) as unit:
                unit.open_books(Claims(wallet_ids=[UUID(int=1)]))

        def die_while_paying() -> None:
            with PostgresUnitOfWork(engine, utc_now, frozenset({"USD"}), waiting) as unit:
                unit.open_books(Claims(wallet_ids=[UUID(int=1)]))
                waiting.do(partial(lose_sessions, database_url))

        await waiting.run(pay)
        lose_sessions(database_url)
        with pytest.raises(TryAgain):
            await waiting.run(pay)
        await waiting.run(pay)
        await waiting.run(die_while_paying)
        await waiting.run(pay)
        engine.dispose()

    migrated(database_url)
    in_a_loop(main)
    assert len(connecting) == 3
    assert threading.get_ident() not in connecting


def test_what_lost_connections_of_look_ups_leave_is_filled_by_a_thread(
    database_url: str,
    in_a_loop: Callable[[Main[Any]], Any],
    connecting: list[int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Also after the second try was lost, too."""

    async def main(waiting: InGreenlets) -> None:
        engine = reading_engine(database_url, pool_size=2)
        looker = Looker(engine, waiting)

        def look_up() -> None:
            assert looker.rows(WALLET_BY_ID, id_array([UUID(int=1)])) == []

        await waiting.run(look_up)
        lose_sessions(database_url)
        with monkeypatch.context() as patched:
            made = engines.connection_of

            def lost_at_once(*asked: Any) -> Any:
                found = made(*asked)
                waiting.do(partial(lose_sessions, database_url))
                return found

            patched.setattr("adapters.postgres.looker.connection_of", lost_at_once)
            with pytest.raises(Unavailable):
                await waiting.run(look_up)
        await waiting.run(look_up)
        engine.dispose()

    migrated(database_url)
    in_a_loop(main)
    assert len(connecting) == 3
    assert threading.get_ident() not in connecting


def migrated(url: str) -> None:
    """Statements are prepared for the tables."""
    strike(a_stage("postgres18", url))


def test_every_engine_of_the_process_waits_so(database_url: str) -> None:
    files: list[int] = []

    def until_ready(file: int, *, to_write: bool, seconds: float | None) -> bool:
        files.append(file)
        return InGreenlets().until_ready(file, to_write=to_write, seconds=seconds)

    wait_by(until_ready)
    with plain_engine(database_url).connect() as session:
        assert session.execute(sa.text("SELECT 7")).scalar() == 7
    assert files
