"""When a batch fails, its commands run one by one: the culprits are found, and nobody waits for long."""

from domain.errors import Unavailable
from service_layer.unit_of_work import TryAgain
from tests.builders import replenish
from tests.service_layer.faulty_unit import Database, Fault, done, kinds

LOCK_TIMEOUT = Fault(moment="open_books", error=Unavailable("no lock in time"))


def test_a_batch_waits_for_locks_and_its_commands_alone_hardly_do() -> None:
    database = Database()
    wallet = database.a_wallet()
    database.faults = [LOCK_TIMEOUT]
    done(database.run(replenish(wallet, 1), replenish(wallet, 2)))
    assert [claims.hasty for claims in database.tries] == [False, True, True]
    assert database.balance(wallet) == 3


def test_no_further_try_is_begun_after_the_time_for_tries() -> None:
    seconds = iter([0, 1, 19, 20])
    database = Database(forever=Fault(moment="open_books", error=TryAgain("deadlock")))
    [result] = database.run(
        replenish(database.a_wallet()), tries_seconds_max=20.0, clock=lambda: next(seconds)
    )
    assert kinds([result]) == [Unavailable]
    assert len(database.tries) == 3


def test_no_command_is_begun_after_the_time_for_running_alone() -> None:
    seconds = iter([0, 0, 1, 1, 4, 4, 5, 6])
    database = Database(forever=LOCK_TIMEOUT)
    results = database.run(
        *[replenish(database.a_wallet()) for _ in range(4)],
        alone_seconds_max=5.0,
        clock=lambda: next(seconds),
    )
    assert kinds(results) == [Unavailable] * 4
    assert len(database.tries) == 1 + 2, "the whole batch, then those within five seconds"
