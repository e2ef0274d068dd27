"""The embedded PostgreSQL server's process."""

import logging
import os
import shlex
import shutil
import subprocess
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from adapters.postgres.embedded.binaries import Binaries, remove_old_copies
from adapters.postgres.embedded.error import EmbeddedPostgresError
from adapters.postgres.embedded.files import (
    PORT,
    SUPERUSER,
    Home,
    make_private,
    remove_short_sockets,
    rename_durably,
    write_file,
)
from adapters.postgres.embedded.settings import access_rules

# A start includes crash recovery, a stop a checkpoint: both are seldom longer than seconds.
START_SECONDS_MAX = 600
STOP_SECONDS_MAX = 600
PROGRESS_SECONDS = 10
POLL_SECONDS = 0.1
LOG_LINES_SHOWN_MAX = 20

# PostgreSQL says this while backends of a killed server still run; they end by themselves.
OLD_BACKENDS_REMAIN = "pre-existing shared memory block"

PID_OF_NOBODY = 2**31 - 1
UNFINISHED = "cluster.new."

BUILTIN_LOCALE_MAJOR_MIN = 17
BUILTIN_LOCALE = ("--locale-provider=builtin", "--builtin-locale=C.UTF-8")

# The server's log files are named for the days of the week; it never truncates one at a start.
LOG_SECONDS_MAX = 6 * 86_400

logger = logging.getLogger(__name__)


class State(Enum):
    """READY takes connections; BUSY is starting, recovering or stopping; ABSENT does not run."""

    READY = "ready"
    BUSY = "busy"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """One cluster with the programs to run it; callers hold the start lock."""

    home: Home
    binaries: Binaries
    settings: Mapping[str, str]

    def ensure_ready(self) -> None:
        """Start the server, or wait for the one that is there already."""
        self._ensure_cluster()
        began = time.monotonic()
        reported = began
        while (state := self.state()) is not State.READY:
            now = time.monotonic()
            if now - began > START_SECONDS_MAX:
                raise self._failed(f"PostgreSQL was not ready within {START_SECONDS_MAX} s")
            if now - reported > PROGRESS_SECONDS:
                logger.info("waiting for PostgreSQL since %.0f s", now - began)
                reported = now
            if state is State.ABSENT:
                self._start()
            time.sleep(POLL_SECONDS)

    def state(self) -> State:
        """What the socket says; where it is silent, whether our server's process exists."""
        sockets = self.home.sockets
        where = ("-h", sockets, "-p", str(PORT), "-U", SUPERUSER, "-d", "postgres")
        status, _ = self.home.owner.run(self.binaries.program("pg_isready"), "-q", *where)
        if status == 0:
            return State.READY
        return State.BUSY if status == 1 or self._is_ours(self._recorded_pid()) else State.ABSENT

    def stop(self) -> None:
        """Stop the server if it runs, ending its connections; returns when it has ended."""
        if self.state() is not State.ABSENT:
            if not self._is_ours(self._recorded_pid()):
                # It answers from another container: its pid means another process here.
                logger.warning("PostgreSQL in %s left running: not ours", self.home.folder)
                return
            status, output = self._pg_ctl("stop", "-m", "fast", "-t", str(STOP_SECONDS_MAX))
            if status and self.state() is not State.ABSENT:
                raise self._failed(f"PostgreSQL did not stop: {output.strip()}")
        remove_short_sockets(self.home)

    def _ensure_cluster(self) -> None:
        for unfinished in self.home.folder.glob(f"{UNFINISHED}*"):
            shutil.rmtree(unfinished, ignore_errors=True)
        version_file = self.home.cluster / "PG_VERSION"
        if not self.home.cluster.exists():
            self._init_cluster()
        if not version_file.exists():
            raise EmbeddedPostgresError(
                f"{self.home.cluster} is damaged (no PG_VERSION): restore it from a backup."
            )
        major = version_file.read_text().strip()
        if major != str(self.binaries.major):
            raise EmbeddedPostgresError(
                f"the data in {self.home.folder} was made by PostgreSQL {major}, the programs in "
                f"{self.binaries.folder} are PostgreSQL {self.binaries.version}: take the data "
                f"over with pg_dump of version {major} or pg_upgrade."
            )

    def _init_cluster(self) -> None:
        # A name never used before: an initdb whose parent was killed may still be writing.
        unfinished = Path(tempfile.mkdtemp(prefix=UNFINISHED, dir=self.home.folder))
        make_private(unfinished, self.home.owner)
        status, output = self.home.owner.run(
            self.binaries.program("initdb"),
            *("-D", unfinished, "-U", SUPERUSER, "--data-checksums", "--no-instructions"),
            *("--auth-local=peer", "--auth-host=reject", "--encoding=UTF8", "--locale=C"),
            *(BUILTIN_LOCALE if self.binaries.major >= BUILTIN_LOCALE_MAJOR_MIN else ()),
        )
        if status:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise EmbeddedPostgresError(
                f"initdb could not make a database in {self.home.folder}:\n{_tail(output)}"
            )
        rename_durably(unfinished, self.home.cluster)

    def _start(self) -> None:
        self._prepare_start()
        options = [f"-c {shlex.quote(f'{name}={value}')}" for name, value in self.settings.items()]
        where = ("-t", str(START_SECONDS_MAX), "-l", self.home.start_log)
        status, output = self._pg_ctl("start", *where, "-o", " ".join(options))
        if not status or self.state() is not State.ABSENT:
            return
        if OLD_BACKENDS_REMAIN in self._log():
            logger.debug("waiting for the last connections of a killed PostgreSQL to end")
            return
        raise self._failed(f"PostgreSQL did not start: {output.strip()}")

    def _prepare_start(self) -> None:
        home = self.home
        for folder in (home.sockets, home.logs):
            make_private(folder, home.owner)
        for name, text in access_rules(home.owner.name).items():
            write_file(home.cluster / name, text, home.owner)
        for old in (home.start_log, *self._old_logs()):
            old.unlink(missing_ok=True)
        remove_old_copies(home, self.binaries)
        for file in (home.postmaster_pid, home.socket_lock):
            self._disarm_stale_pid(file)

    def _disarm_stale_pid(self, file: Path) -> None:
        """Make a killed server's pid file harmless when another process has its number now.

        The file stays, with a pid that cannot exist: PostgreSQL still reads in it which shared
        memory to look for, and so refuses to run beside surviving backends of the old server.
        """
        try:
            lines = file.read_text().splitlines()
        except FileNotFoundError:
            return
        pid = _first_number(lines)
        if pid is None:
            file.unlink()
        elif Path(f"/proc/{pid}").exists() and not self._is_ours(pid):
            write_file(file, "\n".join([str(PID_OF_NOBODY), *lines[1:], ""]), self.home.owner)

    def _pg_ctl(self, action: str, *options: str | Path) -> tuple[int, str]:
        """Run pg_ctl and wait; the server has a session of its own and is no child of ours."""
        command = (self.binaries.program("pg_ctl"), action, "-s", "-w", "-D", self.home.cluster)
        began = time.monotonic()
        with self.home.owner.start(*command, *options) as process:
            while True:
                try:
                    output, _ = process.communicate(timeout=PROGRESS_SECONDS)
                    return process.returncode, output
                except subprocess.TimeoutExpired:
                    waited = time.monotonic() - began
                    logger.info("PostgreSQL: %s takes %.0f s so far", action, waited)
                except BaseException:
                    process.terminate()
                    raise

    def _recorded_pid(self) -> int | None:
        try:
            return _first_number(self.home.postmaster_pid.read_text().splitlines())
        except FileNotFoundError:
            return None

    def _is_ours(self, pid: int | None) -> bool:
        """Whether that process is this cluster's server, not one that got its number later."""
        try:
            words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except OSError:
            return False
        return words[1:3] == [b"-D", os.fsencode(self.home.cluster)]

    def _old_logs(self) -> list[Path]:
        oldest = time.time() - LOG_SECONDS_MAX
        return [log for log in self.home.logs.glob("server-*") if log.stat().st_mtime < oldest]

    def _log(self) -> str:
        """What the server has said since its last start."""
        if not self.home.start_log.exists():
            return ""
        began = self.home.start_log.stat().st_ctime
        files = sorted(self.home.logs.glob("server-*.log"), key=lambda file: file.stat().st_mtime)
        newest = [file for file in files[-1:] if file.stat().st_mtime >= began]
        return "".join(file.read_text(errors="replace") for file in (self.home.start_log, *newest))

    def _failed(self, reason: str) -> EmbeddedPostgresError:
        return EmbeddedPostgresError(
            f"{reason}\nThe end of {self.home.logs}:\n{_tail(self._log())}"
        )


def _first_number(lines: list[str]) -> int | None:
    return int(lines[0]) if lines and lines[0].strip().isdigit() else None


def _tail(text: str) -> str:
    return "\n".join(text.strip().splitlines()[-LOG_LINES_SHOWN_MAX:])
