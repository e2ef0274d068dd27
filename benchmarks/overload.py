"""Uniform transfers at up to four times what the service can carry: what becomes of those it accepts?"""

import random
import secrets
from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.http_load import settled, warm_service
from benchmarks.key import secret
from benchmarks.open_loop import CONNECTIONS, Answers, OpenLoop
from benchmarks.stage import Books, Stage
from entrypoints.config import Settings

FACTORS = (0.25, 0.5, 0.75, 1, 1.5, 2, 3, 4)
"""Of the capacity: what a closed loop gets that fills every place there is, measured first."""
KEPT_AT_LEAST = 0.9
P99_AT_MOST = 2.0
DONE = b"201"
REFUSED = b"503"


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One rate of arrivals; `per_second` counts what was posted, milliseconds count from the due time."""

    factor: float
    offered: float
    per_second: float
    refused: float
    p50_ms: float
    p99_ms: float
    refusal_p99_ms: float
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """`capacity` is what the closed loop got."""

    capacity: float
    points: tuple[Point, ...]

    @property
    def kept_at_least(self) -> float:
        """The lowest goodput from the capacity on, as a share of the best."""
        past = [point.per_second for point in self.points if point.factor >= 1]
        return min(past) / max(point.per_second for point in self.points)

    @property
    def p99_ratio(self) -> float:
        """The worst p99 past the capacity, divided by that at the capacity."""
        past = {point.factor: point.p99_ms for point in self.points if point.factor >= 1}
        return max(past.values()) / past[1]

    @property
    def is_good(self) -> bool:
        """Whether both aims are reached, and every request is accounted for."""
        reached = self.kept_at_least >= KEPT_AT_LEAST and self.p99_ratio <= P99_AT_MOST
        return reached and not any(point.problems for point in self.points)


def run(stage: Stage, tell: Callable[[str], None]) -> Curve:
    """The closed loop twice, the first time to warm up; then each rate for as long."""
    url = warm_service(stage, "bench").url
    books, seconds = stage.books["bench"], stage.options.seconds
    load = OpenLoop(url, transfers(books))
    try:
        capacity = [_closed_loop(load, books, seconds) for _ in ("to warm up", "to count")][1]
        tell(f"  closed loop, {places()} in flight: {capacity:,.0f} /s")
        points = []
        for factor in FACTORS:
            points.append(_point(load, books, factor, factor * capacity, seconds))
            tell(_told(points[-1]))
    finally:
        load.close()
    return Curve(capacity=capacity, points=tuple(points))


def describe(stage: Stage) -> str:
    """The load, as a condition."""
    options = stage.options
    return (
        f"Poisson arrivals on {CONNECTIONS} connections, {options.seconds} s at each rate,"
        f" {options.wallets:,} wallets; a closed loop of {places()} for the capacity"
    )


def places() -> int:
    """How many requests all workers together let in."""
    settings = Settings()
    return settings.workers * settings.threads


def _closed_loop(load: OpenLoop, books: Books, seconds: int) -> float:
    """A few refusals are no problem here: not always is each worker sent its half."""
    answers = load.run_closed(places(), seconds)
    settled(books)
    return len(answers.seconds.get(DONE, ())) / seconds


def transfers(books: Books) -> Callable[[], bytes]:
    """What makes requests for transfers between two wallets, each wallet as likely as any other."""
    ids = books.wallet_ids.read_bytes().split()
    head = (
        b"POST /v1/transfers HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n"
        b"Content-Type: application/json\r\nContent-Length: %d\r\nIdempotency-Key: "
    )
    body = b'\r\n\r\n{"source_wallet_id":"%s","destination_wallet_id":"%s","amount":1,"currency":"USD"}'
    length = len(body % (ids[0], ids[1])) - 4
    form = (head % (secret().encode(), length)) + b"%s%d" + body
    run, numbers, chosen = secrets.token_hex(8).encode(), iter(range(10**12)), random.sample

    def make() -> bytes:
        source, destination = chosen(ids, 2)
        return form % (run, next(numbers), source, destination)

    return make


def _point(load: OpenLoop, books: Books, factor: float, rate: float, seconds: int) -> Point:
    before = books.transactions()
    answers = load.run(rate, seconds)
    posted = settled(books) - before
    done = sorted(answers.seconds.get(DONE, ()))
    refused = sorted(answers.seconds.get(REFUSED, ()))
    return Point(
        factor=factor,
        offered=answers.sent / seconds,
        per_second=len(done) / seconds,
        refused=len(refused) / seconds,
        p50_ms=_percentile(done, 50),
        p99_ms=_percentile(done, 99),
        refusal_p99_ms=_percentile(refused, 99),
        problems=tuple(_problems(answers, posted)),
    )


def _problems(answers: Answers, posted: int) -> list[str]:
    """What is neither done nor refused; what is in the books is what was answered."""
    others = set(answers.seconds) - {DONE, REFUSED}
    found = [f"{len(answers.seconds[each])} answers of status {each.decode()}" for each in others]
    if answers.lost:
        found.append(f"{answers.lost} requests without an answer")
    done = len(answers.seconds.get(DONE, ()))
    if not 0 <= posted - done <= answers.lost:
        found.append(f"{posted} transactions posted, {done} good answers seen")
    return found


def _percentile(ordered: list[float], percent: int) -> float:
    """In milliseconds; 0 where there is nothing."""
    if not ordered:
        return 0.0
    return 1000 * ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]


def _told(point: Point) -> str:
    trouble = "".join(f"  !! {problem}" for problem in point.problems)
    return (
        f"  {point.factor:>5g} x {point.offered:10,.0f} /s offered {point.per_second:10,.0f} posted"
        f" {point.refused:10,.0f} refused   p50 {point.p50_ms:.1f} p99 {point.p99_ms:.1f} ms"
        f" (refusals: {point.refusal_p99_ms:.1f}){trouble}"
    )
