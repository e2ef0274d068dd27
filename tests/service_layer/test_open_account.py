"""Opening an account."""

from typing import Any

import pytest

from domain.errors import CurrencyNotEnabled, ReferenceTaken, Refusal
from domain.wallet import NEVER, Status
from tests.builders import a_caller, open_account
from tests.service_layer.faulty_unit import NOON, Database, done, kinds


def test_an_account_is_opened_with_an_empty_active_wallet() -> None:
    database = Database()
    command = open_account(name="Ada", reference="ada", currency="EUR")
    done(database.run(command))
    account = database.ledger.accounts[command.id]
    wallet = database.ledger.wallets[command.wallet_id].wallet
    assert (account.name, account.reference, account.version) == ("Ada", "ada", 1)
    assert (wallet.account_id, wallet.currency, wallet.status) == (
        command.id,
        "EUR",
        Status.ACTIVE,
    )
    assert (wallet.balance, wallet.version, wallet.last_posted_at) == (0, 0, NEVER)


def test_the_answer_is_the_account_as_it_was_when_it_was_opened() -> None:
    command = open_account(name="Ada")
    (outcome,) = done(Database().run(command))
    noon = "2026-01-01T12:00:00.000000Z"
    assert outcome.body == {
        "id": str(command.id),
        "name": "Ada",
        "reference": None,
        "status": "active",
        "metadata": {},
        "version": 1,
        "wallets": [
            {
                "id": str(command.wallet_id),
                "account_id": str(command.id),
                "currency": "USD",
                "status": "active",
                "balance": 0,
                "held": 0,
                "available": 0,
                "overdraft_limit": 0,
                "max_balance": None,
                "wallet_version": 0,
                "created_at": noon,
                "updated_at": noon,
            }
        ],
        "created_at": noon,
        "updated_at": noon,
    }


def test_an_account_is_opened_now() -> None:
    database = Database()
    command = open_account()
    database.run(command)
    assert database.ledger.accounts[command.id].created_at == NOON


def test_a_repeated_request_opens_no_second_account() -> None:
    database = Database()
    first, second = (open_account(caller=a_caller("k-1")) for _ in range(2))
    (opened,), (again,) = done(database.run(first)), done(database.run(second))
    assert (again.body, again.replayed) == (opened.body, True)
    assert set(database.ledger.accounts) == {first.id}


def test_accounts_without_a_reference_do_not_stand_in_each_others_way() -> None:
    database = Database()
    assert kinds(database.run(open_account(), open_account())) == [None, None]


REFUSED: list[tuple[str, dict[str, Any], type[Refusal]]] = [
    ("a currency that is not enabled", {"currency": "JPY"}, CurrencyNotEnabled),
    ("a reference in use", {"reference": "ada"}, ReferenceTaken),
    ("both", {"currency": "JPY", "reference": "ada"}, CurrencyNotEnabled),
]


@pytest.mark.parametrize(
    ("wrong", "expected"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED]
)
def test_what_is_checked_first_is_what_is_refused(
    wrong: dict[str, Any], expected: type[Refusal]
) -> None:
    database = Database()
    database.run(open_account(reference="ada"))
    assert kinds(database.run(open_account(**wrong))) == [expected]
    assert len(database.ledger.accounts) == len(database.ledger.wallets) == 1


def test_a_reference_is_taken_by_an_earlier_command_of_the_same_batch() -> None:
    database = Database()
    results = database.run(open_account(reference="ada"), open_account(reference="ada"))
    assert kinds(results) == [None, ReferenceTaken]
