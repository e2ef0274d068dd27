"""What a check of an installation has found, with what to do about it."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum


class Level(Enum):
    """A warning can wait; a failure keeps payments from being made, or from being safe."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """`said` is what was found, `advice` what to do: empty when all is well."""

    name: str
    level: Level
    said: str
    advice: str = ""

    @property
    def line(self) -> str:
        """For people, one line."""
        told = f"{self.said}: {self.advice}" if self.advice else self.said
        return f"{self.level.value:<5} {self.name:<13} {told}"


Checks = Iterator[Check]


def ok(name: str, said: str) -> Check:
    return Check(name=name, level=Level.OK, said=said)


def warn(name: str, said: str, advice: str) -> Check:
    return Check(name=name, level=Level.WARN, said=said, advice=advice)


def fail(name: str, said: str, advice: str) -> Check:
    return Check(name=name, level=Level.FAIL, said=said, advice=advice)
