"""The load generator: wrk with our Lua scripts."""

import json
import re
import secrets
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from benchmarks.key import secret
from benchmarks.measure import Measurement
from benchmarks.processes import environment

LUA = Path(__file__).parent / "lua"
CONNECTIONS = 64
THREADS = 2
TIMEOUT_SECONDS = 10
SEED_MAX = 2**31
ERRORS = {
    "status": "answers of status 400 or more",
    "connect": "connections refused",
    "read": "read errors",
    "write": "write errors",
    "timeout": "timeouts",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """A script, the file of ids that it chooses from, and for how long it runs."""

    script: str
    ids: Path
    seconds: int
    connections: int = CONNECTIONS
    path: str = ""
    batch: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """`good` counts the answers of status below 400 that wrk saw."""

    measurement: Measurement
    good: int


def check_installed() -> None:
    """RuntimeError when there is no wrk."""
    if shutil.which("wrk") is None:
        raise RuntimeError("the load generator wrk is missing; on Debian: apt-get install wrk")


def run(url: str, load: Load) -> Result:
    """Load that URL; anything but good answers is a problem of the measurement."""
    threads = min(THREADS, load.connections)
    shape = [f"-t{threads}", f"-c{load.connections}", f"-d{load.seconds}s"]
    script = ["--timeout", f"{TIMEOUT_SECONDS}s", "-s", str(LUA / f"{load.script}.lua")]
    env = environment(
        BENCH_LUA=str(LUA),
        BENCH_IDS=str(load.ids),
        BENCH_SEED=str(secrets.randbelow(SEED_MAX)),
        BENCH_PATH=load.path,
        BENCH_KEY=secret(),
        BENCH_BATCH=str(load.batch),
    )
    answer = subprocess.run(
        ["wrk", *shape, "--latency", *script, url],
        capture_output=True,
        text=True,
        env=env,
        check=False,
    )
    return parse(answer.stdout, answer.stderr)


def parse(text: str, errors: str = "") -> Result:
    """Read the line that lib.lua writes at the end."""
    line = re.search(r"^RESULT (.*)$", text, re.MULTILINE)
    if line is None:
        raise RuntimeError(f"wrk said: {text} {errors}")
    seen = json.loads(line[1])
    problems = tuple(f"{seen[name]} {words}" for name, words in ERRORS.items() if seen[name])
    good = seen["requests"] - seen["status"]
    measurement = Measurement(
        per_second=good / (seen["microseconds"] / 1e6),
        p50_ms=seen["p50_us"] / 1e3,
        p99_ms=seen["p99_us"] / 1e3,
        problems=problems,
    )
    return Result(measurement=measurement, good=good)
