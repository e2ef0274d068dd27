"""What the database says when an operator's work fails, as one sentence."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg2
import sqlalchemy as sa

from adapters.postgres.errors import first_line
from service_layer.audit import OperatorError


@contextmanager
def for_operator() -> Iterator[None]:
    """OperatorError for what goes wrong in the database."""
    try:
        yield
    except sa.exc.DBAPIError as error:
        raise OperatorError(f"The database says: {first_line(error.orig or error)}") from error
    except psycopg2.Error as error:
        raise OperatorError(f"The database says: {first_line(error)}") from error
