"""Examines an installation: each check says what it has found, what to do about it."""

import os
import shutil
from pathlib import Path

from entrypoints import operations
from entrypoints.config import Settings
from entrypoints.container import Container
from entrypoints.redis_ping import ping
from entrypoints.setting_names import misspelt
from service_layer.audit import OperatorError
from service_layer.checkup import Check, Checks, fail, ok, warn

GIB = 2**30
FREE_BYTES_FAIL = GIB
FREE_BYTES_WARN = 5 * GIB
# Of one worker beside its readers: for payments, for batches, four for look-ups, for what is rare.
CONNECTIONS_OF_WORKER = 7
# The sealing process, `payments verify`, a migration.
CONNECTIONS_BESIDE = 3


def connections_needed(settings: Settings) -> int:
    """At most, of all processes of one `payments serve` with the command line beside it."""
    serving = settings.workers * (settings.readers + CONNECTIONS_OF_WORKER)
    sending = settings.webhook_threads + settings.readers if settings.webhook_worker else 0
    return serving + sending + CONNECTIONS_BESIDE


def examine(settings: Settings) -> Checks:
    """All checks, in the order in which one would look."""
    yield _check_settings()
    if settings.rates_file is not None:
        yield _check_rates(settings)
    if settings.webhook_allow_private:
        said = (
            "PAYMENTS_WEBHOOK_ALLOW_PRIVATE is set: they may go to hosts that only this one reaches"
        )
        yield warn("webhooks", said, "unset it: it is for development")
    if settings.memory:
        yield warn("database", "PAYMENTS_MEMORY is set", "unset it: all is lost at the end")
    else:
        yield from _check_database(settings)
    if url := os.environ.get("REDIS_URL"):
        fault = ping(url)
        yield (
            ok("redis", "answers")
            if fault is None
            else fail("redis", fault, "see that it runs, and that REDIS_URL is right")
        )


def _check_settings() -> Check:
    unknown = misspelt(os.environ)
    if unknown:
        return warn(
            "settings", f"unknown: {', '.join(unknown)}", "compare the table in docs/running.md"
        )
    return ok("settings", "all are known and within their limits")


def _check_rates(settings: Settings) -> Check:
    try:
        operations.check_rates(settings)
    except OperatorError as error:
        return fail("rates", str(error).rstrip("."), "mend it: quotes are refused until then")
    return ok("rates", f"{settings.rates_file} can be used")


def _check_database(settings: Settings) -> Checks:
    container = Container(settings=settings)
    if not settings.database_url:
        if not container.has_data():
            said = f"there is no data in {container.data_dir()}"
            yield warn("database", said, "the first payments serve makes it")
            return
        yield _check_disk(container.data_dir())
        yield ok(
            "tools",
            f"pg_basebackup, pg_dump, psql of its version are in {container.embedded_tools()}",
        )
    try:
        with operations.on_database(settings) as running:
            yield from running.check_database(connections_needed=connections_needed(settings))
    except OperatorError as error:
        yield fail("database", str(error).splitlines()[0], "docs/running.md")


def _check_disk(folder: Path) -> Check:
    usage = shutil.disk_usage(folder)
    said = f"{usage.free / GIB:.1f} GiB free for {folder}"
    if usage.free < FREE_BYTES_FAIL:
        return fail("disk", said, "make room now: a full disk stops all payments")
    if usage.free < FREE_BYTES_WARN:
        return warn("disk", said, "make room soon")
    return ok("disk", said)
