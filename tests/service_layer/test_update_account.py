"""Updating what an account is called."""

from typing import Any

import pytest

from adapters.system import new_id
from domain.errors import AccountNotFound, Refusal, VersionConflict
from domain.wallet import Status
from service_layer.open_account import OpenAccount
from tests.builders import a_caller, change_status, open_account, update_account
from tests.service_layer.faulty_unit import Database, done, kinds


def an_account(database: Database) -> OpenAccount:
    command = open_account(reference="ada")
    done(database.run(command))
    done(database.run(update_account(command.id, 1, metadata={"tier": "gold", "since": "2026"})))
    return command


CHANGES: dict[str, tuple[dict[str, Any], tuple[str, dict[str, str], int]]] = {
    "a name": ({"name": "Eve"}, ("Eve", {"tier": "gold", "since": "2026"}, 3)),
    "metadata, which is replaced": ({"metadata": {"a": "1"}}, ("Ada", {"a": "1"}, 3)),
    "no metadata": ({"metadata": {}}, ("Ada", {}, 3)),
    "both": ({"name": "Eve", "metadata": {}}, ("Eve", {}, 3)),
    "nothing": ({}, ("Ada", {"tier": "gold", "since": "2026"}, 2)),
    "what is so already": (
        {"name": "Ada", "metadata": {"since": "2026", "tier": "gold"}},
        ("Ada", {"tier": "gold", "since": "2026"}, 2),
    ),
    "one of two": ({"name": "Ada", "metadata": {}}, ("Ada", {}, 3)),
}


@pytest.mark.parametrize(("change", "expected"), CHANGES.values(), ids=CHANGES)
def test_what_is_named_changes_and_the_rest_stays(
    change: dict[str, Any], expected: tuple[str, dict[str, str], int]
) -> None:
    database = Database()
    opened = an_account(database)
    (outcome,) = done(database.run(update_account(opened.id, 2, **change)))
    account = database.ledger.accounts[opened.id]
    assert (account.name, account.metadata, account.version) == expected
    assert (account.reference, account.status) == ("ada", Status.ACTIVE)
    assert outcome.body is not None
    shown = outcome.body
    assert (shown["name"], shown["metadata"], shown["version"]) == expected
    assert [wallet["id"] for wallet in shown["wallets"]] == [str(opened.wallet_id)]


def test_it_claims_the_account() -> None:
    account_id = new_id()
    assert update_account(account_id).claims.account_ids == (account_id,)


@pytest.mark.parametrize("status", [Status.FROZEN, Status.CLOSED])
def test_an_account_that_is_not_active_has_a_name_too(status: Status) -> None:
    database = Database()
    opened = an_account(database)
    done(
        database.run(
            change_status(opened.id, status),
            update_account(opened.id, 3, name="N. N.", metadata={}),
        )
    )
    account = database.ledger.accounts[opened.id]
    assert (account.name, account.metadata, account.status) == ("N. N.", {}, status)


REFUSED: list[tuple[str, bool, int, type[Refusal]]] = [
    ("no account, whatever the version", False, 9, AccountNotFound),
    ("a version that was", True, 1, VersionConflict),
    ("a version that is not yet", True, 3, VersionConflict),
]


@pytest.mark.parametrize(
    ("exists", "version", "expected"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED]
)
@pytest.mark.parametrize("change", [{}, {"name": "Eve"}])
def test_what_is_refused(
    exists: bool, version: int, expected: type[Refusal], change: dict[str, Any]
) -> None:
    database = Database()
    opened = an_account(database)
    id = opened.id if exists else new_id()
    assert kinds(database.run(update_account(id, version, **change))) == [expected]
    assert database.ledger.accounts[opened.id].version == 2


def test_a_repeated_request_is_answered_as_it_was_and_is_no_conflict() -> None:
    database = Database()
    opened = an_account(database)
    first, again = (
        done(database.run(update_account(opened.id, 2, name="Eve", caller=a_caller("k"))))[0]
        for _ in range(2)
    )
    assert (first.replayed, again.replayed, again.body) == (False, True, first.body)
    assert database.ledger.accounts[opened.id].version == 3
