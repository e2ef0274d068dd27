"""A time as a version of a wallet: where the postings from that time on begin."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from adapters.postgres.tables import posting


def version_before(wallet_id: UUID, time: datetime) -> sa.ColumnElement[Any]:
    """The version of the wallet's last posting before that time, 0 for none: one index entry is read."""
    earlier = posting.alias()
    found = (
        sa.select(earlier.c.wallet_version)
        .where(earlier.c.wallet_id == wallet_id, earlier.c.created_at < time)
        .order_by(earlier.c.created_at.desc(), earlier.c.wallet_version.desc())
        .limit(1)
        .scalar_subquery()
    )
    return sa.func.coalesce(found, 0)
