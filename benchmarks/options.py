"""What a run measures."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """The size of a run; `rows` empty means all."""

    rounds: int
    seconds: int
    wallets: int
    rows: tuple[str, ...] = ()
    share_references: bool = False
    big_books: bool = True

    def includes(self, name: str) -> bool:
        """Whether that row is wanted; the big books take minutes to make."""
        if name == "big" and not self.big_books:
            return False
        return not self.rows or name in self.rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """`data` is the database's, and only its; `work` keeps logs and lists of ids."""

    data: Path
    work: Path


FULL = Options(rounds=3, seconds=15, wallets=100_000)
QUICK = Options(rounds=1, seconds=3, wallets=20_000, share_references=True, big_books=False)
OVERLOAD = Options(rounds=1, seconds=15, wallets=100_000)
SOAK = Options(rounds=1, seconds=600, wallets=100_000)


def choose(*, quick: bool, soak: bool, overloaded: bool, **changes: Any) -> Options:
    """A full run or another kind, with what was said otherwise on the command line."""
    said = {name: value for name, value in changes.items() if value is not None}
    preset = OVERLOAD if overloaded else SOAK if soak else QUICK if quick else FULL
    return replace(preset, **said)
