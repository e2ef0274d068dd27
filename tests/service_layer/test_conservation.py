"""Whatever is asked for, in whatever order: money is neither made nor lost; twice asked is once done."""

from collections import defaultdict
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import replace
from typing import Any
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.memory.ledger import Ledger
from domain.idempotency import Outcome
from domain.money import AMOUNT_MINOR_MAX
from domain.transaction import TransactionType
from domain.wallet import Status, external_wallet_id
from service_layer.command import Command
from service_layer.open_account import OpenAccount
from service_layer.replenish import Replenish
from service_layer.transfer import Transfer
from service_layer.unit_of_work import CommitUnknown, TryAgain
from tests.builders import a_caller, replenish, transfer
from tests.service_layer.faulty_unit import Database, Fault, done

# Six wallets, one id of nothing, one system wallet: many requests name the wrong one.
WALLETS = [UUID(int=number) for number in range(1, 7)]
NAMED = st.sampled_from([*WALLETS, UUID(int=404), external_wallet_id("USD")])
CURRENCIES = st.sampled_from(["USD", "USD", "USD", "EUR"])
AMOUNTS = st.one_of(st.integers(1, 50), st.sampled_from([AMOUNT_MINOR_MAX, AMOUNT_MINOR_MAX - 20]))
REFERENCES = st.sampled_from([None, None, None, "rent", "gift"])
KEYS = st.integers(1, 40).map("key-{}".format)
CALLERS = st.builds(lambda key, request: a_caller(key, request=request), KEYS, st.just("same"))

COMMANDS = st.one_of(
    st.builds(replenish, NAMED, AMOUNTS, currency=CURRENCIES, reference=REFERENCES, caller=CALLERS),
    st.builds(
        transfer,
        NAMED,
        NAMED,
        AMOUNTS,
        currency=CURRENCIES,
        reference=REFERENCES,
        caller=CALLERS,
    ),
)
BATCHES = st.lists(st.lists(COMMANDS, min_size=1, max_size=6), max_size=8)
FAULTS = st.lists(
    st.sampled_from(
        [
            None,
            Fault(moment="write", error=TryAgain("deadlock")),
            Fault(moment="commit", error=CommitUnknown("lost")),
            Fault(moment="commit", error=CommitUnknown("lost"), after=True),
        ]
    ),
    max_size=30,
)
WALLET_KINDS = st.lists(
    st.fixed_dictionaries(
        {
            "currency": CURRENCIES,
            "status": st.sampled_from([*([Status.ACTIVE] * 4), Status.FROZEN, Status.CLOSED]),
            "overdraft_limit": st.sampled_from([0, 0, 30, AMOUNT_MINOR_MAX]),
            "max_balance": st.sampled_from([None, None, 60]),
        }
    ),
    min_size=len(WALLETS),
    max_size=len(WALLETS),
)
SHORT = settings(max_examples=60, deadline=None, derandomize=True)


def a_database(kinds: Sequence[dict[str, Any]], faults: list[Fault | None]) -> Database:
    """A database with the six wallets, as odd as `kinds` says."""
    database = Database()
    done(database.run(*map(_opening, WALLETS, kinds)))
    for wallet_id, kind in zip(WALLETS, kinds, strict=True):
        row = database.ledger.wallets[wallet_id]
        database.ledger.wallets[wallet_id] = replace(row, wallet=replace(row.wallet, **kind))
    database.faults = list(faults)
    return database


def _opening(wallet_id: UUID, kind: dict[str, Any]) -> OpenAccount:
    return OpenAccount(
        id=wallet_id,
        wallet_id=wallet_id,
        caller=a_caller(),
        name="Somebody",
        currency=kind["currency"],
    )


def run_all(database: Database, batches: list[list[Command]]) -> list[Outcome]:
    attempts_max = 40  # more than there are faults
    return [
        outcome
        for batch in batches
        for outcome in done(database.run(*batch, attempts_max=attempts_max))
    ]


def money_in_wallets(ledger: Ledger) -> dict[str, int]:
    total: dict[str, int] = defaultdict(int)
    for row in ledger.wallets.values():
        total[row.wallet.currency] += row.wallet.balance
    return {currency: amount for currency, amount in total.items() if amount}


def money_replenished(commands: list[Command], outcomes: list[Outcome]) -> dict[str, int]:
    """What was acknowledged, each once: as the callers themselves would add it up."""
    total: dict[str, int] = defaultdict(int)
    for command, outcome in zip(commands, outcomes, strict=True):
        if isinstance(command, Replenish) and outcome.transaction_id == command.id:
            total[command.currency] += command.amount
    return dict(total)


@SHORT
@given(WALLET_KINDS, BATCHES, FAULTS)
def test_all_money_in_the_wallets_was_once_acknowledged_as_replenished(
    kinds: list[dict[str, Any]], batches: list[list[Command]], faults: list[Fault | None]
) -> None:
    database = a_database(kinds, faults)
    outcomes = run_all(database, batches)
    commands = [command for batch in batches for command in batch]
    assert money_in_wallets(database.ledger) == money_replenished(commands, outcomes)


@SHORT
@given(WALLET_KINDS, BATCHES, FAULTS)
def test_all_postings_sum_to_zero_in_each_currency(
    kinds: list[dict[str, Any]], batches: list[list[Command]], faults: list[Fault | None]
) -> None:
    database = a_database(kinds, faults)
    run_all(database, batches)
    sums: dict[str, int] = defaultdict(int)
    for transaction in database.ledger.transactions.values():
        for posting in transaction.postings:
            sums[posting.currency] += posting.amount
    assert not any(sums.values())


@SHORT
@given(WALLET_KINDS, BATCHES, FAULTS)
def test_no_wallet_ever_leaves_its_limits(
    kinds: list[dict[str, Any]], batches: list[list[Command]], faults: list[Fault | None]
) -> None:
    database = a_database(kinds, faults)
    run_all(database, batches)
    limits = dict(zip(WALLETS, kinds, strict=True))
    for transaction in database.ledger.transactions.values():
        for posting in transaction.postings:
            if posting.balance_after is not None:
                limit = limits[posting.wallet_id]
                highest = limit["max_balance"] or AMOUNT_MINOR_MAX
                assert -limit["overdraft_limit"] <= posting.balance_after <= highest


@SHORT
@given(WALLET_KINDS, BATCHES, FAULTS)
def test_a_wallet_that_is_not_active_pays_nobody(
    kinds: list[dict[str, Any]], batches: list[list[Command]], faults: list[Fault | None]
) -> None:
    database = a_database(kinds, faults)
    run_all(database, batches)
    status = {wallet_id: kind["status"] for wallet_id, kind in zip(WALLETS, kinds, strict=True)}
    posted = [
        posting
        for transaction in database.ledger.transactions.values()
        for posting in transaction.postings
        if posting.wallet_id in status
    ]
    paying = {status[posting.wallet_id] for posting in posted if posting.amount < 0}
    taking = {status[posting.wallet_id] for posting in posted if posting.amount > 0}
    assert paying <= {Status.ACTIVE}
    assert taking <= {Status.ACTIVE, Status.FROZEN}


@SHORT
@given(WALLET_KINDS, BATCHES, FAULTS)
def test_everything_sent_again_changes_nothing_and_has_the_same_answers(
    kinds: list[dict[str, Any]], batches: list[list[Command]], faults: list[Fault | None]
) -> None:
    database = a_database(kinds, faults)
    first = run_all(database, batches)
    before = deepcopy(
        (database.ledger.wallets, database.ledger.transactions, list(database.ledger.kept))
    )
    again = run_all(database, batches)
    after = (database.ledger.wallets, database.ledger.transactions, list(database.ledger.kept))
    assert after == before
    assert all(outcome.replayed for outcome in again)
    assert [replace(outcome, replayed=True) for outcome in first] == again


@SHORT
@given(WALLET_KINDS, BATCHES)
def test_faults_make_no_difference(
    kinds: list[dict[str, Any]], batches: list[list[Command]]
) -> None:
    calm = a_database(kinds, [])
    stormy = a_database(kinds, [Fault(moment="commit", error=CommitUnknown("lost"), after=True)])
    stormy.at_write = _fail_every_second_time()
    assert _told(run_all(stormy, batches)) == _told(run_all(calm, batches))
    assert stormy.ledger.transactions == calm.ledger.transactions


def _fail_every_second_time() -> Any:
    failing = iter([True, False] * 1000)

    def at_write(books: object) -> None:
        if next(failing):
            raise TryAgain("deadlock")

    return at_write


def _told(outcomes: list[Outcome]) -> list[tuple[object, ...]]:
    return [
        (each.transaction_id, type(each.refused), each.replayed, each.request_id)
        for each in outcomes
    ]


@SHORT
@given(WALLET_KINDS, BATCHES, FAULTS)
def test_the_books_always_add_up(
    kinds: list[dict[str, Any]], batches: list[list[Command]], faults: list[Fault | None]
) -> None:
    database = a_database(kinds, faults)
    run_all(database, batches)
    assert database.findings() == ()


def test_these_requests_are_not_all_refused() -> None:
    """What is tried above would prove little if nothing happened in it."""
    kind = {
        "currency": "USD",
        "status": Status.ACTIVE,
        "overdraft_limit": 0,
        "max_balance": None,
    }
    database = a_database([kind] * len(WALLETS), [])
    ada, bob, *_ = WALLETS
    run_all(database, [[replenish(ada, 50), transfer(ada, bob, 20)], [transfer(bob, ada, 5)]])
    types = [each.type for each in database.ledger.transactions.values()]
    assert types == [TransactionType.REPLENISHMENT] + [TransactionType.TRANSFER] * 2
    assert isinstance(transfer(ada, bob), Transfer)
