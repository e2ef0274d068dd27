"""One row of the table of problems."""

from typing import NamedTuple


class Problem(NamedTuple):
    """`meaning` and `remedy` are the text of the page at `/problems/<code>`."""

    status: int
    title: str
    meaning: str
    remedy: str
