"""A history whose lines are kept: what is numbered never changes.

The rest of a statement is read each time: an account can be renamed, a period may grow.
"""

import json
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.period import Period
from domain.statement import Line, Statement
from service_layer.history import BalanceView, History
from service_layer.read_cache import ReadCache

SHAPE = "lines:" + ",".join(f"{field.name} {field.type}" for field in fields(Line))
"""Another one when a line has other fields, so that lines of another release are not taken for ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CachedHistory:
    """A History; its guard is asked before."""

    history: History
    cache: ReadCache

    def balance(self, wallet_id: UUID, *, at: datetime | None) -> BalanceView:
        return self.history.balance(wallet_id, at=at)

    def statement(self, wallet_id: UUID, period: Period) -> Statement:
        return self.history.statement(wallet_id, period)

    def lines(self, statement: Statement, *, after: int, limit: int) -> list[Line]:
        last = min(after + limit, statement.closing_version)
        key = f"{SHAPE}:{statement.wallet_id}:{after}-{last}"
        kept = self.cache.get(key)
        if kept is not None:
            return [_line(each) for each in json.loads(kept)]
        lines = self.history.lines(statement, after=after, limit=limit)
        if len(lines) == last - after:  # all of them, as their numbers promise
            self.cache.put(key, json.dumps([asdict(each) for each in lines], default=str).encode())
        return lines


def _line(kept: dict[str, Any]) -> Line:
    times = {"created_at": datetime.fromisoformat(kept["created_at"])}
    return Line(**kept | times | {"transaction_id": UUID(kept["transaction_id"])})
