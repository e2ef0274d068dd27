"""What the file of a statement is called."""

from domain.statement import Statement
from entrypoints.http.answers import Headers


def file_headers(statement: Statement, ending: str) -> Headers:
    """A name that says whose, from when, until when (UTC, the end left out), whether it may still grow."""
    period = statement.period
    days = f"{period.from_time:%Y%m%dT%H%M%SZ}-{period.to_time:%Y%m%dT%H%M%SZ}"
    provisional = "" if statement.final else "-provisional"
    name = f"statement-{statement.wallet_id}-{days}{provisional}.{ending}"
    return [("Content-Disposition", f'attachment; filename="{name}"'), ("Vary", "Accept")]
