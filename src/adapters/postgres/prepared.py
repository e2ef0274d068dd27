"""A query that each connection plans once: planning a look-up of one row takes longer than looking it up."""

from collections import namedtuple
from collections.abc import Callable, Iterable, Sequence
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.sql import visitors

_NUMBERED = postgresql.dialect(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]

# A plan for any values, made while sequential scans are out of the question: the tables may still be empty.
# It is made at the first EXECUTE, so that one is done for nothing.
_PREPARE = """
SET enable_seqscan = off;
SET plan_cache_mode = force_generic_plan;
PREPARE {name} AS {query};
EXECUTE {name} ({nothing});
SET enable_seqscan = on;
"""


class Prepared:
    """`parameters` are the names of its bind parameters, in the order in which values are given."""

    def __init__(self, name: str, query: sa.Select[Any], parameters: Sequence[str]) -> None:
        numbered = _with_numbers(query, parameters)
        compiled = numbered.compile(dialect=_NUMBERED, compile_kwargs={"literal_binds": True})
        nothing = ", ".join(["NULL"] * len(parameters))
        columns = [column.name for column in query.selected_columns]
        self.name = name
        self.prepare = _PREPARE.format(name=name, query=compiled, nothing=nothing)
        self.execute = f"EXECUTE {name} ({', '.join(['%s'] * len(parameters))})"
        self._row: Callable[[Iterable[Any]], Any] = namedtuple("Row", columns)._make  # type: ignore[attr-defined]

    def rows(self, found: Iterable[tuple[Any, ...]]) -> list[Any]:
        """The driver's rows with the names of their columns."""
        return list(map(self._row, found))


def _with_numbers(query: sa.Select[Any], parameters: Sequence[str]) -> sa.Select[Any]:
    """The query with $1, $2… for its parameters; what else it compares with stays a constant of the plan."""

    def number(element: Any, **_: Any) -> Any:
        if isinstance(element, sa.BindParameter) and element.key in parameters:
            return sa.literal_column(f"${parameters.index(element.key) + 1}", element.type)
        return None

    return cast("sa.Select[Any]", visitors.replacement_traverse(query, {}, number))
