"""The settings of the service: one typed class, read from the environment."""

from pathlib import Path

import iso4217
from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from domain.money import Currency


class Settings(BaseSettings):
    """Every setting, with its environment variable, its default and its limits."""

    model_config = SettingsConfigDict(
        env_prefix="PAYMENTS_", hide_input_in_errors=True, populate_by_name=True, extra="forbid"
    )

    database_url: str | None = Field(
        default=None,
        validation_alias="DATABASE_URL",
        description="postgresql://…; unset: an embedded PostgreSQL under the data directory",
    )
    data_dir: Path | None = Field(
        default=None, description="of the embedded PostgreSQL; unset: the user's data directory"
    )
    host: str = Field(default="127.0.0.1", description="the address to listen on")
    port: int = Field(default=8000, ge=1, le=65535, description="the port to listen on")
    workers: int = Field(default=2, ge=1, le=64, description="processes that serve HTTP")
    threads: int = Field(
        default=64, ge=1, le=1024, description="requests that one worker holds at once"
    )
    readers: int = Field(
        default=8, ge=1, le=64, description="database connections of one worker for reading"
    )
    memory: bool = Field(default=False, description="keep everything in memory, lose it at the end")
    currencies: str = Field(
        default="USD", description="ISO 4217 codes that new wallets may have, comma-separated"
    )

    @field_validator("currencies")
    @classmethod
    def _known_currencies(cls, value: str) -> str:
        for code in _codes(value):
            _currency(code)
        if not _codes(value):
            raise ValueError("at least one currency is needed")
        return value

    def enabled_currencies(self) -> tuple[Currency, ...]:
        """The enabled currencies, with their exponents from ISO 4217."""
        return tuple(_currency(code) for code in _codes(self.currencies))


def _codes(value: str) -> list[str]:
    return [code.strip() for code in value.split(",") if code.strip()]


def _currency(code: str) -> Currency:
    try:
        exponent = iso4217.Currency(code).exponent
    except ValueError:
        exponent = None
    if exponent is None:
        raise ValueError(f"{code!r} is not an ISO 4217 currency with a minor unit")
    return Currency(code=code, exponent=exponent)
