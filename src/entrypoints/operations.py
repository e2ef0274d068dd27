"""What an operator does to the database from the command line."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime

from domain.errors import NotNow
from domain.integrity import Report
from domain.seal import Seal
from entrypoints.config import Settings
from entrypoints.container import Container
from entrypoints.logs import configure_logs
from entrypoints.seal_loop import seal_once
from entrypoints.worker import work_until_told
from service_layer.audit import OperatorError, Progress, silent
from service_layer.compare_roots import compare_roots
from service_layer.sweep_holds import sweep_holds
from service_layer.verification import Verification


@contextmanager
def on_database(settings: Settings) -> Iterator[Container]:
    """A container whose settings name a database that runs: the given one, else the embedded.

    On the embedded one, too, who owns the tables does not serve.
    """
    if settings.database_url:
        yield Container(settings=settings)
        return
    container = Container(settings=settings)
    with container.embedded_database() as url:
        urls = {"database_url": container.embedded_service_url()(url), "migration_url": url}
        yield Container(settings=settings.model_copy(update=urls | {"service_role": None}))


@contextmanager
def on_existing_data(settings: Settings) -> Iterator[Container]:
    """The same for a database that is there with the newest schema, else OperatorError."""
    container = Container(settings=settings)
    if settings.memory:
        raise OperatorError("PAYMENTS_MEMORY is set: books in memory end with their server.")
    if not settings.database_url and not container.has_data():
        raise OperatorError(f"There is no data in {container.data_dir()}.")
    with on_database(settings) as container:
        container.require_current()
        yield container


def check_rates(settings: Settings) -> None:
    """OperatorError when there is a rates file that cannot be used."""
    if settings.rates_file is not None:
        Container(settings=settings).read_rates_file()


def migrate(settings: Settings) -> None:
    """Bring the database to the newest schema, with a row for each enabled currency."""
    with on_database(settings) as container:
        container.migration()


def verify(
    settings: Settings,
    *,
    quick: bool = False,
    published: Mapping[int, bytes] | None = None,
    progress: Progress = silent,
) -> Report:
    """Check all books in one snapshot, compare published roots, remember what came out."""
    with on_existing_data(settings) as container, _plainly():
        started_at, started = container.clock()(), time.monotonic()
        books: Report = container.auditor().verify(quick=quick, progress=progress)
        others = compare_roots(published or {}, container.seals())
        report = replace(books, findings=(*books.findings, *others))
        _record(container, report, quick, started_at, time.monotonic() - started)
        return report


def _record(
    container: Container, report: Report, quick: bool, started_at: datetime, seconds: float
) -> None:
    """The result is what GET /v1/integrity shows."""
    container.verifications().record(
        Verification(
            started_at=started_at,
            duration_ms=round(seconds * 1000),
            quick=quick,
            transactions=report.transactions,
            postings=report.postings,
            wallets=report.wallets,
            sealed=report.sealed,
            findings=len(report.findings),
        )
    )


def seal(settings: Settings, every_seconds: int | None = None) -> Iterator[Seal]:
    """Number and seal what is committed; with `every_seconds` again and again, as far as it can."""
    with on_existing_data(settings) as container, _plainly():
        yield from container.sealer().seal_all()
        if every_seconds:
            configure_logs(settings)
        while every_seconds:
            time.sleep(every_seconds)
            seal_once(container.sealer())


def work(settings: Settings) -> None:
    """Number events and send webhooks, until the process is told to end."""
    with on_existing_data(settings) as container:
        configure_logs(settings)
        work_until_told(container)


def seals(settings: Settings, limit: int) -> list[Seal]:
    """The newest seals first."""
    with on_existing_data(settings) as container, _plainly():
        found: list[Seal] = container.seals().seals(before=None, limit=limit)
        return found


@contextmanager
def _plainly() -> Iterator[None]:
    """To an operator, what cannot be done now is what cannot be done."""
    try:
        yield
    except NotNow as error:
        raise OperatorError(error.detail) from error


def rebuild_balances(settings: Settings) -> int:
    """Repair wallet rows from postings; gives the number of repaired rows."""
    with on_existing_data(settings) as container:
        repaired: int = container.repairer().rebuild_balances()
        return repaired


def sweep(settings: Settings) -> int:
    """Note that expired holds are over; gives the number of them."""
    with on_existing_data(settings) as container:
        return sweep_holds(container.hold_sweeper())
