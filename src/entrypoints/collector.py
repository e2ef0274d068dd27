"""Python's garbage collector, told that most of what we make has no cycles."""

import gc


def collect_less_often() -> None:
    """What we make is freed by counting; the collector need not walk through it all the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
