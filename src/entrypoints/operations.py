"""What an operator does to the database from the command line."""

from collections.abc import Iterator
from contextlib import contextmanager

from domain.integrity import Report
from entrypoints.config import Settings
from entrypoints.container import Container
from service_layer.audit import OperatorError
from service_layer.sweep_holds import sweep_holds


@contextmanager
def on_database(settings: Settings) -> Iterator[Container]:
    """A container whose settings name a database that runs: the given one, else the embedded."""
    if settings.database_url:
        yield Container(settings=settings)
        return
    with Container(settings=settings).embedded_database() as url:
        yield Container(settings=settings.model_copy(update={"database_url": url}))


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


def migrate(settings: Settings) -> None:
    """Bring the database to the newest schema, with a row for each enabled currency."""
    with on_database(settings) as container:
        container.migration()


def verify(settings: Settings) -> Report:
    """Check all books in one snapshot."""
    with on_existing_data(settings) as container:
        report: Report = container.auditor().verify()
        return report


def rebuild_balances(settings: Settings) -> int:
    """Repair wallet rows from postings; gives the number of repaired rows."""
    with on_existing_data(settings) as container:
        repaired: int = container.auditor().rebuild_balances()
        return repaired


def sweep(settings: Settings) -> int:
    """Note that expired holds are over; gives the number of them."""
    with on_existing_data(settings) as container:
        return sweep_holds(container.hold_sweeper())
