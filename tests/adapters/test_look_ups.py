"""Look-ups that come together share a statement; each gets its own answer, never one from before it asked."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Event
from uuid import UUID

import pytest

from adapters.postgres.look_ups import LookUps
from adapters.system import new_id
from domain.errors import Unavailable
from service_layer import together
from tests.builders import replenish
from tests.stage import Stage

SECONDS_MAX = 10


@dataclass
class Shelf:
    """Finds what stands in `known`; each look waits until it is let go."""

    known: dict[UUID, str]
    looks: list[list[UUID]] = field(default_factory=list)
    looking: Event = field(default_factory=Event)
    go: Event = field(default_factory=Event)
    fails: bool = False

    def find(self, ids: Sequence[UUID]) -> Mapping[UUID, str]:
        self.looks.append(list(ids))
        self.looking.set()
        assert self.go.wait(SECONDS_MAX)
        if self.fails:
            raise Unavailable("Away.")
        return dict(self.known)


def waiting(of: LookUps[str], count: int) -> None:
    """Until so many wait."""
    while of._together.waiting < count:
        assert not Event().wait(0.001)


def test_who_comes_while_others_look_shares_the_next_look(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(together, "STUCK_SECONDS", SECONDS_MAX)
    ids = [new_id() for _ in range(5)]
    shelf = Shelf({id: str(id) for id in ids})
    asked = LookUps(shelf.find)
    unknown = new_id()
    with ThreadPoolExecutor(9) as threads:
        first = threads.submit(asked.get, ids[0])
        assert shelf.looking.wait(SECONDS_MAX)
        others = [threads.submit(asked.get, id) for id in [*ids, unknown]]
        waiting(asked, len(others))
        shelf.known[ids[0]] = "newer"  # changed before the others' look began
        before = dict(shelf.known)
        shelf.go.set()
        assert first.result(SECONDS_MAX) == "newer"
        assert [each.result(SECONDS_MAX) for each in others] == [*map(before.get, ids), None]
    assert shelf.looks[0] == [ids[0]]
    assert [sorted(look) for look in shelf.looks[1:]] == [sorted([*ids, unknown])]


def test_a_look_that_hangs_keeps_nobody_waiting_but_who_shares_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(together, "STUCK_SECONDS", 0.0)
    id = new_id()
    shelf, hung = Shelf({id: "here"}), Shelf({id: "late"})
    shelf.go.set()
    shelves = iter([hung])
    asked = LookUps(lambda ids: next(shelves, shelf).find(ids))
    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(asked.get, id)
        assert hung.looking.wait(SECONDS_MAX)
        assert [asked.get(id) for _ in range(3)] == ["here"] * 3
        assert not first.done()
        hung.go.set()
        assert first.result(SECONDS_MAX) == "late"


def test_one_look_is_to_spare_however_many_have_hung(monkeypatch: pytest.MonkeyPatch) -> None:
    """As many connections as looks at once: a third would wait in the pool."""
    monkeypatch.setattr(together, "STUCK_SECONDS", 0.0)
    id = new_id()
    shelf = Shelf({id: "here"})
    asked = LookUps(shelf.find)
    for _ in range(3):
        shelf.go.clear()
        shelf.looks.clear()
        with ThreadPoolExecutor(5) as threads:
            each = [threads.submit(asked.get, id) for _ in range(5)]
            waiting(asked, 3)
            assert len(shelf.looks) <= 2
            shelf.go.set()
            assert [one.result(SECONDS_MAX) for one in each] == ["here"] * 5
    assert (asked._together._idle_lanes, asked._together._spare_lanes) == (1, 1)


def test_an_error_is_everybodys_who_shared_the_look_and_nobodys_after() -> None:
    id = new_id()
    shelf = Shelf({id: "here"}, fails=True)
    shelf.go.set()
    asked = LookUps(shelf.find)
    with pytest.raises(Unavailable):
        asked.get(id)
    shelf.fails = False
    assert asked.get(id) == "here"


def test_many_threads_read_each_their_own_and_what_was_written_before_they_asked(
    postgres_stage: Stage,
) -> None:
    queries = postgres_stage.container.queries()

    def pay_and_read(number: int) -> None:
        wallet_id = postgres_stage.a_wallet(number)
        assert queries.wallet(wallet_id).balance == number
        paid = replenish(wallet_id, 1)
        postgres_stage.execute(paid)
        shown = queries.wallet(wallet_id)
        assert (shown.id, shown.balance) == (wallet_id, number + 1)
        read = queries.transaction(paid.id)
        assert (read.id, read.postings[1].balance_after) == (paid.id, number + 1)

    with ThreadPoolExecutor(16) as threads:
        for done in [threads.submit(pay_and_read, number) for number in range(1, 80)]:
            done.result(60)
