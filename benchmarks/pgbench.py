"""PostgreSQL's own benchmark (TPC-B): the yardstick."""

import re
import subprocess

from sqlalchemy import make_url

from adapters.postgres.embedded import wheel_bin_dir
from benchmarks import database
from benchmarks.measure import Measurement

DATABASE = "pgbench"
SCALE = 100
LOAD = ("-c64", "-j2")
INDEXES = "SELECT count(*) FROM pg_indexes WHERE starts_with(tablename, 'pgbench_')"
BRANCHES = "SELECT count(*) FROM pgbench_branches"


def prepare(server_url: str) -> None:
    """Fill its tables, unless an earlier run has done so."""
    if database.exists(server_url, DATABASE) and _is_complete(server_url):
        return
    database.drop(server_url, DATABASE)
    database.run(server_url, f"CREATE DATABASE {DATABASE}")
    _run(server_url, "-i", "-q", "-s", str(SCALE))


def measure(server_url: str, mode: str, seconds: int) -> Measurement:
    """Run it in that query mode: `simple` as by default, or `prepared`."""
    scale = ("-s", str(SCALE))
    return parse(_run(server_url, *scale, "-M", mode, *LOAD, "-T", str(seconds)))


def parse(text: str) -> Measurement:
    """Read what pgbench prints at its end."""
    tps = re.search(r"^tps = ([\d.]+)", text, re.MULTILINE)
    latency = re.search(r"^latency average = ([\d.]+) ms", text, re.MULTILINE)
    failed = re.search(r"^number of failed transactions: (\d+)", text, re.MULTILINE)
    if not tps or not latency:
        raise RuntimeError(f"pgbench said: {text}")
    problems = (f"{failed[1]} failed",) if failed and failed[1] != "0" else ()
    return Measurement(per_second=float(tps[1]), p50_ms=float(latency[1]), problems=problems)


def _is_complete(server_url: str) -> bool:
    url = database.url_of(server_url, DATABASE)
    # The indexes are made last.
    if database.ask(url, INDEXES)[0][0] < 3:
        return False
    return bool(database.ask(url, BRANCHES)[0][0] == SCALE)


def _run(server_url: str, *arguments: str) -> str:
    parts = make_url(server_url)
    where = ["-h", str(parts.query["host"]), "-p", str(parts.query["port"])]
    result = subprocess.run(
        [str(wheel_bin_dir() / "pgbench"), *where, "-U", str(parts.username), *arguments, DATABASE],
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode:
        raise RuntimeError(f"pgbench failed: {result.stderr}")
    return result.stdout
