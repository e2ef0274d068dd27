"""What works beside a server is started again when it ends; it never outlives the server."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from entrypoints import keeper, seal_loop, worker
from entrypoints.beside import SEALER, WORKER
from entrypoints.keeper import Keeper, pause_after
from tests.entrypoints.served import Served, served, until
from tests.entrypoints.test_serve import SOURCES
from tests.stage import Stage

SECONDS_MAX = 60
MODULES = (SEALER, WORKER)


def one_beside(service: Served, module: str) -> psutil.Process | None:
    """The living process of that module; one that has just ended has no command line."""
    for each in psutil.Process(service.pid).children():
        with suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
            if module in each.cmdline():
                return each
    return None


def the_one_beside(service: Served, module: str, *, but: int | None = None) -> psutil.Process:
    """Waits for it, for another than that one."""
    give_up_at = time.monotonic() + SECONDS_MAX
    while time.monotonic() < give_up_at:
        process = one_beside(service, module)
        if process is not None and process.pid != but:
            return process
        time.sleep(0.1)
    raise TimeoutError(f"there is no {module}")


def test_the_pauses_grow_up_to_a_minute() -> None:
    pauses = [pause_after(lives) for lives in (0, 1, 2, 5, 6, 7, 10_000)]
    assert pauses == [1, 2, 4, 32, 60, 60, 60]


def test_one_that_is_killed_is_back_and_all_end_with_the_server(
    postgres_stage: Stage, tmp_path: Path
) -> None:
    with served(tmp_path / "out", postgres_stage.url or "") as service:
        killed = {module: the_one_beside(service, module) for module in MODULES}
        for process in killed.values():
            process.kill()
        beside = [
            the_one_beside(service, module, but=process.pid) for module, process in killed.items()
        ]
    said = {line["event"] for line in service.lines() if line["logger"] == keeper.log.name}
    assert said == {
        f"{module} has ended (killed by signal 9): starting it again in 1 s" for module in MODULES
    }
    assert not any(process.is_running() for process in beside)


def test_none_outlives_a_server_that_was_killed(postgres_stage: Stage, tmp_path: Path) -> None:
    with served(tmp_path / "out", postgres_stage.url or "") as service:
        # One of them was started a second time: by a thread that is there as long as the server.
        first = the_one_beside(service, WORKER)
        first.kill()
        beside = [the_one_beside(service, module, but=first.pid) for module in MODULES]
        os.kill(service.pid, signal.SIGKILL)
        _, alive = psutil.wait_procs(beside, timeout=SECONDS_MAX)
    assert alive == []


@pytest.mark.parametrize("module", MODULES)
def test_one_whose_parent_is_gone_before_it_could_ask_ends_at_once(
    module: str, postgres_stage: Stage
) -> None:
    nobody = str(2**22 + 1)  # beyond the ids of processes
    done = subprocess.run(
        [sys.executable, "-m", module, nobody],
        check=False,
        timeout=SECONDS_MAX,
        env={"PYTHONPATH": str(SOURCES), "DATABASE_URL": str(postgres_stage.url)},
    )
    assert done.returncode == -signal.SIGTERM


def test_all_that_is_said_beside_the_server_is_json_under_the_name_that_the_run_book_gives(
    postgres_stage: Stage, tmp_path: Path
) -> None:
    with served(tmp_path / "out", postgres_stage.url or "", PAYMENTS_LOG_LEVEL="info") as service:
        until(lambda: "numbering events" in service.said())
    logged = [line["logger"] for line in service.lines() if "numbering events" in line["event"]]
    assert logged == [worker.log.name] == [WORKER]
    assert seal_loop.log.name == SEALER
    notices = [line for line in service.said().splitlines() if not line.startswith("{")]
    assert [line for line in notices if "numbering" in line] == []


def test_one_that_does_not_end_when_it_is_told_to_is_killed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(keeper, "END_SECONDS_MAX", 0.5)
    pid = tmp_path / "pid"
    deaf = f"trap '' TERM; echo $$ > {pid}.new; mv {pid}.new {pid}; while true; do sleep 0.1; done"
    kept = Keeper(name="deaf", command=["bash", "-c", deaf], environment=dict(os.environ))
    kept.start()
    until(pid.exists)
    process = psutil.Process(int(pid.read_text()))
    kept.stop()
    assert not process.is_running()


def test_one_that_never_starts_well_is_tried_again_and_again(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(keeper, "PAUSE_SECONDS", 0.01)
    kept = Keeper(
        name="a bug", command=[sys.executable, "-c", "raise SystemExit(3)"], environment={}
    )
    kept.start()
    until(lambda: len(caplog.messages) >= 3)
    kept.stop()
    assert caplog.messages[:3] == [
        f"a bug has ended (exit code 3): starting it again in {pause} s"
        for pause in ("0.01", "0.02", "0.04")
    ]


FORKING = """
import os, subprocess, sys, time
from threading import Event
from entrypoints import keeper

began, ended, Popen = Event(), [], subprocess.Popen

def slow(*args, **kwargs):
    began.set()
    time.sleep(0.5)
    try:
        return Popen(*args, **kwargs)
    finally:
        ended.append(time.monotonic())

keeper.keep_forks_apart()
subprocess.Popen = slow
kept = keeper.Keeper(name="x", command=["sleep", "60"], environment=os.environ)
kept.start()
began.wait()
child = os.fork()
if child == 0:
    os._exit(0 if ended and ended[0] <= time.monotonic() else 1)
_, status = os.waitpid(child, 0)
kept.stop()
sys.exit(os.waitstatus_to_exitcode(status))
"""


def test_nobody_forks_while_one_is_started() -> None:
    done = subprocess.run(
        [sys.executable, "-c", FORKING],
        check=False,
        timeout=SECONDS_MAX,
        env={"PYTHONPATH": str(SOURCES), "PATH": os.environ["PATH"]},
    )
    assert done.returncode == 0
