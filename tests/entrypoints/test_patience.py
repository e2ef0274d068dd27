"""A place inside is given back however a request ends; probes need none."""

import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from threading import Event, Lock
from typing import Any

import pytest

from entrypoints.gate import Gate
from entrypoints.patience import PROBES, PROMPT_SECONDS, Patience

Environ = dict[str, Any]
INSIDE_MAX = 3
REFUSED = [b"refused"]


def patience(inner: Callable[..., Iterable[bytes]], inside_max: int = INSIDE_MAX) -> Patience:
    return Patience(
        inner,
        lambda *_: REFUSED,
        Gate(inside_max=inside_max),
        body_seconds_max=20,
        port=1,
    )


def ask(app: Patience, path: str = "/v1/transfers", body: Any = None) -> Iterable[bytes]:
    environ = {"PATH_INFO": path, "wsgi.input": body or BytesIO(), "REMOTE_ADDR": "192.0.2.7"}
    return app(environ, lambda *_: lambda _: None)


def test_who_raises_has_left() -> None:
    def fails(*_: object) -> list[bytes]:
        raise ZeroDivisionError

    app = patience(fails)
    for _ in range(INSIDE_MAX * 2):
        with pytest.raises(ZeroDivisionError):
            ask(app)
    assert app.gate.inside == 0


def test_who_reads_the_answer_slowly_or_never_has_left() -> None:
    def answers(*_: object) -> Iterable[bytes]:
        return (b"%d" % number for number in range(10))

    app = patience(answers)
    begun = [iter(ask(app)) for _ in range(INSIDE_MAX * 2)]
    assert {next(each) for each in begun} == {b"0"}
    assert app.gate.inside == 0


def test_never_are_more_at_work_than_may_be() -> None:
    lock, now, most = Lock(), 0, 0

    def works(*_: object) -> list[bytes]:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        time.sleep(0.001)
        with lock:
            now -= 1
        return [b"done"]

    app = patience(works)
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: ask(app), range(400)))
    assert most == INSIDE_MAX
    assert answers.count(REFUSED) == app.gate.take_refused() > 0
    assert answers.count(REFUSED) + answers.count([b"done"]) == 400
    assert app.gate.inside == 0


@pytest.mark.parametrize("path", sorted(PROBES))
def test_probes_are_let_through_a_full_house(path: str) -> None:
    app = patience(lambda *_: [b"done"], inside_max=0)
    assert ask(app, path) == [b"done"]
    assert ask(app) is REFUSED
    assert ask(app, f"{path}/") is REFUSED
    assert app.gate.take_refused() == 2


class SlowBody:
    """Comes when it is told to."""

    def __init__(self) -> None:
        self.asked, self.come = Event(), Event()

    def read(self, _size: int = -1) -> bytes:
        self.asked.set()
        assert self.come.wait(10)
        return b"{}"


def test_who_waits_long_for_a_body_makes_room_until_it_has_come() -> None:
    read, work = Event(), Event()

    def reads(environ: Environ, _: object) -> list[bytes]:
        environ["wsgi.input"].read()
        read.set()
        assert work.wait(10)
        return [b"done"]

    app, body = patience(reads, inside_max=1), SlowBody()
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(ask, app, body=body)
        assert body.asked.wait(10)
        app.let_slow_out()
        assert (app.gate.inside, ask(app)) == (1, REFUSED)
        time.sleep(PROMPT_SECONDS)
        app.let_slow_out()
        assert app.gate.inside == 0
        body.come.set()
        assert read.wait(10)
        assert (app.gate.inside, ask(app)) == (1, REFUSED)
        work.set()
        assert answer.result() == [b"done"]
    assert app.gate.inside == 0
