"""Periods as requests ask for them: `from` is inclusive, `to` exclusive."""

from datetime import datetime

from entrypoints.http.request_errors import FieldError, ValidationFailed


def check_period(from_time: datetime | None, to_time: datetime | None) -> None:
    """ValidationFailed when it ends before it begins, or at once."""
    if from_time is not None and to_time is not None and from_time >= to_time:
        raise ValidationFailed([FieldError("?to", "Must be later than from.")])
