"""Settings of rates, of the cache, of Redis: typed, checked before anything starts."""

import subprocess
import sys

import pytest
from pydantic import ValidationError

from entrypoints.config import Settings
from entrypoints.container import Container
from entrypoints.limit_settings import rate_of
from service_layer.rate_limits import Kind, Rate


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("600/minute", Rate(amount=600, seconds=60)),
        ("20 per second", Rate(amount=20, seconds=1)),
        ("100 per 15 minutes", Rate(amount=100, seconds=900)),
        ("5/day", Rate(amount=5, seconds=86_400)),
        ("0", None),
    ],
)
def test_a_rate_is_a_number_in_a_window(text: str, rate: Rate | None) -> None:
    assert rate_of(text) == rate


@pytest.mark.parametrize(
    "text",
    ["", "many", "600", "-1/minute", "0/minute", "1.5/minute", "1/month", "5/minute;9/hour"],
)
def test_what_is_no_rate_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="must"):
        rate_of(text)
    with pytest.raises(ValidationError):
        Settings(rate_failures=text)


def test_what_is_switched_off_has_no_rate() -> None:
    assert set(Settings(rate_reads="0", rate_pages="0").rates()) == {Kind.WRITES, Kind.FAILURES}


@pytest.mark.parametrize(
    "url",
    ["redis://localhost:6379/0", "rediss://:hunter2@redis.example/1", "unix:///run/redis.sock"],
)
def test_redis_is_named_by_a_url(url: str) -> None:
    assert Settings(REDIS_URL=url).redis_url == url


@pytest.mark.parametrize(
    "url", ["localhost:6379", "http://x", "redis://", "redis://hunter2:x", "redis://a b"]
)
def test_what_names_no_redis_is_refused_without_being_repeated(url: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Settings(REDIS_URL=url)
    assert "must be a URL that begins with redis://" in str(refused.value)
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize(
    "option", ["decode_responses=true", "socket_timeout=60", "ssl_certfile=x", "nonsense"]
)
def test_what_would_overrule_how_redis_is_asked_is_refused(option: str) -> None:
    with pytest.raises(ValidationError, match="may have no options but client_name, db, password"):
        Settings(REDIS_URL=f"redis://:hunter2@localhost/0?{option}")


@pytest.mark.parametrize("option", ["db=3", "ssl_cert_reqs=required&ssl_ca_certs=/ca.pem"])
def test_a_url_of_redis_may_say_which_database_and_whom_to_trust(option: str) -> None:
    url = f"rediss://localhost:6380?{option}"
    assert Settings(REDIS_URL=url).redis_url == url


def test_an_empty_url_is_none() -> None:
    assert Settings(REDIS_URL="").redis_url is None


def test_a_cache_in_redis_needs_one() -> None:
    with pytest.raises(ValidationError, match="PAYMENTS_CACHE=redis needs REDIS_URL"):
        Settings(cache="redis")
    assert Settings(cache="redis", REDIS_URL="redis://localhost").caches_in == "redis"


def test_of_books_in_memory_nothing_is_kept_elsewhere() -> None:
    chosen = Settings(cache="redis", REDIS_URL="redis://localhost", memory=True)
    assert chosen.caches_in == "memory"


def test_a_password_is_not_shown_with_the_settings() -> None:
    assert "hunter2" not in repr(Settings(REDIS_URL="redis://:hunter2@localhost"))


def test_the_defaults_limit_everything() -> None:
    limits = Container(settings=Settings(memory=True)).rate_limits()
    assert set(limits.rates) == set(Kind)


def test_nobody_waits_for_redis_who_has_none() -> None:
    script = "import sys, entrypoints.container; sys.exit('redis' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
