"""The settings of the service: one typed class, read from the environment."""

import re
from pathlib import Path
from typing import Literal, Self
from urllib.parse import unquote, urlsplit

from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from domain.api_key import looks_random
from domain.money import Currency
from entrypoints.limit_settings import check_redis_url, rate_of
from entrypoints.setting_rules import check_database_url, currency_of, listed
from service_layer.rate_limits import Kind, Rate

PREFIX = "PAYMENTS_"
ADMIN_KEY = f"{PREFIX}ADMIN_KEY"
PREFIX_OF_TESTS = "PAYMENTS_TEST_"
ROLE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,62}")
ORIGIN = re.compile(r"https?://(?:[a-z0-9.-]+|\[[0-9a-f:]+\])(?::[0-9]{1,5})?")


class Settings(BaseSettings):
    """Every setting, with its environment variable, its default and its limits."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, hide_input_in_errors=True, populate_by_name=True, extra="forbid"
    )

    database_url: str | None = Field(
        default=None,
        repr=False,
        validation_alias="DATABASE_URL",
        description="postgresql://…; unset: an embedded PostgreSQL under the data directory",
    )
    migration_url: str | None = Field(
        default=None,
        repr=False,
        description="the same database as the role that owns the tables; unset: as `DATABASE_URL`",
    )
    service_role: str | None = Field(
        default=None,
        description="whom `payments migrate` gives the rights to serve;"
        " unset: the user of `DATABASE_URL` when there is a `PAYMENTS_MIGRATION_URL`",
    )
    data_dir: Path | None = Field(
        default=None, description="of the embedded PostgreSQL; unset: the user's data directory"
    )
    host: str = Field(default="127.0.0.1", description="the address to listen on")
    port: int = Field(default=8000, ge=1, le=65535, description="the port to listen on")
    workers: int = Field(default=2, ge=1, le=64, description="processes that serve HTTP")
    threads: int = Field(
        default=64,
        ge=1,
        le=512,
        description="requests that one worker works on at once; more get 503 `overloaded`",
    )
    body_seconds: float = Field(
        default=20, ge=1, le=600, description="how long the body of a request may take to arrive"
    )
    readers: int = Field(
        default=8, ge=1, le=64, description="database connections of one worker for reading"
    )
    read_seconds: int = Field(
        default=10, ge=1, le=3600, description="what one query for reading may take"
    )
    lock_seconds: int = Field(
        default=2, ge=1, le=60, description="what a payment may wait for a lock in the database"
    )
    post_seconds: int = Field(
        default=60, ge=1, le=3600, description="what one statement of a payment or a batch may take"
    )
    unready_seconds: int = Field(
        default=2,
        ge=0,
        le=300,
        description="from SIGTERM, when `/readyz` turns to 503, until no more requests are taken",
    )
    drain_seconds: int = Field(
        default=10, ge=1, le=300, description="what is in flight then has until it is cut off"
    )
    trusted_hops: int = Field(
        default=0,
        ge=0,
        le=10,
        description="proxies in front, whose X-Forwarded-For and -Proto are believed",
    )
    cors_origins: str = Field(
        default="",
        description="origins whose pages may call the API, comma-separated; empty: none",
    )
    hsts_seconds: int = Field(
        default=0,
        ge=0,
        le=63_072_000,
        description="for Strict-Transport-Security on answers over https; 0: not sent",
    )
    memory: bool = Field(default=False, description="keep everything in memory, lose it at the end")
    seal_seconds: int = Field(
        default=10,
        ge=0,
        le=86_400,
        description="between two sealings while serving; 0: only `payments seal` seals",
    )
    auth: bool = Field(
        default=True, description="ask for API keys; false, as --no-auth, only on loopback"
    )
    admin_key: str | None = Field(
        default=None,
        repr=False,
        description="the first admin key's secret, for a database without any keys",
    )
    event_seconds: float = Field(
        default=1.0,
        ge=0.05,
        le=3600,
        description="between two looks for new events; a worker numbers them, then sends webhooks",
    )
    webhook_worker: bool = Field(
        default=True,
        description="while serving, number events and send webhooks; false: only `payments worker` does",
    )
    webhook_threads: int = Field(
        default=16, ge=1, le=256, description="webhooks that one worker sends at once"
    )
    webhook_allow_private: bool = Field(
        default=False,
        description="allow http, any port, private and loopback hosts for webhooks: for development",
    )
    currencies: str = Field(
        default="USD", description="ISO 4217 codes that new wallets may have, comma-separated"
    )
    rates_file: Path | None = Field(
        default=None,
        description="exchange rates as JSON, read again when it changes; unset: no exchange",
    )
    quote_seconds: int = Field(
        default=60, ge=1, le=86_400, description="how long a quote for an exchange is valid"
    )
    redis_url: str | None = Field(
        default=None,
        validation_alias="REDIS_URL",
        repr=False,
        description="redis://…, where all processes count together; unset: each process counts alone",
    )
    rate_reads: str = Field(
        default="1200000/minute", description="requests of one API key that read; 0: no limit"
    )
    rate_writes: str = Field(
        default="600000/minute",
        description="requests of one API key that write, a batch as its operations; 0: no limit",
    )
    rate_failures: str = Field(
        default="60/minute",
        description="requests without a valid API key from one address; 0: no limit",
    )
    rate_pages: str = Field(
        default="600/minute",
        description="requests for pages that need no API key from one address; 0: no limit",
    )
    cache: Literal["memory", "redis", "off"] = Field(
        default="memory",
        description="where answers that can never change are kept: memory, redis (at `REDIS_URL`) or off",
    )
    cache_mb: int = Field(
        default=64, ge=1, le=16_384, description="what one worker keeps of them in memory at most"
    )

    log_format: Literal["json", "text"] | None = Field(
        default=None, description="json or text; unset: text on a terminal, else json"
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="requests are logged at info"
    )
    metrics_open: bool = Field(
        default=False, description="let everybody read /metrics, from other machines too"
    )
    metrics_dir: Path | None = Field(
        default=None,
        description="where workers share their metrics; unset: a temporary directory of the server",
    )

    otlp_endpoint: str | None = Field(
        default=None,
        validation_alias="OTEL_EXPORTER_OTLP_ENDPOINT",
        description="where traces go; unset: there are none (needs the extra `tracing`)",
    )

    @field_validator("database_url", "migration_url")
    @classmethod
    def _postgresql(cls, value: str | None) -> str | None:
        if value is not None:
            check_database_url(value)
        return value

    @field_validator("service_role")
    @classmethod
    def _some_role(cls, value: str | None) -> str | None:
        if value is not None and not ROLE.fullmatch(value):
            raise ValueError("must be the name of a role: 1 to 63 letters, digits, _ or -")
        return value

    @field_validator("cors_origins")
    @classmethod
    def _exact_origins(cls, value: str) -> str:
        for origin in listed(value):
            if not ORIGIN.fullmatch(origin):
                raise ValueError(
                    f"{origin!r} is no origin: scheme, host and port alone, in lower case,"
                    " as in https://shop.example (no path, no *)"
                )
        return value

    @field_validator("host")
    @classmethod
    def _some_host(cls, value: str) -> str:
        if not value.strip():
            raise ValueError("must not be empty")
        return value

    @field_validator("admin_key")
    @classmethod
    def _random_admin_key(cls, value: str | None) -> str | None:
        if value and not looks_random(value):
            raise ValueError("must be a secret such as `payments keys generate` prints")
        return value or None

    @field_validator("currencies")
    @classmethod
    def _known_currencies(cls, value: str) -> str:
        for code in listed(value):
            currency_of(code)
        if not listed(value):
            raise ValueError("at least one currency is needed")
        return value

    @field_validator("redis_url")
    @classmethod
    def _redis(cls, value: str | None) -> str | None:
        if value:
            check_redis_url(value)
        return value or None

    @field_validator("rate_reads", "rate_writes", "rate_failures", "rate_pages")
    @classmethod
    def _some_rate(cls, value: str) -> str:
        rate_of(value)
        return value

    @model_validator(mode="after")
    def _cache_somewhere(self) -> Self:
        if self.cache == "redis" and not self.redis_url:
            raise ValueError("PAYMENTS_CACHE=redis needs REDIS_URL")
        return self

    @property
    def counts_in(self) -> str:
        """Where requests are counted."""
        return "redis" if self.redis_url else "memory"

    @property
    def caches_in(self) -> str:
        """Books in memory are nobody else's: what is read of them stays in the process, too."""
        return "memory" if self.memory and self.cache == "redis" else self.cache

    @property
    def cache_bytes(self) -> int:
        """What one worker keeps in memory."""
        return self.cache_mb * 1_000_000

    def rates(self) -> dict[Kind, Rate]:
        """How often each kind of request may be made; without those that are not limited."""
        rates = {kind: rate_of(getattr(self, f"rate_{kind}")) for kind in Kind}
        return {kind: rate for kind, rate in rates.items() if rate is not None}

    def enabled_currencies(self) -> tuple[Currency, ...]:
        """The enabled currencies, with their exponents from ISO 4217."""
        return tuple(currency_of(code) for code in listed(self.currencies))

    def allowed_origins(self) -> frozenset[str]:
        """The origins whose pages may call the API."""
        return frozenset(listed(self.cors_origins))

    def role_of_service(self) -> str | None:
        """Whom migrations give the rights to serve; None: the owner serves."""
        if self.service_role is None and self.migration_url and self.database_url:
            return unquote(urlsplit(self.database_url).username or "") or None
        return self.service_role
