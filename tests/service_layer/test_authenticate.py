"""Whose secret it is: asked of the database once for a while, and never longer believed than that."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Event
from uuid import UUID

import pytest

from adapters.system import new_id, new_secret
from domain.api_key import ApiKey, KeySecret, hash_of, prefix_of
from domain.errors import Unavailable
from domain.scope import Scope
from service_layer import authenticate
from service_layer.authenticate import CACHE_SECONDS, Authenticator

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SECRET = new_secret()


def a_key(secret: str = SECRET, expires_at: datetime | None = None) -> ApiKey:
    own = KeySecret(prefix=prefix_of(secret) or "", hash=hash_of(secret), created_at=NOW)
    return ApiKey(
        id=new_id(),
        name="Shop",
        scopes=(Scope.WALLETS_READ,),
        account_id=UUID(int=7),
        secrets=(own,),
        created_at=NOW,
        updated_at=NOW,
        expires_at=expires_at,
    )


def _nothing() -> None:
    return None


@dataclass
class Keys:
    """The stored keys by prefix, with every question that was asked."""

    stored: dict[str, ApiKey]
    asked: list[str] = field(default_factory=list)
    meanwhile: Callable[[], None] = _nothing

    def api_key_of(self, prefix: str) -> ApiKey | None:
        self.asked.append(prefix)
        found = self.stored.get(prefix)
        self.meanwhile()
        return found

    def api_key(self, api_key_id: UUID) -> ApiKey:
        raise NotImplementedError

    def api_keys(self, *, before: UUID | None, limit: int) -> list[ApiKey]:
        raise NotImplementedError


@dataclass
class Rig:
    keys: Keys
    authenticator: Authenticator
    seconds: float = 0.0
    now: datetime = NOW


@pytest.fixture
def rig() -> Rig:
    key = a_key()
    keys = Keys({key.secrets[0].prefix: key})
    made = Rig(
        keys, Authenticator(queries=keys, clock=lambda: made.now, monotonic=lambda: made.seconds)
    )
    return made


def knows(rig: Rig, secret: str = SECRET) -> bool:
    return rig.authenticator.principal_of(secret) is not None


def revoke_all(rig: Rig) -> None:
    rig.keys.stored = {prefix: key.revoked(NOW) for prefix, key in rig.keys.stored.items()}


def test_the_principal_is_the_key_with_its_scopes_and_its_account(rig: Rig) -> None:
    found = rig.authenticator.principal_of(SECRET)
    (key,) = rig.keys.stored.values()
    assert found is not None
    assert (found.id, found.account_id) == (str(key.id), key.account_id)
    assert found.has(Scope.WALLETS_READ)
    assert not found.has(Scope.TRANSFERS_WRITE)


def test_the_database_is_asked_once_for_a_while(rig: Rig) -> None:
    assert knows(rig)
    rig.seconds = CACHE_SECONDS - 0.001
    assert knows(rig)
    assert len(rig.keys.asked) == 1
    rig.seconds = CACHE_SECONDS
    assert knows(rig)
    assert len(rig.keys.asked) == 2


def test_what_is_revoked_elsewhere_opens_nothing_after_that_while(rig: Rig) -> None:
    assert knows(rig)
    revoke_all(rig)
    rig.seconds = CACHE_SECONDS
    assert not knows(rig)
    assert not knows(rig)


def test_what_is_revoked_here_opens_nothing_at_once(rig: Rig) -> None:
    assert knows(rig)
    revoke_all(rig)
    rig.authenticator.forget()
    assert not knows(rig)


def test_a_change_of_a_key_makes_no_stranger_of_any_other(rig: Rig) -> None:
    """Where an address is blocked, only secrets that were right before are looked up."""
    assert knows(rig)
    rig.authenticator.forget()
    assert rig.authenticator.has_opened(SECRET)
    assert knows(rig)
    revoke_all(rig)
    rig.authenticator.forget()
    assert not knows(rig)
    assert not rig.authenticator.has_opened(SECRET)


def test_what_was_read_before_a_revocation_is_not_remembered_after_it(rig: Rig) -> None:
    def revoke_while_it_is_read() -> None:
        revoke_all(rig)
        rig.authenticator.forget()

    rig.keys.meanwhile = revoke_while_it_is_read
    knows(rig)
    rig.keys.meanwhile = _nothing
    assert not knows(rig)


def test_an_expired_key_opens_nothing_from_its_instant_on_though_it_is_remembered(rig: Rig) -> None:
    key = a_key(expires_at=NOW + timedelta(seconds=1))
    rig.keys.stored = {key.secrets[0].prefix: key}
    assert knows(rig)
    rig.now += timedelta(seconds=1)
    assert not knows(rig)
    assert len(rig.keys.asked) == 1


def test_a_wrong_secret_is_never_remembered_whatever_its_prefix(rig: Rig) -> None:
    wrong = SECRET[:17] + new_secret()[17:]
    unknown = new_secret()
    knows(rig)
    for secret in (wrong, wrong, unknown, unknown):
        assert not knows(rig, secret)
    assert rig.keys.asked[1:] == [prefix_of(each) for each in (wrong, wrong, unknown, unknown)]


def test_an_unknown_prefix_is_compared_as_a_wrong_secret_is(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[ApiKey] = []
    opens_for = ApiKey.opens_for

    def watched(key: ApiKey, hash: bytes, now: datetime) -> bool:
        compared.append(key)
        return opens_for(key, hash, now)

    monkeypatch.setattr(ApiKey, "opens_for", watched)
    for secret in (SECRET[:17] + new_secret()[17:], new_secret()):
        knows(rig, secret)
    assert [len(key.secrets) for key in compared] == [1, 1]


def test_what_has_not_the_form_of_a_secret_is_not_looked_up(rig: Rig) -> None:
    assert not knows(rig, "x" * 60)
    assert rig.keys.asked == []


def test_a_herd_asks_once(rig: Rig) -> None:
    asked, go_on = Event(), Event()

    def wait() -> None:
        asked.set()
        go_on.wait(10)

    rig.keys.meanwhile = wait
    with ThreadPoolExecutor(16) as pool:
        first = pool.submit(knows, rig)
        asked.wait(10)
        others = [pool.submit(knows, rig) for _ in range(15)]
        go_on.set()
        assert first.result(10)
        assert all(each.result(10) for each in others)
    assert len(rig.keys.asked) == 1


def test_when_the_database_is_away_all_are_told_and_it_is_asked_again(rig: Rig) -> None:
    def away() -> None:
        raise Unavailable("away")

    rig.keys.meanwhile = away
    for _ in range(2):
        with pytest.raises(Unavailable):
            knows(rig)
    rig.keys.meanwhile = _nothing
    assert knows(rig)
    assert len(rig.keys.asked) == 3


def test_what_is_remembered_is_bounded(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(authenticate, "CACHE_SIZE_MAX", 3)
    secrets = [new_secret() for _ in range(5)]
    rig.keys.stored = {prefix_of(secret) or "": a_key(secret) for secret in secrets}
    assert all(knows(rig, secret) for secret in secrets)
    rig.keys.asked.clear()
    for secret in secrets[2:]:
        knows(rig, secret)
    assert rig.keys.asked == []
    knows(rig, secrets[0])
    assert len(rig.keys.asked) == 1
