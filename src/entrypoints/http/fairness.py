"""Let others have their turn while something long is computed."""

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Lock
from typing import TypeVar

Item = TypeVar("Item")

SHORT_TURN_SECONDS = 0.0005
BREATH_SECONDS = 0.001
ITEMS_IN_A_BREATH = 50
ITEMS_WITHOUT_A_BREATH = 1000
_mutex = Lock()
_at_work = 0
_usual_seconds = sys.getswitchinterval()


@contextmanager
def taking_turns() -> Iterator[None]:
    """Python gives the other threads a turn more often: whatever computes for long does it in here.

    A payment needs several turns; beside a batch of thousands it would wait long for each. More switching
    costs throughput, hence only for as long as it is needed.
    """
    _count(1)
    try:
        yield
    finally:
        _count(-1)


def _count(change: int) -> None:
    global _at_work  # noqa: PLW0603 - the interval is the process's own
    with _mutex:
        _at_work += change
        sys.setswitchinterval(SHORT_TURN_SECONDS if _at_work else _usual_seconds)


def with_breaths(items: Sequence[Item]) -> Iterator[Item]:
    """The items, with a pause now and then when there are very many: never while anything is locked.

    A thread that always has something to do takes its turn again at once, whoever else wants one.
    """
    many = len(items) > ITEMS_WITHOUT_A_BREATH
    for number, item in enumerate(items):
        if many and number % ITEMS_IN_A_BREATH == 0:
            time.sleep(BREATH_SECONDS)
        yield item
