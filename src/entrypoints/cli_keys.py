"""The command line for API keys: `payments keys …`."""

import re
from datetime import UTC, datetime, timedelta
from uuid import UUID

import click

from domain.api_key import ApiKey
from domain.scope import Scope, fault_in_scopes
from domain.times import rfc3339
from entrypoints import key_operations
from entrypoints.command import explained, settings_of
from entrypoints.container import Container
from service_layer.rotate_api_key import OVERLAP_SECONDS_DEFAULT, OVERLAP_SECONDS_MAX

_DURATION = re.compile(r"([0-9]{1,6})([smhd])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
NAME_LENGTH_MAX = 200


class Duration(click.ParamType[int]):
    """A count with a unit, such as 90d, 24h, 15m or 0s; gives seconds."""

    name = "duration"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> int:
        found = _DURATION.fullmatch(str(value))
        if found is None:
            self.fail(f"{value!r} is no duration such as 90d, 24h, 15m or 0s.", param, ctx)
        return int(found[1]) * _SECONDS[found[2]]


class End(click.ParamType[datetime]):
    """A time in RFC 3339, or a duration from now."""

    name = "time"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        now = datetime.now(UTC)
        try:
            if _DURATION.fullmatch(str(value)):
                seconds = Duration().convert(value, param, ctx)
                return now + timedelta(seconds=seconds)
            end = datetime.fromisoformat(str(value))
        except (ValueError, OverflowError):
            self.fail(f"{value!r} is neither a time nor a duration.", param, ctx)
        if end.tzinfo is None:
            self.fail("The time needs a zone, such as Z.", param, ctx)
        return end.astimezone(UTC)


def _scopes(_context: click.Context, _option: click.Parameter, value: str) -> tuple[Scope, ...]:
    try:
        return tuple(Scope(each.strip()) for each in value.split(",") if each.strip())
    except ValueError as error:
        known = ", ".join(Scope)
        raise click.BadParameter(f"{error}; there are {known}.") from None


def _name(_context: click.Context, _option: click.Parameter, value: str) -> str:
    if not value.strip() or len(value) > NAME_LENGTH_MAX or not value.isprintable():
        raise click.BadParameter(f"Must be a text of 1 to {NAME_LENGTH_MAX} characters.")
    return value


@click.group()
def keys() -> None:
    """API keys: who may do what."""


@keys.command()
@click.option("--name", required=True, callback=_name, help="Whose key it is.")
@click.option("--scopes", required=True, callback=_scopes, help="Such as admin, or several: a,b.")
@click.option("--account", type=click.UUID, help="Bind it to the account with this id.")
@click.option("--expires", type=End(), help="Such as 90d, or 2027-01-01T00:00:00Z.")
def create(
    name: str, scopes: tuple[Scope, ...], account: UUID | None, expires: datetime | None
) -> None:
    """Create a key; prints its secret alone, once."""
    fault = fault_in_scopes(scopes, account)
    if fault:
        raise click.BadParameter(fault, param_hint="--scopes")
    settings = settings_of()
    with explained():
        secret = key_operations.create_key(
            settings, name=name, scopes=scopes, account_id=account, expires_at=expires
        )
    click.echo(secret)


@keys.command("list")
def list_() -> None:
    """List all keys, newest first."""
    settings = settings_of()
    with explained():
        found = key_operations.list_keys(settings)
    for key, status in found:
        click.echo(_line(key, status))


@keys.command()
@click.argument("id", type=click.UUID)
@click.option("--overlap", type=Duration(), help="How long both secrets are valid.  [default: 24h]")
def rotate(id: UUID, overlap: int | None) -> None:
    """Give a key a new secret, which is printed alone, once."""
    seconds = OVERLAP_SECONDS_DEFAULT if overlap is None else overlap
    if seconds > OVERLAP_SECONDS_MAX:
        raise click.BadParameter("Must be 90d at most.", param_hint="--overlap")
    settings = settings_of()
    with explained():
        secret = key_operations.rotate_key(settings, id, seconds)
    click.echo(secret)


@keys.command()
@click.argument("id", type=click.UUID)
def revoke(id: UUID) -> None:
    """Revoke a key, for good."""
    settings = settings_of()
    with explained():
        key_operations.revoke_key(settings, id)
    click.echo("Revoked; running servers refuse it within seconds.", err=True)


@keys.command()
def generate() -> None:
    """Print a new secret for PAYMENTS_ADMIN_KEY; nothing is stored."""
    click.echo(Container.new_secret()())


def _line(key: ApiKey, status: str) -> str:
    scopes = ",".join(key.scopes)
    bound = "" if key.account_id is None else f"  account {key.account_id}"
    ends = "" if key.expires_at is None else f"  expires {rfc3339(key.expires_at)}"
    return f"{key.id}  {status:7}  {scopes}{bound}{ends}  {key.name}"
