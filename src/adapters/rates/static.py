"""Rates that stand still."""

from collections.abc import Mapping

Table = Mapping[tuple[str, str], str]
"""The rate that customers get, by source and destination currency."""


class StaticRates:
    """Offers what is in the table, in that direction alone: the inverse of a decimal is seldom one."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def rate(self, source: str, destination: str) -> str | None:
        return self._table.get((source, destination))
