"""Several workers are seen as one service, also when one of them is killed."""

from pathlib import Path

import pytest

from tests.entrypoints.served import Served, served, until
from tests.entrypoints.test_metrics import Labels, by, values
from tests.stage import Stage

WORKERS = 3
POSTS = 60
CREATED = by(route="/v1/accounts", method="POST", status="201")


def shown(service: Served, name: str) -> dict[Labels, float]:
    return values(service.get("/metrics"), name)


def created(service: Served) -> float:
    return shown(service, "payments_http_requests_total").get(CREATED, 0)


def files_of(folder: Path, pid: int) -> set[str]:
    return {file.name for file in folder.glob(f"*_{pid}*")}


@pytest.mark.slow
def test_sums_survive_a_killed_worker_whose_gauges_go(
    postgres_stage: Stage, tmp_path: Path
) -> None:
    folder = tmp_path / "metrics"
    folder.mkdir()
    (folder / "counter_1.db").write_bytes(b"left by a server that was killed")
    assert postgres_stage.url is not None
    settings = {"PAYMENTS_METRICS_DIR": str(folder), "PAYMENTS_CURRENCIES": "USD,EUR,JPY"}
    with served(
        tmp_path / "out", postgres_stage.url, "--workers", str(WORKERS), **settings
    ) as service:
        until(lambda: shown(service, "payments_workers") == {by(): WORKERS})
        for _ in range(POSTS):
            service.post("/v1/accounts", {"name": "Ada"})
        assert set(service.statuses[-POSTS:]) == {201}
        # Whichever worker is asked knows of all, of the others within a second.
        until(lambda: created(service) == POSTS)
        assert [created(service) for _ in range(5)] == [POSTS] * 5
        assert shown(service, "payments_batch_commands_sum")[by(lane="single")] == POSTS
        assert shown(service, "payments_database_connections_max")[by(pool="posting")] == WORKERS

        victim = service.workers()[0]
        counted = {file for file in files_of(folder, victim.pid) if "gauge" not in file}
        assert len(counted) == 3
        victim.kill()
        until(
            lambda: f"gauge_livesum_{victim.pid}.db" not in dead_gauges(service, folder, victim.pid)
        )
        assert created(service) == POSTS
        until(lambda: shown(service, "payments_workers") == {by(): WORKERS})
        service.post("/v1/accounts", {"name": "Ada"})
        until(lambda: created(service) == POSTS + 1)
        assert files_of(folder, victim.pid) == counted - {f"alive_{victim.pid}"}


def dead_gauges(service: Served, folder: Path, pid: int) -> set[str]:
    """The dead worker's gauges that are left once somebody has asked for the metrics."""
    service.get("/metrics")
    return {file for file in files_of(folder, pid) if "gauge" in file}
