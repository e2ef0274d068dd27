"""An API key: what opens it, how it is rotated, when it is over."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from domain.api_key import (
    ApiKey,
    KeySecret,
    KeyStatus,
    hash_of,
    looks_random,
    prefix_of,
)
from domain.errors import ApiKeyNotActive
from domain.scope import BOUND, MEANINGS, Scope, fault_in_scopes

NOW = datetime(2026, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
RANDOM = "jF3kT9-qLw_ZxV0bNmR7yHcUe5sPaGdo2iQ4tWl8KfM"
ANYBODY = UUID(int=7)


def a_secret(number: int, at: datetime = NOW) -> KeySecret:
    return KeySecret(prefix=f"{number:012x}", hash=hash_of(str(number)), created_at=at)


def a_key(**changes: object) -> ApiKey:
    key = ApiKey(
        id=UUID(int=1),
        name="Shop",
        scopes=(Scope.TRANSFERS_WRITE,),
        secrets=(a_secret(1),),
        created_at=NOW,
        updated_at=NOW,
    )
    return replace(key, **changes)  # type: ignore[arg-type]


def opens(key: ApiKey, number: int, at: datetime = NOW) -> bool:
    return key.opens_for(hash_of(str(number)), at)


def test_its_own_secret_opens_it_and_no_other() -> None:
    assert opens(a_key(), 1)
    assert not opens(a_key(), 2)
    assert not a_key().opens_for(b"", NOW)


def test_it_is_over_from_its_instant_on() -> None:
    key = a_key(expires_at=NOW + HOUR)
    before = NOW + HOUR - timedelta(microseconds=1)
    assert (key.status(before), key.status(NOW + HOUR)) == (KeyStatus.ACTIVE, KeyStatus.EXPIRED)
    assert opens(key, 1, before)
    assert not opens(key, 1, NOW + HOUR)


def test_a_revoked_key_is_over_for_good() -> None:
    revoked = a_key().revoked(NOW + HOUR)
    assert (revoked.status(NOW), revoked.revoked_at) == (KeyStatus.REVOKED, NOW + HOUR)
    assert not opens(revoked, 1)
    with pytest.raises(ApiKeyNotActive):
        revoked.revoked(NOW + HOUR)
    with pytest.raises(ApiKeyNotActive):
        revoked.rotated(a_secret(2), HOUR)


def test_an_expired_key_can_be_revoked_and_not_rotated() -> None:
    expired = a_key(expires_at=NOW)
    assert expired.revoked(NOW).status(NOW) is KeyStatus.REVOKED
    with pytest.raises(ApiKeyNotActive):
        expired.rotated(a_secret(2), HOUR)


def test_after_a_rotation_two_secrets_open_it_until_the_first_one_ends() -> None:
    key = a_key().rotated(a_secret(2), HOUR)
    end = NOW + HOUR
    before = end - timedelta(microseconds=1)
    assert [opens(key, number, before) for number in (1, 2)] == [True, True]
    assert [opens(key, number, end) for number in (1, 2)] == [False, True]


def test_never_more_than_two_secrets_open_it() -> None:
    key = a_key()
    for number in range(2, 6):
        at = NOW + number * timedelta(minutes=1)
        key = key.rotated(a_secret(number, at), HOUR)
        assert [each for each in range(1, 6) if opens(key, each, at)] == [number - 1, number]


def test_a_rotation_never_puts_off_an_end() -> None:
    key = a_key().rotated(a_secret(2), timedelta(0)).rotated(a_secret(3, NOW + HOUR), HOUR)
    assert [secret.expires_at for secret in key.secrets] == [NOW, NOW + 2 * HOUR, None]


def test_a_rotation_changes_nothing_but_the_secrets() -> None:
    key = a_key(expires_at=NOW + 2 * HOUR, account_id=ANYBODY)
    rotated = key.rotated(a_secret(2, NOW + HOUR), HOUR)
    assert replace(rotated, secrets=key.secrets, updated_at=key.updated_at) == key


def test_hashes_are_not_shown() -> None:
    assert str(a_secret(1).hash) not in repr(a_key())


@pytest.mark.parametrize(
    "text",
    ["", "pay_", f"pay_00000000000g_{RANDOM}", f"pay_000000000001_{RANDOM}x",
     f"pay_000000000001_{RANDOM[1:]}", f"PAY_000000000001_{RANDOM}", f" pay_000000000001_{RANDOM}",
     f"pay_000000000001_{RANDOM}\n", f"pay_\u066000000000001_{RANDOM}"],
)  # fmt: skip
def test_what_has_not_the_form_of_a_secret_has_no_prefix(text: str) -> None:
    assert prefix_of(text) is None
    assert not looks_random(text)


def test_the_prefix_of_a_secret_is_its_public_part() -> None:
    assert prefix_of(f"pay_0123456789ab_{RANDOM}") == "0123456789ab"


@pytest.mark.parametrize(
    ("rest", "random"), [(RANDOM, True), ("a" * 43, False), ("ab12" * 10 + "abc", False)]
)
def test_a_secret_of_few_characters_is_not_random(rest: str, random: bool) -> None:
    assert looks_random(f"pay_0123456789ab_{rest}") == random


def test_every_scope_has_a_meaning() -> None:
    assert set(MEANINGS) == set(Scope)


@pytest.mark.parametrize("scope", Scope)
def test_a_bound_key_can_have_what_a_bound_key_can_use(scope: Scope) -> None:
    assert fault_in_scopes([scope], None) is None
    assert (fault_in_scopes([scope], ANYBODY) is None) == (scope in BOUND)
    assert fault_in_scopes([], ANYBODY) is not None
