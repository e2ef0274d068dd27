"""What every poster process does: be ready, post until the time is over, say how much it was."""

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from uuid import UUID

AMOUNT_MINOR_MAX = 100


class Draw:
    """Random transfers between wallets of the books."""

    def __init__(self, file: Path) -> None:
        self._random = Random()
        self._ids = [UUID(line) for line in file.read_text().split()]

    def transfer(self) -> tuple[UUID, UUID, int]:
        """A source, another wallet, an amount in minor units."""
        source, destination = self._random.sample(self._ids, 2)
        return source, destination, self._random.randint(1, AMOUNT_MINOR_MAX)


def run(make: Callable[[str, Draw], Callable[[], int]]) -> None:
    """`make` gets the database and the draw; what it gives posts once and says how many transfers."""
    post = make(os.environ["DATABASE_URL"], Draw(Path(sys.argv[1])))
    seconds = float(sys.argv[2])
    post()
    _say("ready")
    sys.stdin.readline()
    began = time.monotonic()
    transfers = 0
    while (passed := time.monotonic() - began) < seconds:
        transfers += post()
    _say(json.dumps({"transfers": transfers, "seconds": passed}))


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
