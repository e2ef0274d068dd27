"""The settings of the embedded PostgreSQL."""

import os
from collections.abc import Mapping
from pathlib import Path

from adapters.postgres.embedded.binaries import Binaries
from adapters.postgres.embedded.error import EmbeddedPostgresError
from adapters.postgres.embedded.files import DATABASE, PORT, ROLE, SERVICE_ROLE, SUPERUSER, Home

SHARED_BUFFERS_RAM_SHARE = 8
SHARED_BUFFERS_MIB_MIN = 128
SHARED_BUFFERS_MIB_MAX = 2048
CGROUP_MEMORY_LIMIT = Path("/sys/fs/cgroup/memory.max")

# The first three are PostgreSQL's defaults; said here, an ALTER SYSTEM cannot take them away.
FOR_PAYMENTS: Mapping[str, str] = {
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "max_connections": "120",
    "huge_pages": "try",
    "min_wal_size": "1GB",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "15min",
    "checkpoint_completion_target": "0.9",
    "jit": "off",
    "log_min_duration_statement": "-1",
}

# Paths are relative to the cluster, so that no name needs quoting.
LOGGING: Mapping[str, str] = {
    "logging_collector": "on",
    "log_destination": "stderr",
    "log_directory": "../log",
    "log_filename": "server-%a.log",  # One file for each day of the week: seven are kept.
    "log_rotation_age": "1d",
    "log_rotation_size": "0",
    "log_truncate_on_rotation": "on",
    "log_line_prefix": "%m [%p] %q%u@%d ",
}


def server_settings(
    home: Home, binaries: Binaries, overrides: Mapping[str, str]
) -> Mapping[str, str]:
    """All settings of a start; ours for the socket cannot be overridden."""
    reached_by = {
        "listen_addresses": "",
        "port": str(PORT),
        "unix_socket_directories": str(home.sockets),
        "unix_socket_permissions": "0700",
    }
    refused = sorted({*reached_by, *LOGGING} & {name.lower() for name in overrides})
    if refused:
        raise EmbeddedPostgresError(f"settings that may not be changed: {', '.join(refused)}")
    tuned = {"shared_buffers": f"{shared_buffers_mib(memory_bytes())}MB"}
    compressed = {"wal_compression": "lz4"} if binaries.has_lz4 else {}
    return {**FOR_PAYMENTS, **tuned, **compressed, **overrides, **LOGGING, **reached_by}


def shared_buffers_mib(memory: int) -> int:
    """An eighth of the memory (bytes), within bounds, in MiB."""
    share_mib = memory // SHARED_BUFFERS_RAM_SHARE // 2**20
    return max(SHARED_BUFFERS_MIB_MIN, min(SHARED_BUFFERS_MIB_MAX, share_mib))


def memory_bytes() -> int:
    """The machine's memory, or the container's limit where that is lower."""
    machine = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    try:
        return min(machine, int(CGROUP_MEMORY_LIMIT.read_text()))
    except (OSError, ValueError):  # No such limit, or "max".
        return machine


def access_rules(owner_name: str) -> Mapping[str, str]:
    """The files that say who may connect: root and the owner, whom the kernel names (peer)."""
    names = dict.fromkeys(("root", owner_name))
    roles = (SUPERUSER, ROLE, SERVICE_ROLE)
    mapped = "".join(f'{DATABASE} "{name}" {role}\n' for name in names for role in roles)
    return {
        "pg_hba.conf": f"local all all peer map={DATABASE}\n"
        f"local replication {SUPERUSER} peer map={DATABASE}\n",  # for pg_basebackup
        "pg_ident.conf": mapped,
    }
