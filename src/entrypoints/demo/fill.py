"""Lets a marketplace live for some weeks, in the books of a container."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from random import Random

from domain.rate import Rate
from entrypoints.config import Settings
from entrypoints.container import Container
from entrypoints.demo.marketplace import HAPPENINGS, Marketplace, found, routine
from entrypoints.demo.world import StoryClock, World
from service_layer.audit import OperatorError, Progress, silent
from service_layer.sweep_holds import sweep_holds

OPENS, CLOSES = 8.0, 22.0
RATE = "1.085"


def fill(
    container: Container, *, seed: int, weeks: int, anyway: bool, progress: Progress = silent
) -> World:
    """The weeks that end now; the story is the same for the same seed.

    OperatorError: the books have customers already, unless they shall be added to `anyway`.
    """
    if not anyway and container.queries().accounts(reference=None, before=None, limit=1):
        raise OperatorError("These books have customers already: --anyway adds the demo's to them.")
    world = _world(container, seed, weeks)
    market = found(world)
    for day in range(weeks * 7):
        _plan(market, day)
    world.live(progress)
    for _ in container.sealer().seal_all():
        world.done["seal"] += 1
    return world


def _world(container: Container, seed: int, weeks: int) -> World:
    """At its beginning; the container's clock is the story's from now on."""
    settings: Settings = container.settings()
    currency, *others = settings.enabled_currencies()
    until = container.clock()().replace(microsecond=0)
    clock = StoryClock(until - timedelta(weeks=weeks))
    container.clock.override(clock)
    return World(
        execute=container.group_commit().execute,
        sweep=partial(sweep_holds, container.hold_sweeper()),
        clock=clock,
        until=until,
        chance=Random(seed),  # noqa: S311 - a story, no secret
        currency=currency.code,
        cents=10 ** max(currency.exponent - 2, 0),
        rate=Rate(source=others[0], destination=currency, value=RATE) if others else None,
    )


def _plan(market: Marketplace, day: int) -> None:
    """What happens by chance during a day, then what is done at its end."""
    world = market.world
    begins = world.clock.now + timedelta(days=day)
    for each_day, happens in HAPPENINGS:
        for _ in range(_how_often(each_day, world.chance)):
            at = begins + timedelta(hours=world.chance.uniform(OPENS, CLOSES))
            world.later(partial(happens, market), at=at)
    for act in routine(market, day):
        world.later(partial(act, market), at=begins + timedelta(hours=23.5))


def _how_often(each_day: float, chance: Random) -> int:
    """A whole number, twice the average at most."""
    return int(each_day * 2 * chance.random() + chance.random())


def told(world: World) -> Iterator[str]:
    """What there is to see now, in sentences."""
    transactions = {
        name: number
        for name, number in sorted(world.done.items())
        if name not in {"account", "hold", "seal"}
    }
    yield f"A marketplace of {world.done['account']} accounts, until {world.until:%Y-%m-%d %H:%M} UTC:"
    yield f"  {sum(transactions.values())} transactions: {_listed(transactions)}"
    yield f"  {world.done['hold']} holds, {world.done['seal']} block(s) sealed"
    yield f"  {sum(world.refused.values())} requests were refused: {_listed(world.refused)}"
    yield "Look at it:"
    yield "  payments serve, then http://127.0.0.1:8000/docs, or"
    yield f"  curl http://127.0.0.1:8000/v1/accounts?reference=platform-{world.run_name}"
    yield "  curl http://127.0.0.1:8000/v1/transactions?type=split"
    yield "  payments verify"
    yield "  payments export --format hledger --output books.journal"


def _listed(numbers: dict[str, int]) -> str:
    return ", ".join(f"{number} {name}" for name, number in sorted(numbers.items())) or "none"
